//! The shapes of dbt's resources: which keys there are, in which order, with which defaults. Tables of keys say it; one function
//! writes a mapping of YAML by them.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_yaml::{Mapping, Value};

/// What a key is when nobody says it, and which form it takes when somebody does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Preset {
    Null,
    True,
    False,
    Number(i64),
    Text(&'static str),
    List,
    Map,
    /// A map of keys with defaults of their own.
    Nested(Keys),
    /// The same, or null.
    Maybe(Keys),
    /// A list of the same.
    Each(Keys),
    /// A list of the same, or null.
    EachMaybe(Keys),
    /// The same as [`Preset::Maybe`], for which a text alone stands as its `name`.
    Named(Keys),
    /// A list of [`Preset::Named`], or null.
    EachNamed(Keys),
    /// Conditions of the semantic layer: one, or a list of them; or null.
    Where,
    /// A span of time such as `7 days`, or null.
    Window,
    /// A list of statements, each with what dbt says of it.
    Hooks,
    /// A truth value that nests as `enabled`.
    Switch(Keys),
}

/// Keys with their defaults, in dbt's order.
pub(super) type Keys = &'static [(&'static str, Preset)];

use Preset::{
    Each, EachMaybe, EachNamed, False, Hooks, List, Map, Maybe, Named, Nested, Null, Number,
    Switch, Text, True, Where, Window,
};

/// A value that is set, or else its default.
pub(super) struct Set<'a> {
    pub(super) value: Option<&'a Value>,
    pub(super) default: Preset,
}

impl Serialize for Set<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(value) = self.value else {
            return self.default.serialize(serializer);
        };
        match (self.default, value) {
            (
                Nested(keys) | Maybe(keys) | Named(keys) | Switch(keys),
                Value::Mapping(values, _),
            ) => nested(keys, values, serializer),
            (Named(keys), value) => {
                let values = std::iter::once((Value::string("name".into()), value.clone()));
                nested(keys, &values.collect(), serializer)
            }
            (Each(keys) | EachMaybe(keys), value) => all(value, Nested(keys), serializer),
            (EachNamed(keys), value) => all(value, Named(keys), serializer),
            (Where, value) => conditions(value, serializer),
            (Window, value) => window(value, serializer),
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

pub(super) fn nested<S: Serializer>(
    keys: Keys,
    values: &Mapping,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    entries(keys, values, &mut map)?;
    let others = values.iter().filter(|(key, _)| {
        let known = |name: &str| keys.iter().any(|(key, _)| *key == name);
        !key.as_str().is_some_and(known)
    });
    for (key, value) in others {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

/// Writes keys with what `values` says of them, or their defaults.
pub(super) fn entries<M: SerializeMap>(
    keys: Keys,
    values: &Mapping,
    map: &mut M,
) -> Result<(), M::Error> {
    for (key, default) in keys {
        let value = values.get(*key).filter(|value| !value.is_null());
        let default = *default;
        map.serialize_entry(key, &Set { value, default })?;
    }
    Ok(())
}

/// Writes each element of a list in one form.
fn all<S: Serializer>(value: &Value, default: Preset, serializer: S) -> Result<S::Ok, S::Error> {
    let items = each(value).into_iter().map(|item| Set {
        value: Some(item),
        default,
    });
    serializer.collect_seq(items)
}

/// Writes conditions of the semantic layer: one text, or a list of them.
fn conditions<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let filters = each(value).into_iter().map(|item| {
        let text = item.as_scalar_string().unwrap_or_default();
        std::collections::BTreeMap::from([("where_sql_template", text.into_owned())])
    });
    let filters: Vec<_> = filters.collect();
    serializer.collect_map([("where_filters", filters)])
}

/// Writes a span of time: `7 days` is a count and a granularity, which is said in the singular.
fn window<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let text = value.as_scalar_string().unwrap_or_default();
    let (count, unit) = text.trim().split_once(' ').unwrap_or(("0", &text));
    let unit = unit.trim().to_lowercase();
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("count", &count.parse::<i64>().unwrap_or_default())?;
    map.serialize_entry("granularity", unit.strip_suffix('s').unwrap_or(&unit))?;
    map.end()
}

/// Returns the elements of a list; one value alone counts as a list of one.
pub(super) fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null(_) => Vec::new(),
        Value::Sequence(items, _) => items.iter().collect(),
        value => vec![value],
    }
}

impl Serialize for Preset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Null | Maybe(_) | Named(_) | EachMaybe(_) | Where | Window => {
                serializer.serialize_unit()
            }
            True => serializer.serialize_bool(true),
            False => serializer.serialize_bool(false),
            Number(number) => serializer.serialize_i64(*number),
            Text(text) => serializer.serialize_str(text),
            List | Hooks | Each(_) | EachNamed(_) => serializer.collect_seq([(); 0]),
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
