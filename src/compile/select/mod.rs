//! dbt's selection of nodes: methods, wildcards, `+` and `@`, unions, intersections, exclusions, selectors in YAML, and the
//! tests that come along.

mod breaking;
mod grammar;
mod methods;
mod paths;
mod selectors;
mod state;

use std::cell::RefCell;
use std::collections::BTreeSet;

pub use self::grammar::Indirect;
use self::grammar::{Criterion, Group, Join, Spec};
use self::methods::Matcher;
pub use self::selectors::Selectors;
pub use self::state::{Past, statuses};
use super::graph::Graph;
use super::plan::{Index, Plan, Resource};
use crate::diagnostic::{Diagnostic, Result, Warning, nearest};

/// What the command line chooses.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `--select`; empty chooses everything, or what the default selector says.
    pub select: Vec<String>,
    /// `--exclude`.
    pub exclude: Vec<String>,
    /// `--selector`: a name of `selectors.yml`.
    pub selector: Option<String>,
    /// `--resource-type`; empty keeps every kind.
    pub resource_types: Vec<String>,
    /// `--exclude-resource-type`.
    pub exclude_resource_types: Vec<String>,
    /// `--indirect-selection`: which tests come along with what they test.
    pub indirect: Indirect,
    /// `--state`: what an earlier command left.
    pub past: Past,
}

/// What a selection chose.
#[derive(Debug, Default)]
pub struct Chosen {
    /// The nodes.
    pub nodes: BTreeSet<Index>,
    /// The criteria that no node meets, each with what may have been meant.
    pub unmet: Vec<Unmet>,
    /// Contracts of models that are broken since `--state`.
    pub warnings: Vec<Warning>,
}

/// A criterion that no node meets.
#[derive(Debug, PartialEq, Eq)]
pub struct Unmet {
    /// As it was written.
    pub criterion: String,
    /// The nearest name.
    pub near: Option<String>,
}

/// Where nodes are looked for.
pub(super) struct Field<'a> {
    /// The nodes.
    pub(super) plan: &'a Plan,
    /// Their edges.
    pub(super) graph: &'a Graph,
    /// The root project's name.
    pub(super) root: &'a str,
    /// What `selectors.yml` defines.
    pub(super) selectors: &'a Selectors,
    /// What an earlier command left.
    pub(super) past: &'a Past,
    /// The manifest of the project as it is; asked only where something is compared with it.
    pub(super) now: &'a dyn Fn() -> Result<serde_json::Value>,
    /// Takes what is doubtful about the comparison.
    pub(super) warnings: RefCell<Vec<Warning>>,
}

/// Returns the chosen nodes.
///
/// # Errors
/// `Project` for an unknown method, selector or kind, or a malformed criterion, with the nearest name.
pub(super) fn select(field: &Field<'_>, selection: &Selection) -> Result<Chosen> {
    let spec = wanted(field, selection)?;
    let mut search = Search {
        field,
        unmet: Vec::new(),
        within: Vec::new(),
    };
    let (mut nodes, _) = search.find(&spec)?;
    let kinds = Kinds::new(selection)?;
    nodes.retain(|index| !matches!(field.plan.nodes[*index].resource, Resource::Operation(_)));
    nodes.retain(|index| kinds.keep(field.plan.nodes[*index].resource.word()));
    Ok(Chosen {
        nodes,
        unmet: search.unmet,
        warnings: field.warnings.take(),
    })
}

/// Returns what is asked for: the named selector, the criteria, or the default selector.
fn wanted(field: &Field<'_>, selection: &Selection) -> Result<Spec> {
    if let Some(name) = &selection.selector {
        return Ok(field.selectors.require(name)?.with(selection.indirect));
    }
    if selection.select.is_empty()
        && selection.exclude.is_empty()
        && let Some(default) = field.selectors.by_default()
    {
        return Ok(default.with(selection.indirect));
    }
    let excluded = Spec::union(&selection.exclude, selection.indirect)?;
    let included = match selection.select.is_empty() {
        true => Spec::All,
        false => Spec::union(&selection.select, selection.indirect)?,
    };
    Ok(Spec::group(Join::Difference, vec![included, excluded]))
}

