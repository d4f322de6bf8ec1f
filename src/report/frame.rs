//! Rows of a query in memory: named columns, plain cells. Bounded by its caller; knows no template and no chart.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::diagnostic::Result;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number; may be infinite or not a number.
    Float(f64),
    /// Everything else as text; dates and timestamps in ISO 8601 (`2024-03-01`, `2024-03-01T10:00:00`).
    Text(String),
}

impl Cell {
    /// Returns the finite number in it, or `None` for NULL, NaN, infinities, and what is no number.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) if value.is_finite() => Some(*value),
            _ => None,
        }
    }

    /// Returns the instant that its ISO text names, in seconds since 1970-01-01, zone ignored.
    #[must_use]
    pub fn instant(&self) -> Option<f64> {
        let Self::Text(text) = self else { return None };
        parse_instant(text)
    }

    /// Returns whether it can stand in a numeric column: a number, or NULL.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Null | Self::Int(_) | Self::Float(_))
    }
}

/// Reads `2024-03-01`, `2024-03-01 10:00:00` or `2024-03-01T10:00:00.5Z` as seconds since 1970-01-01.
pub(super) fn parse_instant(text: &str) -> Option<f64> {
    let starts_as_date =
        text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if !starts_as_date {
        return None;
    }
    let local = text
        .trim_end_matches('Z')
        .parse::<jiff::civil::DateTime>()
        .ok()?;
    let since = local - jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    since
        .total(jiff::SpanTotal::from(jiff::Unit::Second).days_are_24_hours())
        .ok()
}

/// Rows with named columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

impl Frame {
    /// Creates a frame without rows.
    #[must_use]
    pub fn new(columns: Vec<String>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Returns the position of a column; names ignore case, as SQL's.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|name| name.eq_ignore_ascii_case(column))
    }

    /// Returns the cells of the column at `position`, top to bottom.
    pub fn cells(&self, position: usize) -> impl Iterator<Item = &Cell> {
        self.rows.iter().map(move |row| &row[position])
    }

    /// Adds the rows of a record batch; the first one gives the columns.
    ///
    /// # Errors
    /// When a value has no textual form.
    pub fn extend(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = batch
                .schema()
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect();
        }
        let columns = batch
            .columns()
            .iter()
            .map(cells_of)
            .collect::<Result<Vec<_>>>()?;
        let mut columns = columns.into_iter().map(Vec::into_iter).collect::<Vec<_>>();
        for _ in 0..batch.num_rows() {
            self.rows
                .push(columns.iter_mut().filter_map(Iterator::next).collect());
        }
        Ok(())
    }
}

fn cells_of(array: &ArrayRef) -> Result<Vec<Cell>> {
    match array.data_type() {
        DataType::Boolean => Ok(array
            .as_boolean()
            .iter()
            .map(|value| value.map_or(Cell::Null, Cell::Bool))
            .collect()),
        DataType::UInt64 => Ok(float_cells(array)?),
        kind if kind.is_integer() => {
            let wide = arrow::compute::cast(array, &DataType::Int64)?;
            let wide = wide.as_primitive::<Int64Type>();
            Ok(wide
                .iter()
                .map(|value| value.map_or(Cell::Null, Cell::Int))
                .collect())
        }
        // A sum of integers is a decimal without digits after the point: a whole number where it fits.
        DataType::Decimal128(_, 0) | DataType::Decimal256(_, 0) => {
            let floats = float_cells(array)?;
            Ok(floats.into_iter().map(whole_if_exact).collect())
        }
        kind if kind.is_floating()
            || matches!(kind, DataType::Decimal128(..) | DataType::Decimal256(..)) =>
        {
            float_cells(array)
        }
        _ => text_cells(array),
    }
}

fn float_cells(array: &ArrayRef) -> Result<Vec<Cell>> {
    let wide = arrow::compute::cast(array, &DataType::Float64)?;
    let wide = wide.as_primitive::<Float64Type>();
    Ok(wide
        .iter()
        .map(|value| value.map_or(Cell::Null, Cell::Float))
        .collect())
}

/// Above 2^53 a float no longer holds every whole number, so the cell stays a float.
fn whole_if_exact(cell: Cell) -> Cell {
    match cell {
        Cell::Float(value) if value.abs() <= 9_007_199_254_740_992.0 => Cell::Int(value as i64),
        other => other,
    }
}

fn text_cells(array: &ArrayRef) -> Result<Vec<Cell>> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options)?;
    let text = |row: usize| match array.is_null(row) {
        true => Ok(Cell::Null),
        false => Ok(Cell::Text(formatter.value(row).try_to_string()?)),
    };
    (0..array.len()).map(text).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Decimal128Array, Int32Array};

    use super::*;

    #[test]
    fn integers_sums_dates_and_nulls_become_plain_cells() {
        let sums = Decimal128Array::from(vec![Some(12), None])
            .with_precision_and_scale(38, 0)
            .unwrap();
        let prices = Decimal128Array::from(vec![Some(1250), Some(-5)])
            .with_precision_and_scale(10, 2)
            .unwrap();
        let batch = RecordBatch::try_from_iter([
            (
                "n",
                Arc::new(Int32Array::from(vec![Some(7), None])) as ArrayRef,
            ),
            ("total", Arc::new(sums)),
            ("price", Arc::new(prices)),
            ("day", Arc::new(Date32Array::from(vec![19_783, 0]))),
        ])
        .unwrap();
        let mut frame = Frame::default();
        frame.extend(&batch).unwrap();
        assert_eq!(frame.columns, ["n", "total", "price", "day"]);
        let first = [
            Cell::Int(7),
            Cell::Int(12),
            Cell::Float(12.5),
            Cell::Text("2024-03-01".into()),
        ];
        let second = [
            Cell::Null,
            Cell::Null,
            Cell::Float(-0.05),
            Cell::Text("1970-01-01".into()),
        ];
        assert_eq!(frame.rows, [first, second]);
    }

    #[test]
    fn iso_dates_are_instants_and_other_text_is_not() {
        let instant = |text: &str| Cell::Text(text.into()).instant();
        assert_eq!(instant("1970-01-02"), Some(86_400.0));
        assert_eq!(instant("1970-01-01T00:00:10"), Some(10.0));
        assert_eq!(instant("1969-12-31 23:59:59"), Some(-1.0));
        assert_eq!(instant("1970-01-01T00:00:10.5Z"), Some(10.5));
        assert_eq!(instant("P104"), None);
        assert_eq!(instant("15-01-2023 x"), None);
        assert_eq!(instant("2023-13-40"), None);
        assert_eq!(instant("Zürich-öl-x"), None);
    }
}
