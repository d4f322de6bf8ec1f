//! The page under construction: what the text has asked for so far, and the HTML around it.

use std::collections::BTreeSet;

use super::About;
use super::chart::{escape, variables};
use super::component::caption;
use super::format::Format;
use super::frame::parse_instant;
use crate::diagnostic::Result;

const CSS: &str = include_str!("page.css");

/// A chart: in the page, and as a file beside it.
#[derive(Debug, PartialEq)]
pub(super) struct Drawing {
    /// File name without suffix.
    pub(super) name: String,
    /// The chart as a document of its own.
    pub(super) svg: String,
    /// The chart as a figure of the page.
    pub(super) html: String,
}

/// Rows as they are shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    /// Heading; may be empty.
    pub(super) title: String,
    /// Heading of each column, and whether it holds numbers.
    pub(super) columns: Vec<(String, bool)>,
    /// Texts of the rows, each as long as `columns`.
    pub(super) rows: Vec<Vec<String>>,
    /// A word below it, such as `20 of 400 rows`; may be empty.
    pub(super) note: String,
}

/// One value, large.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tile {
    pub(super) label: String,
    pub(super) value: String,
    /// A word below it.
    pub(super) note: Option<String>,
}

/// What stands in the text where a value was written or a component called.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Slot {
    /// A value: never markup.
    Text(String),
    /// The number of a drawing of the page.
    Chart(usize),
    /// Rows.
    Table(Table),
    /// A value that stands large; those of one paragraph stand side by side.
    Tile(Tile),
}

/// The page so far.
#[derive(Debug)]
pub(super) struct Page {
    /// Charts, in the order of the text.
    pub(super) drawings: Vec<Drawing>,
    slots: Vec<Slot>,
    names: BTreeSet<String>,
    currency: String,
    token: String,
}

impl Page {
    /// Begins a page; `template` is the text whose values will be written.
    pub(super) fn new(template: &str, currency: &str) -> Self {
        let mut token = String::from("whslot");
        while template.contains(&token) {
            token.push('q');
        }
        Self {
            drawings: Vec::new(),
            slots: Vec::new(),
            names: BTreeSet::new(),
            currency: currency.into(),
            token,
        }
    }

    /// Keeps a slot and returns the word that stands for it in Markdown: letters and digits only, so that no
    /// value is ever read as markup.
    pub(super) fn keep(&mut self, slot: Slot) -> String {
        self.slots.push(slot);
        format!("{}{}x", self.token, self.slots.len() - 1)
    }

    /// Cuts text at its slots.
    pub(super) fn parts<'a>(&'a self, text: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(&self.token) {
            let after = &rest[at + self.token.len()..];
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let slot = after[..digits]
                .parse::<usize>()
                .ok()
                .and_then(|number| self.slots.get(number));
            let (Some(slot), Some(next)) = (slot, after[digits..].strip_prefix('x')) else {
                break;
            };
            if at > 0 {
                parts.push(Part::Text(&rest[..at]));
            }
            parts.push(Part::Slot(slot));
            rest = next;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        parts
    }

    /// Replaces slots of values by the values; components leave nothing.
    pub(super) fn plain(&self, text: &str) -> String {
        let part = |part: Part<'_>| match part {
            Part::Text(text) => text.to_string(),
            Part::Slot(Slot::Text(text)) => text.clone(),
            Part::Slot(_) => String::new(),
        };
        self.parts(text).into_iter().map(part).collect()
    }

    /// Returns the letters of all values and components, in no order that matters.
    pub(super) fn texts(&self) -> impl Iterator<Item = char> {
        let drawn = self.drawings.iter().map(|drawing| drawing.svg.clone());
        let slots = self
            .slots
            .iter()
            .filter(|slot| !matches!(slot, Slot::Chart(_)));
        let texts: Vec<String> = drawn.chain(slots.map(|slot| self.html(slot))).collect();
        texts
            .into_iter()
            .flat_map(|text| text.chars().collect::<Vec<_>>())
    }

    /// Returns the HTML of a slot's content.
    pub(super) fn html(&self, slot: &Slot) -> String {
        match slot {
            Slot::Text(text) => escape(text),
            Slot::Chart(number) => self.drawings[*number].html.clone(),
            Slot::Table(table) => table.html(),
            Slot::Tile(tile) => tile.html(),
        }
    }

    /// Returns a format by name, in the report's currency.
    ///
    /// # Errors
    /// `Project` when there is none of that name.
    pub(super) fn format(&self, name: Option<String>) -> Result<Format> {
        Format::parse(name.as_deref().unwrap_or("auto"), &self.currency)
    }

    /// Turns a title into a file name that no other chart of the page has.
    pub(super) fn unique_name(&mut self, title: &str, kind: &str) -> String {
        let slug = slug(title);
        let base = if slug.is_empty() {
            kind.to_string()
        } else {
            slug
        };
        let mut name = base.clone();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{base}-{number}");
        }
        name
    }
}

