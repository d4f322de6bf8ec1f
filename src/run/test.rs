//! Running a data test: its query's rows are counted, and the count is judged.

use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::event::{Found, Status};
use super::node::{Done, Work};
use super::{materialize, model};
use crate::compile::adapter::Adapter;
use crate::compile::{Index, Node, Resource, Results};
use crate::diagnostic::{Diagnostic, Result};
use crate::{jinja, quality};

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
    let (failures, status) = judged(node, &results)?;
    let found = match status {
        Status::Success => None,
        _ => Some(Found {
            sample: Some(quality::sample(&mut *adapter.session(), &sql)?),
            sql,
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

/// Reads the one row that a test answers: the count, and whether it is worth a warning or an error.
fn judged(node: &Node, results: &Results) -> Result<(i64, Status)> {
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
    let status = if is_true(fails) && !severity.eq_ignore_ascii_case("warn") {
        Status::Fail
    } else if is_true(warns) {
        Status::Warn
    } else {
        Status::Success
    };
    Ok((failures as i64, status))
}

/// Reads a truth value as dbt does, which engines may give as a word or a number.
fn is_true(value: &Value) -> bool {
    let text = jinja::text(value).to_lowercase();
    matches!(text.as_str(), "true" | "t" | "1" | "yes" | "y" | "on")
}
