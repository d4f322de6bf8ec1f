//! `wh clean`: the folders of `clean-targets`, which can be made again.

use std::path::{Component, Path, PathBuf};

use crate::cli::args::{CleanArgs, Global};
use crate::cli::{project, say};
use crate::diagnostic::{Diagnostic, Result};
use crate::project::Project;

/// Removes the folders of `clean-targets`, by themselves the target folder.
///
/// # Errors
/// `Project` when one of them holds what the project is made of or lies outside of it, before anything is removed;
/// `Environment` when one cannot be removed.
pub(in crate::cli) fn clean(global: &Global, args: &CleanArgs) -> Result<()> {
    let project = project::peek(global, &project::root(global)?)?;
    let mut targets = project.paths.clean.clone();
    if targets.is_empty() {
        targets.push(project.paths.target.clone());
    }
    for target in &targets {
        check(&project, target, args.no_clean_project_files_only)?;
    }
    for target in &targets {
        let folder = project.root.join(target);
        let removed = match (folder.is_dir(), folder.exists()) {
            (true, _) => std::fs::remove_dir_all(&folder),
            (false, true) => std::fs::remove_file(&folder),
            (false, false) => continue,
        };
        removed.map_err(|err| {
            let what = format!("`{}` cannot be removed", target.display());
            Diagnostic::environment(what).because(err)
        })?;
        if !global.quiet {
            say(&format!("removed {}", target.display()));
        }
    }
    Ok(())
}

/// Refuses what is not to be removed.
fn check(project: &Project, target: &Path, outside_too: bool) -> Result<()> {
    let path = plain(&project.root.join(target));
    let root = plain(&project.root);
    let paths = &project.paths;
    let sources = [
        &paths.models,
        &paths.seeds,
        &paths.macros,
        &paths.tests,
        &paths.analyses,
        &paths.snapshots,
    ];
    let mut sources = sources
        .into_iter()
        .flatten()
        .map(|source| plain(&root.join(source)));
    if path == root || sources.any(|source| source.starts_with(&path)) {
        let what = format!("`{}` holds what the project is made of", target.display());
        return Err(Diagnostic::project(what)
            .hint("take it out of `clean-targets`")
            .into());
    }
    if !path.starts_with(&root) && !outside_too {
        let what = format!("`{}` is outside the project", target.display());
        return Err(Diagnostic::project(what)
            .hint("`--no-clean-project-files-only` removes it all the same")
            .into());
    }
    Ok(())
}

/// Takes `.` and `..` out of a path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
