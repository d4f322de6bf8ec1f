//! Markdown to HTML, with the page's slots filled in. Values stay text, whatever they hold.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::page::{Page, Part, Slot};
use crate::diagnostic::{Diagnostic, Result};

/// The HTML of a text, and its first heading of the first level.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) html: String,
    pub(super) heading: Option<String>,
}

/// Renders Markdown in which [`Page::keep`]'s words stand for values and components.
///
/// # Errors
/// `Project` for an image, and for a link to anything but `http`, `https`, `mailto` or a place relative to the page:
/// a report is one file, and its data cannot bring scripts.
pub(super) fn render(markdown: &str, page: &Page) -> Result<Text> {
    let mut out = Vec::new();
    let mut paragraph: Option<Vec<Event<'_>>> = None;
    let mut heading = Heading::default();
    for event in Parser::new_ext(markdown, options()) {
        heading.read(&event, page);
        match (event, &mut paragraph) {
            (Event::Start(Tag::Paragraph), None) => paragraph = Some(Vec::new()),
            (Event::End(TagEnd::Paragraph), Some(events)) => {
                out.extend(paragraph_events(std::mem::take(events), page));
                paragraph = None;
            }
            (event, Some(events)) => events.push(checked(event, page)?),
            (event, None) => out.extend(filled(checked(event, page)?, page)),
        }
    }
    let mut text = String::new();
    html::push_html(&mut text, wrapped_tables(out).into_iter());
    Ok(Text {
        html: text,
        heading: heading.first,
    })
}

/// What of Markdown a report's text may use beyond CommonMark.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES
}

/// The text of the first `#` heading.
#[derive(Debug, Default)]
struct Heading {
    first: Option<String>,
    is_open: bool,
}

impl Heading {
    fn read(&mut self, event: &Event<'_>, page: &Page) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) if self.first.is_none() => {
                self.is_open = true;
                self.first = Some(String::new());
            }
            Event::End(TagEnd::Heading(_)) => self.is_open = false,
            Event::Text(text) | Event::Code(text) if self.is_open => {
                self.first
                    .get_or_insert_default()
                    .push_str(&page.plain(text));
            }
            _ => {}
        }
    }
}

/// A paragraph of nothing but components is none; in any other, a component interrupts it.
fn paragraph_events<'a>(events: Vec<Event<'a>>, page: &Page) -> Vec<Event<'a>> {
    let is_component = |part: &Part<'_>| match part {
        Part::Slot(Slot::Text(_)) => false,
        Part::Slot(_) => true,
        Part::Text(text) => text.trim().is_empty(),
    };
    let only_components = events.iter().all(|event| match event {
        Event::Text(text) => page.parts(text).iter().all(is_component),
        Event::SoftBreak | Event::HardBreak => true,
        _ => false,
    });
    if !only_components {
        let mut out = vec![Event::Start(Tag::Paragraph)];
        out.extend(events.into_iter().flat_map(|event| filled(event, page)));
        out.push(Event::End(TagEnd::Paragraph));
        return out;
    }
    let mut html = String::new();
    let mut tiles = String::new();
    for event in &events {
        let Event::Text(text) = event else { continue };
        for part in page.parts(text) {
            match part {
                Part::Slot(tile @ Slot::Tile(_)) => tiles += &page.html(tile),
                Part::Slot(block @ (Slot::Chart(_) | Slot::Table(_))) => {
                    close_tiles(&mut html, &mut tiles);
                    html += &page.html(block);
                }
                _ => {}
            }
        }
    }
    close_tiles(&mut html, &mut tiles);
    vec![Event::Html(html.into())]
}

fn close_tiles(html: &mut String, tiles: &mut String) {
    if !tiles.is_empty() {
        *html += &format!("<div class=\"tiles\">\n{}</div>\n", std::mem::take(tiles));
    }
}

/// Fills the slots of one event.
fn filled<'a>(event: Event<'a>, page: &Page) -> Vec<Event<'a>> {
    match event {
        Event::Text(text) => {
            let part = |part: Part<'_>| match part {
                Part::Text(text) => Event::Text(text.to_string().into()),
                Part::Slot(Slot::Text(text)) => Event::Text(text.clone().into()),
                Part::Slot(component) => Event::InlineHtml(page.html(component).into()),
            };
            page.parts(&text).into_iter().map(part).collect()
        }
        Event::Code(text) => vec![Event::Code(page.plain(&text).into())],
        Event::Html(text) => vec![Event::Html(raw(&text, page))],
        Event::InlineHtml(text) => vec![Event::InlineHtml(raw(&text, page))],
        other => vec![other],
    }
}

