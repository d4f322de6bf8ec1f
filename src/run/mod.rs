//! Executes a plan: order, threads, transactions, events. Prints nothing.

mod adapter;
pub mod alert;
pub mod artifacts;
mod ask;
mod cancel;
mod clone;
mod commented;
mod event;
mod failure;
mod feature_view;
mod function;
pub mod history;
mod introspection;
mod looks;
mod materialize;
mod microbatch;
mod model;
mod node;
mod pool;
mod python;
mod record;
mod retry;
mod schedule;
mod seed;
mod snapshot;
mod sources;
mod statements;
mod test;
mod unit_test;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use minijinja::context;

use self::adapter::{Known, SessionAdapter};
use self::artifacts::Ledger;
pub use self::ask::{around, compile_to_files, good};
pub use self::cancel::Cancel;
pub use self::clone::clone;
pub use self::event::{
    Attempt, Batches, Bound, Earlier, Found, NodeResult, Observer, Observers, Status, Summary,
};
pub use self::introspection::Introspection;
use self::looks::Looks;
use self::materialize::Materializations;
use self::node::Work;
use self::retry::Retry;
use self::schedule::Schedule;
use self::sources::Loads;
pub use self::versions::tracked;
use crate::compile::{Commenter, Compiled, Index, Invocation, Resource, is_ephemeral};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Engine, Session, render};
use crate::project::Project;
use crate::{features, ingest, ml, quality, version};

/// Nodes that run at once unless the project says otherwise; each statement uses all cores by itself.
const THREADS: usize = 4;

/// What to run and how.
pub struct Request<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its plan.
    pub compiled: &'a Compiled,
    /// The open warehouse.
    pub engine: &'a dyn Engine,
    /// The nodes to run.
    pub chosen: BTreeSet<Index>,
    /// This call of `wh`.
    pub invocation: &'a Invocation,
    /// Stops at the first failure.
    pub fail_fast: bool,
    /// How often a failed node is tried again whose configuration does not say it.
    pub retries: u32,
    /// What an earlier run left, when this one goes on with it.
    pub earlier: &'a Earlier,
    /// Stops it from outside.
    pub cancel: &'a Arc<Cancel>,
}

/// Returns whether running a node does anything: plain sources, analyses and ephemeral models are only read.
#[must_use]
pub fn is_work(compiled: &Compiled, index: Index) -> bool {
    let node = &compiled.plan.nodes[index];
    match &node.resource {
        Resource::Source { ingest, .. } => ingest.is_some(),
        resource if resource.is_no_op() => !compiled.is_ours,
        resource if resource.is_only_said() => false,
        Resource::Model(model) => !model.body.is_blank() && !is_ephemeral(node),
        _ => !is_ephemeral(node),
    }
}

/// Runs the chosen nodes, inputs first, and tells `observer` what happens.
///
/// A node that fails is in the summary, not an error.
///
/// # Errors
/// What keeps the run as a whole from beginning: the warehouse refuses a session or a schema.
pub fn run(request: &Request<'_>, observer: &dyn Observer) -> Result<Summary> {
    let started = Instant::now();
    let chosen: BTreeSet<Index> = request
        .chosen
        .iter()
        .copied()
        .filter(|index| is_work(request.compiled, *index))
        .collect();
    let work = work(request, &chosen)?;
    python::check(request.project, request.compiled, &chosen)?;
    observer.begin(chosen.len());
    let mut session = node::open(&work, None)?;
    prepare(&work, &mut session, &chosen)?;
    let database = crate::compile::database(&request.project.warehouse);
    let known = Arc::new(Known::read(
        &mut session,
        database,
        request.engine.plugins(),
    )?);
    let mut adapters = vec![Arc::new(SessionAdapter::new(session, known.clone()))];
    while adapters.len() < work.threads.min(chosen.len()) {
        adapters.push(Arc::new(SessionAdapter::new(
            node::open(&work, None)?,
            known.clone(),
        )));
    }
    let first = adapters[0].clone();
    let at_start = statements::run((work.compiled, &work.ledger), &first, None)?;
    let schedule = Schedule::new(&request.compiled.plan, &request.compiled.graph, &chosen);
    let flags = &request.invocation.flags;
    let skips = at_start.is_some() && flags.is("skip_nodes_if_on_run_start_fails");
    let results = match skips {
        true => pool::all_skipped(schedule, observer),
        false => pool::work_off(&work, adapters, schedule, observer)?,
    };
    let seen = if skips { &[] } else { results.as_slice() };
    let at_end = node::comment(&work, None)
        .map(|comment| first.say(comment))
        .and_then(|()| statements::run((work.compiled, &work.ledger), &first, Some(seen)))
        .unwrap_or_else(Some);
    let recorded = record::record(&work, &first, &results);
    Ok(Summary {
        ledger: work.ledger,
        results,
        error: at_start.or(at_end).or(recorded.err()),
        elapsed: started.elapsed(),
        interrupted: request.cancel.is_stopped(),
    })
}

