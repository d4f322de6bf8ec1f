//! A result in a file: all of it or nothing.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Session;
use crate::export::About;

/// Writes the rows of one query to a Parquet file or workbook, as its suffix says; returns how many.
///
/// `project` is the name that the workbook's reader finds in it.
///
/// # Errors
/// `Environment` when `target` cannot be written; what the engine answers.
pub(crate) fn export(
    session: &mut dyn Session,
    sql: &str,
    target: &Path,
    project: &str,
) -> Result<u64> {
    let about = About {
        project: project.into(),
        generated_at: jiff::Timestamp::now(),
        version: env!("CARGO_PKG_VERSION").into(),
        origins: BTreeMap::new(),
    };
    Ok(crate::export::query(session, sql, target, &about)?.rows)
}

/// Writes a file beside `target` and puts it in its place when `write` succeeds.
///
/// # Errors
/// `Environment` when `target` cannot be written; what `write` answers.
pub(crate) fn replace<T>(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T>,
) -> Result<T> {
    let refused = |err| {
        Diagnostic::environment(format!("`{}` cannot be written", target.display())).because(err)
    };
    let folder = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let what = format!("the folder of `{}` does not exist", target.display());
        return Err(Diagnostic::environment(what)
            .hint(format!("`mkdir -p {}` makes it", folder.display()))
            .into());
    }
    let mut draft = tempfile::Builder::new();
    // What the user's umask leaves of this is what any new file has.
    draft
        .prefix(".wh-")
        .permissions(Permissions::from_mode(0o666));
    let draft = draft.tempfile_in(folder).map_err(refused)?;
    let mut out = BufWriter::with_capacity(1 << 16, draft.as_file());
    let value = write(&mut out)?;
    out.flush().map_err(refused)?;
    drop(out);
    draft.persist(target).map_err(|err| refused(err.error))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stays_as_it_was_when_writing_fails() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.csv");
        replace(&target, |out| Ok(out.write_all(b"old")?)).unwrap();
        let failed = replace(&target, |out| {
            out.write_all(b"half")?;
            Err::<(), _>(Diagnostic::data("no").into())
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_does_not_exist_is_named() {
        let err = replace(Path::new("no/such/a.csv"), |_| Ok(())).unwrap_err();
        assert!(
            err.to_string().contains("`mkdir -p no/such` makes it"),
            "{err}"
        );
    }
}
