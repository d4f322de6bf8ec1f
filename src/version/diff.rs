//! How the tables of a version differ from those of another, or from what they are now. Changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use minijinja::{Value, context};

use super::commit::sorted_out;
use super::objects::Store;
use super::record::{self, Column, LakeFile, Origin, Table, Version, rows};
use super::restore::{check, rows_of};
use super::table::{self, Tracked};
use crate::diagnostic::Result;
use crate::engine::{Relation, Session, render, transaction};

/// Leading columns that are tried as a key where none is declared.
const LONGEST_GUESS: usize = 3;

/// What to compare.
#[derive(Debug)]
pub struct Request<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The version to compare from.
    pub from: &'a Version,
    /// What to compare to.
    pub to: To<'a>,
    /// Only these tables; `None` for all.
    pub only: Option<&'a [Relation]>,
    /// Rows to fetch of each kind of difference and table.
    pub n_rows: usize,
}

/// What a version is compared to.
#[derive(Debug)]
pub enum To<'a> {
    /// Another version.
    Version(&'a Version),
    /// These relations as they are now.
    Now(&'a [Tracked]),
}

/// All differences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// Tables that differ, by schema and name.
    pub tables: Vec<TableDiff>,
    /// How many tables are the same.
    pub n_same: usize,
    /// Files of the lake that came; none where only some tables are compared.
    pub files_added: Vec<LakeFile>,
    /// Files of the lake that are no longer there.
    pub files_removed: Vec<LakeFile>,
}

/// How a table differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableDiff {
    /// Its name, as people write it.
    pub name: String,
    /// Rows before; `None` where the table was not there.
    pub rows_before: Option<u64>,
    /// Rows after; `None` where the table is not there any more.
    pub rows_after: Option<u64>,
    /// Columns that came, went, or changed their type.
    pub columns: Vec<ColumnDiff>,
    /// Columns that identify a row; empty where none do, and no row counts as changed.
    pub key: Vec<String>,
    /// Rows that came.
    pub added: u64,
    /// Rows that went.
    pub removed: u64,
    /// Rows of the same key with other values.
    pub changed: u64,
    /// Some of them.
    pub samples: Vec<Sample>,
}

/// How a column differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDiff {
    /// Its name.
    pub name: String,
    /// Its type before.
    pub before: Option<String>,
    /// Its type after.
    pub after: Option<String>,
}

/// A row that differs, as text; the cells are those of the columns both tables have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its cells before; `None` for a row that came.
    pub before: Option<Cells>,
    /// Its cells after; `None` for a row that went.
    pub after: Option<Cells>,
}

/// Cells by column, NULL as `None`.
pub type Cells = Vec<(String, Option<String>)>;

/// One side of a comparison.
struct Side {
    table: Table,
    /// For a table of the warehouse, the condition of each chunk.
    ranges: Option<Vec<String>>,
}

/// Compares; `session` must not be in a transaction.
///
/// Rows are compared as multisets, those of a shared object not at all.
///
/// # Errors
/// `Environment` when an object is missing or damaged; what the engine answers.
pub fn diff(session: &mut dyn Session, request: &Request<'_>) -> Result<Diff> {
    let store = Store::new(request.root);
    transaction(session, |session| {
        let wanted = |table: &Table| {
            let relation = table.relation();
            let named = |only: &[Relation]| only.iter().any(|one| one.same(&relation));
            table.origin != Origin::Ledger && request.only.is_none_or(named)
        };
        let before = request.from.tables.iter().filter(|table| wanted(table));
        let before: Vec<_> = before.cloned().map(Side::stored).collect();
        let (mut after, files) = match &request.to {
            To::Version(version) => {
                let sides = version.tables.iter().cloned().map(Side::stored);
                (sides.collect(), version.files.clone())
            }
            To::Now(tracked) => (now(session, tracked)?, record::lake_files(session)?),
        };
        after.retain(|side: &Side| wanted(&side.table));
        let mut diff = Diff::default();
        if request.only.is_none() {
            diff.files_added = without(&files, &request.from.files);
            diff.files_removed = without(&request.from.files, &files);
        }
        let names: BTreeSet<Relation> = before
            .iter()
            .chain(&after)
            .map(|side| side.table.relation())
            .collect();
        for name in names {
            let of = |sides: &[Side]| sides.iter().position(|side| side.table.relation() == name);
            let (left, right) = (of(&before), of(&after));
            let pair = (left.map(|at| &before[at]), right.map(|at| &after[at]));
            match pair {
                (Some(left), Some(right)) if left.table.hash == right.table.hash => {
                    diff.n_same += 1;
                }
                (Some(left), Some(right)) => {
                    let compared = Comparison::new(&store, left, right);
                    check(&store, request.from, [&&compared.before.table].into_iter())?;
                    diff.tables.push(compared.table(session, request.n_rows)?);
                }
                (left, right) => diff.tables.push(only_one(left, right)),
            }
        }
        Ok(diff)
    })
}

