//! `wh.yml` or `dbt_project.yml`: where things lie and how the warehouse is opened.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::jobs::{self, Alert, Job};
use super::yaml::{Doc, Fields};
use crate::diagnostic::{Diagnostic, Result};

/// Folders by kind of file, relative to the root.
#[derive(Debug, Clone)]
pub struct Paths {
    /// Models and the YAML that describes every node.
    pub models: Vec<PathBuf>,
    /// Seeds.
    pub seeds: Vec<PathBuf>,
    /// Macros.
    pub macros: Vec<PathBuf>,
    /// Singular tests; `generic/` below them holds generic ones.
    pub tests: Vec<PathBuf>,
    /// Analyses.
    pub analyses: Vec<PathBuf>,
    /// Compiled SQL and artifacts.
    pub target: PathBuf,
}

/// The warehouse and how it is opened.
#[derive(Debug, Clone, Default)]
pub struct Warehouse {
    /// The target's name: `target.name` in templates.
    pub target: String,
    /// The profile's name; the project's own when there is no profile.
    pub profile: String,
    /// The file, relative to the root unless absolute; `:memory:` for none.
    pub path: PathBuf,
    /// The schema models are built in.
    pub schema: String,
    /// Nodes that run at once.
    pub threads: Option<usize>,
    /// Storage version of a new file.
    pub storage_version: Option<String>,
    /// Extensions to install and load.
    pub extensions: Vec<String>,
    /// `DuckDB`'s settings by name.
    pub settings: BTreeMap<String, String>,
}

/// What the project's file says by itself.
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) profile: Option<String>,
    pub(super) vars: Mapping,
    pub(super) config: Mapping,
    pub(super) paths: Paths,
    pub(super) warehouse: Option<Warehouse>,
    pub(super) on_run_start: Vec<String>,
    pub(super) on_run_end: Vec<String>,
    pub(super) jobs: Vec<Job>,
    pub(super) alerts: Vec<Alert>,
}

/// Trees of configuration by folder.
const TREES: &[&str] = &[
    "models",
    "seeds",
    "snapshots",
    "tests",
    "data_tests",
    "sources",
    "feature_views",
    "ml_models",
    "exports",
    "reports",
    "analyses",
    "unit_tests",
    "semantic-models",
    "metrics",
    "saved-queries",
    "exposures",
    "functions",
];

/// Keys of `dbt_project.yml` that change nothing here yet, and so are taken without a word.
const PASSED_OVER: &[&str] = &[
    "version",
    "config-version",
    "require-dbt-version",
    "snapshot-paths",
    "asset-paths",
    "docs-paths",
    "packages-install-path",
    "clean-targets",
    "query-comment",
    "quoting",
    "dispatch",
    "flags",
    "log-path",
    "function-paths",
];

/// Reads the project's file. `ours` chooses the default folders: those of `wh.yml`, else dbt's.
pub(super) fn read(doc: Doc<'_>, ours: bool) -> Result<Settings> {
    let fields = doc.fields("the project")?;
    let name = fields.required("name")?;
    let valid = |c: char| c.is_alphanumeric() || c == '_';
    if !name.chars().all(valid) || name.is_empty() {
        return Err(
            Diagnostic::project(format!("the project's name `{name}` is not a word"))
                .at(&fields.get("name").map_or(fields.at(), |doc| doc.at()))
                .hint("use letters, digits and underscores")
                .into(),
        );
    }
    let mut config = Mapping::new();
    for tree in TREES {
        let below = fields.mapping(tree)?;
        if !below.is_empty() {
            config.insert(Value::string((*tree).into()), Value::mapping(below));
        }
    }
    fields.pass_over(PASSED_OVER);
    let (jobs, alerts) = jobs::read(&fields)?;
    let settings = Settings {
        profile: fields.text("profile")?,
        vars: fields.mapping("vars")?,
        paths: paths(&fields, ours)?,
        warehouse: fields
            .get("warehouse")
            .map(|doc| warehouse(doc, &name))
            .transpose()?,
        on_run_start: fields.texts("on-run-start")?,
        on_run_end: fields.texts("on-run-end")?,
        jobs,
        alerts,
        name,
        config,
    };
    fields.finish()?;
    Ok(settings)
}

fn paths(fields: &Fields<'_>, ours: bool) -> Result<Paths> {
    let folder = |keys: &[&str], default: &str| -> Result<Vec<PathBuf>> {
        for key in keys {
            if fields.get(key).is_some() {
                return Ok(fields.texts(key)?.into_iter().map(PathBuf::from).collect());
            }
        }
        Ok(vec![PathBuf::from(default)])
    };
    let below_sql = |name: &str| match ours {
        true => format!("sql/{name}"),
        false => name.into(),
    };
    Ok(Paths {
        models: folder(&["model-paths", "source-paths"], "models")?,
        seeds: folder(&["seed-paths", "data-paths"], "seeds")?,
        macros: folder(&["macro-paths"], &below_sql("macros"))?,
        tests: folder(&["test-paths"], &below_sql("tests"))?,
        analyses: folder(&["analysis-paths"], &below_sql("analyses"))?,
        target: fields
            .text("target-path")?
            .unwrap_or_else(|| "target".into())
            .into(),
    })
}

fn warehouse(doc: Doc<'_>, project: &str) -> Result<Warehouse> {
    let fields = doc.fields("`warehouse`")?;
    let mut warehouse = connection(&fields)?;
    warehouse.target = "default".into();
    warehouse.profile = project.into();
    fields.finish()?;
    Ok(warehouse)
}

/// Reads the keys that `warehouse:` and a target of `profiles.yml` share.
pub(super) fn connection(fields: &Fields<'_>) -> Result<Warehouse> {
    let mut settings = BTreeMap::new();
    for (name, value) in &fields.mapping("settings")? {
        if let (Some(name), Some(value)) = (name.as_str(), value.as_scalar_string()) {
            settings.insert(name.to_owned(), value.into_owned());
        }
    }
    for name in ["memory_limit", "temp_directory"] {
        if let Some(value) = fields.text(name)? {
            settings.insert(name.into(), value);
        }
    }
    let threads = fields.get("threads").map(|doc| {
        let number = doc.value.as_u64().and_then(|n| usize::try_from(n).ok());
        let wrong =
            || Diagnostic::project("`threads` is not a number from 1 to 1,024").at(&doc.at());
        number.filter(|n| (1..=1024).contains(n)).ok_or_else(wrong)
    });
    Ok(Warehouse {
        path: fields
            .text("path")?
            .unwrap_or_else(|| "warehouse.duckdb".into())
            .into(),
        schema: fields.text("schema")?.unwrap_or_else(|| "main".into()),
        threads: threads.transpose()?,
        storage_version: fields.text("storage_version")?,
        extensions: fields.texts("extensions")?,
        settings,
        ..Warehouse::default()
    })
}
