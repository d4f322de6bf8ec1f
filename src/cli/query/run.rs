//! One statement, run and shown.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::AsArray;
use minijinja::context;

use crate::cli::output::{self, Format, Screen, Shown};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{RecordBatch, Session, fetch, render};

use super::statements;

/// How results are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) format: Format,
    /// Rows to fetch at most.
    pub(crate) limit: Option<u64>,
    pub(crate) screen: Screen,
}

/// What a statement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It answered with rows; `more` when the limit left some out.
    Rows { shown: Shown, more: bool },
    /// It changed this many rows.
    Changed(u64),
    /// It has no answer.
    Done,
}

/// Ends a query whose further rows nobody wants.
#[derive(Debug)]
struct Enough;

impl fmt::Display for Enough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the limit is reached")
    }
}

impl std::error::Error for Enough {}

/// Runs one statement and writes its rows to `out` as they arrive, in memory that does not grow with them.
///
/// Once `stopped` is set, from a signal's thread, the statement ends.
///
/// # Errors
/// What the engine or `out` answers; `Data` when the statement was stopped.
pub(crate) fn run(
    session: &mut dyn Session,
    sql: &str,
    view: &View,
    stopped: &AtomicBool,
    out: &mut dyn Write,
) -> Result<Outcome> {
    stopped.store(false, Ordering::SeqCst);
    let outcome = match statements::returns_rows(sql) {
        true => rows(session, sql, view, stopped, out),
        false => session
            .execute(sql)
            .map(|n_rows| match statements::changes_rows(sql) {
                true => Outcome::Changed(n_rows),
                false => Outcome::Done,
            }),
    };
    match stopped.load(Ordering::SeqCst) {
        true if outcome.is_err() => Err(interrupted().into()),
        _ => outcome,
    }
}

fn rows(
    session: &mut dyn Session,
    sql: &str,
    view: &View,
    stopped: &AtomicBool,
    out: &mut dyn Write,
) -> Result<Outcome> {
    let query = Query::described(session, sql)?;
    let mut writer = None;
    let mut left = view.limit.unwrap_or(u64::MAX);
    let answer = session.query(&query.sql, &[], &mut |batch: &RecordBatch| {
        if stopped.load(Ordering::Relaxed) {
            return Err(interrupted().into());
        }
        let writer = writer.get_or_insert_with(|| {
            let columns = output::with_types(&batch.schema(), &query.types);
            output::writer(view.format, &columns, view.screen)
        });
        let n_rows = batch
            .num_rows()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        writer
            .write(&batch.slice(0, n_rows), out)
            .map_err(unwritable)?;
        left -= n_rows as u64;
        if n_rows < batch.num_rows() {
            Err(Enough.into())
        } else {
            Ok(())
        }
    });
    let more = answer.as_ref().is_err_and(|err| err.is::<Enough>());
    if !more {
        answer?;
    }
    let Some(mut writer) = writer else {
        return Ok(Outcome::Done);
    };
    let shown = writer.finish(out).map_err(unwritable)?;
    Ok(Outcome::Rows { shown, more })
}

/// A query and the SQL types of its columns, none where they are not known.
struct Query {
    sql: String,
    types: Vec<String>,
}

impl Query {
    /// Asks for the types of a query's columns, and has those as text that Arrow would falsify.
    fn described(session: &mut dyn Session, sql: &str) -> Result<Self> {
        let plain = |types| Self {
            sql: sql.into(),
            types,
        };
        if !statements::is_query(sql) {
            return Ok(plain(Vec::new()));
        }
        let describe = render(include_str!("describe.sql"), context! {query => sql})?;
        let Ok(columns) = fetch(session, &describe, &[]) else {
            // The query itself says what is wrong, with its place.
            return Ok(plain(Vec::new()));
        };
        let texts = |column: usize| -> Vec<String> {
            let texts = columns.column(column).as_string_opt::<i32>();
            texts
                .into_iter()
                .flatten()
                .map(|text| text.unwrap_or_default().into())
                .collect()
        };
        let (names, types) = (texts(0), texts(1));
        let lossy = names
            .iter()
            .zip(&types)
            .filter(|(_, sql_type)| is_lossy(sql_type));
        let text: Vec<_> = lossy.map(|(name, _)| name.clone()).collect();
        if text.is_empty() {
            return Ok(plain(types));
        }
        let values = context! {query => sql, names, texts => text};
        Ok(Self {
            sql: render(include_str!("as_text.sql"), values)?,
            types,
        })
    }
}

/// Returns whether Arrow would carry values of this type wrongly or without a part.
fn is_lossy(sql_type: &str) -> bool {
    let mut words = sql_type.split(|c: char| !c.is_alphanumeric());
    words.any(|word| ["UHUGEINT", "BIGNUM", "BIT"].contains(&word))
        || sql_type.contains("TIME WITH TIME ZONE")
}

fn interrupted() -> Diagnostic {
    Diagnostic::data("the statement was interrupted")
}

/// An output that cannot be written is nobody's bug; a closed pipe stays recognizable.
fn unwritable(err: anyhow::Error) -> anyhow::Error {
    match err.downcast::<std::io::Error>() {
        Ok(err) => Diagnostic::environment("the output cannot be written")
            .because(err)
            .into(),
        Err(other) => other,
    }
}
