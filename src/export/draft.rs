//! A file written beside its target and put in its place when it is whole. Knows nothing of formats.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Result};

/// A file under way. Dropped without [`Draft::publish`], it is removed and the target is as it was.
///
/// Its name is fixed (`.sales.csv.wh-tmp` beside `sales.csv`), so that the next run takes over what a killed one
/// has left.
#[derive(Debug)]
pub(super) struct Draft {
    /// The target as its reader knows it, for messages.
    shown: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
}

impl Draft {
    /// Creates an empty file beside `root/path`, and the folder when it is missing.
    ///
    /// # Errors
    /// `Environment` when the target is a folder or the file cannot be created.
    pub(super) fn create(root: &Path, path: &Path) -> Result<Self> {
        let target = root.join(path);
        if target.is_dir() {
            return Err(Diagnostic::environment(format!(
                "`{}` is a folder, not a file",
                path.display()
            ))
            .hint("name a file in it, or remove the folder")
            .into());
        }
        let Some(name) = target.file_name() else {
            return Err(Diagnostic::project(format!("`{}` names no file", path.display())).into());
        };
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".wh-tmp");
        let draft = Self {
            shown: path.to_path_buf(),
            temporary: target.with_file_name(hidden),
            target,
        };
        let folder = draft.folder();
        fs::create_dir_all(folder)
            .and_then(|()| File::create(&draft.temporary))
            .map_err(|err| cannot_write(path, err))?;
        Ok(draft)
    }

    /// Returns the file to write to.
    pub(super) fn path(&self) -> &Path {
        &self.temporary
    }

    fn folder(&self) -> &Path {
        let folder = self.target.parent().unwrap_or(Path::new(""));
        match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        }
    }

    /// Puts the file in the target's place, on disk before anyone sees it.
    ///
    /// # Errors
    /// `Environment` when the disk is full or the target may not be replaced.
    pub(super) fn publish(self) -> Result<()> {
        File::open(&self.temporary)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.temporary, &self.target))
            .map_err(|err| cannot_write(&self.shown, err))?;
        // The rename itself reaches the disk with its folder; where folders cannot be synced it does so later.
        if let Err(err) = File::open(self.folder()).and_then(|folder| folder.sync_all()) {
            tracing::debug!(error = %err, "sync folder");
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        match fs::remove_file(&self.temporary) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(file = %self.temporary.display(), error = %err, "not removed");
            }
            _ => {}
        }
    }
}

/// Says that `path` cannot be written, why, and what helps.
pub(super) fn cannot_write(path: &Path, err: io::Error) -> Diagnostic {
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = match folder.as_os_str().is_empty() {
        true => "the folder".into(),
        false => format!("`{}`", folder.display()),
    };
    let hint = match err.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("allow this user to write to {folder}, or name another target")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!(
                "free space on the disk that holds {folder}; the file that was there is untouched"
            )
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "name a target on a disk that may be written to".into()
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("part of {folder} is a file; move it away, or name another target")
        }
        _ => "name another target, or repair the cause and run again".into(),
    };
    Diagnostic::environment(format!("`{}` cannot be written", path.display()))
        .hint(hint)
        .because(err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_is_not_published_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "old").unwrap();
        let draft = Draft::create(folder.path(), Path::new("a.csv")).unwrap();
        fs::write(draft.path(), "half").unwrap();
        drop(draft);
        assert_eq!(
            fs::read_to_string(folder.path().join("a.csv")).unwrap(),
            "old"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_published_draft_replaces_the_old_file_and_what_a_killed_run_left() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "old").unwrap();
        fs::write(folder.path().join(".a.csv.wh-tmp"), "left over and longer").unwrap();
        let draft = Draft::create(folder.path(), Path::new("a.csv")).unwrap();
        assert_eq!(fs::read(draft.path()).unwrap(), b"");
        fs::write(draft.path(), "new").unwrap();
        draft.publish().unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("a.csv")).unwrap(),
            "new"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_created() {
        let folder = tempfile::tempdir().unwrap();
        Draft::create(folder.path(), Path::new("x/y/a.csv"))
            .unwrap()
            .publish()
            .unwrap();
        assert!(folder.path().join("x/y/a.csv").is_file());
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a.csv")).unwrap();
        let err = Draft::create(folder.path(), Path::new("a.csv"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            err,
            "`a.csv` is a folder, not a file\nhint: name a file in it, or remove the folder"
        );
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x"), "").unwrap();
        let err = Draft::create(folder.path(), Path::new("x/a.csv"))
            .unwrap_err()
            .to_string();
        assert!(err.starts_with("`x/a.csv` cannot be written"), "{err}");
        assert!(err.contains("part of `x` is a file"), "{err}");
    }
}
