//! The HTTP API: what the pages show, as JSON. Times are ISO 8601 in UTC, durations in milliseconds.

use serde_json::{Value, json};

use super::app::{Answer, App, Ask};
use super::{rows, words};
use crate::diagnostic::Result;
use crate::state::looks::Counts;
use crate::state::runs::{NodeRun, Run};

/// Runs that are listed unless `limit` says otherwise.
const LISTED: usize = 50;

/// `/healthz`: whether the history can be read.
pub(super) fn health(app: &App, _: &Ask) -> Result<Answer<Value>> {
    app.state.last_run(None)?;
    Ok(Answer::Found(
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}),
    ))
}

/// `/api/runs?status=…&job=…&limit=…`
pub(super) fn runs(app: &App, ask: &Ask) -> Result<Answer<Value>> {
    app.settle();
    let limit = ask.query("limit").and_then(|text| text.parse().ok());
    let mut runs = app.state.runs(ask.query("job"), usize::MAX)?;
    if let Some(status) = ask.query("status") {
        runs.retain(|run| run.status.word() == status);
    }
    runs.truncate(limit.unwrap_or(LISTED));
    let ids: Vec<&str> = runs.iter().map(|run| run.run_id.as_str()).collect();
    let counts = app.state.counts(&ids)?;
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| summary(run, counts.get(&run.run_id)))
        .collect();
    Ok(Answer::Found(json!({"runs": runs})))
}

/// `/api/runs/{run}`
pub(super) fn run(app: &App, ask: &Ask) -> Result<Answer<Value>> {
    app.settle();
    let run = match app.state.run(ask.part("run")) {
        Ok(run) => run,
        Err(err) => return Ok(Answer::Missing(words::first_line(&err.to_string()).into())),
    };
    let counts = app.state.counts(&[&run.run_id])?;
    let nodes = app.state.node_runs(&run.run_id)?;
    let mut value = summary(&run, counts.get(&run.run_id));
    value["nodes"] = nodes.iter().map(node).collect();
    Ok(Answer::Found(value))
}

/// `/api/jobs`
pub(super) fn jobs(app: &App, _: &Ask) -> Result<Answer<Value>> {
    app.settle();
    let mut jobs = serde_json::Map::new();
    for run in app.state.runs(None, usize::MAX)? {
        if let Some(job) = &run.job
            && !jobs.contains_key(job)
        {
            jobs.insert(
                job.clone(),
                json!({"name": job, "last_run": summary(&run, None)}),
            );
        }
    }
    let jobs: Vec<Value> = jobs.into_iter().map(|(_, job)| job).collect();
    Ok(Answer::Found(json!({"jobs": jobs})))
}

/// `/api/models`: the rows of the registry.
pub(super) fn models(app: &App, _: &Ask) -> Result<Answer<Value>> {
    let frame = app.with_warehouse(|look| {
        look.rows(&["ml_models"], include_str!("sql/all_models.sql"), &[])
    })?;
    let models: Vec<Value> = frame.iter().flat_map(rows::objects).collect();
    Ok(Answer::Found(json!({"models": models})))
}

fn summary(run: &Run, counts: Option<&Counts>) -> Value {
    json!({
        "run_id": run.run_id,
        "command": run.command,
        "arguments": run.arguments,
        "job": run.job,
        "trigger": run.trigger.word(),
        "resumed_from": run.resumed_from,
        "status": run.status.word(),
        "started_at": words::iso(run.started_at),
        "ended_at": run.ended_at.map(words::iso),
        "elapsed_ms": run.ended_at.map(|end| (end - run.started_at) / 1000),
        "git_commit": run.git_commit,
        "n_nodes": run.n_nodes,
        "counts": counts,
        "error": run.error,
    })
}

fn node(node: &NodeRun) -> Value {
    json!({
        "node_id": node.node_id,
        "name": node.name,
        "kind": node.kind,
        "attempt": node.attempt,
        "worker": node.worker,
        "status": node.status.word(),
        "started_at": words::iso(node.started_at),
        "ended_at": node.ended_at.map(words::iso),
        "elapsed_ms": node.ended_at.map(|end| (end - node.started_at) / 1000),
        "n_rows": node.n_rows,
        "message": node.message,
        "error": node.error,
    })
}
