//! Reading `sources:`.

use serde_yaml::{Mapping, Value};

use super::age;
use super::declare;
use super::describe::{self, config};
use super::resources::Reader;
use super::shared::{Source, SourceTable};
use super::yaml::{Doc, Fields};
use crate::diagnostic::{Diagnostic, Result};

/// Keys that a source says for all its tables.
const INHERITED: &[&str] = &["loader", "quoting"];

/// Keys beside `config:` that mean the same as in it.
const BESIDE: &[&str] = &["tags"];

/// Keys about the age of rows, beside `config:` or in it.
pub const AGED: [&str; 3] = ["freshness", "loaded_at_field", "loaded_at_query"];

/// Keys that dbt refuses to find at a source, or at a table of one, without a value.
const FILLED: &[&str] = &["meta", "tags", "description", "quoting", "config"];

impl Reader<'_> {
    pub(super) fn source(&self, item: Doc<'_>) -> Result<Source> {
        let fields = item.fields("an entry of `sources`")?;
        if !self.ours {
            fields.filled(FILLED)?;
            fields.filled(&["loader", "overrides"])?;
        }
        let name = fields.required("name")?;
        let written = [fields.text("database")?, fields.text("schema")?];
        let [database, schema] = written
            .clone()
            .map(|text| text.filter(|text| !text.is_empty()));
        let mut source = Source {
            package: self.file.package.clone(),
            description: fields.text("description")?.unwrap_or_default(),
            schema: schema.unwrap_or_else(|| name.clone()),
            database,
            written,
            overrides: fields.text("overrides")?,
            meta: Mapping::new(),
            config: self.with_meta(&fields, config(&fields, self.beside())?)?,
            tags: fields.texts("tags")?,
            at: fields.get("name").map_or(fields.at(), |doc| doc.at()),
            tables: Vec::new(),
            options: Mapping::new(),
            name,
        };
        if let Some(Value::Mapping(meta, _)) = source.config.get("meta") {
            source.meta.clone_from(meta);
        }
        let tables = fields.items("tables");
        source.options = self.options(&fields, &format!("source `{}`", source.name));
        for item in tables {
            source.tables.push(self.table(item, &source)?);
        }
        Ok(source)
    }

    fn beside(&self) -> &'static [&'static str] {
        match self.ours {
            true => describe::BESIDE,
            false => BESIDE,
        }
    }

    /// Lays `meta` of a configuration over that beside it.
    fn with_meta(&self, fields: &Fields<'_>, mut config: Mapping) -> Result<Mapping> {
        let mut meta = fields.mapping("meta")?;
        if !self.ours && !meta.is_empty() {
            if let Some(Value::Mapping(own, _)) = config.get("meta") {
                meta.extend(own.clone());
            }
            config.insert(Value::string("meta".into()), Value::mapping(meta));
        }
        Ok(config)
    }

    fn table(&self, item: Doc<'_>, source: &Source) -> Result<SourceTable> {
        let what = format!("a table of source `{}`", source.name);
        let fields = item.fields(&what)?;
        if !self.ours {
            fields.filled(FILLED)?;
            fields.filled(&["columns", "data_tests", "tests"])?;
        }
        let mut declared = self.node_with(&fields, self.beside())?;
        declared.config = self.with_meta(&fields, declared.config)?;
        let identifier = fields
            .text("identifier")?
            .unwrap_or_else(|| declared.name.clone());
        let ingest = fields
            .get("ingest")
            .map(|doc| declare::ingest(doc, &source.name, &declared.name));
        let ingest = ingest.transpose()?;
        let own = self.options(&fields, &what);
        declared.options = options(&source.options, &own, &fields)?;
        let said = [&source.options, &source.config, &own, &declared.config];
        let mut config = inherited(&source.config, &declared.config);
        age::settle(said, &mut config);
        declared.config = config;
        Ok(SourceTable {
            declared,
            identifier,
            ingest,
        })
    }
}

/// Lays a table's configuration over its source's: `meta` is merged, `tags` add up.
fn inherited(source: &Mapping, table: &Mapping) -> Mapping {
    let mut config = source.clone();
    for (key, value) in table {
        match (key.as_str(), config.get_mut(key), value) {
            (Some("meta"), Some(Value::Mapping(below, _)), Value::Mapping(above, _)) => {
                below.extend(above.clone());
            }
            (Some("tags"), Some(below), above) => {
                let both = [&*below, above].into_iter().flat_map(listed);
                *below = Value::sequence(both.collect());
            }
            _ => drop(config.insert(key.clone(), value.clone())),
        }
    }
    if let Some(Value::Sequence(tags, _)) = config.get_mut("tags") {
        tags.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        tags.dedup();
    }
    config
}

pub(super) fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Sequence(items, _) => items.clone(),
        value => vec![value.clone()],
    }
}

/// Lays a table's other keys over those that a source says for all its tables, without those about the age of rows.
fn options(source: &Mapping, table: &Mapping, fields: &Fields<'_>) -> Result<Mapping> {
    let mut options = Mapping::new();
    for key in INHERITED {
        if let Some(value) = source.get(*key) {
            options.insert(Value::string((*key).into()), value.clone());
        }
    }
    for (key, value) in table {
        if key.as_str().is_some_and(|key| AGED.contains(&key)) {
            continue;
        }
        match (options.get_mut(key), value) {
            (Some(Value::Mapping(below, _)), Value::Mapping(above, _)) => {
                below.extend(above.clone());
            }
            _ => drop(options.insert(key.clone(), value.clone())),
        }
    }
    if table.get("loaded_at_field").and_then(Value::as_str) == Some("") {
        return Err(Diagnostic::project("`loaded_at_field` is empty")
            .at(&fields.at())
            .into());
    }
    Ok(options)
}
