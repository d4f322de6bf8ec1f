//! What all pages share: head, menu, foot.

use maud::{DOCTYPE, Markup, html};

use super::app::{App, Page};
use super::words;
use crate::state::runs::now;

/// The menu: path and word.
const MENU: &[(&str, &str)] = &[
    ("/", "Overview"),
    ("/runs", "Runs"),
    ("/catalog", "Catalog"),
    ("/graph", "Graph"),
    ("/quality", "Quality"),
    ("/ingestion", "Ingestion"),
    ("/models", "Models"),
    ("/features", "Features"),
    ("/versions", "Versions"),
];

/// How often a page is read again without JavaScript, in seconds.
const REFRESH: &str = "5";

/// Puts a page into its frame.
pub(super) fn frame(app: &App, page: Page) -> Markup {
    let name = app.name();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · " (name) }
                link rel="stylesheet" href="/assets/page.css";
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                script src="/assets/page.js" defer {}
                @if page.is_live {
                    noscript { meta http-equiv="refresh" content=(REFRESH); }
                }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    a.brand href="/" { span.mark { "wh" } " " span { (name) } }
                    nav aria-label="Pages" {
                        @for (path, word) in MENU {
                            @let here = *path == page.section;
                            a href=(path) aria-current=[here.then_some("page")] { (word) }
                        }
                    }
                }
                main id="main" data-live=[page.is_live.then_some("2")] { (page.body) }
                footer {
                    span { "wh " (env!("CARGO_PKG_VERSION")) }
                    span { (app.root.display()) }
                    span { "times in " (words::local(now(), "%Z (UTC%:z)")) }
                }
            }
        }
    }
}
