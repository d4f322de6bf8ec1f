//! Generic tests: from `data_tests:` in YAML to a query with a name, as dbt names them.

use std::sync::Arc;

use serde_yaml::Value;

use super::context::md5;
use crate::diagnostic::{Diagnostic, nearest};
use crate::jinja::{Library, Macro};
use crate::project::TestUse;
use crate::project::nodes::Reference;

/// The names of a test node.
pub(super) struct Names {
    /// The full name, for the unique id.
    pub(super) full: String,
    /// The name people read and files bear; hashed where the full one is long.
    pub(super) short: String,
}

/// The argument that names the column under test.
pub(super) const COLUMN: &str = "column_name";

/// Returns the column that a test is about: what its arguments say, else the one that it is put on.
pub(super) fn column_of<'a>(test: &'a TestUse, on: Option<&'a str>) -> Option<&'a str> {
    let said = test.arguments.get(COLUMN).and_then(Value::as_str);
    said.filter(|_| on.is_some()).or(on)
}

/// Names a test as dbt does: test, model, arguments; hashed from 64 characters on.
pub(super) fn names(test: &TestUse, on: &Reference, column: Option<&str>) -> Names {
    let (prefix, target) = match on {
        Reference::Source { source, table } => ("source_", format!("{source}_{table}")),
        Reference::Ref {
            name,
            version: Some(version),
            ..
        } => ("", format!("{name}_v{version}")),
        other => ("", other.name().to_owned()),
    };
    let word = match test.test.split_once('.') {
        Some((package, name)) => format!("{package}_{prefix}{name}"),
        None => format!("{prefix}{}", test.test),
    };
    let mut arguments: Vec<(String, Vec<String>)> = test
        .arguments
        .iter()
        .filter(|(key, _)| column.is_none() || key.as_str() != Some(COLUMN))
        .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), flat(value))))
        .collect();
    if let Some(column) = column {
        arguments.push(("column_name".into(), vec![column.to_owned()]));
    }
    arguments.sort();
    let parts: Vec<String> = arguments
        .iter()
        .flat_map(|(_, parts)| parts)
        .map(|part| clean(part))
        .collect();
    let head = format!("{word}_{target}");
    let full = match &test.name {
        Some(name) => name.clone(),
        None => format!("{head}_{}", parts.join("__")),
    };
    let short = match full.chars().count() >= 64 && test.name.is_none() {
        true => format!(
            "{}_{}",
            head.chars().take(30).collect::<String>(),
            md5(&full)
        ),
        false => full.clone(),
    };
    Names { full, short }
}

fn flat(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items, _) => items.iter().map(python).collect(),
        Value::Mapping(map, _) => map.iter().map(|(_, item)| python(item)).collect(),
        value => vec![python(value)],
    }
}

/// Writes a value as Python's `str` does.
fn python(value: &Value) -> String {
    match value {
        Value::String(text, _) => text.clone(),
        value => repr(value),
    }
}

