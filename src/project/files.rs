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
    /// Whether SQL and Markdown may be called a template after their own suffix.
    jinja_suffixes: bool,
}

/// What a file may be called after its own suffix where `allow_jinja_file_extensions` is set.
const JINJA_SUFFIXES: &[&str] = &["j2", "jinja2", "jinja"];

/// Returns a path without a suffix that only says that the file is a template.
pub(super) fn without_jinja_suffix(path: &Path) -> Option<PathBuf> {
    let suffix = suffix(path)?;
    let is_one = JINJA_SUFFIXES
        .iter()
        .any(|one| one.eq_ignore_ascii_case(suffix));
    is_one.then(|| path.with_extension(""))
}

fn suffix(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

impl Shelf {
    /// Makes an empty one, on which some files never come.
    pub(super) fn new(ignored: Ignored, jinja_suffixes: bool) -> Self {
        Self {
            folders: BTreeMap::new(),
            ignored,
            jinja_suffixes,
        }
    }

    /// Returns the files below the given folders that end in one of `suffixes`, in capitals too, sorted: relative to `base`, and relative to
    /// the folder they were found in.
    ///
    /// Folders that do not exist hold nothing. As in dbt, files whose names begin with `.`, `#` or `~` are passed over, and so are
    /// links to folders.
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
                if self.ends_in(path, suffixes) {
                    let inner = path.strip_prefix(folder).unwrap_or(path);
                    found.push((path.clone(), inner.to_owned()));
                }
            }
        }
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        Ok(found)
    }

    fn ends_in(&self, path: &Path, suffixes: &[&str]) -> bool {
        let is_one = |found: &str| suffixes.iter().any(|one| one.eq_ignore_ascii_case(found));
        if suffix(path).is_some_and(is_one) {
            return true;
        }
        let inner = self
            .jinja_suffixes
            .then(|| without_jinja_suffix(path))
            .flatten();
        let inner = inner.as_deref().and_then(suffix);
        inner.is_some_and(|found| matches!(found, "sql" | "md") && is_one(found))
    }
}

fn walk(base: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(base.join(folder)).map_err(|err| unreadable(folder, err))?;
    for entry in entries {
        let entry = entry.map_err(|err| unreadable(folder, err))?;
        let name = entry.file_name();
        let path = folder.join(&name);
        let kind = entry.file_type().map_err(|err| unreadable(&path, err))?;
        let is_passed_over = name.to_string_lossy().starts_with(['.', '#', '~'])
            || kind.is_symlink() && base.join(&path).is_dir();
        match kind.is_dir() {
            true => walk(base, &path, files)?,
            false if is_passed_over => {}
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
