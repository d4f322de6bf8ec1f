//! What the YAML files of a package declare: descriptions, tests, sources, and everything that is not a file by itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde_yaml::{Mapping, Value};

use super::SourceFile;
use super::describe::{self, BESIDE, BESIDE_OF_FILES};
use super::nodes::{Export, FeatureView, MlModel, Report};
use super::shared::{Declared, Source};
use super::unit_test::UnitTest;
use super::yaml::{self, Doc, Fields};
use crate::diagnostic::{Result, Warning, all_or_none, nearest};

/// Everything declared in YAML.
#[derive(Debug, Default)]
pub struct Resources {
    /// `models:`, by model name.
    pub models: Vec<Declared>,
    /// `seeds:`.
    pub seeds: Vec<Declared>,
    /// `snapshots:`; those with `relation` among their options are nodes by themselves.
    pub snapshots: Vec<Declared>,
    /// `data_tests:` at the top of a file: singular tests.
    pub tests: Vec<Declared>,
    /// `macros:`; `arguments` are among their options.
    pub macros: Vec<Declared>,
    /// `analyses:`.
    pub analyses: Vec<Declared>,
    /// `functions:`; `arguments` and `returns` are among their options.
    pub functions: Vec<Declared>,
    /// `exposures:`.
    pub exposures: Vec<Declared>,
    /// `groups:`.
    pub groups: Vec<Declared>,
    /// `metrics:`.
    pub metrics: Vec<Declared>,
    /// `semantic_models:`.
    pub semantic_models: Vec<Declared>,
    /// `saved_queries:`.
    pub saved_queries: Vec<Declared>,
    /// `unit_tests:`.
    pub unit_tests: Vec<(Declared, UnitTest)>,
    /// `sources:`.
    pub sources: Vec<Arc<Source>>,
    /// `feature_views:`, each with its history as a relation.
    pub feature_views: Vec<(Declared, FeatureView)>,
    /// `ml_models:`, each with its predictions as a relation.
    pub ml_models: Vec<(Declared, MlModel)>,
    /// `exports:`.
    pub exports: Vec<(Declared, Export)>,
    /// `reports:`.
    pub reports: Vec<(Declared, Report)>,
    /// What is read over, with its place.
    pub warnings: Vec<Warning>,
}

impl Resources {
    /// Keeps what configures the nodes of files as it is written, before its Jinja is rendered; `file` is all of the file.
    pub(super) fn keep_unrendered(&mut self, file: &Value) {
        let kinds = [
            ("models", &mut self.models),
            ("seeds", &mut self.seeds),
            ("snapshots", &mut self.snapshots),
        ];
        for (key, declared) in kinds {
            let written = file.get(key).and_then(Value::as_sequence);
            let config = |entry: &Value| entry.get("config")?.as_mapping().cloned();
            let named = |entry: &Value| {
                let versions = entry.get("versions").and_then(Value::as_sequence);
                let versions = versions.into_iter().flatten();
                let all: Vec<Mapping> = std::iter::once(entry)
                    .chain(versions)
                    .map(|entry| config(entry).unwrap_or_default())
                    .collect();
                Some((entry.get("name")?.as_str()?.to_owned(), all))
            };
            let written = written.into_iter().flatten().filter_map(named);
            let mut written: HashMap<String, Vec<Mapping>> = written.collect();
            for declared in declared {
                let mut all = written.remove(&declared.name).into_iter().flatten();
                declared.unrendered = all.next().unwrap_or_default();
                for (version, own) in declared.versions.iter_mut().zip(all) {
                    version.declared.unrendered = own;
                }
            }
        }
        let written = file.get("sources").and_then(Value::as_sequence);
        for (source, entry) in self.sources.iter_mut().zip(written.into_iter().flatten()) {
            let text = |key: &str| Some(entry.get(key)?.as_str()?.to_owned());
            Arc::make_mut(source).written = [text("database"), text("schema")];
        }
    }

    /// Adds what another file declares.
    pub(super) fn extend(&mut self, other: Self) {
        self.models.extend(other.models);
        self.seeds.extend(other.seeds);
        self.snapshots.extend(other.snapshots);
        self.tests.extend(other.tests);
        self.macros.extend(other.macros);
        self.analyses.extend(other.analyses);
        self.functions.extend(other.functions);
        self.exposures.extend(other.exposures);
        self.groups.extend(other.groups);
        self.metrics.extend(other.metrics);
        self.semantic_models.extend(other.semantic_models);
        self.saved_queries.extend(other.saved_queries);
        self.unit_tests.extend(other.unit_tests);
        self.sources.extend(other.sources);
        self.feature_views.extend(other.feature_views);
        self.ml_models.extend(other.ml_models);
        self.exports.extend(other.exports);
        self.reports.extend(other.reports);
        self.warnings.extend(other.warnings);
    }
}

