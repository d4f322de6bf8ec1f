//! `.wh/objects`: contents by their SHA-256. A content appears whole or not at all and is never changed.
//! Knows nothing of tables.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Result};

/// Where contents lie, relative to the project's root.
const FOLDER: &str = ".wh/objects";
/// Where they are written before they have a name; below [`FOLDER`].
const DRAFTS: &str = "tmp";
/// The file that one writer at a time holds; below [`FOLDER`].
const LOCK: &str = "lock";
/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;

/// The contents of a project.
#[derive(Debug, Clone)]
pub(super) struct Store {
    folder: PathBuf,
}

/// The right to write, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing the file gives the lock back")] File);

/// What is wrong with a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// There is no such file.
    Missing,
    /// Its bytes are others.
    Altered,
}

impl Damage {
    /// Returns the word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Altered => "damaged",
        }
    }
}

impl Store {
    /// Names the store of the project at `root`; touches nothing.
    pub(super) fn new(root: &Path) -> Self {
        let folder = root.join(FOLDER);
        Self {
            // The engine may be another process's, which stands elsewhere.
            folder: std::path::absolute(&folder).unwrap_or(folder),
        }
    }

    /// Waits until no other writer is at work, and removes what a killed one has left half written.
    ///
    /// # Errors
    /// `Environment` when the folder cannot be written to.
    pub(super) fn lock(&self) -> Result<Lock> {
        let drafts = self.folder.join(DRAFTS);
        let refused = |err| unwritable(&self.folder, err);
        fs::create_dir_all(&drafts).map_err(refused)?;
        let file = File::create(self.folder.join(LOCK)).map_err(refused)?;
        file.lock().map_err(refused)?;
        for draft in list(&drafts)? {
            fs::remove_file(draft).map_err(refused)?;
        }
        Ok(Lock(file))
    }

    /// Returns where a content lies.
    pub(super) fn path(&self, hash: &str) -> PathBuf {
        let (folder, name) = hash.split_at_checked(2).unwrap_or((hash, ""));
        self.folder.join(folder).join(name)
    }

    /// Returns where a content lies, relative to the project's root.
    pub(super) fn shown(hash: &str) -> String {
        let (folder, name) = hash.split_at_checked(2).unwrap_or((hash, ""));
        format!("{FOLDER}/{folder}/{name}")
    }

    /// Returns whether a content of that many bytes is there; reads none of them.
    pub(super) fn has(&self, hash: &str, n_bytes: u64) -> bool {
        fs::metadata(self.path(hash)).is_ok_and(|found| found.is_file() && found.len() == n_bytes)
    }

    /// Returns a fresh path to write a content to, for [`Store::adopt`].
    pub(super) fn draft(&self) -> PathBuf {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        self.folder.join(DRAFTS).join(name)
    }

    /// Gives a draft the name of its content, durable; returns its hash and its size in bytes.
    ///
    /// # Errors
    /// `Environment` when the disk refuses.
    pub(super) fn adopt(&self, draft: &Path) -> Result<(String, u64)> {
        let refused = |err| unwritable(&self.folder, err);
        let (hash, n_bytes) = digest(draft).map_err(refused)?;
        if self.has(&hash, n_bytes) {
            fs::remove_file(draft).map_err(refused)?;
            return Ok((hash, n_bytes));
        }
        let path = self.path(&hash);
        let folder = path.parent().unwrap_or(&self.folder);
        let adopted = || -> io::Result<()> {
            fs::create_dir_all(folder)?;
            let file = File::open(draft)?;
            let mut permissions = file.metadata()?.permissions();
            permissions.set_readonly(true);
            file.set_permissions(permissions)?;
            file.sync_all()?;
            fs::rename(draft, &path)
        };
        adopted().map_err(refused)?;
        // Where folders cannot be synced, the name reaches the disk a little later.
        for folder in [folder, &self.folder] {
            if let Err(err) = File::open(folder).and_then(|folder| folder.sync_all()) {
                tracing::debug!(error = %err, "sync folder");
            }
        }
        Ok((hash, n_bytes))
    }

