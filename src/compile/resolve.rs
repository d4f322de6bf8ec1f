//! References become edges: each name finds its node, or an answer that helps.

use std::collections::BTreeMap;

use super::context::place_of;
use super::plan::{Index, Node, Plan, Resource};
use crate::diagnostic::{Diagnostic, Result, all_or_none, nearest};
use crate::project::nodes::Reference;

/// A node whose references are still names.
pub(super) struct Draft {
    pub(super) node: Node,
    pub(super) references: Vec<Reference>,
    /// The text in which the references stand, for their places.
    pub(super) text: String,
}

/// Names that references can mean.
pub(super) struct Names {
    nodes: BTreeMap<String, Vec<Index>>,
    sources: BTreeMap<(String, String), Index>,
}

impl Names {
    pub(super) fn of(nodes: &[Node]) -> Self {
        let mut names = Self {
            nodes: BTreeMap::new(),
            sources: BTreeMap::new(),
        };
        for (index, node) in nodes.iter().enumerate() {
            match &node.resource {
                Resource::Model(_)
                | Resource::Seed
                | Resource::FeatureView(_)
                | Resource::MlModel(_) => {
                    names
                        .nodes
                        .entry(node.name.clone())
                        .or_default()
                        .push(index);
                }
                Resource::Source { source, .. } => {
                    names
                        .sources
                        .insert((source.clone(), node.name.clone()), index);
                }
                _ => {}
            }
        }
        names
    }

    /// Finds the node a reference means; `from` is the package it is written in.
    pub(super) fn find(&self, nodes: &[Node], reference: &Reference, from: &str) -> Option<Index> {
        match reference {
            Reference::Source { source, table } => {
                self.sources.get(&(source.clone(), table.clone())).copied()
            }
            Reference::Ref { package, name, .. } => {
                let candidates = self.nodes.get(name)?;
                let of = |package: &str| {
                    candidates
                        .iter()
                        .copied()
                        .find(|index| nodes[*index].package == package)
                };
                match package {
                    Some(package) => of(package),
                    None => of(from).or_else(|| candidates.first().copied()),
                }
            }
        }
    }

    /// Says what is wrong with a reference that means nothing.
    pub(super) fn missing(&self, reference: &Reference, disabled: &[String]) -> Diagnostic {
        match reference {
            Reference::Ref { name, .. } => {
                if disabled.contains(name) {
                    return Diagnostic::project(format!("`{name}` is disabled"))
                        .hint("enable it, or take out what reads it");
                }
                let err = Diagnostic::project(format!("nothing is called `{name}`"));
                match nearest(name, self.nodes.keys().map(String::as_str)) {
                    Some(near) => err.hint(format!("did you mean `{near}`?")),
                    None => err.hint(format!(
                        "add models/{name}.sql, or use source('…', '{name}') for a source table"
                    )),
                }
            }
            Reference::Source { source, table } => {
                let err =
                    Diagnostic::project(format!("no source table is called `{source}.{table}`"));
                let known: Vec<String> = self
                    .sources
                    .keys()
                    .map(|(source, table)| format!("{source}.{table}"))
                    .collect();
                let wanted = format!("{source}.{table}");
                match nearest(&wanted, known.iter().map(String::as_str)) {
                    Some(near) => err.hint(format!("did you mean `{near}`?")),
                    None => err.hint("declare it under `sources:` in a YAML file of the models"),
                }
            }
        }
    }
}

/// Turns drafts into a plan.
///
/// # Errors
/// `Project` for two nodes of one name and for references to nothing, each with its place.
pub(super) fn resolve(mut drafts: Vec<Draft>) -> Result<Plan> {
    let (kept, off): (Vec<_>, Vec<_>) = drafts
        .drain(..)
        .partition(|draft| draft.node.config.flag("enabled") != Some(false));
    let mut drafts = kept;
    let disabled: Vec<String> = off.iter().map(|draft| draft.node.name.clone()).collect();
    drafts.sort_by(|a, b| a.node.id.cmp(&b.node.id));
    unique(&drafts)?;
    let (mut nodes, rest): (Vec<Node>, Vec<_>) = drafts
        .into_iter()
        .map(|draft| (draft.node, (draft.references, draft.text)))
        .unzip();
    let names = Names::of(&nodes);
    let mut errors = Vec::new();
    for (index, (references, text)) in rest.into_iter().enumerate() {
        for reference in references {
            if nodes[index].references.contains(&reference) {
                continue;
            }
            nodes[index].references.push(reference.clone());
            match names.find(&nodes, &reference, &nodes[index].package) {
                Some(input) => {
                    nodes[index].parents.insert(input);
                    nodes[index].inputs.insert(reference, input);
                }
                None => {
                    let at = place_of(&reference, &nodes[index], &text);
                    let kind = nodes[index].resource.word().replace('_', " ");
                    let err = names.missing(&reference, &disabled).at(&at);
                    errors.push(
                        err.note(format!("{kind} `{}` reads it", nodes[index].name))
                            .into(),
                    );
                }
            }
        }
    }
    all_or_none(errors)?;
    order_rejects(&mut nodes, &names);
    let mut disabled: Vec<Node> = off.into_iter().map(without_meaning).collect();
    disabled.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Plan { nodes, disabled })
}

/// Makes a node of a draft whose references are only names, as those of a disabled node are.
fn without_meaning(draft: Draft) -> Node {
    Node {
        references: draft.references,
        ..draft.node
    }
}

/// Makes the rejects of an ingested table, where they are declared as a table too, wait for its ingestion.
fn order_rejects(nodes: &mut [Node], names: &Names) {
    for ((source, table), index) in &names.sources {
        let loaded = table
            .strip_suffix("_rejects")
            .and_then(|loaded| names.sources.get(&(source.clone(), loaded.to_owned())));
        if let Some(loaded) = loaded {
            nodes[*index].parents.insert(*loaded);
        }
    }
}

/// Refuses two nodes of one kind and name in one package, and two that make one relation.
fn unique(drafts: &[Draft]) -> Result<()> {
    let mut errors = Vec::new();
    for pair in drafts.windows(2) {
        let (a, b) = (&pair[0].node, &pair[1].node);
        if a.id == b.id {
            errors.push(twice(&format!("two nodes are called `{}`", b.name), a, b));
        }
    }
    let mut relations: BTreeMap<(String, String), &Node> = BTreeMap::new();
    let mut names: BTreeMap<&str, &Node> = BTreeMap::new();
    for draft in drafts {
        let node = &draft.node;
        let referable = matches!(
            node.resource,
            Resource::Model(_) | Resource::Seed | Resource::FeatureView(_) | Resource::MlModel(_)
        );
        if !referable {
            continue;
        }
        if let Some(other) = names.insert(&node.name, node)
            && other.package == node.package
            && other.id != node.id
        {
            errors.push(twice(
                &format!("`ref('{}')` could mean two nodes", node.name),
                other,
                node,
            ));
        } else if let Some(relation) = &node.relation {
            let key = (relation.schema.to_lowercase(), relation.name.to_lowercase());
            if let Some(other) = relations.insert(key, node)
                && other.id != node.id
            {
                errors.push(twice(
                    &format!("two nodes make the relation {relation}"),
                    other,
                    node,
                ));
            }
        }
    }
    all_or_none(errors)
}

fn twice(what: &str, first: &Node, second: &Node) -> anyhow::Error {
    Diagnostic::project(what)
        .at(&second.at)
        .note(format!("the other is {}", first.at))
        .hint("rename one of them")
        .into()
}
