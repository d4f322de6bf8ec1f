//! How things stand: health, what fails, jobs, what changed, the last runs.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::graph::RUNS;
use super::runs::table;
use crate::diagnostic::Result;
use crate::state::looks::Seen;
use crate::state::runs::{NodeStatus, Run, RunStatus};
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::{parts, words};

/// Runs that are listed.
const LISTED: usize = 8;

/// Runs among which the last good one is looked for.
const MOST: usize = 500;

/// Ends of a node among which its first failure is looked for.
const HISTORY: u32 = 50;

/// A relation that has changed by less than this share is not worth a word.
const NOTABLE: f64 = 0.05;

/// Changes that are listed.
const MOST_CHANGES: usize = 15;

/// `/`
pub(in crate::web) fn overview(app: &App, _: &Ask) -> Result<Answer<Page>> {
    app.settle();
    let runs = app.state.runs(None, MOST)?;
    let name = app.name();
    let is_live = runs.iter().any(|run| run.status == RunStatus::Running);
    let body = match runs.is_empty() {
        true => html! {
            h1 { (name) }
            (broken_project(app))
            (super::jobs::jobs(app)?)
            (parts::empty("Nothing has run in this project yet. A first build:", &["wh build"]))
        },
        false => {
            let failing = failing(app)?;
            html! {
                h1 { (name) }
                (broken_project(app))
                (health(&runs, failing.len()))
                (failures(app, &failing)?)
                (super::jobs::jobs(app)?)
                h2 { "Last runs" }
                (table(app, &runs.iter().take(LISTED).collect::<Vec<_>>())?)
                p { a href="/runs" { "All runs" } }
                (changes(app, &runs)?)
            }
        }
    };
    Ok(Answer::Found(
        Page::new("/", "Overview", body).live(is_live),
    ))
}

fn broken_project(app: &App) -> Markup {
    match &*app.project() {
        Ok(_) => html! {},
        Err(why) => html! {
            div.notice.bad {
                p { strong { "The project cannot be read as it is: no run can begin." } }
                (parts::error(why))
            }
        },
    }
}

fn is_bad(status: NodeStatus) -> bool {
    matches!(status, NodeStatus::Fail | NodeStatus::Error)
}

/// The nodes whose last end was bad; of those that the project still has, when it can be read.
fn failing(app: &App) -> Result<Vec<Seen>> {
    let loaded = app.project();
    let is_known = |id: &str| match &*loaded {
        Ok((_, compiled)) => compiled.plan.find(id).is_some(),
        Err(_) => true,
    };
    let seen = app.state.last_seen(RUNS, i64::MAX)?;
    let mut failing: Vec<Seen> = seen
        .into_values()
        .filter(|seen| is_bad(seen.node.status) && is_known(&seen.node.node_id))
        .collect();
    failing.sort_by_key(|seen| seen.node.kind == "test");
    Ok(failing)
}

fn health(runs: &[Run], n_failing: usize) -> Markup {
    let good = runs.iter().find(|run| run.status == RunStatus::Success);
    let running: Vec<&Run> = runs
        .iter()
        .filter(|run| run.status == RunStatus::Running)
        .collect();
    let last = runs.iter().find(|run| run.status != RunStatus::Running);
    let verdict = match (n_failing, last.map(|run| run.status)) {
        (0, Some(RunStatus::Success) | None) => html! { span.s-success { "All good" } },
        (0, Some(status)) => {
            html! { span class={ "s-" (status.word()) } { "Last run " (status.word()) } }
        }
        (n, _) => html! { span.s-fail { (words::counted(n, "node")) " failing" } },
    };
    html! {
        div.tiles {
            (parts::tile("Health", &verdict, &html! { "by the last end of every node" }))
            @if let Some(run) = last {
                (parts::tile("Last run", &parts::status(run.status.word()),
                    &html! { a href={ "/runs/" (words::encoded(&run.run_id)) } { (run.command) } ", " (parts::ago(run.started_at)) }))
            }
            @match good {
                Some(run) => { (parts::tile("Last good run", &parts::ago(run.started_at),
                    &html! { a href={ "/runs/" (words::encoded(&run.run_id)) } { (run.command) } ", " (parts::origin(run)) })) }
                None => { (parts::tile("Last good run", &html! { "none yet" }, &html! {})) }
            }
            @match running.first() {
                Some(run) => { (parts::tile("Running now", &html! { (words::counted(running.len(), "run")) },
                    &html! { a href={ "/runs/" (words::encoded(&run.run_id)) } { (run.command) } ", since " (parts::ago(run.started_at)) })) }
                None => { (parts::tile("Running now", &html! { "nothing" }, &html! {})) }
            }
        }
    }
}

