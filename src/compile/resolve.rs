//! References become edges: each name finds its node, or an answer that helps.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use serde_yaml::Value;

use super::place::place_of;
use super::plan::{Index, Node, Plan, Resource};
use crate::diagnostic::{Diagnostic, Result, Warning, all_or_none, nearest};
use crate::project::Project;
use crate::project::nodes::Reference;

/// Names that references can mean.
pub(super) struct Names<'a> {
    root: &'a str,
    /// Whether a reference means a node of its own package before one of the project.
    own_first: bool,
    nodes: HashMap<String, Vec<Named>>,
    sources: BTreeMap<(String, String), Vec<Index>>,
    others: HashMap<(&'static str, String), Vec<Index>>,
    /// The semantic model that declares a measure.
    measures: HashMap<String, Index>,
}

struct Named {
    index: Index,
    version: Option<String>,
    is_latest: bool,
}

/// Returns a flag that only the project's file sets, and that is off by itself.
pub(super) fn flag(project: &Project, name: &str) -> bool {
    let flag = project.flags.get(name);
    flag.and_then(Value::as_bool).unwrap_or(false)
}

impl<'a> Names<'a> {
    pub(super) fn of(project: &'a Project, nodes: &[Node]) -> Self {
        let mut names = Self {
            root: &project.name,
            own_first: flag(project, "require_ref_searches_node_package_before_root"),
            nodes: HashMap::new(),
            sources: BTreeMap::new(),
            others: HashMap::new(),
            measures: HashMap::new(),
        };
        for (index, node) in nodes.iter().enumerate() {
            names.add(index, node);
        }
        names
    }

    fn add(&mut self, index: Index, node: &Node) {
        match &node.resource {
            Resource::Source { source, .. } => {
                let key = (source.clone(), node.name.clone());
                self.sources.entry(key).or_default().push(index);
            }
            resource if resource.is_referable() => {
                let text = |value: &serde_yaml::Value| {
                    value.as_scalar_string().map(|text| text.into_owned())
                };
                let (version, is_latest) = match resource {
                    Resource::Model(model) => (
                        model.version.as_ref().and_then(text),
                        model.version == model.latest,
                    ),
                    _ => (None, true),
                };
                self.nodes
                    .entry(node.name.clone())
                    .or_default()
                    .push(Named {
                        index,
                        version,
                        is_latest,
                    });
            }
            Resource::SemanticModel => {
                let measures = super::semantic::measures::declared(&node.options);
                let named = measures.into_iter().map(|measure| (measure, index));
                self.measures.extend(named);
                let key = (node.resource.word(), node.name.clone());
                self.others.entry(key).or_default().push(index);
            }
            Resource::Metric | Resource::Function(_) => {
                let key = (node.resource.word(), node.name.clone());
                self.others.entry(key).or_default().push(index);
            }
            _ => {}
        }
    }

    /// Finds the node a reference means; `from` is the package it is written in.
    pub(super) fn find(&self, nodes: &[Node], reference: &Reference, from: &str) -> Option<Index> {
        let (candidates, package) = self.candidates(reference)?;
        let of = |package: &str| {
            // Of kinds of one name the last is meant.
            let mut found = candidates.iter().rev().copied();
            found.find(|index| nodes[*index].package == package)
        };
        match package {
            Some(package) => of(package),
            None => {
                let order = match self.own_first {
                    true => [from, self.root],
                    false => [self.root, from],
                };
                let preferred = order.into_iter().find_map(of);
                preferred.or_else(|| candidates.first().copied())
            }
        }
    }

