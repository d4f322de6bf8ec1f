//! The semantic layer: what semantic models, metrics and time spines say, in either of the two forms that YAML has for it.

pub(super) mod measures;
mod metric;
mod model;
mod spine;

use serde_yaml::{Mapping, Value};

pub(super) use self::metric::{check_name, check_windows, metrics_of, standing_alone};
pub(super) use self::model::{elements_mut, said_in, share_meta};
pub(super) use self::spine::{Spine, check, spines, unconfigured};

/// Makes a mapping of the entries that have a value.
fn mapping<const N: usize>(entries: [(&str, Option<Value>); N]) -> Mapping {
    let entries = entries.into_iter();
    let entries = entries.filter_map(|(key, value)| Some((Value::string(key.into()), value?)));
    entries.collect()
}

/// As [`mapping`], as a value.
fn map<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    Value::mapping(mapping(entries))
}

/// Returns the value of a key unless it is null.
fn said<'a>(options: &'a Mapping, key: &str) -> Option<&'a Value> {
    options.get(key).filter(|value| !value.is_null())
}

/// Returns a copy of the value of a key unless it is null.
fn own(options: &Mapping, key: &str) -> Option<Value> {
    said(options, key).cloned()
}

fn word(text: &str) -> Option<Value> {
    Some(Value::string(text.into()))
}

/// Returns the text of a key.
fn text<'a>(options: &'a Mapping, key: &str) -> Option<&'a str> {
    options.get(key).and_then(Value::as_str)
}

/// Returns `meta` of a mapping's `config`, as the only key of a configuration.
fn config_of(options: &Mapping) -> Value {
    let meta = options.get("config").and_then(|config| config.get("meta"));
    map([("meta", meta.cloned())])
}
