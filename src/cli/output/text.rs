//! One value as text, the way `DuckDB` casts it to VARCHAR.

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, StructArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, IntervalUnit, Time64MicrosecondType, Time64NanosecondType,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::calendar::{self, Style};
use crate::diagnostic::Result;

/// Returns whether the value at `row` is NULL, also where Arrow keeps no mask of its own for that.
pub(super) fn is_null(array: &dyn Array, row: usize) -> bool {
    match array.data_type() {
        DataType::Null => true,
        DataType::Union(_, _) => {
            inside(array, row).is_some_and(|(value, row)| is_null(&value, row))
        }
        _ => array.is_null(row),
    }
}

/// Appends the value at `row`; a NULL appends nothing.
///
/// # Errors
/// When Arrow holds a value outside its own type.
pub(super) fn value(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    if is_null(array, row) {
        return Ok(());
    }
    match array.data_type() {
        DataType::Null => {}
        DataType::Float32 => float(&array.as_primitive::<Float32Type>().value(row), out)?,
        DataType::Float64 => float(&array.as_primitive::<Float64Type>().value(row), out)?,
        DataType::Utf8 => out.push_str(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => out.push_str(array.as_string::<i64>().value(row)),
        DataType::Utf8View => out.push_str(array.as_string_view().value(row)),
        DataType::Struct(_) => structure(array.as_struct(), row, out)?,
        DataType::Map(_, _) => map(array.as_map(), row, out)?,
        _ => {
            if let Some(bytes) = bytes(array, row) {
                blob(bytes, out)?;
            } else if let Some(items) = items(array, row) {
                list(&items, out)?;
            } else if let Some((inside, row)) = inside(array, row) {
                value(&inside, row, out)?;
            } else if !moment(array, row, Style::Sql, out)? && !number(array, row, out)? {
                other(array, row, out)?;
            }
        }
    }
    Ok(())
}

/// Appends a whole number, decimal or truth value; returns whether it was one.
pub(super) fn number(array: &dyn Array, row: usize, out: &mut String) -> Result<bool> {
    match array.data_type() {
        DataType::Boolean => write!(out, "{}", array.as_boolean().value(row))?,
        DataType::Int8 => write!(out, "{}", array.as_primitive::<Int8Type>().value(row))?,
        DataType::Int16 => write!(out, "{}", array.as_primitive::<Int16Type>().value(row))?,
        DataType::Int32 => write!(out, "{}", array.as_primitive::<Int32Type>().value(row))?,
        DataType::Int64 => write!(out, "{}", array.as_primitive::<Int64Type>().value(row))?,
        DataType::UInt8 => write!(out, "{}", array.as_primitive::<UInt8Type>().value(row))?,
        DataType::UInt16 => write!(out, "{}", array.as_primitive::<UInt16Type>().value(row))?,
        DataType::UInt32 => write!(out, "{}", array.as_primitive::<UInt32Type>().value(row))?,
        DataType::UInt64 => write!(out, "{}", array.as_primitive::<UInt64Type>().value(row))?,
        DataType::Decimal128(_, _) => {
            out.push_str(&array.as_primitive::<Decimal128Type>().value_as_string(row));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Appends a date, time, instant or interval; returns whether it was one.
pub(super) fn moment(
    array: &dyn Array,
    row: usize,
    style: Style,
    out: &mut String,
) -> Result<bool> {
    let (value, per_second) = match array.data_type() {
        DataType::Date32 => {
            calendar::date(array.as_primitive::<Date32Type>().value(row), out)?;
            return Ok(true);
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            calendar::interval(value.months, value.days, value.nanoseconds, out)?;
            return Ok(true);
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            calendar::time(
                array.as_primitive::<Time64MicrosecondType>().value(row),
                1_000_000,
                out,
            )?;
            return Ok(true);
        }
        DataType::Time64(TimeUnit::Nanosecond) => {
            calendar::time(
                array.as_primitive::<Time64NanosecondType>().value(row),
                1_000_000_000,
                out,
            )?;
            return Ok(true);
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            (array.as_primitive::<TimestampSecondType>().value(row), 1)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => (
            array.as_primitive::<TimestampMillisecondType>().value(row),
            1_000,
        ),
        DataType::Timestamp(TimeUnit::Microsecond, _) => (
            array.as_primitive::<TimestampMicrosecondType>().value(row),
            1_000_000,
        ),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => (
            array.as_primitive::<TimestampNanosecondType>().value(row),
            1_000_000_000,
        ),
        _ => return Ok(false),
    };
    match array.data_type() {
        DataType::Timestamp(_, Some(zone)) => {
            calendar::timestamp_in((value, per_second), zone, style, out)?;
        }
        _ => calendar::timestamp(value, per_second, style, out)?,
    }
    Ok(true)
}

/// Appends a value of a type that has no text of its own here, as Arrow writes it.
pub(super) fn other(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
    write!(out, "{}", formatter.value(row))?;
    Ok(())
}

/// Returns the bytes of a blob.
pub(super) fn bytes(array: &dyn Array, row: usize) -> Option<&[u8]> {
    match array.data_type() {
        DataType::Binary => Some(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => Some(array.as_fixed_size_binary().value(row)),
        _ => None,
    }
}

/// Returns the values of a list or array.
pub(super) fn items(array: &dyn Array, row: usize) -> Option<ArrayRef> {
    match array.data_type() {
        DataType::List(_) => Some(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => Some(array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(_, _) => Some(array.as_fixed_size_list().value(row)),
        _ => None,
    }
}

/// Returns where the value of an enum or a union really is.
pub(super) fn inside(array: &dyn Array, row: usize) -> Option<(ArrayRef, usize)> {
    let DataType::Dictionary(key, _) = array.data_type() else {
        let union = array.as_union_opt()?;
        return Some((
            union.child(union.type_id(row)).clone(),
            union.value_offset(row),
        ));
    };
    let values = array.as_any_dictionary().values().clone();
    let key = match key.as_ref() {
        DataType::UInt8 => array.as_dictionary::<UInt8Type>().key(row)?,
        DataType::UInt16 => array.as_dictionary::<UInt16Type>().key(row)?,
        DataType::UInt32 => array.as_dictionary::<UInt32Type>().key(row)?,
        _ => return None,
    };
    Some((values, key))
}

fn float(value: &impl std::fmt::Debug, out: &mut String) -> Result<()> {
    let start = out.len();
    write!(out, "{value:?}")?;
    if out.ends_with("NaN") {
        out.replace_range(start.., "nan");
    }
    Ok(())
}

fn blob(bytes: &[u8], out: &mut String) -> Result<()> {
    for byte in bytes {
        match byte {
            b' '..=b'~' if !b"\\'\"".contains(byte) => out.push(char::from(*byte)),
            _ => write!(out, "\\x{byte:02X}")?,
        }
    }
    Ok(())
}

fn list(items: &dyn Array, out: &mut String) -> Result<()> {
    out.push('[');
    for row in 0..items.len() {
        if row > 0 {
            out.push_str(", ");
        }
        nested(items, row, out)?;
    }
    out.push(']');
    Ok(())
}

fn structure(array: &StructArray, row: usize, out: &mut String) -> Result<()> {
    out.push('{');
    for (n, (field, column)) in array.fields().iter().zip(array.columns()).enumerate() {
        let comma = if n > 0 { ", " } else { "" };
        write!(out, "{comma}'{}': ", field.name())?;
        nested(column, row, out)?;
    }
    out.push('}');
    Ok(())
}

fn map(array: &MapArray, row: usize, out: &mut String) -> Result<()> {
    let entries = array.value(row);
    out.push('{');
    for entry in 0..entries.len() {
        if entry > 0 {
            out.push_str(", ");
        }
        nested(entries.column(0), entry, out)?;
        out.push('=');
        nested(entries.column(1), entry, out)?;
    }
    out.push('}');
    Ok(())
}

/// Appends a value inside another one: NULL is named, text that could be mistaken for structure is quoted.
fn nested(array: &dyn Array, row: usize, out: &mut String) -> Result<()> {
    if is_null(array, row) {
        out.push_str("NULL");
        return Ok(());
    }
    let start = out.len();
    value(array, row, out)?;
    let text = &out[start..];
    let is_text = matches!(
        array.data_type(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _)
    );
    let misleading = text.is_empty()
        || text.eq_ignore_ascii_case("null")
        || text.trim() != text
        || text.contains(['\'', '"', ',', '[', ']', '{', '}', '(', ')', '=', ':', '\\']);
    if is_text && misleading {
        let quoted = format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        out.replace_range(start.., &quoted);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, Float64Array, ListArray, StringArray};
    use arrow::datatypes::Field;

    use super::*;

    fn text(array: &dyn Array, row: usize) -> String {
        let mut out = String::new();
        value(array, row, &mut out).unwrap();
        out
    }

    #[test]
    fn numbers_are_written_shortest_and_not_a_number_in_lower_case() {
        let floats = Float64Array::from(vec![0.1 + 0.2, 1.0, 1e300, f64::NAN, f64::NEG_INFINITY]);
        let texts: Vec<_> = (0..5).map(|row| text(&floats, row)).collect();
        assert_eq!(
            texts,
            ["0.30000000000000004", "1.0", "1e300", "nan", "-inf"]
        );
    }

    #[test]
    fn text_in_a_list_is_quoted_where_it_could_mislead() {
        let words = StringArray::from(vec![Some("a"), Some("b, c"), Some(""), Some("null"), None]);
        let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([5]);
        let list = ListArray::new(item, offsets, Arc::new(words), None);
        assert_eq!(text(&list, 0), "[a, 'b, c', '', 'null', NULL]");
    }

    #[test]
    fn bytes_that_are_no_plain_letters_are_escaped() {
        let blob = BinaryArray::from(vec![&b"a'\\\x00\xff"[..]]);
        assert_eq!(text(&blob, 0), r"a\x27\x5C\x00\xFF");
    }
}
