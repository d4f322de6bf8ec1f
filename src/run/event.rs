//! What happens while a plan runs, for whoever shows it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::artifacts::Ledger;
use crate::compile::{Answer, Compiled, Index, Range, is_ephemeral};
use crate::engine::{Progress, RecordBatch};

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Built, or a test that passed.
    Success,
    /// A test that found something worth a warning.
    Warn,
    /// A test that failed.
    Fail,
    /// It could not be built.
    Error,
    /// Something it reads was not built.
    Skipped,
}

/// What became of a node.
#[derive(Debug)]
pub struct NodeResult {
    /// The node.
    pub node: Index,
    /// How it ended.
    pub status: Status,
    /// The attempt that ended it, from 1.
    pub attempt: u32,
    /// How long its last attempt took; zero when skipped.
    pub elapsed: Duration,
    /// Rows it made, loaded, wrote or, for a test, found; where that can be said.
    pub rows: Option<u64>,
    /// A few words on the outcome, such as `3 rejected`; may be empty.
    pub message: String,
    /// What went wrong.
    pub error: Option<anyhow::Error>,
    /// For a test that found something: its SQL and some of the rows.
    pub found: Option<Found>,
    /// For a microbatch model: what became of its batches.
    pub batches: Option<Batches>,
    /// What the warehouse answered its main statement, where that is known.
    pub answer: Option<Box<Answer>>,
}

/// The batches of a microbatch model, each with its beginning and end, as SQL literals without quotes.
#[derive(Debug, Clone, Default)]
pub struct Batches {
    /// Those that were built.
    pub successful: Vec<Range>,
    /// Those that were not.
    pub failed: Vec<Range>,
    /// Those that the run before had built.
    pub before: Vec<Range>,
}

/// What an earlier run left to be done, when this one goes on with it.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// When it began: microbatch models are built up to then.
    pub began: Option<Timestamp>,
    /// The batches of microbatch models of which some were built, by the models' unique ids.
    pub batches: BTreeMap<String, Batches>,
}

/// What a test found.
#[derive(Debug)]
pub struct Found {
    /// The test's query.
    pub sql: String,
    /// Some offending rows.
    pub sample: Option<RecordBatch>,
    /// The bound that the number of rows misses.
    pub bound: Bound,
}

/// What the configuration of a test bounds the number of rows by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `warn_if`.
    Warn,
    /// `error_if`.
    Error,
}

/// One attempt at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The node.
    pub node: Index,
    /// From 1.
    pub number: u32,
    /// The thread it runs on, from 0.
    pub worker: usize,
}

/// Someone who watches a run; called by many threads.
pub trait Observer: Sync {
    /// The run begins with this many nodes.
    fn begin(&self, n_nodes: usize);
    /// An attempt at a node begins.
    fn start(&self, attempt: Attempt);
    /// A running node's statement is this far.
    fn progress(&self, node: Index, progress: Progress);
    /// An attempt failed; the next one begins after `wait`.
    fn retry(&self, attempt: Attempt, failure: &anyhow::Error, wait: Duration);
    /// A node ended.
    fn end(&self, result: &NodeResult);
}

/// Several who watch, each told in turn.
pub struct Observers<'a>(pub Vec<&'a dyn Observer>);

impl Observer for Observers<'_> {
    fn begin(&self, n_nodes: usize) {
        self.0.iter().for_each(|observer| observer.begin(n_nodes));
    }

    fn start(&self, attempt: Attempt) {
        self.0.iter().for_each(|observer| observer.start(attempt));
    }

    fn progress(&self, node: Index, progress: Progress) {
        let each = |observer: &&dyn Observer| observer.progress(node, progress);
        self.0.iter().for_each(each);
    }

    fn retry(&self, attempt: Attempt, failure: &anyhow::Error, wait: Duration) {
        let each = |observer: &&dyn Observer| observer.retry(attempt, failure, wait);
        self.0.iter().for_each(each);
    }

    fn end(&self, result: &NodeResult) {
        self.0.iter().for_each(|observer| observer.end(result));
    }
}

/// How a run went.
#[derive(Debug, Default)]
pub struct Summary {
    /// Every node's result, in the order they ended.
    pub results: Vec<NodeResult>,
    /// Why a statement of `on-run-end` failed, or the record of the tests, when one did.
    pub error: Option<anyhow::Error>,
    /// What was noted of each node.
    pub ledger: Ledger,
    /// From begin to end.
    pub elapsed: Duration,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
}

impl Summary {
    /// Returns how many nodes ended in this way.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.results
            .iter()
            .filter(|result| result.status == status)
            .count()
    }

    /// Leaves out ephemeral models, whose results dbt keeps of no command but `show`.
    #[must_use]
    pub fn without_ephemeral(mut self, compiled: &Compiled) -> Self {
        let nodes = &compiled.plan.nodes;
        self.results
            .retain(|result| !is_ephemeral(&nodes[result.node]));
        self
    }

    /// Returns whether everything was built and every test passed or only warned.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.interrupted
            && self.error.is_none()
            && self.count(Status::Fail) + self.count(Status::Error) + self.count(Status::Skipped)
                == 0
    }
}
