//! Which node may begin when: inputs first, a relation's tests before what reads it, failures skip what follows; seeds
//! before what reads their tables as sources.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::{Graph, Index, Plan, Resource};
use crate::engine::Relation;

/// The nodes of a run and what each still waits for.
pub(super) struct Schedule {
    waits_for: BTreeMap<Index, BTreeSet<Index>>,
    ready: BTreeSet<Index>,
    children: BTreeMap<Index, BTreeSet<Index>>,
    /// Seeds, each with a node that waits for it but does not need it to end well.
    loose: BTreeSet<(Index, Index)>,
    /// Nodes that can never begin, and the node whose failure is to blame.
    blocked: BTreeMap<Index, Index>,
}

/// What became of a node, as far as those after it care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Good,
    Bad,
}

impl Schedule {
    /// Orders the chosen nodes; an unchosen node between two chosen ones still orders them.
    pub(super) fn new(plan: &Plan, graph: &Graph, chosen: &BTreeSet<Index>) -> Self {
        let mut edges: BTreeMap<Index, BTreeSet<Index>> = BTreeMap::new();
        for index in chosen {
            edges.insert(*index, nearest_chosen(graph, *index, chosen));
        }
        put_before_models(plan, chosen, &mut edges);
        for (child, tests) in test_edges(plan, graph, chosen) {
            edges.entry(child).or_default().extend(tests);
        }
        let loose = seeds_as_sources(plan, graph, chosen);
        for (seed, reader) in &loose {
            edges.entry(*reader).or_default().insert(*seed);
        }
        let mut children: BTreeMap<Index, BTreeSet<Index>> = BTreeMap::new();
        for (child, parents) in &edges {
            for parent in parents {
                children.entry(*parent).or_default().insert(*child);
            }
        }
        let ready = edges
            .iter()
            .filter(|(_, parents)| parents.is_empty())
            .map(|(index, _)| *index)
            .collect();
        Self {
            waits_for: edges,
            ready,
            children,
            loose,
            blocked: BTreeMap::new(),
        }
    }

    /// Takes a node that may begin, and is none of those that had better wait for one that runs.
    pub(super) fn next(&mut self, waits: impl Fn(Index) -> bool) -> Option<Index> {
        let next = self.ready.iter().copied().find(|index| !waits(*index))?;
        self.ready.remove(&next);
        Some(next)
    }

    /// Notes that a node ended, and returns those that can now never begin, each with the node to blame.
    pub(super) fn done(&mut self, index: Index, end: End) -> Vec<(Index, Index)> {
        let mut skipped = Vec::new();
        let mut ended = vec![(index, end)];
        while let Some((index, end)) = ended.pop() {
            self.waits_for.remove(&index);
            for child in self.children.get(&index).cloned().unwrap_or_default() {
                if end == End::Bad && !self.loose.contains(&(index, child)) {
                    let blame = self.blocked.get(&index).copied().unwrap_or(index);
                    self.blocked.entry(child).or_insert(blame);
                }
                let Some(waits) = self.waits_for.get_mut(&child) else {
                    continue;
                };
                waits.remove(&index);
                if waits.is_empty() {
                    match self.blocked.get(&child) {
                        Some(blame) => {
                            skipped.push((child, *blame));
                            ended.push((child, End::Bad));
                        }
                        None => {
                            self.ready.insert(child);
                        }
                    }
                }
            }
        }
        skipped
    }
}

/// Returns the chosen nodes that `index` waits for, looking through unchosen ones.
fn nearest_chosen(graph: &Graph, index: Index, chosen: &BTreeSet<Index>) -> BTreeSet<Index> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut border: Vec<Index> = graph.parents[index].iter().copied().collect();
    while let Some(parent) = border.pop() {
        if !seen.insert(parent) {
            continue;
        }
        match chosen.contains(&parent) {
            true => {
                found.insert(parent);
            }
            false => border.extend(&graph.parents[parent]),
        }
    }
    found
}

/// Makes models wait for their unit tests, and those for nothing but what the model waits for.
fn put_before_models(
    plan: &Plan,
    chosen: &BTreeSet<Index>,
    edges: &mut BTreeMap<Index, BTreeSet<Index>>,
) {
    for test in chosen {
        let Resource::UnitTest(unit) = &plan.nodes[*test].resource else {
            continue;
        };
        let node = &plan.nodes[*test];
        let models = node.inputs.values().filter(|input| {
            let model = &plan.nodes[**input];
            model.name == unit.model && matches!(model.resource, Resource::Model(_))
        });
        for model in models.filter(|model| chosen.contains(model)) {
            let above = edges.get(model).cloned().unwrap_or_default();
            edges.insert(*test, above);
            edges.entry(*model).or_default().insert(*test);
        }
    }
}

/// Returns the chosen seeds whose table a source names, each with those that read the source: dbt knows of no edge between
/// them, and is mostly right by luck.
fn seeds_as_sources(
    plan: &Plan,
    graph: &Graph,
    chosen: &BTreeSet<Index>,
) -> BTreeSet<(Index, Index)> {
    let seeds: BTreeMap<&Relation, Index> = chosen
        .iter()
        .filter(|index| {
            let is_seed = matches!(plan.nodes[**index].resource, Resource::Seed);
            is_seed && graph.parents[**index].is_empty()
        })
        .filter_map(|index| Some((plan.nodes[*index].relation.as_ref()?, *index)))
        .collect();
    let mut found = BTreeSet::new();
    for (source, node) in plan.nodes.iter().enumerate() {
        let seed = node.relation.as_ref().and_then(|table| seeds.get(table));
        if let (Some(seed), Resource::Source { .. }) = (seed, &node.resource) {
            let readers = graph.children[source].intersection(chosen);
            found.extend(readers.map(|reader| (*seed, *reader)));
        }
    }
    found
}

/// Makes those that read a tested relation wait for its tests, as `dbt build` does: for a test of several
/// relations, only those that come after all of them.
fn test_edges(
    plan: &Plan,
    graph: &Graph,
    chosen: &BTreeSet<Index>,
) -> BTreeMap<Index, BTreeSet<Index>> {
    let is_test = |index: &Index| matches!(plan.nodes[*index].resource, Resource::Test(_));
    // A unit test comes before the model it reads, and so before that model's tests; the others wait for no test in dbt, either.
    let is_reader = |index: &Index| {
        let resource = &plan.nodes[*index].resource;
        !matches!(
            resource,
            Resource::Test(_)
                | Resource::UnitTest(_)
                | Resource::Exposure
                | Resource::Metric
                | Resource::SemanticModel
                | Resource::SavedQuery
        )
    };
    let mut edges: BTreeMap<Index, BTreeSet<Index>> = BTreeMap::new();
    let mut above: BTreeMap<Index, BTreeSet<Index>> = BTreeMap::new();
    for test in chosen.iter().filter(|index| is_test(index)) {
        let tested = &graph.parents[*test];
        let readers = tested.iter().flat_map(|node| &graph.children[*node]);
        for reader in readers.filter(|index| chosen.contains(index) && is_reader(index)) {
            let ancestors = above.entry(*reader).or_insert_with(|| {
                Graph::reach(&graph.parents, &BTreeSet::from([*reader]), usize::MAX)
            });
            if tested.is_subset(ancestors) && !tested.contains(reader) {
                edges.entry(*reader).or_default().insert(*test);
            }
        }
    }
    edges
}