fn now(session: &mut dyn Session, tracked: &[Tracked]) -> Result<Vec<Side>> {
    let (tables, _) = sorted_out(session, tracked)?;
    let tables = tables.iter().filter(|table| table.origin != Origin::Ledger);
    tables
        .map(|tracked| {
            let mut survey = table::survey(session, tracked)?;
            let past = table::past(session, &survey.table)?;
            survey.resolve(&past)?;
            Ok(Side {
                table: survey.table,
                ranges: Some(survey.ranges),
            })
        })
        .collect()
}

fn without(files: &[LakeFile], others: &[LakeFile]) -> Vec<LakeFile> {
    let new = files.iter().filter(|file| !others.contains(file));
    new.cloned().collect()
}

fn only_one(before: Option<&Side>, after: Option<&Side>) -> TableDiff {
    let n_rows = |side: Option<&Side>| side.map(|side| side.table.n_rows);
    let name = before.or(after).map(|side| side.table.shown());
    TableDiff {
        name: name.unwrap_or_default(),
        rows_before: n_rows(before),
        rows_after: n_rows(after),
        removed: n_rows(before).unwrap_or(0),
        added: n_rows(after).unwrap_or(0),
        ..TableDiff::default()
    }
}

impl Side {
    fn stored(table: Table) -> Self {
        Self {
            table,
            ranges: None,
        }
    }

    /// Returns it without the chunks that `other` has too.
    fn beyond(&self, other: &Self) -> Self {
        let is_own = |object: &String| {
            object.is_empty()
                || !other
                    .table
                    .chunks
                    .iter()
                    .any(|chunk| chunk.object == *object)
        };
        let kept: Vec<usize> = (0..self.table.chunks.len())
            .filter(|at| is_own(&self.table.chunks[*at].object))
            .collect();
        let chunks = kept.iter().map(|at| self.table.chunks[*at].clone());
        let ranges = self.ranges.as_ref();
        Self {
            table: Table {
                chunks: chunks.collect(),
                ..self.table.clone()
            },
            ranges: ranges.map(|ranges| kept.iter().map(|at| ranges[*at].clone()).collect()),
        }
    }

    /// Returns its rows as a query in brackets.
    fn rows(&self, store: &Store) -> Result<String> {
        match &self.ranges {
            None => rows_of(store, &self.table, |_| true),
            Some(ranges) => render(
                include_str!("rows_now.sql"),
                context! {table => self.table.relation().to_string(), ranges},
            ),
        }
    }

