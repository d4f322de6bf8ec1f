//! TIMESTAMPTZ_NS: what ICU gives for it, which is little: casts, `timezone`, `date_diff`.

use super::super::capi::{Frame, Outcome, Text};
use super::civil::DAY;
use super::definition::{Cast, Scalar, Type};
use super::moment::is_finite;
use super::part::{Part, parse};
use super::rows::{Memo, clock, clock_of, map1, map2, map3, text};
use super::text::{parse_timestamp, write_timestamp};
use super::zone::Clock;

const NS: Type = Type::TimestampNs;
const TZ_NS: Type = Type::TimestampTzNs;

/// What `DuckDB` reckons for turning another type into TIMESTAMPTZ_NS unasked.
const UNASKED: Option<i64> = Some(124);

/// All casts.
pub(super) static CASTS: &[Cast] = &[
    Cast::new(TZ_NS, Type::Varchar, None, to_text),
    Cast::new(Type::Varchar, TZ_NS, None, from_text),
    Cast::new(TZ_NS, NS, None, |frame| here(frame, Clock::local)),
    Cast::new(NS, TZ_NS, UNASKED, |frame| here(frame, Clock::instant)),
    Cast::new(TZ_NS, Type::Date, None, to_date),
];

/// All functions.
pub(super) static FUNCTIONS: &[Scalar] = &[
    Scalar::new(&["timezone"], &[Type::Varchar, TZ_NS], NS, |frame| {
        there(frame, Clock::local)
    }),
    Scalar::new(&["timezone"], &[Type::Varchar, NS], TZ_NS, |frame| {
        there(frame, Clock::instant)
    }),
    Scalar::new(
        &["date_diff", "datediff"],
        &[Type::Varchar, TZ_NS, TZ_NS],
        Type::BigInt,
        difference,
    ),
];

/// Applies what is defined on microseconds and keeps the nanoseconds below.
fn shift(clock: &mut Clock, nanos: i64, by: impl Fn(&mut Clock, i64) -> i64) -> Outcome<i64> {
    if !is_finite(nanos) {
        return Ok(nanos);
    }
    let shifted = by(clock, nanos.div_euclid(1_000)).checked_mul(1_000);
    let shifted = shifted.and_then(|micros| micros.checked_add(nanos.rem_euclid(1_000)));
    shifted.ok_or_else(|| "the timestamp is outside the range of nanoseconds".to_owned())
}

fn here(frame: &mut Frame<'_>, by: impl Fn(&mut Clock, i64) -> i64) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |nanos: &i64| {
        shift(&mut clock, *nanos, &by).map(Some)
    })
}

fn there(frame: &mut Frame<'_>, by: impl Fn(&mut Clock, i64) -> i64) -> Outcome {
    let mut memo = Memo::new();
    map2(frame, |zone: &Text, nanos: &i64| {
        shift(memo.get(zone.as_str(), clock_of)?, *nanos, &by).map(Some)
    })
}

fn to_text(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let instants = frame.column::<i64>(0)?;
    text(frame, |row, out| {
        let instant = instants.get(row);
        match instant {
            Some(nanos) if is_finite(*nanos) => {
                write_timestamp(
                    &mut clock,
                    nanos.div_euclid(1_000),
                    nanos.rem_euclid(1_000),
                    out,
                );
            }
            Some(nanos) => write_timestamp(&mut clock, *nanos, 0, out),
            None => {}
        }
        Ok(instant.is_some())
    })
}

fn from_text(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |text: &Text| {
        let micros = parse_timestamp(&mut clock, text.as_str())?;
        if !is_finite(micros) {
            return Ok(Some(micros));
        }
        let nanos = micros
            .checked_mul(1_000)
            .and_then(|n| n.checked_add(nanos_of(text.as_str())));
        nanos
            .map(Some)
            .ok_or_else(|| format!("`{}` is outside the range of nanoseconds", text.as_str()))
    })
}

/// The seventh to ninth decimal of a text that was read as a timestamp.
fn nanos_of(text: &str) -> i64 {
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
    let digits = decimals
        .bytes()
        .take_while(u8::is_ascii_digit)
        .skip(6)
        .take(3);
    let padded = digits.chain(std::iter::repeat(b'0')).take(3);
    padded.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
}

fn to_date(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |nanos: &i64| {
        Ok(Some(match *nanos {
            i64::MAX => i32::MAX,
            nanos if nanos == -i64::MAX => -i32::MAX,
            // Nanoseconds reach 292 years either way.
            nanos => clock.local(nanos.div_euclid(1_000)).div_euclid(DAY) as i32,
        }))
    })
}

fn difference(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let mut memo = Memo::new();
    map3(frame, |word: &Text, start: &i64, end: &i64| {
        let part: Part = *memo.get(word.as_str(), parse)?;
        let [from, to] = [start, end].map(|nanos| nanos.div_euclid(1_000));
        match is_finite(*start) && is_finite(*end) {
            true => part.boundaries(&mut clock, from, to).map(Some),
            false => Ok(None),
        }
    })
}
