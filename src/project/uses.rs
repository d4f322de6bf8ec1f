//! Reading `data_tests:` of relations and columns.

use serde_yaml::{Mapping, Value};

use super::shared::TestUse;
use super::yaml::{Doc, Fields};
use crate::diagnostic::{Diagnostic, Result};

/// Configuration of a test that may stand beside its arguments.
const CONFIG: &[&str] = &[
    "severity",
    "tags",
    "enabled",
    "where",
    "limit",
    "warn_if",
    "error_if",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "sql_header",
    "meta",
    "database",
    "schema",
    "alias",
];

/// Reads the tests that a relation or a column declares.
pub(super) fn tests(fields: &Fields<'_>) -> Result<Vec<TestUse>> {
    let mut uses = Vec::new();
    for key in ["data_tests", "tests"] {
        for item in fields.list(key)? {
            uses.push(test_use(item)?);
        }
    }
    Ok(uses)
}

/// Reads `not_null`, `{accepted_values: {values: […]}}`, or `{name: …, test_name: …}`.
fn test_use(item: Doc<'_>) -> Result<TestUse> {
    let at = item.at();
    let bare = |test: String| TestUse {
        test,
        name: None,
        description: String::new(),
        arguments: Mapping::new(),
        n_beside: 0,
        config: Mapping::new(),
        at: at.clone(),
    };
    if let Value::String(name, _) = item.value {
        return Ok(bare(name.clone()));
    }
    let (test, body) = head(item)?;
    if body.value.is_null() {
        return Ok(bare(test));
    }
    let inner = body.fields(&format!("the test `{test}`"))?;
    inner.pass_over(&["test_name"]);
    // What is no argument is none below `arguments:` either, and counts more there.
    let mut below = match inner.get("arguments").map(|doc| doc.value) {
        Some(Value::Mapping(..)) => inner.mapping("arguments")?,
        _ => Mapping::new(),
    };
    let mut config = Mapping::new();
    let own = match below.shift_remove("config") {
        Some(Value::Mapping(own, _)) => own,
        _ => inner.mapping("config")?,
    };
    for key in CONFIG {
        let beside = below.shift_remove(*key);
        let beside = beside.or_else(|| inner.get(key).map(|doc| doc.value.clone()));
        let within = own.get(*key).cloned();
        let said = within.or(beside).filter(|value| !value.is_null());
        if let Some(value) = said {
            config.insert(Value::string((*key).into()), value);
        }
    }
    let others = own.into_iter().filter(|(key, value)| {
        let is_known = key.as_str().is_some_and(|key| CONFIG.contains(&key));
        !is_known && !value.is_null()
    });
    config.extend(others);
    let mut text = |key: &str| -> Result<Option<String>> {
        let below = below.shift_remove(key);
        let below = below.and_then(|value| value.as_str().map(str::to_owned));
        Ok(below.or(inner.text(key)?))
    };
    let name = text("name")?;
    let description = text("description")?.unwrap_or_default();
    let mut arguments = inner.rest();
    let n_beside = arguments.len();
    arguments.extend(below);
    Ok(TestUse {
        name,
        description,
        arguments,
        n_beside,
        config,
        ..bare(test)
    })
}

/// Returns the name of a test and the mapping that holds its arguments.
fn head(item: Doc<'_>) -> Result<(String, Doc<'_>)> {
    let fields = item.fields("a test")?;
    if let Some(test) = fields.text("test_name")? {
        return Ok((test, item));
    }
    let mut entries = item.value.as_mapping().into_iter().flatten();
    let Some((key, value)) = entries.next() else {
        return Err(Diagnostic::project("a test has no name")
            .at(&item.at())
            .into());
    };
    let doc = |value| Doc {
        value,
        file: item.file,
    };
    let name = doc(key).text("the name of a test")?;
    match entries.next() {
        None => Ok((name, doc(value))),
        Some((second, _)) => {
            let second = doc(second).text("a key")?;
            let what = format!("`{second}` stands beside the test `{name}`, not below it");
            Err(Diagnostic::project(what)
                .at(&item.at())
                .hint(format!("indent `{second}` below `{name}:`"))
                .into())
        }
    }
}
