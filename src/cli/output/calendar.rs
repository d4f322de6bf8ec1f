//! Dates, times and intervals as text. Knows the whole range of `DuckDB`'s types, which is wider than a
//! calendar library's; only the offset of a time zone is asked of one.

use std::fmt::{Result, Write};

const DAY_SECONDS: i64 = 86_400;

/// How an instant is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As `DuckDB` does: `2024-01-31 09:05:00+01`.
    Sql,
    /// ISO 8601: `2024-01-31T09:05:00+01:00`.
    Iso,
}

/// Writes a date given in days since 1970-01-01: `2024-01-31`, `0044-03-15 (BC)`, `infinity`.
pub(super) fn date(days: i32, out: &mut String) -> Result {
    if let Some(word) = infinite(i64::from(days), i64::from(i32::MAX)) {
        return out.write_str(word);
    }
    let (year, month, day) = civil(i64::from(days));
    write!(
        out,
        "{:04}-{month:02}-{day:02}{}",
        year_of_era(year),
        era(year)
    )
}

/// Writes a time of day, in units of which `per_second` are a second: `09:05:00.25`.
pub(super) fn time(value: i64, per_second: i64, out: &mut String) -> Result {
    clock(
        value.div_euclid(per_second),
        value.rem_euclid(per_second),
        per_second,
        out,
    )
}

/// Writes an instant without a zone, in units since 1970-01-01 of which `per_second` are a second.
pub(super) fn timestamp(value: i64, per_second: i64, style: Style, out: &mut String) -> Result {
    if let Some(word) = infinite(value, i64::MAX) {
        return out.write_str(word);
    }
    let seconds = value.div_euclid(per_second);
    local(
        seconds,
        value.rem_euclid(per_second),
        per_second,
        style,
        out,
    )?;
    out.write_str(era(civil(seconds.div_euclid(DAY_SECONDS)).0))
}

/// Writes an instant as the clocks of `zone` show it, with their offset from UTC.
///
/// `value` is in units since 1970-01-01 UTC of which `per_second` are a second. A zone that is not known
/// is shown as UTC, which is the same instant.
pub(super) fn timestamp_in(
    (value, per_second): (i64, i64),
    zone: &str,
    style: Style,
    out: &mut String,
) -> Result {
    if let Some(word) = infinite(value, i64::MAX) {
        return out.write_str(word);
    }
    let seconds = value.div_euclid(per_second);
    let offset = offset_seconds(seconds, zone);
    local(
        seconds + offset,
        value.rem_euclid(per_second),
        per_second,
        style,
        out,
    )?;
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    write!(out, "{sign}{:02}", minutes / 60)?;
    match (style, minutes % 60) {
        (Style::Sql, 0) => {}
        (_, rest) => write!(out, ":{rest:02}")?,
    }
    out.write_str(era(civil((seconds + offset).div_euclid(DAY_SECONDS)).0))
}

/// Writes an interval as `DuckDB` does: `1 year 2 months 3 days 04:05:06.5`.
pub(super) fn interval(months: i32, days: i32, nanoseconds: i64, out: &mut String) -> Result {
    let parts = [(months / 12, "year"), (months % 12, "month"), (days, "day")];
    let mut space = "";
    for (n, unit) in parts.into_iter().filter(|(n, _)| *n != 0) {
        let plural = if n.abs() == 1 { "" } else { "s" };
        write!(out, "{space}{n} {unit}{plural}")?;
        space = " ";
    }
    if nanoseconds != 0 || space.is_empty() {
        out.write_str(space)?;
        if nanoseconds < 0 {
            out.push('-');
        }
        let size = nanoseconds.unsigned_abs();
        // Fits: the seconds of 2^63 nanoseconds are far below i64::MAX.
        clock(
            (size / 1_000_000_000) as i64,
            (size % 1_000_000_000) as i64,
            1_000_000_000,
            out,
        )?;
    }
    Ok(())
}

