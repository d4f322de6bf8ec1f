//! Reads the table a model learns from, sorted by key, and refuses what cannot be learnt from.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use super::Request;
use crate::diagnostic::{Diagnostic, Kind, Result, nearest};
use crate::engine::{Session, fetch, render};

/// A table as read: what is kept for the predictions, and the features as numbers.
pub(super) struct Table {
    /// Key and features as they are in the table, sorted by key; at least one batch.
    pub(super) kept: Vec<RecordBatch>,
    /// Features row by row, in the same order, finite.
    pub(super) values: Vec<f64>,
}

/// Reads key and features of `request.input`.
///
/// # Errors
/// `Project` for columns that are missing, doubled or no numbers; `Data` for rows without a key, with the
/// key of another row, or without a finite value for a feature.
pub(super) fn read(session: &mut dyn Session, request: &Request<'_>) -> Result<Table> {
    check_columns(session, request)?;
    check_rows(session, request)?;
    let (keys, features) = (&request.model.key, &request.model.features);
    let sql = render(
        include_str!("read.sql"),
        minijinja::context! {
            keys, features, input => request.input.to_string(),
        },
    )?;
    let n_kept = keys.len() + features.len();
    let mut kept = Vec::new();
    let mut values = Vec::new();
    session.query(&sql, &[], &mut |batch| {
        let numbers = batch.columns()[n_kept..].iter().map(|column| {
            let numbers = column
                .as_primitive_opt::<Float64Type>()
                .filter(|numbers| numbers.null_count() == 0);
            numbers.ok_or_else(|| {
                Diagnostic::new(Kind::Bug, "a feature was checked and is still no number")
            })
        });
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        values.reserve(batch.num_rows() * features.len());
        for row in 0..batch.num_rows() {
            values.extend(numbers.iter().map(|column| column.value(row)));
        }
        kept.push(batch.project(&(0..n_kept).collect::<Vec<_>>())?);
        Ok(())
    })?;
    Ok(Table { kept, values })
}

/// Names of the predictions' own columns, which key and features must leave free.
const TAKEN: &[&str] = &["cluster", "label", "distance"];

fn check_columns(session: &mut dyn Session, request: &Request<'_>) -> Result<()> {
    let model = request.model;
    let table = &request.input.name;
    let project = |what: String| Diagnostic::project(what).at(&model.at);
    for (list, what) in [(&model.key, "key"), (&model.features, "features")] {
        if list.is_empty() {
            return Err(project(format!("ml model `{}` has no `{what}`", model.name)).into());
        }
    }
    let sql = render(
        include_str!("columns.sql"),
        minijinja::context! {input => request.input.to_string()},
    )?;
    let schema = fetch(session, &sql, &[])?.schema();
    let mut seen: Vec<String> = TAKEN.iter().map(|name| (*name).into()).collect();
    for name in model.key.iter().chain(&model.features) {
        let lower = name.to_lowercase();
        if TAKEN.contains(&lower.as_str()) {
            let what = format!(
                "ml model `{}` reads a column `{name}`, the name of a column of its result",
                model.name
            );
            return Err(project(what)
                .hint(format!("give it another name in `{table}`"))
                .into());
        }
        if seen.contains(&lower) {
            return Err(project(format!(
                "ml model `{}` names `{name}` twice in `key` and `features`",
                model.name
            ))
            .into());
        }
        seen.push(lower);
        let Some(field) = schema
            .fields()
            .iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
        else {
            let near = nearest(
                name,
                schema.fields().iter().map(|field| field.name().as_str()),
            );
            let error = project(format!(
                "`{table}` has no column `{name}`, which ml model `{}` reads",
                model.name
            ));
            return Err(match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
                None => error.into(),
            });
        };
        if model.features.contains(name) && !is_number(field.data_type()) {
            let what = format!(
                "feature `{name}` of ml model `{}` is {}, no number",
                model.name,
                field.data_type()
            );
            let hint = format!("cast or encode it in `{table}`, or take it out of `features`");
            return Err(project(what).hint(hint).into());
        }
    }
    Ok(())
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric() || *data_type == DataType::Boolean
}

fn check_rows(session: &mut dyn Session, request: &Request<'_>) -> Result<()> {
    let model = request.model;
    let table = &request.input.name;
    let key = model.key.join(", ");
    let context = || {
        minijinja::context! {
            keys => &model.key, features => &model.features, input => request.input.to_string(),
        }
    };
    let repeated = fetch(
        session,
        &render(include_str!("repeated_keys.sql"), context())?,
        &[],
    )?;
    if let (n @ 1.., first) = count_and_first(repeated.column(0), repeated.column(1)) {
        return Err(Diagnostic::data(format!(
            "`{table}` has more than one row for {n} of its keys ({key})"
        ))
        .note(format!("the first is {first}"))
        .hint(format!(
            "make the rows of `{table}` unique by {key}, or choose another `key`"
        ))
        .into());
    }
    let missing = fetch(
        session,
        &render(include_str!("missing.sql"), context())?,
        &[],
    )?;
    let names = [key.as_str()]
        .into_iter()
        .chain(model.features.iter().map(String::as_str));
    for (at, name) in names.enumerate() {
        if let (n @ 1.., first) =
            count_and_first(missing.column(2 * at), missing.column(2 * at + 1))
        {
            let rows = if n == 1 {
                "1 row".into()
            } else {
                format!("{n} rows")
            };
            let error = Diagnostic::data(format!(
                "{rows} of `{table}` without a finite value in `{name}`"
            ));
            return Err(if at == 0 {
                error
                    .hint(format!("leave such rows out of `{table}`"))
                    .into()
            } else {
                error.note(format!("the first is {key} {first}")).hint(format!(
                    "leave such rows out of `{table}`, or fill the gap there, for example with `coalesce({name}, 0)`"
                ))
                .into()
            });
        }
    }
    Ok(())
}

/// Reads the only row of a count and a text.
fn count_and_first(count: &ArrayRef, first: &ArrayRef) -> (i64, String) {
    let first = arrow::util::display::array_value_to_string(first, 0).unwrap_or_default();
    let count = count
        .as_primitive_opt::<Int64Type>()
        .filter(|count| !count.is_empty());
    (count.map_or(0, |count| count.value(0)), first)
}

/// Returns `kept` with the columns of `more`, whose values continue over the batches, behind its own.
///
/// # Errors
/// `Bug` when lengths differ.
pub(super) fn widen(kept: &[RecordBatch], more: &[super::Column]) -> Result<Vec<RecordBatch>> {
    let Some(first) = kept.first() else {
        return Ok(Vec::new());
    };
    let fields = first.schema();
    let fields = fields
        .fields()
        .iter()
        .cloned()
        .chain(more.iter().map(|column| {
            Arc::new(arrow::datatypes::Field::new(
                column.name,
                column.values.data_type().clone(),
                false,
            ))
        }));
    let schema = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
    let mut start = 0;
    let mut wide = Vec::with_capacity(kept.len());
    for batch in kept {
        let n_rows = batch.num_rows();
        let more = more.iter().map(|column| column.values.slice(start, n_rows));
        let columns = batch.columns().iter().cloned().chain(more).collect();
        wide.push(RecordBatch::try_new(schema.clone(), columns)?);
        start += n_rows;
    }
    Ok(wide)
}
