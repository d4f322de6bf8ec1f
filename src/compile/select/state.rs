//! `state:`, `result:` and `source_status:`: nodes as they compare with what an earlier command left in its artifacts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::breaking;
use crate::diagnostic::{Diagnostic, Result, Warning, nearest};

/// What an earlier command left; each `None` where the file is not there.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// `manifest.json` of `--state`.
    pub manifest: Option<Value>,
    /// `run_results.json` of `--state`.
    pub results: Option<Value>,
    /// `sources.json` of `--state`.
    pub sources: Option<Value>,
    /// `sources.json` of the target folder.
    pub sources_now: Option<Value>,
}

/// Ways to compare a node with what it was.
const WAYS: &[&str] = &[
    "new",
    "old",
    "modified",
    "unmodified",
    "modified.body",
    "modified.configs",
    "modified.persisted_descriptions",
    "modified.relation",
    "modified.macros",
    "modified.contract",
];

/// The parts of a manifest that hold nodes.
const SECTIONS: &[&str] = &[
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "unit_tests",
    "saved_queries",
    "functions",
];

/// Packages whose macros come with the program: the manifest of another program has its own words for them.
const BUILT_IN: &[&str] = &["dbt", "dbt_duckdb"];

impl Past {
    /// Returns the ids of nodes that compare this way with the manifest of `--state`. `now` is the manifest of the project.
    ///
    /// # Errors
    /// `Project` without such a manifest, and for an unknown way, with the nearest.
    pub(super) fn compared(&self, way: &str, now: &Value) -> Result<BTreeSet<String>> {
        if !WAYS.contains(&way) {
            let err = Diagnostic::project(format!("`state:{way}` compares nothing"));
            return Err(match nearest(way, WAYS.iter().copied()) {
                Some(near) => err.hint(format!("did you mean `state:{near}`?")),
                None => err.hint(format!("ways are: {}", WAYS.join(", "))),
            }
            .into());
        }
        let Some(old) = &self.manifest else {
            return Err(missing(&format!("state:{way}"), "manifest.json"));
        };
        let macros = Macros::new(old, now);
        let nodes = SECTIONS.iter().flat_map(|section| {
            let now = now.get(*section).and_then(Value::as_object);
            now.into_iter()
                .flatten()
                .map(move |(id, node)| (id, node, find(old, section, id)))
        });
        let chosen = nodes.filter(|(_, node, old)| compares(way, node, *old, &macros));
        Ok(chosen.map(|(id, ..)| id.clone()).collect())
    }

    /// Returns what breaks contracts since `--state`, for the ways that compare them.
    ///
    /// # Errors
    /// `Project` where the contract of a model with a version is broken.
    pub(super) fn broken(&self, way: &str, now: &Value) -> Result<Vec<Warning>> {
        match (way, &self.manifest) {
            ("modified" | "unmodified" | "modified.contract", Some(old)) => {
                breaking::contracts(now, old)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Returns the ids of nodes that ended with this status in the run of `--state`.
    ///
    /// # Errors
    /// `Project` without its `run_results.json`.
    pub(super) fn ended(&self, status: &str) -> Result<BTreeSet<String>> {
        let Some(results) = &self.results else {
            return Err(missing(&format!("result:{status}"), "run_results.json"));
        };
        let all = statuses(results);
        let with = all.filter(|(_, ended)| *ended == status);
        Ok(with.map(|(id, _)| id.to_owned()).collect())
    }

    /// Returns the ids of sources whose newest row is newer than in `--state`.
    ///
    /// # Errors
    /// `Project` without both `sources.json`, and for a status other than `fresher`.
    pub(super) fn fresher(&self, status: &str) -> Result<BTreeSet<String>> {
        if status != "fresher" {
            let what = format!("`source_status:{status}` compares nothing");
            return Err(Diagnostic::project(what)
                .hint("did you mean `source_status:fresher`?")
                .into());
        }
        let (Some(then), Some(now)) = (&self.sources, &self.sources_now) else {
            return Err(missing("source_status:fresher", "sources.json")
                .context("both of the target folder and of `--state`"));
        };
        let then = loaded(then);
        let fresher = loaded(now)
            .into_iter()
            .filter(|(id, at)| then.get(id).is_none_or(|before| at > before));
        Ok(fresher.map(|(id, _)| id).collect())
    }
}

/// Returns each node's id and how it ended, of a `run_results.json`.
pub fn statuses(results: &Value) -> impl Iterator<Item = (&str, &str)> {
    let list = results.get("results").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|result| {
        let text = |key: &str| result.get(key)?.as_str();
        Some((text("unique_id")?, text("status")?))
    })
}

fn loaded(sources: &Value) -> BTreeMap<String, String> {
    let list = sources.get("results").and_then(Value::as_array);
    let pairs = list.into_iter().flatten().filter_map(|result| {
        let text = |key: &str| Some(result.get(key)?.as_str()?.to_owned());
        Some((text("unique_id")?, text("max_loaded_at")?))
    });
    pairs.collect()
}

fn missing(selector: &str, file: &str) -> anyhow::Error {
    Diagnostic::project(format!("`{selector}` has no {file} to compare with"))
        .hint("give `--state` the folder that an earlier command left it in")
        .into()
}

fn find<'a>(manifest: &'a Value, section: &str, id: &str) -> Option<&'a Value> {
    manifest.get(section)?.get(id)
}

