//! Excel workbooks, every sheet or those named, with typed cells. A workbook is held in memory whole.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::RecordBatch;
use calamine::{Data, ExcelDateTime, Range, Reader, Xlsx as Workbook, open_workbook};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::rows::{Misfit, Rows, Shape, Value};
use super::scan::Batches;
use super::{Format, Source, Survey, Target, check_names, without_rows};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Scan, Session};
use crate::ingest::types::{Column, EXACT_IN_DOUBLE, Type, unite};

/// Rows of one batch.
const BATCH: usize = 1 << 15;
/// The column that names a row's sheet.
const SHEET: &str = "_wh_sheet";
const DAY_MICROS: i64 = 86_400_000_000;

/// Excel's own format since 2007.
pub(super) struct Xlsx;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn about(&self) -> &'static str {
        "Excel workbooks, every sheet"
    }

    fn suffixes(&self) -> &'static [&'static str] {
        &["xlsx", "xlsm"]
    }

    fn columns(&self, _: &mut dyn Session, file: &Source<'_>, _: Survey) -> Result<Vec<Column>> {
        let mut columns = Vec::new();
        for sheet in sheets(file)? {
            unite(&mut columns, &sheet.columns());
        }
        columns.push(Column::new(SHEET, Type::Text));
        Ok(columns)
    }

    fn open(&self, file: &Source<'_>, target: &Target<'_>) -> Result<Option<Arc<dyn Scan>>> {
        let mut names = Vec::new();
        let sheets = sheets(file)?;
        for sheet in &sheets {
            unite(&mut names, &sheet.columns());
        }
        names.push(Column::new(SHEET, Type::Text));
        let shape = Shape::new(file, target, &names);
        let mut batches = Vec::new();
        for sheet in &sheets {
            sheet.batches(&shape, &names, &mut batches)?;
        }
        let schema = Arc::clone(&shape.schema);
        Ok(Some(Arc::new(Batches::new(schema, batches))))
    }
}

/// One sheet with at least a header.
struct Sheet {
    name: String,
    range: Range<Data>,
    /// Names of the columns in use, with their place in the range.
    names: Vec<(usize, String)>,
    header: bool,
}

/// Opens the sheets to be read that hold anything.
fn sheets(file: &Source<'_>) -> Result<Vec<Sheet>> {
    let shown = file.shown;
    let unreadable = |err: calamine::XlsxError| {
        Diagnostic::data(format!(
            "`{}` is no Excel workbook that can be read",
            shown.display()
        ))
        .at_line(shown, 0, 0)
        .hint("open it in Excel and save it as .xlsx, without a password")
        .because(err)
    };
    let mut book: Workbook<_> = open_workbook(file.path).map_err(unreadable)?;
    let all = book.sheet_names();
    let wanted = if file.reading.sheets.is_empty() {
        &all
    } else {
        &file.reading.sheets
    };
    let mut sheets = Vec::new();
    for name in wanted {
        if !all.contains(name) {
            let hint = match nearest(name, all.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its sheets are {}", all.join(", ")),
            };
            let what = format!("`{}` has no sheet `{name}`", shown.display());
            return Err(Diagnostic::data(what)
                .at_line(shown, 0, 0)
                .hint(hint)
                .into());
        }
        let range = book.worksheet_range(name).map_err(unreadable)?;
        if !range.is_empty() {
            sheets.push(Sheet::new(name, range, file)?);
        }
    }
    match sheets.is_empty() {
        true => Err(without_rows(shown, "holds no rows")),
        false => Ok(sheets),
    }
}

impl Sheet {
    fn new(name: &str, range: Range<Data>, file: &Source<'_>) -> Result<Self> {
        let header = file.reading.header;
        let used = |i: &usize| range.rows().any(|row| row[*i] != Data::Empty);
        let names: Vec<(usize, String)> = (0..range.width())
            .filter(used)
            .map(|i| match header {
                true => (i, text(&range[(0, i)]).trim().to_owned()),
                false => (i, format!("column_{}", i + 1)),
            })
            .collect();
        let columns: Vec<Column> = names
            .iter()
            .map(|(_, name)| Column::new(&**name, Type::Null))
            .collect();
        check_names(&columns, file.shown).map_err(|err| match err.downcast::<Diagnostic>() {
            Ok(diagnostic) => diagnostic.note(format!("in sheet `{name}`")).into(),
            Err(other) => other,
        })?;
        Ok(Self {
            name: name.into(),
            range,
            names,
            header,
        })
    }

    /// Returns the rows below the header that hold anything, with their numbers in the sheet, from 1.
    fn rows(&self) -> impl Iterator<Item = (u64, &[Data])> {
        let first = u64::from(self.range.start().map_or(0, |(row, _)| row)) + 1;
        (first..)
            .zip(self.range.rows())
            .skip(usize::from(self.header))
            .filter(|(_, row)| row.iter().any(|cell| *cell != Data::Empty))
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = self
            .names
            .iter()
            .map(|(_, name)| Column::new(&**name, Type::Null))
            .collect();
        for (_, row) in self.rows() {
            for ((i, _), column) in self.names.iter().zip(&mut columns) {
                let ty = ty(&row[*i]);
                if ty != column.ty {
                    column.ty = column.ty.join(&ty);
                }
            }
        }
        columns
    }

