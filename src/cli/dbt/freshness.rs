//! `wh source freshness`: whether the newest rows of source tables are as new as they should be.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use serde_json::Value;

use crate::cli::args::{FreshnessArgs, Global};
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, print_error, say};
use crate::compile::adapter::Adapter;
use crate::compile::manifest::{Nothing, node_json};
use crate::compile::{Compiled, Index, Node, Resource, instant};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::SqlError;
use crate::jinja;
use crate::run::artifacts::{self, Age, Freshness};
use crate::run::history::{explained, full_name};
use crate::run::{self, Introspection, NodeResult, Status};

/// Asks how new the chosen source tables are and writes `sources.json`. The exit code is 1 when one is too old or cannot be
/// asked.
///
/// # Errors
/// `Project` when the project is wrong; `Environment` when the warehouse does not open or the file cannot be written.
pub(in crate::cli) fn freshness(global: &Global, args: &FreshnessArgs) -> Result<ExitCode> {
    let (project, compiled) = build::parse(global, "freshness", false)?;
    artifacts::manifest(&project, &compiled, &Nothing)?;
    let chosen = build::choose(global, &compiled, &args.selection, &["source"])?;
    let wanted: Vec<(Index, Wanted)> = chosen
        .into_iter()
        .filter_map(|index| Some((index, Wanted::of(&compiled, index)?)))
        .collect();
    if wanted.is_empty() {
        say("nothing to do: no chosen source says how fresh it should be");
        artifacts::sources(
            &project,
            &compiled,
            (&[], Duration::ZERO),
            args.output.as_deref(),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let with_hooks = has_hooks(global, &compiled);
    let access = if with_hooks {
        Access::Write
    } else {
        Access::Read
    };
    let engine = open(global, &project, access)?;
    let introspection = Introspection::open((&project, &compiled), engine)?;
    let begun = Instant::now();
    let mut results = Vec::new();
    let mut ask_all = || {
        results = asked_at_once(global, &compiled, &wanted, &introspection);
        results.iter().map(told).collect::<Vec<NodeResult>>()
    };
    let failed = match with_hooks {
        true => {
            let skips = global.flags.is("skip_nodes_if_on_run_start_fails");
            run::around(&compiled, &introspection, skips, ask_all)?
        }
        false => {
            ask_all();
            None
        }
    };
    let found = (&*results, begun.elapsed());
    artifacts::sources(&project, &compiled, found, args.output.as_deref())?;
    if let Some(err) = &failed {
        print_error(global, err);
    }
    Ok(match failed.is_none() && results.iter().all(is_fresh) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Returns whether statements of the project run before and after.
fn has_hooks(global: &Global, compiled: &Compiled) -> bool {
    global.flags.is("source_freshness_run_project_hooks") && !compiled.plan.operations.is_empty()
}

/// Says how a source fared as `results` of `on-run-end` does.
fn told(result: &Freshness) -> NodeResult {
    let status = match &result.found {
        Ok(age) if age.status == "pass" => Status::Success,
        Ok(age) if age.status == "warn" => Status::Warn,
        Ok(_) => Status::Fail,
        Err(_) => Status::Error,
    };
    NodeResult {
        status,
        message: result.found.as_ref().err().cloned().unwrap_or_default(),
        ..run::good(result.node, result.elapsed)
    }
}

/// What a source table promises.
struct Wanted {
    /// The expression, or the query, that says when rows were loaded.
    field: Option<String>,
    query: Option<String>,
    filter: Option<String>,
    warn_after: Option<Duration>,
    error_after: Option<Duration>,
}

impl Wanted {
    /// Reads what a source's table promises; `None` for one that promises nothing.
    fn of(compiled: &Compiled, index: Index) -> Option<Self> {
        if !matches!(compiled.plan.nodes[index].resource, Resource::Source { .. }) {
            return None;
        }
        let node = node_json(compiled, index, &Nothing);
        let freshness = node.get("freshness")?;
        let text = |value: Option<&Value>| value?.as_str().map(str::to_owned);
        let wanted = Self {
            field: text(node.get("loaded_at_field")),
            query: text(node.get("loaded_at_query")),
            filter: text(freshness.get("filter")),
            warn_after: time(freshness.get("warn_after")),
            error_after: time(freshness.get("error_after")),
        };
        (wanted.warn_after.is_some() || wanted.error_after.is_some()).then_some(wanted)
    }

    fn judge(&self, age: Duration) -> &'static str {
        let is_over = |limit: Option<Duration>| limit.is_some_and(|limit| age > limit);
        match (is_over(self.error_after), is_over(self.warn_after)) {
            (true, _) => "error",
            (false, true) => "warn",
            (false, false) => "pass",
        }
    }
}

/// Reads `{count: 12, period: hour}`.
fn time(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value?.get("period")?.as_str()? {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86400,
        _ => return None,
    };
    Some(Duration::from_secs(
        value?.get("count")?.as_u64()? * seconds,
    ))
}

/// Asks all at once and says each result as it comes; returns them in the order of `wanted`.
fn asked_at_once(
    global: &Global,
    compiled: &Compiled,
    wanted: &[(Index, Wanted)],
    introspection: &Introspection,
) -> Vec<Freshness> {
    let number = AtomicUsize::new(0);
    let ask_one = |(index, wish): &(Index, Wanted)| {
        let result = ask(compiled, *index, wish, introspection);
        let number = number.fetch_add(1, Ordering::Relaxed) + 1;
        if !global.quiet || !is_fresh(&result) {
            say(&line(compiled, &result, (number, wanted.len())));
        }
        result
    };
    wanted.par_iter().map(ask_one).collect()
}

fn ask(
    compiled: &Compiled,
    index: Index,
    wanted: &Wanted,
    introspection: &Introspection,
) -> Freshness {
    let (started_at, begun) = (Timestamp::now(), Instant::now());
    let node = &compiled.plan.nodes[index];
    let found = introspection.lend((compiled, index), |adapter| {
        age(compiled, index, wanted, &adapter)
    });
    let found = found.map_err(|err| explained(&refused(node, err)));
    Freshness {
        node: index,
        found,
        started_at,
        elapsed: begun.elapsed(),
        worker: rayon::current_thread_index().unwrap_or_default(),
    }
}

/// Gives an error of the warehouse the place of the source rather than that of the macro that asks.
fn refused(node: &Node, err: anyhow::Error) -> anyhow::Error {
    let mut causes = err.chain();
    let Some(sql) = causes.find_map(|cause| cause.downcast_ref::<SqlError>()) else {
        return err;
    };
    Diagnostic::data(format!(
        "the warehouse refuses to say how fresh `{}` is",
        full_name(node)
    ))
    .at(&node.at)
    .note(&sql.message)
    .hint("see that the table is there, and what `loaded_at_field` or `loaded_at_query` name")
    .into()
}

/// Asks by dbt's macros, which a project may have changed.
fn age(
    compiled: &Compiled,
    index: Index,
    wanted: &Wanted,
    adapter: &Arc<dyn Adapter>,
) -> Result<Age> {
    let node = &compiled.plan.nodes[index];
    let answer = match (&wanted.query, &wanted.field) {
        (Some(query), _) => {
            let query = compiled.late(index, query, adapter.clone())?;
            let args = [("loaded_at_query", query.into())];
            compiled.answer(
                index,
                ("collect_freshness_custom_sql", &args),
                adapter.clone(),
            )?
        }
        (None, Some(field)) => {
            let field = ("loaded_at_field", field.as_str().into());
            let args = [field, ("filter", wanted.filter.clone().into())];
            compiled.answer(index, ("collect_freshness", &args), adapter.clone())?
        }
        (None, None) => {
            let name = full_name(node);
            let what = format!("nothing says when rows of `{name}` were loaded");
            return Err(Diagnostic::project(what)
                .at(&node.at)
                .note("DuckDB does not note when a table was changed last, so metadata says nothing either")
                .hint("give the source a `loaded_at_field` or a `loaded_at_query`")
                .into());
        }
    };
    let [row] = answer.as_slice() else {
        return Err(unasked(node, &format!("{} rows", answer.len())));
    };
    let [newest, now] = row.as_slice() else {
        return Err(unasked(node, &format!("{} columns", row.len())));
    };
    // Of no rows the newest is infinitely old: dbt writes the first day of its calendar.
    let max_loaded_at = match newest.is_none() {
        true => "0001-01-01T00:00:00Z".parse()?,
        false => moment(node, newest)?,
    };
    let snapshotted_at = moment(node, now)?;
    let age = snapshotted_at.duration_since(max_loaded_at);
    Ok(Age {
        max_loaded_at,
        snapshotted_at,
        status: wanted.judge(Duration::try_from(age).unwrap_or_default()),
    })
}

fn unasked(node: &Node, got: &str) -> anyhow::Error {
    let name = full_name(node);
    Diagnostic::project(format!("the freshness of `{name}` is answered with {got}"))
        .at(&node.at)
        .hint("a `collect_freshness` of the project answers one row: the newest moment and the present")
        .into()
}

/// Reads a timestamp; one without a zone is in UTC.
fn moment(node: &Node, cell: &minijinja::Value) -> Result<Timestamp> {
    let text = jinja::text(cell);
    let is_moment = cell.as_str().is_none() && text.contains(':');
    let read = is_moment.then(|| instant(&text)).flatten();
    let zoned = read.and_then(|at| at.to_zoned(TimeZone::UTC).ok());
    zoned.map(|at| at.timestamp()).ok_or_else(|| {
        let what = format!(
            "the newest of `{}` is no timestamp: `{text}`",
            full_name(node)
        );
        let hint = "make it one: `loaded_at_field: cast(… as timestamp)`";
        Diagnostic::data(what).at(&node.at).hint(hint).into()
    })
}

fn is_fresh(result: &Freshness) -> bool {
    matches!(&result.found, Ok(age) if age.status != "error")
}

fn line(compiled: &Compiled, result: &Freshness, (number, total): (usize, usize)) -> String {
    let name = full_name(&compiled.plan.nodes[result.node]);
    let (head, status, why) = match &result.found {
        Ok(age) => match age.status {
            "pass" => ("PASS", "PASS", None),
            "warn" => ("WARN", "WARN", None),
            _ => ("ERROR STALE", "ERROR STALE", None),
        },
        Err(why) => ("ERROR", "ERROR", Some(why)),
    };
    let text = format!("{number} of {total} {head} freshness of {name} ");
    let line = format!(
        "{text:.<80} [{status} in {:.2}s]",
        result.elapsed.as_secs_f64()
    );
    match why {
        Some(why) => format!("{line}\n{why}"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_source_is_judged_by_its_stricter_limit_first() {
        let wanted = Wanted {
            field: None,
            query: None,
            filter: None,
            warn_after: time(Some(&json!({"count": 12, "period": "hour"}))),
            error_after: time(Some(&json!({"count": 1, "period": "day"}))),
        };
        let hours = |n: u64| wanted.judge(Duration::from_secs(n * 3600));
        assert_eq!([hours(1), hours(13), hours(25)], ["pass", "warn", "error"]);
        assert_eq!(time(Some(&json!({"count": null, "period": null}))), None);
    }
}
