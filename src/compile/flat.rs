//! `graph` and `model`: nodes as templates read them, with the keys of dbt's manifest.

use minijinja::Value;
use rayon::prelude::*;

use super::manifest::{self, Nothing};
use super::{BUILT_IN, Compiled, Index, template};
use crate::jinja;

/// The parts of `graph` that hold nodes.
const SECTIONS: &[&str] = &[
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
];

/// Returns whether any macro or template of the project could read `graph`: to make it takes a while.
pub(super) fn is_read(compiled: &Compiled) -> bool {
    let reads = |text: &str| text.contains("graph") || text.contains("context");
    let macros = compiled.dialect.library().macros();
    let mut own = macros.filter(|found| !BUILT_IN.contains(&found.package()));
    let mut templates = compiled.plan.nodes.iter().filter_map(template);
    own.any(|found| reads(found.block.text())) || templates.any(|found| reads(&found.source().text))
}

/// Makes `graph`.
pub(super) fn graph(compiled: &Compiled) -> Value {
    let nodes: Vec<(&str, &str, Value)> = compiled
        .plan
        .nodes
        .par_iter()
        .enumerate()
        .map(|(index, node)| {
            let json = manifest::node_json(compiled, index, &Nothing);
            (
                manifest::section(node),
                node.id.as_str(),
                jinja::from_json(&json),
            )
        })
        .collect();
    let section = |name: &'static str| {
        let own = nodes.iter().filter(|(section, ..)| *section == name);
        (
            name,
            jinja::dict(own.map(|(_, id, value)| (*id, value.clone()))),
        )
    };
    let groups = (
        "groups",
        jinja::from_json(&manifest::groups(&compiled.plan)),
    );
    jinja::dict(SECTIONS.iter().map(|name| section(name)).chain([groups]))
}

/// Makes `model` of a node.
pub(super) fn model(compiled: &Compiled, index: Index) -> Value {
    jinja::from_json(&manifest::node_json(compiled, index, &Nothing))
}
