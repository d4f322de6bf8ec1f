//! The warehouse as templates reach it outside a run of nodes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::adapter::{Known, SessionAdapter};
use super::commented::Commented;
use super::event::{NodeResult, Status, Summary};
use super::{artifacts::Ledger, model, node, statements};
use crate::compile::adapter::Adapter;
use crate::compile::{Commenter, Compiled, Index, Node, Resource, body, database, template};
use crate::diagnostic::{Result, all_or_none};
use crate::engine::{Engine, Relation};
use crate::project::Project;

/// Opens a session that templates ask and change the warehouse through.
///
/// # Errors
/// `Environment` when the warehouse refuses a session.
pub fn ask(project: &Project, engine: &dyn Engine) -> Result<Arc<dyn Adapter>> {
    let mut session = Commented::new(engine.connect()?, None);
    let known = Known::read(&mut session, database(&project.warehouse))?;
    let known = Arc::new(known);
    Ok(Arc::new(SessionAdapter::new(session, known)))
}

/// Runs `on-run-start`, then what `between` does through the same session, then `on-run-end`, whose results `between` returns.
/// Returns why a statement failed, when one did; nothing is done between then, with `skips`.
///
/// # Errors
/// `Environment` when the warehouse refuses a session; `Project` when a statement does not render.
pub fn around(
    (project, compiled): (&Project, &Compiled),
    engine: &dyn Engine,
    skips: bool,
    between: impl FnOnce(Arc<dyn Adapter>) -> Vec<NodeResult>,
) -> Result<Option<anyhow::Error>> {
    let comment = match Commenter::of(compiled, project)? {
        Some(commenter) => commenter.comment(compiled, None)?,
        None => None,
    };
    let mut session = Commented::new(engine.connect()?, comment);
    let known = Known::read(&mut session, database(&project.warehouse))?;
    let adapter = Arc::new(SessionAdapter::new(session, Arc::new(known)));
    let ledger = Ledger::default();
    let at_start = statements::run((compiled, &ledger), &adapter, None)?;
    let results = match at_start.is_some() && skips {
        true => Vec::new(),
        false => between(adapter.clone()),
    };
    adapter.roll_back();
    let at_end = statements::run((compiled, &ledger), &adapter, Some(&results));
    Ok(at_start.or(at_end.unwrap_or_else(Some)))
}

/// Returns what tells of a relation whether it exists now; `database` is the one of relations that name none.
///
/// # Errors
/// What the warehouse answers.
pub fn finder(engine: &dyn Engine, database: &str) -> Result<impl Fn(&Relation) -> bool + use<>> {
    let known = Known::read(&mut *engine.connect()?, database.to_owned())?;
    Ok(move |relation: &Relation| known.find(relation).is_some())
}

/// Renders the SQL of those of the chosen nodes that have one, with the warehouse behind `adapter` when there is one, and
/// writes it below the target folder; seeds end well.
///
/// # Errors
/// `Project` with the place of each template that does not render; `Environment` when a file cannot be written.
pub fn compile_to_files(
    project: &Project,
    compiled: &Compiled,
    chosen: &BTreeSet<Index>,
    adapter: Option<&Arc<dyn Adapter>>,
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
            let _of = node::span(&compiled.plan.nodes[*index]).entered();
            let worker = rayon::current_thread_index().unwrap_or_default();
            ledger.begin(*index, worker);
            if has_text(&compiled.plan.nodes[*index]) {
                let rendered = compiled.rendered(*index, adapter.cloned())?;
                model::write_compiled((project, compiled), (*index, None), &rendered.sql)?;
                ledger.compiled(*index, rendered);
            }
            ledger.end(*index);
            Ok(good(*index, started.elapsed()))
        })
        .collect();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(result) => results.push(result),
            Err(err) => errors.push(err),
        }
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
    }
}
