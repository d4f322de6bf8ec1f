//! What YAML files below the model paths declare: descriptions, tests, sources, and the nodes of `wh`.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::nodes::{Export, FeatureView, Ingest, MlModel, Report};
use super::yaml::{Doc, Fields};
use super::{SourceFile, declare};
use crate::diagnostic::{At, Diagnostic, Result};

/// Everything declared in YAML.
#[derive(Debug, Default)]
pub struct Resources {
    /// `models:`, by model name.
    pub models: Vec<Declared>,
    /// `seeds:`.
    pub seeds: Vec<Declared>,
    /// `data_tests:` at the top of a file: singular tests.
    pub tests: Vec<Declared>,
    /// `macros:`.
    pub macros: Vec<Declared>,
    /// `analyses:`.
    pub analyses: Vec<Declared>,
    /// `sources:`.
    pub sources: Vec<Source>,
    /// `feature_views:`, each with its history as a relation.
    pub feature_views: Vec<(Declared, FeatureView)>,
    /// `ml_models:`, each with its predictions as a relation.
    pub ml_models: Vec<(Declared, MlModel)>,
    /// `exports:`.
    pub exports: Vec<(Declared, Export)>,
    /// `reports:`.
    pub reports: Vec<(Declared, Report)>,
    /// What is read over, with its place.
    pub warnings: Vec<(At, String)>,
}

/// What a YAML file says of one node.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Node name.
    pub name: String,
    /// The package whose file says it.
    pub package: String,
    /// Text for readers; may hold Jinja (`{{ doc('…') }}`).
    pub description: String,
    /// `config:`, with `tags`, `meta`, `docs`, `enabled`, … written beside it folded in.
    pub config: Mapping,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Tests of the whole relation.
    pub tests: Vec<TestUse>,
    /// The place of the declaration.
    pub at: At,
}

/// A described column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Text for readers.
    pub description: String,
    /// SQL type, where one is declared.
    pub data_type: Option<String>,
    /// Tests of this column.
    pub tests: Vec<TestUse>,
}

/// A generic test put to use.
#[derive(Debug, Clone)]
pub struct TestUse {
    /// The test's name: `not_null`, or `package.name`.
    pub test: String,
    /// A name of the user's choice for the node.
    pub name: Option<String>,
    /// Arguments; strings may hold Jinja.
    pub arguments: Mapping,
    /// `severity`, `where`, `limit`, `warn_if`, `error_if`, `store_failures`, `tags`, …
    pub config: Mapping,
    /// The place of its use.
    pub at: At,
}

/// A source of `sources:`.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The schema its tables lie in.
    pub schema: String,
    /// The attached database they lie in, when not the warehouse.
    pub database: Option<String>,
    /// Its tables.
    pub tables: Vec<SourceTable>,
}

/// A table of a source.
#[derive(Debug, Clone)]
pub struct SourceTable {
    /// Name, description, columns, tests.
    pub declared: Declared,
    /// The table's name in the warehouse.
    pub identifier: String,
    /// How it is ingested, when `wh` does that.
    pub ingest: Option<Ingest>,
}

/// Keys of a node that mean the same beside `config:` and inside it.
const CONFIG_KEYS: &[&str] = &[
    "tags",
    "meta",
    "docs",
    "enabled",
    "group",
    "access",
    "materialized",
];

/// Keys of dbt's that change nothing here yet, and so are taken without a word.
const PASSED_OVER: &[&str] = &["version", "anchors", "groups", "exposures"];

/// Resources of dbt's that are not built yet; a warning says so.
const NOT_BUILT: &[&str] = &[
    "snapshots",
    "unit_tests",
    "semantic_models",
    "metrics",
    "saved_queries",
    "functions",
];

/// Configuration of a test that may stand beside its arguments.
const TEST_CONFIG: &[&str] = &[
    "severity",
    "where",
    "limit",
    "warn_if",
    "error_if",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "tags",
    "enabled",
    "meta",
    "alias",
    "schema",
    "database",
];

/// Reads one YAML file into `into`.
pub(super) fn read(
    root: &Path,
    file: &SourceFile,
    value: &Value,
    into: &mut Resources,
) -> Result<()> {
    let doc = Doc {
        value,
        file: &file.path,
    };
    let fields = doc.fields(&format!("`{}`", file.path.display()))?;
    let reader = Reader {
        root,
        package: &file.package,
    };
    for key in NOT_BUILT {
        if let Some(doc) = fields.get(key) {
            let warning = format!("`{key}` is read over: wh does not build it yet");
            into.warnings.push((doc.at(), warning));
        }
    }
    fields.pass_over(PASSED_OVER);
    reader.declared(&fields, "models", &mut into.models)?;
    reader.declared(&fields, "seeds", &mut into.seeds)?;
    reader.declared(&fields, "macros", &mut into.macros)?;
    reader.declared(&fields, "analyses", &mut into.analyses)?;
    reader.declared(&fields, "data_tests", &mut into.tests)?;
    reader.declared(&fields, "tests", &mut into.tests)?;
    for item in fields.items("sources") {
        into.sources.push(reader.source(item)?);
    }
    for item in fields.items("feature_views") {
        into.feature_views.push(reader.feature_view(item)?);
    }
    for item in fields.items("ml_models") {
        into.ml_models.push(reader.ml_model(item)?);
    }
    for item in fields.items("exports") {
        into.exports.push(reader.export(item)?);
    }
    for item in fields.items("reports") {
        into.reports.push(reader.report(item)?);
    }
    fields.finish()
}

