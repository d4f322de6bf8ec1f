//! Nodes of `on-run-start` and `on-run-end`: installed packages in the order of their names, then the project itself.

use super::{Parser, Placed, fqn};
use serde_yaml::Mapping;

use crate::compile::plan::{Config, Node, Operation, Resource};
use crate::diagnostic::{At, Place, Result};
use crate::project::Package;

/// Drafts the operations of all packages.
pub(super) fn drafts(parser: &Parser<'_>, errors: &mut Vec<anyhow::Error>) -> Vec<Node> {
    let mut packages: Vec<&Package> = parser.project.packages.iter().collect();
    let root = &parser.project.name;
    packages.sort_by_key(|package| (package.name == *root, package.name.clone()));
    let mut nodes = Vec::new();
    for (at_end, word) in [(false, "start"), (true, "end")] {
        for package in &packages {
            let texts = match at_end {
                false => &package.on_run_start,
                true => &package.on_run_end,
            };
            for (number, text) in texts.iter().enumerate() {
                let name = format!("{}-on-run-{word}-{number}", package.name);
                match draft(parser, package, &name, (text, at_end, number)) {
                    Ok(node) => nodes.push(node),
                    Err(err) => errors.push(err),
                }
            }
        }
    }
    nodes
}

fn draft(
    parser: &Parser<'_>,
    package: &Package,
    name: &str,
    (text, at_end, number): (&str, bool, usize),
) -> Result<Node> {
    let at = At::new(&package.file, 0, 0);
    let template = parser.dialect.compile_within(&package.name, &at, text)?;
    let resource = Resource::Operation(Box::new(Operation {
        template: template.clone(),
        at_end,
        number,
    }));
    let mut node = Node {
        id: format!("operation.{}.{name}", package.name),
        name: name.to_owned(),
        package: package.name.clone(),
        path: package.file.clone(),
        original: package.file.file_name().unwrap_or_default().into(),
        inner: format!("hooks/{name}.sql").into(),
        fqn: fqn(&package.name, &["hooks".to_owned()], &[name]),
        ..Node::new(resource, at.clone())
    };
    let recorded = parser
        .listen(&node, &template, &Config::default())
        .place(&at)?;
    node.references = recorded.references;
    node.macros = recorded.macros;
    let names = node.fqn.clone();
    let placed = Placed {
        trees: &["models"],
        package: &package.name,
        fqn: &names,
    };
    node.config = parser.config(&placed, &[]);
    node.unrendered = parser.unrendered(&placed, (&Mapping::new(), &Mapping::new()));
    let when = if at_end { "on-run-end" } else { "on-run-start" };
    node.tags = vec![when.to_owned()];
    node.relation = Some(parser.namer.relation(&node)?);
    Ok(node)
}
