//! What YAML files below the model paths declare: descriptions, tests, sources, and the nodes of `wh`.

use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use super::nodes::{Export, ExportTable, Ingest, MlModel, Mode, Reference, Report, Tolerance};
use super::yaml::{Doc, Fields};
use super::{SourceFile, files};
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
    /// `ml_models:`, each with its predictions as a relation.
    pub ml_models: Vec<(Declared, MlModel)>,
    /// `exports:`.
    pub exports: Vec<(Declared, Export)>,
    /// `reports:`.
    pub reports: Vec<(Declared, Report)>,
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
const PASSED_OVER: &[&str] = &[
    "version",
    "anchors",
    "groups",
    "exposures",
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

struct Reader<'a> {
    root: &'a Path,
    package: &'a str,
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
    fn node(&self, fields: &Fields<'_>) -> Result<Declared> {
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
                .map(|doc| ingest(doc, &shared.name, &declared.name));
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

    fn ml_model(&self, item: Doc<'_>) -> Result<(Declared, MlModel)> {
        let fields = item.fields("an entry of `ml_models`")?;
        let declared = self.node(&fields)?;
        let model = MlModel {
            name: declared.name.clone(),
            algorithm: fields.required("algorithm")?,
            from: reference(&fields, "from")?,
            key: fields.texts("key")?,
            features: fields.texts("features")?,
            at: declared.at.clone(),
            options: fields.rest(),
        };
        Ok((declared, model))
    }

    fn export(&self, item: Doc<'_>) -> Result<(Declared, Export)> {
        let fields = item.fields("an entry of `exports`")?;
        let declared = self.node(&fields)?;
        let (sink, path, mut options) = destination(&fields)?;
        let mut tables = Vec::new();
        if fields.get("from").is_some() {
            tables.push(export_table(&fields, declared.at.clone())?);
        }
        for sheet in ["sheets", "tables"]
            .iter()
            .flat_map(|key| fields.items(key))
        {
            let sheet_fields = sheet.fields(&format!("a table of export `{}`", declared.name))?;
            let mut table = export_table(&sheet_fields, sheet.at())?;
            table.name = sheet_fields.text("name")?.unwrap_or(table.name);
            table.options = sheet_fields.rest();
            tables.push(table);
        }
        if tables.is_empty() {
            let what = format!(
                "export `{}` says neither `from` nor `sheets`",
                declared.name
            );
            return Err(Diagnostic::project(what).at(&declared.at).into());
        }
        options.extend(fields.rest());
        let export = Export {
            name: declared.name.clone(),
            description: declared.description.clone(),
            sink,
            path,
            tables,
            options,
            at: declared.at.clone(),
        };
        Ok((declared, export))
    }

    fn report(&self, item: Doc<'_>) -> Result<(Declared, Report)> {
        let fields = item.fields("an entry of `reports`")?;
        let declared = self.node(&fields)?;
        let file = PathBuf::from(fields.required("file")?);
        let at = fields.get("file").map_or(fields.at(), |doc| doc.at());
        if !self.root.join(&file).is_file() {
            let what = format!(
                "report `{}` is made from `{}`, which does not exist",
                declared.name,
                file.display()
            );
            return Err(Diagnostic::project(what).at(&at).into());
        }
        let report = Report {
            name: declared.name.clone(),
            description: declared.description.clone(),
            text: files::read(self.root, &file)?,
            to: fields.texts("to")?.into_iter().map(PathBuf::from).collect(),
            file,
            at: declared.at.clone(),
        };
        if report.to.is_empty() {
            let what = format!("report `{}` has no `to`", declared.name);
            return Err(Diagnostic::project(what)
                .at(&declared.at)
                .hint("add `to: [reports/NAME.html]`")
                .into());
        }
        fields.finish()?;
        Ok((declared, report))
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

fn ingest(doc: Doc<'_>, source: &str, table: &str) -> Result<Ingest> {
    let fields = doc.fields(&format!("`ingest` of `{source}.{table}`"))?;
    let mode = match fields.text("mode")?.as_deref() {
        None | Some("append") => Mode::Append,
        Some("replace") => Mode::Replace,
        Some("merge") => Mode::Merge,
        Some(other) => {
            return Err(
                Diagnostic::project(format!("`{other}` is no mode of ingestion"))
                    .at(&fields.get("mode").map_or(doc.at(), |doc| doc.at()))
                    .hint("use one of: append, replace, merge")
                    .into(),
            );
        }
    };
    let max_rejects = fields
        .get("max_rejects")
        .map_or(Ok(Tolerance::Rows(0)), tolerance)?;
    let ingest = Ingest {
        source: source.into(),
        table: table.into(),
        connector: fields.required("connector")?,
        mode,
        primary_key: fields.texts("primary_key")?,
        max_rejects,
        at: doc.at(),
        options: fields.rest(),
    };
    if mode == Mode::Merge && ingest.primary_key.is_empty() {
        return Err(Diagnostic::project("`mode: merge` needs a `primary_key`")
            .at(&doc.at())
            .into());
    }
    Ok(ingest)
}

/// Reads `20` as rows, `1%` and `0.01` as a share.
fn tolerance(doc: Doc<'_>) -> Result<Tolerance> {
    if let Some(rows) = doc.value.as_u64() {
        return Ok(Tolerance::Rows(rows));
    }
    let text = doc.text("`max_rejects`")?;
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse(),
    };
    match share {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(Tolerance::Share(share)),
        _ => Err(Diagnostic::project(format!("`max_rejects` is `{text}`"))
            .at(&doc.at())
            .hint("give a number of rows (20) or a share of them (1%)")
            .into()),
    }
}

fn export_table(fields: &Fields<'_>, at: At) -> Result<ExportTable> {
    let from = reference(fields, "from")?;
    let name = match &from {
        Reference::Ref { name, .. } => name.clone(),
        Reference::Source { table, .. } => table.clone(),
    };
    let limit = fields.get("limit").map(|doc| match doc.value.as_u64() {
        Some(rows) => Ok(rows),
        None => Err(Diagnostic::project("`limit` is not a number of rows").at(&doc.at())),
    });
    Ok(ExportTable {
        name,
        from,
        columns: fields.texts("columns")?,
        order_by: fields.texts("order_by")?,
        limit: limit.transpose()?,
        options: Mapping::new(),
        at,
    })
}

/// Reads `to: {xlsx: exports/x.xlsx}`; further keys beside the sink are its options.
fn destination(fields: &Fields<'_>) -> Result<(String, PathBuf, Mapping)> {
    let missing = |at: &At| {
        Diagnostic::project("an export has no `to: {SINK: PATH}`")
            .at(at)
            .hint("for instance `to: {csv: exports/orders.csv}`")
    };
    let doc = fields.get("to").ok_or_else(|| missing(&fields.at()))?;
    let map = doc.fields("`to`")?.rest();
    let mut entries = map.into_iter();
    let (sink, path) = entries.next().ok_or_else(|| missing(&doc.at()))?;
    let sink = Doc {
        value: &sink,
        file: doc.file,
    }
    .text("the sink")?;
    let path = Doc {
        value: &path,
        file: doc.file,
    }
    .text("the path of an export")?;
    Ok((sink, path.into(), entries.collect()))
}

fn reference(fields: &Fields<'_>, key: &str) -> Result<Reference> {
    let text = fields.required(key)?;
    let at = fields.get(key).map_or(fields.at(), |doc| doc.at());
    parse_reference(&text).ok_or_else(|| {
        Diagnostic::project(format!("`{text}` is no reference"))
            .at(&at)
            .hint("write `ref('model')` or `source('source', 'table')`")
            .into()
    })
}

/// Reads `ref('a')`, `ref('package', 'a')` or `source('s', 't')`.
#[must_use]
fn parse_reference(text: &str) -> Option<Reference> {
    let (function, rest) = text.trim().split_once('(')?;
    let arguments = rest.trim_end().strip_suffix(')')?;
    let words: Option<Vec<String>> = arguments
        .split(',')
        .map(|word| unquote(word.trim()))
        .collect();
    match (function.trim(), words?.as_slice()) {
        ("ref", [name]) => Some(Reference::Ref {
            package: None,
            name: name.clone(),
            version: None,
        }),
        ("ref", [package, name]) => Some(Reference::Ref {
            package: Some(package.clone()),
            name: name.clone(),
            version: None,
        }),
        ("source", [source, table]) => Some(Reference::Source {
            source: source.clone(),
            table: table.clone(),
        }),
        _ => None,
    }
}

fn unquote(word: &str) -> Option<String> {
    let quoted = |quote: char| word.strip_prefix(quote)?.strip_suffix(quote);
    quoted('\'').or_else(|| quoted('"')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_with_either_quote() {
        let text = |text: &str| parse_reference(text).map(|reference| reference.to_string());
        assert_eq!(text("ref('a')").unwrap(), "ref('a')");
        assert_eq!(text(r#" ref( "p" , 'a' ) "#).unwrap(), "ref('p', 'a')");
        assert_eq!(text("source('s', 't')").unwrap(), "source('s', 't')");
        assert_eq!(text("ref(a)"), None);
    }
}
