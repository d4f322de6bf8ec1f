//! What a command left behind, described as `tests/dbt/record` describes it, and how two descriptions differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use wh::engine::{DuckDb, Engine, Session, Settings};

use crate::scratch::Scratch;

/// By section, the places that differ.
pub(super) type Differences = BTreeMap<String, Vec<String>>;

/// The schema in which `wh` keeps its own records.
const OWN: &str = r#"."wh"."#;

/// At most as many differences of one value are told.
const MANY: usize = 12;

/// Adds the places where `found` is not what is `expected`; `*` stands for anything.
pub(super) fn compare(expected: &Value, found: &Value, place: &str, texts: &mut Vec<String>) {
    if texts.len() > MANY || expected == found || expected == "*" {
        return;
    }
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                let found = found.get(key).unwrap_or(&Value::Null);
                compare(value, found, &format!("{place} › {key}"), texts);
            }
            for (key, value) in found.iter().filter(|(key, _)| !expected.contains_key(*key)) {
                compare(&Value::Null, value, &format!("{place} › {key}"), texts);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(expected, found, &format!("{place} › {at}"), texts);
            }
        }
        _ => texts.push(format!(
            "{place}: {} instead of {}",
            short(found),
            short(expected)
        )),
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".into(),
        _ => value.to_string(),
    };
    match text.char_indices().nth(400) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// Returns where the artifact of a section is.
pub(super) fn artifact(section: &str) -> Option<&'static str> {
    match section {
        "statuses" => Some("target/run_results.json"),
        "freshness" => Some("target/sources.json"),
        "catalog" => Some("target/catalog.json"),
        _ => None,
    }
}

/// Returns how fresh each source of `sources.json` is, and what is asked of it.
pub(super) fn freshness(file: &Path) -> Value {
    let Some(results) = json_of(file) else {
        return Value::Null;
    };
    let results = results["results"].as_array().unwrap().iter();
    let entry = |result: &Value| {
        let entry = json!({"status": result["status"], "criteria": pruned(&result["criteria"])});
        (result["unique_id"].as_str().unwrap().to_owned(), entry)
    };
    Value::Object(results.map(entry).collect())
}

/// Returns the relations of `catalog.json` and their columns' types.
pub(super) fn catalog(file: &Path) -> Value {
    let Some(catalog) = json_of(file) else {
        return Value::Null;
    };
    let mut kept = Map::new();
    for group in ["nodes", "sources"] {
        for (name, node) in catalog[group].as_object().into_iter().flatten() {
            let about = &node["metadata"];
            let columns = node["columns"].as_object().into_iter().flatten();
            let types = columns.map(|(_, column)| {
                (
                    column["name"].as_str().unwrap().to_owned(),
                    column["type"].clone(),
                )
            });
            let types: Map<String, Value> = types.collect();
            let [kind, schema, relation, comment] =
                ["type", "schema", "name", "comment"].map(|field| &about[field]);
            let entry = json!({"type": kind, "schema": schema, "name": relation, "comment": comment, "columns": types});
            kept.insert(name.clone(), entry);
        }
    }
    Value::Object(kept)
}

/// Returns the status of each node of `run_results.json`, by its id.
pub(super) fn statuses(file: &Path) -> Value {
    let Some(results) = json_of(file) else {
        return Value::Null;
    };
    let mut kept = Map::new();
    for result in results["results"].as_array().unwrap() {
        let mut entry = json!({"status": result["status"], "failures": result["failures"]});
        if result["status"] == "fail" || result["status"] == "warn" {
            entry["message"] = squeezed(result["message"].as_str().unwrap_or_default()).into();
        }
        kept.insert(result["unique_id"].as_str().unwrap().into(), entry);
    }
    Value::Object(kept)
}

