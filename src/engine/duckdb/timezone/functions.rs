//! SQL's functions that move, make, bucket and print instants in a zone.

use super::super::capi::{Frame, Outcome, Text};
use super::civil::{DAY, HOUR, MINUTE, SECOND, days};
use super::definition::{Interval, Rows, Scalar, Type};
use super::format::Format;
use super::moment::{add, age, between, bucket, checked, is_finite, negate};
use super::rows::{Memo, SETTING, clock, clock_of, map1, map2, map3, now, text};
use super::text::{pack_time, unpack_time};
use super::zone::{Clock, is_daylight_saving, names};

const TZ: Type = Type::TimestampTz;
const NUMBER: Type = Type::BigInt;

/// All of them.
pub(super) static FUNCTIONS: &[Scalar] = &[
    Scalar::new(&["+"], &[TZ, Type::Interval], TZ, |frame| moved(frame, Ok)),
    Scalar::new(&["+"], &[Type::Interval, TZ], TZ, moved_from_right),
    Scalar::new(&["-"], &[TZ, Type::Interval], TZ, |frame| {
        moved(frame, negate)
    }),
    Scalar::new(&["-"], &[TZ, TZ], Type::Interval, |frame| {
        difference(frame, between)
    }),
    Scalar::new(&["age"], &[TZ, TZ], Type::Interval, |frame| {
        difference(frame, age)
    }),
    Scalar {
        volatile: true,
        ..Scalar::new(&["age"], &[TZ], Type::Interval, age_today)
    },
    Scalar::new(&["time_bucket"], &[Type::Interval, TZ], TZ, |frame| {
        buckets(frame, 0)
    }),
    Scalar::new(
        &["time_bucket"],
        &[Type::Interval, TZ, Type::Interval],
        TZ,
        shifted_buckets,
    ),
    Scalar::new(
        &["time_bucket"],
        &[Type::Interval, TZ, TZ],
        TZ,
        buckets_from,
    ),
    Scalar::new(
        &["time_bucket"],
        &[Type::Interval, TZ, Type::Varchar],
        TZ,
        buckets_in_zone,
    ),
    Scalar::new(&["make_timestamptz"], &[NUMBER], TZ, |frame| {
        map1(frame, |us: &i64| checked(Some(*us)).map(Some))
    }),
    Scalar::new(
        &["make_timestamptz"],
        &[NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, Type::Double],
        TZ,
        make,
    ),
    Scalar::new(
        &["make_timestamptz"],
        &[
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            Type::Double,
            Type::Varchar,
        ],
        TZ,
        make,
    ),
    Scalar::new(
        &["strftime"],
        &[TZ, Type::Varchar],
        Type::Varchar,
        |frame| printed(frame, [0, 1]),
    ),
    Scalar::new(
        &["strftime"],
        &[Type::Varchar, TZ],
        Type::Varchar,
        |frame| printed(frame, [1, 0]),
    ),
    Scalar::new(
        &["range"],
        &[TZ, TZ, Type::Interval],
        Type::TimestampTzList,
        |frame| lists(frame, false),
    ),
    Scalar::new(
        &["generate_series"],
        &[TZ, TZ, Type::Interval],
        Type::TimestampTzList,
        |frame| lists(frame, true),
    ),
    Scalar::new(
        &["timezone"],
        &[Type::Varchar, Type::Timestamp],
        TZ,
        in_zone,
    ),
    Scalar::new(
        &["timezone"],
        &[Type::Varchar, TZ],
        Type::Timestamp,
        to_zone,
    ),
    Scalar::new(
        &["timezone"],
        &[Type::Varchar, Type::TimeTz],
        Type::TimeTz,
        time_to_zone,
    ),
    Scalar::new(
        &["timezone"],
        &[Type::Interval, Type::TimeTz],
        Type::TimeTz,
        time_to_offset,
    ),
    Scalar::new(&["wh_zone_names"], &[], Type::Varchar, zone_names),
    Scalar::new(&["wh_zone_is_dst"], &[Type::Varchar, TZ], NUMBER, |frame| {
        map2(frame, |zone: &Text, at: &i64| {
            is_daylight_saving(zone.as_str(), *at).map(|is| Some(i64::from(is)))
        })
    }),
];

