//! From a place in a statement back to the template's line.

use std::sync::Arc;

use super::adapter::Adapter;
use super::{Compiled, Index, template};
use crate::diagnostic::At;

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
