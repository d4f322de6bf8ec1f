//! From a folder to a [`Project`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use super::settings::Settings;
use super::yaml::{self, Doc, Render};
use super::{
    Package, Project, Warehouse, files, installed, package, profile, rendered, required, settings,
};
use crate::diagnostic::{Diagnostic, Result, all_or_none};

/// The project's file, in order of preference.
const NAMES: &[&str] = &["wh.yml", "dbt_project.yml"];

/// What the command line says over the project's files.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Variables, over those of the file.
    pub vars: Mapping,
    /// The profile, instead of the one that the project names.
    pub profile: Option<String>,
    /// The target of the profile.
    pub target: Option<String>,
    /// The folder of `profiles.yml`.
    pub profiles_dir: Option<PathBuf>,
    /// Nodes that run at once.
    pub threads: Option<usize>,
    /// Whether a package may be made for other versions of dbt.
    pub any_version: bool,
}

/// A function that renders the Jinja of one YAML value.
pub type Rendering<'a> = Box<dyn Fn(&str) -> Result<Value> + Send + Sync + 'a>;

/// The target, and the project's name, where they are known and told.
pub type Target<'a> = (Option<&'a Warehouse>, Option<&'a str>);

/// Whoever renders the Jinja of YAML values.
pub trait Renderer: Sync {
    /// Returns a function that renders with these variables, this target and this project's name.
    fn with<'a>(&'a self, vars: &Mapping, target: Target<'_>) -> Rendering<'a>;

