//! JSON: one array of objects, or one object a line.
//!
//! Numbers keep all their digits, also those beyond 2^53. Dates and times are ISO 8601 text, blobs hexadecimal
//! text, intervals `DuckDB`'s text; `NaN` and infinities, which JSON lacks, are null.

use std::fmt::Write as _;
use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use serde_json::value::RawValue;

use super::calendar::Style;
use super::{Shown, Writer, text, types};
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, SchemaRef};

pub(super) struct Json {
    columns: SchemaRef,
    /// Each column's name as a JSON string with its colon.
    keys: Vec<String>,
    /// Which columns hold JSON already.
    raw: Vec<bool>,
    lines: bool,
    n_rows: u64,
    object: String,
}

impl Json {
    /// One array of objects.
    pub(super) fn array(columns: &SchemaRef) -> Self {
        Self {
            lines: false,
            ..Self::lines(columns)
        }
    }

    /// One object a line.
    pub(super) fn lines(columns: &SchemaRef) -> Self {
        let names = columns.fields().iter().map(|field| field.name().as_str());
        let keys = unique(names)
            .iter()
            .map(|name| format!("{}:", quoted(name)))
            .collect();
        let raw = columns.fields().iter().map(|field| types::is_json(field));
        Self {
            columns: columns.clone(),
            keys,
            raw: raw.collect(),
            lines: true,
            n_rows: 0,
            object: String::new(),
        }
    }

    fn object(&mut self, rows: &RecordBatch, row: usize) -> Result<()> {
        self.object.clear();
        self.object.push('{');
        for (n, column) in rows.columns().iter().enumerate() {
            self.object.push_str(if n > 0 { "," } else { "" });
            self.object.push_str(&self.keys[n]);
            if self.raw[n] {
                document(column, row, &mut self.object)?;
            } else {
                value(column, row, &mut self.object)?;
            }
        }
        self.object.push('}');
        Ok(())
    }
}

