//! Reading what describes a node: the keys that all kinds share, columns, versions of models.

use serde_yaml::{Mapping, Value};

use super::resources::Reader;
use super::shared::{Column, Declared, Version};
use super::sources::listed;
use super::uses::tests;
use super::yaml::{Doc, Fields};
use crate::diagnostic::{Diagnostic, Result};

/// Keys of a node that mean the same beside `config:` and inside it.
pub(super) const BESIDE: &[&str] = &[
    "tags",
    "meta",
    "docs",
    "enabled",
    "group",
    "access",
    "contract",
    "materialized",
];

/// Those of them that dbt takes for what is described in a file of its own; it refuses to find one in both places.
pub(super) const BESIDE_OF_FILES: &[&str] = &["meta", "docs", "group", "contract", "access"];

/// Keys that dbt refuses to find at a column without a value.
const FILLED: &[&str] = &[
    "data_tests",
    "meta",
    "tags",
    "description",
    "constraints",
    "config",
];

impl Reader<'_> {
    /// Reads the keys that all nodes share and leaves the others to the caller.
    pub(super) fn node(&self, fields: &Fields<'_>) -> Result<Declared> {
        self.node_with(fields, BESIDE)
    }

    /// As [`Reader::node`], where these keys mean the same beside `config:` and inside it.
    pub(super) fn node_with(&self, fields: &Fields<'_>, beside: &[&str]) -> Result<Declared> {
        Ok(Declared {
            name: fields.required("name")?,
            package: self.file.package.clone(),
            description: fields.text("description")?.unwrap_or_default(),
            tags: match beside.contains(&"tags") {
                true => fields.texts("tags")?,
                false => Vec::new(),
            },
            config: config(fields, beside)?,
            unrendered: Mapping::new(),
            columns: self.columns(fields)?,
            tests: tests(fields)?,
            options: Mapping::new(),
            versions: Vec::new(),
            original: self.file.original.clone(),
            at: fields.get("name").map_or(fields.at(), |doc| doc.at()),
        })
    }

    fn columns(&self, fields: &Fields<'_>) -> Result<Vec<Column>> {
        let read = |item: Doc<'_>| self.column(item);
        fields.items("columns").into_iter().map(read).collect()
    }

    fn column(&self, item: Doc<'_>) -> Result<Column> {
        let fields = item.fields("an entry of `columns`")?;
        if !self.ours {
            fields.filled(FILLED)?;
        }
        let mut column = Column {
            name: fields.required("name")?,
            description: fields.text("description")?.unwrap_or_default(),
            doc_blocks: Vec::new(),
            data_type: fields.text("data_type")?,
            tests: tests(&fields)?,
            options: fields.rest(),
        };
        for role in ["dimension", "entity"] {
            complete(&mut column, role);
        }
        Ok(column)
    }

    /// Reads `versions:` of a model; each is the model with what the version says laid over it.
    pub(super) fn versions(&self, fields: &Fields<'_>, model: &Declared) -> Result<Vec<Version>> {
        let read = |item: Doc<'_>| self.version(item, model);
        fields.items("versions").into_iter().map(read).collect()
    }

    fn version(&self, item: Doc<'_>, model: &Declared) -> Result<Version> {
        let what = format!("a version of model `{}`", model.name);
        let fields = item.fields(&what)?;
        let Some(version) = fields.get("v") else {
            return Err(Diagnostic::project(format!("{what} has no `v`"))
                .at(&item.at())
                .into());
        };
        let mut declared = model.clone();
        declared.versions = Vec::new();
        declared.at = item.at();
        if let Some(description) = fields.text("description")? {
            declared.description = description;
        }
        let own = config(&fields, BESIDE_OF_FILES)?;
        version_config(&mut declared.config, &own);
        if fields.get("data_tests").is_some() || fields.get("tests").is_some() {
            declared.tests = tests(&fields)?;
        }
        self.version_columns(&fields, &mut declared.columns)?;
        declared.options.remove("deprecation_date");
        for key in ["constraints", "deprecation_date"] {
            if let Some(doc) = fields.get(key) {
                declared
                    .options
                    .insert(Value::string(key.into()), doc.value.clone());
            }
        }
        let version = version.value.clone();
        let defined_in = fields.text("defined_in")?;
        fields.finish()?;
        Ok(Version {
            version,
            defined_in,
            declared,
        })
    }

    /// Keeps the columns of the model that `include` and `exclude` leave, and adds the version's own.
    fn version_columns(&self, fields: &Fields<'_>, columns: &mut Vec<Column>) -> Result<()> {
        let mut own = Vec::new();
        for item in fields.items("columns") {
            let column = item.fields("an entry of `columns`")?;
            if column.get("include").is_none() && column.get("exclude").is_none() {
                own.push(self.column(item)?);
                continue;
            }
            let included = column.texts("include")?;
            let excluded = column.texts("exclude")?;
            let all = ["*", "all"];
            let is_all =
                included.is_empty() || included.iter().any(|name| all.contains(&name.as_str()));
            columns.retain(|column| {
                (is_all || included.contains(&column.name)) && !excluded.contains(&column.name)
            });
        }
        columns.retain(|column| !own.iter().any(|own| own.name == column.name));
        columns.extend(own);
        Ok(())
    }
}