fn moved(frame: &mut Frame<'_>, read: impl Fn(Interval) -> Outcome<Interval>) -> Outcome {
    let mut clock = clock(frame)?;
    map2(frame, |at: &i64, by: &Interval| {
        add(&mut clock, *at, read(*by)?).map(Some)
    })
}

fn moved_from_right(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map2(frame, |by: &Interval, at: &i64| {
        add(&mut clock, *at, *by).map(Some)
    })
}

fn difference(
    frame: &mut Frame<'_>,
    between: impl Fn(&mut Clock, i64, i64) -> Outcome<Interval>,
) -> Outcome {
    let mut clock = clock(frame)?;
    map2(frame, |end: &i64, start: &i64| {
        between(&mut clock, *end, *start).map(Some)
    })
}

fn age_today(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let local = clock.local(now());
    let midnight = clock.instant(local - local.rem_euclid(DAY));
    map1(frame, |start: &i64| {
        age(&mut clock, midnight, *start).map(Some)
    })
}

/// Where buckets are counted from: a Monday for days and less, a new year for months.
fn origin(width: &Interval) -> i64 {
    match width.months {
        0 => 10_959 * DAY,
        _ => 10_957 * DAY,
    }
}

fn buckets(frame: &mut Frame<'_>, shift: i64) -> Outcome {
    let mut utc = clock_of("UTC")?;
    map2(frame, |width: &Interval, at: &i64| {
        bucket(&mut utc, *width, *at, origin(width) + shift).map(Some)
    })
}

fn shifted_buckets(frame: &mut Frame<'_>) -> Outcome {
    let mut utc = clock_of("UTC")?;
    map3(frame, |width: &Interval, at: &i64, shift: &Interval| {
        let back = add(&mut utc, *at, negate(*shift)?)?;
        let start = bucket(&mut utc, *width, back, origin(width))?;
        add(&mut utc, start, *shift).map(Some)
    })
}

fn buckets_from(frame: &mut Frame<'_>) -> Outcome {
    let mut utc = clock_of("UTC")?;
    map3(frame, |width: &Interval, at: &i64, from: &i64| {
        if !is_finite(*from) {
            return Ok(None);
        }
        let from = match width.months {
            0 => *from,
            _ => super::part::Part::Month.truncate(&mut utc, *from)?,
        };
        bucket(&mut utc, *width, *at, from).map(Some)
    })
}

fn buckets_in_zone(frame: &mut Frame<'_>) -> Outcome {
    let mut memo = Memo::new();
    map3(frame, |width: &Interval, at: &i64, zone: &Text| {
        let clock: &mut Clock = memo.get(zone.as_str(), clock_of)?;
        let from = clock.instant(origin(width));
        bucket(clock, *width, *at, from).map(Some)
    })
}

/// Year to minute, seconds with decimals, and a zone or the session's; what is too large carries over.
fn make(frame: &mut Frame<'_>) -> Outcome {
    let mut here = clock(frame)?;
    let mut memo = Memo::new();
    let numbers = (0..5)
        .map(|at| frame.column::<i64>(at))
        .collect::<Outcome<Vec<_>>>()?;
    let seconds = frame.column::<f64>(5)?;
    let zones = frame.column::<Text>(6).ok();
    super::rows::each(frame, |row| {
        let mut fields = [0; 5];
        for (field, column) in fields.iter_mut().zip(&numbers) {
            let Some(value) = column.get(row) else {
                return Ok(None);
            };
            *field = i64::from(
                i32::try_from(*value).map_err(|_| format!("{value} is out of range for a date"))?,
            );
        }
        let Some(seconds) = seconds.get(row) else {
            return Ok(None);
        };
        let clock = match zones.as_ref().map(|zones| zones.get(row)) {
            Some(Some(zone)) => memo.get(zone.as_str(), clock_of)?,
            Some(None) => return Ok(None),
            None => &mut here,
        };
        let local = checked(local_of(fields, *seconds))?;
        checked(Some(clock.instant(local))).map(Some)
    })
}

fn local_of([year, month, day, hour, minute]: [i64; 5], seconds: f64) -> Option<i64> {
    if !seconds.is_finite() || seconds.abs() > f64::from(i32::MAX) {
        return None;
    }
    // There is no year 0 before Christ: -5 is 5 BC.
    let year = if year < 0 { year + 1 } else { year };
    let time = hour * HOUR + minute * MINUTE + (seconds * SECOND as f64).round() as i64;
    days(year, month, day).checked_mul(DAY)?.checked_add(time)
}

