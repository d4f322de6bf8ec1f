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
    /// A text; a number as it is written, a truth value as Python writes it.
    Written,
    /// One of a few words, in small letters.
    Word(Option<&'static str>),
    /// A list of statements, each with what dbt says of it.
    Hooks,
    /// False, whatever is said: what asked for it is done.
    Done,
    /// A moment; a day alone is its beginning.
    Moment,
    /// A truth value that nests as `enabled`.
    Switch(Keys),
}

/// Keys with their defaults, in dbt's order.
pub(super) type Keys = &'static [(&'static str, Preset)];

use Preset::{
    Done, Each, EachMaybe, EachNamed, False, Hooks, List, Map, Maybe, Moment, Named, Nested, Null,
    Number, Switch, Text, True, Where, Window, Word, Written,
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
            (Done, _) => serializer.serialize_bool(false),
            (Moment, Value::String(text, _)) => serializer.serialize_str(&moment(text)),
            (Written, Value::Bool(said, _)) => {
                serializer.serialize_str(if *said { "True" } else { "False" })
            }
            (Written, value) => value.as_scalar_string().serialize(serializer),
            (Word(_), Value::String(text, _)) => serializer.serialize_str(&text.to_lowercase()),
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

/// Writes a day or a moment as Python's `isoformat` does.
fn moment(text: &str) -> String {
    match text.len() {
        10 => format!("{text}T00:00:00"),
        _ => text.replacen(' ', "T", 1),
    }
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
            Null | Written | Word(None) | Moment | Maybe(_) | Named(_) | EachMaybe(_) | Where
            | Window => serializer.serialize_unit(),
            True => serializer.serialize_bool(true),
            False | Done => serializer.serialize_bool(false),
            Number(number) => serializer.serialize_i64(*number),
            Text(text) | Word(Some(text)) => serializer.serialize_str(text),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(keys: Keys, yaml: &str) -> String {
        let values: Mapping = serde_yaml::from_str(yaml).unwrap();
        let mut out = Vec::new();
        nested(keys, &values, &mut serde_json::Serializer::new(&mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_not_said_has_its_default_and_other_keys_follow() {
        const KEYS: Keys = &[("a", List), ("b", Nested(&[("c", True)])), ("d", Null)];
        assert_eq!(
            written(KEYS, "{z: 1, a: x}"),
            r#"{"a":["x"],"b":{"c":true},"d":null,"z":1}"#
        );
    }

    #[test]
    fn hooks_conditions_windows_and_moments_have_their_form() {
        const KEYS: Keys = &[("h", Hooks), ("f", Where), ("w", Window), ("m", Moment)];
        assert_eq!(
            written(KEYS, "{h: select 1, f: a > 1, w: 7 days, m: '2024-01-31'}"),
            concat!(
                r#"{"h":[{"sql":"select 1","transaction":true,"index":null}],"#,
                r#""f":{"where_filters":[{"where_sql_template":"a > 1"}]},"#,
                r#""w":{"count":7,"granularity":"day"},"m":"2024-01-31T00:00:00"}"#
            )
        );
    }

    #[test]
    fn a_name_alone_stands_for_the_mapping_that_has_it() {
        const KEYS: Keys = &[("m", EachNamed(&[("name", Null), ("alias", Null)]))];
        assert_eq!(
            written(KEYS, "{m: [x, {name: y, alias: z}]}"),
            r#"{"m":[{"name":"x","alias":null},{"name":"y","alias":"z"}]}"#
        );
    }
}
