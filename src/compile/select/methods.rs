//! The selection methods: the word before the colon, and what it matches.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::Field;
use super::grammar::Criterion;
use super::paths;
use crate::compile::plan::{Node, Plan, Resource};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// Every method but `selector`, which leads to other selections.
const METHODS: &[&str] = &[
    "fqn",
    "tag",
    "group",
    "access",
    "source",
    "path",
    "file",
    "package",
    "config",
    "test_name",
    "test_type",
    "resource_type",
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "unit_test",
    "version",
    "state",
    "result",
    "source_status",
    "feature_view",
    "ml_model",
    "export",
    "report",
    "name",
    "selector",
];

/// A criterion, ready to be held against nodes.
pub(super) enum Matcher<'a> {
    /// `fqn:` and names alone.
    Name(String),
    /// A word that some values of a node match, wildcards included.
    Word(String, fn(&Node) -> Vec<String>),
    /// A value that a node's is equal to.
    Equal(String, fn(&Node) -> Option<String>),
    /// `path:`: files and folders of the root project.
    Path(BTreeSet<PathBuf>),
    /// `[package.]name` of nodes of one kind.
    Named(&'static str, Option<String>, String),
    /// `[package.][source.]table`.
    Source([String; 3]),
    /// `config.key.key:`.
    Config(&'a [String], &'a Value),
    /// `test_type:`.
    TestType(TestType),
    /// `version:`.
    Version(String),
    /// What an earlier command's artifacts say.
    Ids(BTreeSet<String>),
}

/// Kinds of test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestType {
    Generic,
    Singular,
    Data,
    Unit,
}

impl<'a> Matcher<'a> {
    /// Prepares a criterion.
    ///
    /// # Errors
    /// `Project` for an unknown method, with the nearest, and for a value that the method does not take.
    pub(super) fn new(field: &Field<'_>, criterion: &'a Criterion) -> Result<Self> {
        let value = criterion.text().into_owned();
        Ok(match criterion.method.as_str() {
            "fqn" => Self::Name(value),
            "name" => Self::Word(value, |node| vec![node.name.clone()]),
            "tag" => Self::Word(value, |node| node.tags.clone()),
            "group" => Self::Word(value, |node| node.config.texts("group")),
            "file" => Self::Word(value, file_names),
            "package" if value == "this" => {
                Self::Word(field.root.to_owned(), |node| vec![node.package.clone()])
            }
            "package" => Self::Word(value, |node| vec![node.package.clone()]),
            "test_name" => Self::Word(value, test_name),
            "access" => Self::Equal(value, access),
            "resource_type" => {
                super::kind(&value)?;
                Self::Equal(value, |node| Some(node.resource.word().to_owned()))
            }
            "path" => Self::Path(paths::named(&value, files(field))),
            "config" => Self::Config(&criterion.arguments, &criterion.value),
            "test_type" => Self::TestType(test_type(&value)?),
            "source" => Self::Source(source(&value)?),
            "version" => Self::Version(version(value)?),
            "state" => {
                let way = std::iter::once(value).chain(criterion.arguments.clone());
                let way: Vec<String> = way.collect();
                let (way, now) = (way.join("."), (field.now)()?);
                let warnings = &mut *field.warnings.borrow_mut();
                warnings.extend(field.past.broken(&way, &now)?);
                warnings.dedup();
                Self::Ids(field.past.compared(&way, &now)?)
            }
            "result" => Self::Ids(field.past.ended(&value)?),
            "source_status" => Self::Ids(field.past.fresher(&value)?),
            method => match KINDS.iter().find(|kind| **kind == method) {
                Some(kind) => named(kind, &value)?,
                None => return Err(unknown(method)),
            },
        })
    }

