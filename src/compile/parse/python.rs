//! Hearing what a Python model says of itself: the calls of `dbt.ref`, `dbt.source` and `dbt.config` in its text, whose arguments
//! are literals. Runs nothing.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use crate::compile::said::Recorded;
use crate::diagnostic::{At, Diagnostic, Result};
use crate::project::nodes::Reference;

/// Finds the references and the configuration of a program.
///
/// # Errors
/// `Project` with the place of a call whose arguments are no literals.
pub(super) fn listen(text: &str, file: &Path) -> Result<Recorded> {
    let mut recorded = Recorded::default();
    for (call, offset) in calls(text) {
        let mut reader = Reader { text, at: offset };
        let arguments = reader.arguments();
        let wrong = || {
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let at = At::new(file, u32::try_from(line).unwrap_or(0), 0);
            Diagnostic::project(format!("the arguments of `dbt.{call}` are not literals"))
                .at(&at)
                .hint(format!("write them out: `dbt.{call}('…')`"))
        };
        let Some((positional, named)) = arguments else {
            return Err(wrong().into());
        };
        match call {
            "config" => recorded.config.extend(named),
            "config.get" => {}
            _ => recorded
                .references
                .push(reference(call, &positional, &named).ok_or_else(wrong)?),
        }
    }
    Ok(recorded)
}

fn reference(call: &str, positional: &[Value], named: &Mapping) -> Option<Reference> {
    let text = |index: usize| positional.get(index)?.as_str().map(str::to_owned);
    let version = named.get("v").or_else(|| named.get("version"));
    let version = version.and_then(|value| value.as_scalar_string().map(|text| text.into_owned()));
    Some(match (call, positional.len()) {
        ("ref", 1) => Reference::Ref {
            package: None,
            name: text(0)?,
            version,
        },
        ("ref", 2) => Reference::Ref {
            package: Some(text(0)?),
            name: text(1)?,
            version,
        },
        ("source", 2) => Reference::Source {
            source: text(0)?,
            table: text(1)?,
        },
        _ => return None,
    })
}

/// Returns the calls of `dbt.…` with the offset of what follows their opening bracket; comments and texts are passed over.
fn calls(text: &str) -> Vec<(&'static str, usize)> {
    const CALLS: &[&str] = &["config.get", "config", "ref", "source"];
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        if first == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if first == '\'' || first == '"' {
            let mut reader = Reader { text, at };
            at = match reader.string() {
                Some(_) => reader.at,
                None => at + 1,
            };
        } else if let Some(after) = rest.strip_prefix("dbt.").filter(|_| starts_word(text, at)) {
            let call = CALLS.iter().find_map(|call| {
                let after = after.strip_prefix(call)?;
                let bracket = after.trim_start().strip_prefix('(')?;
                Some((*call, text.len() - bracket.len()))
            });
            at += 4;
            found.extend(call);
        } else {
            at += first.len_utf8();
        }
    }
    found
}

