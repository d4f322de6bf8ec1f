//! CSV as RFC 4180 describes it, with `\n` at line ends as Unix tools expect.
//!
//! NULL is an empty field and empty text is `""`, so that both survive. Where a row is one column, NULL is
//! `""` too: most readers skip an empty line.

use std::io::Write;

use super::{Shown, Writer, text};
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, SchemaRef};

pub(super) struct Csv {
    columns: SchemaRef,
    begun: bool,
    n_rows: u64,
    field: String,
}

impl Csv {
    pub(super) fn new(columns: &SchemaRef) -> Self {
        Self {
            columns: columns.clone(),
            begun: false,
            n_rows: 0,
            field: String::new(),
        }
    }

    fn header(&mut self, out: &mut dyn Write) -> Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        for (n, field) in self.columns.fields().iter().enumerate() {
            write_field(field.name(), n, out)?;
        }
        Ok(out.write_all(b"\n")?)
    }
}

impl Writer for Csv {
    fn write(&mut self, rows: &RecordBatch, out: &mut dyn Write) -> Result<()> {
        self.header(out)?;
        for row in 0..rows.num_rows() {
            for (n, column) in rows.columns().iter().enumerate() {
                if text::is_null(column, row) && rows.num_columns() > 1 {
                    out.write_all(if n > 0 { b"," } else { b"" })?;
                    continue;
                }
                self.field.clear();
                text::value(column, row, &mut self.field)?;
                write_field(&self.field, n, out)?;
            }
            out.write_all(b"\n")?;
        }
        self.n_rows += rows.num_rows() as u64;
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<Shown> {
        self.header(out)?;
        Ok(Shown::all(self.n_rows, &self.columns))
    }
}

/// Writes one field, after a comma unless it is the first; quoted where a reader could mistake it.
fn write_field(field: &str, n: usize, out: &mut dyn Write) -> std::io::Result<()> {
    if n > 0 {
        out.write_all(b",")?;
    }
    let special = |byte: u8| matches!(byte, b'"' | b',' | b'\n' | b'\r');
    let padded = field.starts_with(' ') || field.ends_with(' ');
    if !field.is_empty() && !padded && !field.bytes().any(special) {
        return out.write_all(field.as_bytes());
    }
    out.write_all(b"\"")?;
    for (n, part) in field.split('"').enumerate() {
        if n > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::super::test_rows::{batch, written};
    use super::*;

    #[test]
    fn null_is_an_empty_field_and_empty_text_is_quoted() {
        let rows = batch(
            &["name", "say \"hi\", you"],
            &[&[Some("a\nb"), None], &[Some(""), Some(" x")]],
        );
        let csv = written(Csv::new(&rows.schema()), &rows);
        assert_eq!(
            csv,
            "name,\"say \"\"hi\"\", you\"\n\"a\nb\",\n\"\",\" x\"\n"
        );
    }

    #[test]
    fn a_null_in_the_only_column_keeps_its_row() {
        let rows = batch(&["a"], &[&[Some("x")], &[None]]);
        assert_eq!(written(Csv::new(&rows.schema()), &rows), "a\nx\n\"\"\n");
    }

    #[test]
    fn no_rows_are_a_header() {
        let rows = batch(&["a", "b"], &[]);
        assert_eq!(written(Csv::new(&rows.schema()), &rows), "a,b\n");
    }
}