/// Keys at the top of a file that say nothing of nodes.
const PASSED_OVER: &[&str] = &["version", "anchors"];

/// Keys that dbt gives a meaning on a node beside those every node takes; any other is kept with a warning.
const OPTIONS: &[&str] = &[
    "agg",
    "agg_time_dimension",
    "arguments",
    "constraints",
    "data_type",
    "defaults",
    "depends_on",
    "deprecation_date",
    "derived_semantics",
    "dimension",
    "dimensions",
    "entities",
    "entity",
    "exports",
    "expr",
    "external",
    "fill_nulls_with",
    "filter",
    "freshness",
    "granularity",
    "hidden",
    "identifier",
    "input_metric",
    "input_metrics",
    "join_to_timespine",
    "label",
    "latest_version",
    "loaded_at_field",
    "loaded_at_query",
    "loader",
    "maturity",
    "measures",
    "metrics",
    "model",
    "node_relation",
    "numerator",
    "denominator",
    "overloads",
    "owner",
    "percentile",
    "percentile_type",
    "period_agg",
    "primary_entity",
    "quote",
    "quote_columns",
    "quoting",
    "query_params",
    "meta",
    "tags",
    "relation",
    "returns",
    "semantic_model",
    "time_granularity",
    "time_spine",
    "type",
    "type_params",
    "url",
    "window",
    "grain_to_date",
    "calculation",
    "base_metric",
    "conversion_metric",
    "constant_properties",
    "non_additive_dimension",
    "agg_params",
    "original_file_path",
];

/// Kinds of which dbt keeps what configures them as it is after its Jinja was rendered.
const SAID_ALONE: &[&str] = &["exposures", "metrics", "semantic_models", "saved_queries"];

/// Kinds whose nodes are files: of dbt's own projects, only few keys beside `config:` mean the same as in it.
const FILES: &[&str] = &[
    "models",
    "seeds",
    "snapshots",
    "analyses",
    "functions",
    "macros",
    "data_tests",
    "tests",
];

/// Kinds whose entries describe relations by their columns.
const DESCRIBED: &[&str] = &["models", "seeds", "snapshots", "analyses"];

/// Keys that dbt refuses to find there without a value.
const FILLED: &[&str] = &[
    "columns",
    "data_tests",
    "tests",
    "config",
    "meta",
    "description",
    "docs",
    "constraints",
    "versions",
    "access",
];

/// What dbt calls the warning of an entry that describes no singular test.
const NO_TEST: &str = "Note";

/// Reads one YAML file.
pub(super) fn read(
    root: &Path,
    file: &SourceFile,
    (value, ours): (&Value, bool),
) -> Result<Resources> {
    let doc = Doc {
        value,
        file: &file.path,
    };
    if value.is_null() {
        // Nothing but comments.
        return Ok(Resources::default());
    }
    let fields = doc.fields(&format!("`{}`", file.path.display()))?;
    let reader = Reader {
        root,
        file,
        ours,
        warnings: RefCell::default(),
    };
    let mut errors = Vec::new();
    let mut resources = reader.resources(&fields, &mut errors);
    fields.pass_over(PASSED_OVER);
    reader.unknown(
        &fields,
        &format!("`{}`", file.path.display()),
        fields.rest(),
    );
    resources.warnings = reader.warnings.into_inner();
    all_or_none(errors)?;
    Ok(resources)
}

pub(super) struct Reader<'a> {
    pub(super) root: &'a Path,
    pub(super) file: &'a SourceFile,
    /// Whether it is a project of our own, whose YAML takes more than dbt's.
    pub(super) ours: bool,
    pub(super) warnings: RefCell<Vec<Warning>>,
}

