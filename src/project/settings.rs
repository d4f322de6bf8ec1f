//! `wh.yml` or `dbt_project.yml`: where things lie and how the warehouse is opened.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde_yaml::{Mapping, Value};

use super::jobs::{self, Alert, Job};
use super::package::Dispatch;
use super::required::Required;
use super::warehouse::{Warehouse, connection};
use super::yaml::{Doc, Fields};
use crate::diagnostic::{Diagnostic, Result, Warning};

/// Folders by kind of file, relative to the root.
#[derive(Debug, Clone, Default)]
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
    /// Snapshots.
    pub snapshots: Vec<PathBuf>,
    /// Functions.
    pub functions: Vec<PathBuf>,
    /// Markdown with docs blocks, where the project says it; else every folder.
    pub docs: Vec<PathBuf>,
    /// Files that the documentation shows.
    pub assets: Vec<PathBuf>,
    /// What `clean` removes.
    pub clean: Vec<PathBuf>,
    /// Where logs go.
    pub logs: PathBuf,
    /// Where packages are installed.
    pub packages: PathBuf,
    /// Compiled SQL and artifacts.
    pub target: PathBuf,
}

impl Paths {
    /// Returns the folders whose YAML files describe nodes.
    #[must_use]
    pub fn described(&self) -> Vec<PathBuf> {
        let kinds = [
            &self.models,
            &self.seeds,
            &self.snapshots,
            &self.analyses,
            &self.macros,
            &self.tests,
            &self.functions,
        ];
        kinds.into_iter().flatten().cloned().collect()
    }

    /// Returns the folders whose Markdown files hold docs blocks.
    pub(super) fn docs(&self) -> Vec<PathBuf> {
        match self.docs.is_empty() {
            true => self.described(),
            false => self.docs.clone(),
        }
    }
}

/// What a project's file says by itself.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) required: Option<Required>,
    pub(super) vars: Mapping,
    pub(super) config: Mapping,
    /// The same before its Jinja is rendered.
    pub(super) unrendered: Mapping,
    pub(super) paths: Paths,
    pub(super) install_path: PathBuf,
    pub(super) dispatch: Vec<Dispatch>,
    pub(super) quoting: Mapping,
    pub(super) query_comment: Option<Value>,
    pub(super) restricts_access: bool,
    pub(super) flags: Mapping,
    /// Whether files may be called `….sql.jinja`: a flag of the project itself, for packages, too.
    pub(super) jinja_suffixes: bool,
    pub(super) on_run_start: Vec<String>,
    pub(super) on_run_end: Vec<String>,
    pub(super) jobs: Vec<Job>,
    pub(super) alerts: Vec<Alert>,
    pub(super) warnings: Vec<Warning>,
}

/// Trees of configuration by folder, under the names that they are kept by.
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

/// Keys that others read, or that say nothing here: the profile and the warehouse are read before, versions of dbt are not ours.
const PASSED_OVER: &[&str] = &[
    "profile",
    "warehouse",
    "config-version",
    "packages",
    "project-root",
    "dbt-cloud",
    "osi-paths",
];