impl Writer for Json {
    fn write(&mut self, rows: &RecordBatch, out: &mut dyn Write) -> Result<()> {
        for row in 0..rows.num_rows() {
            let before = match (self.lines, self.n_rows) {
                (true, _) => "",
                (false, 0) => "[\n",
                (false, _) => ",\n",
            };
            self.object(rows, row)?;
            out.write_all(before.as_bytes())?;
            out.write_all(self.object.as_bytes())?;
            out.write_all(if self.lines { b"\n" } else { b"" })?;
            self.n_rows += 1;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<Shown> {
        let end = match (self.lines, self.n_rows) {
            (true, _) => "",
            (false, 0) => "[]\n",
            (false, _) => "\n]\n",
        };
        out.write_all(end.as_bytes())?;
        Ok(Shown::all(self.n_rows, &self.columns))
    }
}

/// Lays out rows within an object over lines, two spaces a level, as dbt does: fractions are written as the nearest double, with
/// all its digits, and a list or mapping in a cell is text.
pub(in crate::cli) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_open = out.ends_with(['{', '[']);
        let is_close = matches!(first, '}' | ']');
        depth -= usize::from(is_close && depth > 0);
        if out.ends_with(',') || is_open != is_close {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
        let length = match first {
            '"' => quoted_length(rest),
            '{' | '[' if depth == OF_CELLS => {
                let (text, length) = nested(rest);
                out.push_str(&serde_json::Value::from(text).to_string());
                rest = rest[length..].trim_start();
                continue;
            }
            '{' | '[' | '}' | ']' | ',' | ':' => 1,
            _ => rest.find([',', '}', ']', ' ', '\n']).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        depth += usize::from(matches!(first, '{' | '['));
        match token.parse::<f64>() {
            Ok(number) if token.contains('.') => {
                out.push_str(&serde_json::Value::from(number).to_string());
            }
            _ => out.push_str(token),
        }
        out.push_str(if first == ':' { " " } else { "" });
        rest = after.trim_start();
    }
    out
}

/// How deep cells are in the object that holds the rows.
const OF_CELLS: usize = 3;

/// Returns the list or mapping with which JSON goes on, written as Python writes it, and how long it is there.
fn nested(json: &str) -> (String, usize) {
    let (mut text, mut depth, mut at) = (String::new(), 0_usize, 0);
    while let Some(first) = json[at..].chars().next() {
        let length = match first {
            '"' => quoted_length(&json[at..]),
            _ => first.len_utf8(),
        };
        if !first.is_whitespace() {
            text.push_str(&json[at..at + length]);
        }
        at += length;
        match first {
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 1 => break,
            '}' | ']' => depth -= 1,
            ',' | ':' => text.push(' '),
            _ => {}
        }
    }
    (text, at)
}

/// Returns how long the text between quotes is with which JSON goes on.
fn quoted_length(json: &str) -> usize {
    let mut is_escaped = false;
    let end = json.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(json.len(), |end| end + 2)
}

/// Appends one value as JSON.
fn value(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    if text::is_null(array, row) {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Float32 => float(
            f64::from(array.as_primitive::<Float32Type>().value(row)),
            array,
            row,
            out,
        )?,
        DataType::Float64 => float(
            array.as_primitive::<Float64Type>().value(row),
            array,
            row,
            out,
        )?,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => quote(array, row, out)?,
        DataType::Struct(_) => {
            let record = array.as_struct();
            let names = record.fields().iter().map(|field| quoted(field.name()));
            object(
                names.zip(record.columns().iter().map(|column| (column, row))),
                out,
            )?;
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let names = (0..entries.len())
                .map(|entry| key(keys, entry))
                .collect::<Result<Vec<_>>>()?;
            object(
                names
                    .into_iter()
                    .zip((0..entries.len()).map(|entry| (values, entry))),
                out,
            )?;
        }
        _ if text::number(array, row, out)? => {}
        _ => scalar_or_list(array, row, out)?,
    }
    Ok(())
}

fn scalar_or_list(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    if let Some(bytes) = text::bytes(array, row) {
        out.push('"');
        for byte in bytes {
            write!(out, "{byte:02x}")?;
        }
        out.push('"');
    } else if let Some(items) = text::items(array, row) {
        out.push('[');
        for item in 0..items.len() {
            out.push_str(if item > 0 { "," } else { "" });
            value(&items, item, out)?;
        }
        out.push(']');
    } else if let Some((inside, row)) = text::inside(array, row) {
        value(&inside, row, out)?;
    } else {
        let mut moment = String::new();
        if !text::moment(array, row, Style::Iso, &mut moment)? {
            text::other(array, row, &mut moment)?;
        }
        out.push_str(&quoted(&moment));
    }
    Ok(())
}

fn object<'a>(
    members: impl Iterator<Item = (String, (&'a ArrayRef, usize))>,
    out: &mut String,
) -> Result<()> {
    out.push('{');
    for (n, (name, (array, row))) in members.enumerate() {
        write!(out, "{}{name}:", if n > 0 { "," } else { "" })?;
        value(array, row, out)?;
    }
    out.push('}');
    Ok(())
}

fn float(value: f64, array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    if value.is_finite() {
        return text::value(array, row, out);
    }
    out.push_str("null");
    Ok(())
}

/// Appends a column of type JSON as the document it holds, on one line.
fn document(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    let start = out.len();
    text::value(array, row, out)?;
    if text::is_null(array, row) {
        out.push_str("null");
    } else if serde_json::from_str::<&RawValue>(&out[start..]).is_ok() {
        // Between JSON's tokens any white space is the same; inside its strings there are no line ends.
        let line = out[start..].trim().replace(['\n', '\r'], " ");
        out.replace_range(start.., &line);
    } else {
        let string = quoted(&out[start..]);
        out.replace_range(start.., &string);
    }
    Ok(())
}

fn quote(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    let mut text = String::new();
    text::value(array, row, &mut text)?;
    out.push_str(&quoted(&text));
    Ok(())
}

fn key(keys: &dyn Array, row: usize) -> Result<String> {
    let mut text = String::new();
    text::value(keys, row, &mut text)?;
    Ok(quoted(&text))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Numbers names that occur more than once, as `DuckDB` does: `a`, `a_1`.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        let numbered = (1..).map(|n| format!("{name}_{n}"));
        let mut choices = std::iter::once(name.to_owned()).chain(numbered);
        seen.extend(choices.find(|choice| !seen.contains(choice)));
    }
    seen
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema};

    use super::super::test_rows::{batch, written};
    use super::*;

    #[test]
    fn an_array_holds_an_object_a_row() {
        let rows = batch(
            &["a", "a"],
            &[&[Some("x\"\n"), None], &[Some(""), Some("y")]],
        );
        let json = "[\n{\"a\":\"x\\\"\\n\",\"a_1\":null},\n{\"a\":\"\",\"a_1\":\"y\"}\n]\n";
        assert_eq!(written(Json::array(&rows.schema()), &rows), json);
        assert_eq!(
            written(Json::array(&rows.schema()), &rows.slice(0, 0)),
            "[]\n"
        );
    }

    #[test]
    fn numbers_keep_their_digits_and_not_a_number_is_null() {
        let decimals = Decimal128Array::from(vec![1250])
            .with_precision_and_scale(18, 2)
            .unwrap();
        let rows = RecordBatch::try_from_iter([
            (
                "big",
                Arc::new(Int64Array::from(vec![i64::MAX])) as ArrayRef,
            ),
            ("price", Arc::new(decimals) as ArrayRef),
            (
                "nan",
                Arc::new(Float64Array::from(vec![f64::NAN])) as ArrayRef,
            ),
            ("tiny", Arc::new(Float64Array::from(vec![1e-9])) as ArrayRef),
        ])
        .unwrap();
        let line = "{\"big\":9223372036854775807,\"price\":12.50,\"nan\":null,\"tiny\":1e-9}\n";
        assert_eq!(written(Json::lines(&rows.schema()), &rows), line);
    }

    #[test]
    fn a_json_column_is_nested_on_one_line() {
        let columns = Arc::new(Schema::new(vec![Field::new("doc", DataType::Utf8, true)]));
        let columns = types::note(&columns, &["JSON".into()]);
        let docs = StringArray::from(vec![
            Some("{\"n\":\n 12345678901234567890}"),
            Some("{"),
            None,
        ]);
        let rows = RecordBatch::try_new(columns, vec![Arc::new(docs)]).unwrap();
        let lines = "{\"doc\":{\"n\":  12345678901234567890}}\n{\"doc\":\"{\"}\n{\"doc\":null}\n";
        assert_eq!(written(Json::lines(&rows.schema()), &rows), lines);
    }

    #[test]
    fn json_is_laid_out_and_fractions_keep_what_a_double_holds() {
        let json = r#"{"a":[],"b":[{"c":99.99000000000001,"d":12.50},"x\\\"{,"],"e":1}"#;
        let lines = [
            "{",
            "  \"a\": [],",
            "  \"b\": [",
            "    {",
            "      \"c\": 99.99000000000001,",
            "      \"d\": 12.5",
            "    },",
            "    \"x\\\\\\\"{,\"",
            "  ],",
            "  \"e\": 1",
            "}",
        ];
        assert_eq!(indented(json), lines.join("\n"));
    }

    #[test]
    fn a_list_in_a_cell_is_text() {
        let json = r#"{"show":[{"a":["x",{"b":[1,2]}],"c":[]}]}"#;
        let line = r#"      "a": "[\"x\", {\"b\": [1, 2]}]","#;
        assert!(indented(json).contains(line), "{}", indented(json));
        assert!(indented(json).contains(r#""c": "[]""#));
    }
}
