//! `semantic_manifest.json`: the semantic layer alone, in the form that MetricFlow reads.

use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use serde_yaml::Value as Yaml;

use super::declared::node_relation;
use super::node::NodeView;
use super::{Manifest, Nothing, Tests, relation_name};
use crate::compile::Compiled;
use crate::compile::plan::{Node, Resource};
use crate::compile::semantic::{Spine, spines, unconfigured};

/// The version of MetricFlow, as text of its parts, whose form this is.
const METRICFLOW: [&str; 3] = ["0", "213", "0"];

/// Keys that are taken over of a mapping, in order, and of what is below each; none for all.
struct Picks(&'static [(&'static str, Picks)]);

const ALL: Picks = Picks(&[]);

const CONFIG: Picks = Picks(&[("meta", ALL)]);

const MEASURE_OF: Picks = Picks(&[
    ("name", ALL),
    ("filter", ALL),
    ("alias", ALL),
    ("join_to_timespine", ALL),
    ("fill_nulls_with", ALL),
]);

const SEMANTIC_MODEL: Picks = Picks(&[
    ("name", ALL),
    ("defaults", Picks(&[("agg_time_dimension", ALL)])),
    ("description", ALL),
    ("node_relation", ALL),
    ("primary_entity", ALL),
    (
        "entities",
        Picks(&[
            ("name", ALL),
            ("description", ALL),
            ("type", ALL),
            ("role", ALL),
            ("expr", ALL),
            ("metadata", ALL),
            ("label", ALL),
            ("config", CONFIG),
        ]),
    ),
    (
        "measures",
        Picks(&[
            ("name", ALL),
            ("agg", ALL),
            ("description", ALL),
            ("create_metric", ALL),
            ("expr", ALL),
            ("agg_params", ALL),
            ("metadata", ALL),
            ("non_additive_dimension", ALL),
            ("agg_time_dimension", ALL),
            ("label", ALL),
            ("config", CONFIG),
        ]),
    ),
    (
        "dimensions",
        Picks(&[
            ("name", ALL),
            ("description", ALL),
            ("type", ALL),
            ("datatype", ALL),
            ("is_partition", ALL),
            ("type_params", ALL),
            ("expr", ALL),
            ("metadata", ALL),
            ("label", ALL),
            ("config", CONFIG),
        ]),
    ),
    ("label", ALL),
    ("metadata", ALL),
    ("config", CONFIG),
]);

const METRIC: Picks = Picks(&[
    ("name", ALL),
    ("description", ALL),
    ("type", ALL),
    ("datatype", ALL),
    (
        "type_params",
        Picks(&[
            ("measure", MEASURE_OF),
            ("numerator", ALL),
            ("denominator", ALL),
            ("expr", ALL),
            ("window", ALL),
            ("grain_to_date", ALL),
            ("metrics", ALL),
            ("conversion_type_params", ALL),
            ("cumulative_type_params", ALL),
            ("input_measures", MEASURE_OF),
            ("metric_aggregation_params", ALL),
            ("join_to_timespine", ALL),
            ("fill_nulls_with", ALL),
            ("is_private", ALL),
        ]),
    ),
    ("filter", ALL),
    ("metadata", ALL),
    ("label", ALL),
    ("config", CONFIG),
    ("time_granularity", ALL),
]);

const SAVED_QUERY: Picks = Picks(&[
    ("name", ALL),
    ("query_params", ALL),
    ("description", ALL),
    ("metadata", ALL),
    ("label", ALL),
    (
        "exports",
        Picks(&[
            ("name", ALL),
            (
                "config",
                Picks(&[("export_as", ALL), ("schema_name", ALL), ("alias", ALL)]),
            ),
        ]),
    ),
    ("tags", ALL),
]);

impl Picks {
    fn of(&self, value: &Value) -> Value {
        match value {
            value if self.0.is_empty() => value.clone(),
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            Value::Object(map) => {
                let picked = self.0.iter().map(|(key, within)| {
                    let value = map.get(*key).map(|value| within.of(value));
                    ((*key).to_owned(), value.unwrap_or_default())
                });
                Value::Object(picked.collect::<Map<_, _>>())
            }
            value => value.clone(),
        }
    }
}

/// The semantic manifest, as serde writes it.
pub struct SemanticManifest<'a> {
    /// The project.
    pub compiled: &'a Compiled,
}

impl Serialize for SemanticManifest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_model = |node: &Node| matches!(node.resource, Resource::SemanticModel);
        let is_metric = |node: &Node| matches!(node.resource, Resource::Metric);
        let is_query = |node: &Node| matches!(node.resource, Resource::SavedQuery);
        let all = |is_one: &dyn Fn(&Node) -> bool, picks: &Picks| {
            self.all(is_one, picks).map_err(S::Error::custom)
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("semantic_models", &all(&is_model, &SEMANTIC_MODEL)?)?;
        map.serialize_entry("metrics", &all(&is_metric, &METRIC)?)?;
        map.serialize_entry("project_configuration", &self.configuration())?;
        map.serialize_entry("saved_queries", &all(&is_query, &SAVED_QUERY)?)?;
        map.end()
    }
}

impl<'a> SemanticManifest<'a> {
    /// Returns what the manifest says of nodes of one kind, as far as it is of the semantic layer.
    fn all(
        &self,
        is_one: &dyn Fn(&Node) -> bool,
        picks: &Picks,
    ) -> Result<Vec<Value>, serde_json::Error> {
        let remains = &Nothing;
        let compiled = self.compiled;
        let manifest = Manifest { compiled, remains };
        let nodes = compiled.plan.nodes.iter().filter(|node| is_one(node));
        let json = |node: &'a Node| {
            let view: NodeView<'_> = manifest.view(node, None, &Tests::new());
            Ok(picks.of(&serde_json::to_value(view)?))
        };
        nodes.map(json).collect()
    }

    fn configuration(&self) -> Value {
        let plan = &self.compiled.plan;
        let unconfigured = unconfigured(plan).map(|node| {
            json!({
                "location": relation_name(&self.compiled.about, node),
                "column_name": "date_day",
                "grain": "day",
            })
        });
        let [major, minor, patch] = METRICFLOW;
        json!({
            "time_spine_table_configurations": Vec::from_iter(unconfigured),
            "metadata": null,
            "dsi_package_version": {
                "major_version": major,
                "minor_version": minor,
                "patch_version": patch,
            },
            "time_spines": spines(&plan.nodes).map(|spine| self.spine(&spine)).collect::<Vec<_>>(),
        })
    }

    fn spine(&self, spine: &Spine<'_>) -> Value {
        let customs = spine.said.get("custom_granularities");
        let customs = customs.and_then(Yaml::as_sequence).into_iter().flatten();
        let customs = customs.map(|custom| {
            json!({
                "name": custom.get("name"),
                "column_name": custom.get("column_name"),
            })
        });
        json!({
            "node_relation": node_relation(&self.compiled.about, spine.node),
            "primary_column": {
                "name": spine.column,
                "time_granularity": spine.grain,
            },
            "custom_granularities": customs.collect::<Vec<_>>(),
        })
    }
}
