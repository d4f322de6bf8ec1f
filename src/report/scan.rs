//! The text between and inside Jinja's tags, read without running it: which relations it names, and which line of a
//! template a rendered character came from.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Result};
use crate::project::nodes::Reference;

/// Marks a place in rendered text; private characters, so that no SQL holds them.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// What a stretch of a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Copied as it is.
    Text,
    /// `{{ … }}` or `{% … %}`.
    Code,
    /// `{# … #}`.
    Comment,
}

/// Cuts a template into text, tags and comments; an unclosed tag reaches to the end.
fn pieces(text: &str) -> Vec<(Piece, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let tag = ["{{", "{%", "{#"]
            .iter()
            .filter_map(|open| rest.find(open))
            .min();
        let start = at + tag.unwrap_or(rest.len());
        if start > at {
            pieces.push((Piece::Text, at..start));
        }
        if start == text.len() {
            break;
        }
        let (kind, end) = match &text[start..start + 2] {
            "{#" => (
                Piece::Comment,
                text[start..].find("#}").map(|end| start + end + 2),
            ),
            "{{" => (Piece::Code, code_end(text, start + 2, "}}")),
            _ => (Piece::Code, code_end(text, start + 2, "%}")),
        };
        let end = end.unwrap_or(text.len());
        pieces.push((kind, start..end));
        at = end;
        if tag_word(&text[start..end]) == "raw" {
            let close = raw_end(&text[end..]).map_or(text.len(), |close| end + close);
            pieces.push((Piece::Text, end..close));
            at = close;
        }
    }
    pieces.retain(|(_, range)| !range.is_empty());
    pieces
}

/// Returns where the tag's closing braces end; braces in a string do not close it.
fn code_end(text: &str, from: usize, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if text[from + at..].starts_with(close) => return Some(from + at + close.len()),
            None if c == '\'' || c == '"' => quote = Some(c),
            None => {}
        }
    }
    None
}

fn tag_word(tag: &str) -> &str {
    let Some(inner) = tag.strip_prefix("{%") else {
        return "";
    };
    let inner = inner.trim_start_matches(['-', '+']).trim_start();
    inner
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

fn raw_end(text: &str) -> Option<usize> {
    text.match_indices("{%")
        .map(|(at, _)| at)
        .find(|at| tag_word(&text[*at..]) == "endraw")
}

/// Returns every `ref(…)` and `source(…)` in the tags of a template with its byte offset, in order.
///
/// # Errors
/// `Project`, with the offset, when a call's arguments are not plain strings: such a call cannot be known before
/// the template runs.
pub(super) fn references(text: &str) -> Result<Vec<(Reference, usize)>, (anyhow::Error, usize)> {
    let mut found = Vec::new();
    for (kind, range) in pieces(text) {
        if kind != Piece::Code {
            continue;
        }
        let mut at = range.start + 2;
        while at < range.end {
            let rest = &text[at..range.end];
            let Some(c) = rest.chars().next() else { break };
            if c == '\'' || c == '"' {
                at += string(rest).map_or(1, |(_, length)| length);
            } else if c.is_alphabetic() || c == '_' {
                let word = word(rest);
                let is_attribute = text[..at].trim_end().ends_with(['.', '|']);
                let after = rest[word.len()..].trim_start();
                if let ("ref" | "source", false, Some(inside)) =
                    (word, is_attribute, after.strip_prefix('('))
                {
                    let reference = call(word, inside).map_err(|err| (err, at))?;
                    found.push((reference, at));
                }
                at += word.len();
            } else {
                at += c.len_utf8();
            }
        }
    }
    Ok(found)
}

/// Reads the arguments of a call, from behind its opening parenthesis.
fn call(function: &str, inside: &str) -> Result<Reference> {
    let mut texts = Vec::new();
    let mut version = None;
    let mut rest = inside.trim_start();
    while !rest.starts_with(')') {
        if let Some((text, length)) = string(rest) {
            texts.push(text);
            rest = rest[length..].trim_start();
        } else {
            let name = word(rest);
            let Some(value) = rest[name.len()..].trim_start().strip_prefix('=') else {
                return Err(not_plain(function));
            };
            let value = value.trim_start();
            if function != "ref" || !["v", "version"].contains(&name) {
                return Err(not_plain(function));
            }
            let (text, length) =
                string(value).unwrap_or_else(|| (word(value).to_string(), word(value).len()));
            version = Some(text);
            rest = value[length..].trim_start();
        }
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.starts_with(')') => rest,
            None => return Err(not_plain(function)),
        };
    }
    let mut texts = texts.into_iter();
    match (function, texts.next(), texts.next(), texts.next()) {
        ("source", Some(source), Some(table), None) => Ok(Reference::Source { source, table }),
        ("ref", Some(name), None, None) => Ok(Reference::Ref {
            package: None,
            name,
            version,
        }),
        ("ref", Some(package), Some(name), None) => {
            let package = Some(package);
            Ok(Reference::Ref {
                package,
                name,
                version,
            })
        }
        _ => Err(not_plain(function)),
    }
}