fn failures(app: &App, failing: &[Seen]) -> Result<Markup> {
    if failing.is_empty() {
        return Ok(html! {});
    }
    let mut lines = Vec::new();
    for seen in failing {
        let history = app.state.node_history(&seen.node.node_id, HISTORY)?;
        let bad = history
            .iter()
            .take_while(|seen| !matches!(seen.node.status, NodeStatus::Success | NodeStatus::Warn));
        let since = bad.map(|seen| seen.node.started_at).last();
        lines.push((seen, since.unwrap_or(seen.node.started_at)));
    }
    Ok(html! {
        h2 { "Failing" }
        div.scroll { table {
            thead { tr { th { "Status" } th { "Node" } th { "Kind" } th { "Since" } th { "What" } } }
            tbody { @for (seen, since) in lines {
                tr {
                    td { (parts::status(seen.node.status.word())) }
                    td.name { (parts::attempt_link(&seen.run_id, &seen.node)) }
                    td.nowrap { (seen.node.kind.replace('_', " ")) }
                    td.nowrap { (parts::ago(since)) }
                    td.message { (words::first_line(seen.node.error.as_deref().unwrap_or(&seen.node.message))) }
                }
            } }
        } }
    })
}

/// What the last run found otherwise than the runs before it.
fn changes(app: &App, runs: &[Run]) -> Result<Markup> {
    let Some(last) = runs.iter().find(|run| run.status != RunStatus::Running) else {
        return Ok(html! {});
    };
    let before = app.state.last_seen(RUNS, last.started_at)?;
    if before.is_empty() {
        return Ok(html! {});
    }
    let after = app.state.last_seen(RUNS, last.started_at + 1)?;
    let mut changes: Vec<(&Seen, Markup)> = after
        .values()
        .filter(|seen| seen.run_id == last.run_id)
        .filter_map(|seen| Some((seen, change(&before, seen)?)))
        .collect();
    changes.sort_by_key(|(seen, _)| rank(&before, seen));
    Ok(html! {
        h2 { "What changed in the last run" }
        @if changes.is_empty() {
            p.muted { "Nothing: the same nodes ended in the same way, with about as many rows." }
        } @else {
            div.scroll { table { tbody {
                @for (seen, change) in changes.iter().take(MOST_CHANGES) {
                    tr { td.name { (parts::attempt_link(&seen.run_id, &seen.node)) }
                        td.nowrap { (seen.node.kind.replace('_', " ")) }
                        td { (change) } }
                }
            } } }
            @if changes.len() > MOST_CHANGES { p.muted { "and " (changes.len() - MOST_CHANGES) " more" } }
        }
    })
}

/// What got worse comes first, then what ends otherwise, then what has more or fewer rows.
fn rank(before: &BTreeMap<String, Seen>, seen: &Seen) -> u8 {
    let old = before.get(&seen.node.node_id).map(|old| old.node.status);
    match old == Some(seen.node.status) {
        true => 2,
        false => u8::from(!is_bad(seen.node.status)),
    }
}

fn change(before: &BTreeMap<String, Seen>, seen: &Seen) -> Option<Markup> {
    let Some(old) = before.get(&seen.node.node_id) else {
        return Some(html! { "ran for the first time: " (parts::status(seen.node.status.word())) });
    };
    if old.node.status != seen.node.status {
        return Some(html! {
            (parts::status(old.node.status.word())) " → " (parts::status(seen.node.status.word()))
        });
    }
    let (was, is) = (old.node.n_rows?, seen.node.n_rows?);
    let share = (is - was) as f64 / was.max(1) as f64;
    (seen.node.kind != "test" && share.abs() >= NOTABLE).then(|| {
        html! {
            (words::count(was)) " → " (words::count(is)) " rows "
            span.muted { "(" (if share > 0.0 { "+" } else { "−" }) (format!("{:.0}", share.abs() * 100.0)) " %)" }
        }
    })
}
