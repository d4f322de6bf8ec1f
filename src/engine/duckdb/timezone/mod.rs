//! What the ICU extension gives, built in: dates and times in the session's time zone, without a download.
//!
//! Overloads of `DuckDB`'s own functions for TIMESTAMPTZ, casts, the setting `TimeZone`, and the functions that tell
//! the local date and time; equal to ICU's in all that the test against ICU compares. Calendars other than the
//! Gregorian and collations are not here.

mod casts;
mod civil;
pub(super) mod definition;
mod format;
mod functions;
mod moment;
mod nanos;
mod part;
mod part_functions;
mod rows;
mod strptime;
mod text;
mod zone;

use std::ffi::CStr;

use self::definition::Setting;
use super::capi::{Extension, Link, Loader, Outcome, register};
use crate::diagnostic::{Diagnostic, Kind, Result};

/// Gives every database opened from now on time zones; call it before the first is opened, again at will.
///
/// A session's zone is `SET TimeZone = 'Europe/Berlin'`, at first the machine's: `TZ`, else `/etc/localtime`, else UTC.
///
/// # Errors
/// A bug when `DuckDB` refuses the extension.
pub(super) fn install() -> Result<()> {
    register::<TimeZones>().map_err(|err| Diagnostic::new(Kind::Bug, err).into())
}

/// Prepares a new session; the only thing that `DuckDB` keeps per session is how `strptime` reads zones.
///
/// # Errors
/// A bug when `DuckDB` refuses.
pub(super) fn prepare(link: &mut Link) -> Result<()> {
    let prepared = link.run_all(include_str!("strptime.sql"));
    prepared.map(drop).map_err(|err| {
        Diagnostic::new(Kind::Bug, "a session without time zones")
            .note(err)
            .into()
    })
}

/// Returns the name of this process's time zone: `TZ`, else the machine's, else UTC.
#[must_use]
pub fn system() -> String {
    zone::system()
}

struct TimeZones;

static SETTING: Setting = Setting {
    name: rows::SETTING,
    about: "The time zone of the session",
    check: |name| zone::find(name).map(|zone| zone.name.clone()),
};

impl Extension for TimeZones {
    const NAME: &'static CStr = c"wh_time_zones";

    fn load(loader: &Loader) -> Outcome {
        loader.setting(&SETTING, &zone::system())?;
        for function in part_functions::FUNCTIONS
            .iter()
            .chain(functions::FUNCTIONS)
            .chain(nanos::FUNCTIONS)
            .chain(strptime::FUNCTIONS)
        {
            loader.scalar(function)?;
        }
        for cast in casts::CASTS.iter().chain(nanos::CASTS) {
            loader.cast(cast)?;
        }
        for (name, body) in DEFINITIONS {
            loader.definition(name, body, false)?;
        }
        loader.definition(
            "pg_timezone_names",
            include_str!("pg_timezone_names.sql"),
            true,
        )
    }
}

/// What `DuckDB` looks up for `current_date` and its like.
const DEFINITIONS: &[(&str, &str)] = &[
    ("current_date", include_str!("current_date.sql")),
    ("today", include_str!("current_date.sql")),
    ("get_current_time", include_str!("current_time.sql")),
    ("current_localtime", include_str!("current_localtime.sql")),
    (
        "current_localtimestamp",
        include_str!("current_localtimestamp.sql"),
    ),
];