fn not_plain(function: &str) -> anyhow::Error {
    let example = match function {
        "source" => "source('shop', 'sales')",
        _ => "ref('top_products')",
    };
    Diagnostic::project(format!(
        "the arguments of `{function}()` are not plain names in quotes"
    ))
    .hint(format!(
        "write them out, as in {example}: the graph is built before the report runs"
    ))
    .into()
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

/// Returns the text of the string literal that `text` begins with, and its length in bytes with quotes.
fn string(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next().filter(|c| *c == '\'' || *c == '"')?;
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            c if c == quote => return Some((value, at + 1)),
            c => value.push(c),
        }
    }
    None
}

/// Adds invisible marks to a template, so that [`Rendered::of`] can tell where each rendered character came from.
pub(super) fn marked(template: &str) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    for (kind, range) in pieces(template) {
        if kind != Piece::Comment {
            let sign = if kind == Piece::Text { '=' } else { '@' };
            out.push_str(&format!("{OPEN}{sign}{}{CLOSE}", range.start));
        }
        out.push_str(&template[range]);
    }
    out
}

/// Rendered text and the way back to its template.
#[derive(Debug, PartialEq)]
pub(super) struct Rendered {
    /// The text, without marks.
    pub(super) text: String,
    /// Offset in `text`, offset in the template, whether text from there on is a copy.
    marks: Vec<(usize, usize, bool)>,
}

impl Rendered {
    /// Takes the marks of [`marked`] out of rendered text.
    pub(super) fn of(output: &str) -> Self {
        let mut rendered = Self {
            text: String::with_capacity(output.len()),
            marks: Vec::new(),
        };
        let mut parts = output.split(OPEN);
        rendered.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (mark, text) = part.split_once(CLOSE).unwrap_or(("", part));
            if let Some(offset) = mark.get(1..).and_then(|offset| offset.parse().ok()) {
                rendered
                    .marks
                    .push((rendered.text.len(), offset, mark.starts_with('=')));
            }
            rendered.text.push_str(text);
        }
        rendered
    }

    /// Returns the offset in the template of the character at an offset of the text; what a tag wrote belongs to
    /// the tag's beginning.
    pub(super) fn origin(&self, offset: usize) -> usize {
        let last = self.marks.iter().rev().find(|(start, ..)| *start <= offset);
        match last {
            Some((start, origin, true)) => origin + (offset - start),
            Some((_, origin, false)) => *origin,
            None => offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let found = references(text).unwrap();
        found
            .into_iter()
            .map(|(reference, at)| format!("{at} {reference}"))
            .collect()
    }

    #[test]
    fn references_are_found_in_tags_only() {
        let text = "ref('no') {{ ref('a') }} {# ref('no') #} {% if x %}{{ source(\"s\", 't') }}{% endif %} \
                    {{ \"ref('no')\" }} {{ x.ref('no') }} {% raw %}{{ ref('no') }}{% endraw %}{{ ref( 'p' , 'b', v=2 ) }}";
        let found = references(text).unwrap();
        let shown = found
            .iter()
            .map(|(reference, _)| reference.to_string())
            .collect::<Vec<_>>();
        assert_eq!(
            shown,
            ["ref('a')", "source('s', 't')", "ref('p', 'b', v='2')"]
        );
        assert!(matches!(&found[2].0, Reference::Ref { version: Some(v), .. } if v == "2"));
        assert_eq!(names("ab {{ ref('x') }}"), ["6 ref('x')"]);
        assert_eq!(names("{{ '}} ' ~ ref('x') }}"), ["11 ref('x')"]);
    }

    #[test]
    fn a_reference_that_only_running_could_tell_is_refused() {
        for text in [
            "x {{ ref(name) }}",
            "x {{ ref('a' ~ 'b') }}",
            "x {{ source('a') }}",
            "x {{ ref() }}",
        ] {
            let (err, at) = references(text).unwrap_err();
            assert_eq!(at, 5, "{text}");
            assert!(err.to_string().contains("not plain names"), "{err}");
        }
    }

    #[test]
    fn an_unclosed_tag_or_call_ends_with_the_text() {
        assert!(references("{{ ref('a'").is_err());
        assert_eq!(names("{{ 'never closed"), Vec::<String>::new());
        assert_eq!(names("öäü {% raw %} {{ x"), Vec::<String>::new());
    }

    #[test]
    fn a_rendered_character_knows_its_template() {
        let template = "select {{ x }},\n  {# note #}wrong from t";
        let output = marked(template)
            .replace("{{ x }}", "a_long_expression")
            .replace("{# note #}", "");
        let rendered = Rendered::of(&output);
        assert_eq!(rendered.text, "select a_long_expression,\n  wrong from t");
        let origin = |word: &str| rendered.origin(rendered.text.find(word).unwrap());
        assert_eq!(origin("select"), 0);
        assert_eq!(origin("expression"), template.find("{{").unwrap());
        assert_eq!(origin("wrong"), template.find("wrong").unwrap());
    }
}
