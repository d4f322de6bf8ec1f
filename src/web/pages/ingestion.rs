//! What comes in: sources, how far they have been read, the last attempts, the files of the lake.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::compile::{Compiled, Node, Resource};
use crate::diagnostic::Result;
use crate::engine::Param;
use crate::project::nodes::{Ingest, Mode};
use crate::report::frame::Frame;
use crate::run::history::full_name;
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::look::Look;
use crate::web::rows::{Row, rows};
use crate::web::{parts, words};

/// Attempts at a source table that make a trend.
const TREND: i64 = 24;

/// Attempts and files that are listed.
const LISTED: usize = 30;

/// `/ingestion`
pub(in crate::web) fn ingestion(app: &App, _: &Ask) -> Result<Answer<Page>> {
    let loaded = app.project();
    let compiled = match &*loaded {
        Ok((_, compiled)) => compiled,
        Err(why) => {
            let page = super::graph::unreadable("/ingestion", "Ingestion", why);
            return Ok(Answer::Found(page));
        }
    };
    let sources = ingested(compiled);
    let body = html! {
        h1 { "Ingestion" }
        @if sources.is_empty() {
            (parts::empty("No source of the project is ingested: a table of `sources:` is, once it has `ingest:`.", &[]))
        } @else {
            (app.look(|look| Ok(html! {
                (overview(look, &sources)?)
                (attempts(look)?)
                (files(look)?)
            })))
        }
    };
    Ok(Answer::Found(Page::new("/ingestion", "Ingestion", body)))
}

fn ingested(compiled: &Compiled) -> Vec<(&Node, &Ingest)> {
    let nodes = compiled.plan.nodes.iter();
    nodes
        .filter_map(|node| match &node.resource {
            Resource::Source {
                ingest: Some(ingest),
                ..
            } => Some((node, &**ingest)),
            _ => None,
        })
        .collect()
}

fn key(row: Row<'_>) -> (String, String) {
    (row.text("source"), row.text("table_name"))
}

fn overview(look: &mut Look, sources: &[(&Node, &Ingest)]) -> Result<Markup> {
    let files = look.rows(
        &["ingested_files"],
        include_str!("../sql/source_files.sql"),
        &[],
    )?;
    let cursors = look.rows(&["cursors"], include_str!("../sql/cursors.sql"), &[])?;
    let last = look.rows(
        &["ingestions"],
        include_str!("../sql/last_ingestions.sql"),
        &[Param::Int(TREND)],
    )?;
    let by_key = |frame: &'_ Option<Frame>| -> BTreeMap<(String, String), usize> {
        let rows = frame.iter().flat_map(rows).enumerate();
        rows.map(|(at, row)| (key(row), at)).collect()
    };
    let (of_files, of_cursors) = (by_key(&files), by_key(&cursors));
    let at = |frame: &'_ Option<Frame>, at: Option<&usize>, column: &str| {
        let row = frame
            .as_ref()
            .zip(at)
            .and_then(|(frame, at)| rows(frame).nth(*at));
        row.map(|row| (row.int(column), row.text(column)))
    };
    let attempts = |wanted: &(String, String)| -> Vec<Row<'_>> {
        let all = last.iter().flat_map(rows);
        all.filter(|row| key(*row) == *wanted).collect()
    };
    Ok(html! {
        div.scroll { table {
            thead { tr {
                th { "Source table" } th { "From" } th { "Last attempt" } th { "Trend" } th { "Read up to" }
                th.number { "Files" } th.number { "Rows" } th.number { "Rejected" }
            } }
            tbody { @for (node, ingest) in sources {
                @let key = (ingest.source.clone(), ingest.table.clone());
                @let attempts = attempts(&key);
                @let file = of_files.get(&key);
                tr {
                    th { (parts::node_link(&node.id, &full_name(node))) }
                    td.nowrap { (ingest.connector) @if let Some(how) = ingest.mode { ", " (mode(how)) } }
                    @match attempts.first() {
                        Some(row) => {
                            td.nowrap { (parts::status(&row.text("status"))) " " (parts::maybe_ago(row.int("at"))) }
                            td.spark { (trend(&attempts)) }
                        }
                        None => {
                            td.nowrap { (parts::maybe_ago(at(&files, file, "loaded_at").and_then(|(at, _)| at))) }
                            td {}
                        }
                    }
                    td { @match at(&cursors, of_cursors.get(&key), "value") {
                        Some((_, value)) => { code { (value) } }
                        None => { (parts::dash()) }
                    } }
                    @for column in ["files", "rows", "rejected"] {
                        td.number { (parts::maybe_count(at(&files, file, column).and_then(|(n, _)| n))) }
                    }
                }
            } }
        } }
        @if files.is_none() && last.is_none() {
            (parts::empty("Nothing has been taken in yet.", &["wh ingest"]))
        }
    })
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Append => "append",
        Mode::Replace => "replace",
        Mode::Merge => "merge",
    }
}

