//! What declarations in YAML share: a name, a description, configuration, columns, tests.

use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::nodes::Ingest;
use crate::diagnostic::At;

/// What a YAML file says of one node.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Node name.
    pub name: String,
    /// The package whose file says it.
    pub package: String,
    /// Text for readers; may hold Jinja (`{{ doc('…') }}`).
    pub description: String,
    /// `config:`, with `tags`, `meta`, `docs`, `enabled`, … written beside it folded in.
    pub config: Mapping,
    /// `config:` before its Jinja is rendered, where the file has any.
    pub unrendered: Mapping,
    /// The tags that are written beside `config:`.
    pub tags: Vec<String>,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Tests of the whole relation.
    pub tests: Vec<TestUse>,
    /// All other keys of its kind, such as `constraints`, `owner` or `type_params`.
    pub options: Mapping,
    /// The versions of a model.
    pub versions: Vec<Version>,
    /// The file, relative to the root of its package.
    pub original: PathBuf,
    /// The place of the declaration.
    pub at: At,
}

/// A version of a model: one entry of `versions:`, with what it takes over from the model laid under it.
#[derive(Debug, Clone)]
pub struct Version {
    /// What the version is called: `v:`, a number or a text.
    pub version: Value,
    /// The file it is in, when that is not `<model>_v<version>`.
    pub defined_in: Option<String>,
    /// The model as this version has it; its name is the model's.
    pub declared: Declared,
}

/// A described column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Text for readers.
    pub description: String,
    /// The docs blocks that the text names, by unique id.
    pub doc_blocks: Vec<String>,
    /// SQL type, where one is declared.
    pub data_type: Option<String>,
    /// Tests of this column.
    pub tests: Vec<TestUse>,
    /// All other keys: `quote`, `tags`, `meta`, `constraints`, `config`, ….
    pub options: Mapping,
}

/// A generic test put to use.
#[derive(Debug, Clone)]
pub struct TestUse {
    /// The test's name: `not_null`, or `package.name`.
    pub test: String,
    /// A name of the user's choice for the node.
    pub name: Option<String>,
    /// Text for readers.
    pub description: String,
    /// Arguments; strings may hold Jinja.
    pub arguments: Mapping,
    /// How many of them stand beside the test's other keys; the others stand below `arguments:`.
    pub n_beside: usize,
    /// `severity`, `where`, `limit`, `warn_if`, `error_if`, `store_failures`, `tags`, …; strings may hold Jinja.
    pub config: Mapping,
    /// The place of its use.
    pub at: At,
}

/// A source of `sources:`.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The package whose file says it.
    pub package: String,
    /// Text for readers; may hold Jinja.
    pub description: String,
    /// The schema its tables lie in; the source's name where none is given.
    pub schema: String,
    /// The attached database they lie in, when not the warehouse.
    pub database: Option<String>,
    /// `database:` and `schema:` as they are written.
    pub written: [Option<String>; 2],
    /// The package whose source this one changes: `overrides:`.
    pub overrides: Option<String>,
    /// `config:` of the source, laid under that of each table.
    pub config: Mapping,
    /// The tags that are written beside `config:`.
    pub tags: Vec<String>,
    /// `meta:` of the source.
    pub meta: Mapping,
    /// All other keys: `loader`, `freshness`, `loaded_at_field`, `quoting`, ….
    pub options: Mapping,
    /// Its tables.
    pub tables: Vec<SourceTable>,
    /// The place of the declaration.
    pub at: At,
}

/// A table of a source.
#[derive(Debug, Clone)]
pub struct SourceTable {
    /// Name, description, columns, tests; `options` has what the source says of all its tables laid under.
    pub declared: Declared,
    /// The table's name in the warehouse.
    pub identifier: String,
    /// How it is ingested, when `wh` does that.
    pub ingest: Option<Ingest>,
}
