//! Refusing two nodes of one name, two that make one relation, and names with spaces.

use std::collections::{BTreeSet, HashMap};

use super::flags::Flags;
use super::plan::{Node, Plan, Resource};
use crate::diagnostic::{Diagnostic, Result, Warning, all_or_none};

/// Checks nodes that are sorted by their unique ids; `is_strict` refuses nodes of one name and several kinds, which are else warned of.
///
/// # Errors
/// `Project` with the place of the second, and of the first as a note.
pub(super) fn check(nodes: &[Node], is_strict: bool, warnings: &mut Vec<Warning>) -> Result<()> {
    let mut errors = Vec::new();
    let mut doubled: BTreeSet<&str> = BTreeSet::new();
    for pair in nodes.windows(2) {
        if pair[0].id == pair[1].id && doubled.insert(&pair[1].id) && !is_test(&pair[1]) {
            errors.push(twice(
                &format!("two nodes are called `{}`", pair[1].name),
                &pair[0],
                &pair[1],
            ));
        }
    }
    for pair in nodes.windows(2) {
        let tested = match &pair[1].resource {
            Resource::Test(test) => test.generic.as_ref().map(|generic| generic.on_id.as_str()),
            _ => continue,
        };
        if pair[0].id == pair[1].id && !tested.is_some_and(|id| doubled.contains(id)) {
            errors.push(
                Diagnostic::project(format!("the test `{}` is put to use twice", pair[1].name))
                    .at(&pair[1].at)
                    .note(format!("the other is {}", pair[0].at))
                    .hint("take one out, or give one of them a `name`")
                    .into(),
            );
        }
    }
    let made: Vec<&Node> = nodes
        .iter()
        .filter(|node| node.resource.is_referable() && !doubled.contains(node.id.as_str()))
        .collect();
    names(&made, is_strict, warnings, &mut errors);
    relations(&made, &mut errors);
    all_or_none(errors)
}

/// Refuses names with spaces, as dbt does for all that stands among the manifest's nodes, unless a flag allows them.
///
/// # Errors
/// `Project` with the place of each.
pub(super) fn without_spaces(plan: &Plan, flags: &Flags) -> Result<()> {
    if !flags.is("require_resource_names_without_spaces") {
        return Ok(());
    }
    let nodes = plan.nodes.iter().chain(&plan.operations);
    let spaced = nodes.filter(|node| node.name.contains(' ') && is_node(&node.resource));
    let refuse = |node: &Node| {
        let what = format!(
            "the name of the {} `{}` has a space",
            node.resource.word(),
            node.name
        );
        let hint = "take it out, or set the flag `require_resource_names_without_spaces: false`";
        Diagnostic::project(what).at(&node.at).hint(hint).into()
    };
    all_or_none(spaced.map(refuse).collect())
}

fn is_node(resource: &Resource) -> bool {
    matches!(
        resource,
        Resource::Model(_)
            | Resource::Seed
            | Resource::Snapshot(_)
            | Resource::Test(_)
            | Resource::Analysis(_)
            | Resource::Operation(_)
    )
}

fn is_test(node: &Node) -> bool {
    matches!(node.resource, Resource::Test(_))
}

/// Refuses two nodes that one reference could mean: kinds of one name only where that is said, for the last of them is meant then.
fn names(
    nodes: &[&Node],
    is_strict: bool,
    warnings: &mut Vec<Warning>,
    errors: &mut Vec<anyhow::Error>,
) {
    let mut names: HashMap<(&str, &str), &Node> = HashMap::new();
    for node in nodes {
        let Some(other) = names.insert((node.package.as_str(), node.name.as_str()), node) else {
            continue;
        };
        let what = format!("`ref('{}')` could mean two nodes", node.name);
        match [other, node].map(is_versioned) {
            [true, true] => {}
            [false, false] if !is_strict => {
                let event = "DuplicateNameDistinctNodeTypesDeprecation";
                let what = format!("{what}, and means the {}", node.resource.word());
                warnings.push(Warning::new(event, node.at.clone(), what));
            }
            _ => errors.push(twice(&what, other, node)),
        }
    }
}

fn is_versioned(node: &Node) -> bool {
    matches!(&node.resource, Resource::Model(model) if model.version.is_some())
}

/// Refuses two nodes that make one relation.
fn relations(nodes: &[&Node], errors: &mut Vec<anyhow::Error>) {
    let mut relations: HashMap<String, &Node> = HashMap::new();
    for node in nodes {
        let Some(relation) = &node.relation else {
            continue;
        };
        if let Some(other) = relations.insert(relation.to_string().to_lowercase(), node) {
            let what = format!("two nodes make the relation {relation}");
            errors.push(twice(&what, other, node));
        }
    }
}

fn twice(what: &str, first: &Node, second: &Node) -> anyhow::Error {
    Diagnostic::project(what)
        .at(&second.at)
        .note(format!("the other is {}", first.at))
        .hint("rename one of them")
        .into()
}
