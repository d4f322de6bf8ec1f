//! Casts that depend on the session's zone.

use super::super::capi::{Frame, Outcome, Text};
use super::civil::{DAY, SECOND};
use super::definition::{Cast, Type};
use super::moment::{INFINITY, checked, is_finite};
use super::rows::{clock, map1, now, text};
use super::text::{pack_time, parse_time, parse_timestamp, write_timestamp};
use super::zone::Clock;

/// Microseconds in a millisecond, nanoseconds in a microsecond.
const THOUSAND: i64 = 1_000;

/// What `DuckDB` reckons for turning another type into TIMESTAMPTZ unasked.
const UNASKED: Option<i64> = Some(123);

/// All of them.
pub(super) static CASTS: &[Cast] = &[
    Cast::new(Type::TimestampTz, Type::Date, None, to_date),
    Cast::new(Type::TimestampTz, Type::Timestamp, None, |frame| {
        to_naive(frame, Ok)
    }),
    Cast::new(Type::TimestampTz, Type::TimestampS, None, |frame| {
        to_naive(frame, |us| Ok(round(us, SECOND)))
    }),
    Cast::new(Type::TimestampTz, Type::TimestampMs, None, |frame| {
        to_naive(frame, |us| Ok(round(us, THOUSAND)))
    }),
    Cast::new(Type::TimestampTz, Type::TimestampNs, None, |frame| {
        to_naive(frame, nanos)
    }),
    Cast::new(Type::TimestampTz, Type::TimeTz, None, to_time),
    Cast::new(Type::TimestampTz, Type::Varchar, None, to_text),
    Cast::new(Type::Timestamp, Type::TimestampTz, UNASKED, |frame| {
        from_naive(frame, Some)
    }),
    Cast::new(Type::TimestampS, Type::TimestampTz, UNASKED, |frame| {
        from_naive(frame, |s| s.checked_mul(SECOND))
    }),
    Cast::new(Type::TimestampMs, Type::TimestampTz, UNASKED, |frame| {
        from_naive(frame, |ms| ms.checked_mul(THOUSAND))
    }),
    Cast::new(Type::TimestampNs, Type::TimestampTz, None, |frame| {
        from_naive(frame, |ns| Some(round(ns, THOUSAND)))
    }),
    Cast::new(Type::Date, Type::TimestampTz, UNASKED, from_date),
    Cast::new(Type::Varchar, Type::TimestampTz, None, from_text),
    Cast::new(Type::Varchar, Type::TimeTz, None, time_from_text),
    Cast::new(Type::Time, Type::TimeTz, None, time_with_offset),
];

/// Divides and rounds to the nearest, halves away from zero.
fn round(value: i64, unit: i64) -> i64 {
    let half = if value < 0 { -unit / 2 } else { unit / 2 };
    value.saturating_add(half) / unit
}

fn nanos(micros: i64) -> Outcome<i64> {
    let nanos = micros.checked_mul(THOUSAND);
    nanos.ok_or_else(|| "the timestamp is outside the range of nanoseconds".to_owned())
}

fn to_naive(frame: &mut Frame<'_>, scale: impl Fn(i64) -> Outcome<i64>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |instant: &i64| match is_finite(*instant) {
        true => scale(clock.local(*instant)).map(Some),
        false => Ok(Some(*instant)),
    })
}

fn from_naive(frame: &mut Frame<'_>, scale: impl Fn(i64) -> Option<i64>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |local: &i64| match is_finite(*local) {
        true => checked(Some(clock.instant(checked(scale(*local))?))).map(Some),
        false => Ok(Some(*local)),
    })
}

fn to_date(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |instant: &i64| {
        Ok(Some(match *instant {
            INFINITY => i32::MAX,
            at if at == -INFINITY => -i32::MAX,
            // A timestamp's days fit 32 bits: its range is 292,000 years either way.
            at => clock.local(at).div_euclid(DAY) as i32,
        }))
    })
}

fn from_date(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |day: &i32| {
        Ok(Some(match *day {
            i32::MAX => INFINITY,
            day if day == -i32::MAX => -INFINITY,
            day => midnight(&mut clock, day)?,
        }))
    })
}

fn midnight(clock: &mut Clock, day: i32) -> Outcome<i64> {
    let local = checked(i64::from(day).checked_mul(DAY))?;
    checked(Some(clock.instant(local)))
}

fn to_time(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |instant: &i64| {
        let time = clock.local(*instant).rem_euclid(DAY);
        Ok(is_finite(*instant).then(|| pack_time(time, clock.offset(*instant) / SECOND)))
    })
}

fn to_text(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let instants = frame.column::<i64>(0)?;
    text(frame, |row, out| {
        let instant = instants.get(row);
        if let Some(instant) = instant {
            write_timestamp(&mut clock, *instant, 0, out);
        }
        Ok(instant.is_some())
    })
}

fn from_text(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |text: &Text| {
        parse_timestamp(&mut clock, text.as_str()).map(Some)
    })
}

fn time_from_text(frame: &mut Frame<'_>) -> Outcome {
    let (mut clock, now) = (clock(frame)?, now());
    map1(frame, |text: &Text| {
        parse_time(&mut clock, now, text.as_str()).map(Some)
    })
}

fn time_with_offset(frame: &mut Frame<'_>) -> Outcome {
    let offset = clock(frame)?.offset(now()) / SECOND;
    map1(frame, |time: &i64| Ok(Some(pack_time(*time, offset))))
}
