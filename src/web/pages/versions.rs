//! .
use crate::diagnostic::Result;
use crate::web::app::{Answer, App, Ask, Page};
use maud::html;
pub(in crate::web) fn versions(_: &App, _: &Ask) -> Result<Answer<Page>> {
    Ok(Answer::Found(Page::new("/versions", "versions", html! {})))
}
pub(in crate::web) fn version(_: &App, _: &Ask) -> Result<Answer<Page>> {
    Ok(Answer::Found(Page::new("/versions", "versions", html! {})))
}
