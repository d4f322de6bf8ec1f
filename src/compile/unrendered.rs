//! `config(…)` of a template as dbt keeps it to tell changed nodes: values where it reads them without rendering, else the text of each
//! expression.

use serde_yaml::{Mapping, Value};

use crate::jinja;

/// Returns what a template's first `config(…)` says, for comparison; `heard` is what it came to.
///
/// A template of nothing but `ref`, `source` and `config` with written-out values is not rendered by dbt to hear it: its values are
/// kept. Of any other, the expressions are, as text.
pub(super) fn said(text: &str, heard: &Mapping) -> Mapping {
    match heard.is_empty() || is_plain(text) {
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

/// Returns whether dbt reads the template without rendering it.
fn is_plain(text: &str) -> bool {
    !text.contains("{%") && jinja::only_calls(text, &["ref", "source", "config"])
}