/// A walk through a selection.
struct Search<'a> {
    field: &'a Field<'a>,
    unmet: Vec<Unmet>,
    /// The selectors that are being looked into: a selector that leads back to itself is a circle.
    within: Vec<String>,
}

/// Nodes that are chosen, and tests that are once all they test is.
type Found = (BTreeSet<Index>, BTreeSet<Index>);

impl Search<'_> {
    fn find(&mut self, spec: &Spec) -> Result<Found> {
        match spec {
            Spec::All => Ok(((0..self.field.plan.nodes.len()).collect(), BTreeSet::new())),
            Spec::One(criterion) => self.one(criterion),
            Spec::Group(group) => self.group(group),
        }
    }

    fn group(&mut self, group: &Group) -> Result<Found> {
        let (mut direct, mut with_indirect) = (Vec::new(), Vec::new());
        for part in &group.parts {
            let (chosen, indirect) = self.find(part)?;
            with_indirect.push(chosen.union(&indirect).copied().collect());
            direct.push(chosen);
        }
        let chosen = group.join.combine(direct);
        let indirect = group.join.combine(with_indirect);
        let chosen = self.incorporate(chosen, &indirect, group.indirect);
        if let Some(raw) = &group.expected
            && chosen.is_empty()
        {
            let near = self.near(group);
            self.unmet.push(Unmet {
                criterion: raw.clone(),
                near,
            });
        }
        Ok((chosen, indirect))
    }

    fn one(&mut self, criterion: &Criterion) -> Result<Found> {
        if criterion.method == "selector" {
            let own = self.named(criterion.text().as_ref())?;
            return Ok((self.relatives(criterion, own), BTreeSet::new()));
        }
        let matcher = Matcher::new(self.field, criterion)?;
        let nodes = self.field.plan.nodes.iter().enumerate();
        let own = nodes
            .filter(|(_, node)| matcher.matches(node))
            .map(|(index, _)| index)
            .collect();
        let chosen = self.relatives(criterion, own);
        Ok(self.expand(chosen, criterion.indirect.unwrap_or_default()))
    }

    /// Adds what the criterion's operators ask for: what nodes read, what reads them, and what that reads.
    fn relatives(&self, criterion: &Criterion, own: BTreeSet<Index>) -> BTreeSet<Index> {
        let graph = self.field.graph;
        let mut chosen = own.clone();
        if criterion.at {
            let below = Graph::reach(&graph.children, &own, usize::MAX);
            chosen = Graph::reach(&graph.parents, &below, usize::MAX);
        }
        if let Some(depth) = criterion.up {
            chosen.extend(Graph::reach(&graph.parents, &own, depth));
        }
        if let Some(depth) = criterion.down {
            chosen.extend(Graph::reach(&graph.children, &own, depth));
        }
        chosen
    }

    /// Returns the nodes of the selectors with this name, which may hold wildcards.
    fn named(&mut self, pattern: &str) -> Result<BTreeSet<Index>> {
        let mut chosen = BTreeSet::new();
        for (name, spec) in self.field.selectors.matching(pattern)? {
            if self.within.iter().any(|outer| outer == name) {
                return Err(Diagnostic::project(format!(
                    "the selector `{name}` leads back to itself: {} -> {name}",
                    self.within.join(" -> ")
                ))
                .hint("take one of these `selector:` out")
                .into());
            }
            self.within.push(name.to_owned());
            chosen.extend(self.find(spec)?.0);
            self.within.pop();
        }
        Ok(chosen)
    }

    /// Adds the tests of the chosen nodes; returns apart those that test something else too and have to wait for it.
    fn expand(&self, mut chosen: BTreeSet<Index>, indirect: Indirect) -> Found {
        let mut waiting = BTreeSet::new();
        if indirect == Indirect::Empty {
            return (chosen, waiting);
        }
        let graph = self.field.graph;
        let at_hand = match indirect {
            Indirect::Buildable => self.buildable(&chosen),
            _ => chosen.clone(),
        };
        let tests: BTreeSet<Index> = chosen
            .iter()
            .flat_map(|index| &graph.children[*index])
            .filter(|index| self.is_test(**index))
            .copied()
            .collect();
        for test in tests {
            let comes = indirect == Indirect::Eager || graph.parents[test].is_subset(&at_hand);
            match comes {
                true => chosen.insert(test),
                false => waiting.insert(test),
            };
        }
        (chosen, waiting)
    }

    /// Adds the tests that waited and now have all they test.
    fn incorporate(
        &self,
        chosen: BTreeSet<Index>,
        waiting: &BTreeSet<Index>,
        indirect: Indirect,
    ) -> BTreeSet<Index> {
        let at_hand = match indirect {
            Indirect::Cautious => chosen.clone(),
            Indirect::Buildable => Graph::reach(&self.field.graph.parents, &chosen, usize::MAX),
            Indirect::Eager | Indirect::Empty => return chosen,
        };
        let parents = &self.field.graph.parents;
        let ready = waiting.iter().filter(|index| {
            self.is_test(**index)
                && !parents[**index].is_empty()
                && parents[**index].is_subset(&at_hand)
        });
        let ready: Vec<Index> = ready.copied().collect();
        chosen.into_iter().chain(ready).collect()
    }

    /// What a build of the chosen nodes can count on: what they read, and every source.
    fn buildable(&self, chosen: &BTreeSet<Index>) -> BTreeSet<Index> {
        let nodes = &self.field.plan.nodes;
        let is_source = |index: &Index| matches!(nodes[*index].resource, Resource::Source { .. });
        let mut at_hand = Graph::reach(&self.field.graph.parents, chosen, usize::MAX);
        at_hand.extend((0..nodes.len()).filter(is_source));
        at_hand
    }

    fn is_test(&self, index: Index) -> bool {
        matches!(
            self.field.plan.nodes[index].resource.word(),
            "test" | "unit_test"
        )
    }

    /// The name that the first unmet criterion of a group may have meant.
    fn near(&self, group: &Group) -> Option<String> {
        let criteria = group.parts.iter().filter_map(|part| match part {
            Spec::One(criterion) => Some(criterion),
            _ => None,
        });
        criteria
            .filter_map(|criterion| methods::near(self.field.plan, criterion))
            .next()
    }
}

