//! The warehouse of a project, opened for a command: the file itself, or through the process that holds it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Global;
use super::project;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::remote::{self, Caller, Hello, Server, Turns};
use crate::engine::{DuckDb, Engine, time_zone};
use crate::project::Project;

/// What a command may do in the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Read; many may do so at once.
    Read,
    /// Change it; one at a time.
    Write,
}

/// Opens the project's warehouse: through `wh up` when that holds it, else the file.
///
/// # Errors
/// `Environment` when it cannot be opened, for one because another process holds it.
pub(super) fn open(global: &Global, project: &Project, access: Access) -> Result<Arc<dyn Engine>> {
    opener(global, project, access)?()
}

/// Returns what opens the project's warehouse as [`open`] does.
///
/// # Errors
/// `Project` when the settings of the warehouse are wrong.
pub(super) fn opener(
    global: &Global,
    project: &Project,
    access: Access,
) -> Result<impl Fn() -> Result<Arc<dyn Engine>> + Send + Sync + use<>> {
    let mut settings = project::settings(global, project, access == Access::Read)?;
    settings.plugins = project::plugins(project);
    let socket = socket(project)?;
    let path = project.root.join(&project.warehouse.path);
    let lock_timeout = global.lock_timeout;
    Ok(move || {
        if socket.exists()
            && let Ok(file) = file(&path)
        {
            let hello = Hello {
                version: env!("CARGO_PKG_VERSION").into(),
                warehouse: file,
                write: access == Access::Write,
                time_zone: time_zone(),
                folder: project::here()?,
                caller: Caller {
                    what: called(),
                    pid: std::process::id(),
                },
            };
            if let Some(remote) = remote::open(&socket, &hello, lock_timeout)? {
                let remote = remote.with_plugins(&settings.plugins);
                return Ok(Arc::new(remote) as Arc<dyn Engine>);
            }
        }
        Ok(Arc::new(DuckDb::open(&settings)?) as Arc<dyn Engine>)
    })
}

/// Opens the warehouse's file for this process alone.
///
/// # Errors
/// `Environment` when it cannot be opened, for one because another process holds it; its name is then in the message.
pub(super) fn own(global: &Global, project: &Project) -> Result<Arc<dyn Engine>> {
    let mut settings = project::settings(global, project, false)?;
    settings.plugins = project::plugins(project);
    Ok(Arc::new(DuckDb::open(&settings)?))
}

/// Lets other commands use the warehouse that this process holds.
///
/// # Errors
/// `Environment` when the socket cannot be made.
pub(super) fn serve(
    project: &Project,
    engine: Arc<dyn Engine>,
    turns: Arc<Turns>,
) -> Result<Server> {
    let socket = socket(project)?;
    if let Some(folder) = socket.parent() {
        std::fs::create_dir_all(folder).map_err(|err| {
            Diagnostic::environment(format!("`{}` cannot be made", folder.display())).because(err)
        })?;
    }
    let version = env!("CARGO_PKG_VERSION");
    let path = project.root.join(&project.warehouse.path);
    Server::listen(&socket, engine, (&file(&path)?, version), turns)
}

/// The socket's path, from here: there is a limit of some hundred bytes.
fn socket(project: &Project) -> Result<PathBuf> {
    project::from_here(&project.root.join(".wh").join("wh.sock"))
}

/// The warehouse's file under the one name that every process has for it.
fn file(path: &Path) -> std::io::Result<PathBuf> {
    match path.ends_with(Path::new(":memory:")) {
        true => Ok(path.to_owned()),
        false => path.canonicalize(),
    }
}

/// The command of this process, for those who wait for it.
fn called() -> String {
    let command = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    format!("wh {}", command.unwrap_or_default())
}
