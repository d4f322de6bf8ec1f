//! Sends the rows of tables to the outside. Reads the warehouse, never writes it, and decides nothing about the
//! data: what a file should hold is a model.

mod copy;
mod csv;
mod draft;
mod json;
mod options;
mod parquet;
mod table;
mod xlsx;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_yaml::Mapping;

use self::draft::Draft;
pub use self::table::{Column, Table};
use crate::diagnostic::{At, Diagnostic, Place, Result, nearest};
use crate::engine::{Relation, Session};
use crate::project::nodes::{Export, Reference};

/// A file format rows can be sent to. One file in this folder, one line in [`SINKS`].
pub trait Sink: Sync {
    /// The word in `to:` of an export, and the suffix of its files; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line for lists.
    fn about(&self) -> &'static str;
    /// Writes all tables of `content` to the file `draft`, which exists and is empty, and returns how many rows
    /// there were. The same content gives the same bytes.
    ///
    /// # Errors
    /// `Project` when an option does not fit; `Environment` when `draft` cannot be written; what the engine
    /// answers to the tables' queries.
    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64>;
}

/// Every sink, in the order of lists.
pub static SINKS: &[&dyn Sink] = &[
    &csv::Csv,
    &parquet::Parquet,
    &json::Json,
    &json::Ndjson,
    &xlsx::Xlsx,
];

/// What one file will hold.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    /// The export's name.
    pub name: &'a str,
    /// What it is, for its readers; may be empty.
    pub description: &'a str,
    /// Target as declared; its suffix may say something to the sink (`.csv.gz`).
    pub path: &'a Path,
    /// The tables in order; at least one.
    pub tables: Vec<Table>,
    /// The sink's options.
    pub options: &'a Mapping,
    /// Where the export is declared.
    pub at: &'a At,
    /// Where the data come from.
    pub about: &'a About,
}

/// What a reader of the file may want to know of its making.
#[derive(Debug, Clone)]
pub struct About {
    /// The project's name.
    pub project: String,
    /// When the file was made; part of the file, so that the same instant gives the same bytes.
    pub generated_at: Timestamp,
    /// The version of `wh`.
    pub version: String,
    /// What is known of each table, by its reference; those missing are described by the reference alone.
    pub origins: BTreeMap<Reference, Origin>,
}

/// Where a table's rows come from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The table as a person would write it: `marts.top_products`.
    pub relation: String,
    /// The node's description; may be empty.
    pub description: String,
    /// When its newest data were loaded, where known.
    pub loaded_at: Option<Timestamp>,
}

/// An export to be written.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The project's folder; targets are relative to it.
    pub root: &'a Path,
    /// What is declared.
    pub export: &'a Export,
    /// Where each reference of the export's tables is found.
    pub inputs: &'a BTreeMap<Reference, Relation>,
    /// For the file's readers.
    pub about: &'a About,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rows of all tables together.
    pub rows: u64,
    /// The files, as paths below the project's folder.
    pub files: Vec<PathBuf>,
}

/// Writes an export: all of it or nothing; a file that was there before stays whole until then.
///
/// # Errors
/// `Project` with the export's place when the sink, a column or an option does not exist; `Environment` when the
/// target cannot be written; what the engine answers.
pub fn export(session: &mut dyn Session, request: &Request) -> Result<Outcome> {
    let export = request.export;
    let sink = sink(&export.sink).place(&export.at)?;
    let tables = export
        .tables
        .iter()
        .map(|table| table::resolve(session, table, request.inputs).place(&table.at))
        .collect::<Result<_>>()?;
    let content = Content {
        name: &export.name,
        description: &export.description,
        path: &export.path,
        tables,
        options: &export.options,
        at: &export.at,
        about: request.about,
    };
    write(session, sink, &content, request.root).place(&export.at)
}

/// Writes the rows of one query, in the query's own order, to a file whose suffix names the sink.
///
/// `sql` has no semicolon at its end.
///
/// # Errors
/// As [`export`], without a place.
pub fn query(
    session: &mut dyn Session,
    sql: &str,
    target: &Path,
    about: &About,
) -> Result<Outcome> {
    let sink = sink_of(target)?;
    let content = Content {
        name: "query",
        description: "",
        path: target,
        tables: vec![table::of_query(session, sql)?],
        options: &Mapping::new(),
        at: &At::default(),
        about,
    };
    write(session, sink, &content, Path::new(""))
}

fn write(
    session: &mut dyn Session,
    sink: &dyn Sink,
    content: &Content,
    root: &Path,
) -> Result<Outcome> {
    let draft = Draft::create(root, content.path)?;
    let rows = sink.send(session, content, draft.path())?;
    draft.publish()?;
    tracing::info!(export = content.name, sink = sink.name(), rows, "exported");
    Ok(Outcome {
        rows,
        files: vec![content.path.to_path_buf()],
    })
}

/// Returns the sink called `name`.
///
/// # Errors
/// `Project` naming the known ones.
pub fn sink(name: &str) -> Result<&'static dyn Sink> {
    let found = SINKS.iter().find(|sink| sink.name() == name);
    found.copied().ok_or_else(|| {
        let names = SINKS.iter().map(|sink| sink.name());
        let hint = match nearest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the sinks are {}", options::list(names)),
        };
        Diagnostic::project(format!("`{name}` is no sink"))
            .hint(hint)
            .into()
    })
}

/// Returns the sink that a file's suffix names; `.gz` and `.zst` behind it are passed over.
///
/// # Errors
/// `Project` naming the known ones.
pub fn sink_of(target: &Path) -> Result<&'static dyn Sink> {
    let (bare, _) = copy::compression_of(target);
    let suffix = bare
        .extension()
        .and_then(|suffix| suffix.to_str())
        .unwrap_or_default();
    let suffix = suffix.to_lowercase();
    let found = SINKS.iter().find(|sink| sink.name() == suffix);
    found.copied().ok_or_else(|| {
        let names = SINKS.iter().map(|sink| sink.name());
        Diagnostic::project(format!(
            "the suffix of `{}` names no file format",
            target.display()
        ))
        .hint(format!(
            "end the file's name in one of {}",
            options::list(names)
        ))
        .into()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sinks_have_unique_lower_case_names_and_say_what_they_are() {
        let names: BTreeSet<_> = SINKS.iter().map(|sink| sink.name()).collect();
        assert_eq!(names.len(), SINKS.len());
        for sink in SINKS {
            assert_eq!(sink.name(), sink.name().to_lowercase());
            assert!(!sink.about().is_empty());
        }
    }

    #[test]
    fn an_unknown_sink_is_answered_with_the_known_ones() {
        let err = sink("postgres").err().unwrap().to_string();
        for sink in SINKS {
            assert!(err.contains(sink.name()), "{err}");
        }
        let err = sink("xlxs").err().unwrap().to_string();
        assert!(err.contains("did you mean `xlsx`?"), "{err}");
    }

    #[test]
    fn a_suffix_names_the_sink_whether_compressed_or_not() {
        assert_eq!(sink_of(Path::new("a/b.csv.gz")).unwrap().name(), "csv");
        assert_eq!(sink_of(Path::new("b.XLSX")).unwrap().name(), "xlsx");
        assert!(sink_of(Path::new("b")).is_err());
        assert!(sink_of(Path::new("b.doc")).is_err());
    }
}
