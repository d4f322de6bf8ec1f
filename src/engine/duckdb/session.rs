//! One connection to `DuckDB`.

use std::sync::{Arc, Mutex, PoisonError};

use super::capi::{Database, Link, Reach};
use super::error::refused;
use super::scan::Offer;
use super::timezone;
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{
    Entry, EntryKind, Handle, Param, Progress, RecordBatch, Relation, Scan, Session, fetch, quote,
    render,
};

pub(super) struct DuckSession {
    link: Link,
    /// For a connection beside this one.
    database: Arc<Database>,
}

impl DuckSession {
    /// Opens a session; `local` are the statements it begins with.
    pub(super) fn new(database: Arc<Database>, local: &str, tracks_progress: bool) -> Result<Self> {
        let mut link = connect(&database)?;
        if !local.is_empty() {
            run(&mut link, local)?;
        }
        if tracks_progress {
            run(&mut link, include_str!("track_progress.sql"))?;
        }
        timezone::prepare(&mut link)?;
        Ok(Self { link, database })
    }
}

fn connect(database: &Database) -> Result<Link> {
    database.connect().map_err(|err| refused(&err, ""))
}

fn run(link: &mut Link, sql: &str) -> Result<u64> {
    let mut rows = link.run_all(sql).map_err(|err| refused(&err, sql))?;
    Ok(rows.changed())
}

/// Appends that are running. `preserve_insertion_order` is a setting of the whole database, read when a
/// statement is planned.
static APPENDS: Mutex<usize> = Mutex::new(0);

/// While it lives, rows are stored in any order, so that all threads store at once.
///
/// It has a connection of its own: in the one that appends, a failed transaction takes no statement.
struct Unordered(Link);

impl Unordered {
    fn new(database: &Database) -> Result<Self> {
        let mut link = connect(database)?;
        let mut running = APPENDS.lock().unwrap_or_else(PoisonError::into_inner);
        run(&mut link, include_str!("order_free.sql"))?;
        *running += 1;
        Ok(Self(link))
    }
}

impl Drop for Unordered {
    fn drop(&mut self) {
        let mut running = APPENDS.lock().unwrap_or_else(PoisonError::into_inner);
        *running -= 1;
        if *running == 0
            && let Err(err) = run(&mut self.0, include_str!("order_kept.sql"))
        {
            tracing::debug!(error = %err, "order");
        }
    }
}

impl Session for DuckSession {
    fn execute(&mut self, sql: &str) -> Result<u64> {
        tracing::debug!(sql, "execute");
        run(&mut self.link, sql)
    }

    fn execute_with(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        tracing::debug!(sql, "execute");
        let rows = self.link.run_with(sql, params);
        Ok(rows.map_err(|err| refused(&err, sql))?.changed())
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        tracing::debug!(sql, "query");
        let rows = self.link.stream(sql, params);
        let rows = rows.map_err(|err| refused(&err, sql))?;
        rows.for_each(each, |err| refused(&err, sql))
    }

    fn few(&mut self, sql: &str) -> Result<Vec<RecordBatch>> {
        tracing::debug!(sql, "query");
        let rows = self.link.run_all(sql).map_err(|err| refused(&err, sql))?;
        let mut batches = Vec::new();
        let mut keep = |batch: &RecordBatch| {
            batches.push(batch.clone());
            Ok(())
        };
        rows.for_each(&mut keep, |err| refused(&err, sql))?;
        Ok(batches)
    }

    fn append(&mut self, table: &Relation, scan: Arc<dyn Scan>) -> Result<u64> {
        let schema = scan.schema();
        let columns: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| quote(field.name()))
            .collect();
        let offer = Offer::new(scan);
        let values = minijinja::context! {
            table => table.to_string(),
            columns => columns.join(", "),
            id => offer.id,
        };
        let sql = render(include_str!("append.sql"), values)?;
        let _unordered = Unordered::new(&self.database)?;
        run(&mut self.link, &sql).map_err(|err| offer.failure().unwrap_or(err))
    }

    fn catalog(&mut self) -> Result<Vec<Entry>> {
        let rows = fetch(self, include_str!("catalog.sql"), &[])?;
        let text = |column: usize, row: usize| -> Result<String> {
            let options = arrow::util::display::FormatOptions::default();
            let formatter =
                arrow::util::display::ArrayFormatter::try_new(rows.column(column), &options)?;
            Ok(formatter.value(row).to_string())
        };
        (0..rows.num_rows())
            .map(|row| {
                Ok(Entry {
                    relation: Relation {
                        database: Some(text(0, row)?),
                        schema: text(1, row)?,
                        name: text(2, row)?,
                    },
                    kind: match text(3, row)?.as_str() {
                        "view" => EntryKind::View,
                        "table" => EntryKind::Table,
                        other => {
                            return Err(Diagnostic::new(
                                Kind::Bug,
                                format!("`{other}` in the catalog"),
                            )
                            .into());
                        }
                    },
                })
            })
            .collect()
    }

    fn columns(&mut self, relation: &Relation) -> Result<Vec<(String, String)>> {
        let values = minijinja::context! {relation => relation.to_string()};
        let rows = fetch(self, &render(include_str!("columns.sql"), values)?, &[])?;
        let options = arrow::util::display::FormatOptions::default();
        let names = arrow::util::display::ArrayFormatter::try_new(rows.column(0), &options)?;
        let types = arrow::util::display::ArrayFormatter::try_new(rows.column(1), &options)?;
        Ok((0..rows.num_rows())
            .map(|row| (names.value(row).to_string(), types.value(row).to_string()))
            .collect())
    }

    fn spill(&mut self, always: bool) -> Result<()> {
        let sql = render(include_str!("spill.sql"), minijinja::context! {always})?;
        run(&mut self.link, &sql).map(drop)
    }

    fn handle(&self) -> Arc<dyn Handle> {
        self.link.reach()
    }
}

impl Handle for Reach {
    fn interrupt(&self) {
        self.interrupt();
    }

    fn progress(&self) -> Option<Progress> {
        let percent = self.percent()?;
        Some(Progress { percent })
    }
}
