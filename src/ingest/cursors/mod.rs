//! `wh.cursors`: how far each source table has been read. Compares no values.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

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
    /// What the rows that are read again next time add up to: see [`Boundary`].
    pub boundary: String,
}

/// What rows add up to, whatever their order: those with the cursor's greatest value or none, which the next fetch
/// brings again. When it brings just them, nothing has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Boundary {
    n_rows: u64,
    sum: u128,
}

impl Boundary {
    /// Adds a row as it stands in its content.
    pub(super) fn add(&mut self, row: &[u8]) {
        let hash = Sha256::digest(row);
        let half = hash.iter().take(16);
        self.n_rows += 1;
        self.sum = self
            .sum
            .wrapping_add(half.fold(0, |sum, byte| sum << 8 | u128::from(*byte)));
    }

    /// Returns both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            n_rows: self.n_rows + other.n_rows,
            sum: self.sum.wrapping_add(other.sum),
        }
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:x}", self.n_rows, self.sum)
    }
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
    let cursor = |field| {
        Some(Cursor {
            field,
            value: cell("value")?,
            boundary: cell("boundary")?,
        })
    };
    Ok(cell("field").and_then(cursor))
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
        cursor.boundary.as_str().into(),
        Param::Instant(now.as_microsecond()),
    ];
    session.execute_with(include_str!("write.sql"), &params)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_tells_other_rows_but_not_another_order() {
        let of = |rows: &[&str]| {
            let mut boundary = Boundary::default();
            rows.iter().for_each(|row| boundary.add(row.as_bytes()));
            boundary
        };
        assert_eq!(of(&["a", "b"]), of(&["b", "a"]));
        assert_eq!(of(&["a"]).and(of(&["b"])), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab"]));
        assert_ne!(of(&["a", "a"]), of(&["b", "b"]));
    }
}
