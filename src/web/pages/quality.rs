//! What the tests found: by table, with trends and samples; rejected rows; rows over time.

use std::collections::BTreeMap;

use maud::{Markup, html};
use minijinja::context;
use serde_json::Value;

use crate::compile::Resource;
use crate::diagnostic::Result;
use crate::engine::{Param, render};
use crate::report::frame::Frame;
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::draw::trend;
use crate::web::look::Look;
use crate::web::rows::{Row, rows};
use crate::web::{parts, words};

/// Results of a test, and counts of a relation, that make a trend.
const TREND: i64 = 24;

/// Rows of a sample that are shown.
const SAMPLE: usize = 5;

/// `/quality`
pub(in crate::web) fn quality(app: &App, _: &Ask) -> Result<Answer<Page>> {
    let body = html! {
        h1 { "Quality" }
        (app.look(|look| {
            Ok(html! {
                (checks(look)?)
                (rejects(app, look)?)
                (volumes(look)?)
            })
        }))
    };
    Ok(Answer::Found(Page::new("/quality", "Quality", body)))
}

fn checks(look: &mut Look) -> Result<Markup> {
    let tables = &["test_results"];
    let latest = look.rows(tables, include_str!("../sql/test_results.sql"), &[])?;
    let Some(latest) = latest.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(parts::empty(
            "No test has run here yet. Tests run with every build, or alone:",
            &["wh test"],
        ));
    };
    let trends = include_str!("../sql/test_trends.sql");
    let trends = look.query(trends, &[Param::Int(TREND)])?;
    let trends = trends_by(&trends, "test_id");
    let mut by_relation: BTreeMap<String, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(&latest) {
        by_relation
            .entry(row.text("relation"))
            .or_default()
            .push(row);
    }
    Ok(html! {
        (summary(&latest))
        @for status in ["error", "fail", "warn"] {
            @for row in rows(&latest).filter(|row| row.text("status") == status) { (issue(row)) }
        }
        h2 { "Checks by table" }
        @for (relation, checks) in &by_relation { (table(relation, checks, &trends)) }
    })
}

type Trends = BTreeMap<String, Vec<(String, i64)>>;

fn trends_by(frame: &Frame, key: &str) -> Trends {
    let mut trends = Trends::new();
    for row in rows(frame) {
        let result = (row.text("status"), row.int("at").unwrap_or_default());
        trends.entry(row.text(key)).or_default().push(result);
    }
    trends
}

fn is_issue(status: &str) -> bool {
    matches!(status, "fail" | "warn" | "error")
}

fn summary(latest: &Frame) -> Markup {
    let count = |wanted: &str| {
        rows(latest)
            .filter(|row| row.text("status") == wanted)
            .count()
    };
    let failures: i64 = rows(latest)
        .filter(|row| is_issue(&row.text("status")))
        .filter_map(|row| row.int("n_failures"))
        .sum();
    let (passed, total) = (count("pass"), latest.rows.len());
    let bad = count("fail") + count("error");
    let at = rows(latest).filter_map(|row| row.int("at")).max();
    html! {
        div.tiles {
            (parts::tile("Checks passed", &html! { (passed) " of " (total) }, &html! { "latest result of each, " (parts::maybe_ago(at)) }))
            (parts::tile("Failed", &html! { @if bad > 0 { span.s-fail { (bad) } } @else { "none" } }, &html! { "severity error" }))
            (parts::tile("Warnings", &html! { @if count("warn") > 0 { span.s-warn { (count("warn")) } } @else { "none" } }, &html! { "severity warn" }))
            (parts::tile("Offending rows", &html! { (words::count(failures)) }, &html! { "in checks that found something" }))
        }
    }
}

/// A check that found something, with what was done about it and some of the rows.
fn issue(row: Row<'_>) -> Markup {
    let of = match (row.int("n_failures"), row.int("n_rows")) {
        (Some(n), Some(total)) => format!("{} of {} rows", words::count(n), words::count(total)),
        (Some(n), None) => format!("{} rows", words::count(n)),
        _ => String::new(),
    };
    html! {
        details.card.issue {
            summary {
                (parts::status(&row.text("status"))) " "
                strong { (row.text("relation")) @if let Some(column) = row.said("column_name") { "." (column) } }
                ": " (row.text("kind")) " "
                span.muted { (of) }
            }
            @if let Some(description) = row.said("description") { p { (description) } }
            @if let Some(action) = row.said("action") { p { strong { "What is done about it: " } (action) } }
            @if let Some(message) = row.said("message") { (parts::error(&message)) }
            (sample(&row.text("sample")))
            p.muted {
                a href={ "/nodes/" (words::encoded(&row.text("test_id"))) } { (row.text("test_name")) }
                @if let Some(file) = row.said("file") { ", in " code { (file) } }
                ", " (parts::maybe_ago(row.int("at")))
            }
        }
    }
}

/// Offending rows, from a JSON list of objects.
fn sample(text: &str) -> Markup {
    let found: Vec<serde_json::Map<String, Value>> = serde_json::from_str(text).unwrap_or_default();
    let Some(first) = found.first() else {
        return html! {};
    };
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "∅".into(),
        other => other.to_string(),
    };
    html! {
        div.scroll { table {
            thead { tr { @for column in first.keys() { th { (column) } } } }
            tbody { @for row in found.iter().take(SAMPLE) {
                tr { @for value in row.values() { td { (words::shortened(&shown(value), 60)) } } }
            } }
        } }
        @if found.len() > SAMPLE { p.muted { "and more" } }
    }
}

