//! Arrow columns become what Excel's cells can hold: numbers, truth values and text. Pure but for writing a row.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, StringArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::table::Column;
use super::names::cut;
use crate::diagnostic::Result;

/// The most characters of a cell, in UTF-16 units.
const MAX_CELL: usize = 32_767;
/// Days from Excel's day 0 to 1970-01-01.
const EPOCH: f64 = 25_569.0;
/// 1900-03-01: before it Excel counts a day that never was.
const FIRST_SERIAL: f64 = 61.0;
/// 10000-01-01: beyond Excel's calendar.
const END_SERIAL: f64 = 2_958_466.0;
const DAY_US: i64 = 86_400_000_000;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers; the scale is that of the type, `None` for floating-point ones.
    Number(Option<i8>),
    /// Days.
    Date,
    /// Instants and civil times.
    DateTime,
    /// Times of day.
    Time,
    /// Truth values.
    Bool,
    /// Text.
    Text,
}

/// One column of one batch, as cells.
#[derive(Debug)]
pub(super) enum Lane {
    /// Numbers, and what is written instead where a number is not finite.
    Numbers(Float64Array, Option<StringArray>),
    /// Truth values.
    Bools(BooleanArray),
    /// Text.
    Texts(StringArray),
}

impl Lane {
    /// Returns the text that a cell of text holds, and of a number that is none.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        let texts = match self {
            Self::Texts(texts) => texts,
            Self::Numbers(numbers, Some(texts)) if !numbers.value(row).is_finite() => texts,
            _ => return None,
        };
        texts.is_valid(row).then(|| texts.value(row))
    }
}

/// Returns whether Excel has no kind of cell for a column's type, so that the engine casts it to text.
pub(super) fn is_text_only(column: &Column) -> bool {
    const KNOWN: [&str; 21] = [
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "HUGEINT",
        "FLOAT",
        "DOUBLE",
        "DECIMAL",
        "VARCHAR",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "TIMESTAMP_S",
        "TIMESTAMP_MS",
        "TIMESTAMP_NS",
        "TIMESTAMP WITH TIME ZONE",
    ];
    let name = column.sql_type.split('(').next().unwrap_or_default();
    column.sql_type.ends_with(']') || !KNOWN.contains(&name)
}

/// Returns the kind of cells for an Arrow type.
pub(super) fn kind_of(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Boolean => Kind::Bool,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Kind::Number(None),
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Kind::Number(Some(*scale)),
        other if other.is_integer() => Kind::Number(Some(0)),
        DataType::Date32 | DataType::Date64 => Kind::Date,
        DataType::Timestamp(..) => Kind::DateTime,
        DataType::Time32(_) | DataType::Time64(_) => Kind::Time,
        _ => Kind::Text,
    }
}

/// Returns whether every value of an exact column has at most 15 significant digits, which is what a cell keeps.
///
/// # Errors
/// `Bug` when Arrow cannot cast.
pub(super) fn fits_a_number(array: &ArrayRef) -> Result<bool> {
    const FIRST_TOO_LONG: u128 = 1_000_000_000_000_000;
    let scale = match (kind_of(array.data_type()), array.data_type()) {
        (Kind::Number(_), DataType::Float16 | DataType::Float32 | DataType::Float64) => {
            return Ok(true);
        }
        (Kind::Number(Some(scale)), _) => scale,
        _ => return Ok(true),
    };
    let numbers = cast(array, &DataType::Decimal128(38, scale))?;
    let fits = |value: i128| {
        let mut digits = value.unsigned_abs();
        while digits >= FIRST_TOO_LONG && digits.is_multiple_of(10) {
            digits /= 10;
        }
        digits < FIRST_TOO_LONG
    };
    Ok(numbers
        .as_primitive::<Decimal128Type>()
        .iter()
        .flatten()
        .all(fits))
}

