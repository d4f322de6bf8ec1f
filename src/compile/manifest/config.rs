//! A node's configuration with all of dbt's keys: what is set, and dbt's defaults for the rest.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::shape::Preset::{
    False, Hooks, List, Map, Moment, Nested, Null, Number, Switch, Text, True,
};
use super::shape::{Keys, Preset, Set};
use crate::compile::plan::{Config, Node, Resource};

/// Keys that nodes and tests share.
const SHARED: Keys = &[
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
const NODE: Keys = &[
    ("materialized", Text("view")),
    ("incremental_strategy", Null),
    ("batch_size", Null),
    ("lookback", Number(1)),
    ("begin", Moment),
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
const MODEL: Keys = &[
    ("access", Text("protected")),
    ("freshness", Null),
    ("on_error", Null),
    ("latest_version_pointer", Switch(POINTER)),
];

/// Keys of seeds only.
const SEED: Keys = &[("delimiter", Text(",")), ("quote_columns", Null)];

/// Keys of tests.
const TEST: Keys = &[
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

/// Keys of snapshots only.
const SNAPSHOT: Keys = &[
    ("strategy", Null),
    ("target_schema", Null),
    ("target_database", Null),
    ("updated_at", Null),
    ("check_cols", Null),
    ("snapshot_meta_column_names", Nested(META_COLUMNS)),
    ("dbt_valid_to_current", Null),
];

const META_COLUMNS: Keys = &[
    ("dbt_valid_to", Null),
    ("dbt_valid_from", Null),
    ("dbt_scd_id", Null),
    ("dbt_updated_at", Null),
    ("dbt_is_deleted", Null),
];

/// Keys of functions only.
const FUNCTION: Keys = &[
    ("type", Text("scalar")),
    ("volatility", Null),
    ("runtime_version", Null),
    ("entry_point", Null),
    ("snowflake", Nested(&[("quote_args", True)])),
];

/// Keys of unit tests.
const UNIT_TEST: Keys = &[
    ("tags", List),
    ("meta", Map),
    ("enabled", True),
    ("static_analysis", Null),
];

/// Keys of metrics, semantic models and saved queries.
const SEMANTIC: Keys = &[("enabled", True), ("group", Null), ("meta", Map)];

/// Keys of saved queries only.
const SAVED_QUERY: Keys = &[
    ("export_as", Null),
    ("schema", Null),
    ("cache", Nested(&[("enabled", False)])),
];

/// Keys of exposures.
const EXPOSURE: Keys = &[("enabled", True), ("tags", List), ("meta", Map)];

/// How old a source's rows may be.
pub(super) const FRESHNESS: Keys = &[
    ("warn_after", Nested(AGE)),
    ("error_after", Nested(AGE)),
    ("filter", Null),
];

const AGE: Keys = &[("count", Null), ("period", Null)];

pub(super) const DOCS: Keys = &[("show", True), ("node_color", Null)];

const CONTRACT: Keys = &[("enforced", False), ("alias_types", True)];

const POINTER: Keys = &[("enabled", Null), ("alias", Null)];

/// A node's configuration, as serde writes it.
pub(super) struct ConfigView<'a>(pub(super) &'a Node);

impl ConfigView<'_> {
    /// Returns the keys of the node's kind, in dbt's order.
    fn keys(&self) -> Vec<Keys> {
        match &self.0.resource {
            Resource::Model(_) | Resource::FeatureView(_) | Resource::MlModel(_) => {
                vec![SHARED, NODE, MODEL]
            }
            Resource::Seed => vec![SHARED, NODE, SEED],
            Resource::Snapshot(_) => vec![SHARED, NODE, SNAPSHOT],
            Resource::Function(_) => vec![SHARED, NODE, FUNCTION],
            Resource::Test(_) => vec![SHARED, TEST],
            Resource::UnitTest(_) => vec![UNIT_TEST],
            Resource::Source { .. } => vec![SHARED],
            Resource::Exposure | Resource::Export(_) | Resource::Report(_) => vec![EXPOSURE],
            Resource::Metric | Resource::SemanticModel => vec![SEMANTIC],
            Resource::SavedQuery => vec![SEMANTIC, SAVED_QUERY],
            Resource::Analysis(_) | Resource::Operation(_) => vec![SHARED, NODE],
        }
    }

    /// Returns whether a key is not what is said of it, but follows from another.
    fn follows(&self, key: &str) -> bool {
        key == "store_failures" && self.0.config.text("store_failures_as").is_some()
    }

    /// Returns the default of a key, which for a few depends on the kind.
    fn preset(&self, key: &str, default: Preset) -> Preset {
        match (&self.0.resource, key) {
            (Resource::Seed, "materialized") => Text("seed"),
            (Resource::Snapshot(_), "materialized") => Text("snapshot"),
            (Resource::Function(_), "materialized") => Text("function"),
            (Resource::FeatureView(_) | Resource::MlModel(_), "materialized") => Text("table"),
            (Resource::Test(_), "store_failures") => {
                match self.0.config.text("store_failures_as") {
                    Some(kind) if kind == "ephemeral" => False,
                    Some(_) => True,
                    None => Null,
                }
            }
            (Resource::Test(_), "store_failures_as") => {
                match self.0.config.flag("store_failures") {
                    Some(true) => Text("table"),
                    Some(false) => Text("ephemeral"),
                    None => Null,
                }
            }
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
            let value = values.get(*key).filter(|value| !value.is_null());
            let set = Set {
                value: value.filter(|_| !self.follows(key)),
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
