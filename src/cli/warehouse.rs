//! The warehouse of a project, opened for a command.

use std::sync::Arc;

use super::args::Global;
use super::project;
use crate::diagnostic::Result;
use crate::engine::{DuckDb, Engine};
use crate::project::Project;

/// What a command may do in the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Read; many may do so at once.
    Read,
    /// Change it; one at a time.
    Write,
}

/// Opens the project's warehouse.
///
/// # Errors
/// `Environment` when it cannot be opened, for one because another process holds it.
pub(super) fn open(global: &Global, project: &Project, access: Access) -> Result<Arc<dyn Engine>> {
    let settings = project::settings(global, project, access == Access::Read)?;
    Ok(Arc::new(DuckDb::open(&settings)?))
}