    fn candidates<'r>(&self, reference: &'r Reference) -> Option<(Vec<Index>, Option<&'r str>)> {
        match reference {
            Reference::Source { source, table } => {
                let found = self.sources.get(&(source.clone(), table.clone()))?;
                Some((found.clone(), None))
            }
            Reference::Ref {
                package,
                name,
                version,
            } => {
                let fits = |named: &&Named| match version {
                    Some(version) => named.version.as_ref() == Some(version),
                    None => named.is_latest,
                };
                let found = self.nodes.get(name)?.iter().filter(fits);
                Some((found.map(|named| named.index).collect(), package.as_deref()))
            }
            Reference::Metric { package, name } => {
                let found = self.others.get(&("metric", name.clone()))?;
                Some((found.clone(), package.as_deref()))
            }
            Reference::Function { package, name } => {
                let found = self.others.get(&("function", name.clone()))?;
                Some((found.clone(), package.as_deref()))
            }
        }
    }

    /// Finds the semantic model that a metric sums up itself.
    fn aggregated(&self, nodes: &[Node], metric: &Node) -> Option<Index> {
        let name = super::semantic::measures::aggregated(&metric.options)?;
        let found = self.others.get(&("semantic_model", name.to_owned()))?;
        let mut found = found.iter().copied();
        found.find(|index| nodes[*index].package == metric.package)
    }

    /// Says what is wrong with a reference that means nothing.
    pub(super) fn missing(&self, reference: &Reference, off: &Off) -> Diagnostic {
        if off.holds(reference) {
            return Diagnostic::project(format!("`{}` is disabled", spoken(reference)))
                .hint("enable it, or take out what reads it");
        }
        match reference {
            Reference::Source { .. } => {
                let wanted = spoken(reference);
                let err = Diagnostic::project(format!("no source table is called `{wanted}`"));
                let known: Vec<String> = self
                    .sources
                    .keys()
                    .map(|(source, table)| format!("{source}.{table}"))
                    .collect();
                match nearest(&wanted, known.iter().map(String::as_str)) {
                    Some(near) => err.hint(format!("did you mean `{near}`?")),
                    None => err.hint("declare it under `sources:` in a YAML file of the models"),
                }
            }
            Reference::Ref {
                name,
                version,
                package,
            } => self.no_node(name, package.as_deref(), version.as_deref()),
            Reference::Metric { name, .. } | Reference::Function { name, .. } => {
                let kind = match reference {
                    Reference::Metric { .. } => "metric",
                    _ => "function",
                };
                let err = Diagnostic::project(format!("no {kind} is called `{name}`"));
                let known = self.others.keys().filter(|(of, _)| *of == kind);
                match nearest(name, known.map(|(_, name)| name.as_str())) {
                    Some(near) => err.hint(format!("did you mean `{near}`?")),
                    None => err,
                }
            }
        }
    }

    fn no_node(&self, name: &str, package: Option<&str>, version: Option<&str>) -> Diagnostic {
        let known = self.nodes.get(name);
        if let (Some(known), Some(version)) = (known, version) {
            let versions = known.iter().filter_map(|named| named.version.as_deref());
            let versions: Vec<&str> = versions.collect();
            let err = Diagnostic::project(format!("`{name}` has no version {version}"));
            return match versions.is_empty() {
                true => err.hint("it has no versions"),
                false => err.hint(format!("its versions are: {}", versions.join(", "))),
            };
        }
        let err = match package {
            Some(package) => {
                Diagnostic::project(format!("nothing in package `{package}` is called `{name}`"))
            }
            None => Diagnostic::project(format!("nothing is called `{name}`")),
        };
        if package.is_some() && known.is_some() {
            return err.hint(format!("another package has it: `ref('{name}')` finds it"));
        }
        match nearest(name, self.nodes.keys().map(String::as_str)) {
            Some(near) => err.hint(format!("did you mean `{near}`?")),
            None => err.hint(format!(
                "add models/{name}.sql, or use source('…', '{name}') for a source table"
            )),
        }
    }
}

fn spoken(reference: &Reference) -> String {
    match reference {
        Reference::Source { source, table } => format!("{source}.{table}"),
        other => other.name().to_owned(),
    }
}

/// The names of what is switched off.
#[derive(Default)]
pub(super) struct Off {
    nodes: BTreeSet<String>,
    sources: BTreeSet<String>,
}

impl Off {
    pub(super) fn of(disabled: &[Node]) -> Self {
        let mut off = Self::default();
        for node in disabled {
            match &node.resource {
                Resource::Source { source, .. } => {
                    off.sources.insert(format!("{source}.{}", node.name));
                }
                resource if resource.is_referable() => {
                    off.nodes.insert(node.name.clone());
                }
                _ => {}
            }
        }
        off
    }

    fn holds(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Source { .. } => self.sources.contains(&spoken(reference)),
            Reference::Ref { name, .. } => self.nodes.contains(name),
            Reference::Metric { .. } | Reference::Function { .. } => false,
        }
    }
}

/// Turns drafts into a plan.
///
/// # Errors
/// `Project` for two nodes of one name and for references to nothing, each with its place.
pub(super) fn resolve(
    project: &Project,
    (mut nodes, operations): (Vec<Node>, Vec<Node>),
    mut warnings: Vec<Warning>,
) -> Result<Plan> {
    let is_on = |node: &Node| node.config.flag("enabled") != Some(false);
    // Nodes are large: those that are on stay where they are, and sorted by copies of their ids each is moved once.
    let mut disabled: Vec<Node> = nodes.extract_if(.., |node| !is_on(node)).collect();
    nodes.sort_by_cached_key(|node| node.id.clone());
    // Of two files of one name, one switched off, both are described by the same YAML: its tests are put to use once.
    nodes.dedup_by(|b, a| a.id == b.id && a.at == b.at && matches!(a.resource, Resource::Test(_)));
    let is_strict = flag(project, "require_unique_project_resource_names");
    super::unique::check(&nodes, is_strict, &mut warnings)?;
    let off = Off::of(&disabled);
    let idle = idle_tests(&Names::of(project, &nodes), &nodes, &off, &mut warnings);
    let (units, mut idle) = set_aside(&mut nodes, &idle);
    disabled.extend(units);
    let names = Names::of(project, &nodes);
    let mut errors = Vec::new();
    let (mut operations, off_operations): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(is_on);
    disabled.extend(off_operations);
    let found = nodes.par_iter().map(|node| {
        let mut errors = Vec::new();
        let edges = edges(&names, &nodes, node, (&off, &mut errors));
        (edges, errors)
    });
    let (edges, missing): (Vec<Edges>, Vec<_>) = found.unzip();
    errors.extend(missing.into_iter().flatten());
    for node in &mut operations {
        (node.parents, node.inputs) = self::edges(&names, &nodes, node, (&off, &mut errors));
    }
    for node in &mut idle {
        // What they miss was said.
        (node.parents, node.inputs) = self::edges(&names, &nodes, node, (&off, &mut Vec::new()));
    }
    let rejects = rejects(&names);
    for (node, (parents, inputs)) in nodes.iter_mut().zip(edges) {
        node.parents = parents;
        node.inputs = inputs;
    }
    for (index, loaded) in rejects {
        nodes[index].parents.insert(loaded);
    }
    super::access::check(project, &nodes, &mut errors);
    super::semantic::check(&nodes, &mut errors);
    super::semantic::check_windows(project, &nodes, &mut errors);
    all_or_none(errors)?;
    disabled.sort_by(|a, b| a.id.cmp(&b.id));
    warnings.extend(super::configured::unused::check(
        project,
        &nodes,
        [&disabled, &idle],
    ));
    let mut plan = Plan::new(nodes);
    plan.disabled = disabled;
    plan.idle = idle;
    plan.operations = operations;
    plan.warnings = warnings;
    Ok(plan)
}

