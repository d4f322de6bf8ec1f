//! What a file's bytes mean as rows: one file a format. Knows neither lake nor table, only where rows go.

mod blocks;
mod csv;
mod json;
mod parquet;
mod rows;
mod scan;
mod xlsx;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use self::rows::Misfit;
pub(super) use self::scan::Batches;
use super::rejects::Rejects;
use super::types::{Column, Type};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Relation, Scan, Session};

/// How bytes become rows. One file in this folder, one line in [`FORMATS`].
pub trait Format: Sync {
    /// The word after `format:`; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line for people.
    fn about(&self) -> &'static str;
    /// Suffixes of files of this format, without the dot.
    fn suffixes(&self) -> &'static [&'static str];
    /// Returns the columns of a file, in order. [`Survey::Begin`] costs one block, [`Survey::Whole`] a pass.
    ///
    /// # Errors
    /// `Data` when it is no file of this format.
    fn columns(
        &self,
        session: &mut dyn Session,
        file: &Source<'_>,
        survey: Survey,
    ) -> Result<Vec<Column>>;
    /// Opens the rows of a file, for a table that has its columns; `None` where the engine reads such files itself.
    ///
    /// # Errors
    /// `Environment` when it cannot be opened; drawn rows fail with `Data` when the file breaks off, and with [`Misfit`]
    /// when a value does not fit the target's columns.
    fn open(&self, file: &Source<'_>, target: &Target<'_>) -> Result<Option<Arc<dyn Scan>>>;
    /// Has the engine add all rows of a file that is not opened, and returns how many there were.
    ///
    /// # Errors
    /// `Data` when the file is damaged.
    fn insert(&self, _: &mut dyn Session, file: &Source<'_>, _: &Target<'_>) -> Result<u64> {
        let what = format!("`{}` is read by nobody", file.shown.display());
        Err(Diagnostic::new(Kind::Bug, what).into())
    }
    /// Returns what is wrong with a file that gives no row; `None` where that may be.
    fn lacks_rows(&self, _: &Reading) -> Option<&'static str> {
        Some("holds no rows")
    }
}

/// Every format, by name.
pub static FORMATS: &[&dyn Format] = &[
    &csv::Csv,
    &json::JSON,
    &json::NDJSON,
    &parquet::Parquet,
    &xlsx::Xlsx,
];

/// How much of a file is read to learn its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    /// As little as possible.
    Begin,
    /// All of it.
    Whole,
}

/// How files are to be read, every default filled in.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The format, or `None` to go by each file's suffix.
    pub format: Option<&'static str>,
    /// What stands between fields of CSV, or `None` to see it in the header.
    pub delimiter: Option<u8>,
    /// What encloses fields of CSV, or `None` when nothing does.
    pub quote: Option<u8>,
    /// Whether the first record of CSV, or row of a sheet, holds the names.
    pub header: bool,
    /// How text is encoded.
    pub encoding: &'static encoding_rs::Encoding,
    /// Unquoted fields of CSV that mean NULL.
    pub nulls: Vec<String>,
    /// Columns with a declared SQL type.
    pub columns: Vec<(String, String)>,
    /// Sheets to read; empty means all.
    pub sheets: Vec<String>,
    /// Keys that lead to the array of records in a JSON file; empty means the file itself.
    pub records: Vec<String>,
    /// Whether the file was fetched, not dropped: it may hold no rows, and lack columns that are declared.
    pub fetched: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            format: None,
            delimiter: None,
            quote: Some(b'"'),
            header: true,
            encoding: encoding_rs::UTF_8,
            nulls: vec![String::new()],
            columns: Vec::new(),
            sheets: Vec::new(),
            records: Vec::new(),
            fetched: false,
        }
    }
}

/// One file to be read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Where its bytes are.
    pub path: &'a Path,
    /// The path people know it by, relative to the project's root.
    pub shown: &'a Path,
    /// What `_wh_file` says.
    pub recorded: &'a str,
    /// Position among the files of this load.
    pub position: usize,
    /// How it is to be read.
    pub reading: &'a Reading,
}

