//! The warehouse as templates reach it outside a run of nodes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::adapter::{Known, SessionAdapter, lock};
use super::commented::Commented;
use super::event::{NodeResult, Status, Summary};
use super::{artifacts::Ledger, model, node, statements};
use crate::compile::adapter::Adapter;
use crate::compile::{
    Comment, Commenter, Compiled, Index, Node, Resource, body, database, template,
};
use crate::diagnostic::{Result, all_or_none};
use crate::engine::{Engine, Relation};
use crate::project::Project;

/// The warehouse as templates reach it outside a run of nodes: a session, and further ones for what is asked at once.
pub struct Introspection {
    engine: Arc<dyn Engine>,
    /// What makes the comments of statements.
    commenter: Option<Commenter>,
    first: Arc<SessionAdapter>,
    idle: Mutex<Vec<Arc<SessionAdapter>>>,
}

impl Introspection {
    /// Opens a session, and reads what exists.
    ///
    /// # Errors
    /// `Environment` when the warehouse refuses a session; `Project` where the comment of statements does not render.
    pub fn open(
        (project, compiled): (&Project, &Compiled),
        engine: Arc<dyn Engine>,
    ) -> Result<Self> {
        let commenter = Commenter::of(compiled, project)?;
        let mut session = Commented::new(
            engine.connect()?,
            comment(commenter.as_ref(), compiled, None)?,
        );
        let known = Known::read(&mut session, database(&project.warehouse))?;
        let first = Arc::new(SessionAdapter::new(session, Arc::new(known)));
        Ok(Self {
            engine,
            commenter,
            idle: Mutex::new(vec![first.clone()]),
            first,
        })
    }

    /// The engine behind the sessions.
    #[must_use]
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// The session of what is asked one after the other.
    #[must_use]
    pub fn adapter(&self) -> Arc<dyn Adapter> {
        self.first.clone()
    }

    /// Does `work` for a node with a session that nothing else uses meanwhile, and undoes what it leaves uncommitted: a
    /// statement that fails breaks off no other's transaction.
    ///
    /// # Errors
    /// Those of `work`; `Environment` when the warehouse refuses a further session; `Project` where the comment of the node's
    /// statements does not render.
    pub fn lend<T>(
        &self,
        (compiled, index): (&Compiled, Index),
        work: impl FnOnce(Arc<dyn Adapter>) -> Result<T>,
    ) -> Result<T> {
        let comment = comment(self.commenter.as_ref(), compiled, Some(index))?;
        let idle = lock(&self.idle).pop();
        let adapter = match idle {
            Some(adapter) => adapter,
            None => {
                let session = Commented::new(self.engine.connect()?, None);
                Arc::new(self.first.beside(session))
            }
        };
        adapter.say(comment);
        let done = node::span(&compiled.plan.nodes[index]).in_scope(|| work(adapter.clone()));
        adapter.roll_back();
        lock(&self.idle).push(adapter);
        done
    }
}

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
    let adapter = &introspection.first;
    let ledger = Ledger::default();
    let at_start = statements::run((compiled, &ledger), adapter, None)?;
    let results = match at_start.is_some() && skips {
        true => Vec::new(),
        false => between(),
    };
    adapter.roll_back();
    adapter.say(comment(introspection.commenter.as_ref(), compiled, None)?);
    let at_end = statements::run((compiled, &ledger), adapter, Some(&results));
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

/// Renders the SQL of those of the chosen nodes that have one, with the warehouse behind `introspection` when there is one, and
/// writes it below the target folder; seeds end well.
///
/// # Errors
/// `Project` with the place of each template that does not render; `Environment` when a file cannot be written.
pub fn compile_to_files(
    project: &Project,
    compiled: &Compiled,
    chosen: &BTreeSet<Index>,
    introspection: Option<&Introspection>,
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
                let rendered = match introspection {
                    Some(introspection) => introspection.lend((compiled, *index), |adapter| {
                        compiled.rendered(*index, Some(adapter))
                    })?,
                    None => compiled.rendered(*index, None)?,
                };
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
