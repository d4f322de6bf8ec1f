//! The warehouse as templates reach it while nodes run: a session, its transaction, and what is known to exist.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::AsArray;
use arrow::datatypes::DataType;

use super::commented::Commented;
use crate::compile::Comment;
use crate::compile::adapter::Adapter;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{
    BEGIN, COMMIT, EntryKind, Plugins, ROLLBACK, RecordBatch, Relation, Session, fetch,
};

/// Database, schema and name in lower case: `DuckDB`'s names ignore it.
type Key = (String, String, String);

/// What exists in the warehouse, shared by all sessions of a run.
#[derive(Debug)]
pub(super) struct Known {
    entries: Mutex<HashMap<Key, EntryKind>>,
    /// The types of key constraints that tables had when the run began.
    keys: HashMap<Key, Vec<String>>,
    /// What stores relations elsewhere.
    plugins: Option<Arc<Plugins>>,
    /// The database of relations that name none.
    database: String,
}

impl Known {
    /// Reads what exists; `database` is the one of relations that name none.
    ///
    /// # Errors
    /// What the engine answers.
    pub(super) fn read(
        session: &mut dyn Session,
        database: String,
        plugins: Option<Arc<Plugins>>,
    ) -> Result<Self> {
        let entries = keyed(session, include_str!("existing.sql"))?
            .into_iter()
            .map(|(key, word)| match word.as_str() {
                "view" => (key, EntryKind::View),
                _ => (key, EntryKind::Table),
            });
        Ok(Self {
            entries: Mutex::new(entries.collect()),
            keys: read_keys(session)?,
            plugins,
            database: database.to_lowercase(),
        })
    }

    fn keys(&self, relation: &Relation) -> Vec<String> {
        self.keys
            .get(&self.key(relation))
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn find(&self, relation: &Relation) -> Option<EntryKind> {
        lock(&self.entries).get(&self.key(relation)).copied()
    }

    /// Notes what exists under a name, and returns what did before.
    pub(super) fn set(&self, relation: &Relation, kind: Option<EntryKind>) -> Option<EntryKind> {
        let key = self.key(relation);
        match kind {
            Some(kind) => lock(&self.entries).insert(key, kind),
            None => lock(&self.entries).remove(&key),
        }
    }

    fn forget_schema(&self, database: &str, schema: &str) {
        let (database, schema) = (database.to_lowercase(), schema.to_lowercase());
        lock(&self.entries).retain(|(of, within, _), _| *of != database || *within != schema);
    }

    fn key(&self, relation: &Relation) -> Key {
        let database = relation.database.as_ref();
        (
            database.map_or_else(|| self.database.clone(), |name| name.to_lowercase()),
            relation.schema.to_lowercase(),
            relation.name.to_lowercase(),
        )
    }
}

/// Runs a query of databases, schemas, tables and a word about each.
fn keyed(session: &mut dyn Session, sql: &str) -> Result<Vec<(Key, String)>> {
    let rows = fetch(session, sql, &[])?;
    let text = |column: usize| arrow::compute::cast(rows.column(column), &DataType::Utf8);
    let columns = [text(0)?, text(1)?, text(2)?, text(3)?];
    let texts = columns.each_ref().map(|column| column.as_string::<i32>());
    let row = |row: usize| {
        let [database, schema, table] =
            [0, 1, 2].map(|at: usize| texts[at].value(row).to_lowercase());
        ((database, schema, table), texts[3].value(row).to_owned())
    };
    Ok((0..rows.num_rows()).map(row).collect())
}

fn read_keys(session: &mut dyn Session) -> Result<HashMap<Key, Vec<String>>> {
    let mut keys: HashMap<Key, Vec<String>> = HashMap::new();
    for (key, kind) in keyed(session, include_str!("keys.sql"))? {
        keys.entry(key).or_default().push(kind);
    }
    Ok(keys)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One session of a run.
pub(super) struct SessionAdapter {
    session: Mutex<Commented>,
    known: Arc<Known>,
    transaction: Mutex<Transaction>,
}

/// The transaction of a session, when one is open.
#[derive(Debug, Default)]
struct Transaction {
    is_open: bool,
    /// Names that it gave another meaning, each with the meaning before, the latest last.
    renamed: Vec<(Relation, Option<EntryKind>)>,
}

impl SessionAdapter {
    pub(super) fn new(session: Commented, known: Arc<Known>) -> Self {
        Self {
            session: Mutex::new(session),
            known,
            transaction: Mutex::default(),
        }
    }

    /// Sends a comment with the statements that follow.
    pub(super) fn say(&self, comment: Option<Comment>) {
        self.session().say(comment);
    }

    /// Makes an adapter of another session, which knows what this one knows.
    pub(super) fn beside(&self, session: Commented) -> Self {
        Self::new(session, self.known.clone())
    }

    /// Returns the session itself, for the time the guard lives.
    pub(super) fn session(&self) -> MutexGuard<'_, Commented> {
        lock(&self.session)
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Undoes what was not committed, as dbt does at the end of each node; nothing where no transaction is open.
    pub(super) fn roll_back(&self) {
        let mut transaction = lock(&self.transaction);
        for (relation, kind) in transaction.renamed.drain(..).rev() {
            self.known.set(&relation, kind);
        }
        if std::mem::take(&mut transaction.is_open)
            && let Err(err) = self.session().execute(ROLLBACK)
        {
            tracing::debug!(error = %err, "rollback");
        }
    }

    /// Runs `work` in the transaction that it is to be in, and rolls that back when it fails.
    fn within<T>(
        &self,
        auto_begin: bool,
        work: impl FnOnce(&mut dyn Session) -> Result<T>,
    ) -> Result<T> {
        if auto_begin {
            self.begin()?;
        }
        let done = work(&mut *self.session());
        if done.is_err() {
            self.roll_back();
        }
        done
    }
}

impl fmt::Debug for SessionAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionAdapter")
    }
}

