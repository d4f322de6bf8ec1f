//! Timestamps with a zone as text: reading what people write, writing what `DuckDB` writes.

use super::super::capi::Outcome;
use super::civil::{DAY, Date, HOUR, MINUTE, SECOND, date, days, days_in_month};
use super::moment::{INFINITY, checked, is_finite};
use super::zone::{Clock, find};

/// Furthest that a TIMETZ may be from UTC, in seconds.
pub(super) const MAX_OFFSET: i64 = 16 * 3_600 - 1;

/// Reads a timestamp; without an offset or a zone it is in the zone of `clock`.
///
/// # Errors
/// When the text is no timestamp, names no zone, or lies outside the range.
pub(super) fn parse_timestamp(clock: &mut Clock, text: &str) -> Outcome<i64> {
    let refused =
        || format!("`{text}` is no timestamp as YYYY-MM-DD HH:MM[:SS[.US]][±HH[:MM[:SS]]| ZONE]");
    let given = text.trim_start_matches(is_space);
    for (word, instant) in [
        ("epoch", 0),
        ("infinity", INFINITY),
        ("-infinity", -INFINITY),
    ] {
        if given.trim_end_matches(is_space).eq_ignore_ascii_case(word) {
            return Ok(instant);
        }
    }
    let (local, suffix) = local_of(given).ok_or_else(refused)?;
    let local = checked(local)?;
    checked(match suffix {
        Suffix::Nothing => Some(clock.instant(local)),
        Suffix::Offset(offset) => local.checked_sub(offset),
        Suffix::Zone(name) => Some(Clock::new(find(name)?).instant(local)),
    })
}

/// What follows the time of a timestamp.
enum Suffix<'a> {
    Nothing,
    /// Microseconds ahead of UTC.
    Offset(i64),
    Zone(&'a str),
}

/// Reads a date, perhaps a time, and what follows it. The local time is `None` when it is out of range.
fn local_of(text: &str) -> Option<(Option<i64>, Suffix<'_>)> {
    let mut rest = text;
    let start = date_of(&mut rest)?.checked_mul(DAY);
    if rest.is_empty() {
        return Some((start, Suffix::Nothing));
    }
    rest = rest.strip_prefix(['T', ' '])?.trim_start_matches(is_space);
    let time = time_of(&mut rest)?;
    let local = start.and_then(|start| start.checked_add(time));
    let rest = rest.trim_end_matches(is_space);
    if let Some(name) = rest.strip_prefix(is_space) {
        return Some((local, Suffix::Zone(name)));
    }
    let suffix = match rest {
        "" => Suffix::Nothing,
        "Z" => Suffix::Offset(0),
        mut offset => Suffix::Offset(offset_of(&mut offset).filter(|_| offset.is_empty())?),
    };
    Some((local, suffix))
}

/// Reads a time of day and its offset from UTC; without one it has the zone's offset at `now`. Of a timestamp it is
/// the time in UTC, with the zone's offset: so ICU.
///
/// # Errors
/// When the text is neither a time nor a timestamp, or names a zone other than UTC.
pub(super) fn parse_time(clock: &mut Clock, now: i64, text: &str) -> Outcome<i64> {
    let refused = || format!("`{text}` is no time as HH:MM[:SS[.US]][±HH[:MM[:SS]]]");
    let given = text.trim_matches(is_space);
    let mut rest = given;
    let Some(time) = time_of(&mut rest) else {
        let (local, suffix) = local_of(given).ok_or_else(refused)?;
        let offset = match suffix {
            Suffix::Nothing => 0,
            Suffix::Offset(offset) => offset,
            Suffix::Zone(name) if name.eq_ignore_ascii_case("utc") => 0,
            Suffix::Zone(_) => return Err(refused()),
        };
        let time = checked(local.and_then(|local| local.checked_sub(offset)))?.rem_euclid(DAY);
        return Ok(pack_time(time, clock.offset(now) / SECOND));
    };
    rest = rest.trim_start_matches(is_space);
    if rest.is_empty() {
        return Ok(pack_time(time, clock.offset(now) / SECOND));
    }
    let offset = offset_of(&mut rest).filter(|_| rest.is_empty());
    let offset = offset
        .map(|offset| offset / SECOND)
        .filter(|seconds| seconds.abs() <= MAX_OFFSET)
        .ok_or_else(refused)?;
    Ok(pack_time(time, offset))
}

/// Returns a TIMETZ as it is stored: 40 bits of microseconds, 24 bits that fall as the offset rises.
pub(super) fn pack_time(micros: i64, offset_seconds: i64) -> i64 {
    micros << 24 | (MAX_OFFSET - offset_seconds)
}

/// Returns the microseconds since midnight and the offset in seconds of a stored TIMETZ.
pub(super) fn unpack_time(stored: i64) -> (i64, i64) {
    (stored >> 24, MAX_OFFSET - (stored & 0xFF_FFFF))
}

