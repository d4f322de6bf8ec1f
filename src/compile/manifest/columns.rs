//! Columns, constraints, and what follows of them: contracts and keys.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_yaml::{Mapping, Value};

use super::declared::Shaped;
use super::shape::Preset::{Each, False, List, Map, Maybe, Null, True, Word};
use super::shape::{Keys, Preset, Set, each, entries};
use crate::compile::plan::{Config, Node, Resource};
use crate::project::Column;

/// Keys of a column's constraint.
const CONSTRAINT: Keys = &[
    ("type", Null),
    ("name", Null),
    ("expression", Null),
    ("warn_unenforced", True),
    ("warn_unsupported", True),
    ("to", Null),
    ("to_columns", List),
];

/// Keys of a model's constraint.
pub(super) const MODEL_CONSTRAINT: Keys = &[
    ("type", Null),
    ("name", Null),
    ("expression", Null),
    ("warn_unenforced", True),
    ("warn_unsupported", True),
    ("to", Null),
    ("to_columns", List),
    ("columns", List),
];

/// Keys of a column that are written one by one; any other is kept as it is.
const KNOWN: &[&str] = &[
    "doc_blocks",
    "meta",
    "constraints",
    "quote",
    "config",
    "tags",
    "granularity",
    "dimension",
    "entity",
    "tests",
    "data_tests",
];

/// Keys of the dimension that a column is.
const DIMENSION: Keys = &[
    ("name", Null),
    ("type", Word(None)),
    ("description", Null),
    ("label", Null),
    ("is_partition", False),
    ("config", Map),
    (
        "validity_params",
        Maybe(&[("is_start", False), ("is_end", False)]),
    ),
];

/// Keys of the entity that a column is.
const ENTITY: Keys = &[
    ("name", Null),
    ("type", Word(None)),
    ("description", Null),
    ("label", Null),
    ("config", Map),
];

/// Columns by name.
pub(super) struct Columns<'a>(pub(super) &'a [Column]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.0.iter();
        serializer.collect_map(columns.map(|column| (&column.name, View(column))))
    }
}

struct View<'a>(&'a Column);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = self.0;
        let options = &column.options;
        let config = settings(options);
        let of = |key: &str, default: Preset| Set {
            value: config.values.get(key),
            default,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &column.name)?;
        map.serialize_entry("description", &column.description)?;
        map.serialize_entry("meta", &of("meta", Map))?;
        map.serialize_entry("data_type", &column.data_type)?;
        let keys: Keys = &[("constraints", Each(CONSTRAINT)), ("quote", Null)];
        entries(keys, options, &mut map)?;
        let keys: Keys = &[("meta", Map), ("tags", List)];
        map.serialize_entry("config", &Shaped(keys, &config.values))?;
        map.serialize_entry("tags", &of("tags", List))?;
        let keys: Keys = &[
            ("granularity", Word(None)),
            ("dimension", Maybe(DIMENSION)),
            ("entity", Maybe(ENTITY)),
        ];
        entries(keys, options, &mut map)?;
        map.serialize_entry("doc_blocks", &column.doc_blocks)?;
        for (key, value) in options {
            if key.as_str().is_some_and(|key| !KNOWN.contains(&key)) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// Returns a column's `meta` and `tags`, be they beside its `config` or in it.
pub(super) fn settings(options: &Mapping) -> Config {
    let mut config = Config::default();
    let beside = ["meta", "tags"].into_iter();
    let beside =
        beside.filter_map(|key| Some((Value::string(key.into()), options.get(key)?.clone())));
    config.lay(&beside.collect());
    if let Some(within) = options.get("config").and_then(Value::as_mapping) {
        config.lay(within);
    }
    config
}

/// Returns a model's key: of its constraints, of tests for being unique and there, of tests for being unique.
///
/// `tests` are the generic tests put on the model.
pub(super) fn primary_key(node: &Node, tests: &[&Node]) -> Vec<String> {
    let is_key =
        |constraint: &&Value| constraint.get("type").and_then(Value::as_str) == Some("primary_key");
    let constraints = node
        .options
        .get("constraints")
        .map(each)
        .unwrap_or_default();
    if let Some(found) = constraints.into_iter().find(is_key) {
        let columns = found.get("columns").map(each).unwrap_or_default();
        return columns.into_iter().filter_map(text).collect();
    }
    for column in &node.columns {
        let constraints = column
            .options
            .get("constraints")
            .map(each)
            .unwrap_or_default();
        if constraints.iter().any(is_key) {
            return vec![column.name.clone()];
        }
    }
    let unique = columns_of(tests, &["unique", "unique_combination_of_columns"]);
    let there = columns_of(tests, &["not_null"]);
    let both: Vec<String> = there
        .into_iter()
        .filter(|name| unique.contains(name))
        .collect();
    match both.is_empty() {
        true => unique,
        false => both,
    }
}

/// Returns the columns that tests of these names are about, sorted.
fn columns_of(tests: &[&Node], names: &[&str]) -> Vec<String> {
    let mut columns = std::collections::BTreeSet::new();
    for test in tests {
        let Resource::Test(test) = &test.resource else {
            continue;
        };
        let Some(generic) = &test.generic else {
            continue;
        };
        let name = generic.test.test.rsplit('.').next().unwrap_or_default();
        if !names.contains(&name) {
            continue;
        }
        match (
            &generic.column,
            generic.test.arguments.get("combination_of_columns"),
        ) {
            (Some(column), _) => drop(columns.insert(column.clone())),
            (None, Some(listed)) => columns.extend(each(listed).into_iter().filter_map(text)),
            (None, None) => {
                let named = generic.test.arguments.get("column_name");
                columns.extend(named.and_then(text));
            }
        }
    }
    columns.into_iter().collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
