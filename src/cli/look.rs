//! `wh ls`, `wh debug`: looking without running.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use serde_json::{Map, Value};

use super::args::{DebugArgs, Global, LsArgs, LsOutput};
use super::warehouse::{Access, open};
use super::{build, print_error, project};
use crate::compile::manifest::{Nothing, nodes_json};
use crate::compile::{Compiled, Index, Node, Resource};
use crate::diagnostic::Result;
use crate::project::Unloaded;
use crate::run::artifacts;
use crate::run::history::full_name;

/// Keys of the JSON of `ls` when nobody names others, as dbt has them.
const KEYS: &[&str] = &[
    "alias",
    "name",
    "package_name",
    "depends_on",
    "direct_parents",
    "tags",
    "config",
    "resource_type",
    "source_name",
    "original_file_path",
    "unique_id",
];

/// Lists the chosen nodes.
///
/// # Errors
/// `Project` when the project or the selection is wrong.
pub(super) fn ls(global: &Global, args: &LsArgs) -> Result<()> {
    let (project, compiled) = build::parse(global, "ls", false)?;
    let listed = list(global, args, &compiled);
    artifacts::manifest(&project, &compiled, &Nothing)?;
    listed
}

fn list(global: &Global, args: &LsArgs, compiled: &Compiled) -> Result<()> {
    let mut selection = args.selection.clone();
    if selection.resource_type.is_empty() {
        let kind = if selection.models.is_empty() {
            "default"
        } else {
            "model"
        };
        selection.resource_type.push(kind.into());
    }
    let chosen = build::choose(global, compiled, &selection, &[])?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.output == LsOutput::Json {
        let chosen: Vec<Index> = chosen.into_iter().collect();
        for node in nodes_json(compiled, &chosen) {
            writeln!(out, "{}", Value::Object(picked(node, &args.output_keys)))?;
        }
        return Ok(out.flush()?);
    }
    for index in chosen {
        let node = &compiled.plan.nodes[index];
        match args.output {
            LsOutput::Name => writeln!(out, "{}", search_name(node))?,
            LsOutput::Path => writeln!(out, "{}", node.original.display())?,
            LsOutput::Selector | LsOutput::Json => writeln!(out, "{}", selector(node))?,
        }
    }
    Ok(out.flush()?)
}

/// Returns the keys of a node that are asked for, in that order; `config.materialized` is a key within a key.
fn picked(mut node: Map<String, Value>, keys: &[String]) -> Map<String, Value> {
    if node.get("resource_type") == Some(&"model".into()) {
        let parents = node.get("depends_on").and_then(|all| all.get("nodes"));
        let parents = parents.cloned().unwrap_or_default();
        node.insert("direct_parents".into(), parents);
    }
    let names = keys.iter().flat_map(|words| words.split_whitespace());
    let mut picked = Map::new();
    for name in names {
        let mut steps = name.split('.');
        let first = node.get(steps.next().unwrap_or_default());
        let found = steps.try_fold(first, |value, step| Some(value?.get(step)));
        let is_nested = name.contains('.');
        if let Some(value) = found
            .flatten()
            .filter(|value| !is_nested || !value.is_null())
        {
            picked.insert(name.into(), value.clone());
        }
    }
    if keys.is_empty() {
        node.retain(|key, _| KEYS.contains(&key.as_str()));
        return node;
    }
    picked
}

/// Returns a node's name with its source or version: `raw.orders`, `orders.v2`.
pub(super) fn search_name(node: &Node) -> String {
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
        // The id of a test of one version ends in that.
        (Resource::UnitTest(test), kind) => {
            let model = format!("{kind}.{}.{}.", node.package, test.model);
            let name = node.id.strip_prefix(&model).unwrap_or(name);
            format!("{kind}:{}.{name}", node.package)
        }
        (_, kind) => format!("{kind}:{}.{name}", node.package),
    }
}

/// Says what `wh` finds: the project, its warehouse, whether it opens. The exit code is 1 when something is wrong with them.
///
/// # Errors
/// `Project` when there is no project.
pub(super) fn debug(global: &Global, args: &DebugArgs) -> Result<ExitCode> {
    if args.config_dir {
        let folder = match &global.profiles_dir {
            Some(folder) => folder.clone(),
            None => project::root(global)?,
        };
        writeln!(std::io::stdout().lock(), "{}", folder.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    project::root(global)?;
    match checked(global, args.connection) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(err) => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "1 check failed:")?;
            if let Some(Unloaded(said)) = err.downcast_ref() {
                writeln!(
                    out,
                    "Profile loading failed for the following reason:\n{said}"
                )?;
            }
            drop(out);
            print_error(global, &err);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Reads the project and opens its warehouse, and says what was found.
fn checked(global: &Global, connection_only: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "wh         {}", env!("CARGO_PKG_VERSION"))?;
    if connection_only {
        writeln!(out, "Skipping steps before connection verification")?;
    }
    let (project, compiled) = build::parse(global, "debug", false)?;
    let settings = project::settings(global, &project, false)?;
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
    writeln!(out, "all checks passed")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn named_keys_are_picked_also_within_others() {
        let node = json!({"name": "a", "config": {"x": 1, "y": null}, "alias": null});
        let Value::Object(node) = node else {
            unreachable!()
        };
        let keys = [
            "alias config.x".to_owned(),
            "config.y".into(),
            "none".into(),
        ];
        let found = Value::Object(picked(node.clone(), &keys));
        assert_eq!(found, json!({"alias": null, "config.x": 1}));
        assert_eq!(picked(node, &[]).len(), 3);
    }
}
