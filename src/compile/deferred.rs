//! `--defer`: what is not built here is read where an earlier build, of another environment, left it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::{Index, Node, Plan, Resource};
use crate::engine::Relation;

/// Returns the relations that the nodes of a plan have in a manifest.
#[must_use]
pub fn relations(plan: &Plan, manifest: &Value) -> BTreeMap<Index, Relation> {
    let nodes = manifest.get("nodes");
    let nodes = nodes.and_then(Value::as_object);
    let found = plan.nodes.iter().enumerate().filter_map(|(index, node)| {
        let old = nodes?.get(&node.id).filter(|_| is_referable(node))?;
        let text = |key: &str| Some(old.get(key)?.as_str()?.to_owned());
        let materialized = old
            .get("config")
            .and_then(|config| config.get("materialized"));
        if materialized.and_then(Value::as_str) == Some("ephemeral") {
            return None;
        }
        let relation = Relation {
            database: text("database"),
            schema: text("schema")?,
            name: text("alias").or_else(|| text("name"))?,
        };
        Some((index, relation))
    });
    found.collect()
}

fn is_referable(node: &Node) -> bool {
    matches!(
        node.resource,
        Resource::Model(_) | Resource::Seed | Resource::Snapshot(_)
    )
}
