//! Sources that are files: `external_location`, as dbt-duckdb words it.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::plan::{Node, Resource};

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
    let values = &node.config.values;
    let meta = values.get("meta").and_then(Value::as_mapping);
    let others = values
        .iter()
        .filter(|(key, _)| !key.as_str().is_some_and(|key| OWN.contains(&key)));
    for (key, value) in meta.into_iter().flatten().chain(others) {
        if let (Some(key), Some(text)) = (key.as_str(), value.as_scalar_string()) {
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
