//! From a place in a statement back to the template's line.

use std::sync::Arc;

use super::adapter::Adapter;
use super::plan::{Body, Node, Resource};
use super::{Compiled, Index, body, template};
use crate::diagnostic::At;
use crate::project::nodes::Reference;

/// Finds the template's place behind byte `offset` of `statement`, which was run for a node.
///
/// The node's SQL is rendered again with marks; nothing is paid for this while all goes well. The column is
/// that of the rendered line, which is the template's where no Jinja stands before it.
pub(super) fn origin(
    compiled: &Compiled,
    index: Index,
    (statement, offset): (&str, usize),
    adapter: Option<Arc<dyn Adapter>>,
) -> Option<At> {
    let template = template(&compiled.plan.nodes[index])?;
    let globals = Arc::new(compiled.globals(index, adapter));
    let text = compiled.dialect.render(template, &globals).ok()?;
    let body = text.trim();
    let start = statement.find(body)?;
    let within = offset
        .checked_sub(start)
        .filter(|within| *within <= body.len())?;
    let leading = text.len() - text.trim_start().len();
    let before = &text[..leading + within];
    let line = before.matches('\n').count() + 1;
    let trace = compiled.dialect.trace(template, &globals).ok()?;
    let mut at = trace.origin(u32::try_from(line).ok()?)?;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    at.column = u32::try_from(column).ok()?;
    Some(at)
}

/// Finds where a reference stands in a node's text, for errors about it.
pub(super) fn place_of(reference: &Reference, node: &Node) -> At {
    if let Resource::Test(test) = &node.resource
        && test.generic.is_some()
    {
        return node.at.clone();
    }
    let text = match (&node.resource, template(node)) {
        (Resource::Operation(_), _) => return node.at.clone(),
        (Resource::Report(report), _) => report.text.as_str(),
        (_, Some(template)) => template.source().text.as_str(),
        (_, None) => match body(node) {
            Some(Body::Other { text, .. }) => text,
            _ => return node.at.clone(),
        },
    };
    let word = reference.name();
    let quoted = [format!("'{word}'"), format!("\"{word}\"")];
    let found = quoted
        .iter()
        .filter_map(|quoted| text.find(quoted.as_str()))
        .min();
    let Some(offset) = found else {
        return node.at.clone();
    };
    let before = &text[..offset];
    let call = before
        .rfind("ref")
        .into_iter()
        .chain(before.rfind("source"))
        .max()
        .unwrap_or(offset);
    let line = text[..call].matches('\n').count() + 1;
    let column = text[..call]
        .chars()
        .rev()
        .take_while(|c| *c != '\n')
        .count()
        + 1;
    let number = |n: usize| u32::try_from(n).unwrap_or(0);
    At::new(&node.path, number(line), number(column))
}
