//! `config(…)` of a template as dbt keeps it to tell changed nodes: values where it reads them without rendering, else the text of each
//! expression.

use serde_yaml::{Mapping, Value};

use super::context::from_yaml;
use crate::jinja;

/// Returns what a template's first `config(…)` says, for comparison; `heard` is what it came to.
///
/// A model's template of nothing but `ref`, `source` and `config` with written-out values, none of them a number or a hook, is not rendered
/// by dbt to hear it: its values are kept. Of any other, the expressions are, as text.
pub(super) fn said(text: &str, is_model: bool, heard: &Mapping) -> Mapping {
    match heard.is_empty() || is_model && is_plain(text, heard) {
        true => heard.clone(),
        false => jinja::keywords_of(text, "config").map_or_else(
            || heard.clone(),
            |written| {
                let pair = |(key, value)| (Value::string(key), Value::string(value));
                written.into_iter().map(pair).collect()
            },
        ),
    }
}

/// Returns what configures a generic test, for comparison: texts, and of other values the expressions that dbt makes of them.
pub(super) fn of_test(own: &Mapping) -> Mapping {
    let written = |value: &Value| match value {
        Value::String(..) => value.clone(),
        value => Value::string(jinja::repr(&from_yaml(value))),
    };
    own.iter()
        .map(|(key, value)| (key.clone(), written(value)))
        .collect()
}

/// Returns whether dbt reads the template without rendering it.
fn is_plain(text: &str, heard: &Mapping) -> bool {
    let is_hook = |key: &Value| matches!(key.as_str(), Some("pre-hook" | "post-hook"));
    !text.contains("{%")
        && jinja::only_calls(text, &["ref", "source", "config"])
        && heard
            .iter()
            .all(|(key, value)| !is_hook(key) && !has_number(value))
}

fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(..) => true,
        Value::Sequence(items, _) => items.iter().any(has_number),
        Value::Mapping(map, _) => map.values().any(has_number),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_and_numbers_are_kept_as_they_are_written() {
        let kept = |text: &str, heard: &str| {
            let heard: Mapping = serde_yaml::from_str(heard).unwrap();
            serde_json::to_string(&said(text, true, &heard)).unwrap()
        };
        assert_eq!(
            kept("{{ config(tags=['a']) }}", "tags: [a]"),
            r#"{"tags":["a"]}"#
        );
        assert_eq!(
            kept("{{ config(batch=1, tags=['a']) }}", "{batch: 1, tags: [a]}"),
            r#"{"batch":"1","tags":"['a']"}"#
        );
        assert_eq!(
            kept("{{ config(pre_hook='select 1') }}", "pre-hook: [select 1]"),
            r#"{"pre_hook":"select 1"}"#
        );
        let own = serde_yaml::from_str("{severity: warn, tags: [a], limit: 5, enabled: true}");
        assert_eq!(
            serde_json::to_string(&of_test(&own.unwrap())).unwrap(),
            r#"{"severity":"warn","tags":"['a']","limit":"5","enabled":"True"}"#
        );
    }
}