fn printed(frame: &mut Frame<'_>, [instant, format]: [u64; 2]) -> Outcome {
    let mut clock = clock(frame)?;
    let (instants, formats) = (frame.column::<i64>(instant)?, frame.column::<Text>(format)?);
    let mut memo = Memo::new();
    text(frame, |row, out| {
        let (Some(at), Some(format)) = (instants.get(row), formats.get(row)) else {
            return Ok(false);
        };
        memo.get(format.as_str(), Format::parse)?
            .write(&mut clock, *at, out);
        Ok(true)
    })
}

/// The instants from one to another by a step; `with_end` when the end belongs to them.
fn series(from: i64, to: i64, step: Interval, zone: &str, with_end: bool) -> Outcome<Rows> {
    let mut clock = clock_of(zone)?;
    if !is_finite(from) || !is_finite(to) {
        return Err("a series has finite ends".into());
    }
    let parts = [step.months.into(), step.days.into(), step.micros];
    let (up, down) = (
        parts.iter().any(|part: &i64| *part > 0),
        parts.iter().any(|part| *part < 0),
    );
    if up && down {
        return Err("the step of a series has parts of one sign".into());
    }
    let mut next = (up || down).then_some(from);
    Ok(Box::new(std::iter::from_fn(move || {
        let at = next?;
        let is_inside = if up { at < to } else { at > to } || with_end && at == to;
        next = add(&mut clock, at, step).ok().filter(|_| is_inside);
        is_inside.then_some(at)
    })))
}

fn lists(frame: &mut Frame<'_>, with_end: bool) -> Outcome {
    let zone = frame.setting(SETTING)?;
    let (from, to) = (frame.column::<i64>(0)?, frame.column::<i64>(1)?);
    let step = frame.column::<Interval>(2)?;
    let row = |row| match (from.get(row), to.get(row), step.get(row)) {
        (Some(from), Some(to), Some(step)) => {
            Ok(Some(series(*from, *to, *step, &zone, with_end)?.collect()))
        }
        _ => Ok(None),
    };
    let rows: Vec<Option<Vec<i64>>> = (0..frame.n_rows()).map(row).collect::<Outcome<_>>()?;
    frame.lists(&rows)
}

fn in_zone(frame: &mut Frame<'_>) -> Outcome {
    let mut memo = Memo::new();
    map2(frame, |zone: &Text, local: &i64| {
        let clock: &mut Clock = memo.get(zone.as_str(), clock_of)?;
        match is_finite(*local) {
            true => checked(Some(clock.instant(*local))).map(Some),
            false => Ok(Some(*local)),
        }
    })
}

fn to_zone(frame: &mut Frame<'_>) -> Outcome {
    let mut memo = Memo::new();
    map2(frame, |zone: &Text, at: &i64| {
        let clock: &mut Clock = memo.get(zone.as_str(), clock_of)?;
        Ok(Some(if is_finite(*at) {
            clock.local(*at)
        } else {
            *at
        }))
    })
}

fn time_to_zone(frame: &mut Frame<'_>) -> Outcome {
    let now = now();
    let mut memo = Memo::new();
    map2(frame, |zone: &Text, time: &i64| {
        let offset = *memo.get(zone.as_str(), |zone| {
            Ok(clock_of(zone)?.offset(now) / SECOND)
        })?;
        Ok(Some(shifted(*time, offset)))
    })
}

fn time_to_offset(frame: &mut Frame<'_>) -> Outcome {
    map2(frame, |offset: &Interval, time: &i64| {
        Ok(Some(shifted(*time, offset.micros / SECOND)))
    })
}

/// The same moment of the day at another offset from UTC.
fn shifted(time: i64, offset: i64) -> i64 {
    let (micros, from) = unpack_time(time);
    pack_time((micros + (offset - from) * SECOND).rem_euclid(DAY), offset)
}

/// All names of zones, joined by commas.
fn zone_names(frame: &mut Frame<'_>) -> Outcome {
    let names = names().join(",");
    text(frame, |_, out| {
        out.push_str(&names);
        Ok(true)
    })
}
