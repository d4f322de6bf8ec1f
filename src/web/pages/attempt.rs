//! One node as it went in one run: its attempts, its errors, its log.

use maud::html;

use super::run::log_lines;
use crate::diagnostic::Result;
use crate::state::runs::{NodeStatus, RunStatus, now};
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::{parts, words};

/// `/runs/{run}/nodes/{node}`
pub(in crate::web) fn attempts(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    app.settle();
    let run = match app.state.run(ask.part("run")) {
        Ok(run) => run,
        Err(err) => return Ok(Answer::Missing(words::first_line(&err.to_string()).into())),
    };
    let id = ask.part("node");
    let mut attempts = app.state.node_runs(&run.run_id)?;
    attempts.retain(|attempt| attempt.node_id == id);
    let Some(last) = attempts.last() else {
        let what = format!("`{id}` did not take part in the run `{}`", run.run_id);
        return Ok(Answer::Missing(what));
    };
    let logs = app.state.run_logs(&run.run_id, Some(id))?;
    let body = html! {
        p.crumbs { a href="/runs" { "Runs" } " / " (parts::run_link(&run.run_id)) " / " (last.kind.replace('_', " ")) }
        h1 { (last.name) " " (parts::status(last.status.word())) }
        p { (parts::node_link(id, "In the graph, with its SQL and its history")) }
        @for attempt in &attempts {
            h2 { "Attempt " (attempt.attempt) " " (parts::status(attempt.status.word())) }
            dl.facts {
                div { dt { "Began" } dd { (parts::moment(attempt.started_at)) } }
                @if attempt.status != NodeStatus::Skipped {
                    div { dt { "Took" } dd { (words::duration(attempt.ended_at.unwrap_or_else(now) - attempt.started_at)) } }
                    div { dt { "Worker" } dd { (attempt.worker + 1) } }
                }
                @if let Some(rows) = attempt.n_rows {
                    div { dt { "Rows" } dd { (words::count(rows)) } }
                }
                @if !attempt.message.is_empty() {
                    div { dt { "Message" } dd { (attempt.message) } }
                }
            }
            @if let Some(error) = &attempt.error { (parts::error(error)) }
        }
        h2 { "Log" }
        (log_lines(&logs))
    };
    let is_live = run.status == RunStatus::Running;
    Ok(Answer::Found(
        Page::new("/runs", last.name.clone(), body).live(is_live),
    ))
}