fn compares(way: &str, now: &Value, old: Option<&Value>, macros: &Macros<'_>) -> bool {
    let changed = |same: fn(&Value, &Value) -> bool| old.is_none_or(|old| !same(now, old));
    match way {
        "new" => old.is_none(),
        "old" => old.is_some(),
        "modified" => is_modified(now, old, macros),
        "unmodified" => !is_modified(now, old, macros),
        "modified.macros" => macros.changed_below(now),
        _ if !has_body(now) && !matches!(way, "modified.configs" | "modified.relation") => false,
        "modified.body" => changed(same_body),
        "modified.configs" => changed(same_config),
        "modified.persisted_descriptions" => changed(same_persisted),
        "modified.relation" => changed(same_relation),
        _ => kind(now) == "model" && changed(same_contract),
    }
}

fn is_modified(now: &Value, old: Option<&Value>, macros: &Macros<'_>) -> bool {
    let changed = match old {
        Some(old) => !same(now, old),
        // What dbt compares for sources, exposures and the semantic layer counts a new one as unchanged.
        None => has_body(now) || kind(now) == "unit_test",
    };
    changed || macros.changed_below(now)
}

/// Compares two descriptions of one node as dbt does for its kind.
fn same(now: &Value, old: &Value) -> bool {
    let equal = |keys: &[&str]| keys.iter().all(|key| field(now, key) == field(old, key));
    match kind(now) {
        "source" => {
            same_relation(now, old)
                && equal(&["fqn", "quoting", "freshness", "loaded_at_field", "external"])
                && same_config(now, old)
        }
        "exposure" => {
            let told = [
                "fqn",
                "type",
                "owner",
                "maturity",
                "url",
                "description",
                "label",
            ];
            equal(&told) && depends(now) == depends(old) && same_config(now, old)
        }
        "metric" => equal(&["type", "description", "label"]) && same_config(now, old),
        "semantic_model" => equal(&[
            "model",
            "description",
            "defaults",
            "entities",
            "dimensions",
            "measures",
            "config",
            "primary_entity",
            "group",
        ]),
        "saved_query" => {
            let told = [
                "query_params",
                "description",
                "label",
                "config",
                "group",
                "tags",
            ];
            equal(&told) && exports(now) == exports(old)
        }
        "unit_test" => equal(&["checksum"]),
        "test" if has(now, "test_metadata") => same_config(now, old) && equal(&["fqn"]),
        "model" => {
            same_parsed(now, old)
                && same_contract(now, old)
                && equal(&["latest_version", "deprecation_date"])
                && access(now) == access(old)
        }
        "function" => same_parsed(now, old) && equal(&["arguments", "returns", "overloads"]),
        _ => same_parsed(now, old),
    }
}

/// Returns the names of a saved query's exports, and what is said of them: where the target puts them makes no difference.
fn exports(query: &Value) -> Vec<[&Value; 4]> {
    let listed = field(query, "exports").as_array();
    let said = |export| {
        let said = field(export, "unrendered_config");
        let [way, schema, alias] = ["export_as", "schema", "alias"].map(|key| field(said, key));
        [field(export, "name"), way, schema, alias]
    };
    listed.into_iter().flatten().map(said).collect()
}

fn same_parsed(now: &Value, old: &Value) -> bool {
    same_body(now, old)
        && same_config(now, old)
        && same_persisted(now, old)
        && field(now, "fqn") == field(old, "fqn")
        && same_relation(now, old)
}

