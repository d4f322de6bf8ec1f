//! Executes a plan: order, threads, transactions, events. Prints nothing.

mod adapter;
pub mod alert;
pub mod artifacts;
mod ask;
mod cancel;
mod event;
mod failure;
mod feature_view;
pub mod history;
mod materialize;
mod microbatch;
mod model;
mod node;
mod record;
mod retry;
mod schedule;
mod seed;
mod snapshot;
mod statements;
mod test;
mod unit_test;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use minijinja::context;

use self::adapter::{Known, SessionAdapter, lock};
use self::artifacts::Ledger;
pub use self::ask::{ask, compile_to_files, good};
pub use self::cancel::Cancel;
pub use self::event::{Attempt, Batches, Found, NodeResult, Observer, Observers, Status, Summary};
use self::materialize::Materializations;
use self::node::{Done, Work};
use self::retry::Retry;
use self::schedule::{End, Schedule};
pub use self::versions::tracked;
use crate::compile::{Compiled, Index, Invocation, Resource, is_ephemeral};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Engine, Handle, Session, render};
use crate::project::Project;
use crate::{features, ingest, ml, quality, version};

/// How often running statements are asked how far they are.
const POLL: Duration = Duration::from_millis(200);

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
    /// Stops it from outside.
    pub cancel: &'a Cancel,
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
    let work = Work {
        project: request.project,
        compiled: request.compiled,
        request,
        retries: retries(request, &chosen)?,
        ledger: Ledger::default(),
        materializations: Materializations::new(request.compiled),
    };
    observer.begin(chosen.len());
    let mut session = request.engine.connect()?;
    prepare(&work, session.as_mut(), &chosen)?;
    let database = crate::compile::database(&request.project.warehouse);
    let known = Arc::new(Known::read(session.as_mut(), database)?);
    let wanted = request.project.warehouse.threads.unwrap_or(THREADS);
    let mut adapters = vec![Arc::new(SessionAdapter::new(session, known.clone()))];
    while adapters.len() < wanted.min(chosen.len()) {
        adapters.push(Arc::new(SessionAdapter::new(
            request.engine.connect()?,
            known.clone(),
        )));
    }
    let first = adapters[0].clone();
    let at_start = statements::run(&work, &first, None)?;
    let schedule = Schedule::new(&request.compiled.plan, &request.compiled.graph, &chosen);
    let flags = &request.invocation.flags;
    let skips = at_start.is_some() && flags.is("skip_nodes_if_on_run_start_fails");
    let results = match skips {
        true => all_skipped(schedule, observer),
        false => work_off(&work, adapters, schedule, observer)?,
    };
    let seen = if skips { &[] } else { results.as_slice() };
    let at_end = statements::run(&work, &first, Some(seen)).unwrap_or_else(Some);
    let recorded = record::record(&work, &first, &results);
    Ok(Summary {
        ledger: work.ledger,
        results,
        error: at_start.or(at_end).or(recorded.err()),
        elapsed: started.elapsed(),
        interrupted: request.cancel.is_stopped(),
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

/// Skips all nodes, in the order in which they would begin.
fn all_skipped(mut schedule: Schedule, observer: &dyn Observer) -> Vec<NodeResult> {
    let mut results = Vec::new();
    while let Some(node) = schedule.next() {
        let result = skipped(node, "a statement of `on-run-start` failed");
        observer.end(&result);
        results.push(result);
        schedule.done(node, End::Good);
    }
    results
}

/// What a thread tells of the node it runs.
struct Told {
    attempt: Attempt,
    event: Event,
}

enum Event {
    /// A further attempt begins.
    Again,
    /// An attempt failed, and another follows.
    Retried(anyhow::Error, Duration),
    /// The node ended.
    Ended(Duration, Result<Done>),
}

/// The worker threads: who is idle, who runs what.
struct Pool {
    to_workers: Vec<Sender<Index>>,
    handles: Vec<Arc<dyn Handle>>,
    idle: Vec<usize>,
    running: BTreeMap<usize, Index>,
}

/// Hands nodes to threads until none is left.
fn work_off(
    work: &Work<'_>,
    adapters: Vec<Arc<SessionAdapter>>,
    mut schedule: Schedule,
    observer: &dyn Observer,
) -> Result<Vec<NodeResult>> {
    let (to_main, from_workers) = mpsc::channel();
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let mut pool = Pool {
            to_workers: Vec::new(),
            handles: Vec::new(),
            idle: Vec::new(),
            running: BTreeMap::new(),
        };
        for (worker, adapter) in adapters.iter().enumerate() {
            let (to_worker, nodes) = mpsc::channel();
            let handle = adapter.session().handle();
            work.request.cancel.watch(handle.clone());
            pool.to_workers.push(to_worker);
            pool.handles.push(handle);
            pool.idle.push(worker);
            let to_main = to_main.clone();
            scope.spawn(move || serve(work, adapter, worker, (&nodes, &to_main)));
        }
        drop(to_main);
        coordinate(
            work,
            &mut pool,
            &mut schedule,
            (&from_workers, observer, &results),
        )
    })?;
    Ok(results.into_inner().unwrap_or_default())
}

