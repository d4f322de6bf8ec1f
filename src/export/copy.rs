//! Files that the engine itself writes, by `copy`. Only what the text formats and Parquet share.

use std::path::{Path, PathBuf};

use minijinja::{Value, context};
use serde::Deserialize;

use super::draft::cannot_write;
use super::options::{self, NoOptions};
use super::{Content, Table};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Session, SqlError, render};

/// How a text file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Compression {
    /// Not at all.
    None,
    /// As `gzip` does.
    Gzip,
    /// As `zstd` does.
    Zstd,
}

impl Compression {
    /// Returns the engine's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Returns the path without `.gz` or `.zst`, and the packing that suffix means.
pub(super) fn compression_of(path: &Path) -> (PathBuf, Compression) {
    match path.extension().and_then(|suffix| suffix.to_str()) {
        Some("gz") => (path.with_extension(""), Compression::Gzip),
        Some("zst") => (path.with_extension(""), Compression::Zstd),
        _ => (path.to_path_buf(), Compression::None),
    }
}

/// The options of a text format that has no others.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TextOptions {
    compression: Option<Compression>,
}

impl TextOptions {
    /// Reads them.
    ///
    /// # Errors
    /// `Project` when a key is unknown.
    pub(super) fn of(content: &Content) -> Result<Self> {
        options::parse(content.options, &owner(content), content.at)
    }

    /// Returns the packing: as declared, else as the suffix of `path` says.
    pub(super) fn compression(&self, path: &Path) -> Compression {
        self.compression.unwrap_or(compression_of(path).1)
    }
}

/// Returns the only table of a file that holds one.
///
/// # Errors
/// `Project` when there are more, or when the table has options.
pub(super) fn only_table<'a>(content: &'a Content) -> Result<&'a Table> {
    if let [_, second, ..] = content.tables.as_slice() {
        return Err(Diagnostic::project(format!(
            "`{}` is one file for {} tables",
            content.path.display(),
            content.tables.len()
        ))
        .at(&second.at)
        .hint("write one export a table, or an `xlsx` with a sheet a table")
        .into());
    }
    let Some(table) = content.tables.first() else {
        return Err(Diagnostic::project(format!("the export `{}` has no table", content.name)).into());
    };
    options::parse::<NoOptions>(&table.options, &format!("the table `{}`", table.name), &table.at)?;
    Ok(table)
}

/// Returns what a content's messages call it: the owner of its options.
pub(super) fn owner(content: &Content) -> String {
    format!("the export `{}`", content.name)
}

/// Writes `table` to `draft` with the engine's `copy` and returns how many rows there were.
///
/// `statement` is given the query, the target and `values`.
///
/// # Errors
/// `Environment` when the engine cannot write the file; what it answers to the query.
pub(super) fn copy(
    session: &mut dyn Session,
    table: &Table,
    (content, draft): (&Content, &Path),
    statement: &str,
    values: Value,
) -> Result<u64> {
    let common = context! {query => table.query(|_| false)?, target => draft.to_string_lossy()};
    let sql = render(statement, context! {..common, ..values})?;
    session.execute(&sql).map_err(|err| explain(err, content.path))
}

/// Tells a file that cannot be written from a query that does not run.
fn explain(err: anyhow::Error, path: &Path) -> anyhow::Error {
    let said = err.chain().find_map(|cause| cause.downcast_ref::<SqlError>());
    match said.map(|sql| sql.message.clone()) {
        Some(message) if message.starts_with("IO Error") => {
            let full = message.contains("No space left");
            let kind = match full {
                true => std::io::ErrorKind::StorageFull,
                false => std::io::ErrorKind::Other,
            };
            cannot_write(path, std::io::Error::new(kind, message)).into()
        }
        _ => err,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_says_how_a_file_is_packed() {
        assert_eq!(
            compression_of(Path::new("a.csv.gz")),
            (PathBuf::from("a.csv"), Compression::Gzip)
        );
        assert_eq!(
            compression_of(Path::new("a.csv")),
            (PathBuf::from("a.csv"), Compression::None)
        );
    }
}
