//! Which Jinja in YAML is rendered when the file is read: what dbt renders then. The rest is rendered when it is used, or never.

use std::path::Path;

use serde_yaml::Value;

use super::yaml::{self, Render};
use crate::diagnostic::Result;

/// Keys that hold tests and texts for readers, or hold SQL: rendered when they are used.
const LATER: &[&str] = &["tests", "data_tests", "description", "loaded_at_query"];

/// Statements in `config:`, rendered when the node runs.
const HOOKS: &[&str] = &[
    "pre_hook",
    "post_hook",
    "pre-hook",
    "post-hook",
    "loaded_at_query",
];

/// Kinds of dbt's.
const KINDS: &[&str] = &[
    "models",
    "seeds",
    "snapshots",
    "sources",
    "macros",
    "analyses",
    "exposures",
    "groups",
    "metrics",
    "semantic_models",
    "saved_queries",
    "functions",
    "unit_tests",
    "tests",
    "data_tests",
];

/// Kinds that dbt does not have.
const OURS: &[&str] = &["feature_views", "ml_models", "exports", "reports"];

/// A step into a value: a key, or into a list.
type Step = Option<String>;

/// Renders a project's file; hooks, `query-comment` and, unless the file is `ours`, variables are left as they are.
///
/// # Errors
/// What `with` answers, with the string's place.
pub(super) fn project(file: &Path, value: &mut Value, with: Render<'_>, ours: bool) -> Result<()> {
    let Value::Mapping(map, _) = value else {
        return Ok(());
    };
    for (key, item) in map.iter_mut() {
        let later = match key.as_str().unwrap_or_default() {
            "on-run-start" | "on-run-end" | "query-comment" | "alerts" => true,
            "vars" => !ours,
            _ => false,
        };
        if !later {
            let is_hook = |path: &[Step]| !path.iter().flatten().any(|key| is_hook(key));
            walk(file, item, with, (&mut Vec::new(), &is_hook))?;
        }
    }
    Ok(())
}

fn is_hook(key: &str) -> bool {
    HOOKS.contains(&key.trim_start_matches(['+', ' ']))
}

/// Renders a file of resources.
///
/// # Errors
/// What `with` answers, with the string's place.
pub(super) fn resources(file: &Path, value: &mut Value, with: Render<'_>) -> Result<()> {
    let Value::Mapping(map, _) = value else {
        return Ok(());
    };
    for (key, entries) in map.iter_mut() {
        let key = key.as_str().unwrap_or_default();
        if OURS.contains(&key) {
            yaml::render(file, entries, with)?;
        }
        if !KINDS.contains(&key) {
            continue;
        }
        let Value::Sequence(entries, _) = entries else {
            continue;
        };
        let now = |path: &[Step]| is_rendered(key, path);
        for entry in entries {
            walk(file, entry, with, (&mut Vec::new(), &now))?;
        }
    }
    Ok(())
}

type Walk<'a> = (&'a mut Vec<Step>, &'a dyn Fn(&[Step]) -> bool);

fn walk(file: &Path, value: &mut Value, with: Render<'_>, (path, now): Walk<'_>) -> Result<()> {
    match value {
        Value::String(text, _) if yaml::holds_jinja(text) => yaml::render(file, value, with),
        // dbt renders every text: of its line ends, the last is lost.
        Value::String(text, _) if text.ends_with('\n') => {
            text.pop();
            Ok(())
        }
        Value::Sequence(items, _) => {
            path.push(None);
            for item in items {
                walk(file, item, with, (path, now))?;
            }
            path.pop();
            Ok(())
        }
        Value::Mapping(map, _) => {
            for (key, item) in map.iter_mut() {
                path.push(Some(key.as_str().unwrap_or_default().to_owned()));
                if now(path) {
                    walk(file, item, with, (path, now))?;
                }
                path.pop();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Returns whether a value of an entry of `kind` is rendered when it is read; the path begins below the entry.
fn is_rendered(kind: &str, path: &[Step]) -> bool {
    let at = |index: usize| path.get(index).and_then(|step| step.as_deref());
    let last = |back: usize| path.len().checked_sub(back).and_then(at);
    let is_filter = || last(1) == Some("filter") || last(2) == Some("filter");
    match (kind, at(0)) {
        ("sources", Some("description" | "loaded_at_query")) => false,
        ("sources", Some("config")) => at(1) != Some("loaded_at_query"),
        ("sources", Some("tables")) => !is_later(path.get(2..).unwrap_or_default()),
        ("sources", _) => true,
        ("macros", Some("arguments")) => !is_later(path.get(1..).unwrap_or_default()),
        ("metrics", _) if is_filter() => false,
        ("saved_queries", Some("query_params")) if at(1) == Some("where") => false,
        (_, Some("metrics")) if is_filter() => false,
        _ => !is_later(path),
    }
}

fn is_later(path: &[Step]) -> bool {
    let at = |index: usize| path.get(index).and_then(|step| step.as_deref());
    let is = |index: usize, keys: &[&str]| at(index).is_some_and(|key| keys.contains(&key));
    const SAID: &[&str] = &["tests", "data_tests", "description"];
    const LISTS: &[&str] = &["columns", "dimensions", "measures", "entities", "metrics"];
    is(0, LATER)
        || path.len() == 2 && is(1, LATER)
        || is(0, &["config"]) && is(1, HOOKS)
        || path.len() == 5 && is(4, &["description"])
        || is(0, &["versions"]) && is(2, SAID)
        || is(0, &["versions"]) && is(2, &["columns"]) && is(4, SAID)
        || is(0, LISTS) && is(2, SAID)
        || is(0, &["derived_semantics"]) && is(3, SAID)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dbt_renders_later_is_left() {
        let text = "
models:
  - name: '{{ x }}'
    description: '{{ x }}'
    columns: [{name: a, description: '{{ x }}', data_tests: ['{{ x }}'], meta: {m: '{{ x }}'}}]
    config: {tags: '{{ x }}', pre_hook: '{{ x }}'}
metrics: [{name: m, filter: '{{ x }}', type_params: {measure: {filter: ['{{ x }}'], name: '{{ x }}'}}}]
sources: [{name: s, schema: '{{ x }}', tables: [{name: '{{ x }}', data_tests: [{t: '{{ x }}'}]}]}]
anchors: '{{ x }}'
";
        let mut value: Value = serde_yaml::from_str(text).unwrap();
        let render = |_: &str| -> Result<Value> { Ok(Value::string("done".into())) };
        resources(Path::new("a.yml"), &mut value, &render).unwrap();
        let written = serde_yaml::to_string(&value).unwrap();
        assert_eq!(written.matches("done").count(), 6, "{written}");
        assert_eq!(written.matches("{{ x }}").count(), 8, "{written}");
    }
}
