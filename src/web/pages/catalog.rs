//! What the project has, to read and to search: every node but tests, with its description.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::graph::{RUNS, unreadable};
use crate::compile::{Compiled, Node};
use crate::diagnostic::Result;
use crate::run::history::full_name;
use crate::state::looks::Seen;
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::prose::{prose, summary};
use crate::web::{parts, words};

/// The docs block that introduces a project, as in dbt.
const OVERVIEW: &str = "__overview__";

/// Kinds in the order in which they are listed; the others have no entry of their own.
const KINDS: &[(&str, &str)] = &[
    ("model", "Models"),
    ("source", "Sources"),
    ("seed", "Seeds"),
    ("snapshot", "Snapshots"),
    ("feature_view", "Feature views"),
    ("ml_model", "ML models"),
    ("function", "Functions"),
    ("semantic_model", "Semantic models"),
    ("metric", "Metrics"),
    ("saved_query", "Saved queries"),
    ("exposure", "Exposures"),
    ("report", "Reports"),
    ("export", "Exports"),
    ("analysis", "Analyses"),
];

/// Letters of a description that are shown in a list.
const SHOWN: usize = 160;

/// `/catalog?q=…`
pub(in crate::web) fn catalog(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    let loaded = app.project();
    let (project, compiled) = match &*loaded {
        Ok(loaded) => loaded,
        Err(why) => return Ok(Answer::Found(unreadable("/catalog", "Catalog", why))),
    };
    let seen = app.state.last_seen(RUNS, i64::MAX)?;
    let asked = ask.query("q");
    let wanted: Vec<String> = asked
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let mut found: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in &compiled.plan.nodes {
        let kind = node.resource.word();
        if KINDS.iter().any(|(known, _)| *known == kind) && has(node, &wanted) {
            found.entry(kind).or_default().push(node);
        }
    }
    let body = html! {
        h1 { "Catalog" }
        form.filter method="get" action="/catalog" {
            label { "Search "
                input type="text" name="q" value=(asked.unwrap_or_default()) placeholder="name, column, tag or text" spellcheck="false" autocapitalize="off";
            }
            button type="submit" { "Search" }
            @if asked.is_some() { a href="/catalog" { "Everything" } }
        }
        @if asked.is_none() { (overview(compiled, &project.name)) }
        @if found.is_empty() {
            (parts::empty(if asked.is_some() { "Nothing in the project has all of these words." } else { "The project has no nodes yet." }, &[]))
        }
        @for (kind, title) in KINDS {
            @if let Some(nodes) = found.get(kind) { (listed(title, nodes, &seen)) }
        }
    };
    Ok(Answer::Found(Page::new("/catalog", "Catalog", body)))
}

/// What the project says of itself as a whole.
fn overview(compiled: &Compiled, project: &str) -> Markup {
    let own = |doc: &&crate::compile::Doc| doc.name == OVERVIEW && doc.package == project;
    html! {
        @if let Some(doc) = compiled.plan.docs.iter().find(own) { div.card.prose { (prose(&doc.text)) } }
    }
}

/// Whether every word is in a node's name, description, tags, file, or its columns' names and descriptions.
fn has(node: &Node, words: &[String]) -> bool {
    let mut text = format!(
        "{} {} {} {}",
        full_name(node),
        node.description,
        node.config.texts("tags").join(" "),
        node.original.display()
    );
    for column in &node.columns {
        text.push(' ');
        text.push_str(&column.name);
        text.push(' ');
        text.push_str(&column.description);
    }
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn listed(title: &str, nodes: &[&Node], seen: &BTreeMap<String, Seen>) -> Markup {
    html! {
        h2 { (title) " " span.muted { (nodes.len()) } }
        div.scroll { table {
            thead { tr { th { "Name" } th { "Description" } th { "Written in" } th { "Last run" } } }
            tbody { @for node in nodes {
                tr {
                    td.name { (parts::node_link(&node.id, &full_name(node))) }
                    td.message { (words::shortened(&summary(&node.description), SHOWN)) }
                    td { code { (node.original.display()) } }
                    td.nowrap { @match seen.get(&node.id) {
                        Some(seen) => { (parts::status(seen.node.status.word())) }
                        None => { (parts::dash()) }
                    } }
                }
            } }
        } }
    }
}
