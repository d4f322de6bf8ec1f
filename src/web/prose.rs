//! Markdown of descriptions to HTML. What a project's files bring stays text: no HTML, no images, no scripts.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Renders a description.
pub(super) fn prose(markdown: &str) -> Markup {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut text = String::new();
    html::push_html(
        &mut text,
        Parser::new_ext(markdown, options).filter_map(harmless),
    );
    PreEscaped(text)
}

/// Returns the first paragraph of a description as plain text on one line.
pub(super) fn summary(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Paragraph) => break,
            Event::End(TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableCell) => text.push(' '),
            _ => {}
        }
    }
    text.trim_end().to_owned()
}

fn harmless(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Some(Event::Start(Tag::Link {
            link_type,
            dest_url: if leads_to_a_page(&dest_url) {
                dest_url
            } else {
                CowStr::Borrowed("#")
            },
            title,
            id,
        })),
        event => Some(event),
    }
}

fn leads_to_a_page(url: &str) -> bool {
    match url.split_once(':') {
        Some((scheme, _)) => ["http", "https", "mailto"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known)),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_emphasis_are_rendered() {
        let html = prose("a *b*\n\n| x |\n|---|\n| 1 |").into_string();
        assert!(html.contains("<em>b</em>"), "{html}");
        assert!(html.contains("<td>1</td>"), "{html}");
    }

    #[test]
    fn markup_images_and_scripts_do_not_pass() {
        let html = prose(
            "<script>x</script>\n\na <b onclick=y> ![alt](http://e/x.png) [go](JavaScript:x) [ok](https://e)",
        );
        let html = html.into_string();
        for part in ["<script", "<b ", "<img", "JavaScript:"] {
            assert!(!html.contains(part), "{part} in {html}");
        }
        assert!(html.contains("alt"), "{html}");
        assert!(html.contains("href=\"https://e\""), "{html}");
    }

    #[test]
    fn a_summary_is_the_first_paragraph_without_marks() {
        assert_eq!(
            summary("# Orders\n\nOne *row* an\n`order`.\n\nMore."),
            "Orders One row an order."
        );
        assert_eq!(summary(""), "");
    }
}
