//! The warehouse as templates reach it while nodes run: a session and what is known to exist.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::compile::adapter::Adapter;
use crate::diagnostic::Result;
use crate::engine::{Entry, EntryKind, RecordBatch, Relation, Session, fetch};

/// What exists in the warehouse, shared by all sessions of a run; names ignore case, as `DuckDB`'s do.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<(String, String), EntryKind>>);

impl Known {
    pub(super) fn new(entries: &[Entry]) -> Self {
        let entries = entries
            .iter()
            .map(|entry| (key(&entry.relation), entry.kind));
        Self(Mutex::new(entries.collect()))
    }

    pub(super) fn find(&self, relation: &Relation) -> Option<EntryKind> {
        lock(&self.0).get(&key(relation)).copied()
    }

    pub(super) fn set(&self, relation: &Relation, kind: Option<EntryKind>) {
        match kind {
            Some(kind) => lock(&self.0).insert(key(relation), kind),
            None => lock(&self.0).remove(&key(relation)),
        };
    }
}

fn key(relation: &Relation) -> (String, String) {
    (relation.schema.to_lowercase(), relation.name.to_lowercase())
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One session of a run.
pub(super) struct SessionAdapter {
    session: Mutex<Box<dyn Session>>,
    known: Arc<Known>,
}

impl SessionAdapter {
    pub(super) fn new(session: Box<dyn Session>, known: Arc<Known>) -> Self {
        Self {
            session: Mutex::new(session),
            known,
        }
    }

    /// Returns the session itself, for the time the guard lives.
    pub(super) fn session(&self) -> MutexGuard<'_, Box<dyn Session>> {
        lock(&self.session)
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }
}

impl fmt::Debug for SessionAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionAdapter")
    }
}

impl Adapter for SessionAdapter {
    fn query(&self, sql: &str) -> Result<RecordBatch> {
        fetch(self.session().as_mut(), sql, &[])
    }

    fn execute(&self, sql: &str) -> Result<u64> {
        if sql.trim().is_empty() {
            return Ok(0);
        }
        self.session().execute(sql)
    }

    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>> {
        Ok(self.known.find(relation))
    }

    fn columns(&self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.session().columns(relation)
    }

    fn note(&self, relation: &Relation, kind: Option<EntryKind>) {
        self.known.set(relation, kind);
    }
}