/// Returns one column of a batch as cells of `kind`.
///
/// # Errors
/// `Bug` when Arrow cannot cast.
pub(super) fn lane(array: &ArrayRef, kind: Kind) -> Result<Lane> {
    Ok(match kind {
        Kind::Text => Lane::Texts(texts(array)?),
        Kind::Bool => Lane::Bools(array.as_boolean().clone()),
        Kind::Number(_) => numbers(array)?,
        Kind::Date => {
            let days = cast(array, &DataType::Date32)?;
            let serial = |day: i32| in_calendar(f64::from(day) + EPOCH);
            dates(array, days.as_primitive::<Date32Type>().unary(serial))?
        }
        Kind::DateTime => {
            let zone = zone_of(array.data_type());
            let array = without_zone(array)?;
            let instants = cast(&array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let serial =
                |us: i64| in_calendar(days(us.saturating_add(offset_us(&zone, us))) + EPOCH);
            dates(
                &array,
                instants
                    .as_primitive::<TimestampMicrosecondType>()
                    .unary(serial),
            )?
        }
        Kind::Time => {
            let times = cast(
                &cast(array, &DataType::Time64(TimeUnit::Microsecond))?,
                &DataType::Int64,
            )?;
            Lane::Numbers(times.as_primitive::<Int64Type>().unary(days), None)
        }
    })
}

fn texts(array: &ArrayRef) -> Result<StringArray> {
    // What is outside of Arrow's calendar becomes NULL here instead of an error, and is named by `dates`.
    let options = CastOptions {
        safe: true,
        ..CastOptions::default()
    };
    Ok(cast_with_options(array, &DataType::Utf8, &options)?
        .as_string::<i32>()
        .clone())
}

fn numbers(array: &ArrayRef) -> Result<Lane> {
    let numbers = match array.data_type() {
        // By way of the shortest text, so that 0.1 stays 0.1.
        DataType::Float16 | DataType::Float32 => {
            cast(&cast(array, &DataType::Utf8)?, &DataType::Float64)?
        }
        _ => cast(array, &DataType::Float64)?,
    };
    let numbers = numbers.as_primitive::<Float64Type>().clone();
    let word = |number: f64| match (number.is_nan(), number > 0.0) {
        (true, _) => "NaN",
        (false, true) => "Infinity",
        (false, false) => "-Infinity",
    };
    let words =
        (!all_finite(&numbers)).then(|| numbers.iter().map(|number| number.map(word)).collect());
    Ok(Lane::Numbers(numbers, words))
}

/// Keeps the dates as they are written beside those that Excel's calendar does not have.
fn dates(array: &ArrayRef, serials: Float64Array) -> Result<Lane> {
    if all_finite(&serials) {
        return Ok(Lane::Numbers(serials, None));
    }
    let written = texts(array)?;
    let named = (0..array.len()).map(|row| match (array.is_valid(row), written.is_valid(row)) {
        (false, _) => None,
        (true, true) => Some(written.value(row)),
        (true, false) => Some("outside the calendar"),
    });
    let named = named.collect();
    Ok(Lane::Numbers(serials, Some(named)))
}

fn all_finite(numbers: &Float64Array) -> bool {
    numbers.iter().flatten().all(f64::is_finite)
}

fn in_calendar(serial: f64) -> f64 {
    match (FIRST_SERIAL..END_SERIAL).contains(&serial) {
        true => serial,
        false => f64::NAN,
    }
}

/// Returns microseconds as days, exact to the microsecond within Excel's calendar.
fn days(us: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "both parts are below 2^53")]
    let (whole, rest) = (us.div_euclid(DAY_US) as f64, us.rem_euclid(DAY_US) as f64);
    whole + rest / 86_400_000_000.0
}

/// Returns the zone in which instants of a type are shown; civil times have none.
pub(super) fn zone_of(data_type: &DataType) -> Option<TimeZone> {
    match data_type {
        DataType::Timestamp(_, Some(name)) => Some(TimeZone::get(name).unwrap_or(TimeZone::UTC)),
        _ => None,
    }
}

/// Returns the same instants as civil times in UTC; Arrow's own cast knows no names of zones.
fn without_zone(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            let ticks = cast(array, &DataType::Int64)?;
            Ok(cast(&ticks, &DataType::Timestamp(*unit, None))?)
        }
        _ => Ok(array.clone()),
    }
}

fn offset_us(zone: &Option<TimeZone>, us: i64) -> i64 {
    let (Some(zone), Ok(instant)) = (zone, Timestamp::from_microsecond(us)) else {
        return 0;
    };
    i64::from(zone.to_offset(instant).seconds()) * 1_000_000
}

/// Writes one row of `lanes` and returns how many of its cells were cut.
///
/// # Errors
/// What the writer answers.
pub(super) fn write_row(
    sheet: &mut Worksheet,
    target: u32,
    lanes: &[Lane],
    row: usize,
) -> Result<u64, XlsxError> {
    let mut n_cut = 0;
    for (column, lane) in (0..).zip(lanes) {
        match lane {
            Lane::Numbers(numbers, _) if numbers.is_null(row) => {}
            Lane::Numbers(numbers, _) if numbers.value(row).is_finite() => {
                sheet.write_number(target, column, numbers.value(row))?;
            }
            Lane::Bools(bools) => {
                if bools.is_valid(row) {
                    sheet.write_boolean(target, column, bools.value(row))?;
                }
            }
            Lane::Numbers(..) | Lane::Texts(_) => {
                if let Some(text) = lane.text(row) {
                    let (text, cut) = fitting(text);
                    sheet.write_string(target, column, text)?;
                    n_cut += u64::from(cut);
                }
            }
        }
    }
    Ok(n_cut)
}

