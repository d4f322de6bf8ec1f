//! Sources that are files or that plug-ins load: `external_location` and `plugin`, as dbt-duckdb words them.

use std::collections::BTreeMap;

use serde_json::json;
use serde_yaml::Value;

use super::plan::{Node, Resource};
use crate::project::yaml;

/// What a source's own keys of configuration are; all others may stand in its location.
const OWN: &[&str] = &[
    "enabled",
    "event_time",
    "freshness",
    "loaded_at_field",
    "loaded_at_query",
    "meta",
    "tags",
    "static_analysis",
];

/// Returns what stands for a source table that lies in files: a quoted path, or a call of a function that reads them.
#[must_use]
pub(super) fn location(node: &Node) -> Option<String> {
    let Resource::Source { .. } = node.resource else {
        return None;
    };
    let words = words(node);
    if words.contains_key("plugin") {
        return None;
    }
    let template = words.get("external_location")?;
    let location = match words.get("formatter").map(String::as_str) {
        Some("oldstyle") => filled(template, "%(", ")s", &words),
        Some("template") => filled(&filled(template, "${", "}", &words), "$", "", &words),
        _ => filled(template, "{", "}", &words),
    };
    match location.contains('(') || location.starts_with('\'') {
        true => Some(location),
        false => Some(format!("'{location}'")),
    }
}

/// A source that a plug-in loads.
#[derive(Debug)]
pub struct PluginSource {
    /// What the profile calls the plug-in.
    pub plugin: String,
    /// What it is told: dbt-duckdb's `SourceConfig`.
    pub told: serde_json::Value,
}

impl PluginSource {
    /// Returns how the plug-in loads a node; `None` where it is no source, or one that no plug-in loads.
    ///
    /// `database` is that of relations that name none.
    #[must_use]
    pub fn of(node: &Node, database: &str) -> Option<Self> {
        let Resource::Source { .. } = node.resource else {
            return None;
        };
        let relation = node.relation.as_ref()?;
        let meta: serde_json::Map<_, _> = options(node)
            .map(|(key, value)| (key.to_owned(), yaml::to_json(value)))
            .collect();
        let plugin = meta.get("plugin")?.as_str()?.to_owned();
        let tags = node.config.texts("tags");
        let told = json!({
            "name": node.name,
            "identifier": relation.name,
            "schema": relation.schema,
            "database": relation.database.as_deref().unwrap_or(database),
            "meta": meta,
            "tags": tags,
        });
        Some(Self { plugin, told })
    }
}

/// Returns what is configured of a source for those that read it: `meta`, then what dbt itself does not know.
fn options(node: &Node) -> impl Iterator<Item = (&str, &Value)> {
    let values = &node.config.values;
    let meta = values.get("meta").and_then(Value::as_mapping);
    let others = values
        .iter()
        .filter(|(key, _)| !key.as_str().is_some_and(|key| OWN.contains(&key)));
    let all = meta.into_iter().flatten().chain(others);
    all.filter_map(|(key, value)| Some((key.as_str()?, value)))
}

/// Returns what may stand in a location: the names of the table, then `meta`, then other configuration.
fn words(node: &Node) -> BTreeMap<String, String> {
    let mut words = BTreeMap::from([("name".to_owned(), node.name.clone())]);
    if let Some(relation) = &node.relation {
        words.insert("identifier".into(), relation.name.clone());
        words.insert("schema".into(), relation.schema.clone());
        words.extend(
            relation
                .database
                .clone()
                .map(|name| ("database".into(), name)),
        );
    }
    for (key, value) in options(node) {
        if let Some(text) = value.as_scalar_string() {
            words.insert(key.to_owned(), text.into_owned());
        }
    }
    words
}

/// Puts words between `open` and `close` in place.
fn filled(template: &str, open: &str, close: &str, words: &BTreeMap<String, String>) -> String {
    let put = |text: String, (name, word): (&String, &String)| {
        text.replace(&format!("{open}{name}{close}"), word)
    };
    let longest_first = words.iter().rev();
    longest_first.fold(template.to_owned(), put)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_each_style() {
        let words = BTreeMap::from([
            ("name".to_owned(), "orders".to_owned()),
            ("schema".to_owned(), "raw".to_owned()),
        ]);
        let path = "s3://raw/orders.csv";
        assert_eq!(filled("s3://{schema}/{name}.csv", "{", "}", &words), path);
        assert_eq!(
            filled("s3://%(schema)s/%(name)s.csv", "%(", ")s", &words),
            path
        );
        assert_eq!(filled("s3://$schema/$name.csv", "$", "", &words), path);
    }
}