impl Reader<'_> {
    fn resources(&self, fields: &Fields<'_>, errors: &mut Vec<anyhow::Error>) -> Resources {
        let mut all = |key: &str| self.each(fields, key, errors, |item| self.declared(key, item));
        let mut resources = Resources {
            models: all("models"),
            seeds: all("seeds"),
            snapshots: all("snapshots"),
            macros: all("macros"),
            analyses: all("analyses"),
            functions: all("functions"),
            exposures: all("exposures"),
            groups: all("groups"),
            metrics: all("metrics"),
            semantic_models: all("semantic_models"),
            saved_queries: all("saved_queries"),
            tests: all("data_tests"),
            ..Resources::default()
        };
        if self.ours {
            // dbt reads `tests` here as a key of nobody's.
            resources.tests.extend(all("tests"));
        }
        resources.sources = self.each(fields, "sources", errors, |item| {
            self.source(item).map(Arc::new)
        });
        resources.unit_tests = self.each(fields, "unit_tests", errors, |item| self.unit_test(item));
        resources.feature_views = self.each(fields, "feature_views", errors, |item| {
            self.feature_view(item)
        });
        resources.ml_models = self.each(fields, "ml_models", errors, |item| self.ml_model(item));
        resources.exports = self.each(fields, "exports", errors, |item| self.export(item));
        resources.reports = self.each(fields, "reports", errors, |item| self.report(item));
        resources
    }

    /// Reads the entries of one key; those that cannot be read are errors of their own.
    fn each<T>(
        &self,
        fields: &Fields<'_>,
        key: &str,
        errors: &mut Vec<anyhow::Error>,
        read: impl Fn(Doc<'_>) -> Result<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        if !self.ours {
            errors.extend(fields.filled(&[key]).err());
        }
        let items = fields.list(key).unwrap_or_else(|err| {
            errors.push(err);
            Vec::new()
        });
        for item in items {
            if key == "data_tests" && !self.ours && item.value.get("name").is_none() {
                let what = "an entry of `data_tests` has no `name`, and is left out";
                let warning = Warning::new(NO_TEST, item.at(), what);
                self.warnings.borrow_mut().push(warning);
                continue;
            }
            match read(item) {
                Ok(value) => found.push(value),
                Err(err) => errors.push(err),
            }
        }
        found
    }

    fn declared(&self, key: &str, item: Doc<'_>) -> Result<Declared> {
        let fields = item.fields(&format!("an entry of `{key}`"))?;
        if !self.ours && DESCRIBED.contains(&key) {
            fields.filled(FILLED)?;
        }
        let beside = match key {
            "metrics" | "semantic_models" | "saved_queries" | "macros" => &[],
            key if !self.ours && FILES.contains(&key) => BESIDE_OF_FILES,
            "exposures" if !self.ours => &["tags"],
            _ => BESIDE,
        };
        let mut declared = self.node_with(&fields, beside)?;
        if matches!(key, "macros" | "exposures") && !beside.contains(&"meta") {
            let beside = describe::shared_config(&fields, &declared.config)?;
            declared.config.extend(beside);
        }
        if SAID_ALONE.contains(&key) {
            declared.unrendered = fields.mapping("config")?;
        }
        declared.options = self.options(&fields, &format!("an entry of `{key}`"));
        declared.versions = self.versions(&fields, &declared)?;
        declared.options.remove("versions");
        Ok(declared)
    }

    /// Returns all keys not asked for so far, and warns of those that dbt knows nothing of.
    pub(super) fn options(&self, fields: &Fields<'_>, what: &str) -> Mapping {
        let options = fields.rest();
        let known = |key: &Value| {
            key.as_str()
                .is_some_and(|key| OPTIONS.contains(&key) || key == "versions")
        };
        let unknown = options.iter().filter(|(key, _)| !known(key));
        let unknown = unknown.map(|(key, value)| (key.clone(), value.clone()));
        self.unknown(fields, what, unknown.collect());
        options
    }

    /// Warns of keys that mean nothing.
    fn unknown(&self, fields: &Fields<'_>, what: &str, keys: Mapping) {
        for (key, _) in keys {
            let doc = Doc {
                value: &key,
                file: &self.file.path,
            };
            let name = doc.text("a key").unwrap_or_default();
            let known = fields.asked();
            let known = known
                .iter()
                .map(String::as_str)
                .chain(OPTIONS.iter().copied())
                .filter(|known| *known != name);
            let near = nearest(&name, known).map(|near| format!("; did you mean `{near}`?"));
            let warning = format!("{what} does not take `{name}`{}", near.unwrap_or_default());
            self.warnings
                .borrow_mut()
                .push(Warning::new(yaml::CUSTOM_KEY, doc.at(), warning));
        }
    }
}
