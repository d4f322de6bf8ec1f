//! Making a warehouse that is not there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::MEMORY;
use super::capi::{Database, Refused};

/// What the names of the folders begin with in which warehouses are made.
const DRAFT: &str = ".warehouse-";

/// Makes a warehouse that is not there under another name first: a file that a killed process left half made opens never
/// again, and one that another process is making does not yet.
///
/// What the file system refuses is left to the opening to say.
pub(super) fn make(file: &Path, options: &BTreeMap<&str, &str>) -> Result<(), Refused> {
    let is_read = options.get("access_mode") == Some(&"READ_ONLY");
    if is_read || file == Path::new(MEMORY) || file.exists() {
        return Ok(());
    }
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return Ok(());
    };
    let folder = Path::new(".").join(folder);
    let _making = begin(&folder, name);
    let mut draft = tempfile::Builder::new();
    let Ok(draft) = draft.prefix(DRAFT).tempdir_in(&folder) else {
        return Ok(());
    };
    let whole = draft.path().join(name);
    drop(Database::open(&whole, options)?);
    if let Ok(whole) = tempfile::TempPath::try_from_path(whole) {
        // Fails where another process was quicker: its file is the warehouse.
        drop(whole.persist_noclobber(file));
    }
    Ok(())
}

/// Holds the folder as one in which a warehouse is made, for as long as the answer lives; removes what killed processes left of
/// theirs, when no other is at it. `None` where the file system locks no folders.
fn begin(folder: &Path, name: &OsStr) -> Option<File> {
    let held = File::open(folder).ok()?;
    if held.try_lock().is_ok() {
        left(folder, name).for_each(|draft| {
            if let Err(err) = fs::remove_dir_all(&draft) {
                tracing::debug!(error = %err, "a draft of the warehouse");
            }
        });
    } else {
        // Whoever makes one alone is done in milliseconds.
        held.lock_shared().ok()?;
    }
    Some(held)
}

/// Lists the folders of drafts that hold nothing but the files of a warehouse of this name.
fn left(folder: &Path, name: &OsStr) -> impl Iterator<Item = PathBuf> {
    let starts = |path: &Path, with: &OsStr| {
        let own = path.file_name().unwrap_or_default();
        own.as_encoded_bytes().starts_with(with.as_encoded_bytes())
    };
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    };
    entries(folder)
        .filter(move |path| starts(path, OsStr::new(DRAFT)) && path.is_dir())
        .filter(move |path| entries(path).all(|file| starts(&file, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_when_no_other_makes_a_warehouse() {
        let folder = tempfile::tempdir().unwrap();
        let [left, foreign] =
            ["a1B2c3", "mine"].map(|end| folder.path().join(format!("{DRAFT}{end}")));
        for (folder, file) in [(&left, "w.duckdb.wal"), (&foreign, "notes.txt")] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join(file), "x").unwrap();
        }
        let other = File::open(folder.path()).unwrap();
        other.lock_shared().unwrap();
        let options = BTreeMap::new();
        assert!(make(&folder.path().join("w.duckdb"), &options).is_ok());
        assert!(left.exists(), "another may still be at it");
        drop(other);
        fs::remove_file(folder.path().join("w.duckdb")).unwrap();
        assert!(make(&folder.path().join("w.duckdb"), &options).is_ok());
        assert!(folder.path().join("w.duckdb").exists());
        assert!(!left.exists());
        assert!(foreign.exists(), "nothing of a warehouse");
    }
}