fn trend(attempts: &[Row<'_>]) -> Markup {
    let results: Vec<(String, i64)> = attempts
        .iter()
        .rev()
        .map(|row| (row.text("status"), row.int("at").unwrap_or_default()))
        .collect();
    parts::trend(results.iter().map(|(status, at)| (status.as_str(), *at)))
}

fn attempts(look: &mut Look) -> Result<Markup> {
    let sql = include_str!("../sql/last_ingestions.sql");
    let Some(found) = look.rows(&["ingestions"], sql, &[Param::Int(TREND)])? else {
        return Ok(html! {});
    };
    Ok(html! {
        h2 { "Last attempts" }
        div.scroll { table {
            thead { tr {
                th { "Status" } th { "Source table" } th { "When" } th.number { "Took" } th.number { "Tries" }
                th.number { "Rows" } th.number { "Rejected" } th.number { "Size" } th { "Read up to" }
            } }
            tbody { @for row in rows(&found).take(LISTED) {
                tr {
                    td { a href={ "/runs/" (words::encoded(&row.text("run_id"))) } { (parts::status(&row.text("status"))) } }
                    td.name { (row.text("source")) "." (row.text("table_name"))
                        @if let Some(error) = row.said("error") { div.small.l-error { span { (error) } } } }
                    td.nowrap { (parts::maybe_ago(row.int("at"))) }
                    td.number { (words::duration(row.int("elapsed").unwrap_or_default())) }
                    td.number { (parts::maybe_count(row.int("attempts"))) }
                    td.number { (parts::maybe_count(row.int("rows"))) }
                    td.number { (parts::maybe_count(row.int("rejected"))) }
                    td.number { (words::size(row.int("bytes").unwrap_or_default())) }
                    td.nowrap { @if let Some(cursor) = row.said("cursor_after") { code { (cursor) } } }
                }
            } }
        } }
    })
}

fn files(look: &mut Look) -> Result<Markup> {
    let (tables, sql) = (&["ingested_files"], include_str!("../sql/last_files.sql"));
    let listed = i64::try_from(LISTED)?;
    let Some(found) = look.rows(tables, sql, &[Param::Int(listed)])? else {
        return Ok(html! {});
    };
    Ok(html! {
        h2 { "Files of the lake" }
        p.muted { "The last " (LISTED) " that were loaded; what came in stays in the lake as it came." }
        div.scroll { table {
            thead { tr { th { "Source table" } th { "File" } th.number { "Rows" } th.number { "Rejected" } th.number { "Size" } th { "Loaded" } th { "SHA-256" } } }
            tbody { @for row in rows(&found) {
                tr {
                    td.name { (row.text("source")) "." (row.text("table_name")) }
                    td.name { span title=(row.text("path")) { (row.text("origin")) }
                        @if !row.is("active") { " " span.tag { "replaced" } } }
                    td.number { (parts::maybe_count(row.int("rows"))) }
                    td.number { (parts::maybe_count(row.int("rejected"))) }
                    td.number { (words::size(row.int("size_bytes").unwrap_or_default())) }
                    td.nowrap { (parts::maybe_ago(row.int("loaded_at"))) }
                    td.mono title=(row.text("sha256")) { (row.text("sha256").chars().take(10).collect::<String>()) }
                }
            } }
        } }
    })
}
