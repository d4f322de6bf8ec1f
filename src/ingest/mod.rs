//! Brings rows from outside into the lake and the warehouse, exactly once. Models nothing.
//!
//! A connector lands what is new in the lake ([`lake`]); what the lake holds and the table does not is then
//! loaded in one transaction ([`load`]), together with the record of what was loaded ([`ledger`]). Whatever
//! moment a process dies, the next run finds the rest to do by comparing the three.

mod connectors;
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

pub use self::connectors::{CONNECTORS, Connector, Landing};
pub use self::formats::{FORMATS, Format, Reading};
pub use self::lake::Lake;
pub use self::types::{Column, Type};
use crate::diagnostic::{Diagnostic, Place, Result, nearest};
use crate::engine::{Relation, Session};
use crate::project::nodes::Ingest;

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
    /// Whether the table is built anew from the lake.
    pub full_refresh: bool,
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
    /// What is worth a word, such as `no new file`.
    pub note: Option<String>,
}

/// Makes the tables in which ingestion keeps its own record; before several sources are loaded at once.
///
/// # Errors
/// As [`Session::execute`].
pub fn prepare(session: &mut dyn Session) -> Result<()> {
    ledger::prepare(session)
}

/// Lands what is new and loads it in one transaction; `session` must not be in one.
///
/// Cost: one pass over each matching file to hash it, a copy and a load of those not seen before. Memory does
/// not grow with the size of CSV, JSON and Parquet files; a workbook is held whole.
///
/// # Errors
/// `Project` when the options are wrong, `Environment` when a file cannot be read or the lake not be written,
/// `Data` when a file holds no rows, is no file of its format, or has more broken records than tolerated.
/// The table, its rejects, the record of files and the lake are then as they were.
pub fn ingest(session: &mut dyn Session, request: &Request<'_>) -> Result<Outcome> {
    let at = &request.ingest.at;
    let connector = connector(&request.ingest.connector).place(at)?;
    let table = table::find(session, request.table)?;
    let mut lake = Lake::open(
        request.root,
        request.ingest,
        ledger::read(session, request.ingest)?,
    )?;
    let landing = connector.land(request, &mut lake).place(at)?;
    let wanted = plan::Wanted {
        mode: request.ingest.mode,
        matching: &landing.matching,
        fresh: request.full_refresh || table.is_none(),
    };
    let plan = plan::plan(&wanted, &lake.entries);
    let outcome = if plan.is_empty() {
        lake.write_manifest()?;
        let note = landing.note.unwrap_or_else(|| "no new file".into());
        Outcome {
            note: Some(note),
            ..Outcome::default()
        }
    } else {
        let outcome = load::load(
            session,
            request,
            &mut load::Work {
                lake: &mut lake,
                reading: &landing.reading,
                plan: &plan,
            },
        )
        .place(at)?;
        lake.write_manifest()?;
        Outcome {
            note: landing.note,
            ..outcome
        }
    };
    Ok(outcome)
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