    /// Stores some bytes and returns their hash.
    ///
    /// # Errors
    /// `Environment` when the disk refuses.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<String> {
        let draft = self.draft();
        fs::write(&draft, bytes).map_err(|err| unwritable(&self.folder, err))?;
        Ok(self.adopt(&draft)?.0)
    }

    /// Reads a small content.
    ///
    /// # Errors
    /// `Environment` when it is missing or damaged.
    pub(super) fn get(&self, hash: &str) -> Result<Vec<u8>> {
        let whole = |bytes: &Vec<u8>| hexadecimal(&Sha256::digest(bytes)) == hash;
        fs::read(self.path(hash)).ok().filter(whole).ok_or_else(|| {
            Diagnostic::environment(format!("the object `{hash}` is missing or damaged")).into()
        })
    }

    /// Reads a whole content and returns what is wrong with it.
    ///
    /// # Errors
    /// `Environment` when it is there and cannot be read.
    pub(super) fn damage(&self, hash: &str) -> Result<Option<Damage>> {
        damage(&self.path(hash), hash)
    }

    /// Returns the contents that are there, by hash, with their sizes in bytes.
    ///
    /// # Errors
    /// `Environment` when the folder cannot be read.
    pub(super) fn all(&self) -> Result<Vec<(String, u64)>> {
        let mut found = Vec::new();
        for folder in list(&self.folder)? {
            let is_part =
                |name: &str| name.len() == 2 && name.bytes().all(|c| c.is_ascii_hexdigit());
            let Some(start) = name_of(&folder).filter(|name| is_part(name)) else {
                continue;
            };
            for file in list(&folder)? {
                let n_bytes = fs::metadata(&file).map_or(0, |found| found.len());
                found.extend(name_of(&file).map(|end| (format!("{start}{end}"), n_bytes)));
            }
        }
        Ok(found)
    }

    /// Removes a content.
    ///
    /// # Errors
    /// `Environment` when the disk refuses.
    pub(super) fn remove(&self, hash: &str) -> Result<()> {
        fs::remove_file(self.path(hash)).map_err(|err| unwritable(&self.folder, err))
    }
}

/// Reads a file and says how its bytes differ from what their SHA-256 was.
///
/// # Errors
/// `Environment` when it is there and cannot be read.
pub(super) fn damage(file: &Path, sha256: &str) -> Result<Option<Damage>> {
    match digest(file) {
        Ok((found, _)) if found == sha256 => Ok(None),
        Ok(_) => Ok(Some(Damage::Altered)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Some(Damage::Missing)),
        Err(err) => Err(
            Diagnostic::environment(format!("`{}` cannot be read", file.display()))
                .because(err)
                .into(),
        ),
    }
}

/// Returns the SHA-256 of some bytes in lower-case hexadecimal.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn digest(file: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(file)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut size = 0;
    loop {
        let n_bytes = file.read(&mut chunk)?;
        if n_bytes == 0 {
            return Ok((hexadecimal(&hasher.finalize()), size));
        }
        hasher.update(&chunk[..n_bytes]);
        size += n_bytes as u64;
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Returns what lies in a folder, sorted; nothing when there is no such folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries,
    };
    let paths = entries.and_then(|entries| {
        entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()
    });
    let mut paths = paths.map_err(|err| {
        Diagnostic::environment(format!("`{}` cannot be read", folder.display())).because(err)
    })?;
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

fn unwritable(folder: &Path, err: io::Error) -> anyhow::Error {
    let hint = match err.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on its disk",
        _ => "allow this user to write there",
    };
    Diagnostic::environment(format!("`{}` cannot be written to", folder.display()))
        .hint(hint)
        .because(err)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_found_by_its_hash_and_only_once_there() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::new(root.path());
        let _lock = store.lock().unwrap();
        let hash = store.put(b"abc").unwrap();
        assert_eq!(
            hash,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(store.put(b"abc").unwrap(), hash);
        assert_eq!(store.all().unwrap(), [(hash.clone(), 3)]);
        assert_eq!(store.get(&hash).unwrap(), b"abc");
        assert_eq!(store.damage(&hash).unwrap(), None);
    }

    #[test]
    fn other_bytes_and_no_bytes_are_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::new(root.path());
        let _lock = store.lock().unwrap();
        let hash = store.put(b"abc").unwrap();
        store.remove(&hash).unwrap();
        assert_eq!(store.damage(&hash).unwrap(), Some(Damage::Missing));
        fs::write(store.path(&hash), b"abd").unwrap();
        assert_eq!(store.damage(&hash).unwrap(), Some(Damage::Altered));
        assert!(store.get(&hash).is_err());
    }

    #[test]
    fn the_next_writer_removes_what_a_killed_one_left() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::new(root.path());
        drop(store.lock().unwrap());
        let draft = store.draft();
        fs::write(&draft, b"half").unwrap();
        drop(store.lock().unwrap());
        assert!(!draft.exists());
    }
}
