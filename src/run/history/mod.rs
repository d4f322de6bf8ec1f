//! The run as it is remembered: an observer that writes to the state in a thread of its own, in batches.
//!
//! A history that cannot be written never stops a run.

mod git;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::event::{Attempt, NodeResult, Observer, Status, Summary};
use crate::compile::{Compiled, Index, Node, Resource};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::Progress;
use crate::state::State;
use crate::state::runs::{
    Ended, Level, LogLine, NodeStatus, Record, Run, RunStatus, Running, Started, now,
};

/// How long records are gathered before they are written together.
const GATHER: Duration = Duration::from_millis(20);

/// Remembers one run.
pub struct History<'a> {
    compiled: &'a Compiled,
    state: Arc<State>,
    run_id: String,
    to_writer: Sender<Option<Record>>,
    writer: JoinHandle<Result<()>>,
    running: Running,
}

impl<'a> History<'a> {
    /// Records that a run begins. Of `run`, the commit is filled in here, for the project at `root`.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be written.
    pub fn begin(
        state: Arc<State>,
        root: &Path,
        compiled: &'a Compiled,
        mut run: Run,
    ) -> Result<Self> {
        run.git_commit = git::commit(root);
        let running = state.begin_run(&run)?;
        let (to_writer, records) = mpsc::channel();
        let writer = {
            let (state, run_id) = (state.clone(), run.run_id.clone());
            thread::spawn(move || write(&state, &run_id, &records))
        };
        tracing::info!(run = %run.run_id, command = %run.command, job = run.job, nodes = run.n_nodes, "begin");
        Ok(Self {
            compiled,
            state,
            run_id: run.run_id,
            to_writer,
            writer,
            running,
        })
    }

    /// Returns what adds lines to the log of the run, from any thread.
    #[must_use]
    pub fn logger(&self) -> Logger {
        Logger(self.to_writer.clone())
    }

    /// Records how the run ended, once all else is written.
    ///
    /// # Errors
    /// `Environment` when any of it could not be written.
    pub fn end(self, status: RunStatus, error: Option<&str>) -> Result<()> {
        tracing::info!(run = %self.run_id, status = status.word(), error, "end");
        if self.to_writer.send(None).is_err() {
            tracing::debug!(run = %self.run_id, "the writer has given up");
        }
        let written = self.writer.join().unwrap_or_else(|_| {
            Err(Diagnostic::new(Kind::Bug, "the writer of the history").into())
        });
        let ended = self.state.end_run(&self.run_id, now(), status, error);
        drop(self.running);
        written.and(ended)
    }

    fn node(&self, index: Index) -> &Node {
        &self.compiled.plan.nodes[index]
    }

    /// Once the writer has given up there is nobody to tell; [`History::end`] says why.
    fn put(&self, record: Record) {
        if self.to_writer.send(Some(record)).is_err() {
            tracing::debug!(run = %self.run_id, "not recorded");
        }
    }

    fn log(&self, level: Level, node: Index, text: String) {
        self.put(Record::Log(LogLine {
            at: now(),
            level,
            node_id: Some(self.node(node).id.clone()),
            text,
        }));
    }

    fn started(&self, attempt: Attempt) {
        let node = self.node(attempt.node);
        self.put(Record::Started(Started {
            node_id: node.id.clone(),
            attempt: attempt.number,
            name: full_name(node),
            kind: node.resource.word().into(),
            worker: u32::try_from(attempt.worker).unwrap_or(u32::MAX),
            at: now(),
        }));
    }
}

/// Adds lines to the log of a run.
#[derive(Clone)]
pub struct Logger(Sender<Option<Record>>);

impl Logger {
    /// Adds a line; after the end of the run nothing happens.
    pub fn log(&self, level: Level, text: &str) {
        let line = LogLine {
            at: now(),
            level,
            node_id: None,
            text: text.into(),
        };
        if self.0.send(Some(Record::Log(line))).is_err() {
            tracing::debug!("a line after the end of the run");
        }
    }
}

