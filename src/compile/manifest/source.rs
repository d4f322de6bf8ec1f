//! A source table as the manifest describes it.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_yaml::{Mapping, Value};

use super::config::FRESHNESS;
use super::declared::Shaped;
use super::node::NodeView;
use super::shape::Preset::{EachMaybe, List, Map, Maybe, Nested, Null, Text, True};
use super::shape::{Keys, Set, entries};
use crate::compile::plan::Node;
use crate::project::{AGED, Source};

const QUOTING: Keys = &[
    ("database", Null),
    ("schema", Null),
    ("identifier", Null),
    ("column", Null),
];

const EXTERNAL: Keys = &[
    ("location", Null),
    ("file_format", Null),
    ("row_format", Null),
    ("tbl_properties", Null),
    ("partitions", EachMaybe(PARTITION)),
];

const PARTITION: Keys = &[
    ("name", Text("")),
    ("description", Text("")),
    ("data_type", Text("")),
    ("meta", Map),
];

impl NodeView<'_> {
    /// Writes a source table after its identity.
    pub(super) fn source<M: SerializeMap>(
        &self,
        map: &mut M,
        source: &Source,
    ) -> Result<(), M::Error> {
        let node = self.node;
        let options = &node.options;
        let nothing = Mapping::new();
        let identifier = node.relation.as_ref().map_or(&node.name, |made| &made.name);
        map.serialize_entry("source_name", &source.name)?;
        map.serialize_entry("source_description", &source.description)?;
        let loader = options.get("loader").or(source.options.get("loader"));
        map.serialize_entry(
            "loader",
            &loader.and_then(Value::as_str).unwrap_or_default(),
        )?;
        map.serialize_entry("identifier", identifier)?;
        let quoting = options.get("quoting").and_then(Value::as_mapping);
        map.serialize_entry("quoting", &Shaped(QUOTING, quoting.unwrap_or(&nothing)))?;
        for key in AGED {
            map.serialize_entry(key, &aged(self.node, key))?;
        }
        entries(&[("external", Maybe(EXTERNAL))], options, map)?;
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("columns", &self.columns())?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("source_meta", &Shaped(&[], &source.meta))?;
        map.serialize_entry("tags", &self.node.tags)?;
        map.serialize_entry("config", &Config(self, true))?;
        map.serialize_entry("patch_path", &())?;
        map.serialize_entry("unrendered_config", &Config(self, false))?;
        map.serialize_entry("relation_name", &self.relation_name())?;
        self.created(map)?;
        let [database, schema] = &source.written;
        map.serialize_entry("unrendered_database", database)?;
        map.serialize_entry("unrendered_schema", schema)?;
        map.serialize_entry("doc_blocks", &node.doc_blocks)
    }
}

/// Returns how old the rows of a source table may be, with all keys.
#[must_use]
pub fn freshness(node: &Node) -> serde_json::Value {
    serde_json::to_value(aged(node, "freshness")).unwrap_or_default()
}

fn aged<'a>(node: &'a Node, key: &str) -> Set<'a> {
    let value = node.config.values.get(key);
    Set {
        value: value.filter(|value| !value.is_null()),
        default: match (key, value) {
            ("freshness", None) => Nested(FRESHNESS),
            ("freshness", Some(said)) if !said.is_null() => Nested(FRESHNESS),
            _ => Null,
        },
    }
}

/// A source's configuration: all of it, or what tells a changed source.
struct Config<'a>(&'a NodeView<'a>, bool);

impl Serialize for Config<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(view, whole) = self;
        let values = &view.node.config.values;
        let mut map = serializer.serialize_map(None)?;
        if *whole {
            entries(&[("enabled", True), ("event_time", Null)], values, &mut map)?;
        }
        for key in ["freshness", "loaded_at_field", "loaded_at_query"] {
            let aged = aged(view.node, key);
            if *whole || key != "freshness" || values.contains_key(key) {
                map.serialize_entry(key, &aged)?;
            }
        }
        entries(&[("meta", Map), ("tags", List)], values, &mut map)?;
        let known = ["enabled", "event_time", "meta", "tags", "static_analysis"];
        if *whole {
            entries(&[("static_analysis", Null)], values, &mut map)?;
        }
        for (key, value) in values {
            let name = key.as_str().unwrap_or_default();
            if !known.contains(&name) && !AGED.contains(&name) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}
