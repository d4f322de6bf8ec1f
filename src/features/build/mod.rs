//! Makes the relation that holds a view's history.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::util::display::array_value_to_string;
use minijinja::{Value, context};

use super::Request;
use super::columns::Columns;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{EntryKind, Session, fetch, render};

/// What a history holds.
pub(super) struct Contents {
    /// Rows.
    pub(super) rows: u64,
    /// When the newest values became known, in microseconds since 1970-01-01 UTC; `None` without rows.
    pub(super) newest_at: Option<i64>,
}

/// Checks the rows of the source and makes `request.output`.
///
/// # Errors
/// `Data` for rows without entity or timestamp, or with the same as another and nothing to choose by.
pub(super) fn build(
    session: &mut dyn Session,
    request: &Request<'_>,
    columns: &Columns,
) -> Result<Contents> {
    check_missing(session, request)?;
    check_repeated(session, request)?;
    let view = request.view;
    let word = |kind: EntryKind| match kind {
        EntryKind::Table => "table",
        EntryKind::View => "view",
    };
    let other = request
        .existing
        .filter(|existing| *existing != request.kind);
    let features: Vec<Value> = columns
        .features
        .iter()
        .map(|feature| {
            context! {name => &feature.name, dtype => &feature.dtype, cast => feature.cast}
        })
        .collect();
    let sql = render(
        include_str!("create.sql"),
        context! {
            other => other.map(word),
            kind => word(request.kind),
            output => request.output.to_string(),
            input => request.input.to_string(),
            entity => &view.entity,
            timestamp => &view.timestamp,
            created => &view.created,
            features,
        },
    )?;
    session.execute(&sql)?;
    let values = context! {
        output => request.output.to_string(),
        timestamp => &view.timestamp,
        zoned => columns.timestamp.ends_with("ZONE"),
    };
    let answer = fetch(session, &render(include_str!("contents.sql"), values)?, &[])?;
    Ok(Contents {
        rows: whole(&answer, 0)
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(0),
        newest_at: whole(&answer, 1),
    })
}

fn names(request: &Request<'_>) -> Value {
    let view = request.view;
    context! {
        input => request.input.to_string(),
        entity => &view.entity,
        timestamp => &view.timestamp,
        created => &view.created,
    }
}

fn check_missing(session: &mut dyn Session, request: &Request<'_>) -> Result<()> {
    let view = request.view;
    let sql = render(include_str!("missing.sql"), names(request))?;
    let answer = fetch(session, &sql, &[])?;
    for (column, name) in view.entity.iter().chain([&view.timestamp]).enumerate() {
        let Some(n @ 1..) = whole(&answer, column) else {
            continue;
        };
        let what = format!(
            "{n} row{} of `{}` without `{name}`, which feature view `{}` needs",
            if n == 1 { "" } else { "s" },
            request.input.name,
            view.name
        );
        let hint = format!("leave such rows out of `{}`", request.input.name);
        return Err(Diagnostic::data(what).hint(hint).into());
    }
    Ok(())
}

fn check_repeated(session: &mut dyn Session, request: &Request<'_>) -> Result<()> {
    let view = request.view;
    let sql = render(include_str!("repeated.sql"), names(request))?;
    let answer = fetch(session, &sql, &[])?;
    let Some(n @ 1..) = whole(&answer, 0) else {
        return Ok(());
    };
    let mut key = view.entity.clone();
    key.push(view.timestamp.clone());
    key.extend(view.created.clone());
    let what = format!(
        "`{}` has more than one row for {n} of its ({}), and nothing says which one counts",
        request.input.name,
        key.join(", ")
    );
    let hint = match &view.created {
        None => {
            "make them unique, or name in `created:` the column that says which row was written last"
        }
        Some(_) => "make them unique",
    };
    let first = array_value_to_string(answer.column(1), 0).unwrap_or_default();
    Err(Diagnostic::data(what)
        .note(format!("the first is {first}"))
        .hint(hint)
        .into())
}

/// Reads a whole number of the only row.
fn whole(answer: &RecordBatch, column: usize) -> Option<i64> {
    let numbers = answer.column(column).as_primitive_opt::<Int64Type>()?;
    numbers.iter().next().flatten()
}
