//! Configuration that cannot be meant: words that are none of a key's, and promises that contradict each other.

use std::sync::LazyLock;

use regex::Regex;
use serde_yaml::{Mapping, Value};

use super::named_in;
use crate::compile::plan::{Body, Config, Node, Resource};
use crate::diagnostic::{Diagnostic, Result, Warning, nearest};

/// Who may read a model.
const ACCESS: &[&str] = &["private", "protected", "public"];

/// What a constraint may promise.
const CONSTRAINTS: &[&str] = &[
    "check",
    "not_null",
    "unique",
    "primary_key",
    "foreign_key",
    "custom",
];

/// Names of colors in HTML that dbt takes, between spaces.
const COLORS: &str = include_str!("colors.txt");

/// Refuses what dbt refuses of a node's configuration when it reads the project.
///
/// # Errors
/// `Project`, at the node.
pub(super) fn check(node: &Node) -> Result<()> {
    match wrong(node) {
        None => Ok(()),
        Some((what, hint)) => Err(Diagnostic::project(what).at(&node.at).hint(hint).into()),
    }
}

/// Refuses an `enabled` that is no truth value.
///
/// # Errors
/// `Project`, at the node.
pub(super) fn check_enabled(node: &Node) -> Result<()> {
    match enabled(node) {
        None => Ok(()),
        Some((what, hint)) => Err(Diagnostic::project(what).at(&node.at).hint(hint).into()),
    }
}

fn enabled(node: &Node) -> Option<(String, String)> {
    let set = node.config.values.get("enabled");
    let value = set.filter(|value| !value.is_null())?;
    // A word of YAML is a truth value; a text of `config(…)` is none.
    let is_template = crate::compile::template(node).is_some();
    let is_text = is_template && node.said.get("enabled").is_some_and(Value::is_string);
    if node.config.flag("enabled").is_some() && !is_text {
        return None;
    }
    let word = value.as_scalar_string().unwrap_or_default();
    let what = format!("`enabled` of `{}` is `{word}`", node.name);
    Some((what, "write `true` or `false`".to_owned()))
}

/// Returns what is wrong, and what to do.
fn wrong(node: &Node) -> Option<(String, String)> {
    if let Some(wrong) = enabled(node) {
        return Some(wrong);
    }
    if node.config.flag("enabled") == Some(false) {
        return None;
    }
    let is_model = matches!(node.resource, Resource::Model(_));
    own_kind(node)
        .or_else(|| is_model.then(|| access(node))?)
        .or_else(|| color(node))
        .or_else(|| is_model.then(|| contract(node))?)
        .or_else(|| is_model.then(|| constraints(node))?)
        .or_else(|| is_model.then(|| build_after(node))?)
}

/// A model is built again after a count of periods: neither alone says anything.
fn build_after(node: &Node) -> Option<(String, String)> {
    let after = node.config.values.get("freshness")?.get("build_after")?;
    let is_set = |key: &str| after.get(key).is_some_and(|value| !value.is_null());
    let (has, lacks) = match [is_set("count"), is_set("period")] {
        [true, false] => ("count", "period"),
        [false, true] => ("period", "count"),
        _ => return None,
    };
    let name = &node.name;
    let what = format!("`build_after` of `{name}` has a `{has}` and no `{lacks}`");
    Some((
        what,
        format!("add `{lacks}:`, as in `{{count: 4, period: hour}}`"),
    ))
}