fn starts_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// Reads Python's literals.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            match self.rest().starts_with('#') {
                true => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                false => return,
            }
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Reads arguments up to the closing bracket.
    fn arguments(&mut self) -> Option<(Vec<Value>, Mapping)> {
        let mut positional = Vec::new();
        let mut named = Mapping::new();
        loop {
            if self.take(")") {
                return Some((positional, named));
            }
            match self.name() {
                Some(name) => drop(named.insert(Value::string(name), self.value()?)),
                None => positional.push(self.value()?),
            }
            if !self.take(",") && !self.rest().starts_with(')') {
                return None;
            }
        }
    }

    /// Reads `name =`.
    fn name(&mut self) -> Option<String> {
        self.skip();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let after = rest[end..].trim_start().strip_prefix('=')?;
        if end == 0 || after.starts_with('=') {
            return None;
        }
        let name = rest[..end].to_owned();
        self.at = self.text.len() - after.len();
        Some(name)
    }

    fn value(&mut self) -> Option<Value> {
        self.skip();
        match self.rest().chars().next()? {
            '\'' | '"' => {
                let mut text = self.string()?;
                self.skip();
                while self.rest().starts_with(['\'', '"']) {
                    text.push_str(&self.string()?);
                    self.skip();
                }
                Some(Value::string(text))
            }
            '[' => self.items('[', ']'),
            '(' => self.items('(', ')'),
            '{' => self.mapping(),
            _ => self.word(),
        }
    }

    fn items(&mut self, open: char, close: char) -> Option<Value> {
        self.at += open.len_utf8();
        let mut items = Vec::new();
        while !self.take(&close.to_string()) {
            items.push(self.value()?);
            if !self.take(",") && !self.rest().starts_with(close) {
                return None;
            }
        }
        Some(Value::sequence(items))
    }

    fn mapping(&mut self) -> Option<Value> {
        self.at += 1;
        let mut map = Mapping::new();
        while !self.take("}") {
            let key = self.value()?;
            if !self.take(":") {
                return None;
            }
            let value = self.value()?;
            map.insert(key, value);
            if !self.take(",") && !self.rest().starts_with('}') {
                return None;
            }
        }
        Some(Value::mapping(map))
    }

    /// Reads `True`, `False`, `None` or a number.
    fn word(&mut self) -> Option<Value> {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || ['_', '.', '-', '+'].contains(&c);
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let word = rest[..end].to_owned();
        let value = match word.as_str() {
            "True" => Value::bool(true),
            "False" => Value::bool(false),
            "None" => Value::null(),
            number if number.parse::<f64>().is_ok() => serde_yaml::from_str(number).ok()?,
            _ => return None,
        };
        self.at += end;
        Some(value)
    }

    /// Reads a quoted text, in three quotes or one.
    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let quote = rest.chars().next().filter(|c| ['\'', '"'].contains(c))?;
        let triple = quote.to_string().repeat(3);
        let end = match rest.starts_with(&triple) {
            true => triple,
            false => quote.to_string(),
        };
        let mut read = String::new();
        let mut at = self.at + end.len();
        loop {
            let rest = &self.text[at..];
            if rest.starts_with(&end) {
                self.at = at + end.len();
                return Some(read);
            }
            let mut letters = rest.chars();
            let c = letters.next()?;
            at += c.len_utf8();
            match c {
                '\\' => {
                    let escaped = letters.next()?;
                    at += escaped.len_utf8();
                    match escaped {
                        'n' => read.push('\n'),
                        't' => read.push('\t'),
                        '\n' => {}
                        '\\' | '\'' | '"' => read.push(escaped),
                        other => read.extend(['\\', other]),
                    }
                }
                '\n' if end.len() == 1 => return None,
                c => read.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_literals_are_heard() {
        let text = r#"
import pandas
def model(dbt, session):
    """dbt.ref('not this')"""
    dbt.config(materialized="table", packages=["numpy==1.0", 'scipy'], # dbt.ref("nor this")
        meta={"a": 1, "b": (True, None)})
    a = dbt.ref("a").df()
    b = dbt.ref('pkg', 'b', v=2)
    c = dbt . ref("x") if False else dbt.source("s", "t")
    return a
"#;
        let recorded = listen(text, Path::new("m.py")).unwrap();
        let words: Vec<String> = recorded
            .references
            .iter()
            .map(Reference::to_string)
            .collect();
        assert_eq!(
            words,
            ["ref('a')", "ref('pkg', 'b', v='2')", "source('s', 't')"]
        );
        let config: Mapping = serde_yaml::from_str(
            "{materialized: table, packages: ['numpy==1.0', scipy], meta: {a: 1, b: [true, null]}}",
        )
        .unwrap();
        assert_eq!(recorded.config, config);
    }

    #[test]
    fn an_argument_that_is_no_literal_is_refused_with_its_line() {
        let err = listen(
            "def model(dbt, session):\n  return dbt.ref(name)\n",
            Path::new("m.py"),
        );
        let err = err.unwrap_err().to_string();
        assert!(err.contains("m.py:2"), "{err}");
    }
}
