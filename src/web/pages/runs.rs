//! The runs, newest first, by status and job.

use maud::{Markup, html};

use crate::diagnostic::Result;
use crate::state::runs::{Run, RunStatus};
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::{parts, words};

/// Runs that are looked through.
const MOST: usize = 500;

const STATUSES: &[RunStatus] = &[
    RunStatus::Running,
    RunStatus::Success,
    RunStatus::Failed,
    RunStatus::Interrupted,
    RunStatus::Crashed,
];

/// `/runs?status=…&job=…`
pub(in crate::web) fn runs(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    app.settle();
    let all = app.state.runs(None, MOST)?;
    let (status, job) = (ask.query("status"), ask.query("job"));
    let shown: Vec<&Run> = all
        .iter()
        .filter(|run| status.is_none_or(|status| run.status.word() == status))
        .filter(|run| job.is_none_or(|job| run.job.as_deref() == Some(job)))
        .collect();
    let is_live = all.iter().any(|run| run.status == RunStatus::Running);
    let body = html! {
        h1 { "Runs" }
        @if all.is_empty() {
            (parts::empty("Nothing has run in this project yet. A first build:", &["wh build"]))
        } @else {
            (filter(&all, status, job))
            @if shown.is_empty() {
                (parts::empty("No run is like that.", &[]))
            } @else {
                (table(app, &shown)?)
            }
            @if all.len() == MOST { p.muted { "The newest " (MOST) " runs are looked through." } }
        }
    };
    Ok(Answer::Found(
        Page::new("/runs", "Runs", body).live(is_live),
    ))
}

fn filter(all: &[Run], status: Option<&str>, job: Option<&str>) -> Markup {
    let mut jobs: Vec<&str> = all.iter().filter_map(|run| run.job.as_deref()).collect();
    jobs.sort_unstable();
    jobs.dedup();
    html! {
        form.filter method="get" action="/runs" {
            label { "Status "
                select name="status" {
                    option value="" { "all" }
                    @for word in STATUSES.iter().map(|status| status.word()) {
                        option value=(word) selected[status == Some(word)] { (word) }
                    }
                }
            }
            @if !jobs.is_empty() {
                label { "Job "
                    select name="job" {
                        option value="" { "all" }
                        @for word in jobs {
                            option value=(word) selected[job == Some(word)] { (word) }
                        }
                    }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// A table of runs, with bars for how long they took.
pub(super) fn table(app: &App, runs: &[&Run]) -> Result<Markup> {
    let ids: Vec<&str> = runs.iter().map(|run| run.run_id.as_str()).collect();
    let counts = app.state.counts(&ids)?;
    let longest = runs.iter().filter_map(|run| parts::elapsed(run)).max();
    let longest = longest.unwrap_or(1).max(1) as f64;
    Ok(html! {
        div.scroll {
            table {
                thead { tr {
                    th { "Status" } th { "Started" } th { "Nodes" } th.what { "What" } th { "By" }
                    th colspan="2" { "Time" } th { "Run" }
                } }
                tbody {
                    @for run in runs {
                        @let word = run.status.word();
                        tr {
                            td { (parts::status(word)) }
                            td.nowrap { a href={ "/runs/" (words::encoded(&run.run_id)) } { (parts::ago(run.started_at)) } }
                            td.nowrap { (parts::counts(counts.get(&run.run_id), run.n_nodes)) }
                            td.what { code { (words::shortened(&run.arguments, 48)) } }
                            td.nowrap { (parts::origin(run)) }
                            @match parts::elapsed(run) {
                                Some(time) => {
                                    td.number { (words::duration(time)) }
                                    td.bars { (parts::bar(time as f64 / longest, &format!("s-{word}"))) }
                                }
                                None => { td.number { (parts::dash()) } td {} }
                            }
                            td.nowrap { (parts::run_link(&run.run_id)) }
                        }
                    }
                }
            }
        }
    })
}