/// Completes what a column is for the semantic layer: it has the column's name and description unless it says others.
fn complete(column: &mut Column, role: &str) {
    match column.options.get_mut(role) {
        Some(Value::String(word, _)) => *word = word.to_lowercase(),
        Some(Value::Mapping(said, _)) => {
            for (key, text) in [("name", &column.name), ("description", &column.description)] {
                let own = said.get(key).and_then(Value::as_str);
                if own.is_none_or(str::is_empty) {
                    said.insert(Value::string(key.into()), Value::string(text.clone()));
                }
            }
        }
        _ => {}
    }
}

/// Reads `config:` and the keys beside it that mean the same.
pub(super) fn config(fields: &Fields<'_>, beside: &[&str]) -> Result<Mapping> {
    let inner = fields.mapping("config")?;
    let mut config = Mapping::new();
    for key in beside {
        let Some(doc) = fields.get(key) else {
            continue;
        };
        if BESIDE_OF_FILES.contains(key) && inner.contains_key(*key) {
            let what = format!("`{key}` stands both beside `config` and in it");
            return Err(Diagnostic::project(what)
                .at(&doc.at())
                .hint("keep the one in `config`")
                .into());
        }
        config.insert(Value::string((*key).into()), doc.value.clone());
    }
    config.extend(inner);
    Ok(config)
}

/// Lays what a version says over what its model does; its tags are added to the model's.
fn version_config(under: &mut Mapping, over: &Mapping) {
    let model = under.get("tags").map(listed).unwrap_or_default();
    overlay(under, over);
    if let Some(own) = over.get("tags").map(listed).filter(|_| !model.is_empty()) {
        let all = Value::sequence([own, model].concat());
        under.insert(Value::string("tags".into()), all);
    }
}

/// Reads what may stand beside the `config:` of a macro or an exposure, too: `meta`, to which that of `config:` is added, and `docs`, unless it
/// stands in `config:`.
pub(super) fn shared_config(fields: &Fields<'_>, inner: &Mapping) -> Result<Mapping> {
    let mut config = Mapping::new();
    let mut meta = fields.mapping("meta")?;
    let inner_meta = inner.get("meta").and_then(Value::as_mapping);
    meta.extend(inner_meta.cloned().unwrap_or_default());
    if !meta.is_empty() {
        config.insert(Value::string("meta".into()), Value::mapping(meta));
    }
    let docs = fields.mapping("docs")?;
    if !docs.is_empty() && !inner.contains_key("docs") {
        config.insert(Value::string("docs".into()), Value::mapping(docs));
    }
    Ok(config)
}

/// Lays `over` on `under`; mappings are merged, everything else is replaced.
fn overlay(under: &mut Mapping, over: &Mapping) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Mapping(below, _)), Value::Mapping(above, _)) => overlay(below, above),
            _ => drop(under.insert(key.clone(), value.clone())),
        }
    }
}