/// Writes a value as Python's `repr` does.
fn repr(value: &Value) -> String {
    match value {
        Value::Null(_) => "None".into(),
        Value::Bool(true, _) => "True".into(),
        Value::Bool(false, _) => "False".into(),
        Value::String(text, _) => quote(text),
        Value::Sequence(items, _) => {
            let items: Vec<String> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(map, _) => {
            let pair = |(key, value)| format!("{}: {}", repr(key), repr(value));
            format!(
                "{{{}}}",
                map.iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
        value => value.as_scalar_string().unwrap_or_default().into_owned(),
    }
}

/// Quotes a text as Python's `repr` does.
fn quote(text: &str) -> String {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c == quote => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push(quote);
    quoted
}

/// Writes all scalars of a value as texts and sorts the keys of its mappings, as dbt does before it hashes.
fn hashable(value: &Value) -> String {
    match value {
        Value::Sequence(items, _) => {
            let items: Vec<String> = items.iter().map(hashable).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(map, _) => {
            let mut pairs: Vec<(String, String)> = map
                .iter()
                .map(|(key, value)| (python(key), hashable(value)))
                .collect();
            pairs.sort();
            sorted_repr(&pairs)
        }
        value => quote(&python(value)),
    }
}

fn sorted_repr(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}: {value}", quote(key)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

/// Returns the end of a test's unique id: ten digits of the MD5 of its name and its arguments, as dbt counts them.
pub(super) fn hash(test: &TestUse, full: &str, (on, column): (&Reference, Option<&str>)) -> String {
    let model = match on {
        Reference::Ref {
            name,
            version: Some(version),
            ..
        } => format!("ref('{name}', version='{version}')"),
        on => on.to_string(),
    };
    let mut arguments: Vec<(String, String)> = test
        .arguments
        .iter()
        .map(|(key, value)| (python(key), hashable(value)))
        .collect();
    if let Some(column) = column {
        arguments.retain(|(key, _)| key != "column_name");
        arguments.push(("column_name".to_owned(), quote(column)));
    }
    let model = format!("{{{{ get_where_subquery({model}) }}}}");
    arguments.push(("model".into(), quote(&model)));
    arguments.sort();
    let (namespace, name) = match test.test.split_once('.') {
        Some((package, name)) => (package, name),
        None => ("None", test.test.as_str()),
    };
    let metadata = [
        ("kwargs".to_owned(), sorted_repr(&arguments)),
        ("name".to_owned(), quote(name)),
        ("namespace".to_owned(), quote(namespace)),
    ];
    let digits = md5(&format!("{full}{}", sorted_repr(&metadata)));
    digits[digits.len() - 10..].to_owned()
}

/// Replaces each run of characters outside `[0-9a-zA-Z_]` by one `_`.
fn clean(text: &str) -> String {
    let mut cleaned = String::new();
    let mut gap = false;
    for c in text.chars() {
        let word = c.is_ascii_alphanumeric() || c == '_';
        if word {
            cleaned.push(c);
        } else if !gap {
            cleaned.push('_');
        }
        gap = !word;
    }
    cleaned
}

/// Writes the template that calls the test's macro: `{{ test_not_null(model=…, column_name=…) }}`.
pub(super) fn call(test: &TestUse, on: &Reference, column: Option<&str>) -> String {
    let (package, name) = match test.test.split_once('.') {
        Some((package, name)) => (format!("{package}."), name),
        None => (String::new(), test.test.as_str()),
    };
    let mut arguments = vec![format!("model=get_where_subquery({on})")];
    if let Some(column) = column {
        arguments.push(format!("column_name={}", text_literal(column)));
    }
    for (key, value) in &test.arguments {
        if let Some(key) = key
            .as_str()
            .filter(|key| column.is_none() || *key != COLUMN)
        {
            arguments.push(format!("{key}={}", expression(value)));
        }
    }
    format!("{{{{ {package}test_{name}({}) }}}}", arguments.join(", "))
}

/// Finds the macro of a test as a package's templates see it.
pub(super) fn found(library: &Library, package: &str, test: &TestUse) -> Option<Arc<Macro>> {
    match test.test.split_once('.') {
        Some((of, name)) => library.find_in(of, &format!("test_{name}")),
        None => library.find(package, &format!("test_{}", test.test)),
    }
}

/// Says what is wrong where neither the package, nor the project, nor `wh` defines the test.
pub(super) fn unknown(library: &Library, package: &str, test: &TestUse) -> Option<Diagnostic> {
    if found(library, package, test).is_some() {
        return None;
    }
    let known = library.macros().map(|found| found.name.as_str());
    let known = known.filter_map(|name| name.strip_prefix("test_"));
    let hint = nearest(&test.test, known).map_or_else(
        || "define it in a macro file".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let what = format!("there is no test `{}`", test.test);
    Some(Diagnostic::project(what).at(&test.at).hint(hint))
}

/// Writes a YAML value as a Jinja expression; a text that is a call of `ref`, `source`, `var`, … stays one.
fn expression(value: &Value) -> String {
    match value {
        Value::Null(_) => "none".into(),
        Value::Bool(flag, _) => flag.to_string(),
        Value::Number(number, _) => number.to_string(),
        Value::Sequence(items, _) => {
            let items: Vec<String> = items.iter().map(expression).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(map, _) => {
            // dbt renders values only.
            let name = |key: &Value| match key {
                Value::String(..) => text_literal(&key.as_scalar_string().unwrap_or_default()),
                key => expression(key),
            };
            let pair = |(key, value)| format!("{}: {}", name(key), expression(value));
            format!(
                "{{{}}}",
                map.iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
        value => {
            let text = value.as_scalar_string().unwrap_or_default();
            match (is_call(&text), whole_expression(&text)) {
                (true, _) => text.into_owned(),
                (false, Some(inner)) => format!("({inner})"),
                (false, None) if crate::jinja::is_template(&text) => {
                    format!("render({})", text_literal(&text))
                }
                (false, None) => text_literal(&text),
            }
        }
    }
}

fn is_call(text: &str) -> bool {
    let Some((function, _)) = text.trim().split_once('(') else {
        return false;
    };
    ["ref", "source", "var", "env_var", "doc"].contains(&function.trim())
        && text.trim().ends_with(')')
}

/// Returns what stands inside `{{ … }}` when that is the whole text.
fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{")).then_some(inner.trim())
}

fn text_literal(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n")
        .replace('\t', "\\t");
    format!("'{escaped}'")
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::diagnostic::At;
    use serde_yaml::Mapping;

    fn put(test: &str, arguments: &str) -> TestUse {
        let value: Value = serde_yaml::from_str(arguments).unwrap();
        TestUse {
            test: test.into(),
            name: None,
            description: String::new(),
            arguments: value.as_mapping().cloned().unwrap_or_default(),
            n_beside: 0,
            config: Mapping::new(),
            at: At::default(),
        }
    }

    fn orders() -> Reference {
        Reference::Ref {
            package: None,
            name: "orders".into(),
            version: None,
        }
    }

    #[test]
    fn names_are_dbts() {
        let short = |test: &TestUse, column| names(test, &orders(), column).short;
        assert_eq!(
            short(&put("not_null", "{}"), Some("id")),
            "not_null_orders_id"
        );
        let values = put("accepted_values", "{values: [placed, shipped]}");
        assert_eq!(
            short(&values, Some("status")),
            "accepted_values_orders_status__placed__shipped"
        );
        let relation = put("relationships", "{to: ref('customers'), field: id}");
        assert_eq!(
            short(&relation, Some("customer_id")),
            "relationships_orders_customer_id__id__ref_customers_"
        );
        let long = put(
            "accepted_values",
            "{values: [placed, shipped, completed, return_pending, returned]}",
        );
        assert_eq!(
            short(&long, Some("status")),
            "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758",
        );
    }

    #[test]
    fn arguments_become_a_call() {
        let test = put("relationships", "{to: ref('customers'), field: id}");
        assert_eq!(
            call(&test, &orders(), Some("customer_id")),
            "{{ test_relationships(model=get_where_subquery(ref('orders')), column_name='customer_id', \
             to=ref('customers'), field='id') }}"
        );
    }
}
