//! What a command leaves in the target folder for tools that read dbt's artifacts. Each file is written whole, then renamed.

mod catalog;
mod ledger;
mod lone;
mod results;
mod run_results;
mod sources;

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

pub(super) use self::ledger::{Hook, HookEnd};
pub use self::ledger::{Ledger, Overloads};
pub use self::lone::Lone;
use self::lone::LoneResult;
pub(super) use self::results::fill;
use self::run_results::RunResults;
use self::sources::Sources;
pub use self::sources::{Age, Freshness};
use super::Summary;
use crate::compile::manifest::{About, Manifest, Remains, SemanticManifest};
use crate::compile::{Compiled, Index};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Session;
use crate::project::Project;

/// What a result says of a node that there was nothing to do for.
pub const NO_OP: &str = "No-op";

const MANIFEST: &str = "manifest.json";
const SEMANTIC_MANIFEST: &str = "semantic_manifest.json";
const RUN_RESULTS: &str = "run_results.json";
const CATALOG: &str = "catalog.json";
const SOURCES: &str = "sources.json";

/// Writes `manifest.json` (version 12): all nodes, with what a command left of them; and `semantic_manifest.json`, the semantic
/// layer alone. Nothing with `--no-write-json`.
///
/// # Errors
/// `Environment` when a file cannot be written.
pub fn manifest(project: &Project, compiled: &Compiled, remains: &dyn Remains) -> Result<()> {
    if !are_wanted(compiled) {
        return Ok(());
    }
    write(project, MANIFEST, &Manifest { compiled, remains })?;
    write(project, SEMANTIC_MANIFEST, &SemanticManifest { compiled })
}

/// Writes `run_results.json` (version 6): how each node ended; nothing with `--no-write-json`.
///
/// # Errors
/// `Environment` when the file cannot be written.
pub fn run_results(project: &Project, compiled: &Compiled, summary: &Summary) -> Result<()> {
    match are_wanted(compiled) {
        true => write(project, RUN_RESULTS, &RunResults { compiled, summary }),
        false => Ok(()),
    }
}

/// Writes `run_results.json` of what ran outside the graph; nothing with `--no-write-json`.
///
/// # Errors
/// `Environment` when the file cannot be written.
pub fn lone_result(project: &Project, compiled: &Compiled, lone: &Lone) -> Result<()> {
    match are_wanted(compiled) {
        true => write(project, RUN_RESULTS, &LoneResult { compiled, lone }),
        false => Ok(()),
    }
}

/// Returns whether this call is to leave JSON for other tools.
fn are_wanted(compiled: &Compiled) -> bool {
    compiled.about.args.get("write_json") != Some(&false.into())
}

/// Writes `catalog.json` (version 1): the columns that the relations of the plan, or of `only` those nodes, have in the warehouse.
/// Without a session none has any.
///
/// # Errors
/// What the warehouse answers; `Environment` when the file cannot be written.
pub fn catalog(
    project: &Project,
    compiled: &Compiled,
    only: Option<&BTreeSet<Index>>,
    session: Option<Box<dyn Session>>,
) -> Result<()> {
    let tables = session
        .map(|mut session| catalog::Tables::read(&mut *session))
        .transpose()?;
    let tables = tables.unwrap_or_default();
    write(project, CATALOG, &tables.catalog(compiled, only))
}

/// Writes `sources.json` (version 3), how old the rows of sources are, or the same to `output`; nothing with `--no-write-json`.
///
/// # Errors
/// `Environment` when the file cannot be written.
pub fn sources(
    project: &Project,
    compiled: &Compiled,
    (results, elapsed): (&[Freshness], Duration),
    output: Option<&Path>,
) -> Result<()> {
    let sources = Sources {
        compiled,
        results,
        elapsed,
    };
    match (are_wanted(compiled), output) {
        (false, _) => Ok(()),
        (true, None) => write(project, SOURCES, &sources),
        (true, Some(output)) => {
            let name = output.file_name().unwrap_or(SOURCES.as_ref());
            let folder = output
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            whole(folder.unwrap_or(Path::new(".")), Path::new(name), &sources).map_err(|err| {
                let what = format!("`{}` cannot be written", output.display());
                Diagnostic::environment(what).because(err).into()
            })
        }
    }
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
    whole(&folder, Path::new(name), content).map_err(|err| {
        Diagnostic::environment(format!("`{}` cannot be written", path.display()))
            .because(err)
            .hint("make the folder writable, or name another in `target-path:`")
            .into()
    })
}

/// Writes beside the target, then renames: nobody ever reads half a file.
fn whole(folder: &Path, name: &Path, content: &impl Serialize) -> Result<()> {
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
