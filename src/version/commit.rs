//! Makes a version of tables as they stand, or finds the one that holds them already.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use super::objects::Store;
use super::record::{self, Origin, Table, Version, rows};
use super::table::{self, Tracked};
use super::{git, reference};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{EntryKind, Relation, Session, transaction};

/// Files that say which record belongs to which version, relative to the project's root.
pub(super) const VERSIONS: &str = ".wh/versions";

/// What to make a version of, and what to say of it.
#[derive(Debug)]
pub struct Request<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The tables; views among them have no rows of their own and are left out.
    pub tables: &'a [Tracked],
    /// What asks for it: `commit`, or `train <model>`.
    pub source: &'a str,
    /// Why.
    pub message: &'a str,
    /// Now.
    pub now: Timestamp,
    /// Whether the version must hold these tables and no others.
    pub exactly: bool,
}

/// What came of a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    /// The version that holds the tables as they are.
    pub version: Version,
    /// Whether it was made now.
    pub is_new: bool,
    /// Bytes written to `.wh/objects` now.
    pub n_new_bytes: u64,
    /// Relations left out because they are views, as people write them.
    pub views: Vec<String>,
}

/// Makes the tables in which versions are recorded, and makes good what a lost `.wh` or warehouse left out of them.
///
/// # Errors
/// As [`Session::execute`]; `Environment` when `.wh` cannot be written to.
pub fn prepare(session: &mut dyn Session, root: &Path) -> Result<()> {
    record::prepare(session)?;
    let store = Store::new(root);
    let folder = root.join(VERSIONS);
    let known = record::headers(session)?;
    if known.is_empty() {
        return transaction(session, |session| recover(session, &store, &folder));
    }
    for version in known {
        name(&folder, &version)?;
    }
    Ok(())
}

/// Returns whether records of versions are there that a warehouse may have lost.
#[must_use]
pub fn has_records(root: &Path) -> bool {
    root.join(VERSIONS).is_dir()
}

/// Writes down which record is a version's, so that a lost warehouse does not lose them.
fn name(folder: &Path, version: &Version) -> Result<()> {
    let file = folder.join(version.name());
    if fs::read_to_string(&file).is_ok_and(|hash| hash.trim() == version.hash) {
        return Ok(());
    }
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, &version.hash));
    written.map_err(|err| {
        Diagnostic::environment(format!("`{VERSIONS}` cannot be written to"))
            .because(err)
            .into()
    })
}

/// Reads the records that another warehouse of this project left.
fn recover(session: &mut dyn Session, store: &Store, folder: &Path) -> Result<()> {
    let Ok(files) = fs::read_dir(folder) else {
        return Ok(());
    };
    for file in files.flatten() {
        let Ok(hash) = fs::read_to_string(file.path()) else {
            continue;
        };
        let hash = hash.trim();
        let version = store
            .get(hash)
            .and_then(|bytes| Ok(serde_json::from_slice::<Version>(&bytes)?));
        match version {
            Ok(mut version) => {
                version.hash = hash.into();
                record::write(session, &version)?;
            }
            Err(err) => tracing::warn!(file = %file.path().display(), error = %err, "no record"),
        }
    }
    Ok(())
}

/// Commits tables unless a version holds them as they are; `session` must not be in a transaction.
///
/// All tables are read in one snapshot. Cost: an aggregate over each table, then a sort and a Parquet file for each
/// range of rows that no version has; memory is that of the engine's sort of one range.
///
/// # Errors
/// `Project` when a table is missing, with the nearest; `Data` for a type that cannot be kept exactly; `Environment`
/// when the disk refuses. Nothing is recorded then.
pub fn commit(session: &mut dyn Session, request: &Request<'_>) -> Result<Committed> {
    let store = Store::new(request.root);
    let _lock = store.lock()?;
    let committed = transaction(session, |session| {
        let (wanted, views) = sorted_out(session, request.tables)?;
        if wanted.is_empty() {
            return Err(only_views(&views).into());
        }
        let mut tables = Vec::new();
        let mut n_new_bytes = 0;
        for tracked in &wanted {
            let mut survey = table::survey(session, tracked)?;
            let past = table::past(session, &survey.table)?;
            survey.resolve(&past)?;
            let (table, n_bytes) = survey.store(session, &store)?;
            n_new_bytes += n_bytes;
            tables.push(table);
        }
        tables.sort_by_key(Table::relation);
        let held = holder(session, &tables, request.exactly)?;
        let is_new = held.is_none();
        let version = match held {
            Some(version) => version,
            None => write(session, &store, request, tables)?,
        };
        Ok(Committed {
            version,
            is_new,
            n_new_bytes,
            views,
        })
    })?;
    name(&request.root.join(VERSIONS), &committed.version)?;
    Ok(committed)
}

fn only_views(views: &[String]) -> Diagnostic {
    let what = match views {
        [] => "there is no table to keep".into(),
        [view] => format!("`{view}` is a view: it holds no rows to keep"),
        _ => format!(
            "these are views, which hold no rows to keep: {}",
            views.join(", ")
        ),
    };
    Diagnostic::project(what)
        .hint("name the tables they read, or make them tables: `materialized: table`")
}

