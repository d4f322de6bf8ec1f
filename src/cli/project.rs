//! The project that a command line names, and how its warehouse is opened.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::Global;
use super::warn::warn;
use crate::compile::{Compiled, Resource, YamlRenderer};
use crate::diagnostic::{Diagnostic, Result, Warning, all_or_none};
use crate::engine::{Attachment, Plugin, PluginSettings, Secret, Settings};
use crate::ml;
use crate::project::{Attach, Overrides, Project, Warehouse, load, locate, yaml};

/// The page and `wh query` look into the warehouse for a moment: who wants to write waits for that without being asked to.
const GLANCE: Duration = Duration::from_secs(1);

/// Returns the project's folder: `--project-dir`, or the nearest one from here upwards.
///
/// # Errors
/// `Project` when there is none.
pub(super) fn root(global: &Global) -> Result<PathBuf> {
    match &global.project_dir {
        Some(folder) if !folder.is_dir() => Err(Diagnostic::project(format!(
            "there is no folder `{}`",
            folder.display()
        ))
        .hint("give `--project-dir` the folder that holds wh.yml")
        .into()),
        Some(folder) => locate(&here()?.join(folder)),
        None => locate(&here()?),
    }
}

/// Reads the project in `root` with what the command line says over it.
///
/// # Errors
/// `Project` with the place of what is wrong.
pub(super) fn read(global: &Global, root: &Path) -> Result<Project> {
    let overrides = Overrides {
        profile: global.flags.text("profile").map(str::to_owned),
        vars: global.vars.clone().unwrap_or_default().0,
        target: global.target.clone(),
        profiles_dir: global.profiles_dir.clone(),
        threads: global.threads,
        any_version: !global.flags.is("version_check"),
    };
    let renderer = YamlRenderer::new()?;
    let mut project = load(root, &overrides, &renderer)?;
    if let Some(folder) = global.flags.text("target_path") {
        project.paths.target = folder.into();
    }
    if let Some(folder) = global.flags.text("log_path") {
        project.paths.logs = folder.into();
    }
    doubts(global, &project.warnings)?;
    Ok(project)
}

/// Checks what only the parts know that will run it, and says what is doubtful in the project's files.
///
/// # Errors
/// `Project` when an ML model is declared wrongly, and with the first doubt that counts as an error.
pub(super) fn check(global: &Global, compiled: &Compiled) -> Result<()> {
    for node in &compiled.plan.nodes {
        if let Resource::MlModel(model) = &node.resource {
            ml::check(model)?;
        }
    }
    doubts(global, &compiled.plan.warnings)
}

pub(super) fn doubts(global: &Global, warnings: &[Warning]) -> Result<()> {
    let together = global.flags.is("enable_grouped_warn_error_parser_logs");
    let mut refused = Vec::new();
    for warning in warnings {
        let said = Diagnostic::project(warning.text.as_str()).at(&warning.at);
        match warn(global, warning.event, said) {
            Err(err) if together => refused.push(err),
            done => done?,
        }
    }
    all_or_none(refused)
}

/// As [`read`], for a command that reads it once more to run it: warnings are left to that.
///
/// # Errors
/// As [`read`].
pub(super) fn peek(global: &Global, root: &Path) -> Result<Project> {
    let mut quiet = global.clone();
    quiet.quiet = true;
    read(&quiet, root)
}

/// Returns how the project's warehouse is opened.
///
/// # Errors
/// `Environment` when the current folder is gone.
pub(super) fn settings(global: &Global, project: &Project, read_only: bool) -> Result<Settings> {
    let warehouse = &project.warehouse;
    Ok(Settings {
        path: match warehouse.path.to_str() {
            Some(":memory:") => warehouse.path.clone(),
            _ => from_here(&project.root.join(&warehouse.path))?,
        },
        read_only,
        tracks_progress: std::io::stderr().is_terminal(),
        storage_version: warehouse.storage_version.clone(),
        lock_timeout: match read_only {
            true => global.lock_timeout,
            false => global.lock_timeout.max(GLANCE),
        },
        extensions: extensions(warehouse),
        options: warehouse.options.clone(),
        settings: warehouse.settings.clone(),
        attachments: warehouse.attach.iter().map(attachment).collect(),
        secrets: warehouse.secrets.iter().map(secret).collect(),
        plugins: PluginSettings::default(),
    })
}

/// Returns what the plug-ins of the profile are made of: for what runs nodes or asks for them, not for a look at tables.
pub(super) fn plugins(project: &Project) -> PluginSettings {
    let warehouse = &project.warehouse;
    let json = |mapping: &serde_yaml::Mapping| yaml::to_json(&mapping.clone().into());
    let plugins = warehouse.plugins.iter().map(|plugin| Plugin {
        module: plugin.module.clone(),
        alias: plugin.alias.clone(),
        config: json(&plugin.config),
    });
    let module_paths = warehouse.module_paths.iter();
    PluginSettings {
        plugins: plugins.collect(),
        module_paths: module_paths.map(|path| project.root.join(path)).collect(),
        target: json(&warehouse.written),
    }
}

fn extensions(warehouse: &Warehouse) -> Vec<(String, Option<String>)> {
    let extensions = warehouse.extensions.iter();
    extensions
        .map(|extension| (extension.name.clone(), extension.repository.clone()))
        .collect()
}

fn attachment(attach: &Attach) -> Attachment {
    Attachment {
        path: attach.path.clone(),
        alias: attach.alias.clone(),
        options: attach.options.clone(),
    }
}

/// Makes a secret of its keys as YAML has them.
fn secret(keys: &serde_yaml::Mapping) -> Secret {
    let json = serde_json::to_value(keys).unwrap_or_default();
    let mut keys = json.as_object().cloned().unwrap_or_default();
    let text = |value: serde_json::Value| value.as_str().map(str::to_owned);
    Secret {
        name: keys.shift_remove("name").and_then(text),
        persistent: keys.shift_remove("persistent") == Some(true.into()),
        keys,
    }
}

/// Shortens a path below the current folder, as a person there would type it.
///
/// # Errors
/// `Environment` when the current folder is gone.
pub(super) fn from_here(path: &Path) -> Result<PathBuf> {
    Ok(path.strip_prefix(here()?).unwrap_or(path).to_owned())
}

/// Returns the current folder.
///
/// # Errors
/// `Environment` when it is gone.
pub(super) fn here() -> Result<PathBuf> {
    std::env::current_dir().map_err(|err| {
        Diagnostic::environment("the current folder is gone")
            .because(err)
            .into()
    })
}
