//! The versions of the data: the log, and what each holds.

use maud::{Markup, html};

use super::quality::signed;
use crate::diagnostic::Result;
use crate::engine::Param;
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::look::Look;
use crate::web::rows::{Row, rows};
use crate::web::{parts, words};

/// The tables of records that the pages read.
const TABLES: &[&str] = &[
    "data_versions",
    "data_version_tables",
    "data_version_files",
    "data_tags",
];

/// Letters of a hash that are shown.
const HASH: usize = 12;

/// `/versions`
pub(in crate::web) fn versions(app: &App, _: &Ask) -> Result<Answer<Page>> {
    let body = html! {
        h1 { "Data versions" }
        (app.look(log))
    };
    Ok(Answer::Found(Page::new("/versions", "Data versions", body)))
}

fn log(look: &mut Look) -> Result<Markup> {
    let found = look.rows(TABLES, include_str!("../sql/data_versions.sql"), &[])?;
    let Some(found) = found.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(parts::empty(
            "No version of the data has been committed yet:",
            &["wh data commit -m 'the first version'"],
        ));
    };
    Ok(html! {
        div.scroll { table {
            thead { tr {
                th { "Version" } th { "Message" } th { "By" } th { "When" } th.number { "Tables" } th.number { "Rows" }
                th.number { "Files" } th.number { "Size" } th { "Commit" } th { "Hash" }
            } }
            tbody { @for row in rows(&found) {
                tr {
                    th.nowrap { a href={ "/versions/" (row.text("version")) } { "v" (row.text("version")) }
                        @if let Some(tags) = row.said("tags") { " " span.tag.good { (tags) } } }
                    td.message { (row.text("message")) }
                    td.nowrap { (row.text("author")) }
                    td.nowrap { (parts::maybe_ago(row.int("committed_at"))) }
                    td.number { (parts::maybe_count(row.int("n_tables"))) }
                    td.number { (parts::maybe_count(row.int("n_rows"))) }
                    td.number { (parts::maybe_count(row.int("n_files"))) }
                    td.number { (words::size(row.int("n_bytes").unwrap_or_default())) }
                    td.mono { (commit(row)) }
                    td.mono title=(row.text("hash")) { (head(&row.text("hash"))) }
                }
            } }
        } }
    })
}

fn head(hash: &str) -> String {
    hash.chars().take(HASH).collect()
}

fn commit(row: Row<'_>) -> Markup {
    html! {
        (head(&row.text("git_commit")))
        @if row.is("git_dirty") { span.muted title="with changes that were not committed" { "*" } }
    }
}

/// `/versions/{version}`
pub(in crate::web) fn version(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    let text = ask.part("version").trim_start_matches('v');
    let Ok(version) = text.parse::<i64>() else {
        return Ok(Answer::Missing(format!(
            "`{text}` is no version of the data"
        )));
    };
    let title = format!("Version {version}");
    let body = html! {
        p.crumbs { a href="/versions" { "Data versions" } " / v" (version) }
        h1 { (title) }
        (app.look(|look| one(look, version)))
    };
    Ok(Answer::Found(Page::new("/versions", title, body)))
}

fn one(look: &mut Look, version: i64) -> Result<Markup> {
    let log = look.rows(TABLES, include_str!("../sql/data_versions.sql"), &[])?;
    let row = log
        .iter()
        .flat_map(rows)
        .find(|row| row.int("version") == Some(version));
    let Some(row) = row else {
        return Ok(parts::empty("There is no such version.", &["wh data log"]));
    };
    let which = [Param::Int(version)];
    let tables = look.query(include_str!("../sql/data_version_tables.sql"), &which)?;
    let files = look.query(include_str!("../sql/data_version_files.sql"), &which)?;
    Ok(html! {
        p.lead { (row.text("message")) }
        dl.facts {
            div { dt { "By" } dd { (row.text("author")) } }
            div { dt { "When" } dd { (parts::maybe_ago(row.int("committed_at"))) } }
            div { dt { "Of" } dd { (row.text("source")) } }
            @if let Some(tags) = row.said("tags") { div { dt { "Tags" } dd { (tags) } } }
            @if row.said("git_commit").is_some() { div { dt { "Commit" } dd.mono { (commit(row)) } } }
            div { dt { "Hash" } dd.mono { (row.text("hash")) } }
        }
        p { "To have these data again: " (parts::command(&format!("wh data restore {version}"))) }
        h2 { "Tables" }
        div.scroll { table {
            thead { tr { th { "Relation" } th { "Since the version before" } th.number { "Rows" } th.number { "Change" } th.number { "Size" } th { "Hash" } } }
            tbody { @for row in rows(&tables) {
                tr {
                    td.name { (row.text("relation")) }
                    td { (row.text("change")) }
                    td.number { (parts::maybe_count(row.int("n_rows"))) }
                    td.number { (difference(row)) }
                    td.number { (words::size(row.int("n_bytes").unwrap_or_default())) }
                    td.mono { (head(&row.text("hash"))) }
                }
            } }
        } }
        @if !files.rows.is_empty() {
            h2 { "Files of the lake" }
            div.scroll { table {
                thead { tr { th { "File" } th.number { "Size" } th { "SHA-256" } } }
                tbody { @for row in rows(&files) {
                    tr {
                        td.name { (row.text("path")) }
                        td.number { (words::size(row.int("n_bytes").unwrap_or_default())) }
                        td.mono { (head(&row.text("sha256"))) }
                    }
                } }
            } }
        }
    })
}

fn difference(row: Row<'_>) -> Markup {
    match (row.int("n_rows"), row.int("n_rows_before")) {
        (Some(now), Some(before)) if now != before => html! { (signed(now - before)) },
        _ => parts::dash(),
    }
}
