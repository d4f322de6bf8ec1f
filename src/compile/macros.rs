//! The macros of a project: its own, those of its packages, and the built-in ones.

use std::path::Path;

use include_dir::{Dir, File, include_dir};
use rayon::prelude::*;

use super::BUILT_IN;
use crate::diagnostic::{Result, all_or_none};
use crate::jinja::{Block, Dialect, Source, blocks};
use crate::project::Project;

/// The macros that every project has: a folder a package.
static MACROS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/jinja/macros");

/// The folders of [`MACROS`] and their packages, dbt's names.
const FOLDERS: &[(&str, &str)] = &[("duckdb", "dbt_duckdb"), ("dbt", "dbt"), ("wh", "wh")];

/// Packages of dbt's whose most used tests are built in, in a file of the same name.
const STANDS_IN_FOR: &[&str] = &["dbt_utils", "dbt_expectations"];

/// Gathers the macros of `wh` and of the project; files are read on all cores.
pub(super) fn dialect(project: &Project) -> Result<Dialect> {
    let mut built_in = Vec::new();
    for (folder, package) in FOLDERS {
        gather(MACROS.get_dir(folder), package, &mut built_in);
    }
    let own = |(package, file): &(&str, &'static File<'static>)| -> Result<Vec<Block>> {
        let text = file.contents_utf8().unwrap_or_default();
        let mut found = blocks(&Source::new(package, file.path(), text))?;
        if let Some(package) = stands_in_for(file.path(), project) {
            found.extend(blocks(&Source::new(package, file.path(), text))?);
        }
        Ok(found)
    };
    let theirs = |file: &crate::project::SourceFile| {
        blocks(&Source::new(&file.package, &file.path, &file.text))
    };
    let mut read: Vec<Result<Vec<Block>>> = built_in.par_iter().map(own).collect();
    let files: Vec<_> = project
        .packages
        .iter()
        .flat_map(|package| &package.macros)
        .collect();
    read.par_extend(files.into_par_iter().map(theirs));
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for blocks in read {
        match blocks {
            Ok(blocks) => found.extend(blocks),
            Err(err) => errors.push(err),
        }
    }
    all_or_none(errors)?;
    let dispatch = project.own().dispatch.iter();
    let dispatch = dispatch.map(|entry| (entry.namespace.clone(), entry.order.clone()));
    Ok(Dialect::new(&project.name, BUILT_IN, found)?.with_dispatch(dispatch.collect()))
}

/// Returns the package of dbt's whose tests a file has, unless the project brings the package itself: `dbt_utils.accepted_range` then
/// works without it.
fn stands_in_for(path: &Path, project: &Project) -> Option<&'static str> {
    let stem = path.file_stem()?.to_str()?;
    let package = STANDS_IN_FOR.iter().find(|package| **package == stem)?;
    let is_installed = project.package(package).is_some();
    (!is_installed).then_some(package)
}

fn gather(
    folder: Option<&'static Dir<'static>>,
    package: &'static str,
    files: &mut Vec<(&'static str, &'static File<'static>)>,
) {
    let Some(folder) = folder else { return };
    files.extend(folder.files().map(|file| (package, file)));
    for below in folder.dirs() {
        gather(Some(below), package, files);
    }
}