fn table(relation: &str, checks: &[Row<'_>], trends: &Trends) -> Markup {
    let bad = checks
        .iter()
        .filter(|row| is_issue(&row.text("status")))
        .count();
    let name = if relation.is_empty() {
        "queries of their own"
    } else {
        relation
    };
    html! {
        details.group open[bad > 0] {
            summary {
                strong { (name) } " "
                span.muted { (words::counted(checks.len(), "check")) }
                @if bad > 0 { " " span.s-fail { (bad) " found something" } }
            }
            div.scroll { table {
                thead { tr { th { "Status" } th { "Column" } th { "Looks for" } th.number { "Found" } th { "Trend" } th { "Test" } } }
                tbody { @for row in checks {
                    tr {
                        td { (parts::status(&row.text("status"))) }
                        td { @match row.said("column_name") { Some(column) => { code { (column) } } None => { (parts::dash()) } } }
                        td { (row.text("kind")) }
                        td.number { (parts::maybe_count(row.int("n_failures"))) }
                        td.spark {
                            @if let Some(results) = trends.get(&row.text("test_id")) {
                                (parts::trend(results.iter().map(|(status, at)| (status.as_str(), *at))))
                            }
                        }
                        td.name { (parts::node_link(&row.text("test_id"), &row.text("test_name"))) }
                    }
                } }
            } }
        }
    }
}

/// Rows that could not be loaded, with their reasons.
fn rejects(app: &App, look: &mut Look) -> Result<Markup> {
    let sql = include_str!("../sql/rejects.sql");
    let Some(found) = look.rows(&["ingested_files"], sql, &[])? else {
        return Ok(html! {});
    };
    let mut tables = Vec::new();
    for row in rows(&found) {
        tables.push((row, reasons(app, look, row)));
    }
    Ok(html! {
        h2 { "Rejected rows" }
        @if tables.is_empty() {
            p.muted { "Every row that came in could be loaded." }
        }
        @for (row, reasons) in &tables {
            details.card.issue {
                summary {
                    strong { (row.text("source")) "." (row.text("table_name")) } ": "
                    (parts::maybe_count(row.int("rejected"))) " rejected, "
                    (parts::maybe_count(row.int("loaded"))) " loaded"
                }
                @match reasons {
                    Some(reasons) => { div.scroll { table {
                        thead { tr { th.number { "Rows" } th { "Reason" } th { "For instance" } th { "In" } } }
                        tbody { @for row in rows(reasons) {
                            tr {
                                td.number { (parts::maybe_count(row.int("n"))) }
                                td.message { (row.text("reason")) }
                                td { code { (words::shortened(&row.text("example"), 90)) } }
                                td { (row.text("file")) ":" (row.text("line")) }
                            }
                        } }
                    } } }
                    None => { p.muted { "Their table is not in the warehouse." } }
                }
            }
        }
    })
}

fn reasons(app: &App, look: &mut Look, row: Row<'_>) -> Option<Frame> {
    let loaded = app.project();
    let (_, compiled) = loaded.as_ref().as_ref().ok()?;
    let (source, table) = (row.text("source"), row.text("table_name"));
    let is_it = |resource: &Resource| matches!(resource, Resource::Source { source: name, .. } if *name == source);
    let node = compiled.plan.nodes.iter();
    let node = node
        .clone()
        .find(|node| node.name == table && is_it(&node.resource))?;
    let relation = node.relation.as_ref()?;
    let rejects = relation.with_name(format!("{}_rejects", relation.name));
    let values = context! { rejects => rejects.to_string() };
    let sql = render(include_str!("../sql/reject_reasons.sql"), values).ok()?;
    look.query(&sql, &[]).ok()
}

/// Rows of each table over time.
fn volumes(look: &mut Look) -> Result<Markup> {
    let sql = include_str!("../sql/row_counts.sql");
    let Some(found) = look.rows(&["row_counts"], sql, &[Param::Int(TREND)])? else {
        return Ok(html! {});
    };
    let mut counts: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
    for row in rows(&found) {
        let pair = (
            row.int("n_rows").unwrap_or_default(),
            row.int("at").unwrap_or_default(),
        );
        counts.entry(row.text("relation")).or_default().push(pair);
    }
    Ok(html! {
        @if !counts.is_empty() {
            h2 { "Rows over time" }
            div.scroll { table {
                thead { tr { th { "Relation" } th.number { "Rows" } th.number { "Change" } th { "Trend" } th { "Counted" } } }
                tbody { @for (relation, counts) in &counts {
                    @let (last, at) = counts[counts.len() - 1];
                    @let before = counts.len().checked_sub(2).map(|at| counts[at].0);
                    tr {
                        td.name { (relation) }
                        td.number { (words::count(last)) }
                        td.number { @match before { Some(before) if before != last => { (signed(last - before)) } _ => { (parts::dash()) } } }
                        td.spark { (trend::line(&counts.iter().map(|(n, _)| *n as f64).collect::<Vec<_>>(), "Rows, oldest count first")) }
                        td.nowrap { (parts::ago(at)) }
                    }
                } }
            } }
        }
    })
}

/// Writes a difference with its sign.
pub(super) fn signed(number: i64) -> String {
    match number > 0 {
        true => format!("+{}", words::count(number)),
        false => words::count(number),
    }
}