/// Returns what the chosen nodes share while they run.
fn work<'a>(request: &'a Request<'a>, chosen: &BTreeSet<Index>) -> Result<Work<'a>> {
    let keeps_failures = request.invocation.flags.is("store_failures");
    Ok(Work {
        project: request.project,
        compiled: request.compiled,
        request,
        retries: retries(request, chosen)?,
        ledger: Ledger::default(),
        commenter: Commenter::of(request.compiled, request.project)?,
        materializations: Materializations::new(request.compiled, &request.invocation.flags),
        looks: Looks::new(request.compiled, chosen, keeps_failures),
        loads: Loads::new(request.project),
        threads: request.project.warehouse.threads.unwrap_or(THREADS),
        busy: AtomicUsize::new(0),
    })
}

/// Reads how often each node is tried again.
fn retries(request: &Request<'_>, chosen: &BTreeSet<Index>) -> Result<BTreeMap<Index, Retry>> {
    let nodes = &request.compiled.plan.nodes;
    let retry = |index: &Index| Ok((*index, Retry::of(&nodes[*index], request.retries)?));
    chosen.iter().map(retry).collect()
}

/// Makes the schemas that the chosen nodes build in, and the tables that ingestion and learning write to.
fn prepare(work: &Work<'_>, session: &mut dyn Session, chosen: &BTreeSet<Index>) -> Result<()> {
    let nodes = chosen.iter().map(|index| &work.compiled.plan.nodes[*index]);
    let keeps = work.request.invocation.flags.is("store_failures");
    let schemas: BTreeSet<_> = nodes
        .filter(|node| test::makes_relation(node, keeps))
        .filter_map(|node| node.relation.as_ref())
        .map(|relation| (relation.database.clone(), relation.schema.clone()))
        .collect();
    for (database, schema) in &schemas {
        let sql = render(include_str!("schema.sql"), context! {database, schema})?;
        session.execute(&sql).map_err(|err| {
            let place: Vec<&str> = database
                .iter()
                .chain([schema])
                .map(|name| &**name)
                .collect();
            Diagnostic::project(format!("the schema `{}` cannot be made", place.join(".")))
                .because(err)
                .hint("name a database that the profile opens or attaches")
        })?;
    }
    if record::is_kept(work.project) {
        quality::prepare(session)?;
    }
    let mut resources = chosen
        .iter()
        .map(|index| &work.compiled.plan.nodes[*index].resource);
    if resources
        .clone()
        .any(|resource| matches!(resource, Resource::Source { .. }))
    {
        ingest::prepare(session)?;
    }
    if resources
        .clone()
        .any(|resource| matches!(resource, Resource::FeatureView(_)))
    {
        features::prepare(session)?;
    }
    if resources
        .clone()
        .any(|resource| matches!(resource, Resource::MlModel(_)))
    {
        ml::prepare(session)?;
    }
    if resources.any(
        |resource| matches!(resource, Resource::MlModel(model) if versions::is_named_by(model)),
    ) {
        version::prepare(session, &work.project.root)?;
    }
    Ok(())
}

/// Returns the elements of a YAML list; one value alone counts as a list of one.
fn listed(value: &serde_yaml::Value) -> Vec<serde_yaml::Value> {
    match value {
        serde_yaml::Value::Null(_) => Vec::new(),
        serde_yaml::Value::Sequence(items, _) => items.clone(),
        value => vec![value.clone()],
    }
}