pub(super) struct Reader<'a> {
    pub(super) root: &'a Path,
    pub(super) package: &'a str,
}

impl Reader<'_> {
    fn declared(&self, fields: &Fields<'_>, key: &str, into: &mut Vec<Declared>) -> Result<()> {
        for item in fields.items(key) {
            let fields = item.fields(&format!("an entry of `{key}`"))?;
            into.push(self.node(&fields)?);
        }
        Ok(())
    }

    /// Reads the keys that all nodes share and leaves the others to the caller.
    pub(super) fn node(&self, fields: &Fields<'_>) -> Result<Declared> {
        let mut config = Mapping::new();
        for key in CONFIG_KEYS {
            if let Some(doc) = fields.get(key) {
                config.insert(Value::string((*key).into()), doc.value.clone());
            }
        }
        config.extend(fields.mapping("config")?);
        let mut columns = Vec::new();
        for item in fields.items("columns") {
            columns.push(column(item)?);
        }
        Ok(Declared {
            name: fields.required("name")?,
            package: self.package.into(),
            description: fields.text("description")?.unwrap_or_default(),
            config,
            columns,
            tests: tests(fields)?,
            at: fields.get("name").map_or(fields.at(), |doc| doc.at()),
        })
    }

    fn source(&self, item: Doc<'_>) -> Result<Source> {
        let fields = item.fields("an entry of `sources`")?;
        let shared = self.node(&fields)?;
        let mut tables = Vec::new();
        for item in fields.items("tables") {
            let fields = item.fields(&format!("a table of source `{}`", shared.name))?;
            let mut declared = self.node(&fields)?;
            for (key, value) in &shared.config {
                declared
                    .config
                    .entry(key.clone())
                    .or_insert_with(|| value.clone());
            }
            let identifier = fields
                .text("identifier")?
                .unwrap_or_else(|| declared.name.clone());
            let ingest = fields
                .get("ingest")
                .map(|doc| declare::ingest(doc, &shared.name, &declared.name));
            tables.push(SourceTable {
                ingest: ingest.transpose()?,
                declared,
                identifier,
            });
        }
        Ok(Source {
            schema: fields
                .text("schema")?
                .unwrap_or_else(|| shared.name.clone()),
            database: fields.text("database")?,
            name: shared.name,
            tables,
        })
    }
}

fn column(item: Doc<'_>) -> Result<Column> {
    let fields = item.fields("an entry of `columns`")?;
    Ok(Column {
        name: fields.required("name")?,
        description: fields.text("description")?.unwrap_or_default(),
        data_type: fields.text("data_type")?,
        tests: tests(&fields)?,
    })
}

fn tests(fields: &Fields<'_>) -> Result<Vec<TestUse>> {
    let mut uses = Vec::new();
    for key in ["data_tests", "tests"] {
        for item in fields.items(key) {
            uses.push(test_use(item)?);
        }
    }
    Ok(uses)
}

/// Reads `not_null`, `{accepted_values: {values: […]}}`, or `{name: …, test_name: …}`.
fn test_use(item: Doc<'_>) -> Result<TestUse> {
    let at = item.at();
    if let Value::String(name, _) = item.value {
        return Ok(TestUse {
            test: name.clone(),
            name: None,
            arguments: Mapping::new(),
            config: Mapping::new(),
            at,
        });
    }
    let fields = item.fields("a test")?;
    let outer = fields.text("test_name")?;
    let (test, body) = match outer {
        Some(test) => (test, item),
        None => {
            let first = item.value.as_mapping().and_then(|map| map.iter().next());
            let Some((key, value)) = first else {
                return Err(Diagnostic::project("a test has no name").at(&at).into());
            };
            let name = Doc {
                value: key,
                file: item.file,
            }
            .text("the name of a test")?;
            (
                name,
                Doc {
                    value,
                    file: item.file,
                },
            )
        }
    };
    if body.value.is_null() {
        return Ok(TestUse {
            test,
            name: None,
            arguments: Mapping::new(),
            config: Mapping::new(),
            at,
        });
    }
    let inner = body.fields(&format!("the test `{test}`"))?;
    inner.pass_over(&["test_name", "description"]);
    let mut config = Mapping::new();
    for key in TEST_CONFIG {
        if let Some(doc) = inner.get(key) {
            config.insert(Value::string((*key).into()), doc.value.clone());
        }
    }
    config.extend(inner.mapping("config")?);
    let mut arguments = inner.mapping("arguments")?;
    let name = inner.text("name")?;
    arguments.extend(inner.rest());
    Ok(TestUse {
        test,
        name,
        arguments,
        config,
        at,
    })
}
