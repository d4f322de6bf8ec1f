//! The lake: unchanged copies of what came in, one folder a source, table and day. Parses nothing.
//!
//! A content is copied under a temporary name, loaded from there, and gets its final name just before the
//! warehouse commits ([`Lake::settle`]): a load that fails leaves no trace. A process killed between the two
//! leaves a copy that the warehouse does not know, which the next run loads.
//! `_manifest.jsonl` in the table's folder repeats the warehouse's record for readers of the files alone.

mod copy;
mod draft;
mod manifest;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use self::draft::Draft;
use crate::diagnostic::{Diagnostic, Result};
use crate::project::nodes::Ingest;

/// Folder of the lake below the project's root.
const FOLDER: &str = "raw/lake";
/// How names of unfinished copies begin.
const UNFINISHED: &str = ".landing-";

/// What the warehouse knows of a content it has loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// When.
    pub at: Timestamp,
    /// Rows it gave.
    pub rows: u64,
    /// Records set aside.
    pub rejected: u64,
    /// Whether its rows are in the table; a newer version may have replaced them.
    pub active: bool,
}

/// One content of the lake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// When the original was last changed, as far as known.
    pub modified_at: Timestamp,
    /// Where it came from: a path relative to the project's root.
    pub origin: String,
    /// The copy's path, relative to the project's root, with `/` between parts.
    pub path: String,
    /// When it came.
    pub landed_at: Timestamp,
    /// What the warehouse knows; `None` when it was never loaded.
    pub loaded: Option<Loaded>,
}

/// The lake's part that belongs to one table.
#[derive(Debug)]
pub struct Lake {
    root: PathBuf,
    /// The table's folder, relative to the root.
    folder: String,
    /// Contents, oldest first; of one run, by origin.
    pub entries: Vec<Entry>,
    /// Copies that have no final name yet, by their entry's hash.
    unfinished: BTreeMap<String, tempfile::TempPath>,
}

impl Lake {
    /// Opens the part of `ingest`'s table and repairs it: unfinished copies of a killed process are removed,
    /// and contents that `recorded` (the warehouse's record) does not know are found again.
    ///
    /// # Errors
    /// `Environment` when the folder cannot be read or cleaned.
    pub fn open(root: &Path, ingest: &Ingest, recorded: Vec<Entry>) -> Result<Self> {
        let folder = format!(
            "{FOLDER}/source={}/type={}",
            part(&ingest.source),
            part(&ingest.table)
        );
        let mut lake = Self {
            root: root.into(),
            folder,
            entries: recorded,
            unfinished: BTreeMap::new(),
        };
        let manifest = manifest::read(&lake.root.join(&lake.folder))?;
        for file in lake.files()? {
            if lake.entries.iter().any(|entry| entry.path == file) {
                continue;
            }
            let entry = lake.recover(&file, manifest.get(&file))?;
            if !lake
                .entries
                .iter()
                .any(|known| known.sha256 == entry.sha256)
            {
                lake.entries.push(entry);
            }
        }
        lake.sort();
        Ok(lake)
    }

    /// Copies `origin` (relative to the root or absolute) unless its content is known, and returns its hash.
    ///
    /// # Errors
    /// `Environment` when it cannot be read or copied, `Data` when it is empty or changes while it is read.
    pub fn land(&mut self, origin: &Path, now: Timestamp) -> Result<String> {
        let shown = slashed(origin);
        let source = self.root.join(origin);
        let seen = copy::look(&source, origin)?;
        if seen.size_bytes == 0 {
            return Err(Diagnostic::data(format!("`{shown}` is empty"))
                .at_line(origin, 0, 0)
                .hint(format!(
                    "write its content again, or take it out of `{}`",
                    slashed(&parent(origin))
                ))
                .into());
        }
        if self
            .entries
            .iter()
            .any(|entry| entry.size_bytes == seen.size_bytes)
        {
            let sha256 = copy::hash(&source, origin)?;
            if self.knows(&sha256, &shown, &seen, now) {
                return Ok(sha256);
            }
        }
        let day = self.day(now);
        let (sha256, temporary) = copy::copy(&source, origin, &self.root.join(&day))?;
        copy::still(&source, origin, &seen)?;
        if self.knows(&sha256, &shown, &seen, now) {
            return Ok(sha256);
        }
        let name = self.free_name(&day, origin, &sha256);
        self.entries.push(Entry {
            sha256: sha256.clone(),
            size_bytes: seen.size_bytes,
            modified_at: seen.modified_at,
            origin: shown,
            path: format!("{day}/{name}"),
            landed_at: now,
            loaded: None,
        });
        self.unfinished.insert(sha256.clone(), temporary);
        self.sort();
        Ok(sha256)
    }

    /// Returns the folder of what comes on the day of `now`, relative to the root.
    fn day(&self, now: Timestamp) -> String {
        format!("{}/date={}", self.folder, now.strftime("%Y-%m-%d"))
    }