impl Adapter for SessionAdapter {
    fn query(&self, sql: &str, auto_begin: bool) -> Result<RecordBatch> {
        self.within(auto_begin, |session| fetch(session, sql, &[]))
    }

    fn execute(&self, sql: &str, auto_begin: bool) -> Result<u64> {
        if is_blank(sql) {
            return Ok(0);
        }
        self.within(auto_begin, |session| session.execute(sql))
    }

    fn begin(&self) -> Result<()> {
        let mut transaction = lock(&self.transaction);
        if !transaction.is_open {
            self.session().execute(BEGIN)?;
            transaction.is_open = true;
        }
        Ok(())
    }

    fn commit(&self) -> Result<()> {
        if !lock(&self.transaction).is_open {
            return Ok(());
        }
        self.within(false, |session| session.execute(COMMIT))?;
        *lock(&self.transaction) = Transaction::default();
        Ok(())
    }

    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>> {
        Ok(self.known.find(relation))
    }

    fn note(&self, relation: &Relation, kind: Option<EntryKind>) {
        let before = self.known.set(relation, kind);
        let mut transaction = lock(&self.transaction);
        if transaction.is_open {
            transaction.renamed.push((relation.clone(), before));
        }
    }

    fn columns(&self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.session().columns(relation)
    }

    fn forget_schema(&self, database: &str, schema: &str) {
        self.known.forget_schema(database, schema);
    }

    fn key_constraints(&self, relation: &Relation) -> Result<Vec<String>> {
        Ok(self.known.keys(relation))
    }

    fn store(&self, plugin: &str, target: &serde_json::Value) -> Result<()> {
        let Some(plugins) = &self.known.plugins else {
            let what = format!("the profile has no plug-in `{plugin}`");
            let err = Diagnostic::project(what);
            return Err(err.hint("name it under `plugins:` of the target").into());
        };
        plugins.store(plugin, target, &mut *self.session())
    }
}

/// Returns whether a statement is nothing but space and comments, which engines refuse.
fn is_blank(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        rest = match rest.get(..2) {
            Some("--") => rest.split_once('\n').map_or("", |(_, after)| after),
            Some("/*") => rest.split_once("*/").map_or("", |(_, after)| after),
            _ => return rest.trim_start_matches([';', ' ', '\n']).is_empty(),
        }
        .trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_comments_and_semicolons_are_no_statement() {
        for blank in ["", " \n", "-- why", "/* a */ -- b\n ;\n", ";"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for statement in ["select 1", "-- why\nselect 1", "/* a */ select 1", "é"] {
            assert!(!is_blank(statement), "{statement:?}");
        }
    }
}
