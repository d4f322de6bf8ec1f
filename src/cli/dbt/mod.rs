//! The commands that dbt has beside building: each with its options and what it prints.

pub(super) mod clean;
pub(super) mod clone;
pub(super) mod compile;
pub(super) mod docs;
pub(super) mod freshness;
pub(super) mod operation;
pub(super) mod retry;
pub(super) mod show;
pub(super) mod state;

use std::sync::Arc;

use jiff::Timestamp;

use super::args::Global;
use super::build;
use super::warehouse::{Access, open};
use crate::compile::Compiled;
use crate::compile::adapter::Adapter;
use crate::compile::manifest::Nothing;
use crate::diagnostic::Result;
use crate::engine::Engine;
use crate::project::Project;
use crate::run::artifacts::{self, Alone, Ledger};
use crate::run::{self, Summary};

/// Opens the warehouse for what templates ask of it while they are compiled, unless `--no-introspect` says not to.
///
/// # Errors
/// `Environment` when the warehouse cannot be opened.
fn introspect(global: &Global, project: &Project) -> Result<Option<Asked>> {
    if !global.flags.is("introspect") {
        return Ok(None);
    }
    let access = match project.root.join(&project.warehouse.path).exists() {
        true => Access::Read,
        false => Access::Write,
    };
    let engine = open(global, project, access)?;
    let adapter = run::ask(project, &*engine)?;
    Ok(Some(Asked { engine, adapter }))
}

/// Returns the unique id of a question of the command line.
fn question(project: &Project) -> String {
    format!("sql_operation.{}.inline_query", project.name)
}

/// Leaves the artifacts of a question that began then and became this SQL.
fn asked_alone(
    project: &Project,
    compiled: &Compiled,
    (began, sql): (Timestamp, &str),
) -> Result<()> {
    let ledger = Ledger::default();
    ledger.alone(Alone {
        id: question(project),
        time: (began, Timestamp::now()),
        sql: Some(sql.to_owned()),
        error: None,
    });
    let summary = Summary {
        ledger,
        elapsed: Timestamp::now().duration_since(began).unsigned_abs(),
        ..Summary::default()
    };
    artifacts::manifest(project, compiled, &Nothing)?;
    artifacts::run_results(project, compiled, &summary)
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
    match global.flags.is("write_json") {
        true => artifacts::manifest(&project, &compiled, &Nothing),
        false => Ok(()),
    }
}
