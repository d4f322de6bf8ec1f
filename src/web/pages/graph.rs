//! The lineage of the project, tests folded into what they test.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::compile::{Compiled, Index, Node, Resource, Selection};
use crate::diagnostic::Result;
use crate::run::history::full_name;
use crate::state::looks::Seen;
use crate::state::runs::NodeStatus;
use crate::web::app::{Answer, App, Ask, Page, said};
use crate::web::draw::lineage::{Vertex, lineage};
use crate::web::{parts, words};

/// Runs that are looked through for the last status of nodes.
pub(in crate::web) const RUNS: u32 = 200;

/// What a tests' status means for the node it is put on, worst first.
const WORST: &[NodeStatus] = &[NodeStatus::Error, NodeStatus::Fail, NodeStatus::Warn];

/// `/graph?select=…&tests=1`
pub(in crate::web) fn graph(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    let loaded = app.project();
    let (_, compiled) = match &*loaded {
        Ok(loaded) => loaded,
        Err(why) => return Ok(Answer::Found(unreadable("/graph", "Graph", why))),
    };
    let seen = app.state.last_seen(RUNS, i64::MAX)?;
    let (spec, with_tests) = (ask.query("select"), ask.query("tests").is_some());
    let (chosen, wrong) = match chosen(compiled, spec) {
        Ok(chosen) => (chosen, None),
        Err(err) => (BTreeSet::new(), Some(said(&err))),
    };
    let shown: BTreeSet<Index> = chosen
        .into_iter()
        .filter(|index| {
            let resource = &compiled.plan.nodes[*index].resource;
            with_tests || !matches!(resource, Resource::Test(_))
        })
        .collect();
    let body = html! {
        h1 { "Graph" }
        form.filter method="get" action="/graph" {
            label { "Select "
                input type="text" name="select" value=(spec.unwrap_or_default()) placeholder="all; +orders, tag:daily, orders+1" spellcheck="false" autocapitalize="off";
            }
            label { input type="checkbox" name="tests" value="1" checked[with_tests]; " tests as nodes" }
            button type="submit" { "Show" }
            @if spec.is_some() { a href="/graph" { "Everything" } }
            span.muted { (words::counted(shown.len(), "node")) }
        }
        @match wrong {
            Some(why) => { (parts::error(&why)) }
            None if shown.is_empty() => { (parts::empty("The selection matches no node.", &[])) }
            None => { (legend(compiled, &shown)) div.bleed { div.scroll.figure { (drawn(compiled, &shown, &seen, None)) } } }
        }
    };
    Ok(Answer::Found(Page::new("/graph", "Graph", body)))
}

/// Says that the project cannot be read as it is.
pub(super) fn unreadable(section: &'static str, title: &str, why: &str) -> Page {
    let body = html! {
        h1 { (title) }
        div.notice.bad {
            p { strong { "The project cannot be read as it is." } }
            (parts::error(why))
            p.muted { "Repair the file and come back; " a href="/runs" { "the runs" } " are there meanwhile." }
        }
    };
    Page::new(section, title, body)
}

fn chosen(compiled: &Compiled, spec: Option<&str>) -> Result<BTreeSet<Index>> {
    let selection = Selection {
        select: spec.map(str::to_owned).into_iter().collect(),
        ..Selection::default()
    };
    let mut chosen = compiled.select(&selection)?.nodes;
    if spec.is_none() {
        chosen
            .retain(|index| !matches!(compiled.plan.nodes[*index].resource, Resource::Analysis(_)));
    }
    Ok(chosen)
}

/// Draws some nodes of the plan, `here` marked.
pub(super) fn drawn(
    compiled: &Compiled,
    shown: &BTreeSet<Index>,
    seen: &BTreeMap<String, Seen>,
    here: Option<Index>,
) -> Markup {
    let order: BTreeMap<Index, usize> = shown.iter().copied().zip(0..).collect();
    let vertices: Vec<Vertex> = shown
        .iter()
        .map(|index| vertex(compiled, *index, seen, here == Some(*index)))
        .collect();
    let edges: Vec<(usize, usize)> = shown
        .iter()
        .flat_map(|to| {
            let parents = &compiled.graph.parents[*to];
            let order = &order;
            parents
                .iter()
                .filter_map(move |from| Some((*order.get(from)?, order[to])))
        })
        .collect();
    lineage(&vertices, &edges)
}

fn vertex(
    compiled: &Compiled,
    index: Index,
    seen: &BTreeMap<String, Seen>,
    is_here: bool,
) -> Vertex {
    let node = &compiled.plan.nodes[index];
    let tests = tests(compiled, index);
    let status = |node: &Node| seen.get(&node.id).map(|seen| seen.node.status);
    let of_tests = tests
        .iter()
        .filter_map(|test| status(&compiled.plan.nodes[*test]));
    let bad = of_tests
        .clone()
        .filter(|status| matches!(status, NodeStatus::Fail | NodeStatus::Error))
        .count();
    let worst = WORST.iter().copied().find(|worst| {
        status(node) == Some(*worst) || of_tests.clone().any(|status| status == *worst)
    });
    let kind = node.resource.word();
    let mut sub = kind.replace('_', " ");
    if let Some(materialized) = node.config.text("materialized") {
        sub = materialized;
    }
    if bad > 0 {
        sub += &format!(" · {bad} of {} failed", words::counted(tests.len(), "test"));
    } else if !tests.is_empty() {
        sub += &format!(" · {}", words::counted(tests.len(), "test"));
    }
    Vertex {
        name: full_name(node),
        kind,
        sub,
        status: worst.or_else(|| status(node)).map(NodeStatus::word),
        href: format!("/nodes/{}", words::encoded(&node.id)),
        is_here,
    }
}

/// Returns the tests that are put on a node: generic ones on it, and queries that read it.
pub(super) fn tests(compiled: &Compiled, index: Index) -> Vec<Index> {
    let children = compiled.graph.children[index].iter().copied();
    children
        .filter(|child| {
            let node = &compiled.plan.nodes[*child];
            match &node.resource {
                Resource::Test(test) => test
                    .generic
                    .as_ref()
                    .is_none_or(|generic| node.inputs.get(&generic.on) == Some(&index)),
                _ => false,
            }
        })
        .collect()
}

fn legend(compiled: &Compiled, shown: &BTreeSet<Index>) -> Markup {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for index in shown {
        *kinds
            .entry(compiled.plan.nodes[*index].resource.word())
            .or_default() += 1;
    }
    html! {
        p.legend {
            @for (kind, n) in kinds {
                span { svg.key viewBox="0 0 10 10" aria-hidden="true" { rect class={ "k-" (kind) } width="10" height="10" rx="2" {} }
                    (n) " " (kind.replace('_', " ")) }
            }
            @for word in ["success", "warn", "fail", "error", "skipped"] { (parts::status(word)) }
        }
    }
}
