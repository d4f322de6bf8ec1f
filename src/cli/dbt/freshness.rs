//! `wh source freshness`: whether the newest rows of source tables are as new as they should be.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use jiff::Timestamp;
use minijinja::context;
use serde_json::Value;

use crate::cli::args::{FreshnessArgs, Global};
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, say};
use crate::compile::manifest::{Nothing, node_json};
use crate::compile::{Compiled, Index, Resource};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Session, fetch, render};
use crate::run::artifacts::{self, Age, Freshness};
use crate::run::history::{explained, full_name};

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
    let engine = open(global, &project, Access::Read)?;
    let mut session = engine.connect()?;
    let begun = Instant::now();
    let mut results = Vec::new();
    for (index, wish) in &wanted {
        let result = ask(&mut *session, &compiled, *index, wish);
        if !global.quiet || !is_fresh(&result) {
            let number = results.len() + 1;
            say(&line(&compiled, &result, (number, wanted.len())));
        }
        results.push(result);
    }
    let found = (&*results, begun.elapsed());
    artifacts::sources(&project, &compiled, found, args.output.as_deref())?;
    let all_fresh = results.iter().all(is_fresh);
    Ok(if all_fresh {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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

fn ask(session: &mut dyn Session, compiled: &Compiled, index: Index, wanted: &Wanted) -> Freshness {
    let (started_at, begun) = (Timestamp::now(), Instant::now());
    let found = age(session, compiled, index, wanted).map_err(|err| explained(&err));
    Freshness {
        node: index,
        found,
        started_at,
        elapsed: begun.elapsed(),
        worker: 0,
    }
}

fn age(
    session: &mut dyn Session,
    compiled: &Compiled,
    index: Index,
    wanted: &Wanted,
) -> Result<Age> {
    let node = &compiled.plan.nodes[index];
    if wanted.field.is_none() && wanted.query.is_none() {
        let what = format!(
            "nothing says when rows of `{}` were loaded",
            full_name(node)
        );
        return Err(Diagnostic::project(what)
            .at(&node.at)
            .hint("give the source a `loaded_at_field` or a `loaded_at_query`")
            .into());
    }
    let values = context! {
        relation => node.relation.as_ref().map(ToString::to_string),
        field => &wanted.field,
        query => &wanted.query,
        filter => &wanted.filter,
    };
    let rows = fetch(
        session,
        &render(include_str!("freshness.sql"), values)?,
        &[],
    )?;
    let micros = |column: usize| {
        let values = rows.column(column).as_primitive::<Int64Type>();
        (rows.num_rows() > 0 && rows.column(column).is_valid(0)).then(|| values.value(0))
    };
    let at = |micros: i64| Timestamp::from_microsecond(micros);
    let snapshotted_at = at(micros(1).unwrap_or_default())?;
    let max_loaded_at = match micros(0) {
        Some(micros) => at(micros)?,
        // Of no rows the newest is infinitely old: dbt writes the first day of its calendar.
        None => "0001-01-01T00:00:00Z".parse()?,
    };
    let age = snapshotted_at.duration_since(max_loaded_at);
    Ok(Age {
        max_loaded_at,
        snapshotted_at,
        status: wanted.judge(Duration::try_from(age).unwrap_or_default()),
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
