//! Builds Arrow batches row by row, each with its file, line and time. Knows no format.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Array, Int64Builder, RecordBatch,
    StringBuilder, StringViewArray, TimestampMicrosecondArray, TimestampMicrosecondBuilder,
    make_view,
};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::super::types::{Column, EXACT_IN_DOUBLE, Type};
use super::{Source, Target};
use crate::diagnostic::Result;

/// A value that does not fit its column: the columns have to be surveyed in full.
#[derive(Debug)]
pub(in crate::ingest) struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value does not fit its column's type")
    }
}

impl std::error::Error for Misfit {}

/// A value on its way into a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01.
    Timestamp(i64),
    Text(&'a str),
}

/// What every batch of a file has in common.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) schema: SchemaRef,
    columns: Vec<Column>,
    file: Buffer,
    position: i64,
    loaded_at: i64,
    pub(super) staged: bool,
}

impl Shape {
    /// Describes batches of `columns` for `target`, whose types they take.
    pub(super) fn new(file: &Source<'_>, target: &Target<'_>, columns: &[Column]) -> Self {
        let in_target = |column: &Column| {
            let found = target
                .columns
                .iter()
                .find(|known| known.is_called(&column.name));
            Column::new(
                &*column.name,
                found.map_or(Type::Text, |known| known.ty.clone()),
            )
        };
        let columns: Vec<Column> = columns.iter().map(in_target).collect();
        let mut fields: Vec<Field> = columns
            .iter()
            .map(|column| Field::new(&*column.name, arrow_type(&column.ty), true))
            .collect();
        fields.extend([
            Field::new("_wh_file", DataType::Utf8View, false),
            Field::new("_wh_line", DataType::Int64, false),
            Field::new(
                "_wh_loaded_at",
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                false,
            ),
        ]);
        if target.staged {
            fields.push(Field::new("_wh_raw", DataType::Utf8, true));
            fields.push(Field::new("_wh_position", DataType::Int64, false));
        }
        Self {
            schema: Arc::new(Schema::new(fields)),
            columns,
            file: Buffer::from(file.recorded.as_bytes()),
            position: i64::try_from(file.position).unwrap_or(i64::MAX),
            loaded_at: target.loaded_at.as_microsecond(),
            staged: target.staged,
        }
    }

    /// Returns the file's name `n_rows` times; its text is there once.
    fn files(&self, n_rows: usize) -> Result<StringViewArray> {
        let view = make_view(&self.file, 0, 0);
        let views = ScalarBuffer::from(vec![view; n_rows]);
        Ok(StringViewArray::try_new(
            views,
            vec![self.file.clone()],
            None,
        )?)
    }

    /// Returns the type of column `i`.
    pub(super) fn ty(&self, i: usize) -> &Type {
        &self.columns[i].ty
    }
}

/// Rows of one batch being built.
pub(super) struct Rows<'s> {
    shape: &'s Shape,
    columns: Vec<Builder>,
    lines: Vec<i64>,
    raw: StringBuilder,
}

impl<'s> Rows<'s> {
    /// Makes room for about `n_bytes` of text in all.
    pub(super) fn new(shape: &'s Shape, n_bytes: usize) -> Self {
        let each = n_bytes / (shape.columns.len() + 1);
        let columns = shape
            .columns
            .iter()
            .map(|column| Builder::new(&column.ty, each))
            .collect();
        Self {
            shape,
            columns,
            lines: Vec::new(),
            raw: StringBuilder::new(),
        }
    }

    /// Puts a value at the end of column `i`; every column needs one before [`Rows::end`].
    ///
    /// # Errors
    /// [`Misfit`] when the column's type does not hold it.
    pub(super) fn push(&mut self, i: usize, value: Value<'_>) -> Result<()> {
        self.columns[i].push(value)
    }

    /// Ends the row that began in `line`; `raw` is its record's text.
    pub(super) fn end(&mut self, line: u64, raw: &str) {
        self.lines.push(i64::try_from(line).unwrap_or(i64::MAX));
        if self.shape.staged {
            self.raw.append_value(raw);
        }
    }

    /// Returns the batch.
    pub(super) fn finish(mut self) -> Result<RecordBatch> {
        let n_rows = self.lines.len();
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Builder::finish).collect();
        arrays.push(Arc::new(self.shape.files(n_rows)?));
        arrays.push(Arc::new(Int64Array::from(self.lines)));
        let times = TimestampMicrosecondArray::from(vec![self.shape.loaded_at; n_rows]);
        arrays.push(Arc::new(times.with_timezone("UTC")));
        if self.shape.staged {
            arrays.push(Arc::new(self.raw.finish()));
            arrays.push(Arc::new(Int64Array::from(vec![
                self.shape.position;
                n_rows
            ])));
        }
        Ok(RecordBatch::try_new(
            Arc::clone(&self.shape.schema),
            arrays,
        )?)
    }
}

/// Returns the Arrow type values of `ty` travel in; what is not known here travels as text and is cast by the engine.
fn arrow_type(ty: &Type) -> DataType {
    match ty {
        Type::Boolean => DataType::Boolean,
        Type::Integer | Type::WideInteger => DataType::Int64,
        Type::Double => DataType::Float64,
        Type::Date => DataType::Date32,
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        Type::Null | Type::Json | Type::Text | Type::Other(_) => DataType::Utf8,
    }
}

enum Builder {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Double(Float64Builder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Builder {
    fn new(ty: &Type, n_bytes: usize) -> Self {
        match arrow_type(ty) {
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Int64 => Self::Integer(Int64Builder::new()),
            DataType::Float64 => Self::Double(Float64Builder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Timestamp(..) => Self::Timestamp(TimestampMicrosecondBuilder::new()),
            _ => Self::Text(StringBuilder::with_capacity(n_bytes / 8, n_bytes)),
        }
    }

    fn push(&mut self, value: Value<'_>) -> Result<()> {
        match (self, value) {
            (Self::Text(builder), Value::Text(value)) => builder.append_value(value),
            (Self::Text(builder), Value::Null) => builder.append_null(),
            (Self::Integer(builder), Value::Integer(value)) => builder.append_value(value),
            (Self::Integer(builder), Value::Null) => builder.append_null(),
            (Self::Double(builder), Value::Double(value)) => builder.append_value(value),
            (Self::Double(builder), Value::Integer(value))
                if value.unsigned_abs() <= EXACT_IN_DOUBLE =>
            {
                builder.append_value(value as f64);
            }
            (Self::Double(builder), Value::Null) => builder.append_null(),
            (Self::Boolean(builder), Value::Boolean(value)) => builder.append_value(value),
            (Self::Boolean(builder), Value::Null) => builder.append_null(),
            (Self::Date(builder), Value::Date(value)) => builder.append_value(value),
            (Self::Date(builder), Value::Null) => builder.append_null(),
            (Self::Timestamp(builder), Value::Timestamp(value)) => builder.append_value(value),
            (Self::Timestamp(builder), Value::Date(value)) => {
                builder.append_value(i64::from(value) * 86_400_000_000);
            }
            (Self::Timestamp(builder), Value::Null) => builder.append_null(),
            _ => return Err(Misfit.into()),
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Double(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
        }
    }
}
