//! Brings rows from outside into the lake and the warehouse, exactly once. Models nothing.
//!
//! A connector lands what is new in the lake ([`lake`]); what the lake holds and the table does not is then
//! loaded in one transaction ([`load`]), together with the record of what was loaded ([`ledger`]). Whatever
//! moment a process dies, the next run finds the rest to do by comparing the three.

mod attempts;
mod connectors;
mod cursors;
mod due;
mod files;
mod formats;
mod lake;
mod ledger;
mod load;
mod plan;
mod rejects;
mod stage;
mod table;
mod types;

use std::path::Path;

use self::attempts::{Attempt, Status};
use self::connectors::declared_columns;
pub use self::connectors::{Ask, CONNECTORS, Connector, Extent, Landing, Unavailable};
pub use self::cursors::Cursor;
pub use self::formats::{FORMATS, Format, Reading};
pub use self::lake::{Draft, Lake};
pub use self::types::{Column, Type};
use crate::diagnostic::{Diagnostic, Place, Result, nearest};
use crate::engine::{Relation, Session, transaction};
use crate::project::nodes::{Ingest, OnUnavailable};

/// What to ingest, where to, and as of when.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The project's folder; paths of files are relative to it.
    pub root: &'a Path,
    /// The declaration of the source table.
    pub ingest: &'a Ingest,
    /// The table that is loaded; `<table>_rejects` stands beside it.
    pub table: &'a Relation,
    /// The time of the run: `_wh_loaded_at`, and the day's folder in the lake (UTC).
    pub now: jiff::Timestamp,
    /// Whether the table is built anew: from the lake's files, or from all that the source has now.
    pub full_refresh: bool,
    /// Whether the source is asked though it is not due.
    pub is_asked_for: bool,
    /// The run that this belongs to, for the record.
    pub run_id: &'a str,
}

/// What an ingestion did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows taken from files now; in mode `merge`, before rows of one key replaced each other.
    pub rows: u64,
    /// Records set aside in `<table>_rejects` now.
    pub rejected: u64,
    /// Files loaded now.
    pub files: u64,
    /// Their size in the lake.
    pub bytes: u64,
    /// What is worth a word, such as `no new file`.
    pub note: Option<String>,
    /// What people should know though nothing failed: the source could not be reached, and the rows there are stay.
    pub warning: Option<String>,
}

/// Makes the tables in which ingestion keeps its own record; before several sources are loaded at once.
///
/// # Errors
/// As [`Session::execute`].
pub fn prepare(session: &mut dyn Session) -> Result<()> {
    ledger::prepare(session)?;
    cursors::prepare(session)?;
    attempts::prepare(session)
}

/// Lands what is new and loads it in one transaction; `session` must not be in one. The attempt is recorded in
/// `wh.ingestions`, whatever comes of it.
///
/// Cost: one pass over each matching file to hash it, a copy and a load of those not seen before. Memory does
/// not grow with the size of CSV, JSON and Parquet files or of a database's table; a workbook is held whole.
///
/// # Errors
/// `Project` when the options are wrong, `Environment` when a file or service cannot be read or the lake not be
/// written, `Data` when a file holds no rows, is no file of its format, or has more broken records than tolerated.
/// The table, its rejects, the cursor, the record of files and the lake are then as they were.
pub fn ingest(session: &mut dyn Session, request: &Request<'_>) -> Result<Outcome> {
    let at = &request.ingest.at;
    let connector = connector(&request.ingest.connector).place(at)?;
    prepare(session)?;
    let table = table::find(session, request.table)?;
    if table.is_some()
        && let Some(due) = due::not_until(session, request).place(at)?
    {
        return Ok(Outcome {
            note: Some(format!("not due until {}", minute(due))),
            ..Outcome::default()
        });
    }
    let before = cursors::read(session, request.ingest)?;
    let mut attempt = Attempt::begin(request, before.as_ref());
    let table = Table {
        exists: table.is_some(),
        before,
    };
    let err = match bring(session, (request, connector), &table, &mut attempt).place(at) {
        Ok(outcome) => return Ok(outcome),
        Err(err) => err,
    };
    let unavailable: Option<&Unavailable> = err.chain().find_map(|cause| cause.downcast_ref());
    attempt.tries = unavailable.map_or(attempt.tries, |unavailable| unavailable.tries);
    let keep = unavailable.is_some() && request.ingest.on_unavailable == OnUnavailable::Keep;
    let status = if keep { Status::Kept } else { Status::Error };
    attempt.fail(session, status, &err)?;
    match keep {
        true => kept(session, request, table.exists, err).place(at),
        false => Err(err),
    }
}

/// The table before an ingestion.
struct Table {
    exists: bool,
    /// How far its source has been read.
    before: Option<Cursor>,
}

