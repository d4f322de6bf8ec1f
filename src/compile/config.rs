//! The configuration of a node, laid together of all places that say something of it, as dbt lays it.

use serde_yaml::{Mapping, Value};

/// Configuration of a node, merged from the project's file, the YAML that describes it, and the node itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// All keys, without `+`.
    pub values: Mapping,
    /// Keys that were said to be nothing over what a weaker place says: the relation is named as if nobody said them, while
    /// everything else goes by the weaker place, as dbt has it.
    pub cleared: Vec<String>,
}

impl Config {
    /// Lays `over` on top, as dbt does: tags, hooks and packages add up; `meta` and other mappings of names merge; lists of
    /// `grants` add up below keys with `+`; everything else replaces.
    pub fn lay(&mut self, over: &Mapping) {
        for (key, value) in over {
            let Some(name) = key.as_str() else { continue };
            let name = canonical(name);
            let merged = match (name, self.values.get(name)) {
                ("grants", below) => granted(below, value, |key| key.trim_start_matches('+')),
                (_, None) => value.clone(),
                (_, Some(below)) => merged(name, below, value),
            };
            self.values.insert(Value::string(name.to_owned()), merged);
        }
    }

    /// Lays what one more call of `config(…)` says over what the calls before it said: as [`Config::lay`], but `grants` keep the
    /// `+` of their keys for what the calls together are laid over.
    pub(super) fn say(&mut self, over: &Mapping) {
        let said = self.values.get("grants").cloned();
        self.lay(over);
        for (key, value) in over {
            if key.as_str().map(canonical) == Some("grants") {
                let grants = granted(said.as_ref(), value, |key| key);
                self.values
                    .insert(Value::string("grants".to_owned()), grants);
            }
        }
    }

    /// Takes a mapping for a configuration.
    #[must_use]
    pub(super) fn of(values: &Mapping) -> Self {
        Self {
            values: values.clone(),
            cleared: Vec::new(),
        }
    }

    /// Returns a key's text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.values.get(key).filter(|value| !value.is_null())?;
        value.as_scalar_string().map(|text| text.into_owned())
    }

    /// Takes over what `weaker` says of keys that are null here.
    pub(super) fn fall_back(&mut self, weaker: &Self) {
        for (key, value) in &mut self.values {
            let below = weaker.values.get(key).filter(|below| !below.is_null());
            if let (true, Some(below), Some(name)) = (value.is_null(), below, key.as_str()) {
                self.cleared.push(name.to_owned());
                *value = below.clone();
            }
        }
    }

    /// As [`Config::text`], for the keys that name the relation.
    #[must_use]
    pub fn naming(&self, key: &str) -> Option<String> {
        self.text(key).filter(|_| !self.is_cleared(key))
    }

    /// Returns whether a key is said to be nothing.
    #[must_use]
    pub fn is_cleared(&self, key: &str) -> bool {
        let is_null = self.values.get(key).is_some_and(Value::is_null);
        is_null || self.cleared.iter().any(|cleared| cleared == key)
    }

    /// Returns whether some key is null.
    pub(super) fn has_nulls(&self) -> bool {
        self.values.values().any(Value::is_null)
    }

    /// Returns a key's truth value; `yes`, `no`, `on` and `off` are words for it in YAML 1.1.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.values.get(key)?;
        let word = || match value.as_str()? {
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => Some(true),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => Some(false),
            _ => None,
        };
        value.as_bool().or_else(word)
    }

    /// Returns a key's texts; one alone counts as a list of one.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        let items = self.values.get(key).map(list).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_scalar_string().map(|text| text.into_owned()))
            .collect()
    }
}

/// Returns the name that a key is kept by: without `+`, hooks with `-`, dbt's other names of one thing.
fn canonical(key: &str) -> &str {
    match key.trim_start_matches('+').trim() {
        "pre_hook" => "pre-hook",
        "post_hook" => "post-hook",
        "dataset" => "schema",
        "project" => "database",
        name => name,
    }
}

fn merged(name: &str, below: &Value, above: &Value) -> Value {
    match (name, below, above) {
        ("tags" | "pre-hook" | "post-hook" | "packages", ..) => {
            Value::sequence([list(below), list(above)].concat())
        }
        (
            "meta" | "docs" | "contract" | "quoting" | "column_types",
            Value::Mapping(below, _),
            Value::Mapping(above, _),
        ) => {
            let mut merged = below.clone();
            merged.extend(above.clone());
            Value::mapping(merged)
        }
        _ => above.clone(),
    }
}

/// Lays grants over others: a key with `+` adds to the list below it, one without replaces it. `name` is what a key is kept by.
fn granted(below: Option<&Value>, above: &Value, name: fn(&str) -> &str) -> Value {
    let merged = below.and_then(Value::as_mapping).cloned();
    let mut merged = merged.unwrap_or_default();
    for (key, value) in above.as_mapping().into_iter().flatten() {
        let key = key.as_str().unwrap_or_default();
        let under = merged.get(name(key)).filter(|_| key.starts_with('+'));
        let items = [under.map(list).unwrap_or_default(), list(value)].concat();
        merged.insert(Value::string(name(key).to_owned()), Value::sequence(items));
    }
    Value::mapping(merged)
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null(_) => Vec::new(),
        Value::Sequence(items, _) => items.clone(),
        value => vec![value.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_is_laid_as_dbt_lays_it() {
        let map = |text: &str| -> Mapping { serde_yaml::from_str(text).unwrap() };
        let mut config = Config::default();
        config.lay(&map(
            "{+tags: a, +pre-hook: x, meta: {a: 1}, +grants: {select: [u]}, schema: s}",
        ));
        config.lay(&map(
            "{tags: [a, b], pre_hook: x, meta: {b: 2}, grants: {+select: v}, schema: t}",
        ));
        let expected = map(
            "{tags: [a, a, b], pre-hook: [x, x], meta: {a: 1, b: 2}, grants: {select: [u, v]}, schema: t}",
        );
        for (key, value) in &expected {
            assert_eq!(config.values.get(key), Some(value), "{key:?}");
        }
    }

    #[test]
    fn calls_of_config_keep_what_adds_to_grants() {
        let map = |text: &str| -> Mapping { serde_yaml::from_str(text).unwrap() };
        let mut said = Config::default();
        said.say(&map("{grants: {+select: [b]}}"));
        said.say(&map("{grants: {+select: c}}"));
        let mut config = Config::default();
        config.lay(&map("{+grants: {select: [a]}}"));
        config.lay(&said.values);
        assert_eq!(config.values, map("{grants: {select: [a, b, c]}}"));
    }
}
