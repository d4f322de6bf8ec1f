//! The HTTP API: what the pages show, as JSON. Times are ISO 8601 in UTC, durations in milliseconds.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::app::{Answer, App, Ask};
use super::{rows, words};
use crate::diagnostic::{Diagnostic, Result};
use crate::features::online::{self, Question};
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
    let loaded = app.project();
    let (project, _) = match &*loaded {
        Ok(loaded) => loaded,
        Err(why) => return Err(Diagnostic::project(why.as_str()).into()),
    };
    let mut jobs = Vec::new();
    for job in &project.jobs {
        let schedule = job.schedule.as_ref();
        let next = schedule.and_then(|schedule| schedule.next_after(Timestamp::now()));
        let last = app.state.last_run(Some(&job.name))?;
        jobs.push(json!({
            "name": job.name,
            "command": job.command,
            "select": job.select,
            "exclude": job.exclude,
            "schedule": schedule.map(ToString::to_string),
            "next": next.map(|next| next.to_string()),
            "last_run": last.map(|run| summary(&run, None)),
        }));
    }
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

/// `/api/features/{view}/{entity}`: the online values of one entity; of a key of several columns, joined by commas.
pub(super) fn features(app: &App, ask: &Ask) -> Result<Answer<Value>> {
    let (name, entity) = (ask.part("view"), ask.part("entity"));
    let Some(view) = app.state.online_view(name)? else {
        let what = format!("feature view `{name}` is not in the online store");
        return Ok(Answer::Missing(what));
    };
    let values: Vec<&str> = match view.entity.len() {
        1 => vec![entity],
        _ => entity.split(',').collect(),
    };
    if values.len() != view.entity.len() {
        let columns = view.entity.join(",");
        return Ok(Answer::Missing(format!(
            "an entity of `{name}` is written as {columns}"
        )));
    }
    let columns = view.entity.iter().cloned();
    let entities: Vec<(String, Vec<Value>)> = columns
        .zip(values.into_iter().map(|value| vec![value.into()]))
        .collect();
    let answer = online::answer(
        &app.state,
        &Question {
            features: &[name.to_owned()],
            entities: &entities,
            full_feature_names: false,
            now: Timestamp::now(),
        },
    )?;
    Ok(Answer::Found(serde_json::to_value(answer)?))
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