    /// Looks for templates of a package that cannot be read, where it has other faults already.
    ///
    /// # Errors
    /// `Project`, all of them together.
    fn check(&self, package: &Package) -> Result<()>;
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

/// Reads the project in `root` with its packages.
///
/// # Errors
/// `Project` with the place of what is wrong; independent errors together.
pub fn load(root: &Path, overrides: &Overrides, renderer: &dyn Renderer) -> Result<Project> {
    let name = NAMES.iter().find(|name| root.join(name).is_file()).copied();
    let file = PathBuf::from(name.unwrap_or(NAMES[0]));
    let ours = name == Some(NAMES[0]);
    let mut repeated = Vec::new();
    let mut value = yaml::parse_noting(&file, &files::read(root, &file)?, &mut repeated)?;
    let mut warehouse = warehouse(root, (&file, &mut value), overrides, renderer)?;
    warehouse.threads = overrides.threads.or(warehouse.threads);
    let mut vars = vars_of_file(root, &file, &value)?;
    let in_file = vars.clone();
    vars.extend(overrides.vars.clone());
    let render = renderer.with(&vars, (Some(&warehouse), None));
    let unrendered = settings::trees(&value);
    rendered::project(&file, &mut value, &render, ours)?;
    let doc = Doc {
        value: &value,
        file: &file,
    };
    let mut settings = settings::read(doc, ours)?;
    settings.unrendered = unrendered;
    settings.vars.extend(in_file);
    let jobs = std::mem::take(&mut settings.jobs);
    let alerts = std::mem::take(&mut settings.alerts);
    let flags = std::mem::take(&mut settings.flags);
    let mut warnings = std::mem::take(&mut settings.warnings);
    let install_path = settings.install_path.clone();
    let root_vars = settings.vars.clone();
    let name = settings.name.clone();
    let jinja_suffixes = settings.jinja_suffixes;
    let read = |folder: &Path, file: &Path, settings: Settings| -> Result<Package> {
        if !overrides.any_version {
            required::check(&settings.name, settings.required.as_ref())?;
        }
        let vars = variables(&settings, &root_vars, &overrides.vars);
        let render = renderer.with(&vars, (Some(&warehouse), Some(&name)));
        let mut faults = Vec::new();
        let package = package::read(root, (folder, file), settings, (vars, &render), &mut faults)?;
        if !faults.is_empty() {
            faults.extend(renderer.check(&package).err());
        }
        all_or_none(faults)?;
        Ok(package)
    };
    let mut packages = vec![read(Path::new(""), &file, settings)?];
    let render = renderer.with(&packages[0].vars, (Some(&warehouse), None));
    let selectors = selectors(root, &render)?;
    let render = renderer.with(&Mapping::new(), (Some(&warehouse), None));
    for (folder, mut settings) in installed::find(root, &install_path, &render)? {
        let file = folder.join(installed::FILE);
        installed::unique(&packages, &settings.name, &file)?;
        settings.warnings.clear();
        settings.jinja_suffixes = jinja_suffixes;
        packages.push(read(&folder, &file, settings)?);
    }
    warnings.extend(repeated);
    warnings.extend(std::mem::take(&mut packages[0].resources.warnings));
    warnings.extend(warehouse.warnings.clone());
    Ok(Project {
        root: root.to_owned(),
        name: packages[0].name.clone(),
        vars: packages[0].vars.clone(),
        paths: packages[0].paths.clone(),
        file,
        warehouse,
        jobs,
        alerts,
        flags,
        packages,
        selectors,
        warnings,
    })
}

/// Returns the variables of `vars.yml`, which dbt takes instead of those of the project's file.
fn vars_of_file(root: &Path, project: &Path, value: &Value) -> Result<Mapping> {
    let file = Path::new("vars.yml");
    if !root.join(file).is_file() {
        return Ok(Mapping::new());
    }
    let found = yaml::parse(file, &files::read(root, file)?)?;
    let doc = Doc {
        value: &found,
        file,
    };
    let vars = doc.fields("`vars.yml`")?.mapping("vars")?;
    let own = value.get("vars").filter(|own| !own.is_null());
    match own {
        Some(own) if !vars.is_empty() && own.as_mapping().is_none_or(|own| !own.is_empty()) => {
            let doc = Doc {
                value: own,
                file: project,
            };
            Err(
                Diagnostic::project("variables stand both here and in `vars.yml`")
                    .at(&doc.at())
                    .hint("keep them in one of the two files")
                    .into(),
            )
        }
        _ => Ok(vars),
    }
}

/// Returns `flags:` of the project's file in `root`, as written.
///
/// # Errors
/// `Project` when the file is no YAML.
pub fn project_flags(root: &Path) -> Result<BTreeMap<String, serde_json::Value>> {
    let file = NAMES.iter().find(|name| root.join(name).is_file());
    let file = Path::new(file.unwrap_or(&NAMES[0]));
    let value = yaml::parse(file, &files::read(root, file)?)?;
    let flags = value.get("flags").and_then(Value::as_mapping);
    let pairs = flags.into_iter().flatten();
    let read = |(key, value): (&Value, &Value)| {
        Some((key.as_str()?.to_owned(), serde_json::to_value(value).ok()?))
    };
    Ok(pairs.filter_map(read).collect())
}

/// Returns the project's name and the folder its packages are installed in, without reading anything else.
///
/// # Errors
/// `Project` where the project's file cannot be read.
pub fn installation(root: &Path, render: Render<'_>) -> Result<(String, PathBuf)> {
    let file = NAMES.iter().find(|name| root.join(name).is_file());
    let file = Path::new(file.unwrap_or(&NAMES[0]));
    let mut value = yaml::parse(file, &files::read(root, file)?)?;
    for key in ["name", "packages-install-path", "modules-path"] {
        if let Some(value) = value.get_mut(key) {
            yaml::render(file, value, render)?;
        }
    }
    let doc = Doc {
        value: &value,
        file,
    };
    let fields = doc.fields("the project")?;
    let path = match fields.text("packages-install-path")? {
        Some(path) => Some(path),
        None => fields.text("modules-path")?,
    };
    let path = path.unwrap_or_else(|| "dbt_packages".into());
    Ok((fields.text("name")?.unwrap_or_default(), path.into()))
}

/// The file of named selections.
pub const SELECTORS: &str = "selectors.yml";

fn selectors(root: &Path, render: Render<'_>) -> Result<Value> {
    let file = Path::new(SELECTORS);
    if !root.join(file).is_file() {
        return Ok(Value::mapping(Mapping::new()));
    }
    let mut value = yaml::parse(file, &files::read(root, file)?)?;
    yaml::render(file, &mut value, render)?;
    Ok(value)
}

/// Finds the warehouse: that of the project's file, that of its profile, or a file of its own.
fn warehouse(
    root: &Path,
    (file, value): (&Path, &mut Value),
    overrides: &Overrides,
    renderer: &dyn Renderer,
) -> Result<Warehouse> {
    let render = renderer.with(&overrides.vars, (None, None));
    for key in ["name", "profile", "warehouse"] {
        if let Some(value) = value.get_mut(key) {
            yaml::render(file, value, &render)?;
        }
    }
    let doc = Doc { value, file };
    let fields = doc.fields("the project")?;
    let name = fields.text("name")?.unwrap_or_default();
    if let Some(doc) = fields.get("warehouse") {
        return settings::warehouse(doc, &name);
    }
    match overrides.profile.clone().or(fields.text("profile")?) {
        Some(profile) => profile::read(root, &profile, overrides, &render),
        None if file.ends_with(installed::FILE) => Err(no_profile(&doc)),
        None => Ok(Warehouse::of_project(&name)),
    }
}

fn no_profile(doc: &Doc<'_>) -> anyhow::Error {
    Diagnostic::project("the project names no profile")
        .at(&doc.at())
        .hint("add `profile: …`, a name of profiles.yml, or give `--profile`")
        .into()
}

/// Returns the variables that nodes of a package see: its own, then those of the project, then those of the command line; in each file
/// those below the package's name over those for all.
fn variables(settings: &Settings, root: &Mapping, command_line: &Mapping) -> Mapping {
    let mut vars = Mapping::new();
    for written in [&settings.vars, root] {
        vars.extend(written.clone());
        if let Some(Value::Mapping(own, _)) = written.get(settings.name.as_str()) {
            vars.extend(own.clone());
        }
    }
    vars.extend(command_line.clone());
    vars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_project_and_the_project_over_the_package() {
        let map = |text: &str| -> Mapping { serde_yaml::from_str(text).unwrap() };
        let settings = Settings {
            name: "pkg".into(),
            vars: map("{a: 1, b: 1, c: 1, d: 1, pkg: {d: 2}}"),
            ..Settings::default()
        };
        let vars = variables(&settings, &map("{b: 3, c: 3, pkg: {c: 4}}"), &map("{c: 5}"));
        let number = |key: &str| vars.get(key).and_then(Value::as_u64);
        assert_eq!(
            ["a", "b", "c", "d"].map(number),
            [Some(1), Some(3), Some(5), Some(2)]
        );
    }
}
