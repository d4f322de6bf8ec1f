//! Python's `datetime`: dates, times, datetimes with and without time zone, and the distances between them.

mod classes;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::civil::{self, Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, Zoned};
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Tuple};
use minijinja::{Error, State, Value};

use super::format::strftime;
use super::zone::{Zone, offset_text};
use crate::jinja::errors::problem;
use crate::jinja::methods::{bind, unknown};
use crate::jinja::value::text;

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400 * MICROS;

/// What a datetime is made of, by Python's names.
const PARTS: [&str; 8] = [
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "microsecond",
    "tzinfo",
];

/// Which of Python's three types a moment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Date,
    Time,
    DateTime,
}

/// A date, a time or a datetime.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) shape: Shape,
    pub(crate) local: DateTime,
    pub(crate) zone: Option<Arc<Zone>>,
}

/// A `timedelta` in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delta(i64);

/// Makes a `datetime` without time zone.
pub fn datetime(local: DateTime) -> Value {
    Value::from_object(Moment::at(local, None))
}

/// Makes a `datetime` in UTC.
#[must_use]
pub fn instant(at: Timestamp) -> Value {
    let local = Offset::UTC.to_datetime(at);
    Value::from_object(Moment::at(local, Some(Zone::utc())))
}

/// Makes a `date`.
#[must_use]
pub fn date(date: Date) -> Value {
    Value::from_object(Moment::of_date(date))
}

/// Makes a `time`.
#[must_use]
pub fn time(time: Time) -> Value {
    Value::from_object(Moment::of_time(time))
}

pub(super) use self::classes::module;

pub(super) fn delta_of_seconds(seconds: i64) -> Value {
    Value::from_object(Delta(seconds * MICROS))
}

impl Moment {
    fn at(local: DateTime, zone: Option<Arc<Zone>>) -> Self {
        Self {
            shape: Shape::DateTime,
            local,
            zone,
        }
    }

    fn of_date(date: Date) -> Self {
        Self {
            shape: Shape::Date,
            ..Self::at(date.to_datetime(Time::midnight()), None)
        }
    }

    fn of_time(time: Time) -> Self {
        Self {
            shape: Shape::Time,
            ..Self::at(Date::constant(1900, 1, 1).to_datetime(time), None)
        }
    }

    /// Returns the same local time in another zone.
    pub(super) fn with_zone(&self, zone: Option<Arc<Zone>>) -> Self {
        Self {
            zone,
            ..self.clone()
        }
    }

    fn zoned(&self) -> Result<Zoned, Error> {
        let zone = match &self.zone {
            Some(zone) => zone.zone.clone(),
            None => jiff::tz::TimeZone::system(),
        };
        self.local
            .to_zoned(zone)
            .map_err(|err| problem(err.to_string()))
    }

    /// Returns the same instant in another zone.
    pub(super) fn astimezone(&self, zone: &Arc<Zone>) -> Result<Value, Error> {
        let there = self.zoned()?.with_time_zone(zone.zone.clone());
        let moved = Self::at(there.datetime(), Some(zone.clone()));
        Ok(Value::from_object(moved))
    }

    /// Returns offset in seconds and name of the zone.
    fn offset(&self) -> Option<(i32, String)> {
        let (offset, name) = self.zone.as_ref()?.at(self.local);
        Some((offset.seconds(), name))
    }

    fn format(&self, format: &str) -> String {
        let offset = self.offset();
        let offset = offset
            .as_ref()
            .map(|(offset, name)| (*offset, name.as_str()));
        strftime(self.local, offset, format)
    }

    fn iso(&self, between: &str) -> String {
        let date = || self.format("%Y-%m-%d");
        let micros = self.local.subsec_nanosecond() / 1000;
        let time = || match micros {
            0 => self.format("%H:%M:%S"),
            _ => self.format("%H:%M:%S.%f"),
        };
        match self.shape {
            Shape::Date => date(),
            Shape::Time => time(),
            Shape::DateTime => {
                let zone = self
                    .zone
                    .as_ref()
                    .map(|zone| offset_text(zone.at(self.local).0));
                format!("{}{between}{}{}", date(), time(), zone.unwrap_or_default())
            }
        }
    }

    fn plus(&self, delta: Delta) -> Result<Value, Error> {
        let micros = match self.shape {
            Shape::Date => delta.0.div_euclid(DAY) * DAY,
            _ => delta.0,
        };
        let moved = self.local.checked_add(SignedDuration::from_micros(micros));
        let local = moved.map_err(|_| problem("a date is out of range"))?;
        Ok(Value::from_object(Self {
            local,
            ..self.clone()
        }))
    }

