//! How a selection is written: `[@][n+][method:]value[+n]`, spaces for unions, commas for intersections.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::compile::plan::Index;
use crate::diagnostic::{Diagnostic, Result};

/// Which tests come along with a chosen node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Indirect {
    /// Every test that reads it.
    #[default]
    Eager,
    /// Tests that read chosen nodes only.
    Cautious,
    /// Tests that read chosen nodes, what those read, and sources only.
    Buildable,
    /// None.
    Empty,
}

impl Indirect {
    /// Reads dbt's word for it, in any case.
    ///
    /// # Errors
    /// `Project` for any other word.
    pub fn read(word: &str) -> Result<Self> {
        match word.to_lowercase().as_str() {
            "eager" => Ok(Self::Eager),
            "cautious" => Ok(Self::Cautious),
            "buildable" => Ok(Self::Buildable),
            "empty" => Ok(Self::Empty),
            _ => Err(
                Diagnostic::project(format!("`{word}` is no way to select tests indirectly"))
                    .hint("use eager, cautious, buildable or empty")
                    .into(),
            ),
        }
    }
}

/// A selection, taken apart.
#[derive(Debug, Clone)]
pub(super) enum Spec {
    /// Every node.
    All,
    /// What meets one criterion.
    One(Criterion),
    /// Several selections put together.
    Group(Group),
}

/// Several selections put together.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) join: Join,
    pub(super) parts: Vec<Spec>,
    /// Which tests come along once the parts are together.
    pub(super) indirect: Indirect,
    /// Its text, where somebody should hear that nothing meets it.
    pub(super) expected: Option<String>,
}

/// How selections are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// What is in any.
    Union,
    /// What is in all.
    Intersection,
    /// What is in the first and in none of the others.
    Difference,
}

impl Join {
    pub(super) fn combine(self, sets: Vec<BTreeSet<Index>>) -> BTreeSet<Index> {
        let mut sets = sets.into_iter();
        let first = sets.next().unwrap_or_default();
        sets.fold(first, |all, set| match self {
            Self::Union => all.into_iter().chain(set).collect(),
            Self::Intersection => all.intersection(&set).copied().collect(),
            Self::Difference => all.difference(&set).copied().collect(),
        })
    }
}

/// One criterion: a method, its value, and how far its relatives are chosen too.
#[derive(Debug, Clone)]
pub(super) struct Criterion {
    /// The method's name without what follows a dot.
    pub(super) method: String,
    /// What follows the method's name, by dots: `materialized` of `config.materialized`.
    pub(super) arguments: Vec<String>,
    /// What the method compares with; text on the command line, any scalar in YAML.
    pub(super) value: Value,
    /// `@`: what is below, and all that reads.
    pub(super) at: bool,
    /// Steps upwards.
    pub(super) up: Option<usize>,
    /// Steps downwards.
    pub(super) down: Option<usize>,
    /// Which tests come along; the caller's wish when it says none.
    pub(super) indirect: Option<Indirect>,
}

impl Spec {
    pub(super) fn group(join: Join, parts: Vec<Self>) -> Self {
        Self::Group(Group {
            join,
            parts,
            indirect: Indirect::Eager,
            expected: None,
        })
    }

    /// Reads the words of `--select` or `--exclude`: a union of intersections.
    ///
    /// # Errors
    /// `Project` for a malformed criterion.
    pub(super) fn union(words: &[String], indirect: Indirect) -> Result<Self> {
        let mut parts = Vec::new();
        for word in words.iter().flat_map(|words| words.split_whitespace()) {
            let criteria: Result<Vec<Self>> = word
                .split(',')
                .map(|text| Ok(Self::One(Criterion::read(text)?)))
                .collect();
            parts.push(Self::Group(Group {
                join: Join::Intersection,
                parts: criteria?,
                indirect,
                expected: Some(word.to_owned()),
            }));
        }
        let mut union = Self::Group(Group {
            join: Join::Union,
            parts,
            indirect,
            expected: None,
        });
        union.lend(indirect);
        Ok(union)
    }