    /// Returns whether the content is known. A copy that a killed process left before it wrote down where it came
    /// from is told so now.
    fn knows(&mut self, sha256: &str, origin: &str, seen: &copy::Seen, now: Timestamp) -> bool {
        let known = self.entries.iter_mut().find(|entry| entry.sha256 == sha256);
        match known {
            None => false,
            Some(entry) => {
                if entry.loaded.is_none() && entry.origin == entry.path {
                    entry.origin = origin.into();
                    entry.modified_at = seen.modified_at;
                    entry.landed_at = now;
                }
                true
            }
        }
    }

    /// Returns where the content of an entry lies now, as an absolute path.
    #[must_use]
    pub fn place(&self, entry: &Entry) -> PathBuf {
        match self.unfinished.get(&entry.sha256) {
            Some(temporary) => temporary.to_path_buf(),
            None => self.root.join(&entry.path),
        }
    }

    /// Makes every copy durable, read-only and visible under its final name, and writes the manifest.
    ///
    /// # Errors
    /// `Environment` when the disk refuses.
    pub fn settle(&mut self) -> Result<()> {
        for (sha256, temporary) in std::mem::take(&mut self.unfinished) {
            if let Some(entry) = self.entries.iter().find(|entry| entry.sha256 == sha256) {
                copy::finish(temporary, &self.root.join(&entry.path))?;
            }
        }
        self.write_manifest()
    }

    /// Writes the manifest, if what it says has changed.
    ///
    /// # Errors
    /// `Environment` when the disk refuses.
    pub fn write_manifest(&self) -> Result<()> {
        let visible = self
            .entries
            .iter()
            .filter(|entry| !self.unfinished.contains_key(&entry.sha256));
        manifest::write(&self.root.join(&self.folder), visible)
    }

    fn sort(&mut self) {
        self.entries.sort_by(|a, b| {
            (a.landed_at, &a.origin, &a.path).cmp(&(b.landed_at, &b.origin, &b.path))
        });
    }

    /// Lists the finished copies, relative to the root; removes unfinished ones.
    fn files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for day in list(&self.root.join(&self.folder))? {
            let day = format!("{}/{day}", self.folder);
            if self.is_unfinished(&day)? || !self.root.join(&day).is_dir() {
                continue;
            }
            for name in list(&self.root.join(&day))? {
                let path = format!("{day}/{name}");
                if !self.is_unfinished(&path)? {
                    files.push(path);
                }
            }
        }
        Ok(files)
    }

    /// Returns whether `path` is what a killed process left half written, having removed it.
    fn is_unfinished(&self, path: &str) -> Result<bool> {
        let name = path.rsplit('/').next().unwrap_or_default();
        if !name.starts_with(UNFINISHED) {
            return Ok(false);
        }
        fs::remove_file(self.root.join(path)).map_err(|err| refused("remove", path, err))?;
        Ok(true)
    }

    /// Describes a copy the warehouse does not know, from its manifest line when that still fits.
    fn recover(&self, path: &str, line: Option<&Entry>) -> Result<Entry> {
        let full = self.root.join(path);
        let seen = copy::look(&full, Path::new(path))?;
        if let Some(line) = line.filter(|line| line.size_bytes == seen.size_bytes) {
            return Ok(Entry {
                loaded: None,
                ..line.clone()
            });
        }
        Ok(Entry {
            sha256: copy::hash(&full, Path::new(path))?,
            size_bytes: seen.size_bytes,
            modified_at: seen.modified_at,
            origin: path.into(),
            path: path.into(),
            landed_at: seen.modified_at,
            loaded: None,
        })
    }

    /// Returns the original's name, with part of the hash where another content of the day has that name.
    fn free_name(&self, day: &str, origin: &Path, sha256: &str) -> String {
        let name = origin
            .file_name()
            .map_or_else(|| "file".into(), |name| name.to_string_lossy().into_owned());
        let taken = |name: &str| {
            let path = format!("{day}/{name}");
            self.root.join(&path).exists() || self.entries.iter().any(|entry| entry.path == path)
        };
        if !taken(&name) {
            return name;
        }
        match name.split_once('.').filter(|(stem, _)| !stem.is_empty()) {
            Some((stem, suffix)) => format!("{stem}-{}.{suffix}", &sha256[..8]),
            None => format!("{name}-{}", &sha256[..8]),
        }
    }
}

/// Returns a name fit to be one part of a path.
fn part(name: &str) -> String {
    name.replace(['/', '\\', '\0'], "_")
}

/// Returns the folder a path lies in.
fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).into()
}

/// Returns a path as text with `/` between its parts.
pub(super) fn slashed(path: &Path) -> String {
    path.to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/")
}

/// Returns the names in a folder in order; none when there is no such folder.
fn list(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(err) => return Err(refused("read", &slashed(folder), err)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|err| refused("read", &slashed(folder), err))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Says that the disk refused `verb` on `path`.
fn refused(verb: &str, path: &str, err: std::io::Error) -> anyhow::Error {
    Diagnostic::environment(format!("cannot {verb} `{path}`"))
        .because(err)
        .into()
}
