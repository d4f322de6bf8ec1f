//! Writing a template's value as YAML: PyYAML's block style, its choice of quotes and its line breaks.

use minijinja::value::{DynObject, Value, ValueKind};

use crate::jinja;
use crate::jinja::modules::datetime;
use crate::project::yaml;

/// A line is broken at the first space after so many characters.
const WIDTH: usize = 80;

/// Keys from this length on stand on a line of their own.
const LONG_KEY: usize = 128;

/// Returns a value as a document, with a line end; `None` where it holds something that is no text, number, list or mapping.
pub(super) fn document(value: &Value, is_sorted: bool) -> Option<String> {
    let mut writer = Writer {
        out: String::new(),
        column: 0,
        is_sorted,
    };
    let is_open = match value.kind() {
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            writer.block(value, 0)?;
            false
        }
        _ => writer.scalar(value, 0, true)?,
    };
    writer.line_end();
    if is_open {
        writer.out.push_str("...\n");
    }
    Some(writer.out)
}

struct Writer {
    out: String,
    /// Characters in the line so far.
    column: usize,
    is_sorted: bool,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Ends a line, once.
    fn line_end(&mut self) {
        if self.column > 0 {
            self.line_break();
        }
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Moves to a column of this line, or of the next one.
    fn indent(&mut self, indent: usize) {
        if self.column > indent {
            self.line_break();
        }
        let missing = indent - self.column;
        self.put(&" ".repeat(missing));
    }

    /// Writes a list or a mapping from `indent` on.
    fn block(&mut self, value: &Value, indent: usize) -> Option<()> {
        match value.kind() {
            ValueKind::Map => {
                let pairs = self.pairs(value)?;
                if pairs.is_empty() {
                    self.put("{}");
                }
                pairs
                    .iter()
                    .try_for_each(|(key, item)| self.pair(key, item, indent))
            }
            _ => {
                let items: Vec<Value> = value.try_iter().ok()?.collect();
                if items.is_empty() {
                    self.put("[]");
                }
                items.iter().try_for_each(|item| {
                    self.indent(indent);
                    self.put("-");
                    self.after_sign(item, indent)
                })
            }
        }
    }

    fn pairs(&self, value: &Value) -> Option<Vec<(Value, Value)>> {
        let mut pairs: Vec<_> = value
            .as_object()
            .and_then(DynObject::try_iter_pairs)?
            .collect();
        if self.is_sorted {
            pairs.sort_by_cached_key(|(key, _)| jinja::text(key));
        }
        Some(pairs)
    }

    fn pair(&mut self, key: &Value, item: &Value, indent: usize) -> Option<()> {
        self.indent(indent);
        let text = jinja::text(key);
        if text.chars().count() >= LONG_KEY || text.contains('\n') {
            self.put("?");
            self.after_sign(key, indent)?;
            self.indent(indent);
            self.put(":");
            return self.after_sign(item, indent);
        }
        self.scalar(key, indent, false)?;
        self.put(":");
        match item.kind() {
            ValueKind::Map | ValueKind::Seq | ValueKind::Iterable if item.len() != Some(0) => {
                self.line_break();
                let deeper = usize::from(item.kind() == ValueKind::Map) * 2;
                self.block(item, indent + deeper)
            }
            _ => self.after_sign(item, indent),
        }
    }

    /// Writes a value after `-`, `?` or `:`, in the same line.
    fn after_sign(&mut self, item: &Value, indent: usize) -> Option<()> {
        self.put(" ");
        match item.kind() {
            ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => self.block(item, indent + 2),
            _ => self.scalar(item, indent + 2, true).map(|_| ()),
        }
    }

    /// Writes a text, number or date, further lines from `indent` on; returns whether it stands there without quotes.
    fn scalar(&mut self, value: &Value, indent: usize, splits: bool) -> Option<bool> {
        let indent = splits.then_some(indent.max(2));
        let text = match value.kind() {
            ValueKind::String => {
                let text = value.as_str()?;
                let style = Style::of(text);
                match style {
                    Style::Plain => self.folded(text, indent, false),
                    Style::Single => self.folded(text, indent, true),
                    Style::Double => self.escaped(text, indent),
                }
                return Some(style == Style::Plain);
            }
            ValueKind::None | ValueKind::Undefined => "null".into(),
            ValueKind::Bool => value.is_true().to_string(),
            ValueKind::Number => number(value),
            ValueKind::Plain => {
                datetime::repr(value)?;
                value.to_string()
            }
            _ => return None,
        };
        self.put(&text);
        Some(true)
    }

    /// Writes a text without quotes or between `'`; without an indent in one line.
    fn folded(&mut self, text: &str, indent: Option<usize>, is_quoted: bool) {
        let quote = if is_quoted { "'" } else { "" };
        self.put(quote);
        let kind = |c: char| (c == ' ', c == '\n');
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| kind(c) != kind(first));
            let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
            let is_inside = rest.len() < text.len() && !after.is_empty();
            match (first, indent) {
                (' ', Some(indent))
                    if run.len() == 1 && self.column > WIDTH && (is_inside || !is_quoted) =>
                {
                    self.line_break();
                    self.indent(indent);
                }
                ('\n', indent) => {
                    (0..=run.len()).for_each(|_| self.line_break());
                    self.indent(indent.unwrap_or_default());
                }
                _ if is_quoted => self.put(&run.replace('\'', "''")),
                _ => self.put(run),
            }
            rest = after;
        }
        self.put(quote);
    }

    /// Writes a text between `"`.
    fn escaped(&mut self, text: &str, indent: Option<usize>) {
        self.put("\"");
        let chars: Vec<char> = text.chars().collect();
        // What is not written yet begins here.
        let mut start = 0;
        for end in 0..=chars.len() {
            let c = chars.get(end).copied();
            if c.is_none_or(is_escaped) {
                self.put(&chars[start.min(end)..end].iter().collect::<String>());
                start = end;
                if let Some(c) = c {
                    self.put(&escape(c));
                    start = end + 1;
                }
            }
            let is_inside = end > 0 && end + 1 < chars.len();
            let is_gap = c == Some(' ') || start >= end;
            let reach = self.column + end.saturating_sub(start);
            // One less where an escape has just been written.
            let width = WIDTH + usize::from(start > end);
            if let Some(indent) = indent.filter(|_| is_inside && is_gap && reach > width) {
                self.put(&chars[start.min(end)..end].iter().collect::<String>());
                self.put("\\");
                start = start.max(end);
                self.line_break();
                self.indent(indent);
                if chars[start] == ' ' {
                    self.put("\\");
                }
            }
        }
        self.put("\"");
    }
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

