//! What is noted of each node while it runs: when, where, with which SQL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::compile::Index;
use crate::compile::manifest::{Remains, Rendered};

/// Notes of all nodes of a run; threads write to it at once.
#[derive(Debug, Default)]
pub struct Ledger {
    nodes: Mutex<HashMap<Index, Entry>>,
    operations: Mutex<Vec<Hook>>,
}

/// What is noted of one statement of `on-run-start` or `on-run-end`.
#[derive(Debug, Clone)]
pub(in crate::run) struct Hook {
    /// Its unique id.
    pub(in crate::run) id: String,
    /// Its place among [`Plan::operations`](crate::compile::Plan::operations).
    pub(in crate::run) position: usize,
    /// When it began and ended.
    pub(in crate::run) time: (Timestamp, Timestamp),
    /// Its SQL, when the template could be rendered.
    pub(in crate::run) sql: Option<Arc<str>>,
    /// How it ended.
    pub(in crate::run) end: HookEnd,
}

/// How a statement of `on-run-start` or `on-run-end` ended.
#[derive(Debug, Clone)]
pub(in crate::run) enum HookEnd {
    Passed,
    /// Why it failed.
    Failed(String),
    /// One before it failed.
    Skipped,
}

/// What is noted of one node.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) worker: Option<usize>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) compiled_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) rendered: Option<Rendered>,
    pub(super) was_run: bool,
    pub(super) overloads: Overloads,
}

/// The overloads of a function, by the names of their files.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Overloads {
    /// Those that were made.
    pub successful: Vec<String>,
    /// Those that were not.
    pub failed: Vec<String>,
}

impl Ledger {
    /// Notes that an attempt at a node begins; nothing is left of the one before.
    pub fn begin(&self, index: Index, worker: usize) {
        let entry = Entry {
            worker: Some(worker),
            started_at: Some(Timestamp::now()),
            ..Entry::default()
        };
        self.lock().insert(index, entry);
    }

    /// Notes the SQL that was made of a node's template, and of the ephemeral models in it.
    pub fn compiled(&self, index: Index, rendered: Rendered) {
        let mut entries = self.lock();
        for (position, (input, sql)) in rendered.ctes.iter().enumerate() {
            let entry = entries.entry(*input).or_default();
            entry.rendered.get_or_insert_with(|| Rendered {
                sql: sql.clone(),
                ctes: rendered.ctes[..position].into(),
                macros: Arc::new([]),
                overloads: Arc::new([]),
            });
        }
        let entry = entries.entry(index).or_default();
        entry.rendered = Some(rendered);
        entry.compiled_at = Some(Timestamp::now());
    }

    /// Notes that the statement of a node lies in `run/`.
    pub fn ran(&self, index: Index) {
        self.lock().entry(index).or_default().was_run = true;
    }

    /// Notes which overloads of a function were made, and which were not.
    pub(in crate::run) fn overloaded(&self, index: Index, overloads: Overloads) {
        self.lock().entry(index).or_default().overloads = overloads;
    }

    /// Notes that a node ended.
    pub fn end(&self, index: Index) {
        self.lock().entry(index).or_default().ended_at = Some(Timestamp::now());
    }

    /// Notes a statement of the project itself.
    pub(in crate::run) fn hook(&self, hook: Hook) {
        let mut hooks = self
            .operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        hooks.push(hook);
    }

    pub(super) fn hooks(&self) -> Vec<Hook> {
        let hooks = self.operations.lock();
        hooks.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn entry(&self, index: Index) -> Entry {
        self.lock().get(&index).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Index, Entry>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remains for Ledger {
    fn rendered(&self, index: Index) -> Option<Rendered> {
        self.lock().get(&index)?.rendered.clone()
    }

    fn operation(&self, position: usize) -> Option<Rendered> {
        let hooks = self.hooks();
        let hook = hooks.iter().find(|hook| hook.position == position)?;
        Some(Rendered {
            sql: hook.sql.clone()?,
            ctes: Arc::new([]),
            macros: Arc::new([]),
            overloads: Arc::new([]),
        })
    }

    fn was_run(&self, index: Index) -> bool {
        self.lock().get(&index).is_some_and(|entry| entry.was_run)
    }
}