    /// Adds this sheet's rows to `batches`; `names` are the workbook's columns, the sheet's name last.
    fn batches(
        &self,
        shape: &Shape,
        names: &[Column],
        batches: &mut Vec<RecordBatch>,
    ) -> Result<()> {
        let place = |column: &Column| {
            self.names
                .iter()
                .find(|(_, name)| column.is_called(name))
                .map(|(i, _)| *i)
        };
        let (sheet, columns) = (names.len() - 1, &names[..names.len() - 1]);
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        let mut rows = Rows::new(shape, 0);
        let mut n_rows = 0;
        for (line, row) in self.rows() {
            for (i, place) in places.iter().enumerate() {
                let cell = place.map_or(&Data::Empty, |place| &row[place]);
                push(&mut rows, i, cell, shape.ty(i))?;
            }
            rows.push(sheet, Value::Text(&self.name))?;
            let raw = if shape.staged {
                raw(row)
            } else {
                String::new()
            };
            rows.end(line, &raw);
            n_rows += 1;
            if n_rows % BATCH == 0 {
                batches.push(std::mem::replace(&mut rows, Rows::new(shape, 0)).finish()?);
            }
        }
        batches.push(rows.finish()?);
        Ok(())
    }
}

/// Returns a row as a JSON array of its cells' texts.
fn raw(row: &[Data]) -> String {
    let cells: Vec<_> = row.iter().map(text).collect();
    serde_json::to_string(&cells).unwrap_or_default()
}

/// Returns the narrowest type that holds a cell.
fn ty(cell: &Data) -> Type {
    match value(cell) {
        Some(Value::Null) => Type::Null,
        Some(Value::Boolean(_)) => Type::Boolean,
        Some(Value::Integer(number)) if number.unsigned_abs() <= EXACT_IN_DOUBLE => Type::Integer,
        Some(Value::Integer(_)) => Type::WideInteger,
        Some(Value::Double(_)) => Type::Double,
        Some(Value::Date(_)) => Type::Date,
        Some(Value::Timestamp(_)) => Type::Timestamp,
        Some(Value::Text(_)) | None => Type::Text,
    }
}

fn push(rows: &mut Rows<'_>, i: usize, cell: &Data, ty: &Type) -> Result<()> {
    match (value(cell), ty) {
        (Some(Value::Null), _) => rows.push(i, Value::Null),
        (_, Type::Text | Type::Other(_)) => rows.push(i, Value::Text(&text(cell))),
        (Some(value), _) => rows.push(i, value),
        (None, _) => Err(Misfit.into()),
    }
}

/// Returns the value of a cell, or `None` for what only text can hold.
fn value(cell: &Data) -> Option<Value<'_>> {
    match cell {
        Data::Empty => Some(Value::Null),
        Data::Bool(value) => Some(Value::Boolean(*value)),
        Data::Int(value) => Some(Value::Integer(*value)),
        // Excel holds every number in floating point: a whole one is meant as such.
        Data::Float(value) if value.fract() == 0.0 && value.abs() < i64::MAX as f64 => {
            Some(Value::Integer(*value as i64))
        }
        Data::Float(value) => Some(Value::Double(*value)),
        Data::String(value) => Some(Value::Text(value)),
        Data::DateTime(time) => civil(time).and_then(instant),
        Data::DateTimeIso(text) => text.parse::<DateTime>().ok().and_then(instant),
        Data::DurationIso(_) | Data::Error(_) => None,
    }
}

/// Returns a point in time without a zone, as a day when it is midnight.
fn instant(time: DateTime) -> Option<Value<'static>> {
    let micros = time
        .to_zoned(TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_microsecond();
    match micros.rem_euclid(DAY_MICROS) {
        0 => i32::try_from(micros.div_euclid(DAY_MICROS))
            .ok()
            .map(Value::Date),
        _ => Some(Value::Timestamp(micros)),
    }
}

/// Returns the date and time of a cell; `None` for a time without a day and for durations.
fn civil(time: &ExcelDateTime) -> Option<DateTime> {
    if !time.is_datetime() || time.as_f64() < 1.0 {
        return None;
    }
    let (year, month, day, hour, minute, second, millis) = time.to_ymd_hms_milli();
    let part = |n: u8| i8::try_from(n).ok();
    DateTime::new(
        i16::try_from(year).ok()?,
        part(month)?,
        part(day)?,
        part(hour)?,
        part(minute)?,
        part(second)?,
        i32::from(millis) * 1_000_000,
    )
    .ok()
}

/// Returns a cell as text.
fn text(cell: &Data) -> Cow<'_, str> {
    match (cell, value(cell)) {
        (Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text), _) => {
            Cow::Borrowed(text)
        }
        (_, Some(Value::Integer(number))) => number.to_string().into(),
        (Data::DateTime(time), Some(Value::Date(_))) => civil(time)
            .map(|time| time.date().to_string())
            .unwrap_or_default()
            .into(),
        (Data::DateTime(time), Some(_)) => civil(time)
            .map(|time| time.strftime("%Y-%m-%d %H:%M:%S%.f").to_string())
            .unwrap_or_default()
            .into(),
        (Data::DateTime(time), None) => hours(time.as_f64()).into(),
        (Data::Empty, _) => Cow::Borrowed(""),
        (other, _) => other.to_string().into(),
    }
}

/// Returns a part of a day, or several days, as `hh:mm:ss`.
fn hours(days: f64) -> String {
    let seconds = (days * 86_400.0).round() as i64;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}
