//! Rows of a query by the names of their columns.

use crate::report::frame::{Cell, Frame};

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    frame: &'a Frame,
    cells: &'a [Cell],
}

/// Returns the rows of a frame in order.
pub(super) fn rows(frame: &Frame) -> impl Iterator<Item = Row<'_>> {
    frame.rows.iter().map(move |cells| Row { frame, cells })
}

impl<'a> Row<'a> {
    fn cell(&self, column: &str) -> &'a Cell {
        let at = self.frame.position(column);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Null)
    }

    /// Returns a column's text; empty for NULL.
    pub(super) fn text(&self, column: &str) -> String {
        shown(self.cell(column))
    }

    /// Returns a column's text, `None` for NULL and for empty text.
    pub(super) fn said(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Returns a column's whole number, `None` for NULL and for what is none.
    pub(super) fn int(&self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Cell::Int(value) => Some(*value),
            Cell::Float(value) if value.is_finite() => Some(*value as i64),
            _ => None,
        }
    }

    /// Returns a column's number, `None` for NULL and for what is none.
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.cell(column).number()
    }

    /// Returns whether a column is true.
    pub(super) fn is(&self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Bool(true))
    }
}

/// Writes a value as text; nothing for NULL.
pub(super) fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
    }
}

/// Returns the rows as JSON objects.
pub(super) fn objects(frame: &Frame) -> Vec<serde_json::Value> {
    let object = |cells: &Vec<Cell>| {
        let pairs = frame.columns.iter().zip(cells);
        let pairs = pairs.map(|(name, cell)| (name.clone(), json(cell)));
        serde_json::Value::Object(pairs.collect())
    };
    frame.rows.iter().map(object).collect()
}

fn json(cell: &Cell) -> serde_json::Value {
    match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Bool(value) => (*value).into(),
        Cell::Int(value) => (*value).into(),
        Cell::Float(value) => (*value).into(),
        Cell::Text(text) => text.as_str().into(),
    }
}
