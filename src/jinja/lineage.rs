//! Which macros a template's text calls, read without running it: lineage for dbt's artifacts.

use super::tokens::{Kind, Part, Piece, parts};

/// A call in a template's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `name(…)` or `package.name(…)`.
    Name {
        /// The package that is named.
        package: Option<String>,
        /// The macro.
        name: String,
    },
    /// `adapter.dispatch('name', 'namespace')`.
    Dispatch {
        /// The macro's name without a prefix.
        name: String,
        /// The package it is looked for in.
        namespace: Option<String>,
    },
}

/// Returns the calls in a template's text, in order, each once; none where the text is no template.
pub(crate) fn calls(text: &str) -> Vec<Call> {
    let mut found = Vec::new();
    for part in parts(text, 0..text.len()).unwrap_or_default() {
        for call in of_part(text, &part) {
            if !found.contains(&call) {
                found.push(call);
            }
        }
    }
    found
}

fn of_part(text: &str, part: &Part) -> Vec<Call> {
    let tokens = &part.tokens;
    let word = |at: usize| {
        tokens
            .get(at)
            .map_or("", |token| &text[token.range.clone()])
    };
    let is_name = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Name);
    let start = match (part.piece, word(0)) {
        (Piece::Tag, "macro" | "test" | "materialization") => 2,
        (Piece::Tag, _) => 1,
        _ => 0,
    };
    let mut found = Vec::new();
    for at in start..tokens.len() {
        let before = at.checked_sub(1).map_or("", word);
        if !is_name(at) || matches!(before, "." | "|" | "is") {
            continue;
        }
        if word(at + 1) == "(" {
            found.push(Call::Name {
                package: None,
                name: word(at).to_owned(),
            });
        } else if word(at + 1) == "." && is_name(at + 2) && word(at + 3) == "(" {
            match (word(at), word(at + 2)) {
                ("adapter", "dispatch") => found.extend(dispatch(&word, at + 4)),
                ("adapter", _) => {}
                (package, name) => found.push(Call::Name {
                    package: Some(package.to_owned()),
                    name: name.to_owned(),
                }),
            }
        }
    }
    found
}

/// Reads the arguments of a dispatch that begin at a token; none where the name is no literal.
fn dispatch<'a>(word: &dyn Fn(usize) -> &'a str, mut at: usize) -> Option<Call> {
    let literal = |word: &str| {
        let inner = word.strip_prefix(['\'', '"'])?;
        Some(inner[..inner.len().checked_sub(1)?].to_owned())
    };
    let (mut name, mut namespace) = (None, None);
    let mut position = 0;
    while !matches!(word(at), ")" | "") {
        let key = match (word(at + 1), position) {
            ("=", _) => {
                at += 2;
                word(at - 2)
            }
            (_, 0) => "macro_name",
            _ => "macro_namespace",
        };
        match key {
            "macro_name" => name = literal(word(at)),
            "macro_namespace" => namespace = literal(word(at)),
            _ => {}
        }
        at += 1;
        position += 1;
        if word(at) == "," {
            at += 1;
        }
    }
    Some(Call::Dispatch {
        name: name?,
        namespace,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_by_name_by_package_and_by_dispatch_are_found_once() {
        let text = "{% macro a(x=f()) %}{{ g(h.i(1)) | j() }}{% call k() %}{% endcall %}{{ x.y.z() }}\
                    {{ adapter.dispatch('a', macro_namespace = 'p')(x) }}{{ g() }}{{ adapter.quote(x) }}{% endmacro %}";
        let name = |package: Option<&str>, name: &str| Call::Name {
            package: package.map(str::to_owned),
            name: name.to_owned(),
        };
        let dispatch = Call::Dispatch {
            name: "a".into(),
            namespace: Some("p".into()),
        };
        assert_eq!(
            calls(text),
            [
                name(None, "f"),
                name(None, "g"),
                name(Some("h"), "i"),
                name(None, "k"),
                dispatch
            ]
        );
    }
}
