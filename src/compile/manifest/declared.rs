//! What YAML alone declares: exposures, the semantic layer, unit tests, groups, docs blocks.

use std::path::PathBuf;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use serde_yaml::{Mapping, Value};

use super::node::NodeView;
use super::shape::Preset::{
    Done, Each, EachMaybe, EachNamed, False, List, Map, Maybe, Named, Nested, Null, Where, Window,
    Word, Written,
};
use super::shape::{Keys, Set, entries, nested};
use super::{About, edges};
use crate::compile::plan::{Doc, Node, Plan, Resource};
use crate::project::Declared;

const OWNER: Keys = &[("email", Null), ("name", Null)];

const MEASURE_OF: Keys = &[
    ("name", Null),
    ("filter", Where),
    ("alias", Null),
    ("join_to_timespine", False),
    ("fill_nulls_with", Null),
];

const METRIC_OF: Keys = &[
    ("name", Null),
    ("filter", Where),
    ("alias", Null),
    ("offset_window", Window),
    ("offset_to_grain", Null),
];

const CONVERSION: Keys = &[
    ("entity", Null),
    ("base_measure", Named(MEASURE_OF)),
    ("conversion_measure", Named(MEASURE_OF)),
    ("base_metric", Named(METRIC_OF)),
    ("conversion_metric", Named(METRIC_OF)),
    ("calculation", Word(Some("conversion_rate"))),
    ("window", Window),
    ("constant_properties", EachMaybe(PROPERTY)),
];

const PROPERTY: Keys = &[("base_property", Null), ("conversion_property", Null)];

const CUMULATIVE: Keys = &[
    ("window", Window),
    ("grain_to_date", Null),
    ("period_agg", Word(Some("first"))),
    ("metric", Named(METRIC_OF)),
];

/// Parameters of a metric after those that are worked out.
const METRIC: Keys = &[
    ("numerator", Named(METRIC_OF)),
    ("denominator", Named(METRIC_OF)),
    ("expr", Written),
    ("window", Window),
    ("grain_to_date", Null),
    ("metrics", EachNamed(METRIC_OF)),
    ("conversion_type_params", Maybe(CONVERSION)),
    ("cumulative_type_params", Maybe(CUMULATIVE)),
    ("metric_aggregation_params", Maybe(SUMMED_UP)),
    ("fill_nulls_with", Null),
    ("join_to_timespine", False),
    ("is_private", Null),
];

/// How a metric sums up the rows of a semantic model.
const SUMMED_UP: Keys = &[
    ("semantic_model", Null),
    ("agg", Word(None)),
    ("agg_params", Maybe(AGGREGATION)),
    ("agg_time_dimension", Null),
    ("non_additive_dimension", Maybe(NON_ADDITIVE)),
];

const META: Keys = &[("meta", Map)];

const ENTITY: Keys = &[
    ("name", Null),
    ("type", Word(None)),
    ("description", Null),
    ("label", Null),
    ("role", Null),
    ("expr", Written),
    ("config", Nested(META)),
];

const MEASURE: Keys = &[
    ("name", Null),
    ("agg", Word(None)),
    ("description", Null),
    ("label", Null),
    ("create_metric", Done),
    ("expr", Written),
    ("agg_params", Maybe(AGGREGATION)),
    ("non_additive_dimension", Maybe(NON_ADDITIVE)),
    ("agg_time_dimension", Null),
    ("config", Nested(META)),
];

const AGGREGATION: Keys = &[
    ("percentile", Null),
    ("use_discrete_percentile", False),
    ("use_approximate_percentile", False),
];

const NON_ADDITIVE: Keys = &[
    ("name", Null),
    ("window_choice", Word(Some("min"))),
    ("window_groupings", List),
];

const DIMENSION: Keys = &[
    ("name", Null),
    ("type", Word(None)),
    ("description", Null),
    ("label", Null),
    ("is_partition", False),
    (
        "type_params",
        Maybe(&[
            ("time_granularity", Word(Some("day"))),
            ("validity_params", Maybe(VALIDITY)),
        ]),
    ),
    ("expr", Written),
    ("metadata", Null),
    ("config", Nested(META)),
    ("datatype", Null),
];

const VALIDITY: Keys = &[("is_start", False), ("is_end", False)];

const QUERY: Keys = &[
    ("metrics", List),
    ("group_by", List),
    ("where", Where),
    ("order_by", List),
    ("limit", Null),
];

