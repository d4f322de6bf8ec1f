//! Recording runs as they go.

use rusqlite::{Connection, Transaction, params};

use super::lock::Running;
use super::{LogLine, NodeStatus, Run, RunStatus};
use crate::diagnostic::Result;
use crate::state::State;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An attempt at a node began.
    Started(Started),
    /// An attempt at a node ended.
    Ended(Ended),
    /// A line of log.
    Log(LogLine),
}

/// An attempt at a node that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// dbt's unique id.
    pub node_id: String,
    /// From 1.
    pub attempt: u32,
    /// The name that people know.
    pub name: String,
    /// `model`, `source`, …
    pub kind: String,
    /// The thread it runs on, from 0.
    pub worker: u32,
    /// When (µs).
    pub at: i64,
}

/// An attempt at a node that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// dbt's unique id.
    pub node_id: String,
    /// From 1.
    pub attempt: u32,
    /// When (µs).
    pub at: i64,
    /// How.
    pub status: NodeStatus,
    /// Rows it made or found.
    pub n_rows: Option<i64>,
    /// A few words; may be empty.
    pub message: String,
    /// What went wrong.
    pub error: Option<String>,
}

/// How long a run is remembered (µs): half a year.
const KEPT: i64 = 183 * 24 * 3600 * 1_000_000;

impl State {
    /// Forgets runs that began, and moments at which jobs were due, more than half a year before `now` (µs).
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn forget(&self, now: i64) -> Result<()> {
        self.with(|connection| {
            let transaction = immediate(connection)?;
            transaction.execute(include_str!("forget_runs.sql"), [now - KEPT])?;
            transaction.execute(include_str!("forget_fires.sql"), [now - KEPT])?;
            Ok(transaction.commit()?)
        })
    }

    /// Records that a run began; its end and its status are not read. While the value lives, the run counts as alive.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn begin_run(&self, run: &Run) -> Result<Running> {
        self.with(|connection| {
            let held = Running::hold(self.folder(), &run.run_id)?;
            connection.execute(
                include_str!("insert_run.sql"),
                params![
                    run.run_id,
                    run.command,
                    run.arguments,
                    run.selection,
                    run.job,
                    run.trigger,
                    run.resumed_from,
                    run.started_at,
                    run.pid,
                    run.git_commit,
                    run.n_nodes,
                ],
            )?;
            Ok(held)
        })
    }

    /// Records what happened in a run, in order, at once.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn record(&self, run_id: &str, records: &[Record]) -> Result<()> {
        self.with(|connection| {
            let transaction = immediate(connection)?;
            for record in records {
                match record {
                    Record::Started(started) => start(&transaction, run_id, started)?,
                    Record::Ended(ended) => end(&transaction, run_id, ended)?,
                    Record::Log(line) => log(&transaction, run_id, line)?,
                }
            }
            Ok(transaction.commit()?)
        })
    }

    /// Records how a run ended.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn end_run(
        &self,
        run_id: &str,
        at: i64,
        status: RunStatus,
        error: Option<&str>,
    ) -> Result<()> {
        self.with(|connection| {
            let sql = include_str!("end_run.sql");
            connection.execute(sql, params![run_id, at, status, error])?;
            Ok(())
        })
    }

    /// Finds the runs whose process died, records that, and returns them as they are now, newest first.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read or written.
    pub fn mark_crashed(&self) -> Result<Vec<Run>> {
        let mut crashed = Vec::new();
        for mut run in self.running()? {
            if super::lock::is_dead(self.folder(), &run.run_id)
                && self.with(|connection| crash(connection, &run.run_id))?
            {
                run.status = RunStatus::Crashed;
                crashed.push(run);
            }
        }
        Ok(crashed)
    }
}

/// Begins a transaction that writes: one that reads first could be refused when another process writes in between.
pub(super) fn immediate(connection: &mut Connection) -> Result<Transaction<'_>> {
    let behavior = rusqlite::TransactionBehavior::Immediate;
    Ok(connection.transaction_with_behavior(behavior)?)
}

/// Records that a run's process died; returns false when it ended after all.
fn crash(connection: &mut Connection, run_id: &str) -> Result<bool> {
    let transaction = immediate(connection)?;
    let changed = transaction.execute(include_str!("crash_run.sql"), [run_id])?;
    if changed > 0 {
        transaction.execute(include_str!("crash_nodes.sql"), [run_id])?;
    }
    transaction.commit()?;
    Ok(changed > 0)
}

fn start(transaction: &Transaction<'_>, run_id: &str, started: &Started) -> Result<()> {
    let mut statement = transaction.prepare_cached(include_str!("start_node.sql"))?;
    statement.execute(params![
        run_id,
        started.node_id,
        started.attempt,
        started.name,
        started.kind,
        started.worker,
        started.at
    ])?;
    Ok(())
}

fn end(transaction: &Transaction<'_>, run_id: &str, ended: &Ended) -> Result<()> {
    let mut statement = transaction.prepare_cached(include_str!("end_node.sql"))?;
    statement.execute(params![
        run_id,
        ended.node_id,
        ended.attempt,
        ended.at,
        ended.status,
        ended.n_rows,
        ended.message,
        ended.error
    ])?;
    Ok(())
}

fn log(transaction: &Transaction<'_>, run_id: &str, line: &LogLine) -> Result<()> {
    let mut statement = transaction.prepare_cached(include_str!("insert_log.sql"))?;
    statement.execute(params![
        run_id,
        line.at,
        line.level,
        line.node_id,
        line.text
    ])?;
    Ok(())
}
