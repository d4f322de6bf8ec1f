//! Rows on their way to a person or another program: one file a format. Runs no SQL and opens no file.

mod calendar;
mod csv;
mod json;
mod markdown;
mod plan;
mod table;
mod text;
mod types;

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;

use crate::diagnostic::Result;
use crate::engine::{RecordBatch, SchemaRef};

pub(in crate::cli) use self::json::indented;
pub(crate) use self::table::Screen;
pub(crate) use self::types::note as with_types;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// Comma-separated values (RFC 4180), NULL as an empty field.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    #[value(alias = "jsonl")]
    Ndjson,
    /// A Markdown table.
    #[value(alias = "md")]
    Markdown,
    /// A Parquet file; needs --output.
    Parquet,
    /// An Excel workbook; needs --output.
    #[value(alias = "excel")]
    Xlsx,
}

impl Format {
    /// Returns the format that a file's suffix stands for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            suffix => Self::from_str(suffix, true).ok(),
        }
    }

    /// Returns whether only a file can hold it.
    pub(crate) fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Xlsx)
    }
}

/// What became of a result; counts of rows and columns there were, and how many of them are visible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) n_rows: u64,
    pub(crate) n_rows_shown: u64,
    pub(crate) n_columns: usize,
    pub(crate) n_columns_shown: usize,
}

impl Shown {
    fn all(n_rows: u64, columns: &SchemaRef) -> Self {
        let n_columns = columns.fields().len();
        Self {
            n_rows,
            n_rows_shown: n_rows,
            n_columns,
            n_columns_shown: n_columns,
        }
    }
}

/// Writes the rows of one result as they arrive.
pub(crate) trait Writer {
    /// Writes a batch; all have the columns the writer was made with.
    ///
    /// # Errors
    /// What the stream answers.
    fn write(&mut self, rows: &RecordBatch, out: &mut dyn Write) -> Result<()>;

    /// Writes what comes after the last row; called once.
    ///
    /// # Errors
    /// What the stream answers.
    fn finish(&mut self, out: &mut dyn Write) -> Result<Shown>;
}

/// Returns the writer of a text format for rows of these `columns`; a binary format is written as a table.
pub(crate) fn writer(format: Format, columns: &SchemaRef, screen: Screen) -> Box<dyn Writer> {
    match format {
        Format::Csv => Box::new(csv::Csv::new(columns)),
        Format::Json => Box::new(json::Json::array(columns)),
        Format::Ndjson => Box::new(json::Json::lines(columns)),
        Format::Markdown => Box::new(markdown::Markdown::new(columns)),
        _ if plan::is_plan(columns) => Box::new(plan::Plan::new(columns)),
        Format::Table | Format::Parquet | Format::Xlsx => {
            Box::new(table::Table::new(columns, screen))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_of_a_file_decides_the_format() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a.csv"), Some(Format::Csv));
        assert_eq!(of("a.JSONL"), Some(Format::Ndjson));
        assert_eq!(of("a.md"), Some(Format::Markdown));
        assert_eq!(of("a.b.xlsx"), Some(Format::Xlsx));
        assert_eq!(of("a.txt"), Some(Format::Table));
        assert_eq!(of("csv"), None);
    }
}

#[cfg(test)]
mod test_rows {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    /// Rows of text.
    pub(super) fn batch(columns: &[&str], rows: &[&[Option<&str>]]) -> RecordBatch {
        let fields: Vec<_> = columns
            .iter()
            .map(|name| Field::new(*name, DataType::Utf8, true))
            .collect();
        let column = |n: usize| -> ArrayRef {
            Arc::new(rows.iter().map(|row| row[n]).collect::<StringArray>())
        };
        let arrays = (0..columns.len()).map(column).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
    }

    /// What a writer makes of one batch.
    pub(super) fn written(mut writer: impl Writer, rows: &RecordBatch) -> String {
        let mut out = Vec::new();
        writer.write(rows, &mut out).unwrap();
        writer.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}
