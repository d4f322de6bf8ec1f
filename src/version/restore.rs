//! Makes tables what they were in a version, all in one transaction.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use minijinja::{Value, context};

use super::commit::holder;
use super::objects::Store;
use super::record::{Origin, Table, Version, shown};
use super::table::standing;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Entry, EntryKind, Relation, Session, render, transaction};

/// What to restore.
#[derive(Debug)]
pub struct Request<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The version.
    pub version: &'a Version,
    /// Only these of its tables; `None` for all.
    pub only: Option<&'a [Relation]>,
    /// Whether contents that no version holds may be lost.
    pub force: bool,
    /// Now.
    pub now: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Tables that were replaced or made again, as people write them, with their rows now.
    pub replaced: Vec<(String, u64)>,
    /// Tables that were as in the version already.
    pub same: Vec<String>,
    /// Sources whose record of ingestion went back too, so that later files of the lake count as new.
    pub sources: Vec<String>,
}

/// Makes tables what they were in a version; `session` must not be in a transaction.
///
/// Tables that the version does not hold stay as they are. Every object is checked before anything changes. Cost: one
/// read of each object to check it, one to load it, and an aggregate over each table that is replaced.
///
/// # Errors
/// `Project` when a table is not in the version; `Data` when contents would be lost that no version holds;
/// `Environment` when an object is missing or damaged, with each one's name. Nothing has changed then.
pub fn restore(session: &mut dyn Session, request: &Request<'_>) -> Result<Restored> {
    let store = Store::new(request.root);
    let _lock = store.lock()?;
    let chosen = chosen(request)?;
    transaction(session, |session| {
        let catalog = session.catalog()?;
        let mut restored = Restored::default();
        let mut wanted = Vec::new();
        let mut lost = Vec::new();
        for table in &chosen {
            match compare(session, &catalog, table)? {
                Standing::Same => restored.same.push(table.shown()),
                Standing::Unsaved(n_rows) => {
                    lost.push((table.shown(), n_rows));
                    wanted.push(*table);
                }
                Standing::Saved | Standing::Absent => wanted.push(*table),
            }
        }
        if !lost.is_empty() && !request.force {
            return Err(would_lose(request.version, &lost));
        }
        let sources = sources_of(&chosen);
        let ledgers = request
            .version
            .tables
            .iter()
            .filter(|table| !sources.is_empty() && table.origin == Origin::Ledger);
        let ledgers: Vec<&Table> = ledgers.collect();
        check(&store, request.version, wanted.iter().chain(&ledgers))?;
        restored.sources = sources_of(&wanted)
            .iter()
            .map(|(source, table)| format!("{source}.{table}"))
            .collect();
        for table in wanted {
            replace(session, &store, &catalog, table)?;
            restored.replaced.push((table.shown(), table.n_rows));
        }
        for ledger in ledgers {
            restore_ledger(session, &store, ledger, &sources)?;
        }
        remember(session, request, &restored)?;
        Ok(restored)
    })
}

/// Returns the tables of the version that are asked for, without the records of ingestion.
fn chosen<'a>(request: &Request<'a>) -> Result<Vec<&'a Table>> {
    let tables = || {
        let tables = request.version.tables.iter();
        tables.filter(|table| table.origin != Origin::Ledger)
    };
    let Some(only) = request.only else {
        return Ok(tables().collect());
    };
    let mut found: Vec<&Table> = Vec::new();
    for relation in only {
        let table = tables().find(|table| table.relation().same(relation));
        let Some(table) = table else {
            let name = shown(relation);
            let what = format!("{} holds no table `{name}`", request.version.name());
            let names: Vec<_> = tables().map(Table::shown).collect();
            let hint = match nearest(&name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "`wh data show {}` lists what it holds",
                    request.version.name()
                ),
            };
            return Err(Diagnostic::project(what).hint(hint).into());
        };
        // The rejects of a source table go where its rows go.
        found.extend(tables().filter(|other| {
            other.name == table.name && other.schema == table.schema
                || matches!(other.origin, Origin::Ingested { .. }) && other.origin == table.origin
        }));
    }
    found.sort_by_key(|table| table.relation());
    found.dedup_by_key(|table| table.relation());
    Ok(found)
}

/// How a table of the warehouse stands to one of a version.
enum Standing {
    /// It is the same.
    Same,
    /// It differs, and some version holds it as it is.
    Saved,
    /// It differs, and no version holds it; how many rows it has.
    Unsaved(u64),
    /// There is none, or a view.
    Absent,
}

fn compare(session: &mut dyn Session, catalog: &[Entry], table: &Table) -> Result<Standing> {
    let relation = table.relation();
    let is_table = catalog
        .iter()
        .any(|entry| entry.relation.same(&relation) && entry.kind == EntryKind::Table);
    if !is_table {
        return Ok(Standing::Absent);
    }
    let (now, n_rows) = standing(session, &relation)?;
    Ok(match now {
        Some(now) if now.hash == table.hash => Standing::Same,
        Some(now) if holder(session, std::slice::from_ref(&now), false)?.is_some() => {
            Standing::Saved
        }
        _ => Standing::Unsaved(n_rows),
    })
}

fn would_lose(version: &Version, lost: &[(String, u64)]) -> anyhow::Error {
    let tables = match lost.len() {
        1 => "a table".into(),
        n => format!("{n} tables"),
    };
    let what = format!(
        "restoring {} would replace {tables} that no version holds",
        version.name()
    );
    let mut error = Diagnostic::data(what);
    for (name, n_rows) in lost {
        error = error.note(format!("{name} ({n_rows} rows)"));
    }
    error
        .hint("`wh data commit` keeps them; `--force` lets them go")
        .into()
}

