//! The jobs of the project: their last runs, when they run next, and running one now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use maud::{Markup, html};

use crate::diagnostic::Result;
use crate::project::jobs::Job;
use crate::state::runs::{FireStatus, Run, RunStatus};
use crate::web::app::App;
use crate::web::{parts, words};

/// Runs among which jobs are looked for.
const MOST: usize = 500;

/// Results of a job that are shown.
const TREND: usize = 20;

/// Shows the jobs that are declared, and those that have run; nothing where there are none.
pub(super) fn jobs(app: &App) -> Result<Markup> {
    let loaded = app.project();
    let declared: BTreeMap<&str, &Job> = match &*loaded {
        Ok((project, _)) => project
            .jobs
            .iter()
            .map(|job| (job.name.as_str(), job))
            .collect(),
        Err(_) => BTreeMap::new(),
    };
    let runs = app.state.runs(None, MOST)?;
    let mut of_jobs: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for run in &runs {
        if let Some(job) = &run.job {
            of_jobs.entry(job).or_default().push(run);
        }
    }
    let names: BTreeSet<&str> = declared.keys().chain(of_jobs.keys()).copied().collect();
    let mut lines = Vec::new();
    for name in names {
        let runs = of_jobs.get(name).map(Vec::as_slice).unwrap_or_default();
        lines.push(line(app, (name, declared.get(name).copied()), runs)?);
    }
    Ok(html! {
        @if !lines.is_empty() {
            h2 { "Jobs" }
            div.scroll { table {
                thead { tr { th { "Job" } th { "Last run" } th { "Next" } th.number { "Took" } th { "Trend" } th { "Schedule" } th {} } }
                tbody { @for line in lines { (line) } }
            } }
        }
    })
}

fn line(app: &App, (name, job): (&str, Option<&Job>), runs: &[&Run]) -> Result<Markup> {
    let schedule = job.and_then(|job| job.schedule.as_ref());
    let next = schedule.and_then(|schedule| schedule.next_after(Timestamp::now()));
    let last = runs.first();
    let is_running = last.is_some_and(|run| run.status == RunStatus::Running);
    let missed = app.state.last_fire(name)?;
    let missed =
        missed.filter(|fire| matches!(fire.status, FireStatus::Missed | FireStatus::Skipped));
    Ok(html! {
        tr {
            th { a href={ "/runs?job=" (words::encoded(name)) } { (name) } }
            td.nowrap { @match last {
                Some(run) => { a href={ "/runs/" (words::encoded(&run.run_id)) } { (parts::status(run.status.word())) } " " (parts::ago(run.started_at)) }
                None => { span.muted { "not yet" } }
            } }
            td.nowrap {
                (parts::maybe_ago(next.map(Timestamp::as_microsecond)))
                @if let Some(fire) = missed { " " span class={ "s-" (fire.status.word()) } { (fire.status.word()) " " (parts::ago(fire.due_at)) } }
            }
            td.number { @match last.and_then(|run| parts::elapsed(run)) { Some(time) => { (words::duration(time)) } None => { (parts::dash()) } } }
            td.spark { (parts::trend(runs.iter().take(TREND).rev().map(|run| (run.status.word(), run.started_at)))) }
            td { @match (job, schedule) {
                (None, _) => { span.muted { "no longer declared" } }
                (Some(_), None) => { span.muted { "by name only" } }
                (Some(_), Some(schedule)) => { (schedule.to_string()) }
            } }
            td { @if app.begin.is_some() && job.is_some() && !is_running {
                form.inline method="post" action={ "/jobs/" (words::encoded(name)) "/run" } { button type="submit" { "Run now" } }
            } }
        }
    })
}
