//! `parent_map` and `child_map`: every node's neighbours.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, Serializer};

use serde_yaml::Value;

use super::unit_test::under_test;
use crate::compile::Compiled;
use crate::compile::plan::{Index, Node, Plan, Resource};

/// Returns the unique ids of the nodes of each group.
pub(super) fn members(plan: &Plan) -> BTreeMap<&str, Vec<&str>> {
    let groups = plan.groups.iter();
    let mut members: BTreeMap<&str, Vec<&str>> = groups
        .map(|group| (group.name.as_str(), Vec::new()))
        .collect();
    for node in &plan.nodes {
        if let Some(group) = node.config.values.get("group").and_then(Value::as_str)
            && let Some(ids) = members.get_mut(group)
        {
            ids.push(&node.id);
        }
    }
    members
}

/// Every node's neighbours in one direction, sorted by unique id.
pub(super) struct Edges<'a> {
    plan: &'a Plan,
    neighbours: Vec<Vec<&'a str>>,
}

impl<'a> Edges<'a> {
    /// What each node and operation reads.
    pub(super) fn parents(plan: &'a Plan) -> Self {
        let of = |node: &'a Node| {
            let mut parents = parents_of(plan, node);
            parents.sort_unstable();
            parents
        };
        Self {
            plan,
            neighbours: all(plan).map(of).collect(),
        }
    }

    /// What reads each node.
    pub(super) fn children(compiled: &'a Compiled) -> Self {
        let plan = &compiled.plan;
        let children = compiled.graph.children.iter();
        let mut neighbours: Vec<Vec<&str>> = children
            .map(|children| ids(plan, children.iter()))
            .collect();
        for reader in plan.idle.iter().chain(&plan.operations) {
            for parent in &reader.parents {
                neighbours[*parent].push(&reader.id);
                neighbours[*parent].sort_unstable();
            }
            neighbours.push(Vec::new());
        }
        Self { plan, neighbours }
    }
}

/// Returns the unique ids of what a node reads, as dbt comes upon them: sources, then nodes, then functions, each in the order in
/// which they are written; a unit test is of its model only.
pub(super) fn parents_of<'a>(plan: &'a Plan, node: &Node) -> Vec<&'a str> {
    match &node.resource {
        Resource::UnitTest(test) => {
            let on = under_test(plan, node, test).map(|on| on.id.as_str());
            on.into_iter().collect()
        }
        Resource::Metric | Resource::SavedQuery => {
            let written = as_written(node).map(|index| plan.nodes[index].id.as_str());
            written.collect()
        }
        _ => {
            let mut written: Vec<Index> = as_written(node).collect();
            written.sort_by_key(|index| match plan.nodes[*index].resource {
                Resource::Source { .. } => 0,
                Resource::Function(_) => 2,
                _ => 1,
            });
            ids(plan, written.iter())
        }
    }
}

/// Returns what a node reads in the order in which it names it, each once; what it does not name comes last.
pub(super) fn as_written(node: &Node) -> impl Iterator<Item = Index> {
    let named = node.references.iter();
    let named = named.filter_map(|reference| node.inputs.get(reference));
    let mut seen = BTreeSet::new();
    let all = named.chain(&node.parents).copied();
    let all: Vec<Index> = all.filter(|index| seen.insert(*index)).collect();
    all.into_iter()
}

fn all(plan: &Plan) -> impl Iterator<Item = &Node> {
    let unchosen = plan.idle.iter().chain(&plan.operations);
    plan.nodes.iter().chain(unchosen)
}

fn ids<'a, 'b>(plan: &'a Plan, indices: impl Iterator<Item = &'b Index>) -> Vec<&'a str> {
    indices
        .map(|index| plan.nodes[*index].id.as_str())
        .collect()
}

impl Serialize for Edges<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes = all(self.plan).map(|node| &node.id);
        serializer.collect_map(nodes.zip(&self.neighbours))
    }
}
