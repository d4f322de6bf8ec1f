//! Building a microbatch model: batch by batch of time, each in a transaction of its own; the first and the last
//! alone, those between at once where dbt builds them at once.

mod batches;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::civil::DateTime;
use minijinja::Value;

use self::batches::{Plan, Size};
use super::adapter::{SessionAdapter, lock};
use super::event::{Batches, Status};
use super::node::{self, Done, Work};
use super::{failure, materialize, model};
use crate::compile::adapter::Adapter;
use crate::compile::{Batch, Compiled, Index, Node, instant, literal, template};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{EntryKind, Session};
use crate::jinja;

/// Returns whether a model is built in batches: not where the project brings a strategy of that name of its own.
pub(super) fn is_one(compiled: &Compiled, node: &Node) -> bool {
    let is = |key: &str, word: &str| node.config.text(key).as_deref() == Some(word);
    let strategy = || {
        let library = compiled.dialect.library();
        library.find(&node.package, "get_incremental_microbatch_sql")
    };
    is("materialized", "incremental")
        && is("incremental_strategy", "microbatch")
        && strategy().is_some_and(|found| found.package() == "dbt")
}

/// Builds all batches; none where the first one fails.
pub(super) fn build(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let plan = plan(work, adapter, node)?;
    let earlier = work.request.earlier.batches.get(&node.id);
    let batches = match earlier {
        Some(earlier) => Some(earlier.failed.iter().filter_map(ends).collect()),
        None => plan.batches(),
    };
    let batches: Vec<_> = batches.ok_or_else(|| {
        Diagnostic::project(format!(
            "the microbatch model `{}` has no `begin`",
            node.name
        ))
        .at(&node.at)
        .hint("configure `begin:` with the date of its first batch")
    })?;
    let pieces = pieces(&plan, batches);
    let mut ended = Batches::default();
    let mut first_error = None;
    for (piece, outcome) in pieces.iter().zip(build_all(work, adapter, index, &pieces)?) {
        let range = piece.batch.range.clone();
        match outcome {
            Ok(()) => ended.successful.push(range),
            Err(err) => {
                first_error = first_error.or(err);
                ended.failed.push(range);
            }
        }
    }
    let (good, bad) = (ended.successful.len(), ended.failed.len());
    ended.before = earlier.map_or_else(Vec::new, |earlier| earlier.successful.clone());
    if let Some(err) = first_error {
        let err = failure::explain(work, adapter, index, err);
        return Ok(Done {
            status: Some(Status::Error),
            error: Some(err.context(format!("{bad} of {} batches are not built", good + bad))),
            batches: Some(ended),
            ..Done::default()
        });
    }
    Ok(Done {
        message: format!("{good} batches"),
        batches: Some(ended),
        ..Done::default()
    })
}

/// What became of a batch; an error that is none where it was not begun.
type Outcome = std::result::Result<(), Option<anyhow::Error>>;

