//! One run: what it was, when each node ran, what went wrong, how to go on.

use maud::{Markup, html};

use crate::diagnostic::Result;
use crate::state::runs::{LogLine, NodeRun, NodeStatus, Run, RunStatus, now};
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::draw::gantt::{Bar, gantt};
use crate::web::{parts, words};

/// Lines of the log that are shown at once; the newest ones.
const MOST_LINES: usize = 1_000;

/// Names that are listed before "and more".
const MOST_NAMES: usize = 12;

/// `/runs/{run}`
pub(in crate::web) fn run(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    app.settle();
    let run = match app.state.run(ask.part("run")) {
        Ok(run) => run,
        Err(err) => return Ok(Answer::Missing(words::first_line(&err.to_string()).into())),
    };
    let attempts = app.state.node_runs(&run.run_id)?;
    let logs = app.state.run_logs(&run.run_id, None)?;
    let alerts = app.state.alerts(&run.run_id)?;
    let is_live = run.status == RunStatus::Running;
    let body = html! {
        (head(&run))
        @if let Some(error) = &run.error { (parts::error(error)) }
        (resume(&run, &attempts))
        (failures(&run, &attempts))
        (timeline(&run, &attempts))
        (nodes(&run, &attempts))
        @if !alerts.is_empty() {
            h2 { "Alerts" }
            div.scroll { table {
                thead { tr { th { "When" } th { "To" } th { "Status" } th { "Why" } } }
                tbody { @for alert in &alerts {
                    tr {
                        td { (parts::moment(alert.at)) }
                        td { (alert.target) }
                        td { (parts::status(&alert.status)) }
                        td { (alert.error.as_deref().unwrap_or_default()) }
                    }
                } }
            } }
        }
        h2 id="log" { "Log" }
        (log_lines(&logs))
    };
    let title = format!("{} {}", run.command, run.status.word());
    Ok(Answer::Found(Page::new("/runs", title, body).live(is_live)))
}

fn head(run: &Run) -> Markup {
    html! {
        p.crumbs { a href="/runs" { "Runs" } " / " span.mono { (run.run_id) } }
        h1 { (run.command) " " (parts::status(run.status.word())) }
        dl.facts {
            div { dt { "Command" } dd { code { (run.arguments) } } }
            div { dt { "By" } dd { (parts::origin(run)) } }
            div { dt { "Started" } dd { (parts::moment(run.started_at)) " (" (parts::ago(run.started_at)) ")" } }
            div { dt { "Took" } dd {
                @match parts::elapsed(run) {
                    Some(time) => { (words::duration(time)) }
                    None => { "its process died" }
                }
            } }
            @if let Some(from) = &run.resumed_from {
                div { dt { "Goes on with" } dd { (parts::run_link(from)) } }
            }
            @if let Some(commit) = &run.git_commit {
                div { dt { "Commit" } dd.mono title=(commit) { (commit.chars().take(12).collect::<String>()) } }
            }
            div { dt { "Process" } dd { (run.pid) } }
        }
    }
}

/// The last attempt at each node.
fn last(attempts: &[NodeRun]) -> Vec<&NodeRun> {
    let is_last = |node: &&NodeRun| {
        let later = |other: &NodeRun| other.node_id == node.node_id && other.attempt > node.attempt;
        !attempts.iter().any(later)
    };
    attempts.iter().filter(is_last).collect()
}

fn is_bad(status: NodeStatus) -> bool {
    matches!(status, NodeStatus::Fail | NodeStatus::Error)
}

/// What going on would do, for a run that did not come to a good end.
fn resume(run: &Run, attempts: &[NodeRun]) -> Markup {
    let open = matches!(
        run.status,
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Crashed
    );
    if !open {
        return html! {};
    }
    let last = last(attempts);
    let is_done = |node: &&&NodeRun| matches!(node.status, NodeStatus::Success | NodeStatus::Warn);
    let done = last.iter().filter(is_done).count();
    let again: Vec<&str> = last
        .iter()
        .filter(|node| !is_done(node))
        .map(|node| node.name.as_str())
        .collect();
    let total = usize::try_from(run.n_nodes)
        .unwrap_or_default()
        .max(last.len());
    html! {
        div.notice.act {
            p { strong { "To go on where it stopped" } }
            p { (parts::command(&format!("wh resume {}", run.run_id))) }
            p.muted {
                "It keeps the " (words::counted(done, "node")) " that ended well and runs the other "
                (total - done)
                @if !again.is_empty() {
                    ": " (again.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", "))
                    @if again.len() > MOST_NAMES { " and " (again.len() - MOST_NAMES) " more" }
                }
                "."
            }
        }
    }
}

