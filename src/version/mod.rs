//! Versions of the data: commits tables as they stand, tells versions apart, and restores them. Builds nothing.
//!
//! Tables are stored as Parquet files named by their SHA-256 in `.wh/objects`: rows in an order that only their values
//! decide, so that the same rows give the same bytes, and what did not change is stored once. The lake's files never
//! change and are referred to. Who committed what when is in `wh.data_versions` and the tables beside it.

mod commit;
mod diff;
mod git;
mod objects;
mod record;
mod reference;
mod restore;
mod table;
mod types;
mod verify;

pub use self::commit::{Committed, Request, commit, ensure, find, has_records, head, prepare};
pub use self::diff::{
    Cells, ColumnDiff, Diff, Request as DiffRequest, Sample, TableDiff, To, diff,
};
pub use self::record::{Chunk, Column, LakeFile, Origin, Table, Version};
pub use self::reference::{Tag, tag, tags, untag};
pub use self::restore::{Request as RestoreRequest, Restored, restore};
pub use self::table::Tracked;
pub use self::verify::{Damaged, Verified, gc, verify};

use crate::diagnostic::Result;
use crate::engine::Session;

/// Returns every version, oldest first, with its tables and files.
///
/// # Errors
/// As [`Session::execute`].
pub fn log(session: &mut dyn Session) -> Result<Vec<Version>> {
    let mut versions = record::headers(session)?;
    for version in &mut versions {
        record::complete(session, version)?;
    }
    Ok(versions)
}
