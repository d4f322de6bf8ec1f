//! The classes of `modules.datetime`: what they make and read.

use std::sync::Arc;

use jiff::tz::Offset;
use jiff::{Timestamp, Zoned, civil};
use minijinja::{Error, State, Value};

use super::{DAY, Delta, MICROS, Moment, PARTS, date, datetime, moment_of, time};
use crate::jinja::errors::problem;
use crate::jinja::methods::bind;
use crate::jinja::modules::Module;
use crate::jinja::modules::format::{Parsed, strptime};
use crate::jinja::modules::zone::Zone;
use crate::jinja::value::{dict, text};

fn make_datetime(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("datetime", &PARTS, 3, args)?;
    let mut parts = [0; 7];
    for (part, value) in parts.iter_mut().zip(&bound) {
        *part = value.as_ref().and_then(Value::as_i64).unwrap_or(0);
    }
    let zone = bound[7].as_ref().and_then(Value::downcast_object::<Zone>);
    Ok(Value::from_object(Moment::at(moment_of(parts)?, zone)))
}

fn make_date(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("date", &["year", "month", "day"], 3, args)?;
    let part = |index: usize| bound[index].as_ref().and_then(Value::as_i64).unwrap_or(0);
    Ok(date(
        moment_of([part(0), part(1), part(2), 0, 0, 0, 0])?.date(),
    ))
}

fn make_time(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(
        "time",
        &["hour", "minute", "second", "microsecond"],
        0,
        args,
    )?;
    let part = |index: usize| bound[index].as_ref().and_then(Value::as_i64).unwrap_or(0);
    Ok(time(
        moment_of([1900, 1, 1, part(0), part(1), part(2), part(3)])?.time(),
    ))
}

fn make_delta(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let names = [
        "days",
        "seconds",
        "microseconds",
        "milliseconds",
        "minutes",
        "hours",
        "weeks",
    ];
    let units = [DAY, MICROS, 1, 1000, 60 * MICROS, 3600 * MICROS, 7 * DAY];
    let bound = bind("timedelta", &names, 0, args)?;
    let mut micros = 0.0;
    for (value, unit) in bound.iter().zip(units) {
        if let Some(value) = value {
            let number = f64::try_from(value.clone())
                .map_err(|_| problem(format!("`{}` is no number", text(value))))?;
            micros += number * unit as f64;
        }
    }
    Ok(Value::from_object(Delta(micros.round_ties_even() as i64)))
}

/// Reads the argument `tz` of `now(tz)`.
fn now(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("now", &["tz"], 0, args)?;
    let zone = bound[0].as_ref().and_then(Value::downcast_object::<Zone>);
    at_instant(Timestamp::now(), zone)
}

fn at_instant(at: Timestamp, zone: Option<Arc<Zone>>) -> Result<Value, Error> {
    let there = match &zone {
        Some(zone) => zone.zone.clone(),
        None => jiff::tz::TimeZone::system(),
    };
    let micros = Timestamp::from_microsecond(at.as_microsecond());
    let at = micros.map_err(|err| problem(err.to_string()))?;
    Ok(Value::from_object(Moment::at(
        at.to_zoned(there).datetime(),
        zone,
    )))
}

fn utcnow(_: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
    at_instant(Timestamp::now(), Some(Zone::utc())).map(|now| {
        match now.downcast_object_ref::<Moment>() {
            Some(now) => Value::from_object(now.with_zone(None)),
            None => now,
        }
    })
}

fn today(_: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
    Ok(date(Zoned::now().date()))
}

fn from_timestamp(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("fromtimestamp", &["timestamp", "tz"], 1, args)?;
    let seconds = bound[0].clone().and_then(|value| f64::try_from(value).ok());
    let micros = seconds.map(|seconds| (seconds * 1e6).round() as i64);
    let at = micros.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let at = at.ok_or_else(|| problem("`fromtimestamp` takes seconds since 1970"))?;
    at_instant(
        at,
        bound[1].as_ref().and_then(Value::downcast_object::<Zone>),
    )
}

