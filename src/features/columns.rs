//! The columns of a view's source, held against what the view declares.

use arrow::util::display::array_value_to_string;
use minijinja::context;

use super::Request;
use crate::diagnostic::{At, Diagnostic, Result, nearest};
use crate::engine::{Session, fetch, render};
use crate::project::nodes::Feature;

/// A feature as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Served {
    /// Its name.
    pub(super) name: String,
    /// Its SQL type, as the engine writes it.
    pub(super) dtype: String,
    /// Whether the source has another type, which is cast.
    pub(super) cast: bool,
}

/// What the source's columns are.
pub(super) struct Columns {
    /// The type of the timestamp.
    pub(super) timestamp: String,
    /// The features in order.
    pub(super) features: Vec<Served>,
}

/// Looks the view's columns up in its source.
///
/// # Errors
/// `Project` at the feature's place when its column is missing or cannot be served in the declared type, at the view's
/// when entity, timestamp or `created` is.
pub(super) fn read(session: &mut dyn Session, request: &Request<'_>) -> Result<Columns> {
    let view = request.view;
    let known = session.columns(request.input)?;
    let find = |name: &str, at: &At| {
        let found = known.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found
            .map(|(_, dtype)| dtype.clone())
            .ok_or_else(|| missing(request, name, &known).at(at))
    };
    for name in &view.entity {
        find(name, &view.at)?;
    }
    let timestamp = find(&view.timestamp, &view.at)?;
    if !is_time(&timestamp) {
        let what = format!(
            "the timestamp `{}` of feature view `{}` is {timestamp}, no date or time",
            view.timestamp, view.name
        );
        let hint = format!("cast it in `{}`", request.input.name);
        return Err(Diagnostic::project(what).at(&view.at).hint(hint).into());
    }
    if let Some(created) = &view.created {
        find(created, &view.at)?;
    }
    let mut features = Vec::new();
    for feature in &view.features {
        let actual = find(&feature.name, &feature.at)?;
        features.push(served(session, request, feature, actual)?);
    }
    Ok(Columns {
        timestamp,
        features,
    })
}

/// Returns whether a SQL type is a date or a time with a date.
pub(super) fn is_time(dtype: &str) -> bool {
    dtype == "DATE" || dtype.starts_with("TIMESTAMP")
}

fn missing(request: &Request<'_>, name: &str, known: &[(String, String)]) -> Diagnostic {
    let what = format!(
        "`{}` has no column `{name}`, which feature view `{}` reads",
        request.input.name, request.view.name
    );
    let err = Diagnostic::project(what);
    match nearest(name, known.iter().map(|(own, _)| own.as_str())) {
        Some(near) => err.hint(format!("did you mean `{near}`?")),
        None => err,
    }
}

fn served(
    session: &mut dyn Session,
    request: &Request<'_>,
    feature: &Feature,
    actual: String,
) -> Result<Served> {
    let Some(declared) = &feature.dtype else {
        return Ok(Served {
            name: feature.name.clone(),
            dtype: actual,
            cast: false,
        });
    };
    let dtype = canonical(session, declared).ok_or_else(|| {
        let what = format!(
            "`{declared}` is no SQL type, and the dtype of feature `{}` of `{}`",
            feature.name, request.view.name
        );
        let hint = match nearest(declared, TYPES.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("for instance {}", TYPES.join(", ")),
        };
        Diagnostic::project(what).at(&feature.at).hint(hint)
    })?;
    if !is_safe(&actual, &dtype) {
        let table = &request.input.name;
        let what = format!(
            "feature `{}` of `{}` is {actual} in `{table}`, declared as {declared}",
            feature.name, request.view.name
        );
        let hint = format!(
            "cast it in `{table}`, or declare `dtype: {}`",
            actual.to_lowercase()
        );
        return Err(Diagnostic::project(what).at(&feature.at).hint(hint).into());
    }
    Ok(Served {
        name: feature.name.clone(),
        cast: dtype != actual,
        dtype,
    })
}

/// Types that most features have, for hints.
const TYPES: &[&str] = &[
    "integer",
    "bigint",
    "double",
    "varchar",
    "boolean",
    "date",
    "timestamp",
];

/// Returns the engine's own word for a type: `int` is INTEGER; `None` for what is no type.
fn canonical(session: &mut dyn Session, dtype: &str) -> Option<String> {
    let is_type = |c: char| c.is_alphanumeric() || " _(),[]".contains(c);
    if !dtype.chars().all(is_type) {
        return None;
    }
    let sql = render(include_str!("type_name.sql"), context! {dtype}).ok()?;
    let answer = fetch(session, &sql, &[]).ok()?;
    array_value_to_string(answer.column(0), 0).ok()
}

/// Returns whether every value of `from` is one of `to`, but for whole numbers too large, which the cast refuses.
fn is_safe(from: &str, to: &str) -> bool {
    from == to
        || is_whole(from) && (is_whole(to) || is_real(to))
        || is_real(from) && is_real(to)
        || is_time(from)
            && is_time(to)
            && to != "DATE"
            && !to.ends_with("ZONE")
            && !from.ends_with("ZONE")
}

fn is_whole(dtype: &str) -> bool {
    let bare = dtype.strip_prefix('U').unwrap_or(dtype);
    ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"].contains(&bare)
}

fn is_real(dtype: &str) -> bool {
    ["FLOAT", "DOUBLE"].contains(&dtype) || dtype.starts_with("DECIMAL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_may_widen_but_not_lose() {
        for (from, to) in [
            ("BIGINT", "INTEGER"),
            ("HUGEINT", "BIGINT"),
            ("UTINYINT", "DOUBLE"),
            ("DECIMAL(18,3)", "DOUBLE"),
            ("DATE", "TIMESTAMP"),
        ] {
            assert!(is_safe(from, to), "{from} as {to}");
        }
        for (from, to) in [
            ("VARCHAR", "DOUBLE"),
            ("DOUBLE", "INTEGER"),
            ("BOOLEAN", "INTEGER"),
            ("TIMESTAMP", "DATE"),
            ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        ] {
            assert!(!is_safe(from, to), "{from} as {to}");
        }
    }
}