/// The form of a project's version: numbers without leading zeros, and after three of them what is before or about a release.
const VERSION: &str = r"(?x)^ (0|[1-9]\d*) \. (0|[1-9]\d*)
    ( \. (0|[1-9]\d*) (-[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)? (\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)? )? $";

/// The versions of dbt that the project is made for.
const REQUIRED: &str = "require-dbt-version";

/// Returns the trees of configuration of a project's file.
pub(super) fn trees(file: &Value) -> Mapping {
    let tree = |tree: &&str| {
        let other = tree.replace('-', "_");
        let found = file.get(other.as_str()).or_else(|| file.get(*tree));
        Some((Value::string((*tree).into()), found?.clone()))
    };
    TREES.iter().filter_map(tree).collect()
}

/// Reads a project's file. `ours` chooses the default folders: those of `wh.yml`, else dbt's.
pub(super) fn read(doc: Doc<'_>, ours: bool) -> Result<Settings> {
    let fields = doc.fields("the project")?;
    let name = name(&fields)?;
    let mut config = Mapping::new();
    for tree in TREES {
        let below = tree_of(&fields, tree)?;
        if !below.is_empty() {
            config.insert(Value::string((*tree).into()), Value::mapping(below));
        }
    }
    fields.pass_over(PASSED_OVER);
    let required = fields.get(REQUIRED).map(|doc| {
        let texts = doc.texts("`require-dbt-version`")?;
        Ok::<_, anyhow::Error>((texts, doc.at()))
    });
    let (jobs, alerts) = jobs::read(&fields)?;
    // Null is said, too: it turns the comment off.
    fields.pass_over(&["query-comment"]);
    let query_comment = doc.value.get("query-comment").cloned();
    let mut warnings = Vec::new();
    let paths = paths(&fields, ours, &mut warnings)?;
    if !ours {
        well_formed(&fields)?;
    }
    let flags = fields.mapping("flags")?;
    let settings = Settings {
        required: required.transpose()?,
        unrendered: Mapping::new(),
        version: fields.text("version")?,
        vars: fields.mapping("vars")?,
        install_path: paths.packages.clone(),
        dispatch: fields
            .items("dispatch")
            .into_iter()
            .map(dispatch)
            .collect::<Result<_>>()?,
        quoting: fields.mapping("quoting")?,
        query_comment,
        restricts_access: fields.flag("restrict-access")?,
        jinja_suffixes: flags
            .get("allow_jinja_file_extensions")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
        flags,
        on_run_start: fields.texts("on-run-start")?,
        on_run_end: fields.texts("on-run-end")?,
        warnings,
        paths,
        jobs,
        alerts,
        name,
        config,
    };
    fields.finish()?;
    Ok(settings)
}

/// Checks what dbt checks of a project's file that means nothing here.
fn well_formed(fields: &Fields<'_>) -> Result<()> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(VERSION).ok());
    if let Some(version) = fields.get("version") {
        let text = version.text("`version`")?;
        if FORM.as_ref().is_some_and(|form| !form.is_match(&text)) {
            return Err(Diagnostic::project(format!("`version` is `{text}`"))
                .at(&version.at())
                .hint("write two or three numbers, as `version: '1.0.0'`")
                .into());
        }
    }
    fields.mapping("dbt-cloud").map(drop)
}

/// Reads a tree; keys of two words are written with `-` or `_`.
fn tree_of(fields: &Fields<'_>, tree: &str) -> Result<Mapping> {
    let other = tree.replace('-', "_");
    match fields.get(&other) {
        Some(_) => fields.mapping(&other),
        None => fields.mapping(tree),
    }
}

fn name(fields: &Fields<'_>) -> Result<String> {
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
    Ok(name)
}

fn dispatch(item: Doc<'_>) -> Result<Dispatch> {
    let fields = item.fields("an entry of `dispatch`")?;
    let dispatch = Dispatch {
        namespace: fields.required("macro_namespace")?,
        order: fields.texts("search_order")?,
    };
    fields.finish()?;
    Ok(dispatch)
}

/// Paths by key, the names that they had before, and dbt's default.
fn paths(fields: &Fields<'_>, ours: bool, warnings: &mut Vec<Warning>) -> Result<Paths> {
    let mut folders = |key: &str, old: Option<&str>, default: &str| -> Result<Vec<PathBuf>> {
        let old = old.and_then(|old| Some((old, fields.get(old)?)));
        let texts = match (fields.get(key), old) {
            (None, Some((old, doc))) => {
                let warning = format!("`{old}` is what `{key}` was called before");
                let event = match old {
                    "source-paths" => "ConfigSourcePathDeprecation",
                    _ => "ConfigDataPathDeprecation",
                };
                warnings.push(Warning::new(event, doc.at(), warning));
                fields.texts(old)?
            }
            (None, None) if default.is_empty() => Vec::new(),
            (None, None) => vec![default.into()],
            _ => fields.texts(key)?,
        };
        Ok(texts.iter().map(|text| tidy(text)).collect())
    };
    let below_sql = |name: &str| match ours {
        true => format!("sql/{name}"),
        false => name.into(),
    };
    let mut paths = Paths {
        models: folders("model-paths", Some("source-paths"), "models")?,
        seeds: folders("seed-paths", Some("data-paths"), "seeds")?,
        macros: folders("macro-paths", None, &below_sql("macros"))?,
        tests: folders("test-paths", None, &below_sql("tests"))?,
        analyses: folders("analysis-paths", None, &below_sql("analyses"))?,
        snapshots: folders("snapshot-paths", None, "snapshots")?,
        functions: folders("function-paths", None, &below_sql("functions"))?,
        docs: folders("docs-paths", None, "")?,
        assets: folders("asset-paths", None, "")?,
        clean: folders("clean-targets", None, "")?,
        ..Paths::default()
    };
    let text = |key: &str, default: &str| -> Result<PathBuf> {
        Ok(fields.text(key)?.unwrap_or_else(|| default.into()).into())
    };
    paths.target = text("target-path", "target")?;
    paths.logs = text("log-path", "logs")?;
    let old = fields
        .text("modules-path")?
        .unwrap_or_else(|| "dbt_packages".into());
    paths.packages = text("packages-install-path", &old)?;
    if let Some(doc) = fields.get("modules-path") {
        let warning = "`modules-path` is what `packages-install-path` was called before";
        let event = "PackageInstallPathDeprecation";
        warnings.push(Warning::new(event, doc.at(), warning));
    }
    Ok(paths)
}

/// Drops `./` and a slash at the end, so that one folder has one name.
fn tidy(text: &str) -> PathBuf {
    let parts = Path::new(text).components();
    parts.filter(|part| *part != Component::CurDir).collect()
}

/// Reads `warehouse:` of the project's file.
pub(super) fn warehouse(doc: Doc<'_>, project: &str) -> Result<Warehouse> {
    let fields = doc.fields("`warehouse`")?;
    let mut warehouse = connection(&fields, "warehouse.duckdb")?;
    warehouse.target = "default".into();
    warehouse.profile = project.into();
    fields.finish()?;
    Ok(warehouse)
}
