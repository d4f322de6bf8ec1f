//! What a test looks for in one column, as far as several tests can look for it at once.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::compile::{Config, Generic, Index};
use crate::engine::render;

/// What a test looks for.
#[derive(Debug)]
pub(super) struct Check {
    column: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Rows without a value.
    Null,
    /// Values that stand more than once.
    Twice,
    /// Values other than these, written in SQL.
    Other(Vec<String>),
}

/// Configuration that changes what a test asks or keeps, with the value that changes nothing.
const PLAIN: &[(&str, &str)] = &[
    ("error_if", "!= 0"),
    ("fail_calc", "count(*)"),
    ("limit", ""),
    ("materialized", "test"),
    ("sql_header", ""),
    ("store_failures", "false"),
    ("store_failures_as", "ephemeral"),
    ("warn_if", "!= 0"),
    ("where", ""),
];

/// What the look's own columns begin with.
const OWN: &str = "wh_";

impl Check {
    /// Returns what a generic test looks for; `None` where it may be anything but what dbt's own looks for.
    pub(super) fn of(generic: &Generic, config: &Config) -> Option<Self> {
        let column = generic.column.clone().filter(|column| is_name(column))?;
        let is_plain = |(key, plain): &(&str, &str)| {
            config
                .text(key)
                .is_none_or(|value| value.to_lowercase() == *plain)
        };
        if !PLAIN.iter().all(is_plain) {
            return None;
        }
        let kind = match (generic.test.test.as_str(), generic.test.arguments.len()) {
            ("not_null", 0) => Kind::Null,
            ("unique", 0) => Kind::Twice,
            ("accepted_values", 1) => Kind::Other(listed(generic.test.arguments.get("values")?)?),
            _ => return None,
        };
        Some(Self { column, kind })
    }

    /// Returns the column whose values are to be counted.
    pub(super) fn key(&self) -> Option<&str> {
        matches!(self.kind, Kind::Twice).then_some(self.column.as_str())
    }

    /// Returns whether a test's query on `relation` looks for this and nothing else.
    pub(super) fn is_asked_by(&self, sql: &str, relation: &str) -> bool {
        let column = &self.column;
        let values = match &self.kind {
            Kind::Other(values) => values.clone(),
            _ => Vec::new(),
        };
        let text = match self.kind {
            Kind::Null => include_str!("not_null.sql"),
            Kind::Twice => include_str!("unique.sql"),
            Kind::Other(_) => include_str!("accepted_values.sql"),
        };
        ["*", column].iter().any(|selected| {
            let names = context! {relation, column, selected => *selected, values => &values};
            let expected = render(text, names);
            expected.is_ok_and(|expected| is_same(sql, &expected))
        })
    }

    /// Returns what the look's statement is filled in with, values being counted by `key`.
    pub(super) fn parts(&self, key: Option<&str>) -> Value {
        let is_key = key == Some(self.column.as_str());
        let (kind, values) = match &self.kind {
            Kind::Null => ("null", Vec::new()),
            Kind::Twice => ("twice", Vec::new()),
            Kind::Other(values) => ("other", values.clone()),
        };
        context! {kind, values, column => &self.column, is_key}
    }
}

/// Leaves of the checks that count a column's values only the first.
pub(super) fn keep_one_key(checks: &mut BTreeMap<Index, Check>) {
    let keys = checks.iter().filter(|(_, check)| check.key().is_some());
    let further: Vec<Index> = keys.skip(1).map(|(index, _)| *index).collect();
    for index in further {
        checks.remove(&index);
    }
}

/// Returns whether two statements differ in nothing but space and a comment on the first line of the second.
pub(super) fn is_same(sql: &str, expected: &str) -> bool {
    let expected = match expected.split_once('\n') {
        Some((first, rest)) if first.starts_with("--") => rest,
        _ => expected,
    };
    sql.split_whitespace().eq(expected.split_whitespace())
}

/// Returns whether a column is given by its name, which is none of the look's own.
fn is_name(column: &str) -> bool {
    let quoted = column
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(name) = quoted {
        let is_odd = |c: char| c == '"' || c.is_whitespace();
        return !name.is_empty() && !name.contains(is_odd) && !name.to_lowercase().starts_with(OWN);
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    column.chars().all(is_word)
        && column.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !column.to_lowercase().starts_with(OWN)
}

/// Writes accepted values as dbt's test does; `None` for those that are more than a word or a whole number.
fn listed(values: &serde_yaml::Value) -> Option<Vec<String>> {
    let plain = |value: &serde_yaml::Value| {
        let text = match value {
            serde_yaml::Value::String(text, _) => text.clone(),
            value => value.as_i64()?.to_string(),
        };
        let is_odd = |c: char| c == '\'' || c == '{' || c == '}' || c.is_whitespace();
        (!text.is_empty() && !text.contains(is_odd)).then(|| format!("'{text}'"))
    };
    let values = values.as_sequence()?.iter().map(plain);
    values
        .collect::<Option<Vec<_>>>()
        .filter(|values| !values.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn null(column: &str) -> Check {
        Check {
            column: column.into(),
            kind: Kind::Null,
        }
    }

    #[test]
    fn a_column_is_a_name_that_is_none_of_ours() {
        for name in ["id", "_a1", "\"Order\"", "ID"] {
            assert!(is_name(name), "{name}");
        }
        for other in [
            "",
            "1a",
            "a b",
            "a || b",
            "lower(a)",
            "\"a\"\"b\"",
            "wh_rows",
            "\"WH_rows\"",
            "\"\"",
        ] {
            assert!(!is_name(other), "{other}");
        }
    }

    #[test]
    fn a_test_is_known_by_what_its_statement_says() {
        let relation = "\"w\".\"main\".\"t\"";
        let asks = |sql: &str| null("id").is_asked_by(sql, relation);
        assert!(asks(
            "select *\nfrom \"w\".\"main\".\"t\"\nwhere id is null"
        ));
        assert!(asks(
            "\n\nselect id\nfrom \"w\".\"main\".\"t\"\nwhere id is null\n\n"
        ));
        assert!(!asks(
            "select *\nfrom \"w\".\"main\".\"t\"\nwhere id is null or id = 0"
        ));
        assert!(!asks(
            "select *\nfrom (select * from \"w\".\"main\".\"t\" where a) dbt_subquery\nwhere id is null"
        ));
        assert!(!asks(
            "with t as (select 1) select *\nfrom \"w\".\"main\".\"t\"\nwhere id is null"
        ));
    }

    #[test]
    fn of_two_unique_columns_the_first_is_counted() {
        let twice = |column: &str| Check {
            column: column.into(),
            kind: Kind::Twice,
        };
        let mut checks = BTreeMap::from([(3, twice("a")), (4, null("a")), (5, twice("b"))]);
        keep_one_key(&mut checks);
        assert_eq!(checks.keys().copied().collect::<Vec<_>>(), [3, 4]);
    }
}
