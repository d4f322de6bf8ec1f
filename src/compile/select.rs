//! dbt's selection syntax: names, paths, tags, `+`, `@`, unions, intersections.

use std::collections::BTreeSet;

use super::graph::Graph;
use super::plan::{Index, Node, Plan, Resource};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// What the command line chooses.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `--select`; empty chooses everything.
    pub select: Vec<String>,
    /// `--exclude`.
    pub exclude: Vec<String>,
    /// `--resource-type`; empty keeps every kind.
    pub resource_types: Vec<String>,
}

/// A way to choose nodes: the word before the colon and what it matches.
type Method = (&'static str, fn(&Node, &str) -> bool);

/// Every selection method.
const METHODS: &[Method] = &[
    ("fqn", |node, value| matches_fqn(node, value)),
    ("name", |node, value| wild(value, &node.name)),
    ("tag", |node, value| {
        node.config.texts("tags").iter().any(|tag| wild(value, tag))
    }),
    ("path", matches_path),
    ("file", |node, value| {
        let name = |text: Option<&std::ffi::OsStr>| {
            text.is_some_and(|text| wild(value, &text.to_string_lossy()))
        };
        name(node.path.file_name()) || name(node.path.file_stem())
    }),
    ("package", |node, value| wild(value, &node.package)),
    ("resource_type", |node, value| node.resource.word() == value),
    ("source", |node, value| match &node.resource {
        Resource::Source { source, .. } => match value.split_once('.') {
            Some((name, table)) => wild(name, source) && wild(table, &node.name),
            None => wild(value, source),
        },
        _ => false,
    }),
    ("test_type", |node, value| match (&node.resource, value) {
        (Resource::Test(_), "data") => true,
        (Resource::Test(test), "generic") => test.generic.is_some(),
        (Resource::Test(test), "singular") => test.generic.is_none(),
        _ => false,
    }),
    ("test_name", |node, value| match &node.resource {
        Resource::Test(test) => test
            .generic
            .as_ref()
            .is_some_and(|generic| wild(value, &generic.test.test)),
        _ => false,
    }),
    ("export", |node, value| {
        node.resource.word() == "export" && wild(value, &node.name)
    }),
    ("report", |node, value| {
        node.resource.word() == "report" && wild(value, &node.name)
    }),
    ("feature_view", |node, value| {
        node.resource.word() == "feature_view" && wild(value, &node.name)
    }),
    ("ml_model", |node, value| {
        node.resource.word() == "ml_model" && wild(value, &node.name)
    }),
];

/// Returns the chosen nodes.
///
/// Tests follow the nodes they are put on, as dbt's eager indirect selection does.
///
/// # Errors
/// `Project` for an unknown method or malformed operator, with the nearest method.
pub fn select(plan: &Plan, graph: &Graph, selection: &Selection) -> Result<BTreeSet<Index>> {
    let all: BTreeSet<Index> = (0..plan.nodes.len()).collect();
    let mut chosen = match selection.select.is_empty() {
        true => all,
        false => union(plan, graph, &selection.select)?,
    };
    if !selection.exclude.is_empty() {
        let excluded = union(plan, graph, &selection.exclude)?;
        chosen.retain(|index| !excluded.contains(index));
    }
    if !selection.resource_types.is_empty() {
        let kept = |index: &Index| {
            let word = plan.nodes[*index].resource.word();
            selection
                .resource_types
                .iter()
                .any(|kind| kind == word || kind == "all")
        };
        chosen.retain(kept);
    }
    Ok(chosen)
}

fn union(plan: &Plan, graph: &Graph, specs: &[String]) -> Result<BTreeSet<Index>> {
    let mut chosen = BTreeSet::new();
    for spec in specs.iter().flat_map(|spec| spec.split_whitespace()) {
        chosen.extend(intersection(plan, graph, spec)?);
    }
    Ok(chosen)
}

fn intersection(plan: &Plan, graph: &Graph, spec: &str) -> Result<BTreeSet<Index>> {
    let mut chosen: Option<BTreeSet<Index>> = None;
    for part in spec.split(',') {
        let matched = with_tests(plan, graph, single(plan, graph, part)?);
        chosen = Some(match chosen {
            None => matched,
            Some(chosen) => chosen.intersection(&matched).copied().collect(),
        });
    }
    Ok(chosen.unwrap_or_default())
}

/// Adds the tests of the chosen nodes.
fn with_tests(plan: &Plan, graph: &Graph, chosen: BTreeSet<Index>) -> BTreeSet<Index> {
    let tests = chosen.iter().flat_map(|index| &graph.children[*index]);
    let tests: Vec<Index> = tests
        .filter(|index| matches!(plan.nodes[**index].resource, Resource::Test(_)))
        .copied()
        .collect();
    chosen.into_iter().chain(tests).collect()
}

/// `[@][n+]method:value[+n]`, taken apart.
struct Spec<'a> {
    at: bool,
    up: Option<usize>,
    method: &'a str,
    value: &'a str,
    down: Option<usize>,
}

