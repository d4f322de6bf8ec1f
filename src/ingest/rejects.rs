//! Collects the records of a load that cannot become rows. Writes no table.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A record that cannot be loaded, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reject {
    /// Position of its file among the files of this load.
    pub(super) file: usize,
    /// Line where it starts, from 1.
    pub(super) line: u64,
    /// Column in characters of what is wrong, from 1; 0 where unknown.
    pub(super) column: u32,
    /// The record as it stands in the file, broken bytes replaced.
    pub(super) raw: String,
    /// What is wrong.
    pub(super) reason: String,
}

/// What many threads set aside.
#[derive(Debug)]
pub(super) struct Rejects {
    /// How many are kept at most; the rest is counted only, since the load will fail.
    keep: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kept: Vec<Reject>,
    first: Option<Reject>,
    n_rejects: u64,
    /// How many each file gave.
    of: BTreeMap<usize, u64>,
}

impl Rejects {
    /// Collects rejects and keeps the first `keep` to arrive.
    pub(super) fn new(keep: u64) -> Self {
        Self {
            keep,
            state: Mutex::default(),
        }
    }

    /// Sets a record aside.
    pub(super) fn add(&self, reject: Reject) {
        let mut state = self.lock();
        state.n_rejects += 1;
        *state.of.entry(reject.file).or_default() += 1;
        let earlier = |first: &Reject| (reject.file, reject.line) < (first.file, first.line);
        if state.first.as_ref().is_none_or(earlier) {
            state.first = Some(reject.clone());
        }
        if state.n_rejects <= self.keep {
            state.kept.push(reject);
        }
    }

    /// Returns how many of a file there are.
    pub(super) fn of(&self, file: usize) -> u64 {
        self.lock().of.get(&file).copied().unwrap_or(0)
    }

    /// Returns the first in the order of files and lines.
    pub(super) fn first(&self) -> Option<Reject> {
        self.lock().first.clone()
    }

    /// Returns those that were kept, in the order of files and lines, and forgets them.
    pub(super) fn take(&self) -> Vec<Reject> {
        let mut kept = std::mem::take(&mut self.lock().kept);
        kept.sort_by_key(|reject| (reject.file, reject.line));
        kept
    }

    /// A thread that died while it held the lock has left a whole value: every change is one push.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