/// Where rows go.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The table.
    pub relation: &'a Relation,
    /// Its columns, those of `wh` left out.
    pub columns: &'a [Column],
    /// Whether each row carries its record's text as `_wh_raw` and its file's position as `_wh_position`.
    pub staged: bool,
    /// Takes records that cannot become rows.
    pub(super) rejects: &'a Arc<Rejects>,
    /// What `_wh_loaded_at` says.
    pub loaded_at: jiff::Timestamp,
}

/// How a file is compressed, by its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Returns the compression a file's name tells, and the name without its suffix.
pub(super) fn compression(path: &Path) -> (Compression, PathBuf) {
    let suffix = path
        .extension()
        .map(|suffix| suffix.to_string_lossy().to_ascii_lowercase());
    match suffix.as_deref() {
        Some("gz" | "gzip") => (Compression::Gzip, path.with_extension("")),
        Some("zst" | "zstd") => (Compression::Zstd, path.with_extension("")),
        _ => (Compression::None, path.into()),
    }
}

/// Returns the format of a file: the one told, or by its suffix.
///
/// # Errors
/// `Project` when the suffix tells nothing, or the format cannot be compressed.
pub(super) fn format_of(shown: &Path, reading: &Reading) -> Result<&'static dyn Format> {
    let (compression, plain) = compression(shown);
    let suffix = plain
        .extension()
        .map(|suffix| suffix.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let fits = |format: &&&dyn Format| match reading.format {
        Some(name) => format.name() == name,
        None => format.suffixes().contains(&suffix.as_str()),
    };
    let Some(format) = FORMATS.iter().find(fits) else {
        let known: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
        return Err(Diagnostic::project(format!(
            "the name of `{}` does not tell its format",
            shown.display()
        ))
        .hint(format!("set `format:` to one of {}", known.join(", ")))
        .into());
    };
    let compressible = ["csv", "json", "ndjson"].contains(&format.name());
    if compression != Compression::None && !compressible {
        return Err(Diagnostic::data(format!(
            "`{}` is a compressed {} file",
            shown.display(),
            format.name()
        ))
        .hint("unpack it first: the format is compressed by itself")
        .into());
    }
    Ok(*format)
}

/// Checks the names a file gives its columns.
///
/// # Errors
/// `Data` when one is empty, twice there, or reserved for `wh`.
pub(super) fn check_names(columns: &[Column], shown: &Path) -> Result<()> {
    let wrong = |what: String, hint: &str| {
        Err(Diagnostic::data(what)
            .at_line(shown, 1, 0)
            .hint(hint)
            .into())
    };
    for (i, column) in columns.iter().enumerate() {
        if column.name.is_empty() {
            let hint = "give it a name in the header; a header that ends in a delimiter has an empty last name";
            return wrong(format!("column {} has no name", i + 1), hint);
        }
        if column.name.to_ascii_lowercase().starts_with("_wh_") {
            return wrong(
                format!("column `{}` has a name that `wh` uses itself", column.name),
                "rename it",
            );
        }
        if let Some(j) = columns[..i]
            .iter()
            .position(|earlier| earlier.is_called(&column.name))
        {
            let what = format!(
                "columns {} and {} are both called `{}`",
                j + 1,
                i + 1,
                column.name
            );
            return wrong(
                what,
                "rename one of them in the file; upper and lower case are the same to SQL",
            );
        }
    }
    Ok(())
}

/// Returns the error of a file that holds no record at all.
pub(super) fn without_rows(shown: &Path, what: &str) -> anyhow::Error {
    Diagnostic::data(format!("`{}` {what}", shown.display()))
        .at_line(shown, 0, 0)
        .hint("write its rows, or take it away")
        .into()
}

/// Returns columns of text.
fn text_columns(names: impl IntoIterator<Item = String>) -> Vec<Column> {
    names
        .into_iter()
        .map(|name| Column::new(name, Type::Text))
        .collect()
}