/// Returns the warning of a model whose contract promises what its kind of relation cannot keep.
pub(super) fn warning(node: &Node) -> Option<Warning> {
    let materialized = node.config.text("materialized");
    let materialized = materialized.unwrap_or_else(|| "view".to_owned());
    let is_kept = ["table", "incremental"].contains(&materialized.as_str());
    let is_model = matches!(node.resource, Resource::Model(_));
    if is_kept || !is_model || node.patch.is_none() || !is_contracted(node) {
        return None;
    }
    let is_warned = |constraint: &Value| {
        let flag = constraint.get("warn_unsupported").and_then(Value::as_bool);
        flag != Some(false)
    };
    let of_columns = node.columns.iter().map(|column| &column.options);
    let mut all = of_columns.chain([&node.options]).flat_map(constraints_of);
    all.any(is_warned).then(|| {
        let text = format!(
            "`{}`: Constraint types are not supported for {materialized} materializations, and nothing checks them; \
             `warn_unsupported: false` of a constraint silences this",
            node.name
        );
        Warning::new("UnsupportedConstraintMaterialization", node.at.clone(), text)
    })
}

/// Whether a model's columns are promised.
fn is_contracted(node: &Node) -> bool {
    let contract = node.config.values.get("contract");
    let contract = contract.and_then(Value::as_mapping);
    contract.and_then(|contract| Config::of(contract).flag("enforced")) == Some(true)
}

/// A contract is of a SQL model whose columns are described, and a table that grows changes them as it promises.
fn contract(node: &Node) -> Option<(String, String)> {
    if !is_contracted(node) {
        return None;
    }
    let name = &node.name;
    let on_change = node.config.text("on_schema_change");
    let on_change = on_change.as_deref().unwrap_or("ignore");
    let grows = node.config.text("materialized").as_deref() == Some("incremental");
    if grows && !["append_new_columns", "fail"].contains(&on_change) {
        let what = format!(
            "the contract of `{name}` is enforced, and its `on_schema_change` is `{on_change}`"
        );
        return Some((what, "write `append_new_columns` or `fail`".to_owned()));
    }
    node.patch.as_ref()?;
    let language = crate::compile::body(node).map_or("sql", Body::language);
    if language != "sql" {
        let what = format!("the contract of `{name}` is enforced, and it is {language}");
        return Some((what, "take `contract` out: only SQL keeps one".to_owned()));
    }
    let what = format!("the contract of `{name}` is enforced, and it describes no columns");
    let hint = "list `columns:` with `data_type:` in its YAML";
    node.columns.is_empty().then(|| (what, hint.to_owned()))
}

/// Refuses an argument of a function that has no default behind one that has.
///
/// # Errors
/// `Project`, at the function.
pub(super) fn arguments(node: &Node) -> Result<()> {
    let listed = node.options.get("arguments").and_then(Value::as_sequence);
    let is_defaulted = |argument: &&Value| {
        let default = argument.get("default_value");
        default.is_some_and(|value| !value.is_null())
    };
    let listed = listed.into_iter().flatten();
    let mut behind = listed.skip_while(|argument| !is_defaulted(argument));
    let Some(bare) = behind.find(|argument| !is_defaulted(argument)) else {
        return Ok(());
    };
    let name = text(bare, "name").unwrap_or_default();
    let what = format!(
        "the argument `{name}` of the function `{}` has no default, and stands behind one that has",
        node.name
    );
    let hint = "give it a `default_value`, or put it first";
    Err(Diagnostic::project(what).at(&node.at).hint(hint).into())
}

/// Seeds, snapshots and tests are made in one way only.
fn own_kind(node: &Node) -> Option<(String, String)> {
    let kind = match &node.resource {
        Resource::Seed => "seed",
        Resource::Snapshot(_) => "snapshot",
        Resource::Test(_) => "test",
        _ => return None,
    };
    let set = node.config.text("materialized").filter(|set| set != kind)?;
    let what = format!("`{}` is a {kind}, and `materialized` as `{set}`", node.name);
    Some((
        what,
        format!("take `materialized` out: a {kind} is nothing else"),
    ))
}

