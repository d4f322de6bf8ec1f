//! The answer to `explain`, as the picture that the engine draws.

use std::io::Write;

use super::{Shown, Writer, text};
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, SchemaRef};

pub(super) struct Plan {
    columns: SchemaRef,
    n_rows: u64,
}

/// Returns whether these are the columns of `explain`.
pub(super) fn is_plan(columns: &SchemaRef) -> bool {
    let names = columns.fields().iter().map(|field| field.name().as_str());
    names.eq(["explain_key", "explain_value"])
}

impl Plan {
    pub(super) fn new(columns: &SchemaRef) -> Self {
        Self {
            columns: columns.clone(),
            n_rows: 0,
        }
    }
}

impl Writer for Plan {
    fn write(&mut self, rows: &RecordBatch, out: &mut dyn Write) -> Result<()> {
        for row in 0..rows.num_rows() {
            let mut picture = String::new();
            text::value(rows.column(1), row, &mut picture)?;
            writeln!(out, "{}", picture.trim_end())?;
            self.n_rows += 1;
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut dyn Write) -> Result<Shown> {
        Ok(Shown::all(self.n_rows, &self.columns))
    }
}