/// Records a new version.
fn write(
    session: &mut dyn Session,
    store: &Store,
    request: &Request<'_>,
    tables: Vec<Table>,
) -> Result<Version> {
    let newest = record::headers(session)?
        .last()
        .map_or(0, |newest| newest.number);
    let (git_commit, git_dirty) = git::state(request.root);
    let mut version = Version {
        number: newest + 1,
        parent: head(session)?,
        committed_at: request.now,
        source: request.source.into(),
        git_commit,
        git_dirty,
        author: git::author(request.root),
        message: request.message.into(),
        tables,
        files: record::lake_files(session)?,
        hash: String::new(),
    };
    store.put(&version.seal()?)?;
    record::write(session, &version)?;
    Ok(version)
}

/// Returns the version the warehouse stands at; `None` before the first.
///
/// # Errors
/// As [`Session::execute`].
pub fn head(session: &mut dyn Session) -> Result<Option<i64>> {
    let found = rows(session, include_str!("head.sql"), &[])?;
    Ok(found
        .iter()
        .flatten()
        .find_map(|cell| cell.as_deref()?.parse().ok()))
}

/// Returns the newest version that holds all of these tables, and no others where `exactly`.
pub(super) fn holder(
    session: &mut dyn Session,
    tables: &[Table],
    exactly: bool,
) -> Result<Option<Version>> {
    let mut candidates: Option<Vec<i64>> = None;
    for table in tables {
        let name = format!("{}.{}", table.schema, table.name);
        let params = [name.into(), table.hash.as_str().into()];
        let found = rows(session, include_str!("holders.sql"), &params)?;
        let holders = found
            .iter()
            .flatten()
            .filter_map(|cell| cell.as_deref()?.parse::<i64>().ok());
        candidates = Some(match candidates {
            None => holders.collect(),
            Some(left) => {
                let holders: Vec<_> = holders.collect();
                left.into_iter()
                    .filter(|number| holders.contains(number))
                    .collect()
            }
        });
    }
    let numbers = candidates.unwrap_or_default();
    let headers = record::headers(session)?;
    for number in numbers {
        let header = headers.iter().find(|version| version.number == number);
        let Some(mut version) = header.cloned() else {
            continue;
        };
        record::complete(session, &mut version)?;
        if !exactly || version.tables.len() == tables.len() {
            return Ok(Some(version));
        }
    }
    Ok(None)
}

/// Tells tables from views, and adds what belongs to ingested ones: their rejects, and the record of ingestion.
///
/// # Errors
/// `Project` when a relation does not exist, with the nearest.
pub(super) fn sorted_out(
    session: &mut dyn Session,
    wanted: &[Tracked],
) -> Result<(Vec<Tracked>, Vec<String>)> {
    let catalog = session.catalog()?;
    let kind = |relation: &Relation| {
        let found = catalog.iter().find(|entry| entry.relation.same(relation));
        found.map(|entry| entry.kind)
    };
    let (mut tables, mut views) = (Vec::new(), Vec::new());
    for tracked in wanted {
        let relation = Relation::new(&tracked.relation.schema, &tracked.relation.name);
        match kind(&relation) {
            Some(EntryKind::Table) => {}
            Some(EntryKind::View) => {
                views.push(record::shown(&relation));
                continue;
            }
            None => {
                return Err(missing(
                    &relation,
                    catalog.iter().map(|entry| &entry.relation),
                ));
            }
        }
        let rejects = relation.with_name(format!("{}_rejects", relation.name));
        if matches!(tracked.origin, Origin::Ingested { .. })
            && kind(&rejects) == Some(EntryKind::Table)
        {
            tables.push(Tracked {
                relation: rejects,
                key: Vec::new(),
                origin: tracked.origin.clone(),
            });
        }
        tables.push(Tracked {
            relation,
            ..tracked.clone()
        });
    }
    if tables.iter().any(|table| table.origin != Origin::Built) {
        tables.extend(ledgers(session)?);
    }
    tables.sort_by(|a, b| a.relation.cmp(&b.relation));
    tables.dedup_by(|a, b| a.relation.same(&b.relation));
    Ok((tables, views))
}

/// Returns the records of ingestion: they say which files the source tables hold, and so belong to them.
fn ledgers(session: &mut dyn Session) -> Result<Vec<Tracked>> {
    let found = rows(session, include_str!("ledgers.sql"), &[])?;
    let ledgers = found.into_iter().filter_map(|row| {
        let [schema, name] = <[Option<String>; 2]>::try_from(row).ok()?;
        Some(Tracked {
            relation: Relation::new(schema?, name?),
            key: Vec::new(),
            origin: Origin::Ledger,
        })
    });
    Ok(ledgers.collect())
}

fn missing<'a>(relation: &Relation, known: impl Iterator<Item = &'a Relation>) -> anyhow::Error {
    let names: Vec<String> = known.map(record::shown).collect();
    let shown = record::shown(relation);
    let error = Diagnostic::new(
        Kind::Project,
        format!("the warehouse has no table `{shown}`"),
    );
    let near = crate::diagnostic::nearest(&shown, names.iter().map(String::as_str));
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
        None => error
            .hint(format!(
                "`wh build -s {}` makes it, if the project has it",
                relation.name
            ))
            .into(),
    }
}

/// Returns the name of a version that holds these tables as they are: made now, unless there is one.
///
/// # Errors
/// As [`commit`].
pub fn ensure(session: &mut dyn Session, request: &Request<'_>) -> Result<String> {
    Ok(commit(session, request)?.version.name())
}

/// Returns the version that `text` names; `latest` for none.
///
/// # Errors
/// `Project` when there is none.
pub fn find(session: &mut dyn Session, text: Option<&str>) -> Result<Version> {
    reference::find(session, text.unwrap_or(reference::LATEST))
}