impl NodeView<'_> {
    /// Writes an exposure after its identity.
    pub(super) fn exposure<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let options = &self.node.options;
        let kind = match &self.node.resource {
            Resource::Report(_) => "analysis",
            Resource::Export(_) => "application",
            _ => options
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("application"),
        };
        let owner = match options.get("owner") {
            Some(_) => Mapping::new(),
            None => named(&self.node.package),
        };
        map.serialize_entry("type", kind)?;
        let owner = Value::mapping(owner);
        let owner = options.get("owner").unwrap_or(&owner);
        let (value, default) = (Some(owner), Nested(OWNER));
        map.serialize_entry("owner", &Set { value, default })?;
        map.serialize_entry("description", &self.node.description)?;
        entries(&[("label", Null), ("maturity", Null)], options, map)?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("tags", &self.node.tags)?;
        self.config(map)?;
        map.serialize_entry("unrendered_config", &self.node.unrendered)?;
        entries(&[("url", Null)], options, map)?;
        map.serialize_entry("depends_on", &self.depends_on())?;
        self.references(map)?;
        self.created(map)
    }

    /// Writes a metric after its identity.
    pub(super) fn metric<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let nothing = Mapping::new();
        let parameters = node.options.get("type_params").and_then(Value::as_mapping);
        let mut parameters = parameters.unwrap_or(&nothing).clone();
        let kind = node.options.get("type").and_then(Value::as_str);
        let key = Value::string("cumulative_type_params".into());
        if kind == Some("cumulative") && !parameters.contains_key(&key) {
            parameters.insert(key, Value::mapping(Mapping::new()));
        }
        map.serialize_entry("description", &node.description)?;
        entries(&[("label", Null), ("type", Word(None))], &node.options, map)?;
        let measures = measures(self.plan, node, 0);
        map.serialize_entry(
            "type_params",
            &Parameters {
                parameters: &parameters,
                measures,
            },
        )?;
        entries(&[("filter", Where)], &node.options, map)?;
        map.serialize_entry("metadata", &())?;
        entries(&[("time_granularity", Null)], &node.options, map)?;
        self.config(map)?;
        map.serialize_entry("unrendered_config", &node.unrendered)?;
        map.serialize_entry("sources", &json!([]))?;
        map.serialize_entry("depends_on", &self.depends_on())?;
        map.serialize_entry("refs", &json!([]))?;
        map.serialize_entry("metrics", &json!([]))?;
        self.created(map)?;
        map.serialize_entry("group", &self.repeated("group"))?;
        entries(&[("meta", Map), ("tags", List)], &node.options, map)
    }

    /// Writes a semantic model after its identity.
    pub(super) fn semantic_model<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let options = &node.options;
        let on = node.inputs.values().next();
        let on = on.map(|index| &self.plan.nodes[*index]);
        let relation = on.and_then(|on| node_relation(self.about, on));
        map.serialize_entry("model", &options.get("model"))?;
        map.serialize_entry("node_relation", &relation)?;
        let is_said = !node.description.is_empty() || options.contains_key("description");
        map.serialize_entry("description", &is_said.then_some(&node.description))?;
        let parts: Keys = &[
            ("label", Null),
            ("defaults", Maybe(&[("agg_time_dimension", Null)])),
            ("entities", Each(ENTITY)),
            ("measures", Each(MEASURE)),
            ("dimensions", Each(DIMENSION)),
            ("metadata", Null),
        ];
        entries(parts, options, map)?;
        map.serialize_entry("depends_on", &self.depends_on())?;
        self.refs(map)?;
        self.created(map)?;
        self.config(map)?;
        map.serialize_entry("unrendered_config", &node.unrendered)?;
        entries(&[("primary_entity", Null)], options, map)?;
        map.serialize_entry("group", &self.repeated("group"))
    }

    /// Writes a saved query after its identity.
    pub(super) fn saved_query<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        entries(&[("query_params", Nested(QUERY))], &node.options, map)?;
        let exports = node
            .options
            .get("exports")
            .map(|exports| super::shape::each(exports));
        let exports = exports.unwrap_or_default();
        let exports: Vec<_> = exports.iter().map(|export| self.export(export)).collect();
        map.serialize_entry("exports", &exports)?;
        let description = Some(&node.description).filter(|text| !text.is_empty());
        map.serialize_entry("description", &description)?;
        entries(&[("label", Null), ("metadata", Null)], &node.options, map)?;
        self.config(map)?;
        map.serialize_entry("unrendered_config", &node.unrendered)?;
        map.serialize_entry("group", &self.repeated("group"))?;
        map.serialize_entry("depends_on", &self.depends_on())?;
        self.created(map)?;
        map.serialize_entry("refs", &json!([]))?;
        map.serialize_entry("tags", &self.node.tags)
    }

    fn export(&self, export: &Value) -> serde_json::Value {
        let name = export.get("name");
        let config = export.get("config");
        let shared = &self.node.config.values;
        let of = |key: &str| {
            let own = config.and_then(|config| config.get(key));
            own.or_else(|| shared.get(key))
        };
        let about = self.about;
        json!({
            "name": name,
            "config": {
                "export_as": of("export_as"),
                "schema_name": of("schema").map_or(json!(about.schema), |schema| json!(schema)),
                "alias": of("alias").or(name),
                "database": of("database").map_or(json!(about.database), |database| json!(database)),
            },
            "unrendered_config": config.map_or(json!({}), |config| json!(config)),
        })
    }
}

