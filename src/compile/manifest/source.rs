//! A source table as the manifest describes it.

use serde::ser::SerializeMap;
use serde_yaml::{Mapping, Value};

use super::config::FRESHNESS;
use super::declared::Shaped;
use super::node::NodeView;
use super::shape::Preset::{EachMaybe, Map, Maybe, Null, Text};
use super::shape::{Keys, Set, entries};
use crate::project::Source;

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
        let of = |key: &str| {
            let config = node.config.values.get(key).filter(|value| !value.is_null());
            config.or(options.get(key)).filter(|value| !value.is_null())
        };
        map.serialize_entry("loaded_at_field", &of("loaded_at_field"))?;
        map.serialize_entry("loaded_at_query", &of("loaded_at_query"))?;
        let freshness = Set {
            value: of("freshness"),
            default: Maybe(FRESHNESS),
        };
        map.serialize_entry("freshness", &freshness)?;
        entries(&[("external", Maybe(EXTERNAL))], options, map)?;
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("columns", &self.columns())?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("source_meta", &Shaped(&[], &source.meta))?;
        map.serialize_entry("tags", &self.repeated("tags"))?;
        self.config(map)?;
        map.serialize_entry("patch_path", &())?;
        map.serialize_entry("unrendered_config", &node.unrendered)?;
        map.serialize_entry("relation_name", &self.relation_name())?;
        self.created(map)?;
        map.serialize_entry("unrendered_database", &source.database)?;
        let schema = Some(&source.schema).filter(|schema| **schema != source.name);
        map.serialize_entry("unrendered_schema", &schema)?;
        map.serialize_entry("doc_blocks", &node.doc_blocks)
    }
}
