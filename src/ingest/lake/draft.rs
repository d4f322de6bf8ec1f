//! A content on its way into the lake that is written, not copied: hashed as it grows, durable before it is seen.

use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Entry, Lake, UNFINISHED, copy, refused};
use crate::diagnostic::Result;

/// A content being written under a temporary name; dropped, it leaves no trace.
pub struct Draft {
    file: BufWriter<tempfile::NamedTempFile>,
    hasher: Sha256,
    size_bytes: u64,
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size_bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Lake {
    /// Begins a content.
    ///
    /// # Errors
    /// `Environment` when the lake cannot be written.
    pub fn draft(&self) -> Result<Draft> {
        let folder = self.root.join(&self.folder);
        let unwritable = |err| refused("write to", &self.folder, err);
        std::fs::create_dir_all(&folder).map_err(unwritable)?;
        let file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&folder)
            .map_err(unwritable)?;
        Ok(Draft {
            file: BufWriter::with_capacity(1 << 16, file),
            hasher: Sha256::new(),
            size_bytes: 0,
        })
    }

    /// Takes in a finished content that came from `origin`, to be called `name` in the day's folder, and returns
    /// its hash. A content that is there already is not kept twice.
    ///
    /// # Errors
    /// `Environment` when the disk refuses the last bytes.
    pub fn admit(
        &mut self,
        draft: Draft,
        (origin, name): (&str, &str),
        now: Timestamp,
    ) -> Result<String> {
        let folder = self.folder.clone();
        let file = draft
            .file
            .into_inner()
            .map_err(|err| refused("write to", &folder, err.into_error()))?;
        let sha256 = copy::hexadecimal(&draft.hasher.finalize());
        let seen = copy::Seen {
            size_bytes: draft.size_bytes,
            modified_at: now,
        };
        if self.knows(&sha256, origin, &seen, now) {
            return Ok(sha256);
        }
        let day = self.day(now);
        let name = self.free_name(&day, name.as_ref(), &sha256);
        self.entries.push(Entry {
            sha256: sha256.clone(),
            size_bytes: draft.size_bytes,
            modified_at: now,
            origin: origin.into(),
            path: format!("{day}/{name}"),
            landed_at: now,
            loaded: None,
        });
        self.unfinished
            .insert(sha256.clone(), file.into_temp_path());
        self.sort();
        Ok(sha256)
    }
}
