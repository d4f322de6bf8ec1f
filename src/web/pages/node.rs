//! One node of the graph: what it is, what it reads and feeds, its columns, tests, SQL, and how it went.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::graph::{RUNS, drawn, tests, unreadable};
use crate::compile::{Body, Compiled, Graph, Index, Node, body, template};
use crate::diagnostic::Result;
use crate::run::history::full_name;
use crate::state::looks::Seen;
use crate::web::app::{Answer, App, Ask, Page, said};
use crate::web::draw::trend;
use crate::web::prose::prose;
use crate::web::{parts, words};

/// Runs of the node that are listed.
const HISTORY: u32 = 20;

/// `/nodes/{node}`
pub(in crate::web) fn node(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    let id = ask.part("node");
    let loaded = app.project();
    let (_, compiled) = match &*loaded {
        Ok(loaded) => loaded,
        Err(why) => return Ok(Answer::Found(unreadable("/catalog", id, why))),
    };
    let Some(index) = compiled.plan.nodes.iter().position(|node| node.id == id) else {
        return Ok(Answer::Missing(format!("the project has no node `{id}`")));
    };
    let node = &compiled.plan.nodes[index];
    let seen = app.state.last_seen(RUNS, i64::MAX)?;
    let history = app.state.node_history(id, HISTORY)?;
    let body = html! {
        p.crumbs { a href="/catalog" { "Catalog" } " / " (node.resource.word().replace('_', " ")) }
        h1 { (full_name(node)) @if let Some(seen) = seen.get(id) { " " (parts::status(seen.node.status.word())) } }
        (head(node, seen.get(id)))
        @if let Some(error) = seen.get(id).and_then(|seen| seen.node.error.as_ref()) { (parts::error(error)) }
        h2 { "Around it" }
        div.scroll.figure { (drawn(compiled, &around(compiled, index), &seen, Some(index))) }
        p { a href={ "/graph?select=" (words::encoded(&format!("+{}+", selector(node)))) } { "All it needs and all that needs it" } }
        (columns(app, node))
        (tested(compiled, index, &seen))
        (past(&history))
        (sql(compiled, index))
    };
    Ok(Answer::Found(Page::new("/catalog", full_name(node), body)))
}

/// How a node is selected by itself.
fn selector(node: &Node) -> String {
    match node.resource.word() {
        "source" => format!("source:{}", full_name(node)),
        _ => node.name.clone(),
    }
}

fn head(node: &Node, seen: Option<&Seen>) -> Markup {
    html! {
        @if !node.description.is_empty() { div.lead.prose { (prose(&node.description)) } }
        dl.facts {
            div { dt { "Written in" } dd { code { (node.at) } } }
            @if let Some(relation) = &node.relation { div { dt { "Relation" } dd { code { (relation) } } } }
            @if let Some(materialized) = node.config.text("materialized") {
                div { dt { "Materialized as" } dd { (materialized) } }
            }
            @for (key, said) in said_of(node) { div { dt { (key) } dd { (said) } } }
            @let tags = node.config.texts("tags");
            @if !tags.is_empty() {
                div { dt { "Tags" } dd { @for tag in tags { span.tag { (tag) } " " } } }
            }
            @if let Some(seen) = seen {
                div { dt { "Last run" } dd { (parts::ago(seen.node.started_at)) ", " (parts::run_link(&seen.run_id)) } }
                @if let Some(rows) = seen.node.n_rows { div { dt { "Rows" } dd { (words::count(rows)) } } }
            }
        }
    }
}

/// Who is responsible for a node and what it promises, by the words of its declaration.
fn said_of(node: &Node) -> Vec<(&'static str, String)> {
    let config = &node.config;
    let contract = config.values.get("contract");
    let is_enforced = contract.and_then(|contract| contract.get("enforced")?.as_bool());
    let option = |key| Some(node.options.get(key)?.as_str()?.to_owned());
    [
        ("Group", config.text("group")),
        ("Access", config.text("access")),
        (
            "Contract",
            is_enforced.unwrap_or_default().then(|| "enforced".into()),
        ),
        ("URL", option("url")),
        ("Maturity", option("maturity")),
    ]
    .into_iter()
    .filter_map(|(key, said)| Some((key, said?)))
    .collect()
}

/// The node, what it reads, what reads it; tests left out unless it is one.
fn around(compiled: &Compiled, index: Index) -> BTreeSet<Index> {
    let start = BTreeSet::from([index]);
    let graph = &compiled.graph;
    let mut near = Graph::reach(&graph.parents, &start, 1);
    near.extend(Graph::reach(&graph.children, &start, 1));
    near.retain(|other| *other == index || compiled.plan.nodes[*other].resource.word() != "test");
    near
}

