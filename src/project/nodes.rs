//! The nodes that dbt does not have, as declared in YAML: ingested source tables, feature views, ML models, exports,
//! reports.
//!
//! Each capability reads its own open `options`; what is common is typed here.

use std::fmt;
use std::path::PathBuf;

use serde_yaml::Mapping;

use crate::diagnostic::At;

/// What `ref('…')` or `source('…', '…')` names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A model, seed, snapshot, feature view or ML model.
    Ref {
        /// Package, when the reference names one.
        package: Option<String>,
        /// Node name.
        name: String,
        /// Version of a versioned model.
        version: Option<String>,
    },
    /// A source table.
    Source {
        /// Source name.
        source: String,
        /// Table name.
        table: String,
    },
    /// A metric.
    Metric {
        /// Package, when the reference names one.
        package: Option<String>,
        /// Its name.
        name: String,
    },
    /// A function of the warehouse.
    Function {
        /// Package, when the reference names one.
        package: Option<String>,
        /// Its name.
        name: String,
    },
}

impl Reference {
    /// Returns the name of the node or table that is meant.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ref { name, .. } | Self::Metric { name, .. } | Self::Function { name, .. } => {
                name
            }
            Self::Source { table, .. } => table,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, package, name) = match self {
            Self::Ref { package, name, .. } => ("ref", package.as_ref(), name),
            Self::Source { source, table } => ("source", Some(source), table),
            Self::Metric { package, name } => ("metric", package.as_ref(), name),
            Self::Function { package, name } => ("function", package.as_ref(), name),
        };
        write!(f, "{word}(")?;
        if let Some(package) = package {
            write!(f, "'{package}', ")?;
        }
        write!(f, "'{name}'")?;
        if let Self::Ref {
            version: Some(version),
            ..
        } = self
        {
            write!(f, ", v='{version}'")?;
        }
        write!(f, ")")
    }
}

/// How new rows meet those already in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// New rows are added.
    Append,
    /// The table holds what the newest version of each matching file says.
    Replace,
    /// New rows replace those of the same primary key.
    Merge,
}

/// How many rows that cannot be parsed are tolerated before the node fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// At most this many rows a load.
    Rows(u64),
    /// At most this share of a load's rows, 0 to 1.
    Share(f64),
}

/// What a build does when a source cannot be reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnUnavailable {
    /// The node fails, and what reads it is skipped.
    #[default]
    Error,
    /// The rows there are stay, with a warning.
    Keep,
}

/// When a source is asked again by `wh build`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// When this much time has gone by since it was asked last.
    Every(jiff::SignedDuration),
    /// When a time of this cron expression (UTC) has gone by since it was asked last.
    Cron(String),
}

/// How a source table is ingested: `ingest:` below a table of `sources:`.
#[derive(Debug, Clone)]
pub struct Ingest {
    /// Source name; the folder `source=…` of the lake.
    pub source: String,
    /// Table name as declared; the folder `type=…` of the lake.
    pub table: String,
    /// The connector's name in the registry.
    pub connector: String,
    /// How new rows meet old ones; `None` leaves it to the connector.
    pub mode: Option<Mode>,
    /// What happens when the source cannot be reached.
    pub on_unavailable: OnUnavailable,
    /// When the source is asked again; `None` at every build.
    pub schedule: Option<Schedule>,
    /// Columns that identify a row; empty where none are declared.
    pub primary_key: Vec<String>,
    /// How many rejected rows are tolerated.
    pub max_rejects: Tolerance,
    /// All other keys, for the connector; their strings are rendered already.
    pub options: Mapping,
    /// The place of `ingest:`.
    pub at: At,
}

/// An ML model: `ml_models:`.
#[derive(Debug, Clone)]
pub struct MlModel {
    /// Node name; its predictions are `ref('<name>')`.
    pub name: String,
    /// The algorithm's name in the registry; none where several compete.
    pub algorithm: Option<String>,
    /// The table it learns from.
    pub from: Reference,
    /// The table whose rows it predicts; none for `from`.
    pub score: Option<Reference>,
    /// Columns that identify a row, copied to the predictions.
    pub key: Vec<String>,
    /// Columns it learns from.
    pub features: Vec<String>,
    /// All other keys (`target`, `preprocess`, `params`, `label`, …), for the algorithm.
    pub options: Mapping,
    /// The place of the declaration.
    pub at: At,
}

/// A feature of a feature view.
#[derive(Debug, Clone)]
pub struct Feature {
    /// Column of the view's source, and its name wherever it is served.
    pub name: String,
    /// Text for readers; may be empty.
    pub description: String,
    /// The SQL type it is served in; the source's own where none is declared.
    pub dtype: Option<String>,
    /// The place of the declaration.
    pub at: At,
}

/// Features of an entity over time: `feature_views:`.
#[derive(Debug, Clone)]
pub struct FeatureView {
    /// Node name; the history of its features is `ref('<name>')`.
    pub name: String,
    /// What it is, for its readers; may be empty.
    pub description: String,
    /// Who answers for it; may be empty.
    pub owner: String,
    /// Columns that say whose features a row holds; at least one.
    pub entity: Vec<String>,
    /// The table the features come from.
    pub from: Reference,
    /// Column that says when a row's values became known.
    pub timestamp: String,
    /// Column that says when a row was written: of rows with the same entity and timestamp the last one counts.
    pub created: Option<String>,
    /// For how long a value is good, in seconds; `None` means for ever.
    pub ttl: Option<i64>,
    /// Features in order; at least one.
    pub features: Vec<Feature>,
    /// Whether the latest values go to the online store whenever the view is built.
    pub online: bool,
    /// The place of the declaration.
    pub at: At,
}

/// One table of an export: a sheet of a workbook, or the only table of a CSV file.
#[derive(Debug, Clone)]
pub struct ExportTable {
    /// Sheet name; the relation's name when none is given.
    pub name: String,
    /// The relation that is written.
    pub from: Reference,
    /// Columns in order; empty means all.
    pub columns: Vec<String>,
    /// `column` or `column desc`, so that the same data give the same file; empty means every column in order.
    pub order_by: Vec<String>,
    /// Rows at most; `None` means all.
    pub limit: Option<u64>,
    /// All other keys (`charts`, `highlight`, `formats`, …), for the sink.
    pub options: Mapping,
    /// The place of the declaration.
    pub at: At,
}

/// A file that leaves the warehouse: `exports:`.
#[derive(Debug, Clone)]
pub struct Export {
    /// Node name.
    pub name: String,
    /// What it is, for its readers; may be empty.
    pub description: String,
    /// The sink's name in the registry.
    pub sink: String,
    /// Target, relative to the project root.
    pub path: PathBuf,
    /// Tables in order; at least one.
    pub tables: Vec<ExportTable>,
    /// All other keys, of `to:` and of the export itself, for the sink.
    pub options: Mapping,
    /// The place of the declaration.
    pub at: At,
}

/// What a profile is made of: `profile:` below an entry of `reports:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileOf {
    /// The relation that is profiled.
    pub from: Reference,
    /// The column whose classes are compared.
    pub by: Option<String>,
}

/// A page written from data: `reports:`.
#[derive(Debug, Clone)]
pub struct Report {
    /// Node name.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// The Markdown template, relative to the project root.
    pub file: PathBuf,
    /// The template's text.
    pub text: String,
    /// What is profiled instead; then there is neither file nor text.
    pub profile: Option<ProfileOf>,
    /// Targets, relative to the project root; the suffix decides the format.
    pub to: Vec<PathBuf>,
    /// The place of the declaration.
    pub at: At,
}
