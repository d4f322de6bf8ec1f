//! Telling a run that goes on from one whose process died: while it runs, it holds a lock on a file of its own.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::diagnostic::Result;

/// A run of this process that is recorded as running; let go of when it ends, by whatever end the process has.
#[derive(Debug)]
pub struct Running {
    path: PathBuf,
    _lock: File,
}

impl Running {
    /// Takes the lock of a run.
    pub(super) fn hold(folder: &Path, run_id: &str) -> Result<Self> {
        let folder = folder.join("running");
        fs::create_dir_all(&folder)?;
        let path = folder.join(run_id);
        let lock = File::create(&path)?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(err) = fs::remove_file(&self.path) {
            tracing::debug!(error = %err, "lock of a run");
        }
    }
}

/// Returns whether the process of a run that is recorded as running is gone, and clears up behind it.
pub(super) fn is_dead(folder: &Path, run_id: &str) -> bool {
    let path = folder.join("running").join(run_id);
    let Ok(file) = File::open(&path) else {
        return !path.exists();
    };
    match file.try_lock() {
        Ok(()) => {
            if let Err(err) = fs::remove_file(&path) {
                tracing::debug!(error = %err, "lock of a dead run");
            }
            true
        }
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}
