//! From a folder to a [`Project`].

use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use super::yaml::{self, Doc, Render};
use super::{Project, Resources, SourceFile, Warehouse, files, profile, resources, settings};
use crate::diagnostic::{Diagnostic, Result, all_or_none};

/// The project's file, in order of preference.
const NAMES: &[&str] = &["wh.yml", "dbt_project.yml"];

/// What the command line says over the project's files.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Variables, over those of the file.
    pub vars: Mapping,
    /// The target of the profile.
    pub target: Option<String>,
    /// The folder of `profiles.yml`.
    pub profiles_dir: Option<PathBuf>,
    /// Nodes that run at once.
    pub threads: Option<usize>,
}

/// Returns the folder that holds the project: `start` or the nearest one above it.
///
/// # Errors
/// `Project` when there is none.
pub fn locate(start: &Path) -> Result<PathBuf> {
    let holds = |folder: &&Path| NAMES.iter().any(|name| folder.join(name).is_file());
    let found = start.ancestors().find(holds);
    found.map(Path::to_owned).ok_or_else(|| {
        Diagnostic::project(format!(
            "there is no project in `{}` or above it",
            start.display()
        ))
        .hint("`wh init NAME` makes one; or change into its folder, or give `--project-dir`")
        .into()
    })
}

/// Reads the project in `root`. `render` renders the Jinja of YAML values with the variables given to it.
///
/// # Errors
/// `Project` with the place of what is wrong; independent errors together.
pub fn load(
    root: &Path,
    overrides: &Overrides,
    render: &(dyn Fn(&str, &Mapping) -> Result<Value> + Sync),
) -> Result<Project> {
    let name = NAMES.iter().find(|name| root.join(name).is_file()).copied();
    let file = PathBuf::from(name.unwrap_or(NAMES[0]));
    let mut value = yaml::parse(&file, &files::read(root, &file)?)?;
    yaml::render(&file, &mut value, &|text| render(text, &overrides.vars))?;
    let settings = settings::read(
        Doc {
            value: &value,
            file: &file,
        },
        name == Some(NAMES[0]),
    )?;
    let mut vars = settings.vars;
    vars.extend(overrides.vars.clone());
    let with_vars = |text: &str| render(text, &vars);
    let mut warehouse = match (settings.warehouse, &settings.profile) {
        (Some(warehouse), _) => warehouse,
        (None, Some(name)) => profile::read(root, name, overrides, &with_vars)?,
        (None, None) => default_warehouse(&settings.name),
    };
    warehouse.threads = overrides.threads.or(warehouse.threads);
    let read = |folders: &[PathBuf]| files::read_all(&settings.name, root, folders, &["sql"]);
    let paths = settings.paths;
    let (generic, tests) = read(&paths.tests)?.into_iter().partition(is_generic);
    let macros = [read(&paths.macros)?, generic].concat();
    let resources = read_resources(root, &settings.name, &paths, &with_vars)?;
    let selectors = read_selectors(root, &with_vars)?;
    Ok(Project {
        root: root.to_owned(),
        name: settings.name.clone(),
        config: settings.config,
        on_run_start: settings.on_run_start,
        on_run_end: settings.on_run_end,
        jobs: settings.jobs,
        alerts: settings.alerts,
        models: read(&paths.models)?,
        seeds: seeds(&settings.name, root, &paths.seeds)?,
        analyses: read(&paths.analyses)?,
        file,
        vars,
        warehouse,
        macros,
        tests,
        resources,
        selectors,
        paths,
    })
}

/// The file of named selections.
pub const SELECTORS: &str = "selectors.yml";

fn read_selectors(root: &Path, render: Render<'_>) -> Result<Value> {
    let file = Path::new(SELECTORS);
    if !root.join(file).is_file() {
        return Ok(Value::mapping(Mapping::new()));
    }
    let mut value = yaml::parse(file, &files::read(root, file)?)?;
    yaml::render(file, &mut value, render)?;
    Ok(value)
}

fn default_warehouse(name: &str) -> Warehouse {
    Warehouse {
        target: "default".into(),
        profile: name.into(),
        path: "warehouse.duckdb".into(),
        schema: "main".into(),
        ..Warehouse::default()
    }
}

fn is_generic(file: &SourceFile) -> bool {
    file.inner.starts_with("generic")
}

fn seeds(package: &str, root: &Path, folders: &[PathBuf]) -> Result<Vec<SourceFile>> {
    let found = files::find(root, folders, &["csv"])?;
    Ok(found
        .into_iter()
        .map(|(path, inner)| SourceFile {
            package: package.into(),
            path,
            inner,
            text: String::new(),
        })
        .collect())
}

fn read_resources(
    root: &Path,
    package: &str,
    paths: &settings::Paths,
    render: Render<'_>,
) -> Result<Resources> {
    let folders = [
        &paths.models,
        &paths.seeds,
        &paths.macros,
        &paths.tests,
        &paths.analyses,
    ];
    let folders: Vec<PathBuf> = folders.into_iter().flatten().cloned().collect();
    let mut resources = Resources::default();
    let mut errors = Vec::new();
    for file in files::read_all(package, root, &folders, &["yml", "yaml"])? {
        let outcome = yaml::parse(&file.path, &file.text).and_then(|mut value| {
            yaml::render(&file.path, &mut value, render)?;
            resources::read(root, &file, &value, &mut resources)
        });
        errors.extend(outcome.err());
    }
    all_or_none(errors)?;
    Ok(resources)
}
