//! What breaks the contract that a model had in an earlier manifest: a change of a versioned model is an error, of another a warning.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::state::field;
use crate::diagnostic::{At, Diagnostic, Result, Warning};

/// What dbt calls the warning.
const EVENT: &str = "UnversionedBreakingChange";

/// Kinds of constraints that `DuckDB` holds a table to.
const ENFORCED: &[&str] = &["check", "not_null", "unique", "primary_key", "foreign_key"];

/// Returns the broken contracts of models without a version, of the manifest `now` against that of `old`.
///
/// # Errors
/// `Project` for the first one of a model with a version.
pub(super) fn contracts(now: &Value, old: &Value) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    let models = field(old, "nodes").as_object().into_iter().flatten();
    for (id, old) in models.filter(|(_, node)| field(node, "resource_type") == "model") {
        let kept = field(now, "nodes").get(id);
        let disabled = field(now, "disabled").get(id);
        let (model, changes) = match (kept, disabled.and_then(|all| all.get(0))) {
            (Some(now), _) => (now, changed(now, old)),
            (None, Some(now)) => (now, removed(now, "disabled")),
            (None, None) => (old, removed(old, "deleted or renamed")),
        };
        if changes.is_empty() {
            continue;
        }
        let name = text(model, "name");
        let what = format!("the contract of `{name}` is broken: {}", changes.join("; "));
        let at = At::new(text(model, "original_file_path"), 0, 0);
        if !field(model, "version").is_null() {
            let hint = "keep the contract, or make another version of the model";
            return Err(Diagnostic::project(what).at(&at).hint(hint).into());
        }
        warnings.push(Warning::new(EVENT, at, what));
    }
    Ok(warnings)
}

/// Says what became of a model that is no more, where it promised something and is not past its `deprecation_date`.
fn removed(model: &Value, fate: &str) -> Vec<String> {
    let date = text(model, "deprecation_date").parse::<Timestamp>();
    let is_past = date.is_ok_and(|date| date < Timestamp::now());
    match is_enforced(model) && !is_past {
        true => vec![format!("the model is {fate}")],
        false => Vec::new(),
    }
}

/// Says in what a model promises less than before.
fn changed(now: &Value, old: &Value) -> Vec<String> {
    let checksum = |node| field(field(node, "contract"), "checksum");
    let is_kept = is_enforced(now) && checksum(now) == checksum(old);
    if !is_enforced(old) || is_kept {
        return Vec::new();
    }
    let mut changes = Vec::new();
    if !is_enforced(now) {
        changes.push("it is no longer enforced".to_owned());
    }
    let columns = columns(old);
    for (name, column) in &columns {
        match field(now, "columns").get(name) {
            None => changes.push(format!("the column `{name}` is gone")),
            Some(now) => changes.extend(retyped(name, now, column)),
        }
    }
    if holds_constraints(old) {
        for (name, column) in &columns {
            if let Some(now) = field(now, "columns").get(name) {
                let lost = lost(now, column);
                changes.extend(lost.map(|what| format!("the column `{name}` has lost {what}")));
            }
        }
        changes.extend(lost(now, old).map(|what| format!("the model has lost {what}")));
        let has_any = constraints(old).next().is_some()
            || columns
                .values()
                .any(|column| constraints(column).next().is_some());
        if has_any && !holds_constraints(now) {
            let kinds = [old, now].map(|node| text(field(node, "config"), "materialized"));
            let [old, now] = kinds;
            changes.push(format!(
                "it was a `{old}` and is a `{now}`, which has no constraints"
            ));
        }
    }
    changes
}

fn columns(model: &Value) -> Map<String, Value> {
    field(model, "columns")
        .as_object()
        .cloned()
        .unwrap_or_default()
}

/// Says that a column has another type, sizes aside.
fn retyped(name: &str, now: &Value, old: &Value) -> Option<String> {
    let bare = |column: &Value| {
        let kind = field(column, "data_type").as_str()?;
        let bare = kind.split('(').next().unwrap_or(kind);
        Some(bare.trim().to_lowercase())
    };
    let [was, is] = [old, now].map(|column| text(column, "data_type"));
    (bare(now) != bare(old)).then(|| format!("the column `{name}` was `{was}` and is `{is}`"))
}

/// Returns the enforced constraints that a model or column had and has no more.
fn lost<'a>(now: &'a Value, old: &'a Value) -> impl Iterator<Item = String> + 'a {
    let is_lost = |one: &&Value| {
        ENFORCED.contains(&text(one, "type")) && constraints(now).all(|kept| kept != *one)
    };
    constraints(old).filter(is_lost).map(|one| {
        let name = field(one, "name").as_str();
        format!("`{}`", name.unwrap_or(text(one, "type")))
    })
}

fn constraints(node: &Value) -> impl Iterator<Item = &Value> {
    field(node, "constraints").as_array().into_iter().flatten()
}

fn holds_constraints(model: &Value) -> bool {
    let materialized = text(field(model, "config"), "materialized");
    matches!(materialized, "table" | "incremental")
}

fn is_enforced(model: &Value) -> bool {
    field(field(model, "contract"), "enforced") == &Value::Bool(true)
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    field(node, key).as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn model(version: Value, kind: &str) -> Value {
        json!({
            "nodes": {"model.a.x": {
                "resource_type": "model", "name": "x", "version": version,
                "original_file_path": "models/x.sql",
                "config": {"materialized": "table"},
                "contract": {"enforced": true, "checksum": kind},
                "columns": {"id": {"data_type": kind, "constraints": [{"type": "not_null"}]}},
                "constraints": [],
            }},
            "disabled": {},
        })
    }

    fn said(now: &Value, old: &Value) -> Vec<String> {
        let warnings = contracts(now, old).unwrap();
        warnings.into_iter().map(|warning| warning.text).collect()
    }

    #[test]
    fn another_size_breaks_nothing_and_another_type_does() {
        let old = model(Value::Null, "varchar(3)");
        assert!(said(&model(Value::Null, "VARCHAR(9)"), &old).is_empty());
        assert_eq!(
            said(&model(Value::Null, "int"), &old),
            ["the contract of `x` is broken: the column `id` was `varchar(3)` and is `int`"]
        );
    }

    #[test]
    fn a_versioned_model_that_is_gone_is_an_error() {
        let none = json!({"nodes": {}, "disabled": {}});
        let err = contracts(&none, &model(json!(1), "int")).unwrap_err();
        assert!(
            err.to_string().contains("the model is deleted or renamed"),
            "{err}"
        );
        let mut past = model(json!(1), "int");
        past["nodes"]["model.a.x"]["deprecation_date"] = json!("2001-01-01T00:00:00Z");
        assert!(said(&none, &past).is_empty());
    }

    #[test]
    fn constraints_that_are_gone_are_named() {
        let old = model(Value::Null, "int");
        let mut now = old.clone();
        let node = &mut now["nodes"]["model.a.x"];
        node["contract"]["checksum"] = json!("other");
        node["columns"]["id"]["constraints"] = json!([]);
        node["config"]["materialized"] = json!("view");
        assert_eq!(
            said(&now, &old),
            [
                "the contract of `x` is broken: the column `id` has lost `not_null`; it was a `table` and is a `view`, which has no constraints"
            ]
        );
    }
}