/// Asks the source and loads what it gives.
fn bring(
    session: &mut dyn Session,
    (request, connector): (&Request<'_>, &dyn Connector),
    table: &Table,
    attempt: &mut Attempt<'_>,
) -> Result<Outcome> {
    let ingest = request.ingest;
    let recorded = ledger::read(session, ingest)?;
    let mut lake = Lake::open(request.root, ingest, recorded)?;
    let fresh = request.full_refresh || !table.exists;
    let mode = ingest.mode.unwrap_or(connector.mode());
    let ask = Ask {
        request,
        mode,
        since: table.before.as_ref().filter(|_| !fresh),
    };
    let landing = connector.land(&ask, &mut lake)?;
    attempt.tries = landing.tries;
    if let Some(cursor) = &landing.cursor {
        attempt.after = Some(cursor.value.clone());
    }
    let wanted = plan::Wanted {
        mode,
        extent: landing.extent,
        matching: &landing.matching,
        fresh,
    };
    let plan = plan::plan(&wanted, &lake.entries);
    let record = |session: &mut dyn Session, outcome: &Outcome| {
        if let Some(cursor) = landing.cursor.as_ref() {
            cursors::write(session, ingest, cursor, request.now)?;
        }
        attempt.succeed(session, outcome)
    };
    if plan.is_empty() {
        let nothing = match landing.extent {
            Extent::Lake => "no new file",
            Extent::Whole | Extent::Part => "unchanged",
        };
        let note = landing.note.clone().unwrap_or_else(|| nothing.into());
        let outcome = Outcome {
            note: Some(note),
            ..Outcome::default()
        };
        transaction(session, |session| {
            if !table.exists && landing.extent != Extent::Lake {
                empty(session, request, &landing.reading.columns)?;
            }
            record(session, &outcome)
        })?;
        lake.write_manifest()?;
        return Ok(outcome);
    }
    let mut work = load::Work {
        lake: &mut lake,
        reading: &landing.reading,
        plan: &plan,
        mode,
        record: &record,
    };
    let outcome = load::load(session, request, &mut work)?;
    lake.write_manifest()?;
    let notes = [landing.note, outcome.note].into_iter().flatten();
    let note = notes.collect::<Vec<_>>().join(", ");
    Ok(Outcome {
        note: (!note.is_empty()).then_some(note),
        ..outcome
    })
}

/// Makes the table without rows, so that what reads it can be built.
fn empty(
    session: &mut dyn Session,
    request: &Request<'_>,
    declared: &[(String, String)],
) -> Result<()> {
    if declared.is_empty() {
        return Err(Diagnostic::data(format!(
            "{} has no rows yet, so its columns are not known",
            request.table
        ))
        .hint("declare them, so that the table can be made: `columns: {id: bigint, name: varchar}`")
        .into());
    }
    let mut columns = Vec::new();
    for (name, ty) in declared {
        columns.push(Column::new(name, table::declared_type(session, name, ty)?));
    }
    table::create(session, request.table, &columns)
}

/// Goes on with the rows there are, since the source cannot be reached.
fn kept(
    session: &mut dyn Session,
    request: &Request<'_>,
    exists: bool,
    err: anyhow::Error,
) -> Result<Outcome> {
    let why = attempts::in_one_line(&err);
    let ingest = request.ingest;
    let what = match exists {
        true => match attempts::last_success(session, ingest)? {
            Some(last) => format!("kept the rows of {}", minute(last)),
            None => "kept the rows there are".into(),
        },
        false => {
            let declared = declared_columns(&ingest.options)?;
            if declared.is_empty() {
                let what = format!(
                    "`{}.{}` was never loaded, and its columns are not declared",
                    ingest.source, ingest.table
                );
                return Err(Diagnostic::environment(what)
                    .because(err)
                    .hint("start the source, or declare `columns:` so that the table can be made without rows")
                    .into());
            }
            transaction(session, |session| empty(session, request, &declared))?;
            "the table has no rows yet".into()
        }
    };
    Ok(Outcome {
        warning: Some(format!("{what}: {why}")),
        ..Outcome::default()
    })
}

/// Writes a time to the minute, in UTC.
fn minute(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Returns the connector of this name.
fn connector(name: &str) -> Result<&'static dyn Connector> {
    let known = || CONNECTORS.iter().map(|connector| connector.name());
    CONNECTORS
        .iter()
        .copied()
        .find(|connector| connector.name() == name)
        .ok_or_else(|| {
            let hint = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "known connectors: {}",
                    known().collect::<Vec<_>>().join(", ")
                ),
            };
            Diagnostic::project(format!("no connector is called `{name}`"))
                .hint(hint)
                .into()
        })
}
