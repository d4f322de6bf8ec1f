//! JSON records: an array of objects (also inside an object), objects one after the other, or one a line.
//!
//! Column types are the narrowest that lose nothing: see [`Type::join`]. Whole numbers beyond 64 bits keep all
//! digits as text.

mod cut;
mod survey;
mod text;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use self::cut::{ElementCutter, LineCutter, skip_between};
use self::text::{Fault, is_number, members, skip_space, skip_value};
use super::blocks::{Block, Cutter, n_newlines};
use super::csv::not_utf8;
use super::rows::{Misfit, Rows, Value};
use super::scan::{Aside, Parse, Text};
use super::{Format, Reading, Source, Survey, Target, check_names};
use crate::diagnostic::Result;
use crate::engine::{Scan, Session};
use crate::ingest::types::{Column, EXACT_IN_DOUBLE, Type};

/// What is wrong with a file that gives nothing.
const EMPTY: &str = "holds no records";

/// JSON records, told apart as the layout says.
pub(super) struct Json {
    layout: Layout,
    name: &'static str,
    about: &'static str,
    suffixes: &'static [&'static str],
}

/// Records in an array, or one after the other.
pub(super) const JSON: Json = Json {
    layout: Layout::Elements,
    name: "json",
    about: "an array of objects, or objects one after the other",
    suffixes: &["json"],
};

/// One record a line.
pub(super) const NDJSON: Json = Json {
    layout: Layout::Lines,
    name: "ndjson",
    about: "one JSON object a line",
    suffixes: &["ndjson", "jsonl"],
};

impl Format for Json {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn suffixes(&self) -> &'static [&'static str] {
        self.suffixes
    }

    fn columns(
        &self,
        _: &mut dyn Session,
        file: &Source<'_>,
        survey: Survey,
    ) -> Result<Vec<Column>> {
        columns(file, self.layout, survey)
    }

    fn open(&self, file: &Source<'_>, target: &Target<'_>) -> Result<Option<Arc<dyn Scan>>> {
        opened(file, target, self.layout).map(Some)
    }

    fn lacks_rows(&self, _: &Reading) -> Option<&'static str> {
        Some(EMPTY)
    }
}

/// How records are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Elements,
    Lines,
}

impl Layout {
    fn cutter(self, file: &Source<'_>) -> Box<dyn Cutter> {
        match self {
            Self::Elements => Box::new(ElementCutter::new(
                file.shown.into(),
                file.reading.records.clone(),
            )),
            Self::Lines => Box::new(LineCutter),
        }
    }

    /// Hands each record of a block to `each`, with the line it starts in and its first byte in the block.
    fn records<'b>(
        self,
        block: &'b Block,
        mut each: impl FnMut(u64, usize, &'b [u8]) -> Result<()>,
    ) -> Result<()> {
        let bytes = &block.bytes;
        let (mut at, mut line) = (0, block.position.line);
        loop {
            let start = match self {
                Self::Elements => skip_between(bytes, at),
                Self::Lines => skip_space(bytes, at),
            };
            if start == bytes.len() {
                return Ok(());
            }
            line += n_newlines(&bytes[at..start]);
            let end = match self {
                Self::Elements => skip_value(bytes, start, true).unwrap_or(bytes.len()),
                Self::Lines => {
                    memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n)
                }
            };
            let record = &bytes[start..end];
            each(line, start, record.trim_ascii_end())?;
            line += n_newlines(record);
            at = end;
        }
    }
}

fn columns(file: &Source<'_>, layout: Layout, survey: Survey) -> Result<Vec<Column>> {
    let columns = survey::columns(file, layout, survey)?;
    check_names(&columns, file.shown)?;
    Ok(columns)
}

fn opened(file: &Source<'_>, target: &Target<'_>, layout: Layout) -> Result<Arc<dyn Scan>> {
    let places = target
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| (column.name.to_ascii_lowercase(), i));
    let parse = JsonParse {
        layout,
        columns: target.columns.to_vec(),
        places: places.collect(),
    };
    let text = Text {
        columns: target.columns,
        cutter: layout.cutter(file),
        parse,
    };
    text.open(file, target)
}

/// Understands records as rows of known columns.
struct JsonParse {
    layout: Layout,
    columns: Vec<Column>,
    /// Column by name in lower case.
    places: HashMap<String, usize>,
}

impl Parse for JsonParse {
    fn parse(&self, block: &Block, rows: &mut Rows<'_>, out: &Aside<'_>) -> Result<()> {
        let mut cells = vec![None; self.columns.len()];
        let aside = |line, start: usize, at: usize, raw: &[u8], reason: &str| {
            let column = block
                .position
                .after(&block.bytes[..start + at.min(raw.len())]);
            out.put(
                line,
                if column.line == line {
                    column.column
                } else {
                    0
                },
                raw,
                reason,
            );
        };
        self.layout.records(block, |line, start, raw| {
            let Ok(text) = std::str::from_utf8(raw) else {
                let (at, reason) = not_utf8(raw);
                aside(line, start, at, raw, &reason);
                return Ok(());
            };
            match self.cells(text, &mut cells) {
                Ok(true) => {}
                Ok(false) => return Err(Misfit.into()),
                Err((at, reason)) => {
                    aside(line, start, at, raw, reason);
                    return Ok(());
                }
            }
            for (i, cell) in cells.iter().enumerate() {
                let value = cell
                    .as_ref()
                    .map_or(Some(Value::Null), |cell| cell.value(&self.columns[i].ty));
                rows.push(i, value.ok_or(Misfit)?)?;
            }
            rows.end(line, text);
            Ok(())
        })
    }
}

