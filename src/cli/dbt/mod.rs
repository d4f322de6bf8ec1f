//! The commands that dbt has beside building: each with its options and what it prints.

pub(super) mod clean;
pub(super) mod clone;
pub(super) mod compile;
pub(super) mod docs;
pub(super) mod freshness;
pub(super) mod operation;
pub(super) mod retry;
pub(super) mod seeds;
pub(super) mod show;
pub(super) mod state;

use std::sync::Arc;

use super::args::Global;
use super::build;
use super::warehouse::{Access, open};
use crate::compile::adapter::Adapter;
use crate::compile::manifest::Nothing;
use crate::diagnostic::Result;
use crate::engine::Engine;
use crate::project::Project;
use crate::run::{self, artifacts};

/// Opens the warehouse for what templates ask of it while they are compiled, unless `--no-introspect` says not to.
///
/// For reading, which many may do at once; for changes where its file, or one that it attaches, may have to be made.
///
/// # Errors
/// `Environment` when the warehouse cannot be opened.
fn introspect(global: &Global, project: &Project) -> Result<Option<Asked>> {
    if !global.flags.is("introspect") {
        return Ok(None);
    }
    let warehouse = &project.warehouse;
    let is_made = project.root.join(&warehouse.path).exists() && warehouse.attach.is_empty();
    let access = if is_made { Access::Read } else { Access::Write };
    let engine = open(global, project, access)?;
    let adapter = run::ask(project, &*engine)?;
    Ok(Some(Asked { engine, adapter }))
}

/// The open warehouse, and how templates reach it.
struct Asked {
    engine: Arc<dyn Engine>,
    adapter: Arc<dyn Adapter>,
}

/// Reads the project and writes `manifest.json`.
///
/// # Errors
/// `Project` when it is wrong; `Environment` when the file cannot be written.
pub(super) fn parse(global: &Global) -> Result<()> {
    let (project, compiled) = build::parse(global, "parse", false)?;
    artifacts::manifest(&project, &compiled, &Nothing)
}