/// Returns what was printed: `lines` in any order, `json` whole or by line, or `text`.
pub(super) fn said(text: &str, how: &str) -> Value {
    let lines = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    let mut lines: Vec<&str> = lines.collect();
    match how {
        "lines" => lines.sort_unstable(),
        "json" => {
            let read = |text: &str| serde_json::from_str::<Value>(text);
            let each = || {
                lines
                    .iter()
                    .map(|line| read(line))
                    .collect::<Result<Vec<_>, _>>()
            };
            return read(text)
                .or_else(|_| each().map(Value::Array))
                .unwrap_or_else(|_| text.into());
        }
        _ => {}
    }
    lines.into()
}

/// Returns the text of files modulo white space, by path; of `semantic_manifest.json` its values.
pub(super) fn files(project: &Scratch, patterns: &[String]) -> Value {
    let root = project.path("");
    let mut found = Map::new();
    for pattern in patterns {
        for path in glob::glob(project.path(pattern).to_str().unwrap()).unwrap() {
            let path = path.unwrap();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
                let text = String::from_utf8(fs::read(&path).unwrap());
                let value = match text {
                    Ok(text) if path.ends_with("semantic_manifest.json") => {
                        ordered(serde_json::from_str(&text).unwrap())
                    }
                    Ok(text) => squeezed(&text).into(),
                    Err(_) => "(binary)".into(),
                };
                found.insert(name.into(), value);
            }
        }
    }
    Value::Object(found)
}

/// Puts lists of what has names in the order of the names.
fn ordered(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, item)| (key, ordered(item)))
            .collect(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(ordered).collect();
            items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
            items.into()
        }
        value => value,
    }
}

/// Returns the fields of `manifest.json` that are compared.
pub(super) fn manifest(file: &Path, expected: &Value) -> Value {
    let Some(manifest) = json_of(file) else {
        return Value::Null;
    };
    let fields = include_str!("../../dbt/manifest_fields.txt");
    let (groups, fields) = fields.split_once("\n\n").unwrap();
    let mut nodes = Map::new();
    for group in groups.split_whitespace() {
        for (name, node) in manifest[group].as_object().into_iter().flatten() {
            let fields = fields.split_whitespace();
            let kept =
                fields.filter_map(|field| Some((field.to_owned(), node_field(node, field)?)));
            nodes.insert(name.clone(), Value::Object(kept.collect()));
        }
    }
    let mut disabled: Vec<&String> = manifest["disabled"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    disabled.sort();
    let mut found = json!({"nodes": nodes, "disabled": disabled});
    star(expected, &mut found);
    found
}

/// Puts `*` into what was found wherever it is expected, so that what stands beside it is compared.
fn star(expected: &Value, found: &mut Value) {
    match (expected, found) {
        (Value::String(text), found) if text == "*" => *found = "*".into(),
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in found {
                star(expected.get(key).unwrap_or(&Value::Null), value);
            }
        }
        _ => {}
    }
}

fn node_field(node: &Value, field: &str) -> Option<Value> {
    let value = match (field, node.get(field)?) {
        // What `dbt` is to a program is the adapter's own text.
        ("compiled_code", _) if node["language"] == "python" => return None,
        ("compiled_code", Value::String(text)) => squeezed(text).into(),
        ("depends_on", value) => {
            let mut nodes: Vec<&str> = value["nodes"]
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect();
            nodes.sort_unstable();
            nodes.into()
        }
        // A set of dbt's, in the order of the day.
        ("sources", Value::Array(read)) => {
            let mut read = read.clone();
            read.sort_by_key(Value::to_string);
            read.into()
        }
        (_, value) => pruned(value),
    };
    (!is_empty(&value)).then_some(value)
}

