//! Cells of a result as template values: what Python's driver and agate make of them.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type};
use arrow::datatypes::{Time64MicrosecondType, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::civil;
use minijinja::value::Value;

use crate::diagnostic::Result;
use crate::jinja;
use crate::jinja::Decimal;
use crate::jinja::modules::datetime;

/// What agate calls the type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
    Date,
    DateTime,
    Boolean,
    TimeDelta,
}

impl Kind {
    /// Returns agate's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Integer => "Integer",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::DateTime => "DateTime",
            Self::Boolean => "Boolean",
            Self::TimeDelta => "TimeDelta",
        }
    }

    /// Returns the SQL type that dbt makes of it.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "float8",
            Self::Date => "date",
            Self::DateTime => "timestamp without time zone",
            Self::Boolean => "boolean",
            Self::TimeDelta => "time",
        }
    }

    /// Returns what agate makes of a type; a column of nulls is of integers.
    pub(super) fn of(column: &dyn Array) -> Self {
        if column.null_count() == column.len() {
            return Self::Integer;
        }
        match column.data_type() {
            DataType::Boolean => Self::Boolean,
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Number,
            DataType::Decimal128(_, 0) => Self::Integer,
            DataType::Decimal128(..) => Self::Number,
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Timestamp(..) => Self::DateTime,
            DataType::Interval(_) | DataType::Duration(_) => Self::TimeDelta,
            kind if kind.is_integer() => Self::Integer,
            _ => Self::Text,
        }
    }
}

/// Reads all cells of a column.
pub(super) fn cells(column: &Arc<dyn Array>) -> Result<Vec<Value>> {
    let read = reader(column)?;
    let is_nothing = column.data_type() == &DataType::Null;
    let cell = |row: usize| match is_nothing || column.is_null(row) {
        true => Value::from(()),
        false => read(row),
    };
    Ok((0..column.len()).map(cell).collect())
}

/// A function from a row's number to its value.
type Reader<'a> = Box<dyn Fn(usize) -> Value + 'a>;

fn reader(column: &Arc<dyn Array>) -> Result<Reader<'_>> {
    Ok(match column.data_type() {
        DataType::Boolean => Box::new(|row| Value::from(column.as_boolean().value(row))),
        DataType::Float64 => {
            Box::new(|row| Decimal::value_of_float(column.as_primitive::<Float64Type>().value(row)))
        }
        DataType::Float32 => Box::new(|row| {
            let number = column.as_primitive::<Float32Type>().value(row);
            Decimal::value_of_float(f64::from(number))
        }),
        DataType::Decimal128(_, 0) => {
            Box::new(|row| Value::from(column.as_primitive::<Decimal128Type>().value(row)))
        }
        DataType::Date32 => Box::new(|row| {
            let days = column.as_primitive::<Date32Type>().value(row);
            let day = civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days));
            day.map_or_else(|_| shown(column, row), datetime::date)
        }),
        DataType::Timestamp(_, zone) => timestamps(column, zone.is_some())?,
        DataType::Time64(_) => {
            let micros = arrow::compute::cast(
                column,
                &DataType::Time64(arrow::datatypes::TimeUnit::Microsecond),
            )?;
            Box::new(move |row| {
                let micros = micros.as_primitive::<Time64MicrosecondType>().value(row);
                let time =
                    civil::Time::midnight().checked_add(jiff::SignedDuration::from_micros(micros));
                time.map_or_else(|_| shown(column, row), datetime::time)
            })
        }
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::Struct(_)
        | DataType::Map(..) => Box::new(|row| {
            Value::from(jinja::json_text(
                &jinja::from_json(&json(column, row)),
                false,
                None,
            ))
        }),
        kind if kind.is_integer() && *kind != DataType::UInt64 => {
            let integers = arrow::compute::cast(column, &DataType::Int64)?;
            Box::new(move |row| Value::from(integers.as_primitive::<Int64Type>().value(row)))
        }
        DataType::UInt64 => Box::new(|row| {
            let text = jinja::text(&shown(column, row));
            text.parse::<u64>()
                .map_or_else(|_| Value::from(text), Value::from)
        }),
        DataType::Decimal128(..) | DataType::Decimal256(..) => Box::new(|row| {
            let text = jinja::text(&shown(column, row));
            let number = Decimal::parse(&text);
            number.map_or_else(|| Value::from(text), Value::from_object)
        }),
        _ => Box::new(|row| shown(column, row)),
    })
}

fn timestamps(column: &Arc<dyn Array>, has_zone: bool) -> Result<Reader<'_>> {
    let unit = arrow::datatypes::TimeUnit::Microsecond;
    let micros = arrow::compute::cast(column, &DataType::Timestamp(unit, None))?;
    Ok(Box::new(move |row| {
        let micros = micros.as_primitive::<TimestampMicrosecondType>().value(row);
        match jiff::Timestamp::from_microsecond(micros) {
            Ok(at) if has_zone => datetime::instant(at),
            Ok(at) => datetime::datetime(jiff::tz::Offset::UTC.to_datetime(at)),
            Err(_) => shown(column, row),
        }
    }))
}

/// Returns a cell as text.
fn shown(column: &Arc<dyn Array>, row: usize) -> Value {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options);
    Value::from(
        formatter
            .map(|formatter| formatter.value(row).to_string())
            .unwrap_or_default(),
    )
}

/// Returns a nested cell as JSON.
fn json(column: &Arc<dyn Array>, row: usize) -> serde_json::Value {
    let all = |column: &Arc<dyn Array>| -> serde_json::Value {
        (0..column.len()).map(|row| json(column, row)).collect()
    };
    if column.is_null(row) {
        return serde_json::Value::Null;
    }
    match column.data_type() {
        DataType::List(_) => all(&column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => all(&column.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => all(&column.as_fixed_size_list().value(row)),
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            let pairs = fields.iter().zip(columns);
            let pairs = pairs.map(|(field, column)| (field.name().clone(), json(column, row)));
            serde_json::Value::Object(pairs.collect())
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let pair = |at: usize| (jinja::text(&value(keys, at)), json(values, at));
            serde_json::Value::Object((0..entries.len()).map(pair).collect())
        }
        _ => jinja::to_json(&value(column, row)),
    }
}

fn value(column: &Arc<dyn Array>, row: usize) -> Value {
    reader(column).map_or_else(|_| shown(column, row), |read| read(row))
}
