//! Where rows come from: one file a connector. A connector brings contents into the lake and loads nothing.

mod extract;
mod file;
mod options;
mod postgres;
mod rest;
mod sqlite;

use std::fmt;

use super::Request;
use super::cursors::Cursor;
use super::formats::Reading;
use super::lake::Lake;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::project::nodes::Mode;

pub(super) use self::options::declared_columns;

/// A kind of source. One file in this folder, one line in [`CONNECTORS`].
pub trait Connector: Sync {
    /// The word after `connector:`; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line for people.
    fn about(&self) -> &'static str;
    /// How new rows meet old ones unless the project says it.
    fn mode(&self) -> Mode;
    /// Lands what is new in `lake` and says what the table is to be made of.
    ///
    /// # Errors
    /// `Project` when the options are wrong, `Environment` or `Data` when the source does not give its contents;
    /// [`Unavailable`] is in the chain when it might give them at another time.
    fn land(&self, ask: &Ask<'_>, lake: &mut Lake) -> Result<Landing>;
}

/// Every connector, by name.
pub static CONNECTORS: &[&dyn Connector] = &[
    &file::File,
    &postgres::Postgres,
    &rest::Rest,
    &sqlite::Sqlite,
];

/// What a connector is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Which source table, as of when.
    pub request: &'a Request<'a>,
    /// How new rows meet old ones.
    pub mode: Mode,
    /// How far the source has been read; `None` asks for everything.
    pub since: Option<&'a Cursor>,
}

/// What the landed contents are to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The table is made of every content of the lake.
    Lake,
    /// The contents that match are all the table is to hold.
    Whole,
    /// The contents that match add to what the table holds.
    Part,
}

/// What a connector has found.
#[derive(Debug, Clone)]
pub struct Landing {
    /// Hashes of all contents that the declaration matches now, landed before or just now.
    pub matching: Vec<String>,
    /// What they are to the table.
    pub extent: Extent,
    /// How contents are read.
    pub reading: Reading,
    /// How far the source has been read with them, where the declaration names a cursor.
    pub cursor: Option<Cursor>,
    /// Requests or connections it took.
    pub tries: u64,
    /// What is worth a word to people.
    pub note: Option<String>,
}

/// The source cannot be reached now; says why.
#[derive(Debug)]
pub struct Unavailable {
    /// What the system or the service answered.
    pub reason: String,
    /// Requests or connections it took.
    pub tries: u64,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Unavailable {}

/// Returns what a fetch is to the table.
fn extent(mode: Mode) -> Extent {
    match mode {
        Mode::Replace => Extent::Whole,
        Mode::Append | Mode::Merge => Extent::Part,
    }
}

/// Refuses modes in which rows would be doubled: what is read again from a cursor on, or the whole table each time.
fn check_mode(ask: &Ask<'_>, has_cursor: bool) -> Result<()> {
    let name = &ask.request.ingest.connector;
    match (ask.mode, has_cursor) {
        (Mode::Merge, _) | (Mode::Replace, false) => Ok(()),
        (_, true) => Err(Diagnostic::project("`cursor:` needs `mode: merge` and a `primary_key:`")
            .hint("rows with the last value of the cursor are read again, and replace those of their key")
            .into()),
        (Mode::Append, false) => Err(Diagnostic::project(format!(
            "`mode: append` would add the whole table again at each run of connector `{name}`"
        ))
        .hint("use `mode: replace`, or `mode: merge` with a `primary_key:`")
        .into()),
    }
}

fn no_such_column(field: &str, table: &str, names: &[&str]) -> anyhow::Error {
    let hint = match nearest(field, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its columns are {}", names.join(", ")),
    };
    Diagnostic::project(format!(
        "`cursor:` names `{field}`, which `{table}` does not have"
    ))
    .hint(hint)
    .into()
}
