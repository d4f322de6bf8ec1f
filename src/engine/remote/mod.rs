//! The warehouse of another process on this machine, reached through a socket: sessions there behave as sessions here.
//!
//! Only SQL, parameters and rows cross. What runs nodes, renders templates, reads files and prints stays with the
//! process that was called, with its folder, environment, terminal and signals.

mod batch;
mod client;
mod frame;
mod guard;
mod schema;
mod server;

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::client::{Remote, open};
pub use self::server::{Server, Turn, Turns};
use super::{Entry, Param, Relation, SqlError};
use crate::diagnostic::{Diagnostic, Kind};

/// Who asks, and for what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// The version of `wh`; both sides must be of one.
    pub version: String,
    /// The warehouse's file, absolute.
    pub warehouse: PathBuf,
    /// Whether it is to be changed; one at a time may.
    pub write: bool,
    /// The zone of sessions.
    pub time_zone: String,
    /// The folder in which relative paths of statements are read.
    pub folder: PathBuf,
    /// The asker.
    pub caller: Caller,
}

/// A process that uses the warehouse, as it is named to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// What it does, such as `wh build` or `the job nightly`.
    pub what: String,
    /// Its process.
    pub pid: u32,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (process {})", self.what, self.pid)
    }
}

/// The first message of a connection.
#[derive(Debug, Serialize, Deserialize)]
enum First {
    /// Asks for the warehouse; the connection is kept as long as it is used.
    Hello(Box<Hello>),
    /// Opens a session for the asker of this number.
    Session(u64),
    /// Opens what interrupts the session of this number; its end interrupts too.
    Control(u64),
}

/// The answer to a first message.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// Welcome, under this number.
    Welcome(u64),
    /// The server holds another file.
    OtherWarehouse,
    /// The server is of this version.
    OtherVersion(String),
    /// Someone else changes the warehouse.
    Busy(Caller),
    /// It went wrong.
    Failed(Failure),
}

/// What a session is asked.
#[derive(Debug, Serialize, Deserialize)]
enum Ask {
    Execute(String, Vec<Param>),
    Query(String, Vec<Param>),
    /// Followed, each time the server pulls, by a [`Feed`].
    Append(Relation),
    Catalog,
    Columns(Relation),
    Spill(bool),
}

/// What a session answers. The rows of a query are frames with a body, then `Done`.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    Rows,
    Pull,
    Done(u64),
    Entries(Vec<Entry>),
    Columns(Vec<(String, String)>),
    Failed(Failure),
}

/// What an appending client answers to a pull; rows are the body.
#[derive(Debug, Serialize, Deserialize)]
enum Feed {
    Rows,
    End,
    Failed,
}

/// What is asked about a running statement.
#[derive(Debug, Serialize, Deserialize)]
enum Control {
    Interrupt,
    Progress,
}

/// An error on its way to the other side.
#[derive(Debug, Serialize, Deserialize)]
struct Failure {
    code: u8,
    what: String,
    sql: Option<SqlError>,
}

impl Failure {
    fn of(err: &anyhow::Error) -> Self {
        let diagnostic = err
            .chain()
            .find_map(|cause| cause.downcast_ref::<Diagnostic>());
        let sql = err
            .chain()
            .find_map(|cause| cause.downcast_ref::<SqlError>());
        let code = match diagnostic.map(Diagnostic::kind) {
            Some(Kind::Data) => 0,
            Some(Kind::Project) => 1,
            Some(Kind::Environment) => 2,
            Some(Kind::Bug) | None => 3,
        };
        Self {
            code,
            what: diagnostic.map_or_else(|| format!("{err:#}"), |found| found.what().to_owned()),
            sql: sql.cloned(),
        }
    }

    fn into_error(self) -> anyhow::Error {
        let kind = [Kind::Data, Kind::Project, Kind::Environment];
        let kind = kind
            .get(usize::from(self.code))
            .copied()
            .unwrap_or(Kind::Bug);
        let err = Diagnostic::new(kind, self.what);
        match self.sql {
            Some(sql) => err.because(sql).into(),
            None => err.into(),
        }
    }
}
