//! The threads of a run: each works on one node at a time, as one coordinator hands them out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::adapter::{SessionAdapter, lock};
use super::event::{Attempt, NodeResult, Observer, Status};
use super::node::{self, Done, Work};
use super::schedule::{End, Schedule};
use crate::compile::Index;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Handle, Session};

/// How often running statements are asked how far they are.
const POLL: Duration = Duration::from_millis(200);

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
pub(super) fn work_off(
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

/// Skips all nodes, in the order in which they would begin.
pub(super) fn all_skipped(mut schedule: Schedule, observer: &dyn Observer) -> Vec<NodeResult> {
    let mut results = Vec::new();
    while let Some(node) = schedule.next(|_| false) {
        let result = skipped(node, "a statement of `on-run-start` failed");
        observer.end(&result);
        results.push(result);
        schedule.done(node, End::Good);
    }
    results
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
            work.busy.fetch_add(1, Ordering::Relaxed);
            let outcome = node::execute(work, adapter, node);
            work.busy.fetch_sub(1, Ordering::Relaxed);
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
        if !stopping {
            hand_out(work, pool, schedule, observer)?;
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
    while let Some(node) = schedule.next(|_| false) {
        let result = skipped(node, "the run was stopped");
        lock(results).push(result);
    }
    pool.to_workers.clear();
    Ok(())
}

/// Gives idle threads nodes that may begin.
fn hand_out(
    work: &Work<'_>,
    pool: &mut Pool,
    schedule: &mut Schedule,
    observer: &dyn Observer,
) -> Result<()> {
    while let Some(worker) = pool.idle.last().copied() {
        let running = pool.running.values();
        let taken: BTreeSet<_> = running
            .filter_map(|test| work.looks.awaited(*test))
            .collect();
        let waits = |test| {
            work.looks
                .awaited(test)
                .is_some_and(|look| taken.contains(&look))
        };
        let Some(index) = schedule.next(waits) else {
            break;
        };
        pool.idle.pop();
        pool.running.insert(worker, index);
        observer.start(Attempt {
            node: index,
            number: 1,
            worker,
        });
        pool.to_workers[worker].send(index).map_err(|_| {
            Diagnostic::new(crate::diagnostic::Kind::Bug, "a worker thread ended early")
        })?;
    }
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
        answer: None,
    };
    match outcome {
        Ok(done) => {
            result.status = done.status.unwrap_or(Status::Success);
            result.rows = done.rows;
            result.message = done.message;
            result.found = done.found;
            result.batches = done.batches;
            result.answer = done.answer;
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
        answer: None,
    }
}
