//! Reads Python literals: numbers, strings, `True`, `False`, `None`, and lists, tuples and dicts of them.

use minijinja::{Environment, Value};

use super::tokens::{Kind, lex};
use super::value::mutable;

/// Reads `text` as a Python literal; none when it is something else.
pub(crate) fn read(environment: &Environment<'_>, text: &str) -> Option<Value> {
    let text = text.trim();
    let (tokens, _) = lex(text, 0, None).ok()?;
    let allowed = tokens.iter().all(|token| {
        let word = &text[token.range.clone()];
        match token.kind {
            Kind::Name => matches!(word, "True" | "False" | "None"),
            Kind::Sign => "()[]{}:,+-".contains(word),
            Kind::Number => {
                word == "0"
                    || !word.starts_with('0')
                    || word.starts_with("0.")
                    || word.starts_with("0x")
            }
            Kind::Text => true,
        }
    });
    if !allowed || tokens.is_empty() {
        return None;
    }
    environment
        .compile_expression_owned(text.to_owned())
        .ok()?
        .eval(())
        .ok()
        .map(mutable)
}