fn parse(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("strptime", &["date_string", "format"], 2, args)?;
    let word = |index: usize| bound[index].as_ref().map(text).unwrap_or_default();
    let (given, format) = (word(0), word(1));
    match strptime(&given, &format) {
        Some(parsed) => Ok(of_parsed(parsed)),
        None => Err(problem(format!(
            "`{given}` does not match the format `{format}`"
        ))),
    }
}

fn of_parsed(parsed: Parsed) -> Value {
    let zone = parsed.offset.map(|seconds| match seconds {
        0 => Zone::utc(),
        seconds => Zone::fixed(Offset::from_seconds(seconds).unwrap_or(Offset::UTC)),
    });
    Value::from_object(Moment::at(parsed.local, zone))
}

fn from_iso(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let given = bind("fromisoformat", &["date_string"], 1, args)?[0]
        .as_ref()
        .map(text)
        .unwrap_or_default();
    let between = given.get(10..11).unwrap_or_default().to_owned();
    let formats = [
        "",
        "%H:%M",
        "%H:%M:%S",
        "%H:%M:%S.%f",
        "%H:%M%z",
        "%H:%M:%S%z",
        "%H:%M:%S.%f%z",
    ];
    let read = formats.iter().find_map(|time| match *time {
        "" => strptime(&given, "%Y-%m-%d"),
        time => strptime(&given, &format!("%Y-%m-%d{between}{time}")),
    });
    read.map(of_parsed)
        .ok_or_else(|| problem(format!("`{given}` is no date of ISO 8601")))
}

fn date_from_iso(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let read = from_iso(state, args)?;
    let moment = read.downcast_object_ref::<Moment>();
    Ok(moment.map_or(Value::UNDEFINED, |moment| date(moment.local.date())))
}

fn combine(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("combine", &["date", "time"], 2, args)?;
    let part = |index: usize| {
        bound[index]
            .as_ref()
            .and_then(Value::downcast_object::<Moment>)
    };
    match (part(0), part(1)) {
        (Some(day), Some(at)) => Ok(datetime(day.local.date().to_datetime(at.local.time()))),
        _ => Err(problem("`combine` takes a date and a time")),
    }
}

fn nothing(_: &str) -> Option<Value> {
    None
}

fn datetime_class() -> Value {
    Value::from_object(Module {
        name: "class 'datetime.datetime'",
        make: Some(make_datetime),
        functions: &[
            ("now", now),
            ("utcnow", utcnow),
            ("today", now),
            ("strptime", parse),
            ("fromisoformat", from_iso),
            ("fromtimestamp", from_timestamp),
            ("combine", combine),
        ],
        constants: |name| match name {
            "min" => Some(datetime(civil::datetime(1, 1, 1, 0, 0, 0, 0))),
            "max" => Some(datetime(civil::datetime(
                9999,
                12,
                31,
                23,
                59,
                59,
                999_999_000,
            ))),
            _ => None,
        },
    })
}

fn date_class() -> Value {
    Value::from_object(Module {
        name: "class 'datetime.date'",
        make: Some(make_date),
        functions: &[("today", today), ("fromisoformat", date_from_iso)],
        constants: |name| match name {
            "min" => Some(date(civil::date(1, 1, 1))),
            "max" => Some(date(civil::date(9999, 12, 31))),
            _ => None,
        },
    })
}

/// Returns `modules.datetime`.
pub(in crate::jinja::modules) fn module() -> Value {
    let class = |name: &'static str, make| {
        Value::from_object(Module {
            name,
            make: Some(make),
            functions: &[],
            constants: nothing,
        })
    };
    dict([
        ("datetime", datetime_class()),
        ("date", date_class()),
        ("time", class("class 'datetime.time'", make_time)),
        ("timedelta", class("class 'datetime.timedelta'", make_delta)),
        (
            "timezone",
            dict([("utc", Value::from_dyn_object(Zone::utc()))]),
        ),
    ])
}