impl JsonParse {
    /// Puts the members of a record in their columns' cells; `false` when a key has no column.
    fn cells<'t>(&self, text: &'t str, cells: &mut [Option<Cell<'t>>]) -> Result<bool, Fault> {
        cells.fill(None);
        let mut known = true;
        let mut next = 0;
        members(text, |key, value, at| {
            // Keys mostly come in the same order, so the column after the last one is tried first.
            let expected = self
                .columns
                .get(next)
                .is_some_and(|column| column.name == key);
            let place = if expected {
                Some(next)
            } else {
                self.place(key, at)?
            };
            let cell = Cell::new(value, at)?;
            let Some(place) = place else {
                known &= matches!(cell, Cell::Null);
                return Ok(());
            };
            next = place + 1;
            match cells[place].replace(cell) {
                None => Ok(()),
                Some(_) => Err((
                    at,
                    "a key that stands there twice; upper and lower case are the same",
                )),
            }
        })?;
        Ok(known)
    }

    fn place(&self, key: &str, at: usize) -> Result<Option<usize>, Fault> {
        let key = unescaped_key(key, at)?;
        Ok(self.places.get(&key.to_ascii_lowercase()).copied())
    }
}

/// Returns a key without its escapes; `key` is what stands between the quotes.
fn unescaped_key(key: &str, at: usize) -> Result<Cow<'_, str>, Fault> {
    match key.contains('\\') {
        false => Ok(Cow::Borrowed(key)),
        true => unescaped(&format!("\"{key}\""))
            .map(Cow::Owned)
            .ok_or((at, "a broken escape in a key")),
    }
}

/// Returns the text of a string given with its quotes.
fn unescaped(quoted: &str) -> Option<String> {
    serde_json::from_str(quoted).ok()
}

/// A value of a record.
#[derive(Debug, Clone, PartialEq)]
enum Cell<'t> {
    Null,
    Boolean(bool),
    /// A string.
    Text(Cow<'t, str>),
    /// A number, as it stands.
    Number(&'t str),
    /// An object or array, as it stands.
    Nested(&'t str),
}

impl<'t> Cell<'t> {
    fn new(value: &'t str, at: usize) -> Result<Self, Fault> {
        Ok(match value.as_bytes().first() {
            Some(b'"') => {
                let text = match memchr::memchr(b'\\', value.as_bytes()) {
                    None => Cow::Borrowed(&value[1..value.len() - 1]),
                    Some(_) => {
                        Cow::Owned(unescaped(value).ok_or((at, "a broken escape in a string"))?)
                    }
                };
                if memchr::memchr(0, text.as_bytes()).is_some() {
                    return Err((at, "a NUL character"));
                }
                Self::Text(text)
            }
            Some(b'{' | b'[') => match serde_json::from_str::<serde::de::IgnoredAny>(value) {
                Ok(_) => Self::Nested(value),
                Err(_) => return Err((at, "an object or array that is no JSON")),
            },
            _ => match value {
                "null" => Self::Null,
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                _ if is_number(value) => Self::Number(value),
                _ => return Err((at, "a value that is no JSON")),
            },
        })
    }

    /// Returns the narrowest type that holds the value.
    fn ty(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Boolean(_) => Type::Boolean,
            Self::Text(_) => Type::Text,
            Self::Nested(_) => Type::Json,
            Self::Number(text) => match (text.parse::<i64>(), text.contains(['.', 'e', 'E'])) {
                (Ok(number), _) if number.unsigned_abs() <= EXACT_IN_DOUBLE => Type::Integer,
                (Ok(_), _) => Type::WideInteger,
                (Err(_), true) if text.parse::<f64>().is_ok_and(f64::is_finite) => Type::Double,
                (Err(_), _) => Type::Text,
            },
        }
    }

    /// Returns the value for a column of type `ty`, or `None` when that does not hold it.
    fn value(&self, ty: &Type) -> Option<Value<'_>> {
        match (self, ty) {
            (Self::Null, _) => Some(Value::Null),
            (Self::Nested(text), Type::Json) => Some(Value::Text(text)),
            (_, Type::Json) => None,
            (Self::Text(text), Type::Text | Type::Null | Type::Other(_)) => Some(Value::Text(text)),
            (Self::Number(text) | Self::Nested(text), Type::Text | Type::Other(_)) => {
                Some(Value::Text(text))
            }
            (Self::Boolean(value), Type::Text | Type::Other(_)) => {
                Some(Value::Text(if *value { "true" } else { "false" }))
            }
            (Self::Boolean(value), Type::Boolean) => Some(Value::Boolean(*value)),
            (Self::Number(text), Type::Integer | Type::WideInteger) => {
                text.parse().ok().map(Value::Integer)
            }
            (Self::Number(text), Type::Double) => number(text),
            _ => None,
        }
    }
}

/// Returns a number for a column of DOUBLE, unless that would round a whole one.
fn number(text: &str) -> Option<Value<'static>> {
    match text.parse() {
        Ok(whole) => Some(Value::Integer(whole)),
        Err(_) if text.contains(['.', 'e', 'E']) => text
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Value::Double),
        Err(_) => None,
    }
}