/// Builds the first batch, then those between, then the last, and returns what became of each, in their order.
fn build_all(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    pieces: &[Piece],
) -> Result<Vec<Outcome>> {
    let one =
        |adapter: &Arc<SessionAdapter>, piece: &Piece| match work.request.cancel.is_stopped() {
            true => Err(None),
            false => node::patiently(work, adapter, || build_one(work, adapter, index, piece))
                .map_err(Some),
        };
    let Some((first, rest)) = pieces.split_first() else {
        return Ok(Vec::new());
    };
    let mut outcomes = vec![one(adapter, first)];
    if outcomes[0].is_err() {
        outcomes.extend(rest.iter().map(|_| Err(None)));
        return Ok(outcomes);
    }
    let Some((last, between)) = rest.split_last() else {
        return Ok(outcomes);
    };
    let beside = sessions_beside(work, adapter, index, between.len())?;
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let serve = |adapter: &Arc<SessionAdapter>| {
        while let Some((at, piece)) = numbered(between, next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = one(adapter, piece);
            lock(&found).push((at, outcome));
        }
    };
    let of = tracing::Span::current();
    thread::scope(|scope| {
        for beside in &beside {
            scope.spawn(|| of.in_scope(|| serve(beside)));
        }
        serve(adapter);
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by_key(|(at, _)| *at);
    outcomes.extend(found.into_iter().map(|(_, outcome)| outcome));
    outcomes.push(one(adapter, last));
    Ok(outcomes)
}

fn numbered(pieces: &[Piece], at: usize) -> Option<(usize, &Piece)> {
    Some((at, pieces.get(at)?))
}

/// Opens a session for each further batch that may be built at the same time: as many as there are idle threads, and none where
/// `concurrent_batches` forbids it or, unless it says so, the model reads itself.
fn sessions_beside(
    work: &Work<'_>,
    adapter: &SessionAdapter,
    index: Index,
    n_batches: usize,
) -> Result<Vec<Arc<SessionAdapter>>> {
    let node = &work.compiled.plan.nodes[index];
    let reads_itself = || template(node).is_some_and(|template| template.names("this"));
    let wanted = node.config.flag("concurrent_batches");
    if !wanted.unwrap_or_else(|| !reads_itself()) {
        return Ok(Vec::new());
    }
    let idle = work
        .threads
        .saturating_sub(work.busy.load(Ordering::Relaxed));
    let open = |_| {
        let session = node::open(work, Some(index))?;
        work.request.cancel.watch(session.handle());
        Ok(Arc::new(adapter.beside(session)))
    };
    (0..idle.min(n_batches.saturating_sub(1)))
        .map(open)
        .collect()
}

fn pieces(plan: &Plan, batches: Vec<(DateTime, DateTime)>) -> Vec<Piece> {
    let last = batches.len().saturating_sub(1);
    let numbered = batches.into_iter().enumerate();
    let piece = |(number, (start, end))| {
        let range = (literal(start), literal(end));
        Piece {
            batch: Batch {
                name: plan.size.name(start),
                about: about(plan.size, start, &range),
                range,
            },
            hooks: [number == 0, number == last],
            is_incremental: number > 0 || plan.is_incremental,
        }
    };
    numbered.map(piece).collect()
}

/// Reads the ends of a batch of an earlier run.
fn ends((from, until): &(String, String)) -> Option<(DateTime, DateTime)> {
    Some((instant(from)?, instant(until)?))
}

/// A batch, and what holds while it is built.
struct Piece {
    batch: Batch,
    /// Whether the hooks before and after the model are run.
    hooks: [bool; 2],
    is_incremental: bool,
}

fn build_one(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    piece: &Piece,
) -> Result<()> {
    let shared: Arc<dyn Adapter> = adapter.clone();
    let sql = model::rendered_within(work, index, shared.clone(), Some(&piece.batch))?;
    let mut globals = work.compiled.globals(index, Some(shared));
    globals.insert("sql", Value::from(&sql));
    globals.insert("compiled_code", Value::from(&sql));
    let known = globals.get("model").cloned().unwrap_or_default();
    globals.insert(
        "model",
        jinja::with_entry(&known, "batch", piece.batch.about.clone()),
    );
    if piece.is_incremental {
        globals.overrule("is_incremental", jinja::answering(Value::from(true)));
        globals.overrule("should_full_refresh", jinja::answering(Value::from(false)));
    }
    for (hooks, runs) in ["pre_hooks", "post_hooks"].iter().zip(piece.hooks) {
        if !runs {
            globals.insert(*hooks, jinja::list(Vec::<Value>::new()));
        }
    }
    let of = (index, Some(&piece.batch));
    materialize::call(work, adapter, of, "incremental", globals)?;
    Ok(())
}

/// Returns `model.batch`.
fn about(size: Size, start: DateTime, (from, until): &(String, String)) -> Value {
    jinja::dict([
        ("id", Value::from(size.name(start).replace('-', ""))),
        ("event_time_start", Value::from(from)),
        ("event_time_end", Value::from(until)),
    ])
}

/// Reads what decides which batches are built.
fn plan(work: &Work<'_>, adapter: &Arc<SessionAdapter>, node: &Node) -> Result<Plan> {
    let wrong = |key: &str, text: &str, hint: &str| {
        let what = format!("`{key}: {text}` of `{}` cannot be read", node.name);
        Diagnostic::project(what).at(&node.at).hint(hint)
    };
    let sizes = "use one of: hour, day, month, year";
    let Some(size) = node.config.text("batch_size") else {
        let what = format!("the microbatch model `{}` has no `batch_size`", node.name);
        return Err(Diagnostic::project(what).at(&node.at).hint(sizes).into());
    };
    let moment = |key: &str, text: Option<String>| -> Result<Option<DateTime>> {
        let hint = "give a date, such as 2024-01-31, or a date and time";
        text.map(|text| Ok(instant(&text).ok_or_else(|| wrong(key, &text, hint))?))
            .transpose()
    };
    let invocation = work.request.invocation;
    let asked = work.compiled.sample.or(work.compiled.events);
    let lookback = node.config.text("lookback");
    let lookback = lookback.map(|text| {
        text.parse()
            .map_err(|_| wrong("lookback", &text, "give a whole number"))
    });
    let relation = node.relation.as_ref();
    let kind = relation.and_then(|relation| adapter.known().find(relation));
    let refreshes = node
        .config
        .flag("full_refresh")
        .unwrap_or(invocation.full_refresh);
    Ok(Plan {
        size: Size::read(&size).ok_or_else(|| wrong("batch_size", &size, sizes))?,
        begin: moment("begin", node.config.text("begin"))?,
        lookback: lookback.transpose()?.unwrap_or(1),
        from: asked.map(|period| period.from),
        until: asked.map_or_else(
            || {
                let began = work.request.earlier.began.unwrap_or(invocation.started_at);
                began.to_zoned(jiff::tz::TimeZone::UTC).datetime()
            },
            |period| period.until,
        ),
        is_incremental: kind == Some(EntryKind::Table) && !refreshes,
    })
}