    /// Returns microseconds since 1970, in UTC where there is a zone.
    fn micros(&self) -> i64 {
        let offset = self.offset().map_or(0, |(offset, _)| i64::from(offset));
        let since = self
            .local
            .duration_since(civil::datetime(1970, 1, 1, 0, 0, 0, 0));
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        micros.saturating_sub(offset * MICROS)
    }

    fn field(&self, key: &str) -> Option<Value> {
        let (has_date, has_time) = (self.shape != Shape::Time, self.shape != Shape::Date);
        Some(match key {
            "year" if has_date => Value::from(self.local.year()),
            "month" if has_date => Value::from(self.local.month()),
            "day" if has_date => Value::from(self.local.day()),
            "hour" if has_time => Value::from(self.local.hour()),
            "minute" if has_time => Value::from(self.local.minute()),
            "second" if has_time => Value::from(self.local.second()),
            "microsecond" if has_time => Value::from(self.local.subsec_nanosecond() / 1000),
            "tzinfo" if has_time => match &self.zone {
                Some(zone) => Value::from_dyn_object(zone.clone()),
                None => Value::from(()),
            },
            _ => return None,
        })
    }

    fn replace(&self, args: &[Value]) -> Result<Value, Error> {
        let bound = bind("replace", &PARTS, 0, args)?;
        let own = self.local;
        let number = |index: usize, default: i64| {
            bound[index]
                .as_ref()
                .and_then(Value::as_i64)
                .unwrap_or(default)
        };
        let made = moment_of([
            number(0, own.year().into()),
            number(1, own.month().into()),
            number(2, own.day().into()),
            number(3, own.hour().into()),
            number(4, own.minute().into()),
            number(5, own.second().into()),
            number(6, i64::from(own.subsec_nanosecond() / 1000)),
        ])?;
        let zone = match &bound[7] {
            Some(zone) => zone.downcast_object::<Zone>(),
            None => self.zone.clone(),
        };
        Ok(Value::from_object(Self {
            shape: self.shape,
            local: made,
            zone,
        }))
    }

    fn iso_calendar(&self) -> Value {
        let week = self.local.date().iso_week_date();
        let day = week.weekday().to_monday_one_offset();
        Value::from(Tuple::from([
            Value::from(week.year()),
            Value::from(week.week()),
            Value::from(day),
        ]))
    }
}

/// Returns a date, time, datetime or timedelta as Python's `repr()` writes it; none of other values.
pub(crate) fn repr(value: &Value) -> Option<String> {
    if let Some(delta) = value.downcast_object_ref::<Delta>() {
        return Some(delta.repr());
    }
    let moment = value.downcast_object_ref::<Moment>()?;
    let (date, time) = (moment.local.date(), moment.local.time());
    let micros = i64::from(time.subsec_nanosecond() / 1000);
    let day = [date.year().into(), date.month().into(), date.day().into()];
    let mut clock: Vec<i64> = vec![time.hour().into(), time.minute().into()];
    if time.second() != 0 || micros != 0 {
        clock.push(time.second().into());
    }
    clock.extend((micros != 0).then_some(micros));
    let (class, parts): (&str, Vec<i64>) = match moment.shape {
        Shape::Date => ("date", day.to_vec()),
        Shape::Time => ("time", clock),
        Shape::DateTime => ("datetime", day.into_iter().chain(clock).collect()),
    };
    let parts = parts.iter().map(i64::to_string);
    let zone = moment.zone.as_ref().map(|_| {
        let name = moment.offset().map(|(_, name)| name).unwrap_or_default();
        format!("tzinfo=<{name}>")
    });
    let parts: Vec<String> = parts.chain(zone).collect();
    Some(format!("datetime.{class}({})", parts.join(", ")))
}

impl Delta {
    fn repr(self) -> String {
        let (days, rest) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let parts = [
            ("days", days),
            ("seconds", rest / MICROS),
            ("microseconds", rest % MICROS),
        ];
        let parts = parts.iter().filter(|(_, count)| *count != 0);
        let parts: Vec<String> = parts
            .map(|(name, count)| format!("{name}={count}"))
            .collect();
        match parts.is_empty() {
            true => "datetime.timedelta(0)".to_owned(),
            false => format!("datetime.timedelta({})", parts.join(", ")),
        }
    }
}

/// Makes a local time of year, month, day, hour, minute, second, microsecond.
fn moment_of(parts: [i64; 7]) -> Result<DateTime, Error> {
    let wrong = || problem(format!("{parts:?} is no date"));
    let small = |index: usize| i8::try_from(parts[index]).map_err(|_| wrong());
    let year = i16::try_from(parts[0]).map_err(|_| wrong())?;
    let micros = i32::try_from(parts[6])
        .ok()
        .and_then(|micros| micros.checked_mul(1000));
    DateTime::new(
        year,
        small(1)?,
        small(2)?,
        small(3)?,
        small(4)?,
        small(5)?,
        micros.ok_or_else(wrong)?,
    )
    .map_err(|_| wrong())
}