impl Style {
    fn of(text: &str) -> Self {
        let is_special = |c: char| c != '\n' && !(' '..='~').contains(&c);
        if text.contains(is_special) || text.contains(" \n") {
            return Self::Double;
        }
        if text.contains("\n ") {
            return Self::Double;
        }
        let is_padded = text.starts_with(' ') || text.ends_with(' ');
        match is_padded || text.contains('\n') || has_signs(text) || !yaml::is_text(text) {
            true => Self::Single,
            false => Self::Plain,
        }
    }
}

/// Returns whether a text holds what would be read as a sign of YAML.
fn has_signs(text: &str) -> bool {
    let is_alone = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\n']);
    let begins = text.starts_with([
        '#', ',', '[', ']', '{', '}', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
    ]);
    let sign = text.strip_prefix(['?', ':', '-']);
    begins
        || sign.is_some_and(is_alone)
        || text.starts_with("---")
        || text.starts_with("...")
        || text.contains(" #")
        || text.contains(": ")
        || text.ends_with(':')
}

fn number(value: &Value) -> String {
    let text = jinja::repr(value);
    match text.as_str() {
        "nan" => ".nan".into(),
        "inf" => ".inf".into(),
        "-inf" => "-.inf".into(),
        _ if !text.contains('.') => text.replacen('e', ".0e", 1),
        _ => text,
    }
}

fn is_escaped(c: char) -> bool {
    matches!(c, '"' | '\\') || !(' '..='~').contains(&c)
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        '\0'..='\u{ff}' => return format!("\\x{:02X}", u32::from(c)),
        '\u{100}'..='\u{ffff}' => return format!("\\u{:04X}", u32::from(c)),
        _ => return format!("\\U{:08X}", u32::from(c)),
    };
    format!("\\{short}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &str) -> String {
        let value = jinja::from_json(&serde_json::from_str(json).unwrap());
        document(&value, false).unwrap()
    }

    #[test]
    fn blocks_are_those_of_pyyaml() {
        assert_eq!(
            written(r#"{"k": ["a", ["b", "c"], {"x": 1, "y": []}], "m": {"n": {}}, "f": 1e20}"#),
            "k:\n- a\n- - b\n  - c\n- x: 1\n  y: []\nm:\n  n: {}\nf: 1.0e+20\n"
        );
        assert_eq!(written("[]"), "[]\n");
        assert_eq!(written(r#""x""#), "x\n...\n");
        assert_eq!(written(r#""12""#), "'12'\n");
    }

    #[test]
    fn texts_are_quoted_where_they_would_be_read_as_something_else() {
        let cases = [
            ("yes", "'yes'"),
            ("1:30", "'1:30'"),
            ("1e3", "1e3"),
            ("2024-01-02", "'2024-01-02'"),
            ("~", "'~'"),
            ("", "''"),
            ("it's", "it's"),
            ("a: b", "'a: b'"),
            ("a\n", "'a\n\n  '"),
            ("é", "\"\\xE9\""),
            (".inf", "'.inf'"),
        ];
        for (text, expected) in cases {
            let value = jinja::dict([("s", Value::from(text))]);
            assert_eq!(
                document(&value, false).unwrap(),
                format!("s: {expected}\n"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn long_texts_are_broken_at_the_first_space_after_80_characters() {
        let words = ["word"; 30].join(" ");
        let value = jinja::dict([("s", Value::from(&words))]);
        let (first, rest) = (&words[..79], &words[80..]);
        assert_eq!(
            document(&value, false).unwrap(),
            format!("s: {first}\n  {rest}\n")
        );
    }
}
