//! `strptime` with `%Z`, which `DuckDB` itself reads past: the text is read here, in the zone it names, and handed on
//! in UTC with an offset. Formats without `%Z` are left to `DuckDB`.

use super::super::capi::{Frame, Outcome, Text};
use super::civil::{DAY, HOUR, MINUTE, SECOND, date, days, days_in_month};
use super::definition::{Scalar, Type};
use super::format::{MONTHS, WEEKDAYS};
use super::moment::checked;
use super::rows::{clock, clock_of, text};
use super::text::{digits, number, offset_of, write_time};
use super::zone::Clock;

/// What a text that was read here is handed on in.
const HANDED_ON: &str = "%Y-%m-%d %H:%M:%S.%f%z";

/// What the macros `strptime` and `try_strptime` call, with one format and with a list.
pub(super) static FUNCTIONS: &[Scalar] = &[
    Scalar::new(
        &["wh_zoned_format"],
        &[Type::Varchar],
        Type::Varchar,
        zoned_format,
    ),
    Scalar {
        resolve: Some(type_of_format),
        ..Scalar::new(
            &["wh_zoned_format"],
            &[Type::VarcharList],
            Type::Any,
            zoned_format,
        )
    },
    Scalar::new(
        &["wh_zoned_text"],
        &[Type::Varchar, Type::Varchar],
        Type::Varchar,
        |frame| zoned_text(frame, false),
    ),
    Scalar::new(
        &["wh_zoned_text"],
        &[Type::Varchar, Type::VarcharList],
        Type::Varchar,
        |frame| zoned_text(frame, false),
    ),
    Scalar::new(
        &["wh_try_zoned_text"],
        &[Type::Varchar, Type::Varchar],
        Type::Varchar,
        |frame| zoned_text(frame, true),
    ),
    Scalar::new(
        &["wh_try_zoned_text"],
        &[Type::Varchar, Type::VarcharList],
        Type::Varchar,
        |frame| zoned_text(frame, true),
    ),
];

/// A list with a zone in it becomes one format, any other stays a list.
fn type_of_format(formats: &[String]) -> Outcome<String> {
    Ok(if formats.iter().any(|format| has_zone(format)) {
        "VARCHAR"
    } else {
        "VARCHAR[]"
    }
    .into())
}

fn has_zone(format: &str) -> bool {
    let mut letters = format.chars();
    while let Some(c) = letters.next() {
        if c == '%' && letters.next() == Some('Z') {
            return true;
        }
    }
    false
}

fn zoned_format(frame: &mut Frame<'_>) -> Outcome {
    if !frame.texts(0)?.iter().any(|format| has_zone(format)) {
        return frame.refer(0);
    }
    text(frame, |_, out| {
        out.push_str(HANDED_ON);
        Ok(true)
    })
}

fn zoned_text(frame: &mut Frame<'_>, is_tolerant: bool) -> Outcome {
    let formats = frame.texts(1)?;
    if !formats.iter().any(|format| has_zone(format)) {
        return frame.refer(0);
    }
    let mut clock = clock(frame)?;
    let texts = frame.column::<Text>(0)?;
    text(frame, |row, out| {
        let Some(given) = texts.get(row).map(Text::as_str) else {
            return Ok(false);
        };
        let mut instant = Err(format!("`{given}` is read by no format"));
        for format in &formats {
            instant = parse(&mut clock, given, format);
            if instant.is_ok() {
                break;
            }
        }
        match instant {
            Ok(instant) => write_utc(instant, out),
            Err(_) if is_tolerant => return Ok(false),
            Err(err) => return Err(err),
        }
        Ok(true)
    })
}

fn write_utc(instant: i64, out: &mut String) {
    let of_day = date(instant.div_euclid(DAY));
    let time = instant.rem_euclid(DAY);
    digits(out, of_day.year, 4);
    out.push('-');
    digits(out, of_day.month, 2);
    out.push('-');
    digits(out, of_day.day, 2);
    out.push(' ');
    write_time(out, time);
    out.push('.');
    digits(out, time % SECOND, 6);
    out.push_str("+00");
}

/// What the fields of a format have told so far.
struct Fields {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    is_afternoon: Option<bool>,
    day_of_year: Option<i64>,
    offset: Option<i64>,
    clock: Option<Clock>,
}

