//! Finding and reading the project's files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::ignored::Ignored;
use crate::diagnostic::{Diagnostic, Result};

/// The files below the folders of one package; each folder is walked once.
pub(super) struct Shelf {
    folders: BTreeMap<PathBuf, Vec<PathBuf>>,
    ignored: Ignored,
}

impl Shelf {
    /// Makes an empty one, on which some files never come.
    pub(super) fn passing_over(ignored: Ignored) -> Self {
        Self {
            folders: BTreeMap::new(),
            ignored,
        }
    }

    /// Returns the files below the given folders that end in one of `suffixes`, in capitals too, sorted: relative to `base`, and relative to
    /// the folder they were found in.
    ///
    /// Folders that do not exist hold nothing, as in dbt. Hidden files and folders are passed over.
    pub(super) fn find(
        &mut self,
        base: &Path,
        folders: &[PathBuf],
        suffixes: &[&str],
    ) -> Result<Vec<(PathBuf, PathBuf)>> {
        let mut found = Vec::new();
        for folder in folders {
            if !self.folders.contains_key(folder) {
                let mut files = Vec::new();
                if base.join(folder).is_dir() {
                    walk(base, folder, &mut files)?;
                }
                files.retain(|file| !self.ignored.holds(file));
                self.folders.insert(folder.clone(), files);
            }
            for path in self.folders.get(folder).into_iter().flatten() {
                let suffix = path.extension().and_then(|suffix| suffix.to_str());
                let is_one =
                    |known: &&str| suffix.is_some_and(|suffix| known.eq_ignore_ascii_case(suffix));
                if suffixes.iter().any(is_one) {
                    let inner = path.strip_prefix(folder).unwrap_or(path);
                    found.push((path.clone(), inner.to_owned()));
                }
            }
        }
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        Ok(found)
    }
}

fn walk(base: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(base.join(folder)).map_err(|err| unreadable(folder, err))?;
    for entry in entries {
        let entry = entry.map_err(|err| unreadable(folder, err))?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let path = folder.join(&name);
        let kind = entry.file_type().map_err(|err| unreadable(&path, err))?;
        match kind.is_dir() || kind.is_symlink() && base.join(&path).is_dir() {
            true => walk(base, &path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// Reads a file.
pub(super) fn bytes(root: &Path, path: &Path) -> Result<Vec<u8>> {
    fs::read(root.join(path)).map_err(|err| unreadable(path, err))
}

/// Reads a text file; a byte order mark is dropped.
pub(super) fn read(root: &Path, path: &Path) -> Result<String> {
    let bytes = bytes(root, path)?;
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