/// Leaves out what is not set, however it is written.
fn pruned(value: &Value) -> Value {
    match value {
        Value::Object(inner) => {
            let inner = inner.iter().map(|(key, item)| (key.clone(), pruned(item)));
            Value::Object(inner.filter(|(_, item)| !is_empty(item)).collect())
        }
        Value::Array(inner) => inner.iter().map(pruned).collect(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(inner) => inner.is_empty(),
        Value::Object(inner) => inner.is_empty(),
        _ => false,
    }
}

/// Returns every relation of the databases; what is volatile as expected is `*`, long tables are a checksum if expected so.
pub(super) fn relations(project: &Scratch, databases: &[String], expected: &Value) -> Value {
    let mut found = Map::new();
    for database in databases {
        let path = project.path(database);
        if !path.exists() {
            continue;
        }
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut session = connect(&path, &project.path(""));
        let sql = include_str!("../../dbt/relations.sql");
        for row in texts(session.as_mut(), sql).unwrap() {
            let name = format!("{stem}.{}", row[0].as_ref().unwrap());
            if name.contains(OWN) {
                continue;
            }
            let entry = describe(session.as_mut(), &row, &expected[&name]);
            found.insert(name, entry);
        }
    }
    Value::Object(found)
}

fn connect(path: &Path, root: &Path) -> Box<dyn Session> {
    let settings = Settings {
        path: path.to_owned(),
        read_only: true,
        ..Settings::default()
    };
    let mut session = DuckDb::open(&settings).unwrap().connect().unwrap();
    let set = format!(
        "set TimeZone = 'UTC'; set file_search_path = '{}'",
        root.display()
    );
    session.execute(&set).unwrap();
    session
}

/// Returns the rows of a query whose columns are all text.
fn texts(session: &mut dyn Session, sql: &str) -> anyhow::Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    session.query(sql, &[], &mut |batch| {
        let cell = |column: &ArrayRef, row| {
            let text = || column.as_string::<i32>().value(row).to_owned();
            column.is_valid(row).then(text)
        };
        for row in 0..batch.num_rows() {
            rows.push(
                batch
                    .columns()
                    .iter()
                    .map(|column| cell(column, row))
                    .collect(),
            );
        }
        Ok(())
    })?;
    Ok(rows)
}

fn describe(session: &mut dyn Session, row: &[Option<String>], expected: &Value) -> Value {
    let list = |text: &Option<String>| match text {
        Some(text) => serde_json::from_str(text).unwrap(),
        None => json!([]),
    };
    let [Some(name), kind, comment, columns, constraints] = row else {
        panic!("relations.sql returns five columns");
    };
    let columns: Value = list(columns);
    let mut entry = json!({"kind": kind, "comment": comment, "columns": columns, "constraints": list(constraints)});
    if matches!(kind.as_deref(), Some("table" | "view")) {
        entry["rows"] = rows(session, name, &columns, expected);
        if entry["rows"].is_array() && !expected["volatile"].is_null() {
            entry["volatile"] = expected["volatile"].clone();
        }
    }
    let Value::Object(mut entry) = entry else {
        return entry;
    };
    entry.retain(|_, value| !value.is_null() && *value != json!([]));
    Value::Object(entry)
}

fn rows(session: &mut dyn Session, name: &str, columns: &Value, expected: &Value) -> Value {
    let sql = format!("select cast(columns(*) as varchar) from {name}");
    let Ok(found) = texts(session, &sql) else {
        return "unreadable".into();
    };
    let is_volatile = |at: usize| {
        let volatile = expected["volatile"].as_array();
        volatile.is_some_and(|volatile| volatile.contains(&columns[at][0]))
    };
    let cell = |(at, cell): (usize, Option<String>)| match cell {
        None => "NULL".to_owned(),
        Some(_) if is_volatile(at) => "*".to_owned(),
        Some(text) => text,
    };
    let found = found
        .into_iter()
        .map(|row| row.into_iter().enumerate().map(cell).collect());
    let mut found: Vec<Vec<String>> = found.collect();
    found.sort_unstable();
    match &expected["rows"] {
        Value::Object(_) => {
            let text: Vec<String> = found.iter().map(|row| row.join("|")).collect();
            let digest = Md5::digest(text.join("\n"));
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"count": found.len(), "md5": digest})
        }
        _ => json!(found),
    }
}

fn json_of(file: &Path) -> Option<Value> {
    let text = fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
