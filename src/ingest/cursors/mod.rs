//! `wh.cursors`: how far each source table has been read. Compares no values.

use jiff::Timestamp;

use super::ledger::text;
use crate::diagnostic::Result;
use crate::engine::{Param, Session, fetch};
use crate::project::nodes::Ingest;

/// How far a source table has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The column or field whose values grow.
    pub field: String,
    /// Its greatest value so far, as the source writes it.
    pub value: String,
}

/// Makes the record, unless it is there.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("prepare.sql"))?;
    Ok(())
}

/// Returns how far a source table has been read; `None` when that was never recorded.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn read(session: &mut dyn Session, ingest: &Ingest) -> Result<Option<Cursor>> {
    let params = [ingest.source.as_str().into(), ingest.table.as_str().into()];
    let found = fetch(session, include_str!("read.sql"), &params)?;
    let cell = |name: &str| {
        let column = found.column_by_name(name)?;
        (!column.is_empty()).then(|| text(column, 0))
    };
    Ok(cell("field")
        .zip(cell("value"))
        .map(|(field, value)| Cursor { field, value }))
}

/// Records how far a source table has been read.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn write(
    session: &mut dyn Session,
    ingest: &Ingest,
    cursor: &Cursor,
    now: Timestamp,
) -> Result<()> {
    let params = [
        ingest.source.as_str().into(),
        ingest.table.as_str().into(),
        cursor.field.as_str().into(),
        cursor.value.as_str().into(),
        Param::Instant(now.as_microsecond()),
    ];
    session.execute_with(include_str!("write.sql"), &params)?;
    Ok(())
}
