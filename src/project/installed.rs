//! The packages that a project has installed.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::settings::{self, Settings};
use super::yaml::{self, Doc, Render};
use super::{Package, files, rendered};
use crate::diagnostic::{At, Diagnostic, Result, all_or_none};

/// The project file of a package.
pub(super) const FILE: &str = "dbt_project.yml";

/// Files that say which packages a project wants, in order of preference.
const WANTED: &[&str] = &["package-lock.yml", "dependencies.yml", "packages.yml"];

/// Finds the installed packages and reads what their files say; folders come relative to the root, in order of their names.
///
/// # Errors
/// `Project` when fewer packages are installed than the project lists.
pub(super) fn find(
    root: &Path,
    install_path: &Path,
    render: Render<'_>,
) -> Result<Vec<(PathBuf, Settings)>> {
    let folders = folders(&root.join(install_path));
    let found: Vec<PathBuf> = folders
        .into_iter()
        .map(|name| install_path.join(name))
        .filter(|folder| root.join(folder).join(FILE).is_file())
        .collect();
    complete(root, install_path, found.len())?;
    let mut packages = Vec::new();
    let mut errors = Vec::new();
    for folder in found {
        match settings_of(root, &folder, render) {
            Ok(settings) => packages.push((folder, settings)),
            Err(err) => errors.push(err),
        }
    }
    all_or_none(errors)?;
    Ok(packages)
}

fn folders(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("__") && !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

fn settings_of(root: &Path, folder: &Path, render: Render<'_>) -> Result<Settings> {
    let file = folder.join(FILE);
    let mut value = yaml::parse(&file, &files::read(root, &file)?)?;
    let unrendered = settings::trees(&value);
    rendered::project(&file, &mut value, render, false)?;
    let doc = Doc {
        value: &value,
        file: &file,
    };
    let mut settings = settings::read(doc, false)?;
    settings.unrendered = unrendered;
    Ok(settings)
}

/// Refuses a project whose list names more packages than are installed.
fn complete(root: &Path, install_path: &Path, installed: usize) -> Result<()> {
    let Some((file, wanted)) = wanted(root)? else {
        return Ok(());
    };
    if wanted <= installed {
        return Ok(());
    }
    let what = format!(
        "`{}` lists {wanted} package{}, and `{}` holds {installed}",
        file.display(),
        if wanted == 1 { "" } else { "s" },
        install_path.display()
    );
    Err(Diagnostic::project(what)
        .at(&At::new(file, 0, 0))
        .hint("`wh deps` installs them")
        .into())
}

/// Returns the file that lists packages, and how many it lists.
fn wanted(root: &Path) -> Result<Option<(PathBuf, usize)>> {
    for name in WANTED {
        let file = PathBuf::from(name);
        if !root.join(&file).is_file() {
            continue;
        }
        let value = yaml::parse(&file, &files::read(root, &file)?)?;
        if let Some(Value::Sequence(items, _)) = value.get("packages") {
            return Ok(Some((file, items.len())));
        }
    }
    Ok(None)
}

/// Refuses a second package of one name.
pub(super) fn unique(packages: &[Package], name: &str, file: &Path) -> Result<()> {
    match packages.iter().find(|package| package.name == name) {
        None => Ok(()),
        Some(first) => Err(
            Diagnostic::project(format!("two packages are called `{name}`"))
                .at(&At::new(file, 0, 0))
                .note(format!("the other is {}", first.file.display()))
                .hint("rename one of them, or take one out of the installed packages")
                .into(),
        ),
    }
}