/// A worker thread: runs what it is handed, until nothing more can come.
fn serve(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    worker: usize,
    (nodes, to_main): (&Receiver<Index>, &Sender<Told>),
) {
    for node in nodes {
        let mut number = 1;
        loop {
            let attempt = Attempt {
                node,
                number,
                worker,
            };
            let started = Instant::now();
            work.ledger.begin(node, worker);
            let outcome = node::execute(work, adapter, node);
            work.ledger.end(node);
            let wait = work.retries.get(&node).and_then(|retry| retry.wait(number));
            let (event, wait) = match (outcome, wait) {
                (Err(err), Some(wait)) if !work.request.cancel.is_stopped() => {
                    (Event::Retried(err, wait), Some(wait))
                }
                (outcome, _) => (Event::Ended(started.elapsed(), outcome), None),
            };
            let told = to_main.send(Told { attempt, event });
            let Some(wait) = wait else { break };
            work.request.cancel.sleep(wait);
            number += 1;
            let attempt = Attempt { number, ..attempt };
            let event = Event::Again;
            if told.is_err() || to_main.send(Told { attempt, event }).is_err() {
                return;
            }
        }
    }
}

type Ends<'a> = (
    &'a Receiver<Told>,
    &'a dyn Observer,
    &'a Mutex<Vec<NodeResult>>,
);

fn coordinate(
    work: &Work<'_>,
    pool: &mut Pool,
    schedule: &mut Schedule,
    (told, observer, results): Ends<'_>,
) -> Result<()> {
    let mut stopping = false;
    loop {
        stopping = stopping || work.request.cancel.is_stopped();
        while !stopping && let Some(worker) = pool.idle.last().copied() {
            let Some(index) = schedule.next() else { break };
            pool.idle.pop();
            pool.running.insert(worker, index);
            observer.start(Attempt {
                node: index,
                number: 1,
                worker,
            });
            pool.to_workers[worker]
                .send(index)
                .map_err(|_| Diagnostic::new(Kind::Bug, "a worker thread ended early"))?;
        }
        if pool.running.is_empty() {
            break;
        }
        let (attempt, elapsed, outcome) = match told.recv_timeout(POLL) {
            Ok(told) => match told.event {
                Event::Again => {
                    observer.start(told.attempt);
                    continue;
                }
                Event::Retried(err, wait) => {
                    observer.retry(told.attempt, &err, wait);
                    continue;
                }
                Event::Ended(elapsed, outcome) => (told.attempt, elapsed, outcome),
            },
            Err(RecvTimeoutError::Timeout) => {
                // An interrupt that comes between two statements is lost: it is given until it is heard.
                if work.request.cancel.is_stopped() {
                    pool.running
                        .keys()
                        .for_each(|worker| pool.handles[*worker].interrupt());
                }
                report_progress(pool, observer);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        pool.running.remove(&attempt.worker);
        pool.idle.push(attempt.worker);
        let result = judged(attempt, elapsed, outcome);
        let end = match result.status {
            Status::Success | Status::Warn => End::Good,
            Status::Fail | Status::Error | Status::Skipped => End::Bad,
        };
        stopping = stopping || (work.request.fail_fast && end == End::Bad);
        let index = result.node;
        observer.end(&result);
        lock(results).push(result);
        for (node, blame) in schedule.done(index, end) {
            let result = skipped(node, &work.compiled.plan.nodes[blame].name);
            observer.end(&result);
            lock(results).push(result);
        }
    }
    while let Some(node) = schedule.next() {
        let result = skipped(node, "the run was stopped");
        lock(results).push(result);
    }
    pool.to_workers.clear();
    Ok(())
}

fn report_progress(pool: &Pool, observer: &dyn Observer) {
    for (worker, index) in &pool.running {
        if let Some(progress) = pool.handles[*worker].progress() {
            observer.progress(*index, progress);
        }
    }
}

fn judged(attempt: Attempt, elapsed: Duration, outcome: Result<Done>) -> NodeResult {
    let mut result = NodeResult {
        node: attempt.node,
        status: Status::Success,
        attempt: attempt.number,
        elapsed,
        rows: None,
        message: String::new(),
        error: None,
        found: None,
        batches: None,
    };
    match outcome {
        Ok(done) => {
            result.status = done.status.unwrap_or(Status::Success);
            result.rows = done.rows;
            result.message = done.message;
            result.found = done.found;
            result.batches = done.batches;
            result.error = done.error;
        }
        Err(err) => {
            result.status = Status::Error;
            result.error = Some(err);
        }
    }
    result
}

fn skipped(node: Index, because: &str) -> NodeResult {
    NodeResult {
        node,
        status: Status::Skipped,
        attempt: 1,
        elapsed: Duration::ZERO,
        rows: None,
        message: because.into(),
        error: None,
        found: None,
        batches: None,
    }
}

/// Returns the elements of a YAML list; one value alone counts as a list of one.
fn listed(value: &serde_yaml::Value) -> Vec<serde_yaml::Value> {
    match value {
        serde_yaml::Value::Null(_) => Vec::new(),
        serde_yaml::Value::Sequence(items, _) => items.clone(),
        value => vec![value.clone()],
    }
}
