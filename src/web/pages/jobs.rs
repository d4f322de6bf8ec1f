//! The jobs of the project: their last runs, and when they run next.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::diagnostic::Result;
use crate::state::runs::Run;
use crate::web::app::App;
use crate::web::{parts, words};

/// Runs among which jobs are looked for.
const MOST: usize = 500;

/// Results of a job that are shown.
const TREND: usize = 20;

/// Shows the jobs that have run; nothing where there are none.
pub(super) fn jobs(app: &App) -> Result<Markup> {
    let runs = app.state.runs(None, MOST)?;
    let mut jobs: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for run in &runs {
        if let Some(job) = &run.job {
            jobs.entry(job).or_default().push(run);
        }
    }
    Ok(html! {
        @if !jobs.is_empty() {
            h2 { "Jobs" }
            div.scroll { table {
                thead { tr { th { "Job" } th { "Last run" } th { "When" } th.number { "Took" } th { "Trend" } } }
                tbody { @for (job, runs) in &jobs {
                    @let last = runs[0];
                    tr {
                        th { a href={ "/runs?job=" (words::encoded(job)) } { (job) } }
                        td { a href={ "/runs/" (words::encoded(&last.run_id)) } { (parts::status(last.status.word())) } }
                        td.nowrap { (parts::ago(last.started_at)) }
                        td.number { (parts::elapsed(last).map_or_else(|| "–".into(), words::duration)) }
                        td.spark { (parts::trend(runs.iter().take(TREND).rev().map(|run| (run.status.word(), run.started_at)))) }
                    }
                } }
            } }
        }
    })
}
