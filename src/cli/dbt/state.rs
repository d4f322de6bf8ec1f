//! What an earlier command left in the folders of `--state` and of the target: artifacts to compare with.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::args::Global;
use crate::cli::project;
use crate::cli::warn::warn;
use crate::compile::{Compiled, Index, Past, deferred};
use crate::diagnostic::{Diagnostic, Result};
use crate::run::Introspection;

/// The versions of manifests that dbt still reads.
const MANIFESTS: RangeInclusive<u32> = 4..=12;

/// The versions of `run_results.json` that dbt still reads.
const RESULTS: RangeInclusive<u32> = 4..=6;

/// Reads what `--state` names, and the target folder's `sources.json`, as far as a selection asks for it.
///
/// # Errors
/// `Project` when the folder of `--state` is not there or a file in it is no JSON.
pub(in crate::cli) fn past(global: &Global, target: &Path) -> Result<Past> {
    let Some(folder) = global.flags.text("state") else {
        return Ok(Past::default());
    };
    let folder = placed(global, folder);
    if !folder.is_dir() {
        return Err(no_folder("--state", &folder));
    }
    if let (Ok(folder), Ok(target)) = (folder.canonicalize(), target.canonicalize())
        && folder == target
    {
        let what = format!(
            "The state and target directories are the same: '{}'",
            global.flags.text("state").unwrap_or_default()
        );
        let hint = "copy the artifacts of an earlier command elsewhere: this one overwrites them";
        warn(
            global,
            "WarnStateTargetEqual",
            Diagnostic::project(what).hint(hint),
        )?;
    }
    Ok(Past {
        manifest: known(&folder.join("manifest.json"), MANIFESTS)?,
        results: known(&folder.join("run_results.json"), RESULTS)?,
        sources: read(&folder.join("sources.json"))?,
        sources_now: read(&target.join("sources.json"))?,
    })
}

/// Reads the manifest that `--defer` goes by: that of `--defer-state`, else of `--state`.
///
/// # Errors
/// As [`past`].
pub(in crate::cli) fn deferred_to(global: &Global) -> Result<Option<Value>> {
    let named = ["defer_state", "state"];
    let Some(folder) = named.iter().find_map(|name| global.flags.text(name)) else {
        return Ok(None);
    };
    known(&placed(global, folder).join("manifest.json"), MANIFESTS)
}

/// Returns a folder that an option names: from the project's, wherever the command is called, as in dbt.
pub(super) fn placed(global: &Global, folder: &str) -> PathBuf {
    project::root(global).map_or_else(|_| folder.into(), |root| root.join(folder))
}

/// With `--defer`, lets nodes that are not chosen be read where the manifest of `--state` has them: those that are not in the
/// warehouse, and with `--favor-state` all of them.
///
/// # Errors
/// As [`past`]; what the warehouse answers.
pub(in crate::cli) fn defer(
    global: &Global,
    compiled: &mut Compiled,
    (chosen, introspection): (&BTreeSet<Index>, &Introspection),
) -> Result<()> {
    if !global.flags.is("defer") {
        return Ok(());
    }
    let Some(manifest) = deferred_to(global)? else {
        return Err(no_state("--defer"));
    };
    let mut there = deferred::relations(&compiled.plan, &manifest);
    there.retain(|index, _| !chosen.contains(index));
    if !global.flags.is("favor_state") {
        let exists = introspection.finder()?;
        let nodes = &compiled.plan.nodes;
        there.retain(|index, _| {
            let own = nodes[*index].relation.as_ref();
            own.is_some_and(|own| !exists(own))
        });
    }
    compiled.deferred = there;
    Ok(())
}

/// Says that an option names a folder that is not there.
pub(super) fn no_folder(option: &str, folder: &Path) -> anyhow::Error {
    Diagnostic::project(format!("`{option} {}` is no folder", folder.display()))
        .hint("name the folder that holds the manifest.json of an earlier command")
        .into()
}

/// Says that a command or option needs the manifest of another environment.
pub(in crate::cli) fn no_state(what: &str) -> anyhow::Error {
    Diagnostic::project(format!("`{what}` has no manifest.json to go by"))
        .hint("give `--state` the folder that another environment's build left it in")
        .into()
}

/// Reads an artifact of one of the versions that dbt still reads; `None` when it is not there.
///
/// # Errors
/// As [`read`]; `Project` for another version.
fn known(path: &Path, versions: RangeInclusive<u32>) -> Result<Option<Value>> {
    let Some(artifact) = read(path)? else {
        return Ok(None);
    };
    let schema = artifact.pointer("/metadata/dbt_schema_version");
    let name = schema
        .and_then(Value::as_str)
        .and_then(|url| url.rsplit('/').next());
    let version = name.and_then(|name| name.strip_prefix('v')?.strip_suffix(".json")?.parse().ok());
    match version {
        Some(version) if !versions.contains(&version) => {
            let (first, last) = (versions.start(), versions.end());
            let what = format!("`{}` has the form v{version}", path.display());
            Err(Diagnostic::project(what)
                .hint(format!(
                    "v{first} to v{last} are known: make it with another version of dbt"
                ))
                .into())
        }
        _ => Ok(Some(artifact)),
    }
}

/// Reads an artifact; `None` when it is not there.
///
/// # Errors
/// `Project` when it is no JSON, `Environment` when it cannot be read.
pub(in crate::cli) fn read(path: &Path) -> Result<Option<Value>> {
    if !path.is_file() {
        return Ok(None);
    }
    let unreadable = |err: std::io::Error| {
        Diagnostic::environment(format!("`{}` cannot be read", path.display())).because(err)
    };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let json = serde_json::from_slice(&bytes).map_err(|err| {
        Diagnostic::project(format!("`{}` is no JSON", path.display())).because(err)
    })?;
    Ok(Some(json))
}
