//! The order of nodes: cycles, ancestors, descendants.

use std::collections::BTreeSet;

use super::plan::{Index, Node, Plan};
use crate::diagnostic::{Diagnostic, Result};

/// Edges in both directions.
#[derive(Debug)]
pub struct Graph {
    /// For each node, the nodes that read it, sorted.
    pub children: Vec<BTreeSet<Index>>,
    /// For each node, the nodes it reads, sorted.
    pub parents: Vec<BTreeSet<Index>>,
}

impl Graph {
    /// Builds the edges of a plan. O(nodes + edges).
    ///
    /// # Errors
    /// `Project` with the whole circle when nodes read each other in one.
    pub fn new(plan: &Plan) -> Result<Self> {
        let parents: Vec<_> = plan.nodes.iter().map(|node| node.parents.clone()).collect();
        let mut children = vec![BTreeSet::new(); parents.len()];
        for (index, above) in parents.iter().enumerate() {
            for parent in above {
                children[*parent].insert(index);
            }
        }
        let graph = Self { children, parents };
        match graph.cycle() {
            None => Ok(graph),
            Some(cycle) => Err(circular(
                &cycle
                    .iter()
                    .map(|index| &plan.nodes[*index])
                    .collect::<Vec<_>>(),
            )),
        }
    }

    /// Returns `start` and everything reached from it by at most `depth` steps along `edges`.
    #[must_use]
    pub fn reach(
        edges: &[BTreeSet<Index>],
        start: &BTreeSet<Index>,
        depth: usize,
    ) -> BTreeSet<Index> {
        let mut found = start.clone();
        let mut border = start.clone();
        for _ in 0..depth {
            border = border
                .iter()
                .flat_map(|index| &edges[*index])
                .copied()
                .collect();
            border.retain(|index| !found.contains(index));
            if border.is_empty() {
                break;
            }
            found.extend(&border);
        }
        found
    }

    /// Returns one circle, in reading order, if there is any.
    fn cycle(&self) -> Option<Vec<Index>> {
        let mut waiting: Vec<usize> = self.parents.iter().map(BTreeSet::len).collect();
        let mut ready: Vec<Index> = (0..waiting.len())
            .filter(|index| waiting[*index] == 0)
            .collect();
        let mut done = 0;
        while let Some(index) = ready.pop() {
            done += 1;
            for child in &self.children[index] {
                waiting[*child] -= 1;
                if waiting[*child] == 0 {
                    ready.push(*child);
                }
            }
        }
        if done == waiting.len() {
            return None;
        }
        let stuck = |index: &Index| waiting[*index] > 0;
        let mut path: Vec<Index> = Vec::new();
        let mut at = (0..waiting.len()).find(stuck)?;
        loop {
            if let Some(start) = path.iter().position(|index| *index == at) {
                let mut cycle = path.split_off(start);
                cycle.reverse();
                return Some(cycle);
            }
            path.push(at);
            at = *self.parents[at].iter().find(|index| stuck(index))?;
        }
    }
}

fn circular(cycle: &[&Node]) -> anyhow::Error {
    let mut names: Vec<_> = cycle
        .iter()
        .map(|node| format!("`{}`", node.name))
        .collect();
    names.extend(names.first().cloned());
    let mut err = Diagnostic::project(format!(
        "nodes read each other in a circle: {}",
        names.join(" -> ")
    ));
    if let Some(node) = cycle.first() {
        err = err.at(&node.at);
    }
    for node in cycle {
        err = err.note(format!("{} ({})", node.name, node.path.display()));
    }
    err.hint("take one of these references out").into()
}