    /// Returns the selection with this wish for tests wherever it says none itself.
    pub(super) fn with(&self, indirect: Indirect) -> Self {
        let mut spec = self.clone();
        spec.lend(indirect);
        spec
    }

    fn lend(&mut self, indirect: Indirect) {
        match self {
            Self::All => {}
            Self::One(criterion) => {
                criterion.indirect.get_or_insert(indirect);
            }
            Self::Group(group) => group.parts.iter_mut().for_each(|part| part.lend(indirect)),
        }
    }
}

impl Criterion {
    /// Reads `[@][n+][method:]value[+n]`.
    ///
    /// # Errors
    /// `Project` when there is no value, or `@` and a `+` behind.
    pub(super) fn read(text: &str) -> Result<Self> {
        let malformed = || {
            Diagnostic::project(format!("`{text}` is no selection")).hint(
                "for instance: `orders`, `+orders`, `orders+2`, `tag:nightly`, `path:models/marts`",
            )
        };
        let depth = |digits: &str| match digits.is_empty() {
            true => Ok(usize::MAX),
            false => digits.parse::<usize>().map_err(|_| malformed()),
        };
        let is_depth = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let (at, rest) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (up, rest) = match rest.split_once('+') {
            Some((digits, rest)) if is_depth(digits) => (Some(depth(digits)?), rest),
            _ => (None, rest),
        };
        let (rest, down) = match rest.rsplit_once('+') {
            Some((rest, digits)) if is_depth(digits) => (rest, Some(depth(digits)?)),
            _ => (rest, None),
        };
        if rest.is_empty() || (at && down.is_some()) {
            return Err(malformed().into());
        }
        let is_method = |word: &&str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        };
        let (method, value) = match rest.split_once(':').filter(|(word, _)| is_method(word)) {
            Some((method, value)) => (method, value),
            None => (default_method(rest), rest),
        };
        let (method, arguments) = Self::method(method);
        Ok(Self {
            method,
            arguments,
            value: Value::string(value.into()),
            at,
            up,
            down,
            indirect: None,
        })
    }

    /// Takes a method's name apart: `config.meta.owner`.
    pub(super) fn method(words: &str) -> (String, Vec<String>) {
        let mut words = words.split('.').map(str::to_owned);
        (words.next().unwrap_or_default(), words.collect())
    }

    /// Returns the value as text.
    pub(super) fn text(&self) -> Cow<'_, str> {
        self.value.as_scalar_string().unwrap_or_default()
    }
}

/// What a value without a method means: a path, a file, or a name.
fn default_method(value: &str) -> &'static str {
    let lower = value.to_lowercase();
    if value.contains('/') {
        "path"
    } else if [".sql", ".py", ".csv"]
        .iter()
        .any(|suffix| lower.ends_with(suffix))
    {
        "file"
    } else {
        "fqn"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_taken_apart() {
        let spec = Criterion::read("2+tag:nightly+").unwrap();
        assert_eq!(
            (spec.up, spec.method.as_str(), spec.down),
            (Some(2), "tag", Some(usize::MAX))
        );
        assert_eq!(spec.text(), "nightly");
        let spec = Criterion::read("@orders").unwrap();
        assert!(spec.at && spec.text() == "orders" && spec.method == "fqn");
        assert!(Criterion::read("+").is_err());
        assert!(Criterion::read("@orders+").is_err());
    }

    #[test]
    fn a_value_without_a_method_is_a_path_a_file_or_a_name() {
        let method = |text: &str| Criterion::read(text).unwrap().method;
        assert_eq!(method("models/staging"), "path");
        assert_eq!(method("+orders.sql+1"), "file");
        assert_eq!(method("shop.staging.orders"), "fqn");
    }

    #[test]
    fn a_method_may_have_arguments() {
        let spec = Criterion::read("config.meta.owner:finance").unwrap();
        assert_eq!(spec.method, "config");
        assert_eq!(spec.arguments, ["meta", "owner"]);
    }
}