/// Writes an instant, and nanoseconds after it below 1000, as local time with the offset from UTC into `out`.
pub(super) fn write_timestamp(clock: &mut Clock, instant: i64, nanos: i64, out: &mut String) {
    if !is_finite(instant) {
        out.push_str(if instant == INFINITY {
            "infinity"
        } else {
            "-infinity"
        });
        return;
    }
    let offset = clock.offset(instant) / SECOND;
    // Apart, since the first and last instants have no local time that fits.
    let time = instant.rem_euclid(DAY) + offset * SECOND;
    let Date { year, month, day } = date(instant.div_euclid(DAY) + time.div_euclid(DAY));
    let time = time.rem_euclid(DAY);
    digits(out, if year > 0 { year } else { 1 - year }, 4);
    out.push('-');
    digits(out, month, 2);
    out.push('-');
    digits(out, day, 2);
    out.push_str(if year > 0 { " " } else { " (BC) " });
    write_time(out, time);
    let fraction = time % SECOND * 1_000 + nanos;
    if fraction > 0 {
        out.push('.');
        digits(out, fraction, 9);
        out.truncate(out.trim_end_matches('0').len());
    }
    out.push(if offset < 0 { '-' } else { '+' });
    digits(out, offset.abs() / 3_600, 2);
    if offset % 3_600 / 60 != 0 {
        out.push(':');
        digits(out, offset.abs() % 3_600 / 60, 2);
    }
}

/// Writes `HH:MM:SS`.
pub(super) fn write_time(out: &mut String, time: i64) {
    digits(out, time / HOUR, 2);
    out.push(':');
    digits(out, time % HOUR / MINUTE, 2);
    out.push(':');
    digits(out, time % MINUTE / SECOND, 2);
}

/// Writes a number with at least `width` digits, zeros in front.
pub(super) fn digits(out: &mut String, number: i64, width: usize) {
    if number < 0 {
        out.push('-');
    }
    let mut reversed = [b'0'; 20];
    let mut rest = number.unsigned_abs();
    let mut n = 0;
    while rest > 0 || n < width {
        reversed[n] = b'0' + (rest % 10) as u8;
        rest /= 10;
        n += 1;
    }
    out.extend(reversed[..n].iter().rev().map(|digit| char::from(*digit)));
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}'
}

/// Reads `[-]YYYY-MM-DD[ (BC)]` from the front of `rest` as a day.
fn date_of(rest: &mut &str) -> Option<i64> {
    let is_negative = rest.starts_with('-');
    let mut text = rest.strip_prefix('-').unwrap_or(rest);
    let mut year = number(&mut text, 6)?;
    let separator = text
        .chars()
        .next()
        .filter(|c| ['-', '/', '\\', ' '].contains(c))?;
    text = text.strip_prefix(separator)?;
    let month = number(&mut text, 2)?;
    text = text.strip_prefix(separator)?;
    let day = number(&mut text, 2)?;
    if is_negative {
        year = -year;
    }
    if let Some(after) = text.strip_prefix(" (BC)") {
        year = if is_negative || year == 0 {
            return None;
        } else {
            1 - year
        };
        text = after;
    }
    *rest = text;
    let is_date = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    is_date.then(|| days(year, month, day))
}

/// Reads `HH:MM[:SS[.US]]` from the front of `rest` as microseconds; digits after the sixth are dropped, and those
/// after a colon or the point may be missing.
fn time_of(rest: &mut &str) -> Option<i64> {
    let mut text = *rest;
    let hour = number(&mut text, 9)?;
    let after_hour = text.strip_prefix(':')?;
    text = after_hour;
    let minute = number_or_nothing(&mut text)?;
    let (mut second, mut micros) = (0, 0);
    let is_doubled = after_hour.starts_with(':');
    if let Some(after) = text.strip_prefix(':').filter(|_| !is_doubled) {
        text = after;
        second = number_or_nothing(&mut text)?;
        if let Some(after) = text.strip_prefix('.') {
            let n_digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let kept = &after[..n_digits.min(6)];
            micros = format!("{kept:0<6}").parse().ok()?;
            text = &after[n_digits..];
        }
    }
    *rest = text;
    let time = hour * HOUR + minute * MINUTE + second * SECOND + micros;
    let is_time = minute < 60 && second < 60 && (hour < 24 || time == DAY);
    is_time.then_some(time)
}

/// Reads `±HH[[:]MM]` or `±HH:MM:SS` from the front of `rest` as microseconds.
pub(super) fn offset_of(rest: &mut &str) -> Option<i64> {
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let mut text = &rest[1..];
    let hours = two_digits(&mut text)?;
    let (mut minutes, mut seconds) = (0, 0);
    if let Some(mut after) = text.strip_prefix(':') {
        if let Some(value) = two_digits(&mut after) {
            (minutes, text) = (value, after);
            if let Some(mut after) = text.strip_prefix(':')
                && let Some(value) = two_digits(&mut after)
            {
                (seconds, text) = (value, after);
            }
        }
    } else {
        minutes = two_digits(&mut text).unwrap_or_default();
    }
    *rest = text;
    Some(sign * (hours * HOUR + minutes * MINUTE + seconds * SECOND))
}

/// Reads exactly two digits from the front of `text`.
fn two_digits(text: &mut &str) -> Option<i64> {
    let mut pair = text.get(..2)?;
    let value = number(&mut pair, 2).filter(|_| pair.is_empty())?;
    *text = &text[2..];
    Some(value)
}

/// Reads one or two digits from the front of `text`, 0 where there is none.
fn number_or_nothing(text: &mut &str) -> Option<i64> {
    match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => number(text, 2),
        false => Some(0),
    }
}

/// Reads up to `most` digits from the front of `text`, at least one.
pub(super) fn number(text: &mut &str, most: usize) -> Option<i64> {
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if n_digits == 0 || n_digits > most {
        return None;
    }
    let value = text[..n_digits].parse().ok();
    *text = &text[n_digits..];
    value
}
