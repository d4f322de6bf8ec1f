//! The pages, a file each.

pub(super) mod attempt;
pub(super) mod catalog;
pub(super) mod features;
pub(super) mod graph;
pub(super) mod ingestion;
mod jobs;
pub(super) mod models;
pub(super) mod node;
pub(super) mod overview;
pub(super) mod quality;
pub(super) mod run;
pub(super) mod runs;
pub(super) mod versions;

use maud::html;

use super::app::{Page, said};
use super::parts;

/// Says that there is nothing at this path.
pub(super) fn missing(what: &str) -> Page {
    let body = html! {
        h1 { "Not found" }
        p { (what) }
        p { a href="/" { "To the overview" } }
    };
    Page::new("", "Not found", body)
}

/// Says what kept a page from being shown.
pub(super) fn broken(err: &anyhow::Error) -> Page {
    let body = html! {
        h1 { "This did not work" }
        (parts::error(&said(err)))
        p { a href="/" { "To the overview" } }
    };
    Page::new("", "Error", body)
}
