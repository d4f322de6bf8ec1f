//! Whether everything that versions hold is still what it was, and what nothing holds any more.

use std::collections::BTreeSet;
use std::path::Path;

use super::commit::VERSIONS;
use super::objects::{Store, damage};
use super::record;
use crate::diagnostic::Result;
use crate::engine::Session;

/// What reading everything found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Objects read.
    pub n_objects: usize,
    /// Their size in bytes.
    pub n_bytes: u64,
    /// Files of the lake read.
    pub n_files: usize,
    /// What is missing or damaged.
    pub damaged: Vec<Damaged>,
}

/// Something missing or damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Its path, relative to the project's root.
    pub path: String,
    /// `missing` or `damaged`.
    pub word: &'static str,
    /// What it is: `orders, 120 rows of v1, v2`.
    pub of: String,
}

/// Reads every object and every file of the lake that a version holds.
///
/// # Errors
/// `Environment` when something is there and cannot be read.
pub fn verify(session: &mut dyn Session, root: &Path) -> Result<Verified> {
    let store = Store::new(root);
    let versions = super::log(session)?;
    let mut found = Verified::default();
    let mut seen = BTreeSet::new();
    for version in &versions {
        let holders = |object: &str| -> String {
            let holders = versions.iter().filter(|version| {
                let mut chunks = version.tables.iter().flat_map(|table| &table.chunks);
                chunks.any(|chunk| chunk.object == object)
            });
            holders
                .map(record::Version::name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        for (table, chunk) in version
            .tables
            .iter()
            .flat_map(|table| table.chunks.iter().map(move |chunk| (table, chunk)))
        {
            if !seen.insert(chunk.object.clone()) {
                continue;
            }
            found.n_objects += 1;
            found.n_bytes += chunk.n_bytes;
            if let Some(damage) = store.damage(&chunk.object)? {
                found.damaged.push(Damaged {
                    path: Store::shown(&chunk.object),
                    word: damage.word(),
                    of: format!(
                        "{}, {} rows of {}",
                        table.shown(),
                        chunk.n_rows,
                        holders(&chunk.object)
                    ),
                });
            }
        }
        for file in &version.files {
            if !seen.insert(format!("{} {}", file.sha256, file.path)) {
                continue;
            }
            found.n_files += 1;
            if let Some(damage) = damage(&root.join(&file.path), &file.sha256)? {
                found.damaged.push(Damaged {
                    path: file.path.clone(),
                    word: damage.word(),
                    of: format!("a file of the lake since {}", version.name()),
                });
            }
        }
    }
    Ok(found)
}

/// Deletes the objects that no version holds, which killed commits leave; returns how many and their bytes.
///
/// # Errors
/// `Environment` when the disk refuses.
pub fn gc(session: &mut dyn Session, root: &Path) -> Result<(usize, u64)> {
    let store = Store::new(root);
    let _lock = store.lock()?;
    let mut held: BTreeSet<String> = BTreeSet::new();
    for version in super::log(session)? {
        let chunks = version.tables.iter().flat_map(|table| &table.chunks);
        held.extend(chunks.map(|chunk| chunk.object.clone()));
        held.insert(version.hash);
    }
    // Records of versions that another warehouse of this project made.
    for file in std::fs::read_dir(root.join(VERSIONS))
        .into_iter()
        .flatten()
        .flatten()
    {
        let hash = std::fs::read_to_string(file.path()).unwrap_or_default();
        let record = store.get(hash.trim()).unwrap_or_default();
        if let Ok(version) = serde_json::from_slice::<record::Version>(&record) {
            let chunks = version.tables.iter().flat_map(|table| &table.chunks);
            held.extend(chunks.map(|chunk| chunk.object.clone()));
            held.insert(hash.trim().to_owned());
        }
    }
    let (mut n_objects, mut n_bytes) = (0, 0);
    for (hash, size) in store.all()? {
        if !held.contains(&hash) {
            store.remove(&hash)?;
            n_objects += 1;
            n_bytes += size;
        }
    }
    Ok((n_objects, n_bytes))
}
