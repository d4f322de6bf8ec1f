//! Reading the history.

use rusqlite::{OptionalExtension, Params, Row, params};

use super::{LogLine, NodeRun, Run};
use crate::diagnostic::{Diagnostic, Result};
use crate::state::State;

impl State {
    /// Returns the newest runs first, at most `limit`, of one job or of all.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn runs(&self, job: Option<&str>, limit: usize) -> Result<Vec<Run>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.select_runs(include_str!("list.sql"), params![job, limit])
    }

    /// Returns the runs that are recorded as running, newest first; see [`State::mark_crashed`].
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn running(&self) -> Result<Vec<Run>> {
        self.select_runs(include_str!("running.sql"), [])
    }

    /// Returns the run whose id begins with `prefix`.
    ///
    /// # Errors
    /// `Project` when there is none or more than one; `Environment` when `.wh/` cannot be read.
    pub fn run(&self, prefix: &str) -> Result<Run> {
        let mut found = self.select_runs(include_str!("find.sql"), [prefix])?;
        let exact = found.iter().position(|run| run.run_id == prefix);
        match (exact, found.len()) {
            (Some(at), _) => Ok(found.swap_remove(at)),
            (None, 1) => Ok(found.remove(0)),
            (None, 0) => Err(Diagnostic::project(format!("no run is called `{prefix}`"))
                .hint("`wh runs` lists them")
                .into()),
            _ => Err(
                Diagnostic::project(format!("more than one run begins with `{prefix}`"))
                    .hint(format!(
                        "for instance `{}` and `{}`",
                        found[0].run_id, found[1].run_id
                    ))
                    .into(),
            ),
        }
    }

    /// Returns the attempts at the nodes of a run, in the order they began.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn node_runs(&self, run_id: &str) -> Result<Vec<NodeRun>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("nodes.sql"))?;
            let rows = statement.query_map([run_id], |row| {
                Ok(NodeRun {
                    node_id: row.get(0)?,
                    attempt: row.get(1)?,
                    name: row.get(2)?,
                    kind: row.get(3)?,
                    worker: row.get(4)?,
                    started_at: row.get(5)?,
                    ended_at: row.get(6)?,
                    status: row.get(7)?,
                    n_rows: row.get(8)?,
                    message: row.get(9)?,
                    error: row.get(10)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns the log of a run in order, all of it or that of one node.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn run_logs(&self, run_id: &str, node_id: Option<&str>) -> Result<Vec<LogLine>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("logs.sql"))?;
            let rows = statement.query_map(params![run_id, node_id], |row| {
                Ok(LogLine {
                    at: row.get(0)?,
                    level: row.get(1)?,
                    node_id: row.get(2)?,
                    text: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn select_runs(&self, sql: &str, params: impl Params) -> Result<Vec<Run>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(params, run)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns the newest run, of one job or of all.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn last_run(&self, job: Option<&str>) -> Result<Option<Run>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("list.sql"))?;
            Ok(statement.query_row(params![job, 1], run).optional()?)
        })
    }
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        run_id: row.get(0)?,
        command: row.get(1)?,
        arguments: row.get(2)?,
        selection: row.get(3)?,
        job: row.get(4)?,
        trigger: row.get(5)?,
        resumed_from: row.get(6)?,
        started_at: row.get(7)?,
        ended_at: row.get(8)?,
        status: row.get(9)?,
        pid: row.get(10)?,
        git_commit: row.get(11)?,
        n_nodes: row.get(12)?,
        error: row.get(13)?,
    })
}
