//! The macros of a project: its own and the built-in ones.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::BUILT_IN;
use crate::diagnostic::{Result, all_or_none};
use crate::jinja::{Dialect, Source, blocks};
use crate::project::Project;

/// The macros that every project has.
static MACROS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/jinja/macros");

/// Packages of dbt's whose most used tests are built in, in a file of the same name.
const STANDS_IN_FOR: &[&str] = &["dbt_utils", "dbt_expectations"];

/// Gathers the macros of `wh` and of the project.
pub(super) fn dialect(project: &Project) -> Result<Dialect> {
    let mut files: Vec<_> = Vec::new();
    gather(&MACROS, &mut files);
    let mut found = Vec::new();
    for (path, text) in files {
        if let Some(package) = stands_in_for(&path, project) {
            found.extend(blocks(&Source::new(package, &path, text))?);
        }
        found.extend(blocks(&Source::new(BUILT_IN, path, text))?);
    }
    let mut errors = Vec::new();
    for file in project.packages.iter().flat_map(|package| &package.macros) {
        match blocks(&Source::new(&file.package, &file.path, &file.text)) {
            Ok(own) => found.extend(own),
            Err(err) => errors.push(err),
        }
    }
    all_or_none(errors)?;
    Dialect::new(&project.name, &[BUILT_IN], found)
}

/// Returns the package of dbt's whose tests a file has, unless the project brings the package itself: `dbt_utils.accepted_range` then
/// works without it.
fn stands_in_for(path: &Path, project: &Project) -> Option<&'static str> {
    let stem = path.file_stem()?.to_str()?;
    let package = STANDS_IN_FOR.iter().find(|package| **package == stem)?;
    let is_installed = project.package(package).is_some();
    (!is_installed).then_some(package)
}

fn gather(folder: &'static Dir<'static>, files: &mut Vec<(PathBuf, &'static str)>) {
    files.extend(
        folder
            .files()
            .filter_map(|file| Some((file.path().to_owned(), file.contents_utf8()?))),
    );
    for below in folder.dirs() {
        gather(below, files);
    }
}
