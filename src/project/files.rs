//! Finding and reading the project's files.

use std::fs;
use std::path::{Path, PathBuf};

use super::SourceFile;
use crate::diagnostic::{Diagnostic, Result};

/// Returns the files below the given folders that end in one of `suffixes`, sorted, relative to the root.
///
/// Folders that do not exist hold nothing, as in dbt. Hidden files and folders are passed over.
pub(super) fn find(
    root: &Path,
    folders: &[PathBuf],
    suffixes: &[&str],
) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut found = Vec::new();
    for folder in folders {
        if root.join(folder).is_dir() {
            walk(root, folder, folder, &mut |path, inner| {
                let suffix = path.extension().and_then(|suffix| suffix.to_str());
                if suffix.is_some_and(|suffix| suffixes.contains(&suffix)) {
                    found.push((path.to_owned(), inner.to_owned()));
                }
            })?;
        }
    }
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    Ok(found)
}

fn walk(root: &Path, base: &Path, folder: &Path, each: &mut dyn FnMut(&Path, &Path)) -> Result<()> {
    let entries = fs::read_dir(root.join(folder)).map_err(|err| unreadable(folder, err))?;
    for entry in entries {
        let entry = entry.map_err(|err| unreadable(folder, err))?;
        let path = folder.join(entry.file_name());
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if root.join(&path).is_dir() {
            walk(root, base, &path, each)?;
        } else {
            each(&path, path.strip_prefix(base).unwrap_or(&path));
        }
    }
    Ok(())
}

/// Reads a text file; a byte order mark is dropped.
pub(super) fn read(root: &Path, path: &Path) -> Result<String> {
    let bytes = fs::read(root.join(path)).map_err(|err| unreadable(path, err))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text
            .strip_prefix('\u{feff}')
            .map(str::to_owned)
            .unwrap_or(text)),
        Err(err) => {
            let before = &err.as_bytes()[..err.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(
                Diagnostic::project(format!("`{}` is not UTF-8", path.display()))
                    .at_line(path, u32::try_from(line)?, 0)
                    .hint("save it as UTF-8")
                    .into(),
            )
        }
    }
}

fn unreadable(path: &Path, err: std::io::Error) -> anyhow::Error {
    Diagnostic::environment(format!("`{}` cannot be read", path.display()))
        .because(err)
        .into()
}

/// Reads every file that [`find`] finds.
pub(super) fn read_all(
    package: &str,
    root: &Path,
    folders: &[PathBuf],
    suffixes: &[&str],
) -> Result<Vec<SourceFile>> {
    find(root, folders, suffixes)?
        .into_iter()
        .map(|(path, inner)| {
            Ok(SourceFile {
                package: package.into(),
                text: read(root, &path)?,
                path,
                inner,
            })
        })
        .collect()
}
