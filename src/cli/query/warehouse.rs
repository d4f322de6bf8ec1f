//! The warehouse of the project that a command line names, opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::Global;
use crate::cli::build::invocation;
use crate::cli::warehouse::{Access, open};
use crate::cli::{log, project};
use crate::compile::Invocation;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Engine, Session};
use crate::project::Project;

/// An open warehouse and its project.
pub(crate) struct Warehouse {
    project: Project,
    engine: Arc<dyn Engine>,
    path: PathBuf,
    writable: bool,
    invocation: Invocation,
}

impl Warehouse {
    /// Opens the project's warehouse for reading, or for changes too.
    ///
    /// # Errors
    /// `Project` when there is no project or nothing has been built yet; `Environment` when the file cannot
    /// be opened, for one because another process holds it.
    pub(crate) fn open(global: &Global, writable: bool) -> Result<Self> {
        let root = project::root(global)?;
        log::start(Some(&root), global)?;
        let project = project::read(global, &root)?;
        let settings = project::settings(global, &project, !writable)?;
        if !settings.path.exists() {
            let what = format!("there is no warehouse at `{}` yet", settings.path.display());
            return Err(Diagnostic::project(what).hint("`wh build` makes it").into());
        }
        let access = if writable {
            Access::Write
        } else {
            Access::Read
        };
        Ok(Self {
            engine: open(global, &project, access)?,
            path: settings.path,
            project,
            writable,
            invocation: invocation(global, "query", false)?,
        })
    }

    /// Returns this call, as templates see it.
    pub(crate) fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Opens a session.
    ///
    /// # Errors
    /// `Environment` when the engine refuses.
    pub(crate) fn connect(&self) -> Result<Box<dyn Session>> {
        self.engine.connect()
    }

    /// The project it belongs to.
    pub(crate) fn project(&self) -> &Project {
        &self.project
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
