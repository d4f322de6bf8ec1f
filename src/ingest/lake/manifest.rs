//! `_manifest.jsonl`: one line a content, for readers of the lake who do not open the warehouse.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entry, Loaded, copy, refused, slashed};
use crate::diagnostic::Result;

const NAME: &str = "_manifest.jsonl";

/// One line; times are RFC 3339 in UTC. Counts are missing until the content is loaded.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    path: String,
    sha256: String,
    size_bytes: u64,
    origin: String,
    modified_at: String,
    landed_at: String,
    loaded_at: Option<String>,
    rows: Option<u64>,
    rejected: Option<u64>,
    active: Option<bool>,
}

/// Reads the manifest of a folder by path; lines that are no longer readable are left out, since the warehouse
/// and the files themselves say the same.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Entry>> {
    let path = folder.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(err) => return Err(refused("read", &slashed(&path), err)),
    };
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok()?.entry())
        .map(|entry| (entry.path.clone(), entry))
        .collect())
}

/// Writes the manifest of a folder beside the old one and renames it, unless it says the same already.
pub(super) fn write<'a>(folder: &Path, entries: impl Iterator<Item = &'a Entry>) -> Result<()> {
    let path = folder.join(NAME);
    let unwritable = |err| refused("write", &slashed(&path), err);
    let mut text = String::new();
    for entry in entries {
        text += &serde_json::to_string(&Line::new(entry))?;
        text.push('\n');
    }
    let same = fs::read(&path).is_ok_and(|old| old == text.as_bytes());
    if same || text.is_empty() && !path.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut beside = tempfile::Builder::new()
        .prefix(super::UNFINISHED)
        .tempfile_in(folder)
        .map_err(unwritable)?;
    beside.write_all(text.as_bytes()).map_err(unwritable)?;
    copy::allow(beside.as_file(), 0o644).map_err(unwritable)?;
    beside.as_file().sync_all().map_err(unwritable)?;
    beside.persist(&path).map_err(|err| unwritable(err.error))?;
    copy::sync_folder(folder)
}

impl Line {
    fn new(entry: &Entry) -> Self {
        let loaded = entry.loaded.as_ref();
        Self {
            path: entry.path.clone(),
            sha256: entry.sha256.clone(),
            size_bytes: entry.size_bytes,
            origin: entry.origin.clone(),
            modified_at: entry.modified_at.to_string(),
            landed_at: entry.landed_at.to_string(),
            loaded_at: loaded.map(|loaded| loaded.at.to_string()),
            rows: loaded.map(|loaded| loaded.rows),
            rejected: loaded.map(|loaded| loaded.rejected),
            active: loaded.map(|loaded| loaded.active),
        }
    }

    fn entry(self) -> Option<Entry> {
        let time = |text: &str| text.parse::<Timestamp>().ok();
        let loaded = match (&self.loaded_at, self.rows, self.rejected, self.active) {
            (Some(at), Some(rows), Some(rejected), Some(active)) => Some(Loaded {
                at: time(at)?,
                rows,
                rejected,
                active,
            }),
            _ => None,
        };
        Some(Entry {
            modified_at: time(&self.modified_at)?,
            landed_at: time(&self.landed_at)?,
            sha256: self.sha256,
            size_bytes: self.size_bytes,
            origin: self.origin,
            path: self.path,
            loaded,
        })
    }
}