/// Returns where a node's relation is, as the semantic layer names it.
pub(super) fn node_relation(about: &About, node: &Node) -> Option<serde_json::Value> {
    let relation = node.relation.as_ref()?;
    Some(json!({
        "alias": relation.name,
        "schema_name": relation.schema,
        "database": relation.database.as_ref().unwrap_or(&about.database),
        "relation_name": super::relation_name(about, node),
    }))
}

fn named(name: &str) -> Mapping {
    let name = (Value::string("name".into()), Value::string(name.into()));
    std::iter::once(name).collect()
}

/// Parameters of a metric.
struct Parameters<'a> {
    parameters: &'a Mapping,
    measures: Vec<&'a Value>,
}

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let default = Named(MEASURE_OF);
        let measures = self.measures.iter().map(|value| Set {
            value: Some(value),
            default,
        });
        let mut map = serializer.serialize_map(None)?;
        entries(&[("measure", Named(MEASURE_OF))], self.parameters, &mut map)?;
        map.serialize_entry("input_measures", &measures.collect::<Vec<_>>())?;
        entries(METRIC, self.parameters, &mut map)?;
        map.end()
    }
}

/// Returns the measures that a metric comes from, through the metrics it is made of, each once.
fn measures<'a>(plan: &'a Plan, metric: &'a Node, depth: usize) -> Vec<&'a Value> {
    let mut found = own_measures(metric);
    if depth < plan.nodes.len() {
        let inputs = edges::as_written(metric).map(|index| &plan.nodes[index]);
        for input in inputs.filter(|input| matches!(input.resource, Resource::Metric)) {
            found.extend(measures(plan, input, depth + 1));
        }
    }
    let mut unique: Vec<&Value> = Vec::new();
    for measure in found {
        if !unique.contains(&measure) {
            unique.push(measure);
        }
    }
    unique
}

/// Returns the measures that a metric names itself: one that stands alone, or those of a conversion.
fn own_measures(metric: &Node) -> Vec<&Value> {
    let parameters = metric.options.get("type_params");
    let at = |key: &str| parameters.and_then(|parameters| parameters.get(key));
    let conversion = at("conversion_type_params");
    let within = |key: &str| conversion.and_then(|conversion| conversion.get(key));
    let all = [
        at("measure"),
        within("base_measure"),
        within("conversion_measure"),
    ];
    all.into_iter().flatten().collect()
}

/// Groups by unique id.
pub(super) struct Groups<'a>(pub(super) &'a [Declared]);

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let groups = self.0.iter();
        serializer.collect_map(groups.map(|group| (group_id(group), GroupView(group))))
    }
}

fn group_id(group: &Declared) -> String {
    format!("group.{}.{}", group.package, group.name)
}

struct GroupView<'a>(&'a Declared);

impl Serialize for GroupView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let group = self.0;
        let description = Some(&group.description).filter(|text| !text.is_empty());
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &group.name)?;
        map.serialize_entry("resource_type", "group")?;
        map.serialize_entry("package_name", &group.package)?;
        let below: PathBuf = group.original.components().skip(1).collect();
        map.serialize_entry("path", &below)?;
        map.serialize_entry("original_file_path", &group.original)?;
        map.serialize_entry("unique_id", &group_id(group))?;
        entries(&[("owner", Nested(OWNER))], &group.options, &mut map)?;
        map.serialize_entry("description", &description)?;
        map.serialize_entry("config", &Shaped(META, &group.config))?;
        map.end()
    }
}

/// A mapping with all keys of a shape.
pub(super) struct Shaped<'a>(pub(super) Keys, pub(super) &'a Mapping);

impl Serialize for Shaped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        nested(self.0, self.1, serializer)
    }
}

/// Docs blocks by unique id.
pub(super) struct Docs<'a>(pub(super) &'a [Doc]);

impl Serialize for Docs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = |doc: &Doc| {
            let id = format!("doc.{}.{}", doc.package, doc.name);
            let view = json!({
                "name": doc.name,
                "resource_type": "doc",
                "package_name": doc.package,
                "path": doc.inner,
                "original_file_path": doc.original,
                "unique_id": id,
                "block_contents": doc.text,
            });
            (id, view)
        };
        serializer.collect_map(self.0.iter().map(view))
    }
}