/// Columns as declared, with the types the warehouse has, or those of the warehouse alone.
fn columns(app: &App, node: &Node) -> Markup {
    let Some(relation) = &node.relation else {
        return html! {};
    };
    let found = app.with_warehouse(|look| Ok(look.columns(relation)));
    let found = found.unwrap_or_default();
    let types: BTreeMap<String, &str> = found
        .iter()
        .map(|(name, kind)| (name.to_lowercase(), kind.as_str()))
        .collect();
    let is_declared = |name: &str| {
        node.columns
            .iter()
            .any(|column| column.name.eq_ignore_ascii_case(name))
    };
    let others = found.iter().filter(|(name, _)| !is_declared(name));
    html! {
        @if !found.is_empty() || !node.columns.is_empty() {
            h2 { "Columns" }
            div.scroll { table {
                thead { tr { th { "Column" } th { "Type" } th { "Description" } th { "Tests" } } }
                tbody {
                    @for column in &node.columns {
                        @let kind = types.get(&column.name.to_lowercase()).copied().or(column.data_type.as_deref());
                        tr {
                            th { code { (column.name) } }
                            td.nowrap { (kind.unwrap_or_default().to_lowercase()) }
                            td.message { div.prose { (prose(&column.description)) } }
                            td { (column.tests.iter().map(|test| test.test.as_str()).collect::<Vec<_>>().join(", ")) }
                        }
                    }
                    @for (name, kind) in others {
                        tr { th { code { (name) } } td.nowrap { (kind.to_lowercase()) } td {} td {} }
                    }
                }
            } }
        }
    }
}

fn tested(compiled: &Compiled, index: Index, seen: &BTreeMap<String, Seen>) -> Markup {
    let tests = tests(compiled, index);
    html! {
        @if !tests.is_empty() {
            h2 { "Tests" }
            div.scroll { table {
                thead { tr { th { "Status" } th { "Test" } th.number { "Found" } th { "When" } } }
                tbody { @for test in tests {
                    @let node = &compiled.plan.nodes[test];
                    @let seen = seen.get(&node.id);
                    tr {
                        td { (parts::status(seen.map_or("unknown", |seen| seen.node.status.word()))) }
                        td.name { (parts::node_link(&node.id, &node.name)) }
                        td.number { (parts::maybe_count(seen.and_then(|seen| seen.node.n_rows))) }
                        td.nowrap { (parts::maybe_ago(seen.map(|seen| seen.node.started_at))) }
                    }
                } }
            } }
        }
    }
}

fn past(history: &[Seen]) -> Markup {
    let time = |seen: &Seen| seen.node.ended_at.map(|end| end - seen.node.started_at);
    let times: Vec<f64> = history
        .iter()
        .rev()
        .filter_map(|seen| time(seen).map(|time| time as f64))
        .collect();
    html! {
        h2 { "History" }
        @if history.is_empty() {
            p.muted { "It has not run yet." }
        } @else {
            p { (trend::line(&times, "How long it took, oldest first")) }
            div.scroll { table {
                thead { tr { th { "Status" } th { "Run" } th { "When" } th.number { "Took" } th.number { "Rows" } th { "Message" } } }
                tbody { @for seen in history {
                    @let node = &seen.node;
                    tr {
                        td { a href=(parts::attempt_path(&seen.run_id, &node.node_id)) { (parts::status(node.status.word())) } }
                        td { (parts::run_link(&seen.run_id)) }
                        td.nowrap { (parts::ago(node.started_at)) }
                        td.number { (time(seen).map_or_else(|| "–".into(), words::duration)) }
                        td.number { (parts::maybe_count(node.n_rows)) }
                        td.message { (node.message) }
                    }
                } }
            } }
        }
    }
}

/// The SQL as it is compiled without a look at the warehouse, and as it is written; or the program.
fn sql(compiled: &Compiled, index: Index) -> Markup {
    let node = &compiled.plan.nodes[index];
    let Some(template) = template(node) else {
        return html! {
            @if let Some(Body::Other { language, text }) = body(node) {
                h2 { (language) }
                pre.sql tabindex="0" { code { (text) } }
            }
        };
    };
    html! {
        h2 { "SQL" }
        @match compiled.sql(index, None) {
            Ok(sql) => { pre.sql tabindex="0" { code { (sql) } } }
            Err(err) => {
                p.muted { "Its SQL cannot be written without the warehouse." }
                (parts::error(&said(&err)))
            }
        }
        details.group {
            summary { "As it is written" }
            pre.sql tabindex="0" { code { (template.text()) } }
        }
    }
}
