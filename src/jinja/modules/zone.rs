//! Time zones: `modules.pytz`.

use std::fmt;
use std::sync::Arc;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::Module;
use super::datetime::{Moment, delta_of_seconds};
use crate::jinja::errors::problem;
use crate::jinja::methods::{bind, unknown};
use crate::jinja::value::text;

/// A time zone by name.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) zone: TimeZone,
}

impl Zone {
    pub(crate) fn utc() -> Arc<Self> {
        Arc::new(Self {
            name: "UTC".into(),
            zone: TimeZone::UTC,
        })
    }

    pub(crate) fn fixed(offset: Offset) -> Arc<Self> {
        Arc::new(Self {
            name: format!("UTC{}", offset_text(offset)),
            zone: TimeZone::fixed(offset),
        })
    }

    /// Returns the offset and its short name at a local time.
    pub(crate) fn at(&self, local: civil::DateTime) -> (Offset, String) {
        match local.to_zoned(self.zone.clone()) {
            Ok(zoned) => {
                let info = zoned.time_zone().to_offset_info(zoned.timestamp());
                (info.offset(), info.abbreviation().to_owned())
            }
            Err(_) => (Offset::UTC, self.name.clone()),
        }
    }
}

/// Writes an offset as `+02:00`.
pub(crate) fn offset_text(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let text = format!("{sign}{:02}:{:02}", size / 3600, size / 60 % 60);
    match size % 60 {
        0 => text,
        rest => format!("{text}:{rest:02}"),
    }
}

/// Finds a time zone.
pub(crate) fn find(name: &str) -> Result<Arc<Zone>, Error> {
    match TimeZone::get(name) {
        Ok(zone) => Ok(Arc::new(Zone {
            name: zone.iana_name().unwrap_or(name).to_owned(),
            zone,
        })),
        Err(_) => Err(problem(format!("`{name}` is no time zone"))),
    }
}

fn timezone(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let name = bind("timezone", &["zone"], 1, args)?;
    let name = name[0].as_ref().map(text).unwrap_or_default();
    find(&name).map(Value::from_dyn_object)
}

pub(super) fn module() -> Value {
    Value::from_object(Module {
        name: "module 'pytz'",
        make: None,
        functions: &[("timezone", timezone)],
        constants: |name| match name {
            "utc" | "UTC" => Some(Value::from_dyn_object(Zone::utc())),
            _ => None,
        },
    })
}

impl Object for Zone {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "zone").then(|| Value::from(&self.name))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let bound = bind(method, &["dt", "is_dst"], 1, args)?;
        let given = bound[0].as_ref();
        let Some(given) = given.and_then(|value| value.downcast_object_ref::<Moment>()) else {
            return Err(problem(format!("`{method}` takes a datetime")));
        };
        match method {
            "localize" if given.zone.is_some() => {
                Err(problem("`localize` of a datetime that has a time zone"))
            }
            "localize" => Ok(Value::from_object(given.with_zone(Some(self.clone())))),
            "normalize" | "fromutc" => given.astimezone(self),
            "utcoffset" => {
                let seconds = self.at(given.local).0.seconds();
                Ok(delta_of_seconds(i64::from(seconds)))
            }
            "tzname" => Ok(Value::from(self.at(given.local).1)),
            _ => {
                let known = ["fromutc", "localize", "normalize", "tzname", "utcoffset"];
                Err(unknown("time zone", method, &known))
            }
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
