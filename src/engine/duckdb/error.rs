//! What `DuckDB` says, as errors a user can read.

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Kind};
use crate::engine::SqlError;

/// `DuckDB`'s answer under `errors_as_json`, behind `Binder Error: ` where a statement is prepared; the position is a
/// byte offset into the statement.
#[derive(Deserialize)]
struct JsonError {
    exception_type: String,
    exception_message: String,
    position: Option<String>,
}

/// Returns an error that has nothing to do with a statement's text.
pub(super) fn from_duckdb(err: duckdb::Error) -> anyhow::Error {
    from_statement(err, "")
}

/// Returns an error of a statement: a [`SqlError`] inside a diagnostic.
pub(super) fn from_statement(err: duckdb::Error, statement: &str) -> anyhow::Error {
    let duckdb::Error::DuckDBFailure(_, Some(text)) = &err else {
        return Diagnostic::new(
            Kind::Bug,
            "the warehouse and wh do not understand each other",
        )
        .because(err)
        .into();
    };
    refused(text, statement)
}

/// Returns an error out of what `DuckDB` says of a statement.
pub(super) fn refused(text: &str, statement: &str) -> anyhow::Error {
    let sql_error = SqlError {
        statement: statement.into(),
        ..parse(text)
    };
    Diagnostic::data("the statement is refused")
        .because(sql_error)
        .into()
}

fn parse(text: &str) -> SqlError {
    let start = text.find('{').unwrap_or(text.len());
    let (kind, json) = text.split_at(start);
    match serde_json::from_str::<JsonError>(json) {
        Ok(json) => SqlError {
            message: match kind {
                "" => format!(
                    "{} Error: {}",
                    json.exception_type,
                    json.exception_message.trim()
                ),
                kind => format!("{kind}{}", json.exception_message.trim()),
            },
            offset: json.position.and_then(|position| position.parse().ok()),
            statement: String::new(),
        },
        Err(_) => SqlError {
            message: text.trim().into(),
            offset: None,
            statement: String::new(),
        },
    }
}

/// Returns the message without its JSON wrapping.
pub(super) fn message(err: &duckdb::Error) -> String {
    match err {
        duckdb::Error::DuckDBFailure(_, Some(text)) => plain(text),
        other => other.to_string(),
    }
}

/// Returns what `DuckDB` says without its JSON wrapping.
pub(super) fn plain(text: &str) -> String {
    parse(text).message
}

pub(super) fn is_lock_conflict(message: &str) -> bool {
    message.contains("Could not set lock on file")
}

/// Returns who holds the file, such as `/usr/bin/duckdb (process 4711)`, out of `DuckDB`'s message.
pub(super) fn holder(message: &str) -> Option<String> {
    if !is_lock_conflict(message) {
        return None;
    }
    let Some((_, rest)) = message.split_once("held in ") else {
        return Some("another process".into());
    };
    let (program, rest) = rest.split_once(" (PID ")?;
    let (pid, _) = rest.split_once(')')?;
    let name = program.rsplit('/').next().unwrap_or(program);
    Some(format!("`{name}` (process {pid})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_an_error_is_said_once_whether_the_statement_was_prepared_or_not() {
        let json =
            r#"{"exception_type":"Catalog","exception_message":"no table a","position":"7"}"#;
        for text in [json.to_owned(), format!("Catalog Error: {json}")] {
            let error = parse(&text);
            assert_eq!(error.message, "Catalog Error: no table a");
            assert_eq!(error.offset, Some(7));
        }
    }

    #[test]
    fn the_holder_is_read_out_of_the_message() {
        let message = "Could not set lock on file \"/x/w.duckdb\": Conflicting lock is held in \
                       /usr/bin/python3.11 (PID 4711) by user me. See also https://duckdb.org";
        assert_eq!(holder(message).unwrap(), "`python3.11` (process 4711)");
        assert_eq!(holder("IO Error: no such file"), None);
    }
}
