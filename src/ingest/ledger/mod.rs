//! `wh.ingested_files`: the warehouse's own record of the contents it has loaded, changed in the same
//! transaction as the rows. Knows nothing of the lake's files.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use jiff::Timestamp;

use super::lake::{Entry, Loaded};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Param, Session, fetch};
use crate::project::nodes::Ingest;

/// Makes the record, unless it is there.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("prepare.sql"))?;
    Ok(())
}

/// Returns what was loaded for a source table, oldest first.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn read(session: &mut dyn Session, ingest: &Ingest) -> Result<Vec<Entry>> {
    let params = [ingest.source.as_str().into(), ingest.table.as_str().into()];
    let batch = fetch(session, include_str!("read.sql"), &params)?;
    (0..batch.num_rows())
        .map(|row| entry(&batch, row))
        .collect()
}

/// Records that the contents of an entry were loaded.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn record(
    session: &mut dyn Session,
    ingest: &Ingest,
    entry: &Entry,
    loaded: &Loaded,
) -> Result<()> {
    let instant = |time: Timestamp| Param::Instant(time.as_microsecond());
    let count = |n: u64| Param::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let params = [
        ingest.source.as_str().into(),
        ingest.table.as_str().into(),
        entry.sha256.as_str().into(),
        count(entry.size_bytes),
        entry.origin.as_str().into(),
        entry.path.as_str().into(),
        count(loaded.rows),
        count(loaded.rejected),
        instant(entry.modified_at),
        instant(entry.landed_at),
        instant(loaded.at),
        Param::Bool(loaded.active),
    ];
    session.execute_with(include_str!("record.sql"), &params)?;
    Ok(())
}

fn entry(batch: &RecordBatch, row: usize) -> Result<Entry> {
    let text = |name: &str| Ok::<_, anyhow::Error>(text(column(batch, name)?.as_ref(), row));
    let number = |name: &str| {
        let numbers = column(batch, name)?
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| odd(name))?;
        Ok::<_, anyhow::Error>(u64::try_from(numbers.value(row)).unwrap_or(0))
    };
    let time = |name: &str| {
        let times = column(batch, name)?
            .as_primitive_opt::<TimestampMicrosecondType>()
            .ok_or_else(|| odd(name))?;
        Ok::<_, anyhow::Error>(Timestamp::from_microsecond(times.value(row)).unwrap_or_default())
    };
    let active = column(batch, "active")?
        .as_boolean_opt()
        .ok_or_else(|| odd("active"))?
        .value(row);
    Ok(Entry {
        sha256: text("sha256")?,
        size_bytes: number("size_bytes")?,
        modified_at: time("modified_at")?,
        origin: text("origin")?,
        path: text("path")?,
        landed_at: time("landed_at")?,
        loaded: Some(Loaded {
            at: time("loaded_at")?,
            rows: number("rows")?,
            rejected: number("rejected")?,
            active,
        }),
    })
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a arrow::array::ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| odd(name))
}

/// Returns a cell as text, whichever of Arrow's text layouts the engine uses.
pub(super) fn text(array: &dyn Array, row: usize) -> String {
    arrow::util::display::array_value_to_string(array, row).unwrap_or_default()
}

fn odd(name: &str) -> anyhow::Error {
    Diagnostic::new(
        Kind::Bug,
        format!("`wh.ingested_files.{name}` is not of the type it was made with"),
    )
    .into()
}