fn same_body(now: &Value, old: &Value) -> bool {
    match kind(now) {
        "seed" => field(now, "checksum") == field(old, "checksum"),
        _ => {
            // Manifests before dbt 1.3 have another name for it.
            let old = old.get("raw_sql").unwrap_or(field(old, "raw_code"));
            field(now, "raw_code") == old
        }
    }
}

/// Keys of a node's configuration that do not make another node of it.
const NOT_COMPARED: &[&str] = &["alias", "schema", "database", "tags", "group"];

/// Keys of a test's configuration that change what it finds.
const OF_TESTS: &[&str] = &[
    "severity",
    "where",
    "limit",
    "fail_calc",
    "warn_if",
    "error_if",
    "store_failures",
    "store_failures_as",
    "sql_header",
];

/// Compares what was configured, before Jinja.
fn same_config(now: &Value, old: &Value) -> bool {
    let (now_config, old_config) = (unrendered(now), unrendered(old));
    let is_test = kind(now) == "test";
    let counts = |key: &&String| match is_test {
        true => OF_TESTS.contains(&key.as_str()),
        false => !NOT_COMPARED.contains(&key.as_str()),
    };
    let mut keys = now_config.keys().chain(old_config.keys()).filter(counts);
    keys.all(|key| now_config.get(key) == old_config.get(key))
}

fn same_relation(now: &Value, old: &Value) -> bool {
    if kind(now) == "source" {
        let keys = ["unrendered_database", "unrendered_schema", "identifier"];
        return keys.iter().all(|key| field(now, key) == field(old, key));
    }
    let (now, old) = (unrendered(now), unrendered(old));
    let mut keys = ["database", "schema", "alias"].into_iter();
    keys.all(|key| now.get(key) == old.get(key))
}

fn same_persisted(now: &Value, old: &Value) -> bool {
    let persists = |what: &str| {
        let docs = now
            .get("config")
            .and_then(|config| config.get("persist_docs"));
        docs.and_then(|docs| docs.get(what))
            .and_then(Value::as_bool)
            == Some(true)
    };
    (!persists("relation") || field(now, "description") == field(old, "description"))
        && (!persists("columns") || described(now) == described(old))
}

fn described(node: &Value) -> BTreeMap<&str, &Value> {
    let columns = node.get("columns").and_then(Value::as_object);
    let pairs = columns.into_iter().flatten();
    pairs
        .map(|(name, column)| (name.as_str(), field(column, "description")))
        .collect()
}

/// Compares what a model promises, where it or its earlier self promises anything.
fn same_contract(now: &Value, old: &Value) -> bool {
    let promise = |node: &Value, key: &str| field(field(node, "contract"), key).clone();
    let is_enforced = |node: &Value| promise(node, "enforced") == Value::Bool(true);
    match (is_enforced(now), is_enforced(old)) {
        (false, false) => true,
        (true, true) => promise(now, "checksum") == promise(old, "checksum"),
        _ => false,
    }
}

pub(super) fn field<'a>(node: &'a Value, key: &str) -> &'a Value {
    node.get(key).unwrap_or(&Value::Null)
}

fn has(node: &Value, key: &str) -> bool {
    !field(node, key).is_null()
}

/// Returns who may read a model; manifests before dbt 1.5 do not say it.
fn access(model: &Value) -> &str {
    field(model, "access").as_str().unwrap_or("protected")
}

fn kind(node: &Value) -> &str {
    field(node, "resource_type").as_str().unwrap_or_default()
}

/// Whether a node has code or data of its own.
fn has_body(node: &Value) -> bool {
    matches!(
        kind(node),
        "model" | "seed" | "snapshot" | "test" | "analysis" | "function" | "operation"
    )
}

fn unrendered(node: &Value) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    node.get("unrendered_config")
        .and_then(Value::as_object)
        .unwrap_or(&EMPTY)
}

fn depends(node: &Value) -> BTreeSet<&str> {
    texts(field(field(node, "depends_on"), "nodes")).collect()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The macros of a project, and which of them are not what they were.
struct Macros<'a> {
    all: Option<&'a Map<String, Value>>,
    changed: BTreeSet<&'a str>,
}