fn access(node: &Node) -> Option<(String, String)> {
    let set = node.config.text("access")?;
    if ACCESS.contains(&set.as_str()) {
        let is_ephemeral = node.config.text("materialized").as_deref() == Some("ephemeral");
        let what = format!("the model `{}` is ephemeral, and public", node.name);
        let hint = "other projects cannot read it: make it a view, or take `access` out";
        return (is_ephemeral && set == "public").then(|| (what, hint.to_owned()));
    }
    let hint = match nearest(&set, ACCESS.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("words are: {}", ACCESS.join(", ")),
    };
    let what = format!("`access` of the model `{}` is `{set}`", node.name);
    Some((what, hint))
}

fn color(node: &Node) -> Option<(String, String)> {
    let docs = node.config.values.get("docs")?.as_mapping()?;
    let set = Config::of(docs).text("node_color")?;
    let is_color = set.is_empty() || is_color(&set.to_lowercase());
    let what = format!("`{set}`, the `node_color` of `{}`, is no color", node.name);
    let hint = "write a name of HTML's, as `teal`, or `#` with 3 or 6 hexadecimal digits";
    (!is_color).then(|| (what, hint.to_owned()))
}

fn is_color(word: &str) -> bool {
    static HEX: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("^#(?:[0-9a-f]{3}){1,2}$").ok());
    HEX.as_ref().is_some_and(|hex| hex.is_match(word))
        || COLORS.split_whitespace().any(|color| color == word)
}

fn constraints(node: &Node) -> Option<(String, String)> {
    let own = constraints_of(&node.options);
    let is_key = |constraint: &&Value| text(constraint, "type") == Some("primary_key");
    let columns = node.columns.iter();
    let keyed = columns.filter(|column| {
        constraints_of(&column.options)
            .iter()
            .any(|one| is_key(&one))
    });
    let keyed: Vec<&str> = keyed.map(|column| column.name.as_str()).collect();
    if let [first, second, ..] = keyed.as_slice() {
        let what = format!(
            "`{first}` and `{second}` are both the primary key of `{}`",
            node.name
        );
        let hint = "a key of several columns is a constraint of the model: `columns: [ … ]`";
        return Some((what, hint.to_owned()));
    }
    if let ([column], true) = (keyed.as_slice(), own.iter().any(|one| is_key(&one))) {
        let what = format!(
            "the model `{}` and its column `{column}` have a primary key each",
            node.name
        );
        return Some((what, "keep one of them".to_owned()));
    }
    let of_columns = node
        .columns
        .iter()
        .flat_map(|column| constraints_of(&column.options));
    let mut all = of_columns.chain(own);
    let is_enforced = is_contracted(node);
    all.find_map(|constraint| wrong_constraint(node, constraint, is_enforced))
}

fn wrong_constraint(
    node: &Node,
    constraint: &Value,
    is_enforced: bool,
) -> Option<(String, String)> {
    let kind = text(constraint, "type").unwrap_or_default();
    if is_enforced && !CONSTRAINTS.contains(&kind) {
        let what = format!("a constraint of `{}` is of the type `{kind}`", node.name);
        return Some((what, format!("types are: {}", CONSTRAINTS.join(", "))));
    }
    let to = text(constraint, "to").filter(|to| kind == "foreign_key" && !to.is_empty())?;
    let what = format!("a foreign key of `{}` leads to `{to}`", node.name);
    let hint = "write `to: ref('model')` or `to: source('source', 'table')`, or an `expression`";
    named_in(to).is_empty().then(|| (what, hint.to_owned()))
}

fn constraints_of(options: &Mapping) -> &[Value] {
    let listed = options.get("constraints").and_then(Value::as_sequence);
    listed.map_or(&[], |listed| listed.as_slice())
}

fn text<'a>(constraint: &'a Value, key: &str) -> Option<&'a str> {
    constraint.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::is_color;

    #[test]
    fn colors_are_those_of_html() {
        for color in ["teal", "#abc", "#a1b2c3"] {
            assert!(is_color(color), "{color}");
        }
        for word in ["notacolor", "#abcd", "#ghi", "abc"] {
            assert!(!is_color(word), "{word}");
        }
    }
}
