//! A node's configuration with all of dbt's keys: what is set, and dbt's defaults for the rest.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_yaml::{Mapping, Value};

use crate::compile::plan::{Config, Node, Resource};

/// What a key is when nobody says it.
#[derive(Debug, Clone, Copy)]
enum Preset {
    Null,
    True,
    False,
    Number(i64),
    Text(&'static str),
    List,
    Map,
    /// A map of keys with defaults of their own.
    Nested(&'static [(&'static str, Preset)]),
    /// A list of statements, each with what dbt says of it.
    Hooks,
    /// A truth value that nests as `enabled`.
    Switch(&'static [(&'static str, Preset)]),
}

use Preset::{False, Hooks, List, Map, Nested, Null, Number, Switch, Text, True};

/// Keys that nodes and tests share.
const SHARED: &[(&str, Preset)] = &[
    ("enabled", True),
    ("alias", Null),
    ("schema", Null),
    ("database", Null),
    ("tags", List),
    ("meta", Map),
    ("group", Null),
    ("static_analysis", Null),
];

/// Keys of everything with a relation.
const NODE: &[(&str, Preset)] = &[
    ("materialized", Text("view")),
    ("incremental_strategy", Null),
    ("batch_size", Null),
    ("lookback", Number(1)),
    ("begin", Null),
    ("persist_docs", Map),
    ("post-hook", Hooks),
    ("pre-hook", Hooks),
    ("quoting", Map),
    ("column_types", Map),
    ("full_refresh", Null),
    ("unique_key", Null),
    ("on_schema_change", Text("ignore")),
    ("on_configuration_change", Text("apply")),
    ("grants", Map),
    ("packages", List),
    ("docs", Nested(DOCS)),
    ("contract", Nested(CONTRACT)),
    ("event_time", Null),
    ("concurrent_batches", Null),
];

/// Keys of models only.
const MODEL: &[(&str, Preset)] = &[
    ("access", Text("protected")),
    ("freshness", Null),
    ("on_error", Null),
    ("latest_version_pointer", Switch(POINTER)),
];

/// Keys of seeds only.
const SEED: &[(&str, Preset)] = &[("delimiter", Text(",")), ("quote_columns", Null)];

/// Keys of tests.
const TEST: &[(&str, Preset)] = &[
    ("materialized", Text("test")),
    ("severity", Text("ERROR")),
    ("store_failures", Null),
    ("store_failures_as", Null),
    ("sql_header", Null),
    ("where", Null),
    ("limit", Null),
    ("fail_calc", Text("count(*)")),
    ("warn_if", Text("!= 0")),
    ("error_if", Text("!= 0")),
];

/// Keys of sources.
const SOURCE: &[(&str, Preset)] = &[
    ("enabled", True),
    ("event_time", Null),
    ("freshness", Null),
    ("loaded_at_field", Null),
    ("loaded_at_query", Null),
    ("meta", Map),
    ("tags", List),
    ("static_analysis", Null),
];

/// Keys of exposures.
const EXPOSURE: &[(&str, Preset)] = &[("enabled", True), ("tags", List), ("meta", Map)];

const DOCS: &[(&str, Preset)] = &[("show", True), ("node_color", Null)];

const CONTRACT: &[(&str, Preset)] = &[("enforced", False), ("alias_types", True)];

const POINTER: &[(&str, Preset)] = &[("enabled", Null), ("alias", Null)];

/// A node's configuration, as serde writes it.
pub(super) struct ConfigView<'a>(pub(super) &'a Node);

impl ConfigView<'_> {
    /// Returns the keys of the node's kind, in dbt's order.
    fn keys(&self) -> Vec<&'static [(&'static str, Preset)]> {
        match &self.0.resource {
            Resource::Model(_) | Resource::FeatureView(_) | Resource::MlModel(_) => {
                vec![SHARED, NODE, MODEL]
            }
            Resource::Seed => vec![SHARED, NODE, SEED],
            Resource::Test(_) => vec![SHARED, TEST],
            Resource::Source { .. } => vec![SOURCE],
            Resource::Export(_) | Resource::Report(_) => vec![EXPOSURE],
            Resource::Analysis(_) => vec![SHARED, NODE],
        }
    }

    /// Returns the default of a key, which for a few depends on the kind.
    fn preset(&self, key: &str, default: Preset) -> Preset {
        match (&self.0.resource, key) {
            (Resource::Seed, "materialized") => Text("seed"),
            (Resource::FeatureView(_) | Resource::MlModel(_), "materialized") => Text("table"),
            (Resource::Test(_), "schema") => Text("dbt_test__audit"),
            _ => default,
        }
    }
}

