//! A source table as the manifest describes it.

use serde::ser::SerializeMap;
use serde_json::json;

use super::config::Repeated;
use super::node::NodeView;

impl NodeView<'_> {
    /// Writes what only sources have, between the identity and the rest.
    pub(super) fn source<M: SerializeMap>(
        &self,
        map: &mut M,
        source: &str,
    ) -> Result<(), M::Error> {
        let node = self.node;
        let identifier = node.relation.as_ref().map_or(&node.name, |made| &made.name);
        map.serialize_entry("source_name", source)?;
        map.serialize_entry("source_description", "")?;
        map.serialize_entry("loader", "")?;
        map.serialize_entry("identifier", identifier)?;
        let quoting = json!({"database": null, "schema": null, "identifier": null, "column": null});
        map.serialize_entry("quoting", &quoting)?;
        for key in [
            "loaded_at_field",
            "loaded_at_query",
            "freshness",
            "external",
        ] {
            map.serialize_entry(key, &self.repeated(key))?;
        }
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("columns", &self.columns())?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("source_meta", &json!({}))?;
        map.serialize_entry("tags", &self.repeated("tags"))?;
        self.config(map)?;
        map.serialize_entry("patch_path", &())?;
        map.serialize_entry("unrendered_config", &node.said)?;
        map.serialize_entry("relation_name", &self.relation_name())?;
        self.created(map)?;
        map.serialize_entry("unrendered_database", &())?;
        map.serialize_entry("unrendered_schema", &())?;
        map.serialize_entry("doc_blocks", &json!([]))
    }

    pub(super) fn repeated(&self, key: &'static str) -> Repeated<'_> {
        Repeated {
            config: &self.node.config,
            key,
        }
    }
}