    /// Returns whether a node meets the criterion.
    pub(super) fn matches(&self, node: &Node) -> bool {
        match self {
            Self::Name(value) => matches_name(node, value),
            Self::Word(value, words) => words(node).iter().any(|word| wild(value, word)),
            Self::Equal(value, word) => word(node).is_some_and(|word| word == *value),
            Self::Path(named) => {
                let patch = node.patch.as_ref().map(|(_, patch)| patch.as_path());
                patch.is_some_and(|patch| named.contains(patch))
                    || node.original.ancestors().any(|path| named.contains(path))
            }
            Self::Ids(ids) => ids.contains(&node.id),
            Self::Version(wanted) => fits_version(node, wanted),
            Self::Named(kind, package, name) => {
                node.resource.word() == *kind
                    && wild(name, &node.name)
                    && package
                        .as_ref()
                        .is_none_or(|package| wild(package, &node.package))
            }
            Self::Source([package, name, table]) => match &node.resource {
                Resource::Source { source, .. } => {
                    wild(package, &node.package) && wild(name, source) && wild(table, &node.name)
                }
                _ => false,
            },
            Self::Config(keys, value) => configured(node, keys, value),
            Self::TestType(wanted) => kind_of_test(node).is_some_and(|kind| {
                kind == *wanted || *wanted == TestType::Data && kind != TestType::Unit
            }),
        }
    }
}

/// Kinds of node whose name is a method that selects them by name.
const KINDS: &[&str] = &[
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "unit_test",
    "feature_view",
    "ml_model",
    "export",
    "report",
];

fn named(kind: &'static str, value: &str) -> Result<Matcher<'static>> {
    let words: Vec<&str> = value.split('.').collect();
    match words[..] {
        [name] => Ok(Matcher::Named(kind, None, name.into())),
        [package, name] => Ok(Matcher::Named(kind, Some(package.into()), name.into())),
        _ => Err(shape(kind, value, "name` or `package.name")),
    }
}

fn source(value: &str) -> Result<[String; 3]> {
    let words: Vec<String> = value.split('.').map(str::to_owned).collect();
    let any = || "*".to_owned();
    match <[String; 3]>::try_from(words) {
        Ok(words) => Ok(words),
        Err(mut words) if words.len() < 3 => {
            let name = words.remove(0);
            Ok([any(), name, words.pop().unwrap_or_else(any)])
        }
        Err(_) => Err(shape(
            "source",
            value,
            "source`, `source.table` or `package.source.table",
        )),
    }
}

fn shape(method: &str, value: &str, shapes: &str) -> anyhow::Error {
    Diagnostic::project(format!("`{method}:{value}` names nothing"))
        .hint(format!("write it as `{shapes}`"))
        .into()
}

fn version(value: String) -> Result<String> {
    match value.as_str() {
        "latest" | "prerelease" | "old" | "none" => Ok(value),
        _ => Err(
            Diagnostic::project(format!("`version:{value}` chooses nothing"))
                .hint("use latest, prerelease, old or none")
                .into(),
        ),
    }
}

fn test_type(value: &str) -> Result<TestType> {
    match value {
        "generic" | "schema" => Ok(TestType::Generic),
        "singular" => Ok(TestType::Singular),
        "data" => Ok(TestType::Data),
        "unit" => Ok(TestType::Unit),
        _ => Err(Diagnostic::project(format!("`{value}` is no type of test"))
            .hint("use generic, singular, unit or data")
            .into()),
    }
}

fn unknown(method: &str) -> anyhow::Error {
    let hint = match nearest(method, METHODS.iter().copied()) {
        Some(near) => format!("did you mean `{near}:`?"),
        None => format!("methods are: {}", METHODS.join(", ")),
    };
    Diagnostic::project(format!("`{method}:` is no selection method"))
        .hint(hint)
        .into()
}

/// The files of the root project's nodes: what paths on the command line can name.
fn files<'a>(field: &'a Field<'_>) -> impl Iterator<Item = &'a Path> {
    let own = |node: &&Node| node.package == field.root;
    let nodes = field.plan.nodes.iter().filter(own);
    nodes.flat_map(|node| {
        let patch = node
            .patch
            .as_ref()
            .filter(|(package, _)| package == field.root);
        [node.original.as_path()]
            .into_iter()
            .chain(patch.map(|(_, patch)| patch.as_path()))
    })
}

/// Compares a model's version with the one that a reference without a version means.
fn fits_version(node: &Node, wanted: &str) -> bool {
    let Resource::Model(model) = &node.resource else {
        return false;
    };
    let order = match (&model.version, &model.latest) {
        (Some(version), Some(latest)) => Some(compare(version, latest)),
        _ => None,
    };
    match wanted {
        "none" => model.version.is_none(),
        "latest" => order == Some(Ordering::Equal),
        "prerelease" => order == Some(Ordering::Greater),
        _ => order == Some(Ordering::Less),
    }
}

/// Orders versions: numbers by their value, all else as text.
fn compare(a: &Value, b: &Value) -> Ordering {
    let text = |value: &Value| value.as_scalar_string().unwrap_or_default().into_owned();
    let number = |value: &Value| text(value).parse::<f64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => text(a).cmp(&text(b)),
    }
}

