//! A database and its connections, as `DuckDB`'s C API (version 1) has them. Statements without parameters run as they
//! are: the `duckdb` crate prepares every one, and `DuckDB` plans a prepared statement that reads a table twice.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};
use std::mem::zeroed;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::ffi;

use super::Outcome;
use super::rows::Rows;
use crate::engine::Param;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
unsafe extern "C" {
    fn malloc_trim(pad: usize) -> i32;
}

/// An open database; closed once neither it nor a connection is left.
pub(in super::super) struct Database(ffi::duckdb_database);

// SAFETY: DuckDB's databases may be used from any thread.
unsafe impl Send for Database {}
// SAFETY: as above, and by several at once.
unsafe impl Sync for Database {}

/// Why a database does not open.
pub(in super::super) enum Refused {
    /// The name and value of a setting that is none.
    Setting(String, String),
    /// What `DuckDB` says of the file.
    File(String),
}

impl Database {
    /// Opens or makes the file at `path`.
    ///
    /// # Errors
    /// Whatever `DuckDB` refuses.
    pub(in super::super) fn open(
        path: &Path,
        options: &BTreeMap<&str, &str>,
    ) -> Result<Self, Refused> {
        let config = Config::new(options)?;
        let path = CString::new(path.as_os_str().as_bytes());
        let path = path.map_err(|err| Refused::File(err.to_string()))?;
        let (mut database, mut message) = (null_mut(), null_mut());
        // SAFETY: the path and the configuration outlive the call; the places are valid for writes.
        let state = unsafe {
            ffi::duckdb_open_ext(path.as_ptr(), &raw mut database, config.0, &raw mut message)
        };
        let said = copied(message);
        if !message.is_null() {
            // SAFETY: DuckDB allocated the message for its caller to free.
            unsafe { ffi::duckdb_free(message.cast()) };
        }
        match state {
            ffi::DuckDBSuccess => Ok(Self(database)),
            _ => Err(Refused::File(said)),
        }
    }

