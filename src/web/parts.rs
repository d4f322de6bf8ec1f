//! The pieces that pages are made of.

use maud::{Markup, html};

use super::words;
use crate::state::looks::Counts;
use crate::state::runs::{NodeRun, Run, RunStatus, now};

/// Shows a status by colour, sign and word.
pub(super) fn status(word: &str) -> Markup {
    html! { span class={ "status s-" (word) } { (word) } }
}

/// Shows a moment (µs) from now on, its time on hover.
pub(super) fn ago(micros: i64) -> Markup {
    let exact = words::local(micros, "%Y-%m-%d %H:%M:%S %Z");
    html! {
        time datetime=(words::iso(micros)) title=(exact) { (words::relative(micros, now())) }
    }
}

/// Shows a moment (µs) by date and time.
pub(super) fn moment(micros: i64) -> Markup {
    html! {
        time.nowrap datetime=(words::iso(micros)) title=(words::relative(micros, now())) {
            (words::local(micros, "%Y-%m-%d %H:%M:%S"))
        }
    }
}

/// Shows a moment that may be unknown.
pub(super) fn maybe_ago(micros: Option<i64>) -> Markup {
    match micros {
        Some(micros) => ago(micros),
        None => dash(),
    }
}

/// Stands for what is not there.
pub(super) fn dash() -> Markup {
    html! { span.muted aria-label="nothing" { "–" } }
}

/// Shows a whole number that may be unknown.
pub(super) fn maybe_count(number: Option<i64>) -> Markup {
    match number {
        Some(number) => html! { (words::count(number)) },
        None => dash(),
    }
}

/// Shows a command to type; with JavaScript it can be copied by a click.
pub(super) fn command(text: &str) -> Markup {
    html! { span.command data-copy=(text) { code { (text) } } }
}

/// Says that there is nothing here yet, and what brings something.
pub(super) fn empty(what: &str, commands: &[&str]) -> Markup {
    html! {
        div.notice {
            p { (what) }
            @for text in commands { p { (command(text)) } }
        }
    }
}

/// Shows an error as the terminal does.
pub(super) fn error(text: &str) -> Markup {
    html! { pre.error tabindex="0" { (text) } }
}

/// A figure with its name.
pub(super) fn tile(label: &str, value: &Markup, note: &Markup) -> Markup {
    html! {
        div.tile {
            div.label { (label) }
            div.value { (value) }
            div.note { (note) }
        }
    }
}

/// Links to a run by the end of its id that tells it from others.
pub(super) fn run_link(run_id: &str) -> Markup {
    html! { a.mono href={ "/runs/" (words::encoded(run_id)) } { (words::shortened(run_id, 18)) } }
}

/// Links to a node of the project.
pub(super) fn node_link(node_id: &str, name: &str) -> Markup {
    html! { a href={ "/nodes/" (words::encoded(node_id)) } { (name) } }
}

/// Links to a node as it went in a run.
pub(super) fn attempt_link(run_id: &str, node: &NodeRun) -> Markup {
    html! { a href=(attempt_path(run_id, &node.node_id)) { (node.name) } }
}

/// Returns the path of a node as it went in a run.
pub(super) fn attempt_path(run_id: &str, node_id: &str) -> String {
    let [run, node] = [run_id, node_id].map(words::encoded);
    format!("/runs/{run}/nodes/{node}")
}

/// Returns how long a run took, or has taken so far (µs); `None` when its process died.
pub(super) fn elapsed(run: &Run) -> Option<i64> {
    match (run.ended_at, run.status) {
        (Some(end), _) => Some(end - run.started_at),
        (None, RunStatus::Running) => Some(now() - run.started_at),
        (None, _) => None,
    }
}

/// Says how the nodes of a run ended, the bad ones first.
pub(super) fn counts(counts: Option<&Counts>, n_nodes: i64) -> Markup {
    const ORDER: &[&str] = &["error", "fail", "skipped", "warn", "running", "success"];
    let number = |word: &str| {
        counts
            .and_then(|counts| counts.get(word))
            .copied()
            .unwrap_or(0)
    };
    html! {
        span.counts {
            @for word in ORDER {
                @if number(word) > 0 {
                    span class={ "n s-" (word) } title={ (number(word)) " " (word) } { (words::count(number(word))) }
                }
            }
            span.muted { " of " (words::count(n_nodes)) }
        }
    }
}

/// Returns who or what began a run.
pub(super) fn origin(run: &Run) -> String {
    match (&run.job, &run.resumed_from) {
        (Some(job), _) => format!("job {job}"),
        (None, Some(_)) => "resumed".into(),
        (None, None) => run.trigger.word().into(),
    }
}

/// A bar of a table, as long as `share` (0 to 1) of its column.
pub(super) fn bar(share: f64, class: &str) -> Markup {
    let width = (share.clamp(0.0, 1.0) * 100.0).max(1.0);
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect class={ "fill " (class) } x="0" y="0" width=(format!("{width:.1}")) height="8" {}
        }
    }
}

/// Ticks for results over time, oldest first: a status and a moment (µs) each.
pub(super) fn trend<'a>(results: impl Iterator<Item = (&'a str, i64)>) -> Markup {
    let moments: Vec<(String, String)> = results
        .map(|(status, at)| {
            let said = format!("{status}, {}", words::local(at, "%Y-%m-%d %H:%M"));
            (status.to_owned(), said)
        })
        .collect();
    super::draw::trend::ticks(&moments)
}
