//! What versions of the data are made of: the nodes of a plan that are tables.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::{Compiled, Index, Node, Resource};
use crate::version::{Origin, Tracked};

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
            Resource::Test(_) | Resource::Analysis(_) | Resource::Export(_) | Resource::Report(_)
        );
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
