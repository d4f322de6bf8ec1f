//! The warehouse of the project that a command line names, opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::Global;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Engine, Session};

/// An open warehouse and where it lies.
pub(crate) struct Warehouse {
    engine: Arc<dyn Engine>,
    root: PathBuf,
    path: PathBuf,
    writable: bool,
}

impl Warehouse {
    /// Opens the project's warehouse for reading, or for changes too.
    ///
    /// # Errors
    /// `Project` when there is no project or nothing has been built yet; `Environment` when the file cannot
    /// be opened, for one because another process holds it.
    pub(crate) fn open(global: &Global, writable: bool) -> Result<Self> {
        let _ = (global, writable);
        Err(Diagnostic::project("not connected").into())
    }

    /// Opens a session.
    ///
    /// # Errors
    /// `Environment` when the engine refuses.
    pub(crate) fn connect(&self) -> Result<Box<dyn Session>> {
        self.engine.connect()
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The warehouse's file, as it is shown.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether statements may change it.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }
}
