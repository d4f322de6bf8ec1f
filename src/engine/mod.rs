//! The trait over SQL engines and its embedded implementation on `DuckDB`.
//!
//! Nothing above this module names an engine's own types: rows travel as Arrow record batches. What a
//! statement means to the project (a model, a test) is not known here.

mod duckdb;
mod plugins;
mod relation;
pub mod remote;
mod statement;

use std::sync::Arc;

pub use arrow::array::RecordBatch;
pub use arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};

pub use self::duckdb::{Attachment, DuckDb, Secret, Settings, time_zone};
pub use self::plugins::{Loaded, LoadedColumn, Plugin, PluginSettings, Plugins, interpreter};
pub use self::relation::{Entry, EntryKind, Relation};
pub use self::statement::{literal, quote, render};
use crate::diagnostic::Result;

/// A value bound to `$1`, `$2` … of a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Param {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// An instant, in microseconds since 1970-01-01 UTC.
    Instant(i64),
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Rows that many threads may draw from at once, for [`Session::append`].
pub trait Scan: Send + Sync {
    /// Returns the columns, the same for every batch.
    fn schema(&self) -> SchemaRef;
    /// Returns the next batch of any length, or `None` when there are no more.
    ///
    /// Called by many threads at once; heavy work (parsing) belongs here so that it runs on all of them.
    /// The order in which batches arrive is not kept.
    ///
    /// # Errors
    /// Any; it ends the statement and reaches the caller of `append` as it is.
    fn next(&self) -> Result<Option<RecordBatch>>;
}

/// How far a running statement is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Done, 0 to 100.
    pub percent: f64,
}

/// Reaches into a statement that another thread is running.
pub trait Handle: Send + Sync {
    /// Ends the running statement; its thread gets an error.
    fn interrupt(&self);
    /// Returns how far it is, when the engine can say.
    fn progress(&self) -> Option<Progress>;
}

/// A SQL engine that holds one warehouse.
pub trait Engine: Send + Sync {
    /// The word used in `type:` of a profile and by dispatched macros; lower case.
    fn name(&self) -> &'static str;
    /// Opens one more session on the same warehouse.
    ///
    /// # Errors
    /// `Environment` when the engine refuses.
    fn connect(&self) -> Result<Box<dyn Session>>;
    /// Returns the plug-ins that load sources into the warehouse and store what is in it, when there are any.
    fn plugins(&self) -> Option<Arc<Plugins>>;
}

/// One connection: statements run one after the other, in a transaction of its own.
pub trait Session: Send {
    /// Runs every statement of `sql` and returns how many rows the last one changed.
    ///
    /// # Errors
    /// `Data` with the engine's message and, when it names one, the line and column within `sql`
    /// as [`SqlError`] in the chain.
    fn execute(&mut self, sql: &str) -> Result<u64>;

    /// Runs one statement with parameters and returns how many rows it changed.
    ///
    /// # Errors
    /// As [`Session::execute`].
    fn execute_with(&mut self, sql: &str, params: &[Param]) -> Result<u64>;

    /// Runs one query and hands its rows to `each`, batch by batch, as they arrive.
    ///
    /// `each` is called at least once, with an empty batch when there are no rows, so that it always
    /// learns the columns. Memory does not grow with the number of rows.
    ///
    /// # Errors
    /// As [`Session::execute`]; errors of `each` end the query and are returned as they are.
    fn query(
        &mut self,
        sql: &str,
        params: &[Param],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()>;

    /// Runs one query without parameters and returns its rows, kept in memory; at least one batch, which may be empty.
    ///
    /// # Errors
    /// As [`Session::execute`].
    fn few(&mut self, sql: &str) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        self.query(sql, &[], &mut |batch| {
            batches.push(batch.clone());
            Ok(())
        })?;
        Ok(batches)
    }

    /// Inserts all rows of `scan` into `table` by column name and returns how many there were.
    ///
    /// # Errors
    /// As [`Session::execute`], or what `scan` answers.
    fn append(&mut self, table: &Relation, scan: Arc<dyn Scan>) -> Result<u64>;

    /// Returns the tables and views of the warehouse, sorted by schema and name.
    ///
    /// # Errors
    /// As [`Session::execute`].
    fn catalog(&mut self) -> Result<Vec<Entry>>;

    /// Returns the columns of a relation with their SQL types, in order.
    ///
    /// # Errors
    /// As [`Session::execute`].
    fn columns(&mut self, relation: &Relation) -> Result<Vec<(String, String)>>;

    /// Says whether joins and aggregates of later statements keep what they hold on disk from their start, not only
    /// once memory is short: for a statement that did not fit.
    ///
    /// # Errors
    /// As [`Session::execute`].
    fn spill(&mut self, always: bool) -> Result<()>;

    /// Returns a handle for other threads.
    fn handle(&self) -> Arc<dyn Handle>;
}

/// What a SQL engine says of a statement it refuses; the place is within the statement's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlError {
    /// The engine's message, without its picture of the line.
    pub message: String,
    /// Byte offset into the statement's text, when the engine knows it.
    pub offset: Option<usize>,
    /// The text of the statement, or of the statements run together.
    pub statement: String,
}

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlError {}

/// Runs one query and returns its rows as a single batch; for results known to be small.
///
/// # Errors
/// As [`Session::execute`].
pub fn fetch(session: &mut dyn Session, sql: &str, params: &[Param]) -> Result<RecordBatch> {
    let batches = match params {
        [] => session.few(sql)?,
        _ => {
            let mut batches = Vec::new();
            session.query(sql, params, &mut |batch| {
                batches.push(batch.clone());
                Ok(())
            })?;
            batches
        }
    };
    let Some(first) = batches.first() else {
        return Ok(RecordBatch::new_empty(Arc::new(
            arrow::datatypes::Schema::empty(),
        )));
    };
    Ok(arrow::compute::concat_batches(&first.schema(), &batches)?)
}

/// Begins a transaction.
pub const BEGIN: &str = include_str!("begin.sql");

/// Makes the changes of the running transaction final.
pub const COMMIT: &str = include_str!("commit.sql");

/// Undoes the changes of the running transaction.
pub const ROLLBACK: &str = include_str!("rollback.sql");

/// Runs `work` between `begin` and `commit`; rolls back when it fails.
///
/// # Errors
/// What `work` answers, or the commit.
pub fn transaction<T>(
    session: &mut dyn Session,
    work: impl FnOnce(&mut dyn Session) -> Result<T>,
) -> Result<T> {
    session.execute(BEGIN)?;
    let outcome = work(session).and_then(|value| {
        session.execute(COMMIT)?;
        Ok(value)
    });
    if outcome.is_err()
        && let Err(err) = session.execute(ROLLBACK)
    {
        tracing::debug!(error = %err, "rollback");
    }
    outcome
}
