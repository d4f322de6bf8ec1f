//! What tells a changed contract or unit test from an unchanged one: a SHA-256 of how Python writes it down, so that manifests of
//! either tool compare.

use serde_yaml::{Mapping, Value};

use super::node::sha256;
use super::shape::each;
use crate::compile::context::from_yaml;
use crate::compile::plan::Node;
use crate::jinja;
use crate::project::{RowFormat, Rows, UnitTest};

/// Returns the checksum of a model's contract, when it is enforced.
pub(super) fn contract(node: &Node) -> Option<String> {
    let enforced = node.config.values.get("contract")?.get("enforced")?;
    if enforced.as_bool() != Some(true) {
        return None;
    }
    let mut columns: Vec<_> = node.columns.iter().collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let mut state = String::new();
    for column in columns {
        let data_type = column.data_type.as_deref().unwrap_or("None");
        let constraints = constraints(&column.options, "ColumnLevelConstraint");
        state.push_str(&format!("|{}{data_type}{constraints}", column.name));
    }
    let materialized = node.config.text("materialized").unwrap_or_default();
    if ["table", "incremental"].contains(&materialized.as_str()) {
        state.push_str(&materialized);
        state.push_str(&constraints(&node.options, "ModelLevelConstraint"));
    }
    Some(sha256(&state))
}

fn constraints(options: &Mapping, class: &str) -> String {
    let given = options.get("constraints").map(each).unwrap_or_default();
    let written: Vec<String> = given
        .into_iter()
        .map(|one| constraint(one, class))
        .collect();
    format!("[{}]", written.join(", "))
}

fn constraint(given: &Value, class: &str) -> String {
    let kind = given
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let or = |key: &str, default: &str| given.get(key).map_or(default.to_owned(), repr);
    let mut keys = vec![
        ("type", format!("<ConstraintType.{kind}: '{kind}'>")),
        ("name", or("name", "None")),
        ("expression", or("expression", "None")),
        ("warn_unenforced", or("warn_unenforced", "True")),
        ("warn_unsupported", or("warn_unsupported", "True")),
        ("to", or("to", "None")),
        ("to_columns", or("to_columns", "[]")),
    ];
    if class.starts_with("Model") {
        keys.push(("columns", or("columns", "[]")));
    }
    instance(class, &keys)
}

/// Returns the checksum of a unit test: of everything but its description.
pub(super) fn unit_test(node: &Node, test: &UnitTest) -> String {
    let versions = node.options.get("versions").map_or("None".into(), |given| {
        let of = |key: &str| given.get(key).map_or("None".into(), repr);
        let keys = [("include", of("include")), ("exclude", of("exclude"))];
        instance("UnitTestNodeVersions", &keys)
    });
    let given: Vec<String> = test
        .given
        .iter()
        .map(|given| {
            let input = repr(&Value::string(given.input.clone()));
            fixture("UnitTestInputFixture", Some(input), &given.rows)
        })
        .collect();
    let expect = fixture("UnitTestOutputFixture", None, &test.expect);
    let parts = [
        ("macros", &test.macros),
        ("vars", &test.vars),
        ("env_vars", &test.env_vars),
    ];
    let overrides = match parts.iter().all(|(_, part)| part.is_empty()) {
        true => "None".to_owned(),
        false => {
            let written = parts.map(|(key, part)| (key, repr(&Value::mapping(part.clone()))));
            instance("UnitTestOverrides", &written)
        }
    };
    let mut state = format!(
        "{}-{versions}-[{}]-{expect}-{overrides}",
        test.model,
        given.join(", ")
    );
    for given in test
        .given
        .iter()
        .filter(|given| given.rows.fixture.is_some())
    {
        state.push_str(&format!("-{}", rows(&given.rows)));
    }
    sha256(&state)
}

fn fixture(class: &str, input: Option<String>, given: &Rows) -> String {
    let format = match given.format {
        RowFormat::Dict => "<UnitTestFormat.Dict: 'dict'>",
        RowFormat::Csv => "<UnitTestFormat.CSV: 'csv'>",
        RowFormat::Sql => "<UnitTestFormat.SQL: 'sql'>",
    };
    let name = given.fixture.clone();
    let name = name.map_or("None".into(), |name| repr(&Value::string(name)));
    let mut keys: Vec<(&str, String)> = input.into_iter().map(|input| ("input", input)).collect();
    keys.extend([
        ("rows", rows(given)),
        ("format", format.to_owned()),
        ("fixture", name),
    ]);
    instance(class, &keys)
}

fn rows(given: &Rows) -> String {
    let json = super::unit_test::rows(given);
    jinja::repr(&jinja::from_json(&json))
}

fn repr(value: &Value) -> String {
    jinja::repr(&from_yaml(value))
}

/// Writes an object of a class down as Python does.
fn instance(class: &str, keys: &[(&str, String)]) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!("{class}({})", keys.join(", "))
}
