//! A table function that draws Arrow batches from Rust on all of `DuckDB`'s threads.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{
    BindInfo, InitInfo, TableFunctionInfo, VTab, record_batch_to_duckdb_data_chunk,
    to_duckdb_logical_type_for_field,
};

use super::error::from_duckdb;
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, Scan};

/// The name of the table function; its argument is the number [`Offer::id`] gives.
const NAME: &str = "wh_scan";

/// Rows in one of `DuckDB`'s vectors.
const VECTOR: usize = 2048;

/// Scans on offer to running statements. `DuckDB` hands a table function only SQL values, so the way from
/// a statement to its Rust object is a number; entries live as long as their [`Offer`].
static OFFERS: Mutex<BTreeMap<u64, Arc<Source>>> = Mutex::new(BTreeMap::new());
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

struct Source {
    scan: Arc<dyn Scan>,
    failure: Mutex<Option<anyhow::Error>>,
}

/// A scan that statements can read until the offer is dropped.
pub(super) struct Offer {
    pub(super) id: u64,
    source: Arc<Source>,
}

impl Offer {
    pub(super) fn new(scan: Arc<dyn Scan>) -> Self {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let source = Arc::new(Source {
            scan,
            failure: Mutex::new(None),
        });
        lock(&OFFERS).insert(id, source.clone());
        Self { id, source }
    }

    /// Returns the error with which the scan ended, if it did.
    pub(super) fn failure(&self) -> Option<anyhow::Error> {
        lock(&self.source.failure).take()
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        lock(&OFFERS).remove(&self.id);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers the table function; holds for every connection of the database.
pub(super) fn install(connection: &Connection) -> Result<()> {
    connection
        .register_table_function::<ScanFunction>(NAME)
        .map_err(from_duckdb)
}

struct ScanFunction;

/// What is left of a batch longer than one vector, kept for whichever thread comes next.
struct Remainders(Mutex<Vec<RecordBatch>>);

impl VTab for ScanFunction {
    type InitData = Remainders;
    type BindData = Arc<Source>;

    fn bind(bind: &BindInfo) -> Result<Self::BindData, Box<dyn Error>> {
        let id: u64 = bind.get_parameter(0).to_string().parse()?;
        let source = lock(&OFFERS)
            .get(&id)
            .cloned()
            .ok_or("wh_scan: nothing is on offer under this number")?;
        for field in source.scan.schema().fields() {
            bind.add_result_column(field.name(), to_duckdb_logical_type_for_field(field)?);
        }
        Ok(source)
    }

    fn init(init: &InitInfo) -> Result<Self::InitData, Box<dyn Error>> {
        let threads = std::thread::available_parallelism()?.get();
        init.set_max_threads(threads as u64);
        Ok(Remainders(Mutex::new(Vec::new())))
    }

    fn func(
        func: &TableFunctionInfo<Self>,
        output: &mut DataChunkHandle,
    ) -> Result<(), Box<dyn Error>> {
        let source = func.get_bind_data();
        let left = lock(&func.get_init_data().0).pop();
        let batch = match left {
            Some(batch) => Some(batch),
            None => draw(source)?,
        };
        let Some(batch) = batch else {
            output.set_len(0);
            return Ok(());
        };
        let now = batch.slice(0, batch.num_rows().min(VECTOR));
        if batch.num_rows() > VECTOR {
            let rest = batch.slice(VECTOR, batch.num_rows() - VECTOR);
            lock(&func.get_init_data().0).push(rest);
        }
        record_batch_to_duckdb_data_chunk(&now, output)
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::UBigint)])
    }
}

/// Draws the next batch that has rows: an empty one would tell `DuckDB` that there are no more.
fn draw(source: &Source) -> Result<Option<RecordBatch>, Box<dyn Error>> {
    loop {
        match source.scan.next() {
            Ok(Some(batch)) if batch.num_rows() == 0 => {}
            Ok(batch) => return Ok(batch),
            Err(err) => {
                let text = err.to_string();
                lock(&source.failure).get_or_insert(err);
                return Err(text.into());
            }
        }
    }
}