/// HTML that the author wrote: its values are escaped, its components drawn.
fn raw<'a>(text: &str, page: &Page) -> CowStr<'a> {
    let part = |part: Part<'_>| match part {
        Part::Text(text) => text.to_string(),
        Part::Slot(slot) => page.html(slot),
    };
    page.parts(text)
        .into_iter()
        .map(part)
        .collect::<String>()
        .into()
}

/// Fills links, and refuses what a page that stands alone cannot hold.
fn checked<'a>(event: Event<'a>, page: &Page) -> Result<Event<'a>> {
    match event {
        Event::Start(Tag::Image { dest_url, .. }) => {
            let url = page.plain(&dest_url);
            Err(Diagnostic::project(format!(
                "the image `{url}` is another file, but a report is one file"
            ))
            .hint("draw it with chart(…), or link to it")
            .into())
        }
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let url = page.plain(&dest_url);
            let scheme = url
                .split(['/', '?', '#'])
                .next()
                .and_then(|start| start.split_once(':'));
            if let Some((scheme, _)) = scheme
                && !["http", "https", "mailto"].contains(&scheme.trim().to_lowercase().as_str())
            {
                return Err(Diagnostic::project(format!(
                    "the link `{url}` does not lead to a page"
                ))
                .hint("links begin with https:, http: or mailto:, or name a file beside the report")
                .into());
            }
            let dest_url = url.into();
            let title = page.plain(&title).into();
            Ok(Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }))
        }
        other => Ok(other),
    }
}

/// Tables of the text scroll in their own frame, as those of `table(…)` do.
fn wrapped_tables(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut out = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Start(Tag::Table(_)) => {
                out.push(Event::Html(
                    "<div class=\"scroll\" tabindex=\"0\">\n".into(),
                ));
                out.push(event);
            }
            Event::End(TagEnd::Table) => {
                out.push(event);
                out.push(Event::Html("</div>\n".into()));
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::page::{Drawing, Tile};
    use super::*;

    #[test]
    fn values_are_never_markup() {
        let mut page = Page::new("", "$");
        let evil = page.keep(Slot::Text("<script>*a*`|_b_".into()));
        let markdown = format!(
            "# {evil}\n\n**{evil}** `{evil}` [x](https://a/{evil})\n\n| a |\n|---|\n| {evil} |\n\n<b>{evil}</b>\n"
        );
        let text = render(&markdown, &page).unwrap();
        assert!(!text.html.contains("<script>"), "{}", text.html);
        assert_eq!(
            text.html.matches("&lt;script&gt;*a*`|_b_").count(),
            5,
            "{}",
            text.html
        );
        assert_eq!(text.heading.as_deref(), Some("<script>*a*`|_b_"));
    }

    #[test]
    fn components_alone_stand_outside_paragraphs_and_tiles_side_by_side() {
        let mut page = Page::new("", "$");
        let tiles = [
            page.keep(Slot::Tile(Tile::default())),
            page.keep(Slot::Tile(Tile::default())),
        ]
        .join("\n");
        page.drawings.push(Drawing {
            name: "a".into(),
            svg: String::new(),
            html: "<svg/>".into(),
        });
        let chart = page.keep(Slot::Chart(0));
        let text = render(&format!("{tiles}\n\n{chart}\n"), &page).unwrap();
        let tile = page.html(&Slot::Tile(Tile::default()));
        assert_eq!(
            text.html,
            format!("<div class=\"tiles\">\n{tile}{tile}</div>\n<svg/>")
        );
    }

    #[test]
    fn images_and_scripts_in_links_are_refused() {
        let mut page = Page::new("", "$");
        let evil = page.keep(Slot::Text("JavaScript:alert(1)".into()));
        assert!(render("![a](b.png)", &page).is_err());
        assert!(render(&format!("[x]({evil})"), &page).is_err());
        assert!(render("[x](sales/top.svg) [y](#a:b) [z](mailto:a@b.c)", &page).is_ok());
    }
}