fn sources_of(chosen: &[&Table]) -> BTreeSet<(String, String)> {
    let sources = chosen.iter().filter_map(|table| match &table.origin {
        Origin::Ingested { source, table } => Some((source.clone(), table.clone())),
        Origin::Built | Origin::Ledger => None,
    });
    sources.collect()
}

/// Reads every object of some tables of a version.
///
/// # Errors
/// `Environment` when one is missing or damaged.
pub(super) fn check<'a>(
    store: &Store,
    version: &Version,
    tables: impl Iterator<Item = &'a &'a Table>,
) -> Result<()> {
    let mut damaged = Vec::new();
    let mut checked = BTreeSet::new();
    for table in tables {
        for chunk in &table.chunks {
            if !checked.insert(&chunk.object) {
                continue;
            }
            if let Some(damage) = store.damage(&chunk.object)? {
                let (name, word) = (table.shown(), damage.word());
                damaged.push(format!(
                    "{name}: {} rows in {} ({word})",
                    chunk.n_rows,
                    Store::shown(&chunk.object)
                ));
            }
        }
    }
    if damaged.is_empty() {
        return Ok(());
    }
    let name = version.name();
    let mut error = Diagnostic::environment(match damaged.len() {
        1 => format!("an object of {name} is missing or damaged"),
        n => format!("{n} objects of {name} are missing or damaged"),
    });
    for line in damaged {
        error = error.note(line);
    }
    Err(error
        .hint("copy them back from a backup of `.wh/objects`; `wh data verify` checks all; nothing was changed")
        .into())
}

/// Drops what stands in a table's place and makes the table as it was.
fn replace(
    session: &mut dyn Session,
    store: &Store,
    catalog: &[Entry],
    table: &Table,
) -> Result<()> {
    let relation = table.relation();
    let entry = catalog.iter().find(|entry| entry.relation.same(&relation));
    let kind = entry.map(|entry| match entry.kind {
        EntryKind::Table => "table",
        EntryKind::View => "view",
    });
    let values = context! {schema => &table.schema, relation => relation.to_string(), kind};
    session.execute(&render(include_str!("make_room.sql"), values)?)?;
    session.execute(&table.create)?;
    let columns: Vec<_> = table.columns.iter().map(|column| &column.name).collect();
    let n_rows = insert(session, store, table, &columns, Value::from(()))?;
    for index in &table.indexes {
        session.execute(index)?;
    }
    if n_rows != table.n_rows {
        let what = format!(
            "`{}` has {n_rows} rows in its objects, not {}",
            table.shown(),
            table.n_rows
        );
        return Err(Diagnostic::environment(what).into());
    }
    Ok(())
}

/// Inserts rows of a table's objects: all, or those of some `sources`.
fn insert(
    session: &mut dyn Session,
    store: &Store,
    table: &Table,
    columns: &[&String],
    sources: Value,
) -> Result<u64> {
    if table.chunks.is_empty() {
        return Ok(0);
    }
    let values = context! {
        relation => table.relation().to_string(),
        rows => rows_of(store, table, |column| columns.contains(&column))?,
        columns => columns.iter().map(|name| (*name).clone()).collect::<Vec<String>>(),
        sources,
    };
    session.execute(&render(include_str!("insert.sql"), values)?)
}

/// Returns the rows of a table of a version as a query in brackets: columns for which `keeps` holds, of their own types.
///
/// # Errors
/// `Bug` only.
pub(super) fn rows_of(
    store: &Store,
    table: &Table,
    keeps: impl Fn(&String) -> bool,
) -> Result<String> {
    let columns = table.columns.iter().filter(|column| keeps(&column.name));
    let columns: Vec<_> = columns
        .map(|column| context! {name => &column.name, sql_type => &column.sql_type})
        .collect();
    let files: Vec<_> = table
        .chunks
        .iter()
        .map(|chunk| store.path(&chunk.object).to_string_lossy().into_owned())
        .collect();
    render(include_str!("rows.sql"), context! {columns, files})
}

/// Makes the record of ingestion say of `sources` what it said then.
fn restore_ledger(
    session: &mut dyn Session,
    store: &Store,
    ledger: &Table,
    sources: &BTreeSet<(String, String)>,
) -> Result<()> {
    let relation = ledger.relation();
    let known = session.catalog()?;
    if !known.iter().any(|entry| entry.relation.same(&relation)) {
        session.execute(&ledger.create)?;
    }
    let now = session.columns(&relation)?;
    let columns = ledger.columns.iter().map(|column| &column.name);
    let columns: Vec<_> = columns
        .filter(|name| now.iter().any(|(now, _)| now == *name))
        .collect();
    let sources: Vec<_> = sources
        .iter()
        .map(|(source, table)| context! {source, table})
        .collect();
    let sources = Value::from(sources);
    let values = context! {relation => relation.to_string(), sources => sources.clone()};
    session.execute(&render(include_str!("forget_sources.sql"), values)?)?;
    insert(session, store, ledger, &columns, sources)?;
    Ok(())
}

fn remember(session: &mut dyn Session, request: &Request<'_>, restored: &Restored) -> Result<()> {
    let names: Vec<_> = restored.replaced.iter().map(|(name, _)| name).collect();
    let params = [
        crate::engine::Param::Instant(request.now.as_microsecond()),
        request.version.number.into(),
        crate::engine::Param::Bool(request.only.is_none()),
        serde_json::to_string(&names)?.into(),
    ];
    session.execute_with(include_str!("write_restore.sql"), &params)?;
    Ok(())
}
