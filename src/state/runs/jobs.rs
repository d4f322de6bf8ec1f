//! What schedules did, and who was told.

use rusqlite::{OptionalExtension, Row, params};

use super::words::words;
use crate::diagnostic::Result;
use crate::state::State;

words! {
    /// What became of a moment at which a job was due.
    FireStatus {
        /// The schedule was first seen; nothing before it counts as missed.
        Seen = "seen",
        /// A run began.
        Started = "started",
        /// Nobody was there to begin it.
        Missed = "missed",
        /// The job's last run still went on.
        Skipped = "skipped",
    }
}

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// A moment at which a job was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fire {
    /// The job.
    pub job: String,
    /// When the schedule said (µs).
    pub due_at: i64,
    /// When something became of it (µs).
    pub fired_at: i64,
    /// The run that began.
    pub run_id: Option<String>,
    /// What became of it.
    pub status: FireStatus,
}

/// An alert that was sent, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentAlert {
    /// When (µs).
    pub at: i64,
    /// The alert's name in wh.yml.
    pub target: String,
    /// `sent` or `failed`.
    pub status: String,
    /// Why it could not be sent.
    pub error: Option<String>,
}

impl State {
    /// Records what became of a moment at which a job was due; returns false when that is known already.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn record_fire(&self, fire: &Fire) -> Result<bool> {
        self.with(|connection| {
            let changed = connection.execute(
                include_str!("insert_fire.sql"),
                params![
                    fire.job,
                    fire.due_at,
                    fire.fired_at,
                    fire.run_id,
                    fire.status
                ],
            )?;
            Ok(changed > 0)
        })
    }

    /// Returns the last moment of a job that is known.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn last_fire(&self, job: &str) -> Result<Option<Fire>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("last_fire.sql"))?;
            Ok(statement.query_row([job], fire).optional()?)
        })
    }

    /// Returns the last moments at which a job was due, newest first.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn fires(&self, job: &str, limit: u32) -> Result<Vec<Fire>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("fires.sql"))?;
            let rows = statement.query_map(params![job, limit], fire)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Records an alert of a run.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn record_alert(&self, run_id: &str, alert: &SentAlert) -> Result<()> {
        self.with(|connection| {
            connection.execute(
                include_str!("insert_alert.sql"),
                params![run_id, alert.at, alert.target, alert.status, alert.error],
            )?;
            Ok(())
        })
    }

    /// Returns the alerts of a run in order.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn alerts(&self, run_id: &str) -> Result<Vec<SentAlert>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("alerts.sql"))?;
            let rows = statement.query_map([run_id], |row| {
                Ok(SentAlert {
                    at: row.get(0)?,
                    target: row.get(1)?,
                    status: row.get(2)?,
                    error: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn fire(row: &Row<'_>) -> rusqlite::Result<Fire> {
    Ok(Fire {
        job: row.get(0)?,
        due_at: row.get(1)?,
        fired_at: row.get(2)?,
        run_id: row.get(3)?,
        status: row.get(4)?,
    })
}