impl Observer for History<'_> {
    fn begin(&self, _n_nodes: usize) {}

    fn start(&self, attempt: Attempt) {
        self.started(attempt);
    }

    fn progress(&self, _node: Index, _progress: Progress) {}

    fn retry(&self, attempt: Attempt, failure: &anyhow::Error, wait: Duration) {
        let error = explained(failure);
        tracing::warn!(run = %self.run_id, node = %self.node(attempt.node).id, attempt = attempt.number, error, "retry");
        let wait = wait.as_secs_f64();
        let text = format!("tried again in {wait} s: {error}");
        self.log(Level::Warn, attempt.node, text);
        self.put(Record::Ended(Ended {
            node_id: self.node(attempt.node).id.clone(),
            attempt: attempt.number,
            at: now(),
            status: NodeStatus::Retried,
            n_rows: None,
            message: String::new(),
            error: Some(error),
        }));
    }

    fn end(&self, result: &NodeResult) {
        let node = self.node(result.node);
        let status = status(result.status);
        let error = wrong(node, result);
        let elapsed_ms = u64::try_from(result.elapsed.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(run = %self.run_id, node = %node.id, status = status.word(), elapsed_ms, rows = result.rows, error, "node");
        if result.status == Status::Skipped {
            self.started(Attempt {
                node: result.node,
                number: result.attempt,
                worker: 0,
            });
        }
        self.log(
            level(result.status),
            result.node,
            line(node, result, error.as_deref()),
        );
        self.put(Record::Ended(Ended {
            node_id: node.id.clone(),
            attempt: result.attempt,
            at: now(),
            status,
            n_rows: result.rows.and_then(|rows| i64::try_from(rows).ok()),
            message: result.message.clone(),
            error,
        }));
    }
}

/// Writes records in batches, until the last.
fn write(state: &State, run_id: &str, records: &Receiver<Option<Record>>) -> Result<()> {
    while let Ok(Some(first)) = records.recv() {
        let (mut batch, until) = (vec![first], Instant::now() + GATHER);
        let last = loop {
            match records.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Some(record)) => batch.push(record),
                Err(RecvTimeoutError::Timeout) => break false,
                Ok(None) | Err(RecvTimeoutError::Disconnected) => break true,
            }
        };
        state.record(run_id, &batch)?;
        if last {
            break;
        }
    }
    Ok(())
}

/// Returns how a run went, as the history says it, and what kept it from going on as a whole.
#[must_use]
pub fn outcome(summary: &Result<Summary>) -> (RunStatus, Option<String>) {
    match summary {
        Err(err) => (RunStatus::Failed, Some(explained(err))),
        Ok(summary) => {
            let status = match (summary.interrupted, summary.is_good()) {
                (true, _) => RunStatus::Interrupted,
                (false, true) => RunStatus::Success,
                (false, false) => RunStatus::Failed,
            };
            (status, summary.error.as_ref().map(explained))
        }
    }
}

/// Returns an error as people read it, in plain text.
#[must_use]
pub fn explained(err: &anyhow::Error) -> String {
    let diagnostic = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<Diagnostic>());
    diagnostic.map_or_else(|| format!("{err:#}"), ToString::to_string)
}

/// Returns a node's name as people know it: with its source, for a table of one.
#[must_use]
pub fn full_name(node: &Node) -> String {
    match &node.resource {
        Resource::Source { source, .. } => format!("{source}.{}", node.name),
        _ => node.name.clone(),
    }
}

fn status(status: Status) -> NodeStatus {
    match status {
        Status::Success => NodeStatus::Success,
        Status::Warn => NodeStatus::Warn,
        Status::Fail => NodeStatus::Fail,
        Status::Error => NodeStatus::Error,
        Status::Skipped => NodeStatus::Skipped,
    }
}

fn level(status: Status) -> Level {
    match status {
        Status::Success => Level::Info,
        Status::Warn | Status::Skipped => Level::Warn,
        Status::Fail | Status::Error => Level::Error,
    }
}

/// What went wrong in a node: its error, or the query of a test that found something.
fn wrong(node: &Node, result: &NodeResult) -> Option<String> {
    if let Some(err) = &result.error {
        return Some(explained(err));
    }
    let found = result.found.as_ref()?;
    let rows = result.rows.unwrap_or_default();
    let plural = if rows == 1 { "row" } else { "rows" };
    let sql: Vec<String> = found
        .sql
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("  {line}"))
        .collect();
    Some(format!(
        "test `{}` found {rows} {plural}\n  --> {}\n{}",
        node.name,
        node.at,
        sql.join("\n")
    ))
}

/// The line of log of a node that ended.
fn line(node: &Node, result: &NodeResult, error: Option<&str>) -> String {
    let kind = node.resource.word().replace('_', " ");
    let head = format!(
        "{kind} {}: {}",
        full_name(node),
        status(result.status).word()
    );
    match (error, result.status) {
        (Some(error), _) => format!("{head}: {error}"),
        (None, Status::Skipped) => format!("{head}: because of {}", result.message),
        (None, _) => {
            let mut parts = vec![format!("{} ms", result.elapsed.as_millis())];
            parts.extend(result.rows.map(|rows| format!("{rows} rows")));
            parts.extend((!result.message.is_empty()).then(|| result.message.clone()));
            format!("{head}: {}", parts.join(", "))
        }
    }
}
