//! Reads originals and writes their copies: hashed in the same pass, durable, never edited.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{UNFINISHED, parent, refused, slashed};
use crate::diagnostic::{Diagnostic, Result};

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;

/// What is seen of a file from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Size in bytes.
    pub(super) size_bytes: u64,
    /// When it was last changed.
    pub(super) modified_at: Timestamp,
}

/// Looks at `file`, shown to people as `shown`.
///
/// # Errors
/// `Environment` when it is missing, no regular file, or out of reach.
pub(super) fn look(file: &Path, shown: &Path) -> Result<Seen> {
    let metadata = fs::metadata(file).map_err(|err| unreadable(shown, err))?;
    if metadata.is_dir() {
        let name = slashed(shown);
        return Err(Diagnostic::environment(format!("`{name}` is a folder"))
            .hint(format!(
                "name the files in it, such as `{name}/*.csv`, or narrow the pattern"
            ))
            .into());
    }
    if !metadata.is_file() {
        return Err(
            Diagnostic::environment(format!("`{}` is no regular file", slashed(shown))).into(),
        );
    }
    let modified = metadata.modified().map_err(|err| unreadable(shown, err))?;
    let modified_at = Timestamp::try_from(modified).unwrap_or_default();
    let micros = Timestamp::from_microsecond(modified_at.as_microsecond()).unwrap_or_default();
    Ok(Seen {
        size_bytes: metadata.len(),
        modified_at: micros,
    })
}

/// Fails when `file` is no longer as it was `seen`: whoever writes it has not finished.
pub(super) fn still(file: &Path, shown: &Path, seen: &Seen) -> Result<()> {
    if look(file, shown)? == *seen {
        return Ok(());
    }
    Err(
        Diagnostic::data(format!("`{}` changes while it is read", slashed(shown)))
            .hint("run again when it is complete; a writer should write beside and rename")
            .into(),
    )
}

/// Returns the SHA-256 of a file's bytes in hexadecimal.
pub(super) fn hash(file: &Path, shown: &Path) -> Result<String> {
    let mut file = File::open(file).map_err(|err| unreadable(shown, err))?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let n_bytes = file
            .read(&mut chunk)
            .map_err(|err| unreadable(shown, err))?;
        if n_bytes == 0 {
            return Ok(hexadecimal(&hasher.finalize()));
        }
        hasher.update(&chunk[..n_bytes]);
    }
}

/// Copies a file under a temporary name in `folder` and returns its hash and the copy.
pub(super) fn copy(
    file: &Path,
    shown: &Path,
    folder: &Path,
) -> Result<(String, tempfile::TempPath)> {
    let mut from = File::open(file).map_err(|err| unreadable(shown, err))?;
    let unwritable = |err| refused("write to", &slashed(folder), err);
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut to = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)
        .map_err(unwritable)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let n_bytes = from
            .read(&mut chunk)
            .map_err(|err| unreadable(shown, err))?;
        if n_bytes == 0 {
            break;
        }
        hasher.update(&chunk[..n_bytes]);
        to.write_all(&chunk[..n_bytes]).map_err(unwritable)?;
    }
    Ok((hexadecimal(&hasher.finalize()), to.into_temp_path()))
}

/// Makes a copy durable and read-only and gives it its final name, which must be free.
pub(super) fn finish(temporary: tempfile::TempPath, path: &Path) -> Result<()> {
    let unwritable = |err| refused("write", &slashed(path), err);
    fs::create_dir_all(parent(path)).map_err(unwritable)?;
    let file = File::open(&temporary).map_err(unwritable)?;
    allow(&file, 0o444).map_err(unwritable)?;
    file.sync_all().map_err(unwritable)?;
    temporary
        .persist_noclobber(path)
        .map_err(|err| unwritable(err.error))?;
    sync_folder(&parent(path))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|err| refused("write to", &slashed(folder), err))
}

/// Sets who may do what with a file: temporary ones are private to their user, the lake is not.
#[cfg(unix)]
pub(super) fn allow(file: &File, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// Sets whether a file may be written.
#[cfg(not(unix))]
pub(super) fn allow(file: &File, mode: u32) -> std::io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(mode & 0o200 == 0);
    file.set_permissions(permissions)
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

fn unreadable(shown: &Path, err: std::io::Error) -> anyhow::Error {
    let hint = match err.kind() {
        std::io::ErrorKind::NotFound => "put the file there, or correct `path:`",
        std::io::ErrorKind::PermissionDenied => "give yourself the right to read it: `chmod u+r`",
        _ => "see what the system says of this disk",
    };
    Diagnostic::environment(format!("`{}` cannot be read", slashed(shown)))
        .hint(hint)
        .because(err)
        .into()
}