/// Takes unit tests and tests that have nothing to test out of the nodes. The tests say that they are switched off.
fn set_aside(nodes: &mut Vec<Node>, idle: &BTreeSet<Index>) -> (Vec<Node>, Vec<Node>) {
    let mut number = 0..;
    let is_idle = |_: &mut Node| number.next().is_some_and(|at| idle.contains(&at));
    let taken = nodes.extract_if(.., is_idle);
    let is_unit = |node: &Node| matches!(node.resource, Resource::UnitTest(_));
    let (units, mut tests): (Vec<_>, Vec<_>) = taken.partition(is_unit);
    for node in &mut tests {
        let off = (Value::string("enabled".into()), Value::bool(false));
        node.config.lay(&std::iter::once(off).collect());
    }
    (units, tests)
}

type Edges = (BTreeSet<Index>, BTreeMap<Reference, Index>);

/// Finds what the references of a node mean.
fn edges(
    names: &Names<'_>,
    nodes: &[Node],
    node: &Node,
    (off, errors): (&Off, &mut Vec<anyhow::Error>),
) -> Edges {
    let mut edges = Edges::default();
    if matches!(node.resource, Resource::Metric) {
        let measures = super::semantic::measures::read(&node.options);
        let models = measures.iter().filter_map(|name| names.measures.get(name));
        edges.0.extend(models);
        edges.0.extend(names.aggregated(nodes, node));
    }
    for reference in &node.references {
        if edges.1.contains_key(reference) {
            continue;
        }
        match names.find(nodes, reference, &node.package) {
            Some(input) => {
                // What stands for the inputs of a unit test is given: it waits for its model only.
                let is_parent =
                    edges.0.is_empty() || !matches!(node.resource, Resource::UnitTest(_));
                if is_parent {
                    edges.0.insert(input);
                }
                edges.1.insert(reference.clone(), input);
            }
            None => {
                let kind = node.resource.word().replace('_', " ");
                let err = names.missing(reference, off);
                let err = err.at(&place_of(reference, node));
                errors.push(err.note(format!("{kind} `{}` reads it", node.name)).into());
            }
        }
    }
    edges
}

/// Returns the tests that read what does not exist or is switched off: dbt leaves those out, and warns of the former.
fn idle_tests(
    names: &Names<'_>,
    nodes: &[Node],
    off: &Off,
    warnings: &mut Vec<Warning>,
) -> BTreeSet<Index> {
    let mut idle = BTreeSet::new();
    for (index, node) in nodes.iter().enumerate() {
        let is_unit = matches!(node.resource, Resource::UnitTest(_));
        if !is_unit && !matches!(node.resource, Resource::Test(_)) {
            continue;
        }
        for reference in &node.references {
            if names.find(nodes, reference, &node.package).is_some() {
                continue;
            }
            let is_off = off.holds(reference);
            if is_unit && !is_off {
                continue;
            }
            idle.insert(index);
            if !is_off {
                let missing = names.missing(reference, off);
                let warning = format!("test `{}` is left out: {}", node.name, missing.what());
                let at = place_of(reference, node);
                warnings.push(Warning::new("NodeNotFoundOrDisabled", at, warning));
            }
            break;
        }
    }
    idle
}

/// Returns the rejects of ingested tables, where they are declared as tables too, with the table whose ingestion they wait for.
fn rejects(names: &Names<'_>) -> Vec<(Index, Index)> {
    let mut pairs = Vec::new();
    for ((source, table), found) in &names.sources {
        let loaded = table
            .strip_suffix("_rejects")
            .and_then(|loaded| names.sources.get(&(source.clone(), loaded.to_owned())));
        if let (Some(index), Some(loaded)) = (found.first(), loaded.and_then(|found| found.first()))
        {
            pairs.push((*index, *loaded));
        }
    }
    pairs
}
