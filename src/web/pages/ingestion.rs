//! .
use crate::diagnostic::Result;
use crate::web::app::{Answer, App, Ask, Page};
use maud::html;
pub(in crate::web) fn ingestion(_: &App, _: &Ask) -> Result<Answer<Page>> {
    Ok(Answer::Found(Page::new(
        "/ingestion",
        "ingestion",
        html! {},
    )))
}