const METHODS: &[&str] = &[
    "astimezone",
    "ctime",
    "date",
    "isocalendar",
    "isoformat",
    "isoweekday",
    "replace",
    "strftime",
    "time",
    "timestamp",
    "timetz",
    "toordinal",
    "tzname",
    "utcoffset",
    "weekday",
];

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.field(key.as_str()?)
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some((self.shape, self.micros()).cmp(&(other.shape, other.micros())))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let weekday = self.local.date().weekday();
        Ok(match method {
            "strftime" | "__format__" => {
                let format = bind(method, &["format"], 1, args)?;
                Value::from(self.format(&format[0].as_ref().map(text).unwrap_or_default()))
            }
            "isoformat" => {
                let between = bind(method, &["sep", "timespec"], 0, args)?;
                let between = between[0].as_ref().map_or_else(|| "T".into(), text);
                Value::from(self.iso(&between))
            }
            "ctime" => Value::from(self.format("%c")),
            "date" if self.shape == Shape::DateTime => date(self.local.date()),
            "time" | "timetz" if self.shape == Shape::DateTime => time(self.local.time()),
            "timestamp" if self.zone.is_some() => Value::from(self.micros() as f64 / 1e6),
            "timestamp" => Value::from(self.zoned()?.timestamp().as_microsecond() as f64 / 1e6),
            "weekday" => Value::from(weekday.to_monday_zero_offset()),
            "isoweekday" => Value::from(weekday.to_monday_one_offset()),
            "toordinal" => {
                let first = Date::constant(1, 1, 1);
                Value::from(self.local.date().duration_since(first).as_hours() / 24 + 1)
            }
            "isocalendar" => self.iso_calendar(),
            "replace" => self.replace(args)?,
            "astimezone" => {
                let zone = bind(method, &["tz"], 0, args)?;
                let zone = zone[0].as_ref().and_then(Value::downcast_object::<Zone>);
                self.astimezone(&zone.unwrap_or_else(Zone::utc))?
            }
            "utcoffset" => match self.offset() {
                Some((seconds, _)) => delta_of_seconds(seconds.into()),
                None => Value::from(()),
            },
            "tzname" => Value::from(self.offset().map(|(_, name)| name)),
            _ => return Err(unknown("datetime", method, METHODS)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso(" "))
    }
}

impl Object for Delta {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0 != 0
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Value::from(match key.as_str()? {
            "days" => self.0.div_euclid(DAY),
            "seconds" => self.0.rem_euclid(DAY) / MICROS,
            "microseconds" => self.0.rem_euclid(MICROS),
            _ => return None,
        }))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some((**self).cmp(other.downcast_ref::<Self>()?))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "total_seconds" => Ok(Value::from(self.0 as f64 / MICROS as f64)),
            _ => Err(unknown("timedelta", method, &["total_seconds"])),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        let seconds = rest / MICROS;
        write!(
            f,
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        match rest % MICROS {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}

/// `+`, `-`, `*`, `/`, `//` where one side is of this module; none where neither is.
pub(crate) fn operate(sign: &str, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    let moment = |value: &Value| value.downcast_object::<Moment>();
    let delta = |value: &Value| value.downcast_object_ref::<Delta>().copied();
    let made = |micros: f64| Ok(Value::from_object(Delta(micros.round_ties_even() as i64)));
    let number = |value: &Value| f64::try_from(value.clone()).ok();
    Some(
        match (sign, moment(left), delta(left), moment(right), delta(right)) {
            ("+", Some(at), _, _, Some(by)) | ("+", _, Some(by), Some(at), _) => at.plus(by),
            ("-", Some(at), _, _, Some(by)) => at.plus(Delta(-by.0)),
            ("-", Some(a), _, Some(b), _) => Ok(Value::from_object(Delta(a.micros() - b.micros()))),
            ("+", _, Some(a), _, Some(b)) => Ok(Value::from_object(Delta(a.0 + b.0))),
            ("-", _, Some(a), _, Some(b)) => Ok(Value::from_object(Delta(a.0 - b.0))),
            ("/", _, Some(a), _, Some(b)) => Ok(Value::from(a.0 as f64 / b.0 as f64)),
            ("//", _, Some(a), _, Some(b)) if b.0 != 0 => Ok(Value::from(a.0.div_euclid(b.0))),
            ("*", _, Some(a), _, _) => made(a.0 as f64 * number(right)?),
            ("*", _, _, _, Some(b)) => made(b.0 as f64 * number(left)?),
            ("/", _, Some(a), _, _) => made(a.0 as f64 / number(right)?),
            _ => return None,
        },
    )
}