impl Table {
    fn html(&self) -> String {
        let mut html = format!("<figure class=\"table\">\n{}", caption(&self.title));
        if !self.rows.is_empty() {
            html += "<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead><tr>";
            let class = |is_number| if is_number { " class=\"number\"" } else { "" };
            for (heading, is_number) in &self.columns {
                let (class, heading) = (class(*is_number), escape(heading));
                html += &format!("<th scope=\"col\"{class}>{heading}</th>");
            }
            html += "</tr></thead>\n<tbody>\n";
            for row in &self.rows {
                html += "<tr>";
                for ((_, is_number), text) in self.columns.iter().zip(row) {
                    // A date is not broken at its hyphens.
                    let class = match parse_instant(text) {
                        Some(_) => " class=\"date\"",
                        None => class(*is_number),
                    };
                    html += &format!("<td{class}>{}</td>", breakable(text));
                }
                html += "</tr>\n";
            }
            html += "</tbody>\n</table>\n</div>\n";
        }
        if !self.note.is_empty() {
            html += &format!("<p class=\"note\">{}</p>\n", escape(&self.note));
        }
        html + "</figure>\n"
    }
}

/// Escapes text for HTML; long names may be broken after `_` and `.`.
fn breakable(text: &str) -> String {
    let escaped = escape(text);
    let is_long = |word: &str| word.len() > 20 && word.contains(['_', '.']);
    match escaped.split(' ').any(is_long) && !escaped.contains('&') {
        true => escaped.replace('_', "_<wbr>").replace('.', ".<wbr>"),
        false => escaped,
    }
}

impl Tile {
    fn html(&self) -> String {
        let note = self.note.as_deref().map_or(String::new(), |note| {
            format!("<p class=\"note\">{}</p>", escape(note))
        });
        format!(
            "<div class=\"tile\"><p class=\"label\">{}</p><p class=\"value\">{}</p>{note}</div>\n",
            escape(&self.label),
            escape(&self.value)
        )
    }
}

/// A stretch of text, or a slot in it.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'a> {
    /// Text as it is.
    Text(&'a str),
    /// What stands for a slot's word.
    Slot(&'a Slot),
}

/// Lower-case letters and digits of any alphabet, words joined by `-`, at most 60 characters.
pub(super) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        match c.is_alphanumeric() {
            true => slug.push(c),
            false if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            false => {}
        }
    }
    let cut = slug.chars().take(60).collect::<String>();
    cut.trim_end_matches('-').into()
}

/// What stands around the text.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    /// Heading; the text brings its own when `None`.
    pub(super) heading: Option<&'a str>,
    /// Title of the window.
    pub(super) title: &'a str,
    /// Sentence below the heading; may be empty.
    pub(super) description: &'a str,
    /// Whether the page is broad, for tables of many columns.
    pub(super) is_wide: bool,
    /// Who wrote the page, and when.
    pub(super) about: &'a About,
}

/// Puts the text's HTML into a whole document that asks nobody for anything.
pub(super) fn document(frame: &Frame<'_>, content: &str) -> String {
    let title = escape(frame.title);
    let description = escape(frame.description);
    let heading = frame.heading.map_or(String::new(), |heading| {
        format!("<h1>{}</h1>\n", escape(heading))
    });
    let (meta, lead) = match description.is_empty() {
        true => (String::new(), String::new()),
        false => (
            format!("<meta name=\"description\" content=\"{description}\">\n"),
            format!("<p class=\"lead\">{description}</p>\n"),
        ),
    };
    let body = if frame.is_wide {
        "<body class=\"broad\">"
    } else {
        "<body>"
    };
    let about = frame.about;
    let project = escape(&about.project);
    let version = escape(&about.version);
    let when = about.generated_at.strftime("%-d %B %Y, %H:%M UTC");
    let iso = about.generated_at.strftime("%Y-%m-%dT%H:%M:%SZ");
    let variables = variables();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"generator\" content=\"wh {version}\">\n{meta}<title>{title}</title>\n\
         <style>\n{variables}{CSS}</style>\n</head>\n{body}\n<main>\n<header>\n{heading}{lead}\
         <p class=\"stamp\">{project} · <time datetime=\"{iso}\">{when}</time></p>\n</header>\n\
         {content}</main>\n<footer>Written by wh {version} from the data of {project}, \
         {when}.</footer>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_found_again_in_any_text() {
        let mut page = Page::new("a template that says whslot", "$");
        let first = page.keep(Slot::Text("<b>".into()));
        let second = page.keep(Slot::Chart(0));
        assert!(first.chars().all(|c| c.is_ascii_alphanumeric()));
        assert_eq!(page.plain(&format!("x {first}y{second}")), "x <b>y");
        assert_eq!(page.parts(&second), [Part::Slot(&Slot::Chart(0))]);
        assert_eq!(page.plain("whslot9x"), "whslot9x");
    }

    #[test]
    fn names_of_charts_are_unique_and_safe_in_a_path() {
        let mut page = Page::new("", "$");
        assert_eq!(
            page.unique_name("Top 10: ../Ärger & more", "bar"),
            "top-10-ärger-more"
        );
        assert_eq!(page.unique_name("", "bar"), "bar");
        assert_eq!(page.unique_name("", "bar"), "bar-2");
        assert!(page.unique_name(&"long ".repeat(90), "bar").len() <= 60);
    }
}