impl Serialize for ConfigView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = &self.0.config.values;
        let keys = self.keys();
        let mut map = serializer.serialize_map(None)?;
        for (key, default) in keys.iter().copied().flatten() {
            let set = Set {
                value: values.get(*key).filter(|value| !value.is_null()),
                default: self.preset(key, *default),
            };
            map.serialize_entry(key, &set)?;
        }
        for (key, value) in values {
            let is_known = |name: &str| keys.iter().copied().flatten().any(|(key, _)| *key == name);
            if let Some(name) = key.as_str()
                && !is_known(name)
            {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// Returns one key of a node's configuration, for the places that repeat it beside `config`.
pub(super) struct Repeated<'a> {
    pub(super) config: &'a Config,
    pub(super) key: &'static str,
}

impl Serialize for Repeated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = [SHARED, NODE, MODEL].into_iter().flatten();
        let default = known
            .clone()
            .find(|(key, _)| *key == self.key)
            .map_or(Null, |(_, default)| *default);
        let value = self.config.values.get(self.key);
        let value = value.filter(|value| !value.is_null());
        Set { value, default }.serialize(serializer)
    }
}

/// A value that is set, or else its default.
struct Set<'a> {
    value: Option<&'a Value>,
    default: Preset,
}

impl Serialize for Set<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(value) = self.value else {
            return self.default.serialize(serializer);
        };
        match (self.default, value) {
            (Nested(keys) | Switch(keys), Value::Mapping(values, _)) => {
                nested(keys, values, serializer)
            }
            (Switch(keys), Value::Bool(..)) => {
                let values = std::iter::once((Value::string("enabled".into()), value.clone()));
                nested(keys, &values.collect(), serializer)
            }
            (Hooks, value) => serializer.collect_seq(each(value).iter().map(|hook| Hook(hook))),
            (List, value) => serializer.collect_seq(each(value)),
            (_, value) => value.serialize(serializer),
        }
    }
}

fn nested<S: Serializer>(
    keys: &[(&str, Preset)],
    values: &Mapping,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (key, default) in keys {
        let value = values.get(*key).filter(|value| !value.is_null());
        let default = *default;
        map.serialize_entry(key, &Set { value, default })?;
    }
    let others = values.iter().filter(|(key, _)| {
        let known = |name: &str| keys.iter().any(|(key, _)| *key == name);
        !key.as_str().is_some_and(known)
    });
    for (key, value) in others {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

/// Returns the elements of a list; one value alone counts as a list of one.
fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null(_) => Vec::new(),
        Value::Sequence(items, _) => items.iter().collect(),
        value => vec![value],
    }
}

impl Serialize for Preset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Null => serializer.serialize_unit(),
            True => serializer.serialize_bool(true),
            False => serializer.serialize_bool(false),
            Number(number) => serializer.serialize_i64(*number),
            Text(text) => serializer.serialize_str(text),
            List | Hooks => serializer.collect_seq([(); 0]),
            Map => serializer.collect_map([((), ()); 0]),
            Nested(keys) | Switch(keys) => serializer.collect_map(keys.iter().copied()),
        }
    }
}

/// A hook: a statement, or a mapping that holds one.
struct Hook<'a>(&'a Value);

impl Serialize for Hook<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sql, transaction) = match self.0 {
            Value::Mapping(map, _) => (
                map.get("sql").and_then(Value::as_str).unwrap_or_default(),
                map.get("transaction").and_then(Value::as_bool),
            ),
            value => (value.as_str().unwrap_or_default(), None),
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("sql", sql)?;
        map.serialize_entry("transaction", &transaction.unwrap_or(true))?;
        map.serialize_entry("index", &())?;
        map.end()
    }
}