    /// Opens a connection of the `duckdb` crate, for what it wraps and this module does not.
    ///
    /// # Errors
    /// What the crate answers.
    pub(in super::super) fn wrapped(&self) -> duckdb::Result<duckdb::Connection> {
        // SAFETY: the database is open, and DuckDB keeps it while connections are.
        unsafe { duckdb::Connection::open_from_raw(self.0) }
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// When `DuckDB` refuses.
    pub(in super::super) fn connect(&self) -> Outcome<Link> {
        let mut raw = null_mut();
        // SAFETY: the database is open; the place is valid for writes.
        match unsafe { ffi::duckdb_connect(self.0, &raw mut raw) } {
            ffi::DuckDBSuccess => Ok(Link {
                raw,
                reach: Arc::new(Reach(Mutex::new(raw))),
            }),
            _ => Err("the database takes no further connection".into()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Closing writes what is not yet in the file, which takes memory.
        give_back();
        // SAFETY: the database is owned and closed once.
        unsafe { ffi::duckdb_close(&raw mut self.0) };
    }
}

/// Gives memory that is free in this process back to the system, where its allocator keeps it.
fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: glibc's function takes a number and locks what it looks at.
    unsafe {
        malloc_trim(0);
    }
}

/// Settings for opening a database.
struct Config(ffi::duckdb_config);

impl Config {
    fn new(options: &BTreeMap<&str, &str>) -> Result<Self, Refused> {
        let mut raw = null_mut();
        // SAFETY: the place is valid for writes.
        unsafe { ffi::duckdb_create_config(&raw mut raw) };
        let config = Self(raw);
        for (name, value) in options {
            let refused = || Refused::Setting((*name).into(), (*value).into());
            let (Ok(key), Ok(text)) = (CString::new(*name), CString::new(*value)) else {
                return Err(refused());
            };
            // SAFETY: the configuration and both texts outlive the call.
            if unsafe { ffi::duckdb_set_config(raw, key.as_ptr(), text.as_ptr()) }
                != ffi::DuckDBSuccess
            {
                return Err(refused());
            }
        }
        Ok(config)
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: the configuration is owned and destroyed once.
        unsafe { ffi::duckdb_destroy_config(&raw mut self.0) };
    }
}

/// A connection: statements run one after the other.
pub(in super::super) struct Link {
    raw: ffi::duckdb_connection,
    reach: Arc<Reach>,
}

// SAFETY: a connection may move between threads; `&mut self` keeps statements one after the other.
unsafe impl Send for Link {}

impl Link {
    /// Runs one statement and keeps what it answers in memory.
    ///
    /// # Errors
    /// What `DuckDB` says of the statement.
    pub(in super::super) fn run(&mut self, sql: &str) -> Outcome<Rows> {
        let sql = text(sql)?;
        // SAFETY: all bytes zero are an empty result.
        let mut result = unsafe { zeroed() };
        // SAFETY: the connection is open, the text outlives the call, the place is valid for writes.
        let state = unsafe { ffi::duckdb_query(self.raw, sql.as_ptr(), &raw mut result) };
        Rows::new(state, result, None)
    }

    /// Runs every statement of `sql`, and keeps what the last one answers in memory.
    ///
    /// # Errors
    /// As [`Link::run`], of the first that is refused.
    pub(in super::super) fn run_all(&mut self, sql: &str) -> Outcome<Rows> {
        let body = sql.trim_end().trim_end_matches([';', ' ', '\n']);
        if !body.contains(';') {
            return self.run(sql);
        }
        let statements = Statements::new(self, sql)?;
        if statements.1 == 1 {
            return self.run(sql);
        }
        for position in 1..statements.1 {
            statements.prepare(self, position - 1)?.run(&[])?;
        }
        statements.prepare(self, statements.1 - 1)?.run(&[])
    }

    /// Runs the last statement of `sql` with parameters, and any before it without.
    ///
    /// # Errors
    /// As [`Link::run_all`].
    pub(in super::super) fn run_with(&mut self, sql: &str, params: &[Param]) -> Outcome<Rows> {
        self.prepare(sql)?.run(params)
    }

    /// As [`Link::run_with`], with rows that are made as they are asked for.
    ///
    /// # Errors
    /// As [`Link::run_all`].
    pub(in super::super) fn stream(&mut self, sql: &str, params: &[Param]) -> Outcome<Rows> {
        self.prepare(sql)?.stream(params)
    }

    fn prepare(&self, sql: &str) -> Outcome<Prepared> {
        let statements = Statements::new(self, sql)?;
        for position in 1..statements.1 {
            statements.prepare(self, position - 1)?.run(&[])?;
        }
        statements.prepare(self, statements.1 - 1)
    }

    /// Returns how other threads reach this connection while it works.
    pub(in super::super) fn reach(&self) -> Arc<Reach> {
        self.reach.clone()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut raw = self.reach.lock();
        *raw = null_mut();
        // SAFETY: the connection is owned and closed once; nobody reaches it meanwhile.
        unsafe { ffi::duckdb_disconnect(&raw mut self.raw) };
    }
}

/// What other threads may do to a connection; nothing once it is closed.
pub(in super::super) struct Reach(Mutex<ffi::duckdb_connection>);

// SAFETY: the two functions called are made for other threads, and the lock keeps the connection open meanwhile.
unsafe impl Send for Reach {}
// SAFETY: as above.
unsafe impl Sync for Reach {}

impl Reach {
    /// Ends the running statement with an error.
    pub(in super::super) fn interrupt(&self) {
        let raw = self.lock();
        if !raw.is_null() {
            // SAFETY: the connection is open as long as the lock is held.
            unsafe { ffi::duckdb_interrupt(*raw) };
        }
    }

    /// Returns how much of the running statement is done, 0 to 100, where `DuckDB` can say.
    pub(in super::super) fn percent(&self) -> Option<f64> {
        let raw = self.lock();
        if raw.is_null() {
            return None;
        }
        // SAFETY: the connection is open as long as the lock is held.
        let progress = unsafe { ffi::duckdb_query_progress(*raw) };
        (progress.percentage >= 0.0).then_some(progress.percentage)
    }

    fn lock(&self) -> MutexGuard<'_, ffi::duckdb_connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The statements of a text, and how many.
struct Statements(ffi::duckdb_extracted_statements, u64);

impl Statements {
    fn new(link: &Link, sql: &str) -> Outcome<Self> {
        let sql = text(sql)?;
        let mut raw = null_mut();
        // SAFETY: the connection is open, the text outlives the call, the place is valid for writes.
        let count = unsafe { ffi::duckdb_extract_statements(link.raw, sql.as_ptr(), &raw mut raw) };
        let statements = Self(raw, count);
        if count > 0 {
            return Ok(statements);
        }
        // SAFETY: DuckDB answers null or text that lives as long as the statements.
        Err(copied(unsafe { ffi::duckdb_extract_statements_error(raw) }))
    }

    fn prepare(&self, link: &Link, position: u64) -> Outcome<Prepared> {
        let mut raw = null_mut();
        // SAFETY: connection and statements are open, the place is valid for writes.
        let state = unsafe {
            ffi::duckdb_prepare_extracted_statement(link.raw, self.0, position, &raw mut raw)
        };
        let prepared = Prepared(raw);
        match state {
            ffi::DuckDBSuccess => Ok(prepared),
            // SAFETY: DuckDB answers null or text that lives as long as the statement.
            _ => Err(copied(unsafe { ffi::duckdb_prepare_error(raw) })),
        }
    }
}

impl Drop for Statements {
    fn drop(&mut self) {
        // SAFETY: the statements are owned and destroyed once.
        unsafe { ffi::duckdb_destroy_extracted(&raw mut self.0) };
    }
}

/// A statement that waits for its parameters.
pub(super) struct Prepared(ffi::duckdb_prepared_statement);

// SAFETY: a statement may move between threads with its connection.
unsafe impl Send for Prepared {}

impl Prepared {
    fn run(self, params: &[Param]) -> Outcome<Rows> {
        self.bind(params)?;
        // SAFETY: all bytes zero are an empty result.
        let mut result = unsafe { zeroed() };
        // SAFETY: the statement is prepared, the place is valid for writes.
        let state = unsafe { ffi::duckdb_execute_prepared(self.0, &raw mut result) };
        Rows::new(state, result, Some(self))
    }

    fn stream(self, params: &[Param]) -> Outcome<Rows> {
        self.bind(params)?;
        // SAFETY: all bytes zero are an empty result.
        let mut result = unsafe { zeroed() };
        // SAFETY: the statement is prepared, the place is valid for writes.
        let state = unsafe { ffi::duckdb_execute_prepared_streaming(self.0, &raw mut result) };
        Rows::new(state, result, Some(self))
    }

    fn bind(&self, params: &[Param]) -> Outcome {
        for (param, at) in params.iter().zip(1..) {
            // SAFETY: the statement is prepared; DuckDB copies texts during the call.
            let state = unsafe {
                match param {
                    Param::Null => ffi::duckdb_bind_null(self.0, at),
                    Param::Bool(value) => ffi::duckdb_bind_boolean(self.0, at, *value),
                    Param::Int(value) => ffi::duckdb_bind_int64(self.0, at, *value),
                    Param::Float(value) => ffi::duckdb_bind_double(self.0, at, *value),
                    Param::Text(value) => self.bind_text(at, value),
                    // As text with its offset: a bound TIMESTAMP would be read in the session's zone.
                    Param::Instant(micros) => match jiff::Timestamp::from_microsecond(*micros) {
                        Ok(instant) => self.bind_text(at, &instant.to_string()),
                        Err(_) => ffi::duckdb_bind_null(self.0, at),
                    },
                }
            };
            if state != ffi::DuckDBSuccess {
                return Err(format!("the statement takes no parameter ${at}"));
            }
        }
        Ok(())
    }

    /// Binds text.
    ///
    /// # Safety
    /// The statement is prepared.
    unsafe fn bind_text(&self, at: u64, value: &str) -> ffi::duckdb_state {
        let text = value.as_ptr().cast();
        // SAFETY: the text is valid for its length during the call.
        unsafe { ffi::duckdb_bind_varchar_length(self.0, at, text, value.len() as u64) }
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // SAFETY: the statement is owned and destroyed once.
        unsafe { ffi::duckdb_destroy_prepare(&raw mut self.0) };
    }
}

fn text(sql: &str) -> Outcome<CString> {
    CString::new(sql).map_err(|err| format!("the statement has a zero byte: {err}"))
}

/// The text behind a pointer of `DuckDB`'s; none for null.
pub(super) fn copied(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: DuckDB's texts end with a zero byte; the bytes are copied at once.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_string_lossy().into_owned()
}
