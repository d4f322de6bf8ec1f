//! `wh ls`, `wh debug`: looking without running.

use std::io::Write;

use serde_json::json;

use super::args::{DebugArgs, Global, LsArgs, LsOutput};
use super::warehouse::{Access, open};
use super::{build, project};
use crate::compile::{Compiled, Index, Node, Resource};
use crate::diagnostic::Result;
use crate::run::history::full_name;

/// Lists the chosen nodes.
///
/// # Errors
/// `Project` when the project or the selection is wrong.
pub(super) fn ls(global: &Global, args: &LsArgs) -> Result<()> {
    let (_, compiled) = build::parse(global, "ls", false)?;
    let mut selection = args.selection.clone();
    if selection.resource_type.is_empty() {
        let kind = if selection.models.is_empty() {
            "default"
        } else {
            "model"
        };
        selection.resource_type.push(kind.into());
    }
    let chosen = build::choose(global, &compiled, &selection, &[])?;
    let mut out = std::io::stdout().lock();
    for index in chosen {
        writeln!(out, "{}", listed(&compiled, index, args.output))?;
    }
    Ok(())
}

fn listed(compiled: &Compiled, index: Index, output: LsOutput) -> String {
    let node = &compiled.plan.nodes[index];
    match output {
        LsOutput::Name => search_name(node),
        LsOutput::Path => node.path.display().to_string(),
        LsOutput::Selector => selector(node),
        LsOutput::Json => json!({
            "unique_id": node.id,
            "name": node.name,
            "resource_type": node.resource.word(),
            "package_name": node.package,
            "original_file_path": node.path,
            "tags": node.config.texts("tags"),
            "depends_on": {"nodes": node.parents.iter().map(|parent| &compiled.plan.nodes[*parent].id).collect::<Vec<_>>()},
            "config": node.config.values,
        })
        .to_string(),
    }
}

/// Returns a node's name with its source or version: `raw.orders`, `orders.v2`.
fn search_name(node: &Node) -> String {
    match &node.resource {
        Resource::Model(model) => match model.version.as_ref().and_then(|v| v.as_scalar_string()) {
            Some(version) => format!("{}.v{version}", node.name),
            None => node.name.clone(),
        },
        _ => full_name(node),
    }
}

/// Returns what `--select` takes for a node: its full name, or its kind and name where names alone do not choose the kind.
fn selector(node: &Node) -> String {
    let name = &node.name;
    match (&node.resource, node.resource.word()) {
        (Resource::Source { source, .. }, _) => format!("source:{}.{source}.{name}", node.package),
        (_, "model" | "seed" | "snapshot" | "test" | "analysis" | "function") => node.fqn.join("."),
        (_, kind) => format!("{kind}:{}.{name}", node.package),
    }
}

/// Says what `wh` finds: the project, its warehouse, whether it opens.
///
/// # Errors
/// `Project` when the project is wrong, `Environment` when the warehouse does not open.
pub(super) fn debug(global: &Global, args: &DebugArgs) -> Result<()> {
    if args.config_dir {
        let folder = match &global.profiles_dir {
            Some(folder) => folder.clone(),
            None => project::root(global)?,
        };
        writeln!(std::io::stdout().lock(), "{}", folder.display())?;
        return Ok(());
    }
    let (project, compiled) = build::parse(global, "debug", false)?;
    let settings = project::settings(global, &project, false)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "wh         {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(
        out,
        "project    {} ({})",
        project.name,
        project.root.join(&project.file).display()
    )?;
    writeln!(out, "nodes      {}", compiled.plan.nodes.len())?;
    writeln!(out, "target     {}", project.warehouse.target)?;
    writeln!(out, "warehouse  {}", settings.path.display())?;
    let mut session = open(global, &project, Access::Write)?.connect()?;
    writeln!(out, "relations  {}", session.catalog()?.len())?;
    Ok(())
}
