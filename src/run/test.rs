//! Running a data test: its query's rows are counted, and the count is judged.

use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::event::{Bound, Found, Status};
use super::node::{Done, Work};
use super::{materialize, model};
use crate::compile::adapter::Adapter;
use crate::compile::{Index, Node, Resource, Results, Verdict};
use crate::diagnostic::{Diagnostic, Result};
use crate::{jinja, quality};

/// What the flags call the warning of a test, which they may make a failure.
const RESULT: &str = "LogTestResult";

/// Runs one test.
pub(super) fn run(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let shared: Arc<dyn Adapter> = adapter.clone();
    let sql = model::rendered(work, index, shared)?;
    let shared = work.looks.adapter(adapter, index, &sql);
    let mut globals = work.compiled.globals(index, Some(shared));
    globals.insert("sql", Value::from(&sql));
    globals.insert("compiled_code", Value::from(&sql));
    let name = node.config.text("materialized");
    let name = name.unwrap_or_else(|| "test".into());
    let results = materialize::call(work, adapter, (index, None), &name, globals)?;
    let (failures, missed) = judged(node, &results)?;
    let status = match missed {
        None => Status::Success,
        Some(Bound::Error) => Status::Fail,
        Some(Bound::Warn) => match work.request.invocation.flags.verdict(RESULT)? {
            Verdict::Refused => Status::Fail,
            Verdict::Said | Verdict::Silenced => Status::Warn,
        },
    };
    let found = match missed {
        None => None,
        Some(bound) => Some(Found {
            sample: Some(quality::sample(&mut *adapter.session(), &sql)?),
            sql,
            bound,
        }),
    };
    Ok(Done {
        status: Some(status),
        rows: u64::try_from(failures).ok(),
        found,
        answer: results.answer("main"),
        ..Done::default()
    })
}

/// Returns whether a node is none of the tests that keep no rows; `keeps` is what holds where the test's configuration says nothing.
pub(super) fn makes_relation(node: &Node, keeps: bool) -> bool {
    let Resource::Test(_) = node.resource else {
        return true;
    };
    match node.config.text("store_failures_as") {
        Some(kind) => kind != "ephemeral",
        None => node.config.flag("store_failures").unwrap_or(keeps),
    }
}

/// Reads the one row that a test answers: the count, and which bound it misses.
fn judged(node: &Node, results: &Results) -> Result<(i64, Option<Bound>)> {
    let wrong =
        |what: String| Diagnostic::project(format!("the test `{}` {what}", node.name)).at(&node.at);
    let rows = results.rows_of("main");
    let [row] = &rows[..] else {
        return Err(wrong(format!("answers {} rows where one is judged", rows.len())).into());
    };
    let [failures, warns, fails] = &row[..] else {
        return Err(wrong(format!(
            "answers {} columns where three are judged",
            row.len()
        ))
        .into());
    };
    let text = jinja::text(failures);
    let failures = text.parse::<f64>().map_err(|_| {
        wrong(format!("counts `{text}` failures")).hint("let `fail_calc` give a number")
    })?;
    let severity = node.config.text("severity").unwrap_or_default();
    let (warns, fails) = (truth(node, warns)?, truth(node, fails)?);
    let missed = if fails && !severity.eq_ignore_ascii_case("warn") {
        Some(Bound::Error)
    } else {
        warns.then_some(Bound::Warn)
    };
    Ok((failures as i64, missed))
}

/// Reads a truth value as dbt does, which engines may give as a word or a number.
///
/// # Errors
/// `Project` for any other word.
fn truth(node: &Node, value: &Value) -> Result<bool> {
    let Some(word) = value.as_str() else {
        return Ok(value.is_true());
    };
    match word.to_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" | "on" => Ok(true),
        "false" | "f" | "0" | "no" | "n" | "off" => Ok(false),
        _ => {
            let what = format!("the test `{}` is judged `{word}`", node.name);
            Err(Diagnostic::project(what)
                .at(&node.at)
                .hint("let `get_test_sql` give `should_warn` and `should_error` as truth values")
                .into())
        }
    }
}
