//! Cuts template text into pieces (text, `{{ }}`, `{% %}`, comments) and tags into tokens, with byte offsets.
//!
//! Follows Jinja2's lexer: delimiters inside strings or open brackets end nothing, `{% raw %}` is text. Judges no syntax.

use std::ops::Range;

/// What a piece of template text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that is printed as it stands.
    Text,
    /// `{% raw %}…{% endraw %}`, whole.
    Raw,
    /// `{# … #}`.
    Comment,
    /// `{{ … }}`.
    Print,
    /// `{% … %}`.
    Tag,
}

/// One piece of a template. Offsets are bytes of the whole text.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// What it is.
    pub(crate) piece: Piece,
    /// With delimiters.
    pub(crate) outer: Range<usize>,
    /// Between the delimiters, without `-` or `+`; the same as `outer` for text.
    pub(crate) inner: Range<usize>,
    /// Tokens of a print or a tag.
    pub(crate) tokens: Vec<Token>,
}

impl Part {
    /// Returns whether the opening delimiter removes the whitespace before it: `{%-`.
    pub(crate) fn trims_before(&self, text: &str) -> bool {
        self.piece != Piece::Text && text[self.outer.start + 2..].starts_with('-')
    }

    /// Returns whether the closing delimiter removes the whitespace after it: `-%}`.
    pub(crate) fn trims_after(&self, text: &str) -> bool {
        self.piece != Piece::Text && text[..self.outer.end - 2].ends_with('-')
    }

    /// Returns the tag's first word, or nothing when it is no tag.
    pub(crate) fn tag<'a>(&self, text: &'a str) -> &'a str {
        match (self.piece, self.tokens.first()) {
            (Piece::Tag, Some(token)) if token.kind == Kind::Name => &text[token.range.clone()],
            _ => "",
        }
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a word such as `in`.
    Name,
    /// A number.
    Number,
    /// A quoted string, with its quotes.
    Text,
    /// An operator or a bracket.
    Sign,
}

/// A token of a tag. The range is in bytes of the whole text.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it is.
    pub(crate) range: Range<usize>,
}

/// Text that cannot be cut: what is wrong and at which byte.
#[derive(Debug)]
pub(crate) struct Broken {
    /// What is wrong.
    pub(crate) what: String,
    /// Byte offset in the text.
    pub(crate) offset: usize,
}

impl Broken {
    /// Creates one.
    pub(crate) fn new(what: impl Into<String>, offset: usize) -> Self {
        Self {
            what: what.into(),
            offset,
        }
    }
}

/// Cuts `text[range]` into its parts, in order and without gaps.
pub(crate) fn parts(text: &str, range: Range<usize>) -> Result<Vec<Part>, Broken> {
    let mut parts = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let Some(open) = next_delimiter(&text[..range.end], at) else {
            parts.push(plain(Piece::Text, at..range.end));
            break;
        };
        if open > at {
            parts.push(plain(Piece::Text, at..open));
        }
        let part = delimited(&text[..range.end], open)?;
        at = part.outer.end;
        parts.push(part);
    }
    Ok(parts)
}

