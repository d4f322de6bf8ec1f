//! Calls as they are written in a template: nothing is rendered.

use std::borrow::Cow;

use super::tokens::{Kind, Part, Piece, Token, parts};
use super::value::write_quoted;

/// Returns the keyword arguments of the first `{{ name(…) }}` of a text: a text's content, or else the expression as Python would
/// write it down. `None` without such a call.
#[must_use]
pub fn keywords_of(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let parts = parts(text, 0..text.len()).ok()?;
    let call = parts.iter().find_map(|part| arguments(text, part, name))?;
    let keyword = |tokens: &&[Token]| {
        tokens.len() > 2 && tokens[0].kind == Kind::Name && word(text, &tokens[1]) == "="
    };
    let pair = |tokens: &[Token]| {
        (
            word(text, &tokens[0]).to_owned(),
            written(text, &tokens[2..]),
        )
    };
    Some(
        split(text, call)
            .into_iter()
            .filter(keyword)
            .map(pair)
            .collect(),
    )
}

/// Returns whether a template prints nothing but calls of these functions, with values that are written out.
#[must_use]
pub fn only_calls(text: &str, names: &[&str]) -> bool {
    let Ok(parts) = parts(text, 0..text.len()) else {
        return false;
    };
    let is_plain = |part: &Part| {
        let call = names.iter().find_map(|name| arguments(text, part, name));
        call.is_some_and(|tokens| is_literal(text, tokens))
    };
    parts.iter().all(|part| match part.piece {
        Piece::Print => is_plain(part),
        Piece::Tag => false,
        _ => true,
    })
}

/// Returns the tokens between the brackets of a part that is one call of `name`.
fn arguments<'a>(text: &str, part: &'a Part, name: &str) -> Option<&'a [Token]> {
    let [function, open, rest @ .., close] = part.tokens.as_slice() else {
        return None;
    };
    let is_call = part.piece == Piece::Print
        && word(text, function) == name
        && word(text, open) == "("
        && word(text, close) == ")";
    is_call.then_some(rest)
}

/// Returns whether all values are texts, numbers, truth values as Python writes them, or lists and mappings of those.
fn is_literal(text: &str, tokens: &[Token]) -> bool {
    tokens.iter().enumerate().all(|(at, token)| {
        let word = word(text, token);
        match token.kind {
            Kind::Text | Kind::Number => true,
            Kind::Sign => ["[", "]", "{", "}", ",", ":", "="].contains(&word),
            Kind::Name => {
                let next = tokens.get(at + 1).map(|next| self::word(text, next));
                next == Some("=") || matches!(word, "True" | "False")
            }
        }
    })
}

/// Cuts arguments at the commas outside of brackets.
fn split<'a>(text: &str, tokens: &'a [Token]) -> Vec<&'a [Token]> {
    let mut depth = 0;
    let is_comma = |token: &Token| {
        match word(text, token) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        depth == 0 && word(text, token) == ","
    };
    tokens.split(is_comma).collect()
}

fn word<'a>(text: &'a str, token: &Token) -> &'a str {
    &text[token.range.clone()]
}

/// Writes an expression down: a text alone without its quotes, anything else with the spaces that Python's writers put.
fn written(text: &str, tokens: &[Token]) -> String {
    if let [token] = tokens
        && token.kind == Kind::Text
    {
        return content(word(text, token)).into_owned();
    }
    let mut out = String::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token.kind, word(text, token)) {
            (Kind::Text, word) => out.push_str(&quoted(&content(word))),
            (Kind::Name, "true") => out.push_str("True"),
            (Kind::Name, "false") => out.push_str("False"),
            (Kind::Name, "none") => out.push_str("None"),
            // What follows the last item is not written.
            (Kind::Sign, ",") if closes(text, tokens.get(at + 1)) => {}
            (Kind::Sign, sign @ ("," | ":")) => out.push_str(&format!("{sign} ")),
            (Kind::Sign, "~") => out.push_str(" ~ "),
            (Kind::Name, word @ ("in" | "and" | "or" | "is")) => {
                out.push_str(&format!(" {word} "));
            }
            (Kind::Name, "not") => out.push_str("not "),
            (Kind::Sign, sign @ ("==" | "!=" | "<" | ">" | "<=" | ">=")) => {
                out.push_str(&format!(" {sign} "));
            }
            (_, word) => out.push_str(word),
        }
    }
    out
}

fn closes(text: &str, next: Option<&Token>) -> bool {
    next.is_none_or(|next| matches!(word(text, next), ")" | "]" | "}"))
}

/// Returns what a written-out text stands for.
fn content(word: &str) -> Cow<'_, str> {
    let inner = word.get(1..word.len() - 1).unwrap_or_default();
    if !inner.contains('\\') {
        return inner.into();
    }
    let read = minijinja::Environment::empty();
    let read = read.compile_expression(word).and_then(|text| text.eval(()));
    read.map_or_else(|_| inner.into(), |text| text.to_string().into())
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    match write_quoted(&mut out, text) {
        Ok(()) => out,
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_written_as_python_writes_them() {
        let text = r#"{{ config(materialized="table", tags=['a',"b"], enabled=true, schema=var("s")) }} select"#;
        let found = keywords_of(text, "config").unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(
            found,
            [
                ("materialized", "table"),
                ("tags", "['a', 'b']"),
                ("enabled", "True"),
                ("schema", "var('s')"),
            ]
        );
        assert_eq!(keywords_of("select {{ ref('config') }}", "config"), None);
        let text = r#"{{ config(a='it\'s', b=["it's", 'a "b"', "x\ny"]) }}"#;
        let found = keywords_of(text, "config").unwrap();
        assert_eq!(found[0].1, "it's");
        assert_eq!(found[1].1, r#"["it's", 'a "b"', 'x\ny']"#);
    }

    #[test]
    fn only_written_out_values_are_plain() {
        let names = ["ref", "source", "config"];
        assert!(only_calls(
            "{{ config(a={'b': 1}, c=True) }} {{ ref('x') }}",
            &names
        ));
        assert!(!only_calls("{{ config(a=true) }}", &names));
        assert!(!only_calls("{{ config(a=var('x')) }}", &names));
        assert!(!only_calls("{% if x %}{% endif %}", &names));
    }
}
