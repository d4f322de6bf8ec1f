//! What a command leaves in the target folder for tools that read dbt's artifacts. Each file is written whole, then renamed.

mod catalog;
mod ledger;
mod results;
mod run_results;
mod sources;

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

pub(super) use self::ledger::Hook;
pub use self::ledger::{Alone, Ledger};
pub(super) use self::results::fill;
use self::run_results::RunResults;
use self::sources::Sources;
pub use self::sources::{Age, Freshness};
use super::Summary;
use crate::compile::Compiled;
use crate::compile::manifest::{About, Manifest, Remains};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Session;
use crate::project::Project;

/// Writes `manifest.json` (version 12): all nodes, with what a command left of them.
///
/// # Errors
/// `Environment` when the file cannot be written.
pub fn manifest(project: &Project, compiled: &Compiled, remains: &dyn Remains) -> Result<()> {
    write(project, "manifest.json", &Manifest { compiled, remains })
}

/// Writes `run_results.json` (version 6): how each node ended.
///
/// # Errors
/// `Environment` when the file cannot be written.
pub fn run_results(project: &Project, compiled: &Compiled, summary: &Summary) -> Result<()> {
    let results = RunResults { compiled, summary };
    write(project, "run_results.json", &results)
}

/// Writes `catalog.json` (version 1): the columns that the relations of the plan have in the warehouse.
///
/// # Errors
/// What the warehouse answers; `Environment` when the file cannot be written.
pub fn catalog(project: &Project, compiled: &Compiled, session: &mut dyn Session) -> Result<()> {
    let tables = catalog::Tables::read(session)?;
    write(project, "catalog.json", &tables.catalog(compiled))
}

/// Writes `sources.json` (version 3): how old the rows of sources are.
///
/// # Errors
/// `Environment` when the file cannot be written.
pub fn sources(
    project: &Project,
    compiled: &Compiled,
    (results, elapsed): (&[Freshness], Duration),
) -> Result<()> {
    let sources = Sources {
        compiled,
        results,
        elapsed,
    };
    write(project, "sources.json", &sources)
}

/// The `metadata` of an artifact; its schema is such as `catalog/v1`.
struct Header<'a>(&'a About, &'static str);

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.metadata(&mut map, self.1)?;
        map.end()
    }
}

/// Writes one file of the target folder as JSON.
fn write(project: &Project, name: &str, content: &impl Serialize) -> Result<()> {
    let folder = project.root.join(&project.paths.target);
    let path = project.paths.target.join(name);
    whole(&folder, name, content).map_err(|err| {
        Diagnostic::environment(format!("`{}` cannot be written", path.display()))
            .because(err)
            .hint("make the folder writable, or name another in `target-path:`")
            .into()
    })
}

/// Writes beside the target, then renames: nobody ever reads half a file.
fn whole(folder: &Path, name: &str, content: &impl Serialize) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = tempfile::Builder::new()
        .suffix(".tmp")
        .tempfile_in(folder)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    serde_json::to_writer(&mut writer, content)?;
    writer.flush()?;
    let file = writer.into_inner().map_err(|err| err.into_error())?;
    file.persist(folder.join(name))?;
    Ok(())
}