fn local(seconds: i64, fraction: i64, per_second: i64, style: Style, out: &mut String) -> Result {
    let (year, month, day) = civil(seconds.div_euclid(DAY_SECONDS));
    let between = if style == Style::Iso { 'T' } else { ' ' };
    write!(out, "{:04}-{month:02}-{day:02}{between}", year_of_era(year))?;
    clock(seconds.rem_euclid(DAY_SECONDS), fraction, per_second, out)
}

fn clock(seconds: i64, fraction: i64, per_second: i64, out: &mut String) -> Result {
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(out, "{hour:02}:{minute:02}:{second:02}")?;
    if fraction != 0 {
        let digits = per_second.ilog10() as usize;
        let text = format!("{fraction:0digits$}");
        write!(out, ".{}", text.trim_end_matches('0'))?;
    }
    Ok(())
}

fn infinite(value: i64, infinity: i64) -> Option<&'static str> {
    if value == infinity {
        Some("infinity")
    } else if value == -infinity {
        Some("-infinity")
    } else {
        None
    }
}

fn year_of_era(year: i64) -> i64 {
    if year > 0 { year } else { 1 - year }
}

fn era(year: i64) -> &'static str {
    if year > 0 { "" } else { " (BC)" }
}

fn offset_seconds(seconds: i64, zone: &str) -> i64 {
    let instant = jiff::Timestamp::from_second(seconds).ok();
    let zone = jiff::tz::TimeZone::get(zone).ok();
    match (instant, zone) {
        (Some(instant), Some(zone)) => i64::from(zone.to_offset(instant).seconds()),
        _ => 0,
    }
}

/// Returns year, month and day of a day counted from 1970-01-01 in the proleptic Gregorian calendar.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut String) -> Result) -> String {
        let mut out = String::new();
        write(&mut out).unwrap();
        out
    }

    #[test]
    fn dates_before_1970_before_christ_and_infinite_are_written() {
        assert_eq!(text(|out| date(0, out)), "1970-01-01");
        assert_eq!(text(|out| date(19_782, out)), "2024-02-29");
        assert_eq!(text(|out| date(-1, out)), "1969-12-31");
        assert_eq!(text(|out| date(-735_160, out)), "0044-03-15 (BC)");
        assert_eq!(text(|out| date(i32::MAX, out)), "infinity");
        assert_eq!(text(|out| date(-i32::MAX, out)), "-infinity");
    }

    #[test]
    fn fractions_of_a_second_are_written_without_trailing_zeros() {
        assert_eq!(
            text(|out| time(32_700_250_000, 1_000_000, out)),
            "09:05:00.25"
        );
        assert_eq!(
            text(|out| timestamp(-1, 1_000_000_000, Style::Sql, out)),
            "1969-12-31 23:59:59.999999999"
        );
    }

    #[test]
    fn an_instant_carries_the_offset_of_its_zone() {
        let july = 1_720_000_000;
        let berlin = |style| text(|out| timestamp_in((july, 1), "Europe/Berlin", style, out));
        assert_eq!(berlin(Style::Sql), "2024-07-03 11:46:40+02");
        assert_eq!(berlin(Style::Iso), "2024-07-03T11:46:40+02:00");
        assert_eq!(
            text(|out| timestamp_in((july, 1), "Asia/Kolkata", Style::Sql, out)),
            "2024-07-03 15:16:40+05:30"
        );
        assert_eq!(
            text(|out| timestamp_in((july, 1), "America/St_Johns", Style::Iso, out)),
            "2024-07-03T07:16:40-02:30"
        );
    }

    #[test]
    fn intervals_leave_out_what_is_zero() {
        assert_eq!(
            text(|out| interval(14, 3, 14_706_500_000_000, out)),
            "1 year 2 months 3 days 04:05:06.5"
        );
        assert_eq!(text(|out| interval(0, 0, 0, out)), "00:00:00");
        assert_eq!(
            text(|out| interval(-1, 0, -1_000_000_000, out)),
            "-1 month -00:00:01"
        );
    }
}
