//! The feature store: views, their features, versions, how fresh they are.

use maud::{Markup, html};

use crate::diagnostic::Result;
use crate::report::frame::Frame;
use crate::state::runs::now;
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::look::Look;
use crate::web::rows::{Row, rows};
use crate::web::words::SECOND;
use crate::web::{parts, words};

/// `/features`
pub(in crate::web) fn features(app: &App, _: &Ask) -> Result<Answer<Page>> {
    let body = html! {
        h1 { "Features" }
        (app.look(|look| views(app, look)))
    };
    Ok(Answer::Found(Page::new("/features", "Features", body)))
}

fn views(app: &App, look: &mut Look) -> Result<Markup> {
    let tables = &["feature_views", "features"];
    let views = look.rows(tables, include_str!("../sql/feature_views.sql"), &[])?;
    let Some(views) = views.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(parts::empty(
            "No feature view has been built yet. Declare one under `feature_views:` in any YAML file of the models, then:",
            &["wh build -s resource_type:feature_view"],
        ));
    };
    let features = look.query(include_str!("../sql/features.sql"), &[])?;
    let mut shown = Vec::new();
    for view in rows(&views) {
        let online = app.state.online_view(&view.text("name"))?;
        shown.push(card(
            view,
            &features,
            online.map(|view| view.materialized_at),
        ));
    }
    Ok(html! {
        p.muted { (words::counted(views.rows.len(), "view")) ", " (words::counted(features.rows.len(), "feature")) }
        @for view in shown { (view) }
    })
}

/// Whether the newest value is older than the view's ttl.
fn is_stale(view: Row<'_>) -> Option<bool> {
    let (newest, ttl) = (view.int("newest_at")?, view.int("ttl_seconds")?);
    Some(now() - newest > ttl * SECOND)
}

/// A view; `online_at` is when its values were put into the online store (µs).
fn card(view: Row<'_>, features: &Frame, online_at: Option<i64>) -> Markup {
    let name = view.text("name");
    html! {
        section.card.view id=(name) {
            h2 {
                (name) " " span.tag { "version " (view.text("version")) }
                @match is_stale(view) {
                    Some(true) => { " " span.status.s-warn { "older than its ttl" } }
                    Some(false) => { " " span.status.s-success { "fresh" } }
                    None => {}
                }
            }
            @if let Some(description) = view.said("description") { p { (description) } }
            dl.facts {
                div { dt { "Entity" } dd { code { (view.text("entity")) } } }
                div { dt { "Time column" } dd { code { (view.text("timestamp_column")) } } }
                div { dt { "Newest value" } dd { (parts::maybe_ago(view.int("newest_at"))) } }
                @if let Some(ttl) = view.int("ttl_seconds") { div { dt { "Good for" } dd { (ttl_words(ttl)) } } }
                div { dt { "Rows" } dd { (parts::maybe_count(view.int("n_rows"))) } }
                div { dt { "Built" } dd { (parts::maybe_ago(view.int("built_at"))) } }
                div { dt { "From" } dd { code { (view.text("source")) } } }
                div { dt { "Online" } dd { @match online_at {
                    Some(at) => { "since " (parts::ago(at)) }
                    None => { (if view.is("online") { "not materialized yet" } else { "no" }) }
                } } }
                @if let Some(owner) = view.said("owner") { div { dt { "Owner" } dd { (owner) } } }
                @if let Some(tags) = view.said("tags") { div { dt { "Tags" } dd { (tags) } } }
                div { dt { "Versions" } dd { (view.text("n_versions")) ", this one since " (parts::maybe_ago(view.int("registered_at"))) } }
            }
            div.scroll { table {
                thead { tr { th { "Feature" } th { "Type" } th { "Description" } } }
                tbody { @for feature in rows(features).filter(|feature| feature.text("view") == name) {
                    tr {
                        th { code { (feature.text("feature")) } }
                        td.nowrap { (feature.text("dtype").to_lowercase()) }
                        td.message { (feature.text("description")) }
                    }
                } }
            } }
        }
    }
}

fn ttl_words(seconds: i64) -> String {
    match seconds {
        seconds if seconds % 86_400 == 0 => {
            words::counted(usize::try_from(seconds / 86_400).unwrap_or_default(), "day")
        }
        seconds => words::duration(seconds * SECOND),
    }
}