/// The kinds of node that are kept.
struct Kinds<'a> {
    only: Vec<&'a str>,
    without: Vec<&'a str>,
}

/// Every kind of node, dbt's and ours.
const KINDS: &[&str] = &[
    "model",
    "seed",
    "snapshot",
    "source",
    "test",
    "unit_test",
    "analysis",
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "function",
    "feature_view",
    "ml_model",
    "export",
    "report",
];

/// Kinds that `default` does not stand for.
const NOT_DEFAULT: &[&str] = &["analysis"];

impl<'a> Kinds<'a> {
    fn new(selection: &'a Selection) -> Result<Self> {
        let known = |words: &'a [String]| -> Result<Vec<&'a str>> {
            words.iter().map(|word| kind(word)).collect()
        };
        Ok(Self {
            only: known(&selection.resource_types)?,
            without: known(&selection.exclude_resource_types)?,
        })
    }

    fn keep(&self, word: &str) -> bool {
        let named = |kinds: &[&str]| {
            kinds.iter().any(|kind| match *kind {
                "all" => true,
                "default" => !NOT_DEFAULT.contains(&word),
                kind => kind == word,
            })
        };
        (self.only.is_empty() || named(&self.only)) && !named(&self.without)
    }
}

/// Checks a word of `--resource-type`.
fn kind(word: &str) -> Result<&str> {
    let mut known = KINDS.iter().copied().chain(["all", "default"]);
    if known.clone().any(|kind| kind == word) {
        return Ok(word);
    }
    let err = Diagnostic::project(format!("`{word}` is no kind of node"));
    Err(match nearest(word, known.clone()) {
        Some(near) => err.hint(format!("did you mean `{near}`?")),
        None => err.hint(format!(
            "kinds are: {}",
            known.by_ref().collect::<Vec<_>>().join(", ")
        )),
    }
    .into())
}