fn failures(run: &Run, attempts: &[NodeRun]) -> Markup {
    let bad: Vec<&NodeRun> = last(attempts)
        .into_iter()
        .filter(|node| is_bad(node.status))
        .collect();
    html! {
        @if !bad.is_empty() {
            h2 { "What went wrong" }
            @for node in bad {
                details.failure open {
                    summary {
                        (parts::status(node.status.word())) " "
                        (parts::attempt_link(&run.run_id, node))
                        " " span.muted { (node.kind.replace('_', " ")) }
                    }
                    @match &node.error {
                        Some(error) => { (parts::error(error)) }
                        None => { p { (node.message) } }
                    }
                }
            }
        }
    }
}

fn timeline(run: &Run, attempts: &[NodeRun]) -> Markup {
    if attempts.is_empty() {
        return html! {};
    }
    let bars: Vec<Bar<'_>> = attempts
        .iter()
        .map(|attempt| Bar {
            attempt,
            href: parts::attempt_path(&run.run_id, &attempt.node_id),
        })
        .collect();
    let end = |attempt: &NodeRun| attempt.ended_at.unwrap_or(attempt.started_at);
    let to = match run.status {
        RunStatus::Running => now(),
        _ => run
            .ended_at
            .or_else(|| attempts.iter().map(end).max())
            .unwrap_or(run.started_at),
    };
    let from = attempts.iter().map(|attempt| attempt.started_at).min();
    html! {
        h2 { "Timeline" }
        div.scroll.figure { (gantt(&bars, from.unwrap_or(run.started_at), to)) }
        p.legend {
            @for word in ["success", "warn", "fail", "error", "retried", "running"] { (parts::status(word)) " " }
            span.muted { "a lane a worker" }
        }
    }
}

/// The nodes, tests that passed apart: there are many of them, and they say little.
fn nodes(run: &Run, attempts: &[NodeRun]) -> Markup {
    let last = last(attempts);
    let longest = last.iter().map(|node| time(node)).max();
    let longest = longest.unwrap_or(1).max(1);
    let is_quiet = |node: &&NodeRun| node.kind == "test" && node.status == NodeStatus::Success;
    let (quiet, loud): (Vec<&NodeRun>, Vec<&NodeRun>) =
        last.iter().partition(|node| is_quiet(node));
    html! {
        h2 { "Nodes" }
        @if last.is_empty() {
            p.muted { "No node has begun." }
        }
        @if !loud.is_empty() {
            (node_table(run, &loud, longest))
        }
        @if !quiet.is_empty() {
            details.group {
                summary { (words::counted(quiet.len(), "test")) " passed" }
                (node_table(run, &quiet, longest))
            }
        }
    }
}

fn time(node: &NodeRun) -> i64 {
    node.ended_at.unwrap_or_else(now) - node.started_at
}

fn node_table(run: &Run, nodes: &[&NodeRun], longest: i64) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th { "Status" } th { "Node" } th { "Kind" } th.number { "Attempts" } th.number { "Rows" }
                th colspan="2" { "Time" } th { "Message" }
            } }
            tbody { @for node in nodes {
                tr {
                    td { (parts::status(node.status.word())) }
                    td.name { (parts::attempt_link(&run.run_id, node)) }
                    td.nowrap { (node.kind.replace('_', " ")) }
                    td.number { (node.attempt) }
                    td.number { (parts::maybe_count(node.n_rows)) }
                    @if node.status == NodeStatus::Skipped {
                        td.number { (parts::dash()) } td {}
                    } @else {
                        td.number { (words::duration(time(node))) }
                        td.bars { (parts::bar(time(node) as f64 / longest as f64, &format!("s-{}", node.status.word()))) }
                    }
                    td.message { (message(node)) }
                }
            } }
        } }
    }
}

/// A few words on how a node ended.
fn message(node: &NodeRun) -> Markup {
    let because = node.status == NodeStatus::Skipped && !node.message.is_empty();
    let error = node.error.as_deref().map(words::first_line);
    html! {
        @if because { "because of " }
        (node.message)
        @if let Some(error) = error && is_bad(node.status) { " " (error) }
    }
}

/// The lines of a log.
pub(super) fn log_lines(lines: &[LogLine]) -> Markup {
    if lines.is_empty() {
        return html! { p.muted { "Nothing was recorded." } };
    }
    let left_out = lines.len().saturating_sub(MOST_LINES);
    html! {
        @if left_out > 0 { p.muted { (words::counted(left_out, "earlier line")) " left out" } }
        ol.log tabindex="0" {
            @for line in &lines[left_out..] {
                li class={ "l-" (line.level.word()) } {
                    time datetime=(words::iso(line.at)) { (words::local(line.at, "%H:%M:%S")) }
                    span { (line.text) }
                }
            }
        }
    }
}
