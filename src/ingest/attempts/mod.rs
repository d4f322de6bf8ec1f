//! `wh.ingestions`: every attempt to bring in a source table, the failed ones too. Decides nothing.

use std::time::Instant;

use arrow::array::AsArray;
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;

use super::cursors::Cursor;
use super::{Outcome, Request};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Param, Session, fetch};
use crate::project::nodes::Ingest;

/// Makes the record, unless it is there.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("prepare.sql"))?;
    Ok(())
}

/// Returns when the last good attempt for a source table began; `None` when there was none.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn last_success(
    session: &mut dyn Session,
    ingest: &Ingest,
) -> Result<Option<Timestamp>> {
    let params = [ingest.source.as_str().into(), ingest.table.as_str().into()];
    let found = fetch(session, include_str!("last.sql"), &params)?;
    let times = found
        .column_by_name("started_at")
        .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        .filter(|times| !times.is_empty());
    Ok(times.and_then(|times| Timestamp::from_microsecond(times.value(0)).ok()))
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// What the source has is in the table.
    Success,
    /// The source could not be reached; the rows there are stay.
    Kept,
    /// It failed, and changed nothing.
    Error,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Kept => "kept",
            Self::Error => "error",
        }
    }
}

/// An attempt under way.
pub(super) struct Attempt<'a> {
    request: &'a Request<'a>,
    clock: Instant,
    /// Requests or connections it took so far.
    pub(super) tries: u64,
    before: Option<String>,
    /// What the source has been read up to, once it is known.
    pub(super) after: Option<String>,
}

impl<'a> Attempt<'a> {
    /// Begins now; `before` is what the source was read up to.
    pub(super) fn begin(request: &'a Request<'a>, before: Option<&Cursor>) -> Self {
        let before = before.map(|cursor| cursor.value.clone());
        Self {
            request,
            clock: Instant::now(),
            tries: 1,
            after: before.clone(),
            before,
        }
    }

    /// Records that it went well.
    ///
    /// # Errors
    /// As [`Session::execute`].
    pub(super) fn succeed(&self, session: &mut dyn Session, outcome: &Outcome) -> Result<()> {
        self.record(session, Status::Success, outcome, None)
    }

    /// Records that it failed, with the first line of the reason and what was behind it.
    ///
    /// # Errors
    /// As [`Session::execute`].
    pub(super) fn fail(
        &self,
        session: &mut dyn Session,
        status: Status,
        err: &anyhow::Error,
    ) -> Result<()> {
        let (attempt, nothing) = (
            Self {
                after: self.before.clone(),
                before: self.before.clone(),
                ..*self
            },
            Outcome::default(),
        );
        attempt.record(session, status, &nothing, Some(in_one_line(err)))
    }

    fn record(
        &self,
        session: &mut dyn Session,
        status: Status,
        outcome: &Outcome,
        error: Option<String>,
    ) -> Result<()> {
        let Request { ingest, now, .. } = self.request;
        let elapsed_us = i64::try_from(self.clock.elapsed().as_micros()).unwrap_or(0);
        let ended_at = now.as_microsecond().saturating_add(elapsed_us);
        tracing::info!(
            source = %ingest.source, table = %ingest.table, status = status.word(), rows = outcome.rows,
            rejected = outcome.rejected, bytes = outcome.bytes, attempts = self.tries, elapsed_us, "ingestion"
        );
        let count = |n: u64| Param::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let text = |text: &Option<String>| text.clone().map_or(Param::Null, Param::Text);
        let params = [
            ingest.source.as_str().into(),
            ingest.table.as_str().into(),
            self.request.run_id.into(),
            Param::Instant(now.as_microsecond()),
            Param::Instant(ended_at),
            status.word().into(),
            count(outcome.rows),
            count(outcome.rejected),
            count(outcome.files),
            count(outcome.bytes),
            count(self.tries),
            text(&error),
            text(&self.before),
            text(&self.after),
        ];
        session.execute_with(include_str!("record.sql"), &params)?;
        Ok(())
    }
}

/// Returns what an error says and why, without places and hints.
pub(super) fn in_one_line(err: &anyhow::Error) -> String {
    let said = |err: &(dyn std::error::Error + 'static)| match err.downcast_ref::<Diagnostic>() {
        Some(diagnostic) => diagnostic.what().to_owned(),
        None => err.to_string(),
    };
    let mut said: Vec<String> = err.chain().map(said).collect();
    said.dedup();
    said.join(": ").replace('\n', " ")
}
