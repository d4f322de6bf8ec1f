//! What `wh` remembers between calls, in `.wh/state.db`: run history, schedules, the online store. Never the only copy of data.
//!
//! SQLite in WAL mode: many processes read while one writes. What a run means is not known here.

pub mod looks;
pub mod online;
pub mod runs;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::diagnostic::{Diagnostic, Result};

/// How long a statement waits for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pages held in memory at most, in KiB (SQLite's sign for it): enough that a large online view is written once.
const CACHE_KIB: i64 = -65_536;

/// The steps by which the file's tables came to be what they are, oldest first; a step is never changed, only followed by others.
const MIGRATIONS: &[&str] = &[
    include_str!("runs/create.sql"),
    include_str!("online/create.sql"),
];

/// The open state of a project; shared by threads.
pub struct State {
    folder: PathBuf,
    connection: Mutex<Connection>,
}

impl State {
    /// Opens the state of the project at `root`, and makes it where there is none.
    ///
    /// # Errors
    /// `Environment` when the file cannot be made, read, or is of a later `wh`.
    pub fn open(root: &Path) -> Result<Self> {
        let folder = root.join(".wh");
        let refused = |err| {
            Diagnostic::environment(format!(
                "`{}` cannot be opened",
                folder.join("state.db").display()
            ))
            .because(err)
        };
        fs::create_dir_all(&folder).map_err(|err| refused(anyhow::Error::new(err)))?;
        let mut connection =
            Connection::open(folder.join("state.db")).map_err(|err| refused(err.into()))?;
        migrate(&mut connection).map_err(refused)?;
        Ok(Self {
            folder,
            connection: Mutex::new(connection),
        })
    }

    /// Returns the folder `.wh`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Hands the connection to `work`; what it refuses is an error of the machine.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        work(&mut self.connection()).map_err(|err| match err.is::<Diagnostic>() {
            true => err,
            false => Diagnostic::environment("the project's state in `.wh/` cannot be used")
                .because(err)
                .into(),
        })
    }

    /// Returns the connection; one thread at a time.
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings the tables up to date; each step in a transaction of its own.
fn migrate(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
    };
    let newest = u32::try_from(MIGRATIONS.len())?;
    if version(connection)? == newest {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    if done > newest {
        return Err(Diagnostic::environment(
            "the project's state was written by a later version of wh",
        )
        .hint(
            "use that version, or remove `.wh/state.db`: that loses the history of runs, no tables",
        )
        .into());
    }
    for step in &MIGRATIONS[done as usize..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_opened_twice_and_keeps_its_tables() {
        let folder = tempfile::tempdir().unwrap();
        State::open(folder.path()).unwrap();
        let state = State::open(folder.path()).unwrap();
        let n: i64 = state
            .connection()
            .query_row("select count(*) from runs", [], |row| row.get(0))
            .unwrap();
        assert_eq!(n, 0);
    }
}
