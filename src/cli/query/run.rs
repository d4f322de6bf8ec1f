//! One statement, run and shown.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::output::{self, Format, Screen, Shown};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{RecordBatch, Session};

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
    let mut writer = None;
    let mut left = view.limit.unwrap_or(u64::MAX);
    let answer = session.query(sql, &[], &mut |batch: &RecordBatch| {
        if stopped.load(Ordering::Relaxed) {
            return Err(interrupted().into());
        }
        let writer =
            writer.get_or_insert_with(|| output::writer(view.format, &batch.schema(), view.screen));
        let n_rows = batch
            .num_rows()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        writer.write(&batch.slice(0, n_rows), out)?;
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
    match writer {
        Some(mut writer) => Ok(Outcome::Rows {
            shown: writer.finish(out)?,
            more,
        }),
        None => Ok(Outcome::Done),
    }
}

fn interrupted() -> Diagnostic {
    Diagnostic::data("the statement was interrupted")
}
