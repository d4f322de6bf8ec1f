//! What versions of the data are made of: the nodes of a plan that are tables.

use std::collections::{BTreeMap, BTreeSet};

use super::adapter::SessionAdapter;
use super::node::Work;
use crate::compile::{Compiled, Index, Node, Resource};
use crate::diagnostic::Result;
use crate::engine::EntryKind;
use crate::project::nodes::MlModel;
use crate::version::{self, Origin, Tracked};

/// Returns whether a model learns from a target: its training names the version of the data it read.
pub(super) fn is_named_by(model: &MlModel) -> bool {
    let keys = ["target", "candidates"];
    keys.iter().any(|key| model.options.get(key).is_some())
}

/// Keeps the tables that a model is about to learn from, unless a version holds them as they are, and returns that
/// version's name; `None` for a model without a target, or when no
/// table is behind its input.
///
/// Where the model reads a view, the tables behind the view are kept.
pub(super) fn of_training(
    work: &Work<'_>,
    adapter: &SessionAdapter,
    index: Index,
    model: &MlModel,
) -> Result<Option<String>> {
    let compiled = work.compiled;
    let from = compiled.plan.nodes[index].inputs.get(&model.from);
    let Some(from) = from.filter(|_| is_named_by(model)) else {
        return Ok(None);
    };
    let mut tables = BTreeSet::new();
    let mut open = vec![*from];
    while let Some(input) = open.pop() {
        let node = &compiled.plan.nodes[input];
        let kind = node
            .relation
            .as_ref()
            .and_then(|relation| adapter.known().find(relation));
        match kind {
            Some(EntryKind::Table) => drop(tables.insert(input)),
            Some(EntryKind::View) | None => open.extend(node.parents.iter().copied()),
        }
    }
    if tables.is_empty() {
        return Ok(None);
    }
    let request = version::Request {
        root: &work.project.root,
        tables: &tracked(compiled, &tables),
        source: &format!("train {}", model.name),
        message: &format!("what `{}` learns from", model.name),
        now: work.request.invocation.started_at,
        exactly: false,
    };
    version::ensure(&mut *adapter.session(), &request).map(Some)
}

/// Returns the relations of those `chosen` nodes that make one, with the columns that identify their rows.
///
/// Whether a relation exists, and as a table or a view, is for the warehouse to say.
#[must_use]
pub fn tracked(compiled: &Compiled, chosen: &BTreeSet<Index>) -> Vec<Tracked> {
    let unique = unique_columns(compiled);
    let nodes = chosen.iter().filter_map(|index| {
        let node = &compiled.plan.nodes[*index];
        let is_table = !matches!(
            node.resource,
            Resource::Test(_) | Resource::UnitTest(_) | Resource::Export(_) | Resource::Report(_)
        ) && !node.resource.is_only_said();
        if !is_table || crate::compile::is_ephemeral(node) {
            return None;
        }
        let tested = || unique.get(index).map(|column| vec![column.clone()]);
        Some(Tracked {
            relation: node.relation.clone()?,
            key: declared_key(node).or_else(tested).unwrap_or_default(),
            origin: origin(node),
        })
    });
    nodes.collect()
}

fn origin(node: &Node) -> Origin {
    match &node.resource {
        Resource::Source {
            ingest: Some(ingest),
            ..
        } => Origin::Ingested {
            source: ingest.source.clone(),
            table: ingest.table.clone(),
        },
        _ => Origin::Built,
    }
}

fn declared_key(node: &Node) -> Option<Vec<String>> {
    let key = match &node.resource {
        Resource::Source {
            ingest: Some(ingest),
            ..
        } => ingest.primary_key.clone(),
        Resource::MlModel(model) => model.key.clone(),
        _ => node.config.texts("unique_key"),
    };
    (!key.is_empty()).then_some(key)
}

/// Returns for each node the first column that a test says is unique.
fn unique_columns(compiled: &Compiled) -> BTreeMap<Index, String> {
    let mut columns = BTreeMap::new();
    for node in &compiled.plan.nodes {
        let Resource::Test(test) = &node.resource else {
            continue;
        };
        let Some(generic) = test
            .generic
            .as_ref()
            .filter(|generic| generic.test.test == "unique")
        else {
            continue;
        };
        if let (Some(column), Some(on)) = (&generic.column, node.inputs.get(&generic.on)) {
            columns.entry(*on).or_insert_with(|| column.clone());
        }
    }
    columns
}