fn parse(spec: &str) -> Result<Spec<'_>> {
    let malformed = || {
        Diagnostic::project(format!("`{spec}` is no selection")).hint(
            "for instance: `orders`, `+orders`, `orders+2`, `tag:nightly`, `path:models/marts`",
        )
    };
    let depth = |digits: &str| match digits.is_empty() {
        true => Ok(usize::MAX),
        false => digits.parse::<usize>().map_err(|_| malformed()),
    };
    let (at, rest) = match spec.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, spec),
    };
    let (up, rest) = match rest.split_once('+') {
        Some((digits, rest)) if digits.chars().all(|c| c.is_ascii_digit()) => {
            (Some(depth(digits)?), rest)
        }
        _ => (None, rest),
    };
    let (rest, down) = match rest.rsplit_once('+') {
        Some((rest, digits)) if digits.chars().all(|c| c.is_ascii_digit()) => {
            (rest, Some(depth(digits)?))
        }
        _ => (rest, None),
    };
    if rest.is_empty() || (at && (up.is_some() || down.is_some())) {
        return Err(malformed().into());
    }
    let (method, value) = rest.split_once(':').unwrap_or(("", rest));
    Ok(Spec {
        at,
        up,
        method,
        value,
        down,
    })
}

fn single(plan: &Plan, graph: &Graph, text: &str) -> Result<BTreeSet<Index>> {
    let spec = parse(text)?;
    let matches = method(spec.method)?;
    let nodes = plan.nodes.iter().enumerate();
    let mut chosen: BTreeSet<Index> = nodes
        .filter(|(_, node)| matches(node, spec.value))
        .map(|(index, _)| index)
        .collect();
    let own = chosen.clone();
    if spec.at {
        let below = Graph::reach(&graph.children, &own, usize::MAX);
        chosen = Graph::reach(&graph.parents, &below, usize::MAX);
    }
    if let Some(depth) = spec.up {
        chosen.extend(Graph::reach(&graph.parents, &own, depth));
    }
    if let Some(depth) = spec.down {
        chosen.extend(Graph::reach(&graph.children, &own, depth));
    }
    Ok(chosen)
}

/// Says whether a node matches the word behind the colon.
type Matches = Box<dyn Fn(&Node, &str) -> bool>;

fn method(name: &str) -> Result<Matches> {
    if name.is_empty() {
        return Ok(Box::new(|node, value| {
            matches_fqn(node, value)
                || matches_path(node, value)
                || (value.contains('.') && matches_file(node, value))
        }));
    }
    if let Some(key) = name.strip_prefix("config.") {
        let key = key.to_owned();
        return Ok(Box::new(move |node, value| {
            let values = node.config.texts(&key);
            values.iter().any(|text| wild(value, text))
        }));
    }
    match METHODS.iter().find(|(word, _)| *word == name) {
        Some((_, matches)) => Ok(Box::new(*matches)),
        None => {
            let words = METHODS.iter().map(|(word, _)| *word);
            let hint = match nearest(name, words.clone()) {
                Some(near) => format!("did you mean `{near}:`?"),
                None => format!("methods are: {}", words.collect::<Vec<_>>().join(", ")),
            };
            Err(
                Diagnostic::project(format!("`{name}:` is no selection method"))
                    .hint(hint)
                    .into(),
            )
        }
    }
}

/// A name, `package.folder.name`, a prefix of either, with wildcards.
fn matches_fqn(node: &Node, value: &str) -> bool {
    if wild(value, &node.name) {
        return !matches!(node.resource, Resource::Source { .. });
    }
    let words: Vec<&str> = value.split('.').collect();
    let prefix = |fqn: &[String]| {
        let pairs = words.iter().zip(fqn);
        words.len() <= fqn.len() && pairs.fold(true, |all, (word, part)| all && wild(word, part))
    };
    prefix(&node.fqn) || node.fqn.len() > 1 && prefix(&node.fqn[1..])
}

fn matches_path(node: &Node, value: &str) -> bool {
    let value = value.trim_end_matches('/');
    let path = node.path.to_string_lossy();
    path == value
        || path.starts_with(&format!("{value}/"))
        || value.contains(['*', '?']) && wild(value, &path)
}

fn matches_file(node: &Node, value: &str) -> bool {
    node.path
        .file_name()
        .is_some_and(|name| name.to_string_lossy() == value)
}

/// Matches `*` and `?` wildcards.
fn wild(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '[']) {
        return pattern == text;
    }
    glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_taken_apart() {
        let spec = parse("2+tag:nightly+").unwrap();
        assert_eq!(
            (spec.up, spec.method, spec.value, spec.down),
            (Some(2), "tag", "nightly", Some(usize::MAX))
        );
        let spec = parse("@orders").unwrap();
        assert!(spec.at && spec.value == "orders");
        assert!(parse("+").is_err());
        assert!(parse("@orders+").is_err());
    }

    #[test]
    fn an_unknown_method_is_answered_with_the_nearest() {
        let Err(err) = method("tags") else {
            panic!("`tags` is a method")
        };
        assert!(err.to_string().contains("`tag:`"), "{err}");
    }
}
