//! The records of a page, as they stand there. Types are learned when they are loaded.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value, from_slice, from_str};
use serde_json_path::JsonPath;

use crate::diagnostic::{Diagnostic, Result, nearest};

type Object<'p> = BTreeMap<Cow<'p, str>, &'p RawValue>;

/// Where the records of a page are.
#[derive(Debug, Clone)]
pub(super) enum Path {
    /// Keys from the page's top; values keep every digit.
    Keys(Vec<String>),
    /// Any other JSONPath; numbers pass through floating point.
    Query(String, JsonPath),
}

impl Path {
    /// Reads `$`, `$.data.items` or any other JSONPath.
    ///
    /// # Errors
    /// `Project` when it is none.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let query = super::paginate::path("records", text)?;
        let is_name =
            |key: &str| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
        let keys: Vec<_> = text.trim().split('.').skip(1).collect();
        let simple =
            text.trim().split('.').next() == Some("$") && keys.iter().all(|key| is_name(key));
        Ok(match simple {
            true => Self::Keys(keys.into_iter().map(str::to_owned).collect()),
            false => Self::Query(text.into(), query),
        })
    }
}

/// Returns the records of a page, each on one line; `url` names it in errors.
///
/// # Errors
/// `Data` when the page is no JSON, or has no list there.
pub(super) fn records(bytes: &[u8], path: &Path, url: &str) -> Result<Vec<String>> {
    let not_json = |err: serde_json::Error| {
        Diagnostic::data(format!("`{url}` answers with what is no JSON"))
            .because(err)
            .hint("check `url:`: is it the address of the service itself, not of its page for people?")
    };
    match path {
        Path::Keys(keys) => {
            let mut here: &RawValue = from_slice(bytes).map_err(not_json)?;
            let mut so_far = String::from("$");
            for key in keys {
                let object: Object<'_> = from_str(here.get()).unwrap_or_default();
                here = match object.get(key.as_str()) {
                    Some(value) => value,
                    None => return Err(missing(url, (&so_far, key), &object)),
                };
                so_far = format!("{so_far}.{key}");
            }
            let list: Vec<&RawValue> =
                from_str(here.get()).map_err(|_| no_list(url, &so_far, here))?;
            Ok(list
                .into_iter()
                .map(|record| in_one_line(record.get()))
                .collect())
        }
        Path::Query(text, query) => {
            let page: Value = from_slice(bytes).map_err(not_json)?;
            let found = query.query(&page).all();
            if found.is_empty() && page_has_no_list(&page) {
                return Err(Diagnostic::data(format!("`{url}` has nothing at `{text}`"))
                    .hint(hint_of_keys(&page))
                    .into());
            }
            Ok(found.into_iter().map(Value::to_string).collect())
        }
    }
}

/// Line ends stand only between the tokens of JSON, where a space is as good.
fn in_one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}

fn missing(url: &str, (so_far, key): (&str, &str), object: &Object<'_>) -> anyhow::Error {
    let keys = || object.keys().map(AsRef::as_ref);
    let hint = match nearest(key, keys()) {
        Some(near) => format!("did you mean `{so_far}.{near}`?"),
        None if object.is_empty() => format!("`{so_far}` is no object"),
        None => format!(
            "`{so_far}` has the keys {}",
            keys().collect::<Vec<_>>().join(", ")
        ),
    };
    Diagnostic::data(format!("`{url}` has no `{so_far}.{key}`"))
        .hint(hint)
        .into()
}

fn no_list(url: &str, so_far: &str, here: &RawValue) -> anyhow::Error {
    let object: Object<'_> = from_str(here.get()).unwrap_or_default();
    let is_list = |value: &&RawValue| value.get().starts_with('[');
    let list = object.iter().find(|(_, value)| is_list(value));
    let hint = match list {
        Some((key, _)) => format!("set `records: {so_far}.{key}`"),
        None => "set `records:` to the path of the list, such as `$.data`".into(),
    };
    Diagnostic::data(format!("`{url}` has no list at `{so_far}`"))
        .hint(hint)
        .into()
}

fn page_has_no_list(page: &Value) -> bool {
    !page.is_array()
}

fn hint_of_keys(page: &Value) -> String {
    let keys: Vec<_> = page
        .as_object()
        .map(|object| object.keys().cloned().collect())
        .unwrap_or_default();
    format!("its keys are {}", keys.join(", "))
}

/// Returns the text or number of a field, given by its keys, such as `updated_at` or `meta.changed`.
pub(super) fn field(record: &str, keys: &str) -> Option<String> {
    let mut here = record;
    for key in keys.trim_start_matches("$.").split('.') {
        let object: Object<'_> = from_str(here).ok()?;
        here = object.get(key)?.get();
    }
    match from_str(here).ok()? {
        Value::String(text) => Some(text),
        Value::Number(_) => Some(here.trim().to_owned()),
        _ => None,
    }
}

/// Compares two values of a cursor: as instants, else as numbers, else as text.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    if let (Ok(a), Ok(b)) = (a.parse::<jiff::Timestamp>(), b.parse::<jiff::Timestamp>()) {
        return a.cmp(&b);
    }
    if let (Ok(a), Ok(b)) = (a.parse::<i128>(), b.parse::<i128>()) {
        return a.cmp(&b);
    }
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str, path: &str) -> Result<Vec<String>> {
        records(page.as_bytes(), &Path::parse(path).unwrap(), "http://h/t")
    }

    #[test]
    fn records_keep_every_digit_and_stand_on_one_line() {
        let page =
            "{\"data\": [{\"id\": 12345678901234567890.10,\n \"a\": \"x\\n\"}, {\"id\": 2}]}";
        let expected = [
            "{\"id\": 12345678901234567890.10,  \"a\": \"x\\n\"}",
            "{\"id\": 2}",
        ];
        assert_eq!(found(page, "$.data").unwrap(), expected);
        assert_eq!(found("[1]", "$").unwrap(), ["1"]);
        assert_eq!(
            found(r#"{"a":[{"b":{"c":1}}]}"#, "$.a[*].b").unwrap(),
            ["{\"c\":1}"]
        );
    }

    #[test]
    fn a_page_without_records_is_answered_with_the_nearest_key() {
        let said = |page: &str, path: &str| found(page, path).unwrap_err().to_string();
        let text = said(r#"{"data": [], "meta": 1}"#, "$.dta");
        assert!(
            text.contains("`http://h/t` has no `$.dta`") && text.contains("`$.data`"),
            "{text}"
        );
        let text = said(r#"{"items": [1]}"#, "$");
        assert!(text.contains("set `records: $.items`"), "{text}");
        assert!(said("<html>", "$").contains("no JSON"));
    }

    #[test]
    fn cursors_are_compared_as_instants_numbers_or_text() {
        assert_eq!(
            compare("2026-01-01T10:00:00+02:00", "2026-01-01T09:00:00Z"),
            Ordering::Less
        );
        assert_eq!(compare("9", "10"), Ordering::Less);
        assert_eq!(compare("b", "a"), Ordering::Greater);
        assert_eq!(
            field(r#"{"meta": {"changed": "x"}}"#, "meta.changed").unwrap(),
            "x"
        );
        assert_eq!(field(r#"{"n": 10}"#, "n").unwrap(), "10");
        assert_eq!(field(r#"{"n": null}"#, "n"), None);
    }
}