/// Reads `text` by `format`; without a zone or an offset in it, in the zone of `here`.
fn parse(here: &mut Clock, text: &str, format: &str) -> Outcome<i64> {
    let refused = || format!("`{text}` is not of the format `{format}`");
    let mut fields = Fields {
        year: 1900,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        micros: 0,
        is_afternoon: None,
        day_of_year: None,
        offset: None,
        clock: None,
    };
    let mut rest = text.trim_start();
    let mut pieces = format.chars();
    while let Some(c) = pieces.next() {
        let letter = match c {
            '%' => pieces.next().map(|letter| {
                if letter == '-' {
                    pieces.next().unwrap_or(letter)
                } else {
                    letter
                }
            }),
            _ => None,
        };
        match letter {
            None | Some('%') => rest = rest.strip_prefix(c).ok_or_else(refused)?,
            Some('Z') => fields.clock = Some(clock_of(zone_name(&mut rest))?),
            Some(letter) => fields.read(letter, &mut rest).ok_or_else(refused)?,
        }
    }
    if !rest.trim_start().is_empty() {
        return Err(refused());
    }
    let local = fields.local().ok_or_else(refused)?;
    if let Some(offset) = fields.offset {
        return checked(local.checked_sub(offset));
    }
    let local = checked(Some(local))?;
    checked(Some(fields.clock.as_mut().unwrap_or(here).instant(local)))
}

/// Reads the name of a zone and the spaces before it.
fn zone_name<'a>(rest: &mut &'a str) -> &'a str {
    let text = rest.trim_start();
    let is_part = |c: char| c.is_ascii_alphanumeric() || ['_', '/', '+', '-', ':'].contains(&c);
    let (name, after) = text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()));
    *rest = after;
    name
}

/// Reads one of `names`, or their first three letters when `is_short`, in any case; returns which, from 0.
fn name_of(rest: &mut &str, names: &[&str], is_short: bool) -> Option<usize> {
    let length = |name: &str| if is_short { 3 } else { name.len() };
    let at = names.iter().position(|name| {
        let start = rest.get(..length(name));
        start.is_some_and(|start| start.eq_ignore_ascii_case(&name[..length(name)]))
    })?;
    *rest = &rest[length(names[at])..];
    Some(at)
}

impl Fields {
    /// Reads the field of a letter from the front of `rest`; `None` when it is not there or not known.
    fn read(&mut self, letter: char, rest: &mut &str) -> Option<()> {
        match letter {
            'Y' => self.year = number(rest, 4)?,
            'y' => {
                let year = number(rest, 2)?;
                self.year = if year < 69 {
                    2_000 + year
                } else {
                    1_900 + year
                };
            }
            'm' => self.month = number(rest, 2)?,
            'd' => self.day = number(rest, 2)?,
            'j' => self.day_of_year = Some(number(rest, 3)?),
            'H' | 'I' => self.hour = number(rest, 2)?,
            'M' => self.minute = number(rest, 2)?,
            'S' => self.second = number(rest, 2)?,
            'f' | 'g' | 'n' => self.micros = fraction(rest, letter)?,
            'p' => self.is_afternoon = Some(name_of(rest, &["AM", "PM"], false)? == 1),
            'b' | 'h' => self.month = name_of(rest, &MONTHS, true)? as i64 + 1,
            'B' => self.month = name_of(rest, &MONTHS, false)? as i64 + 1,
            'a' => _ = name_of(rest, &WEEKDAYS, true)?,
            'A' => _ = name_of(rest, &WEEKDAYS, false)?,
            'z' => self.offset = Some(offset_of(rest)?),
            _ => return None,
        }
        Some(())
    }

    /// The local time in microseconds; `None` when a field is out of its range.
    fn local(&self) -> Option<i64> {
        let hour = match self.is_afternoon {
            None => self.hour,
            Some(_) if !(1..=12).contains(&self.hour) => return None,
            Some(is_afternoon) => self.hour % 12 + if is_afternoon { 12 } else { 0 },
        };
        let is_date = (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day);
        if !is_date || hour > 23 || self.minute > 59 || self.second > 59 {
            return None;
        }
        let day = match self.day_of_year {
            None => days(self.year, self.month, self.day),
            Some(n) if (1..=366).contains(&n) => days(self.year, 1, n),
            Some(_) => return None,
        };
        Some(day * DAY + hour * HOUR + self.minute * MINUTE + self.second * SECOND + self.micros)
    }
}

/// Reads decimals as microseconds: up to 6 digits after `%f`, 3 after `%g`, 9 after `%n`.
fn fraction(rest: &mut &str, letter: char) -> Option<i64> {
    let most = match letter {
        'f' => 6,
        'g' => 3,
        _ => 9,
    };
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if n_digits == 0 || n_digits > most {
        return None;
    }
    let (digits, after) = rest.split_at(n_digits);
    *rest = after;
    format!("{:0<6}", &digits[..n_digits.min(6)]).parse().ok()
}