fn file_names(node: &Node) -> Vec<String> {
    [node.path.file_name(), node.path.file_stem()]
        .into_iter()
        .flatten()
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

fn test_name(node: &Node) -> Vec<String> {
    match &node.resource {
        Resource::Test(test) => {
            let name = test.generic.as_ref().map(|generic| &generic.test.test);
            let bare = |name: &String| name.rsplit('.').next().unwrap_or_default().to_owned();
            name.map(bare).into_iter().collect()
        }
        resource if resource.word() == "unit_test" => vec![node.name.clone()],
        _ => Vec::new(),
    }
}

fn access(node: &Node) -> Option<String> {
    let is_model = matches!(node.resource, Resource::Model(_));
    let access = node.config.text("access");
    is_model.then(|| access.unwrap_or_else(|| "protected".into()))
}

fn kind_of_test(node: &Node) -> Option<TestType> {
    match &node.resource {
        Resource::Test(test) if test.generic.is_some() => Some(TestType::Generic),
        Resource::Test(_) => Some(TestType::Singular),
        resource => (resource.word() == "unit_test").then_some(TestType::Unit),
    }
}

/// A name, `package.folder.name`, a beginning of either, with wildcards from some part on; never a source.
fn matches_name(node: &Node, value: &str) -> bool {
    if matches!(node.resource, Resource::Source { .. }) {
        return false;
    }
    let fqn: Vec<&str> = node.fqn.iter().map(String::as_str).collect();
    let unscoped = fqn.get(1..).unwrap_or_default();
    let is_versioned = is_versioned(node);
    fqn_matches(&fqn, value, is_versioned) || fqn_matches(unscoped, value, is_versioned)
}

/// Whether the last part of a node's full name is its version.
fn is_versioned(node: &Node) -> bool {
    matches!(&node.resource, Resource::Model(model) if model.version.is_some())
}

fn fqn_matches(fqn: &[&str], value: &str, is_versioned: bool) -> bool {
    let Some((last, above)) = fqn.split_last() else {
        return false;
    };
    let name = match is_versioned {
        true => above.last().copied().unwrap_or(last),
        false => last,
    };
    if name == value {
        return true;
    }
    let words: Vec<&str> = value.split('.').collect();
    if is_versioned {
        let ends = &words[words.len().saturating_sub(2)..];
        if ends.join("_") == format!("{name}_{last}") {
            return true;
        }
    }
    let parts: Vec<&str> = fqn.iter().flat_map(|part| part.split('.')).collect();
    if parts.len() < words.len() {
        return false;
    }
    for (at, (word, part)) in words.iter().zip(&parts).enumerate() {
        if word.contains(['*', '?', '[', ']']) {
            return wild(&words[at..].join("."), &parts[at..].join("."))
                || words.len() == 1 && wild(value, name);
        }
        if word != part {
            return false;
        }
    }
    true
}

/// Kinds of node whose configuration dbt does not look into.
const NOT_CONFIGURED: &[&str] = &[
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "unit_test",
    "function",
];

/// Compares a configured value as dbt does: texts with texts, `true` and `false` with truth values, lists by what is in them.
fn configured(node: &Node, keys: &[String], wanted: &Value) -> bool {
    if NOT_CONFIGURED.contains(&node.resource.word()) {
        return false;
    }
    let Some((first, rest)) = keys.split_first() else {
        return false;
    };
    let explicit = node.config.values.get(first.as_str());
    let default = default(node, first);
    let Some(mut value) = explicit.or(default.as_ref()) else {
        return false;
    };
    for key in rest {
        match value.get(key.as_str()) {
            Some(below) => value = below,
            None => return false,
        }
    }
    let ignores_case = keys == ["severity"];
    match value {
        Value::Sequence(items, _) => items.iter().any(|item| equal(item, wanted, ignores_case)),
        value => equal(value, wanted, ignores_case),
    }
}

fn equal(value: &Value, wanted: &Value, ignores_case: bool) -> bool {
    let text = wanted.as_str().unwrap_or_default();
    match value {
        Value::Bool(flag, _) => {
            wanted.as_bool() == Some(*flag) || text.eq_ignore_ascii_case(&flag.to_string())
        }
        Value::String(value, _) if ignores_case => value.eq_ignore_ascii_case(text),
        value => {
            value == wanted
                || matches!((value.as_f64(), wanted.as_f64()), (Some(a), Some(b)) if a == b)
        }
    }
}

/// What a key has that nothing sets.
fn default(node: &Node, key: &str) -> Option<Value> {
    let text = |text: &str| Some(Value::string(text.into()));
    match (key, node.resource.word()) {
        ("enabled", _) => Some(Value::bool(true)),
        ("materialized", "model") => text("view"),
        ("materialized", word @ ("seed" | "snapshot" | "test")) => text(word),
        ("severity", "test") => text("ERROR"),
        _ => None,
    }
}

/// Returns the name that a criterion that nothing meets may have meant.
pub(super) fn near(plan: &Plan, criterion: &Criterion) -> Option<String> {
    let value = criterion.text();
    let known: BTreeSet<String> = match criterion.method.as_str() {
        "fqn" | "name" => plan.nodes.iter().map(|node| node.name.clone()).collect(),
        "tag" => plan
            .nodes
            .iter()
            .flat_map(|node| node.tags.clone())
            .collect(),
        "path" => plan
            .nodes
            .iter()
            .flat_map(|node| node.path.ancestors())
            .map(|path| path.display().to_string())
            .collect(),
        "file" => plan.nodes.iter().flat_map(file_names).collect(),
        "package" => plan.nodes.iter().map(|node| node.package.clone()).collect(),
        "source" => plan.nodes.iter().flat_map(source_names).collect(),
        method => plan
            .nodes
            .iter()
            .filter(|node| node.resource.word() == method)
            .map(|node| node.name.clone())
            .collect(),
    };
    nearest(&value, known.iter().map(String::as_str)).map(str::to_owned)
}

fn source_names(node: &Node) -> Vec<String> {
    match &node.resource {
        Resource::Source { source, .. } => {
            vec![source.clone(), format!("{source}.{}", node.name)]
        }
        _ => Vec::new(),
    }
}

/// Matches `*`, `?` and `[…]`, each across anything.
pub(super) fn wild(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '[']) {
        return pattern == text;
    }
    let mut pattern = pattern.to_owned();
    while pattern.contains("**") {
        pattern = pattern.replace("**", "*");
    }
    glob::Pattern::new(&pattern).is_ok_and(|pattern| pattern.matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_matches_from_its_beginning_and_its_end_alone() {
        let fqn = ["shop", "staging", "stg_orders"];
        let matches = |value: &str| fqn_matches(&fqn, value, false);
        assert!(matches("stg_orders") && matches("shop") && matches("shop.staging"));
        assert!(matches("stg_*") && matches("shop.stag*") && matches("*"));
        assert!(!matches("staging.stg_orders") && !matches("shop.staging.stg_orders.x"));
        assert!(!matches("orders"));
    }

    #[test]
    fn a_version_is_named_with_or_without_its_model() {
        let fqn = ["shop", "dim", "v2"];
        let matches = |value: &str| fqn_matches(&fqn, value, true);
        assert!(matches("dim") && matches("dim.v2") && matches("dim_v2") && matches("d*"));
        assert!(!matches("v2") && !matches("dim.v1"));
    }

    #[test]
    fn an_unknown_method_is_answered_with_the_nearest() {
        assert!(unknown("tags").to_string().contains("`tag:`"));
    }

    #[test]
    fn wildcards_cross_anything() {
        assert!(wild("a**c", "a/b.c") && wild("[ab]x", "bx") && wild("[!a]x", "bx"));
        assert!(!wild("a?", "abc"));
    }
}
