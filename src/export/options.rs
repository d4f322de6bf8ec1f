//! Reads a sink's options out of the open keys of an export. Knows no sink.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_yaml::{Mapping, Value};

use super::table::Table;
use crate::diagnostic::{At, Diagnostic, Result, nearest};

/// Reads `options` as a `T`, which denies unknown fields; `whose` names their owner in messages.
///
/// # Errors
/// `Project` with the place `at`; an unknown key is answered with the nearest or all known ones.
pub(super) fn parse<T: DeserializeOwned>(options: &Mapping, whose: &str, at: &At) -> Result<T> {
    serde_yaml::from_value(Value::mapping(options.clone()))
        .map_err(|err| explain(&err.to_string(), whose).at(at).into())
}

/// Turns serde's `unknown field `x`, expected one of `a`, `b`` into a sentence of ours.
fn explain(message: &str, whose: &str) -> Diagnostic {
    let Some((_, rest)) = message.split_once("unknown field `") else {
        return Diagnostic::project(format!("{whose}: {message}"));
    };
    let mut names = rest.split('`').step_by(2);
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    let problem = Diagnostic::project(format!("{whose} does not know the key `{unknown}`"));
    match (nearest(unknown, known.iter().copied()), known.is_empty()) {
        (Some(near), _) => problem.hint(format!("did you mean `{near}`?")),
        (None, false) => problem.hint(format!("the keys are {}", list(known.into_iter()))),
        (None, true) => problem.hint("remove it; there are no options here"),
    }
}

/// Returns names as text for a message: `a`, `b`, `c`, in backticks.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The options of a table for a sink that has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoOptions {}

/// Returns `wanted` as the table spells it.
///
/// # Errors
/// `Project` with the table's place and the nearest column.
pub(super) fn column<'a>(table: &'a Table, wanted: &str) -> Result<&'a str> {
    let names = || table.columns.iter().map(|column| column.name.as_str());
    let found = names().find(|name| name.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| no_column(&table.name, wanted, names()).at(&table.at).into())
}

/// Says that `table` has no column `wanted`.
pub(super) fn no_column<'a>(
    table: &str,
    wanted: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let hint = match nearest(wanted, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its columns are {}", list(known.take(20))),
    };
    Diagnostic::project(format!("`{table}` has no column `{wanted}`")).hint(hint)
}

/// Reads one `T` or a list of them.
pub(super) fn one_or_many<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    source: D,
) -> Result<Vec<T>, D::Error> {
    let items = match Value::deserialize(source)? {
        Value::Sequence(items, _) => items,
        item => vec![item],
    };
    let read = |item| serde_yaml::from_value(item).map_err(|err| D::Error::custom(err.to_string()));
    items.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    #[derive(Default)]
    struct Some2 {
        #[serde(deserialize_with = "one_or_many")]
        names: Vec<String>,
        header: bool,
    }

    fn read(yaml: &str) -> Result<Some2> {
        let options: Mapping = serde_yaml::from_str(yaml).unwrap();
        parse(
            &options,
            "the export `sales`",
            &At::new("models/e.yml", 3, 5),
        )
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_and_the_place() {
        assert_eq!(
            read("haeder: true").unwrap_err().to_string(),
            "the export `sales` does not know the key `haeder`\n  --> models/e.yml:3:5\nhint: did you mean `header`?"
        );
        let err = read("colour: red").unwrap_err().to_string();
        assert!(err.contains("the keys are `names`, `header`"), "{err}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named() {
        let err = read("header: maybe").unwrap_err().to_string();
        assert!(err.contains("header"), "{err}");
    }

    #[test]
    fn one_is_as_good_as_a_list_of_one() {
        assert_eq!(read("names: a").unwrap().names, ["a"]);
        assert_eq!(read("names: [a, b]").unwrap().names, ["a", "b"]);
    }
}