/// Returns text as a cell can hold it, and whether it was cut.
fn fitting(text: &str) -> (std::borrow::Cow<'_, str>, bool) {
    if text.len() <= MAX_CELL || text.encode_utf16().count() <= MAX_CELL {
        return (text.into(), false);
    }
    let note = format!("… [cut, {} characters]", text.chars().count());
    let start = cut(text, MAX_CELL - note.encode_utf16().count());
    (format!("{start}{note}").into(), true)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Date32Array, Decimal128Array, Float32Array, Int64Array, TimestampMicrosecondArray,
    };

    use super::*;

    fn column(sql_type: &str) -> Column {
        Column {
            name: "c".into(),
            sql_type: sql_type.into(),
        }
    }

    #[test]
    fn nested_and_foreign_types_are_text() {
        for name in [
            "INTEGER[]",
            "STRUCT(a INTEGER)",
            "DECIMAL(18,2)[]",
            "UUID",
            "JSON",
            "INTERVAL",
            "UHUGEINT",
        ] {
            assert!(is_text_only(&column(name)), "{name}");
        }
        for name in [
            "INTEGER",
            "DECIMAL(18,2)",
            "TIMESTAMP WITH TIME ZONE",
            "HUGEINT",
        ] {
            assert!(!is_text_only(&column(name)), "{name}");
        }
    }

    #[test]
    fn a_number_has_at_most_15_digits() {
        let ints = |value: i64| -> ArrayRef {
            Arc::new(Int64Array::from(vec![Some(1), None, Some(value)]))
        };
        assert!(fits_a_number(&ints(999_999_999_999_999)).unwrap());
        assert!(!fits_a_number(&ints(1_234_567_890_123_456)).unwrap());
        assert!(!fits_a_number(&ints(-1_234_567_890_123_456)).unwrap());
        let decimal = |value: i128| -> ArrayRef {
            Arc::new(
                Decimal128Array::from(vec![value])
                    .with_precision_and_scale(38, 10)
                    .unwrap(),
            )
        };
        assert!(fits_a_number(&decimal(12_345_000_000_000_000)).unwrap());
        assert!(!fits_a_number(&decimal(12_345_678_901_234_567)).unwrap());
    }

    #[test]
    fn a_day_is_excels_number_and_an_old_one_is_text() {
        let array: ArrayRef = Arc::new(Date32Array::from(vec![
            Some(0),
            Some(19_723),
            Some(-25_567),
            None,
        ]));
        let Lane::Numbers(days, Some(texts)) = lane(&array, Kind::Date).unwrap() else {
            panic!("numbers with texts");
        };
        assert_eq!((days.value(0), days.value(1)), (25_569.0, 45_292.0));
        assert!(days.value(2).is_nan());
        assert_eq!(texts.value(2), "1900-01-01");
        assert!(texts.is_null(3));
    }

    #[test]
    fn an_instant_is_shown_in_its_zone() {
        let noon = 12 * 3_600_000_000;
        let array = TimestampMicrosecondArray::from(vec![noon]);
        let civil = |array: ArrayRef| match lane(&array, Kind::DateTime).unwrap() {
            Lane::Numbers(numbers, None) => numbers.value(0),
            other => panic!("{other:?}"),
        };
        assert_eq!(civil(Arc::new(array.clone())), 25_569.5);
        assert_eq!(
            civil(Arc::new(array.with_timezone("America/New_York"))),
            25_569.0 + 7.0 / 24.0
        );
    }

    #[test]
    fn a_single_precision_number_keeps_its_digits() {
        let array: ArrayRef = Arc::new(Float32Array::from(vec![0.1]));
        let Lane::Numbers(numbers, None) = lane(&array, Kind::Number(None)).unwrap() else {
            panic!("numbers");
        };
        assert_eq!(numbers.value(0), 0.1);
    }

    #[test]
    fn what_is_no_number_is_written_as_text() {
        let array: ArrayRef = Arc::new(Float64Array::from(vec![
            Some(f64::NAN),
            Some(f64::NEG_INFINITY),
            None,
            Some(1.0),
        ]));
        let lane = lane(&array, Kind::Number(None)).unwrap();
        assert_eq!(lane.text(0), Some("NaN"));
        assert_eq!(lane.text(1), Some("-Infinity"));
        assert_eq!((lane.text(2), lane.text(3)), (None, None));
    }

    #[test]
    fn a_long_text_is_cut_where_one_can_see_it() {
        assert_eq!(fitting("short"), ("short".into(), false));
        let long = "é".repeat(40_000);
        let (text, cut) = fitting(&long);
        assert!(
            cut && text.ends_with("… [cut, 40000 characters]"),
            "{}",
            &text[text.len() - 40..]
        );
        assert_eq!(text.encode_utf16().count(), MAX_CELL);
        assert!(!fitting(&"é".repeat(MAX_CELL)).1);
    }
}