impl<'a> Macros<'a> {
    fn new(old: &'a Value, now: &'a Value) -> Self {
        let of = |manifest: &'a Value| manifest.get("macros").and_then(Value::as_object);
        let (old, all) = (of(old), of(now));
        let package = |id: &str| id.split('.').nth(1).unwrap_or_default().to_owned();
        let is_own = |id: &&String| !BUILT_IN.contains(&package(id).as_str());
        let sql = |macros: Option<&'a Map<String, Value>>, id: &str| {
            Some(field(macros?.get(id)?, "macro_sql"))
        };
        let ids = [old, all].into_iter().flatten().flat_map(Map::keys);
        let changed = ids
            .filter(is_own)
            .filter(|id| sql(old, id) != sql(all, id))
            .map(String::as_str)
            .collect();
        Self { all, changed }
    }

    /// Returns whether a node calls a changed macro, by whatever way.
    fn changed_below(&self, node: &Value) -> bool {
        if self.changed.is_empty() {
            return false;
        }
        let mut seen = BTreeSet::new();
        let mut border: Vec<&str> = texts(field(field(node, "depends_on"), "macros")).collect();
        while let Some(id) = border.pop() {
            if self.changed.contains(id) {
                return true;
            }
            if let Some(called) = self.all.and_then(|all| all.get(id))
                && seen.insert(id.to_owned())
            {
                border.extend(texts(field(field(called, "depends_on"), "macros")));
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(body: &str, helper: &str) -> Value {
        json!({
            "nodes": {
                "model.a.x": {
                    "resource_type": "model", "raw_code": body, "fqn": ["a", "x"],
                    "unrendered_config": {"tags": [body], "materialized": "table"},
                    "depends_on": {"macros": []},
                },
                "model.a.y": {
                    "resource_type": "model", "raw_code": "y",
                    "depends_on": {"macros": ["macro.a.outer"]},
                },
            },
            "macros": {
                "macro.a.outer": {"macro_sql": "o", "depends_on": {"macros": ["macro.a.helper"]}},
                "macro.a.helper": {"macro_sql": helper, "depends_on": {"macros": []}},
                "macro.dbt.other": {"macro_sql": helper, "depends_on": {"macros": []}},
            },
        })
    }

    fn chosen(way: &str, old: Value, now: &Value) -> Vec<String> {
        let past = Past {
            manifest: Some(old),
            ..Past::default()
        };
        past.compared(way, now).unwrap().into_iter().collect()
    }

    #[test]
    fn a_changed_body_or_macro_makes_a_node_modified() {
        let old = manifest("select 1", "h");
        assert!(chosen("modified", old.clone(), &old).is_empty());
        let body = manifest("select 2", "h");
        assert_eq!(chosen("modified", old.clone(), &body), ["model.a.x"]);
        assert_eq!(chosen("modified.body", old.clone(), &body), ["model.a.x"]);
        assert!(chosen("modified.configs", old.clone(), &body).is_empty());
        let called = manifest("select 1", "other");
        assert_eq!(
            chosen("modified.macros", old.clone(), &called),
            ["model.a.y"]
        );
        assert_eq!(chosen("unmodified", old, &called), ["model.a.x"]);
    }

    #[test]
    fn a_manifest_of_an_old_dbt_has_other_names() {
        let mut now = manifest("select 1", "h");
        let old = now.to_string().replace("raw_code", "raw_sql");
        let old: Value = serde_json::from_str(&old).unwrap();
        now["nodes"]["model.a.y"]["access"] = "protected".into();
        assert!(chosen("modified", old, &now).is_empty());
    }

    #[test]
    fn what_was_not_there_is_new() {
        let now = manifest("select 1", "h");
        let mut old = now.clone();
        old["nodes"].as_object_mut().unwrap().remove("model.a.x");
        assert_eq!(chosen("new", old.clone(), &now), ["model.a.x"]);
        assert_eq!(chosen("modified", old.clone(), &now), ["model.a.x"]);
        assert_eq!(chosen("old", old, &now), ["model.a.y"]);
    }

    #[test]
    fn an_unknown_way_is_answered_with_the_nearest() {
        let err = Past::default().compared("modifed", &json!({})).unwrap_err();
        assert!(err.to_string().contains("`state:modified`"), "{err}");
        let err = Past::default().compared("new", &json!({})).unwrap_err();
        assert!(err.to_string().contains("manifest.json"), "{err}");
    }

    #[test]
    fn a_source_is_fresher_when_its_newest_row_is_newer() {
        let at = |time: &str| {
            Some(json!({"results": [{"unique_id": "source.a", "max_loaded_at": time}]}))
        };
        let past = Past {
            sources: at("2024-01-01T00:00:00Z"),
            sources_now: at("2024-01-02T00:00:00Z"),
            ..Past::default()
        };
        assert_eq!(past.fresher("fresher").unwrap().len(), 1);
    }
}