/// Finds the next `{{`, `{%` or `{#` at or after `from`.
fn next_delimiter(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = text[at..].find('{') {
        at += found;
        if matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')) {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn plain(piece: Piece, outer: Range<usize>) -> Part {
    Part {
        piece,
        inner: outer.clone(),
        outer,
        tokens: Vec::new(),
    }
}

/// Reads the comment, print, tag or raw block that begins at `open`.
fn delimited(text: &str, open: usize) -> Result<Part, Broken> {
    let (piece, close) = match text.as_bytes()[open + 1] {
        b'#' => return comment(text, open),
        b'{' => (Piece::Print, "}}"),
        _ => (Piece::Tag, "%}"),
    };
    let mut start = open + 2;
    if text[start..].starts_with(['-', '+']) {
        start += 1;
    }
    let (tokens, end) =
        lex(text, start, Some(close)).map_err(|err| match err.offset == text.len() {
            true => Broken::new(format!("this is never closed by `{close}`"), open),
            false => err,
        })?;
    let inner_end = end - usize::from(text[start..end].ends_with(['-', '+']));
    let part = Part {
        piece,
        outer: open..end + 2,
        inner: start..inner_end,
        tokens,
    };
    match part.tag(text) == "raw" && part.tokens.len() == 1 {
        true => raw(text, part),
        false => Ok(part),
    }
}

fn comment(text: &str, open: usize) -> Result<Part, Broken> {
    match text[open + 2..].find("#}") {
        Some(length) => Ok(plain(Piece::Comment, open..open + 2 + length + 2)),
        None => Err(Broken::new("this comment is never closed by `#}`", open)),
    }
}

/// Extends `{% raw %}` to its `{% endraw %}`.
fn raw(text: &str, opening: Part) -> Result<Part, Broken> {
    let mut at = opening.outer.end;
    while let Some(found) = text[at..].find("{%") {
        let start = at + found + 2;
        let rest = text[start..].trim_start_matches(['-', '+']).trim_start();
        if let Some(rest) = rest.strip_prefix("endraw") {
            let rest = rest.trim_start().trim_start_matches(['-', '+']);
            if let Some(rest) = rest.strip_prefix("%}") {
                return Ok(plain(
                    Piece::Raw,
                    opening.outer.start..text.len() - rest.len(),
                ));
            }
        }
        at = start;
    }
    Err(Broken::new(
        "`{% raw %}` is never closed by `{% endraw %}`",
        opening.outer.start,
    ))
}

/// Reads tokens from `start` up to `close` outside brackets, or to the end of the text where `close` is none.
/// Returns the tokens and the offset of `close`.
pub(crate) fn lex(
    text: &str,
    start: usize,
    close: Option<&str>,
) -> Result<(Vec<Token>, usize), Broken> {
    let mut tokens = Vec::new();
    let mut depth = 0usize;
    let mut at = start;
    loop {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            return match close {
                None => Ok((tokens, at)),
                Some(_) => Err(Broken::new("the text ends within a tag", at)),
            };
        };
        if let Some(close) = close.filter(|_| depth == 0) {
            let signed = rest.strip_prefix(['-', '+']);
            match (
                rest.starts_with(close),
                signed.is_some_and(|rest| rest.starts_with(close)),
            ) {
                (true, _) => return Ok((tokens, at)),
                (_, true) => return Ok((tokens, at + 1)),
                _ => {}
            }
        }
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = token(rest, at)?;
        if kind == Kind::Sign {
            match first {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        tokens.push(Token {
            kind,
            range: at..at + length,
        });
        at += length;
    }
}

/// Reads the token at the beginning of `rest`, which begins at `offset`; returns its kind and length in bytes.
fn token(rest: &str, offset: usize) -> Result<(Kind, usize), Broken> {
    let bytes = rest.as_bytes();
    Ok(match bytes[0] {
        b'\'' | b'"' => (Kind::Text, quoted(rest, offset)?),
        b'0'..=b'9' => (Kind::Number, number(bytes)),
        _ if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            (Kind::Name, end.unwrap_or(rest.len()))
        }
        _ => {
            let double = ["==", "!=", "<=", ">=", "//", "**"]
                .iter()
                .any(|sign| rest.starts_with(sign));
            let length = rest.chars().next().map_or(1, char::len_utf8);
            (Kind::Sign, if double { 2 } else { length })
        }
    })
}

fn quoted(rest: &str, offset: usize) -> Result<usize, Broken> {
    let quote = rest.as_bytes()[0];
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err(Broken::new("this string is never closed", offset))
}

/// Returns the length of the number at the beginning: `1`, `1_000`, `1.5`, `1e-3`, `0xff`.
fn number(bytes: &[u8]) -> usize {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
            .count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    let exponent = bytes[..end].ends_with(b"e") || bytes[..end].ends_with(b"E");
    if exponent && !bytes.starts_with(b"0x") && matches!(bytes.get(end), Some(b'-' | b'+')) {
        end = digits(end + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(Piece, &str)> {
        let parts = parts(text, 0..text.len()).unwrap();
        parts
            .iter()
            .map(|part| (part.piece, &text[part.outer.clone()]))
            .collect()
    }

    #[test]
    fn delimiters_inside_strings_and_brackets_end_nothing() {
        assert_eq!(
            cut("a{{ '}}' ~ {'b': {'c': 1}} }}b{% set x = '%}' -%}"),
            [
                (Piece::Text, "a"),
                (Piece::Print, "{{ '}}' ~ {'b': {'c': 1}} }}"),
                (Piece::Text, "b"),
                (Piece::Tag, "{% set x = '%}' -%}"),
            ]
        );
    }

    #[test]
    fn raw_blocks_and_comments_are_one_piece() {
        assert_eq!(
            cut("{%- raw %}{{ x }}{% endraw -%}{# {{ y }} #}"),
            [
                (Piece::Raw, "{%- raw %}{{ x }}{% endraw -%}"),
                (Piece::Comment, "{# {{ y }} #}")
            ]
        );
    }

    #[test]
    fn an_unclosed_tag_is_placed_at_its_beginning() {
        let err = parts("ab {{ x", 0..7).unwrap_err();
        assert_eq!(
            (err.offset, err.what.as_str()),
            (3, "this is never closed by `}}`")
        );
    }
}
