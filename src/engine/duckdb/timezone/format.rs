//! `strftime` in a zone: a format is read once per vector and written per row.

use super::super::capi::Outcome;
use super::civil::{DAY, Date, HOUR, MINUTE, SECOND, date, days, iso_week, weekday};
use super::moment::{INFINITY, is_finite};
use super::text::{digits, write_time};
use super::zone::Clock;

/// Names of the months, January first.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Names of the days of the week, Monday first.
pub(super) const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// A format, taken apart.
pub(super) struct Format(Vec<Piece>);

enum Piece {
    Literal(char),
    /// A letter after `%`, and whether a `-` before it asks for no zeros in front.
    Field(char, bool),
}

impl Format {
    /// Reads a format.
    ///
    /// # Errors
    /// When a `%` is followed by no known letter.
    pub(super) fn parse(format: &str) -> Outcome<Self> {
        let mut pieces = Vec::new();
        let mut rest = format.chars();
        while let Some(c) = rest.next() {
            if c != '%' {
                pieces.push(Piece::Literal(c));
                continue;
            }
            let Some(mut letter) = rest.next() else {
                return Err(format!("the format `{format}` ends in a lone %"));
            };
            let is_bare = letter == '-';
            if is_bare {
                letter = rest.next().unwrap_or('-');
            }
            let known = if is_bare {
                "dmyHIMSj"
            } else {
                "aAwudhbBmyYGHIpMSnfgzZjUWVcxXT%"
            };
            if !known.contains(letter) {
                return Err(format!(
                    "`%{letter}` in the format `{format}` stands for nothing"
                ));
            }
            pieces.push(if letter == '%' {
                Piece::Literal('%')
            } else {
                Piece::Field(letter, is_bare)
            });
        }
        Ok(Self(pieces))
    }

    /// Writes an instant into `out`.
    pub(super) fn write(&self, clock: &mut Clock, instant: i64, out: &mut String) {
        if !is_finite(instant) {
            out.push_str(if instant == INFINITY {
                "infinity"
            } else {
                "-infinity"
            });
            return;
        }
        let local = clock.local(instant);
        let day = local.div_euclid(DAY);
        let (of_day, time) = (date(day), local.rem_euclid(DAY));
        for piece in &self.0 {
            match piece {
                Piece::Literal(c) => out.push(*c),
                Piece::Field('Z', _) => out.push_str(&clock.zone.name),
                Piece::Field('z', _) => write_offset(out, clock.offset(instant) / SECOND),
                Piece::Field(letter, is_bare) => {
                    let width = if *is_bare { 1 } else { 2 };
                    if !write_of_day(out, *letter, width, day, of_day) {
                        write_of_time(out, *letter, width, time);
                    }
                }
            }
        }
    }
}

/// Writes a field of the date; false when the letter is a field of the time.
fn write_of_day(out: &mut String, letter: char, width: usize, day: i64, of_day: Date) -> bool {
    let Date {
        year,
        month,
        day: of_month,
    } = of_day;
    let of_week = weekday(day);
    let weekday_name = WEEKDAYS[(of_week - 1) as usize];
    let month_name = MONTHS[(month - 1) as usize];
    let of_year = day - days(year, 1, 1);
    match letter {
        'a' => out.push_str(&weekday_name[..3]),
        'A' => out.push_str(weekday_name),
        'w' => digits(out, of_week % 7, 1),
        'u' => digits(out, of_week, 1),
        'd' => digits(out, of_month, width),
        'b' | 'h' => out.push_str(&month_name[..3]),
        'B' => out.push_str(month_name),
        'm' => digits(out, month, width),
        'y' => digits(out, (year % 100).abs(), width),
        'Y' => year_of(out, year),
        'G' => year_of(out, iso_week(day).0),
        'j' => digits(out, of_year + 1, if width == 1 { 1 } else { 3 }),
        'U' => digits(out, (of_year + 7 - of_week % 7) / 7, 2),
        'W' => digits(out, (of_year + 7 - (of_week - 1)) / 7, 2),
        'V' => digits(out, iso_week(day).1, 2),
        'x' | 'c' => {
            year_of(out, year);
            out.push('-');
            digits(out, month, 2);
            out.push('-');
            digits(out, of_month, 2);
            if letter == 'c' {
                out.push(' ');
                return false;
            }
        }
        _ => return false,
    }
    true
}

fn write_of_time(out: &mut String, letter: char, width: usize, time: i64) {
    let hour = time / HOUR;
    let micros = time % SECOND;
    match letter {
        'H' => digits(out, hour, width),
        'I' => digits(out, (hour + 11) % 12 + 1, width),
        'p' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
        'M' => digits(out, time % HOUR / MINUTE, width),
        'S' => digits(out, time % MINUTE / SECOND, width),
        'n' => digits(out, micros * 1_000, 9),
        'f' => digits(out, micros, 6),
        'g' => digits(out, micros / 1_000, 3),
        _ => write_time(out, time),
    }
}

fn year_of(out: &mut String, year: i64) {
    digits(out, year, if (0..10_000).contains(&year) { 4 } else { 1 });
}

/// Writes `±HH[:MM[:SS]]`.
fn write_offset(out: &mut String, seconds: i64) {
    out.push(if seconds < 0 { '-' } else { '+' });
    let seconds = seconds.abs();
    digits(out, seconds / 3_600, 2);
    if seconds % 3_600 != 0 {
        out.push(':');
        digits(out, seconds % 3_600 / 60, 2);
    }
    if seconds % 60 != 0 {
        out.push(':');
        digits(out, seconds % 60, 2);
    }
}