    fn column(&self, name: &str) -> Option<&Column> {
        let columns = &mut self.table.columns.iter();
        columns.find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// Counts the rows that went, came, and have other values under the same key.
fn counts(session: &mut dyn Session, key: &[String]) -> Result<[u64; 3]> {
    let sql = render(
        include_str!("diff_counts.sql"),
        context! {key => key.to_vec()},
    )?;
    let found = rows(session, &sql, &[])?;
    let count = |at: usize| {
        let cell = found.first().and_then(|row| row.get(at)?.as_deref());
        cell.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    Ok([count(0), count(1), count(2)])
}

/// Two tables of one name.
struct Comparison<'a> {
    store: &'a Store,
    whole: (&'a Side, &'a Side),
    /// What the other does not have as a whole object.
    before: Side,
    after: Side,
}

impl<'a> Comparison<'a> {
    fn new(store: &'a Store, before: &'a Side, after: &'a Side) -> Self {
        Self {
            store,
            whole: (before, after),
            before: before.beyond(after),
            after: after.beyond(before),
        }
    }

    fn table(&self, session: &mut dyn Session, n_rows: usize) -> Result<TableDiff> {
        let (before, after) = self.whole;
        let columns = self.columns();
        let values = context! {
            before => self.before.rows(self.store)?,
            after => self.after.rows(self.store)?,
            columns => columns.iter().map(|(name, as_text)| context! {name, as_text}).collect::<Vec<_>>(),
        };
        for statement in [
            include_str!("diff_removed.sql"),
            include_str!("diff_added.sql"),
        ] {
            session.execute(&render(statement, values.clone())?)?;
        }
        let [removed, added, _] = counts(session, &[])?;
        // Rows can only be paired when there are some on both sides.
        let key = match removed > 0 && added > 0 {
            true => self.key(session, &columns)?,
            false => Vec::new(),
        };
        let [removed, added, changed] = counts(session, &key)?;
        Ok(TableDiff {
            name: after.table.shown(),
            rows_before: Some(before.table.n_rows),
            rows_after: Some(after.table.n_rows),
            columns: self.column_diffs(),
            removed,
            added,
            changed,
            samples: self.samples(session, &columns, &key, n_rows)?,
            key,
        })
    }

    /// Returns the columns both have, in the later order, and whether they are compared as text.
    fn columns(&self) -> Vec<(String, bool)> {
        let (before, after) = self.whole;
        let columns = after.table.columns.iter().filter_map(|column| {
            let was = before.column(&column.name)?;
            let as_text = was.sql_type != column.sql_type || column.sql_type.contains("VARIANT");
            Some((column.name.clone(), as_text))
        });
        columns.collect()
    }

    fn column_diffs(&self) -> Vec<ColumnDiff> {
        let (before, after) = self.whole;
        let gone = before.table.columns.iter();
        let gone = gone.filter(|column| after.column(&column.name).is_none());
        let gone = gone.map(|column| ColumnDiff {
            name: column.name.clone(),
            before: Some(column.sql_type.clone()),
            after: None,
        });
        let others = after.table.columns.iter().filter_map(|column| {
            let was = before.column(&column.name).map(|was| was.sql_type.clone());
            (was.as_ref() != Some(&column.sql_type)).then(|| ColumnDiff {
                name: column.name.clone(),
                before: was,
                after: Some(column.sql_type.clone()),
            })
        });
        gone.chain(others).collect()
    }

    /// Returns the columns that tell rows apart on both sides: those declared, else the first few that do.
    fn key(&self, session: &mut dyn Session, columns: &[(String, bool)]) -> Result<Vec<String>> {
        let (before, after) = self.whole;
        let names: Vec<&String> = columns.iter().map(|(name, _)| name).collect();
        let declared = [&after.table.key, &before.table.key];
        let declared = declared.into_iter().find(|key| {
            !key.is_empty()
                && key
                    .iter()
                    .all(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
        });
        let guesses = (1..=names.len().min(LONGEST_GUESS))
            .map(|n| names[..n].iter().map(|name| (*name).clone()).collect());
        let candidates: Vec<Vec<String>> = match declared {
            Some(key) => vec![key.clone()],
            None => guesses.collect(),
        };
        let sides = [before.rows(self.store)?, after.rows(self.store)?];
        for key in candidates {
            let mut unique = true;
            for side in &sides {
                let values = context! {rows => side, key => &key};
                let repeated = rows(
                    session,
                    &render(include_str!("diff_repeated.sql"), values)?,
                    &[],
                )?;
                unique = unique && repeated.is_empty();
            }
            if unique {
                return Ok(key);
            }
        }
        Ok(Vec::new())
    }

    fn samples(
        &self,
        session: &mut dyn Session,
        columns: &[(String, bool)],
        key: &[String],
        n_rows: usize,
    ) -> Result<Vec<Sample>> {
        let mut samples = Vec::new();
        if n_rows == 0 {
            return Ok(samples);
        }
        let names: Vec<&String> = columns.iter().map(|(name, _)| name).collect();
        let cells = |row: &[Option<String>]| -> Option<Cells> {
            let cells = names.iter().zip(row);
            Some(
                cells
                    .map(|(name, cell)| ((*name).clone(), cell.clone()))
                    .collect(),
            )
        };
        let values = context! {
            columns => Value::from_iter(names.iter().map(|name| (*name).clone())),
            key => key.to_vec(),
            n_rows,
        };
        if !key.is_empty() {
            let sql = render(include_str!("diff_changed.sql"), values.clone())?;
            for row in rows(session, &sql, &[])? {
                let (before, after) = row.split_at(names.len());
                samples.push(Sample {
                    before: cells(before),
                    after: cells(after),
                });
            }
        }
        for (own, other) in [("removed", "added"), ("added", "removed")] {
            let values = context! {own, other, ..values.clone()};
            let sql = render(include_str!("diff_only.sql"), values)?;
            for row in rows(session, &sql, &[])? {
                let is_new = own == "added";
                samples.push(Sample {
                    before: cells(&row).filter(|_| !is_new),
                    after: cells(&row).filter(|_| is_new),
                });
            }
        }
        Ok(samples)
    }
}
