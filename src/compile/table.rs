//! Query results as templates see them: `run_query(…)`, `load_result('main').table`.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use crate::diagnostic::Result;
use crate::engine::RecordBatch;
use crate::jinja;

/// A result in the shape of dbt's agate tables.
#[derive(Debug)]
pub struct TableObject {
    names: Arc<Vec<String>>,
    rows: Vec<Value>,
    columns: Vec<Value>,
}

impl TableObject {
    /// Wraps a result.
    ///
    /// # Errors
    /// `Bug` for a type that cannot be shown.
    pub fn value(batch: &RecordBatch) -> Result<Value> {
        let names: Vec<String> = batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let names = Arc::new(names);
        let columns: Vec<Vec<Value>> = batch.columns().iter().map(cells).collect::<Result<_>>()?;
        let rows = (0..batch.num_rows()).map(|row| {
            let cells = columns.iter().map(|column| column[row].clone()).collect();
            Value::from_object(RowObject {
                names: names.clone(),
                cells,
            })
        });
        let rows = rows.collect();
        let columns = names.iter().zip(&columns).map(|(name, cells)| {
            Value::from_object(ColumnObject {
                name: name.clone(),
                cells: cells.clone(),
            })
        });
        let columns = columns.collect();
        Ok(Value::from_object(Self {
            names,
            rows,
            columns,
        }))
    }
}

fn cells(column: &Arc<dyn Array>) -> Result<Vec<Value>> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let whole = matches!(
        column.data_type(),
        DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
    );
    let integers = whole
        .then(|| arrow::compute::cast(column, &DataType::Int64))
        .transpose()?;
    let cell = |row: usize| {
        if column.is_null(row) {
            return Value::from(());
        }
        if let Some(integers) = &integers {
            return Value::from(integers.as_primitive::<Int64Type>().value(row));
        }
        match column.data_type() {
            DataType::Boolean => Value::from(column.as_boolean().value(row)),
            DataType::Float64 => Value::from(column.as_primitive::<Float64Type>().value(row)),
            DataType::Float32 => {
                Value::from(f64::from(column.as_primitive::<Float32Type>().value(row)))
            }
            DataType::Decimal128(_, 0) => {
                Value::from(column.as_primitive::<Decimal128Type>().value(row))
            }
            DataType::Decimal128(..) => {
                let text = formatter.value(row).to_string();
                text.parse::<f64>()
                    .map_or_else(|_| Value::from(text), Value::from)
            }
            _ => Value::from(formatter.value(row).to_string()),
        }
    };
    Ok((0..column.len()).map(cell).collect())
}

impl Object for TableObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.rows.clone())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("rows") => Some(jinja::list(self.rows.clone())),
            Some("columns") => Some(Value::from_object(ColumnsObject(self.clone()))),
            Some("column_names") => Some(jinja::list(self.names.iter().map(Value::from))),
            Some(_) => None,
            None => self.rows.get(key.as_usize()?).cloned(),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "print_table" => Ok(Value::from("")),
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("a result has no method `{name}`"),
            )),
        }
    }
}

/// All columns, by position or name.
#[derive(Debug)]
struct ColumnsObject(Arc<TableObject>);

impl Object for ColumnsObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.columns.clone())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = position(&self.0.names, key)?;
        self.0.columns.get(at).cloned()
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "values" => Ok(jinja::list(self.0.columns.clone())),
            "keys" => Ok(jinja::list(self.0.names.iter().map(Value::from))),
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("columns have no method `{name}`"),
            )),
        }
    }
}

fn position(names: &[String], key: &Value) -> Option<usize> {
    match key.as_str() {
        Some(name) => names.iter().position(|own| own.eq_ignore_ascii_case(name)),
        None => key.as_usize(),
    }
}

/// One column.
#[derive(Debug)]
struct ColumnObject {
    name: String,
    cells: Vec<Value>,
}

impl Object for ColumnObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.cells.clone())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("name") => Some(Value::from(&self.name)),
            Some(_) => None,
            None => self.cells.get(key.as_usize()?).cloned(),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "values" => Ok(jinja::list(self.cells.clone())),
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("a column has no method `{name}`"),
            )),
        }
    }
}

/// One row: cells by position or by column name.
#[derive(Debug)]
struct RowObject {
    names: Arc<Vec<String>>,
    cells: Vec<Value>,
}

impl Object for RowObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.cells.clone())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.cells.get(position(&self.names, key)?).cloned()
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (name, args) {
            ("values", []) => Ok(jinja::list(self.cells.clone())),
            ("keys", []) => Ok(jinja::list(self.names.iter().map(Value::from))),
            ("get", [key, rest @ ..]) => {
                let default = rest.first().cloned().unwrap_or(Value::from(()));
                Ok(self.get_value(key).unwrap_or(default))
            }
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("a row has no method `{name}`"),
            )),
        }
    }
}
