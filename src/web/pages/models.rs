//! .
use crate::diagnostic::Result;
use crate::web::app::{Answer, App, Ask, Page};
use maud::html;
pub(in crate::web) fn models(_: &App, _: &Ask) -> Result<Answer<Page>> {
    Ok(Answer::Found(Page::new("/models", "models", html! {})))
}
pub(in crate::web) fn model(_: &App, _: &Ask) -> Result<Answer<Page>> {
    Ok(Answer::Found(Page::new("/models", "models", html! {})))
}
