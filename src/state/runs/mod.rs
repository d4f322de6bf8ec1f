//! The history of runs: every run, every attempt at a node, every line of log; and what schedules and alerts did.
//!
//! Times are microseconds since 1970-01-01 UTC, of the machine's clock. A run whose process died is told by the lock
//! that every running one holds on a file of its own.

use std::hash::{BuildHasher, RandomState};

mod jobs;
mod lock;
mod read;
mod words;
mod write;

pub use self::jobs::{Fire, FireStatus, SentAlert};
pub use self::lock::Running;
pub use self::words::{Level, NodeStatus, RunStatus, Trigger};
pub use self::write::{Ended, Record, Started};

/// One call of a command that runs nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id; also `invocation_id` in templates.
    pub run_id: String,
    /// The command: `build`, `run`, `test`, `seed` or `ingest`.
    pub command: String,
    /// The command line, for people.
    pub arguments: String,
    /// What was chosen and how it was to be built, as JSON; read by `wh resume`.
    pub selection: String,
    /// The job of `wh.yml` it is a run of.
    pub job: Option<String>,
    /// Who began it.
    pub trigger: Trigger,
    /// The run it goes on with.
    pub resumed_from: Option<String>,
    /// When it began (µs).
    pub started_at: i64,
    /// When it ended (µs); `None` while it runs, and when its process died.
    pub ended_at: Option<i64>,
    /// How it went.
    pub status: RunStatus,
    /// Its process.
    pub pid: u32,
    /// The commit that was checked out.
    pub git_commit: Option<String>,
    /// Nodes it was to run.
    pub n_nodes: i64,
    /// What kept the run as a whole from going on.
    pub error: Option<String>,
}

/// One attempt at a node of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRun {
    /// dbt's unique id.
    pub node_id: String,
    /// From 1.
    pub attempt: u32,
    /// The name that people know; `source.table` for a source.
    pub name: String,
    /// `model`, `source`, `test`, …
    pub kind: String,
    /// The thread it ran on, from 0: its lane in a chart of the run.
    pub worker: u32,
    /// When it began (µs).
    pub started_at: i64,
    /// When it ended (µs); `None` while it runs, and when its process died.
    pub ended_at: Option<i64>,
    /// How it went.
    pub status: NodeStatus,
    /// Rows it made, loaded, wrote or, for a test, found.
    pub n_rows: Option<i64>,
    /// A few words on the outcome; may be empty.
    pub message: String,
    /// What went wrong, with place and hint, as people read it.
    pub error: Option<String>,
}

/// A line in the log of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When (µs).
    pub at: i64,
    /// How grave.
    pub level: Level,
    /// The node it is about.
    pub node_id: Option<String>,
    /// What happened.
    pub text: String,
}

/// Returns an id that no other run has: the time in UTC, then six random hexadecimal digits.
#[must_use]
pub fn new_id() -> String {
    let time = jiff::Timestamp::now();
    // The hasher is seeded at random.
    let random = RandomState::new().hash_one(time.as_nanosecond());
    format!("{}-{:06x}", time.strftime("%Y%m%d-%H%M%S"), random >> 40)
}

/// Returns the machine's time in microseconds since 1970-01-01 UTC.
#[must_use]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests;
