//! A table in GitHub's Markdown; numbers to the right, line breaks as `<br>`.

use std::io::Write;

use super::{Shown, Writer, text, types};
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, SchemaRef};

pub(super) struct Markdown {
    columns: SchemaRef,
    begun: bool,
    n_rows: u64,
    cell: String,
}

impl Markdown {
    pub(super) fn new(columns: &SchemaRef) -> Self {
        Self {
            columns: columns.clone(),
            begun: false,
            n_rows: 0,
            cell: String::new(),
        }
    }

    fn header(&mut self, out: &mut dyn Write) -> Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let fields = self.columns.fields();
        for field in fields {
            write!(out, "| {} ", escape(field.name()))?;
        }
        writeln!(out, "|")?;
        for field in fields {
            let rule = if types::is_number(field) {
                "| ---: "
            } else {
                "| --- "
            };
            out.write_all(rule.as_bytes())?;
        }
        Ok(writeln!(out, "|")?)
    }
}

impl Writer for Markdown {
    fn write(&mut self, rows: &RecordBatch, out: &mut dyn Write) -> Result<()> {
        self.header(out)?;
        for row in 0..rows.num_rows() {
            for column in rows.columns() {
                self.cell.clear();
                if text::is_null(column, row) {
                    self.cell.push_str("NULL");
                } else {
                    text::value(column, row, &mut self.cell)?;
                }
                write!(out, "| {} ", escape(&self.cell))?;
            }
            writeln!(out, "|")?;
        }
        self.n_rows += rows.num_rows() as u64;
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<Shown> {
        self.header(out)?;
        Ok(Shown::all(self.n_rows, &self.columns))
    }
}

fn escape(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "\\<");
    text.replace("\r\n", "<br>").replace(['\n', '\r'], "<br>")
}

#[cfg(test)]
mod tests {
    use super::super::test_rows::{batch, written};
    use super::*;

    #[test]
    fn what_markdown_would_read_as_its_own_is_escaped() {
        let rows = batch(
            &["a|b", "c"],
            &[&[Some("x\ny"), None], &[Some("<b>"), Some("z")]],
        );
        let table = "| a\\|b | c |\n| --- | --- |\n| x<br>y | NULL |\n| \\<b> | z |\n";
        assert_eq!(written(Markdown::new(&rows.schema()), &rows), table);
    }
}
