//! Between rows and the template engine's values; with `template`, all that knows the engine.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};

use super::args::Arg;
use super::frame::{Cell, Frame};
use super::page::Page;
use crate::diagnostic::Result;

/// Rows as the text sees them: a list of dicts that also knows its columns when it is empty.
#[derive(Debug)]
struct RowList {
    frame: Frame,
    rows: Vec<Value>,
}

impl Object for RowList {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.rows.get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.rows.len())
    }
}

pub(super) fn rows_value(frame: Frame) -> Value {
    let row = |cells: &Vec<Cell>| {
        let pairs = frame.columns.iter().zip(cells);
        Value::from_pairs(pairs.map(|(name, cell)| (name.clone(), cell_value(cell))))
    };
    let rows = frame.rows.iter().map(row).collect();
    Value::from_object(RowList { rows, frame })
}

fn cell_value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::from(()),
        Cell::Bool(value) => Value::from(*value),
        Cell::Int(value) => Value::from(*value),
        Cell::Float(value) => Value::from(*value),
        Cell::Text(text) => Value::from(text.as_str()),
    }
}

pub(super) fn json_value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(value) => Value::from(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(list) => list.iter().map(json_value).collect(),
        serde_json::Value::Object(map) => Value::from_pairs(
            map.iter()
                .map(|(key, value)| (key.clone(), json_value(value))),
        ),
    }
}

/// Returns one value as a cell, or `None` for lists, dicts and what is undefined.
pub(super) fn cell_of(value: &Value) -> Option<Cell> {
    match value.kind() {
        ValueKind::None => Some(Cell::Null),
        ValueKind::Bool => Some(Cell::Bool(value.is_true())),
        ValueKind::Number => match value.as_i64().filter(|_| value.is_integer()) {
            Some(whole) => Some(Cell::Int(whole)),
            None => f64::try_from(value.clone()).ok().map(Cell::Float),
        },
        ValueKind::String => value.as_str().map(|text| Cell::Text(text.into())),
        _ => None,
    }
}

/// Turns an argument into ours; texts that were rendered before (`{% set %}` blocks, macros) get their values back.
pub(super) fn arg_of(value: &Value, page: &Page) -> Result<Arg> {
    if let Some(list) = value.downcast_object_ref::<RowList>() {
        return Ok(Arg::Rows(list.frame.clone()));
    }
    if let Some(cell) = cell_of(value) {
        return Ok(Arg::Cell(match cell {
            Cell::Text(text) if value.is_safe() => Cell::Text(page.plain(&text)),
            other => other,
        }));
    }
    match value.kind() {
        ValueKind::Undefined => Ok(Arg::Undefined),
        ValueKind::Map => Ok(Arg::Dict(pairs(value)?)),
        _ => list_of(value),
    }
}

fn list_of(value: &Value) -> Result<Arg> {
    let items = value.try_iter()?.collect::<Vec<_>>();
    if items
        .first()
        .is_none_or(|item| item.kind() != ValueKind::Map)
    {
        return Ok(Arg::List(
            items
                .iter()
                .map(|item| cell_of(item).unwrap_or(Cell::Null))
                .collect(),
        ));
    }
    let mut frame = Frame::default();
    for item in items {
        let pairs = pairs(&item)?;
        if frame.columns.is_empty() {
            frame.columns = pairs.iter().map(|(name, _)| name.clone()).collect();
        }
        let cell = |name: &String| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map_or(Cell::Null, |(_, cell)| cell.clone())
        };
        frame.rows.push(frame.columns.iter().map(cell).collect());
    }
    Ok(Arg::Rows(frame))
}

fn pairs(map: &Value) -> Result<Vec<(String, Cell)>> {
    let mut pairs = Vec::new();
    for key in map.try_iter()? {
        let value = map.get_item(&key)?;
        pairs.push((key.to_string(), cell_of(&value).unwrap_or(Cell::Null)));
    }
    Ok(pairs)
}
