//! One connection to `DuckDB`.

use std::sync::{Arc, Mutex, PoisonError};

use duckdb::types::Value;
use duckdb::{Connection, InterruptHandle, ProgressHandle, params_from_iter};

use super::error::{from_duckdb, from_statement};
use super::scan::Offer;
use super::timezone;
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{
    Entry, EntryKind, Handle, Param, Progress, RecordBatch, Relation, Scan, Session, fetch, quote,
    render,
};

pub(super) struct DuckSession {
    connection: Connection,
}

impl DuckSession {
    pub(super) fn new(connection: Connection, tracks_progress: bool) -> Result<Self> {
        if tracks_progress {
            connection
                .set_query_progress_tracking(true)
                .map_err(from_duckdb)?;
        }
        timezone::prepare(&connection)?;
        Ok(Self { connection })
    }
}

/// Appends that are running. `preserve_insertion_order` is a setting of the whole database, read when a
/// statement is planned, which for a prepared one is at an unknown moment before it runs.
static APPENDS: Mutex<usize> = Mutex::new(0);

/// While it lives, rows are stored in any order, so that all threads store at once.
///
/// It has a connection of its own: in the one that appends, a failed transaction takes no statement.
struct Unordered(Connection);

impl Unordered {
    fn new(beside: &Connection) -> Result<Self> {
        let connection = beside.try_clone().map_err(from_duckdb)?;
        let mut running = APPENDS.lock().unwrap_or_else(PoisonError::into_inner);
        let set = connection.execute_batch(include_str!("order_free.sql"));
        set.map_err(from_duckdb)?;
        *running += 1;
        Ok(Self(connection))
    }
}

impl Drop for Unordered {
    fn drop(&mut self) {
        let mut running = APPENDS.lock().unwrap_or_else(PoisonError::into_inner);
        *running -= 1;
        if *running == 0
            && let Err(err) = self.0.execute_batch(include_str!("order_kept.sql"))
        {
            tracing::debug!(error = %err, "order");
        }
    }
}

impl Session for DuckSession {
    fn execute(&mut self, sql: &str) -> Result<u64> {
        self.execute_with(sql, &[])
    }

    fn execute_with(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        tracing::debug!(sql, "execute");
        let params = params_from_iter(params.iter().map(to_duckdb));
        let changed = self
            .connection
            .execute(sql, params)
            .map_err(|err| from_statement(err, sql))?;
        Ok(changed as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        tracing::debug!(sql, "query");
        let refused = |err| from_statement(err, sql);
        let mut statement = self.connection.prepare(sql).map_err(refused)?;
        let params = params_from_iter(params.iter().map(to_duckdb));
        let mut batches = statement.stream_arrow(params).map_err(refused)?;
        let mut empty = true;
        for batch in batches.by_ref() {
            empty = false;
            each(&batch.map_err(refused)?)?;
        }
        if empty {
            each(&RecordBatch::new_empty(batches.get_schema()))?;
        }
        Ok(())
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
        let _unordered = Unordered::new(&self.connection)?;
        let inserted = self.connection.execute(&sql, []);
        let changed =
            inserted.map_err(|err| offer.failure().unwrap_or_else(|| from_statement(err, &sql)))?;
        Ok(changed as u64)
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

    fn handle(&self) -> Arc<dyn Handle> {
        Arc::new(DuckHandle {
            interrupt: self.connection.interrupt_handle(),
            progress: self.connection.progress_handle(),
        })
    }
}

struct DuckHandle {
    interrupt: Arc<InterruptHandle>,
    progress: ProgressHandle,
}

impl Handle for DuckHandle {
    fn interrupt(&self) {
        self.interrupt.interrupt();
    }

    fn progress(&self) -> Option<Progress> {
        let percent = self.progress.query_progress().percentage()?;
        Some(Progress { percent })
    }
}

fn to_duckdb(param: &Param) -> Value {
    match param {
        Param::Null => Value::Null,
        Param::Bool(value) => Value::Boolean(*value),
        Param::Int(value) => Value::BigInt(*value),
        Param::Float(value) => Value::Double(*value),
        Param::Text(value) => Value::Text(value.clone()),
        // As text with its offset: a bound TIMESTAMP would be read in the session's zone.
        Param::Instant(micros) => match jiff::Timestamp::from_microsecond(*micros) {
            Ok(instant) => Value::Text(instant.to_string()),
            Err(_) => Value::Null,
        },
    }
}
