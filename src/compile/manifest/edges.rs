//! `parent_map` and `child_map`: every node's neighbours.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::compile::Compiled;
use crate::compile::plan::{Index, Plan};

/// Every node's neighbours in one direction, sorted by unique id.
pub(super) struct Edges<'a> {
    plan: &'a Plan,
    neighbours: Vec<Vec<Index>>,
}

impl<'a> Edges<'a> {
    /// What each node reads.
    pub(super) fn parents(plan: &'a Plan) -> Self {
        let parents = |node: &crate::compile::Node| node.parents.iter().copied().collect();
        Self {
            plan,
            neighbours: plan.nodes.iter().map(parents).collect(),
        }
    }

    /// What reads each node.
    pub(super) fn children(compiled: &'a Compiled) -> Self {
        let children = compiled.graph.children.iter();
        Self {
            plan: &compiled.plan,
            neighbours: children
                .map(|children| children.iter().copied().collect())
                .collect(),
        }
    }
}

impl Serialize for Edges<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes = &self.plan.nodes;
        let mut map = serializer.serialize_map(Some(nodes.len()))?;
        for (node, neighbours) in nodes.iter().zip(&self.neighbours) {
            let ids: Vec<&str> = neighbours.iter().map(|at| nodes[*at].id.as_str()).collect();
            map.serialize_entry(&node.id, &ids)?;
        }
        map.end()
    }
}
