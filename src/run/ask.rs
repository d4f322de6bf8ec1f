//! What asks the warehouse outside a run of nodes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::event::{NodeResult, Status, Summary};
use super::introspection::Introspection;
use super::{artifacts::Ledger, model, statements};
use crate::compile::{Comment, Commenter, Compiled, Index, Node, Resource, body, template};
use crate::diagnostic::{Result, all_or_none};
use crate::project::Project;

/// Returns the comment of the statements of a node, or of those outside of nodes.
pub(super) fn comment(
    commenter: Option<&Commenter>,
    compiled: &Compiled,
    index: Option<Index>,
) -> Result<Option<Comment>> {
    commenter.map_or(Ok(None), |commenter| commenter.comment(compiled, index))
}

/// Runs `on-run-start`, then what `between` does, then `on-run-end`, whose results `between` returns.
/// Returns why a statement failed, when one did; nothing is done between then, with `skips`.
///
/// # Errors
/// `Project` when a statement does not render.
pub fn around(
    compiled: &Compiled,
    introspection: &Introspection,
    skips: bool,
    between: impl FnOnce() -> Vec<NodeResult>,
) -> Result<Option<anyhow::Error>> {
    let adapter = &introspection.first()?;
    let ledger = Ledger::default();
    let at_start = statements::run((compiled, &ledger), adapter, None)?;
    let results = match at_start.is_some() && skips {
        true => Vec::new(),
        false => between(),
    };
    adapter.roll_back();
    adapter.say(introspection.comment());
    let at_end = statements::run((compiled, &ledger), adapter, Some(&results));
    Ok(at_start.or(at_end.unwrap_or_else(Some)))
}

/// Renders the SQL of those of the chosen nodes that have one, with the warehouse behind `introspection`, and writes it below the target folder; seeds end well.
///
/// # Errors
/// `Project` with the place of each template that does not render; `Environment` when a file cannot be written.
pub fn compile_to_files(
    project: &Project,
    compiled: &Compiled,
    chosen: &BTreeSet<Index>,
    introspection: &Introspection,
) -> Result<Summary> {
    let begun = Instant::now();
    let ledger = Ledger::default();
    let nodes: Vec<Index> = chosen
        .iter()
        .copied()
        .filter(|index| {
            let node = &compiled.plan.nodes[*index];
            has_text(node) || matches!(node.resource, Resource::Seed)
        })
        .collect();
    let outcomes: Vec<Result<NodeResult>> = nodes
        .par_iter()
        .map(|index| {
            let started = Instant::now();
            let worker = rayon::current_thread_index().unwrap_or_default();
            ledger.begin(*index, worker);
            if has_text(&compiled.plan.nodes[*index]) {
                let rendered = introspection.lend((compiled, *index), |adapter| {
                    compiled.rendered(*index, Some(adapter))
                })?;
                model::write_compiled((project, compiled), (*index, None), &rendered.sql)?;
                ledger.compiled(*index, rendered);
            }
            ledger.end(*index);
            Ok(NodeResult {
                answer: Some(Box::default()),
                ..good(*index, started.elapsed())
            })
        })
        .collect();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(result) => results.push(result),
            Err(err) => errors.push(err),
        }
    }
    // Of many templates that ask a warehouse that cannot be opened none is wrong.
    if let Some(err) = introspection.refusal() {
        return Err(err);
    }
    all_or_none(errors)?;
    Ok(Summary {
        results,
        ledger,
        elapsed: begun.elapsed(),
        ..Summary::default()
    })
}

/// Returns whether a node is a template or a program.
fn has_text(node: &Node) -> bool {
    template(node).is_some() || body(node).is_some()
}

/// Says that nothing went wrong with a node.
#[must_use]
pub fn good(node: Index, elapsed: Duration) -> NodeResult {
    NodeResult {
        node,
        status: Status::Success,
        attempt: 1,
        elapsed,
        rows: None,
        message: String::new(),
        error: None,
        found: None,
        batches: None,
        answer: None,
    }
}
