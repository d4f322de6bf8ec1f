//! When a job is due: a cron expression in a time zone, or an interval.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use croner::errors::CronError;
use croner::{CivilDate, CivilDateTime, CivilTime, Cron, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};

use super::duration;
use super::yaml::Doc;
use crate::diagnostic::{Diagnostic, Result, nearest};

/// Moments counted at most when many have passed.
pub const MOST_MOMENTS: u64 = 1000;

/// When a job is due.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// `cron:`, in a time zone.
    Cron {
        /// The expression as written.
        text: String,
        /// The expression as read.
        cron: Box<Cron>,
        /// The zone whose clocks it means.
        zone: TimeZone,
    },
    /// `every:`, at whole multiples since 1970-01-01 UTC: every 15 minutes is at :00, :15, :30 and :45.
    Every(Duration),
}

impl Schedule {
    /// Reads `{cron: "0 6 * * *", timezone: Europe/Berlin}` or `{every: 15m}`; the zone is UTC when none is named.
    ///
    /// # Errors
    /// `Project` with the place of what is no expression, zone or time.
    pub(super) fn read(doc: Doc<'_>) -> Result<Self> {
        let fields = doc.fields("a `schedule`")?;
        let place = |key: &str| fields.get(key).map_or(doc.at(), |doc| doc.at());
        let (cron, every) = (fields.text("cron")?, fields.text("every")?);
        let zone = fields.text("timezone")?;
        fields.finish()?;
        match (cron, every) {
            (Some(text), None) => Ok(Self::Cron {
                cron: Box::new(text.parse().map_err(|err: CronError| {
                    Diagnostic::project(format!("`{text}` is no cron expression"))
                        .at(&place("cron"))
                        .because(anyhow::Error::msg(err.to_string()))
                        .hint("minute, hour, day of month, month, day of week: `0 6 * * 1-5`")
                })?),
                zone: time_zone(zone.as_deref().unwrap_or("UTC"))
                    .map_err(|err| err.at(&place("timezone")))?,
                text,
            }),
            (None, Some(text)) if zone.is_none() => match duration(&text) {
                Some(every) if !every.is_zero() => Ok(Self::Every(every)),
                _ => Err(Diagnostic::project(format!("`every: {text}` is no time"))
                    .at(&place("every"))
                    .hint("give a time such as 15m, 2h or 1d")
                    .into()),
            },
            _ => Err(
                Diagnostic::project("a `schedule` says when by `cron` or by `every`")
                    .at(&doc.at())
                    .hint("{cron: \"0 6 * * *\", timezone: Europe/Berlin} or {every: 15m}")
                    .into(),
            ),
        }
    }

    /// Returns the first moment after `at`; `None` when there is none.
    ///
    /// Of a local time that does not exist, because clocks are set forward, a fixed one (`30 2 * * *`) is due right
    /// after the gap, one of a series (`*/5 * * * *`) not at all. A local time that comes twice is due once when it
    /// is fixed, and twice in a series.
    #[must_use]
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Cron { cron, zone, .. } => {
                let start = Clock::new(at.to_zoned(zone.clone())).ok()?;
                let next = cron.find_next_occurrence(&start, false).ok()?;
                Some(next.at.timestamp())
            }
            Self::Every(every) => {
                let every = i64::try_from(every.as_micros()).ok()?;
                let begun = at.as_microsecond().div_euclid(every);
                Timestamp::from_microsecond(begun.checked_add(1)?.checked_mul(every)?).ok()
            }
        }
    }

    /// Returns the last moment after `after` and not after `now`, and how many there were, up to [`MOST_MOMENTS`].
    #[must_use]
    pub fn passed(&self, after: Timestamp, now: Timestamp) -> Option<(Timestamp, u64)> {
        let mut last = self.next_after(after).filter(|first| *first <= now)?;
        if let Self::Every(every) = self {
            let every = i64::try_from(every.as_micros()).ok()?;
            let more = (now.as_microsecond() - last.as_microsecond()).div_euclid(every);
            let last = Timestamp::from_microsecond(last.as_microsecond() + more * every).ok()?;
            return Some((
                last,
                u64::try_from(more)
                    .ok()?
                    .saturating_add(1)
                    .min(MOST_MOMENTS),
            ));
        }
        let mut n = 1;
        while let Some(next) = self.next_after(last).filter(|next| *next <= now) {
            last = next;
            n = MOST_MOMENTS.min(n + 1);
        }
        Some((last, n))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron { text, zone, .. } => {
                write!(f, "{text} {}", zone.iana_name().unwrap_or("UTC"))
            }
            Self::Every(every) => match SignedDuration::try_from(*every) {
                Ok(every) => write!(f, "every {every:#}"),
                Err(_) => write!(f, "every {} s", every.as_secs()),
            },
        }
    }
}

fn time_zone(name: &str) -> std::result::Result<TimeZone, Diagnostic> {
    TimeZone::get(name).map_err(|_| {
        let names: Vec<String> = jiff::tz::db()
            .available()
            .map(|name| name.as_str().to_owned())
            .collect();
        let err = Diagnostic::project(format!("no time zone is called `{name}`"));
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => err.hint(format!("did you mean `{near}`?")),
            None => err.hint("give a name of the IANA database, such as Europe/Berlin or UTC"),
        }
    })
}

/// A time as `croner` searches it.
#[derive(Debug, Clone)]
struct Clock {
    at: Zoned,
    civil: CivilDateTime,
}

impl Clock {
    fn new(at: Zoned) -> std::result::Result<Self, CronError> {
        let part = |number: i8| number.unsigned_abs().into();
        let (day, time) = (at.date(), at.time());
        let date = CivilDate::from_ymd_opt(day.year().into(), part(day.month()), part(day.day()));
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let time = CivilTime::from_hms_opt(part(hour), part(minute), part(second));
        let (Some(date), Some(time)) = (date, time) else {
            return Err(CronError::InvalidDate);
        };
        let civil = CivilDateTime::new(date, time);
        Ok(Self { at, civil })
    }

    /// Returns croner's civil time as jiff's.
    fn in_jiff(civil: CivilDateTime) -> std::result::Result<DateTime, CronError> {
        let small = |number: u32| i8::try_from(number).map_err(|_| CronError::InvalidDate);
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let (month, day) = (small(civil.month())?, small(civil.day())?);
        let (hour, minute) = (small(civil.hour())?, small(civil.minute())?);
        DateTime::new(year, month, day, hour, minute, small(civil.second())?, 0)
            .map_err(|_| CronError::InvalidDate)
    }
}

impl CronDateTime for Clock {
    fn to_civil(&self) -> CivilDateTime {
        self.civil
    }

    fn civil_weekday(&self) -> Weekday {
        let days = self.at.weekday().to_sunday_zero_offset();
        Weekday::from_days_from_sunday(days.unsigned_abs().into())
    }

    fn resolve_civil(
        &self,
        civil: CivilDateTime,
    ) -> std::result::Result<Resolution<Self>, CronError> {
        let resolved = self
            .at
            .time_zone()
            .to_ambiguous_zoned(Self::in_jiff(civil)?);
        let wrong = |_| CronError::InvalidTime;
        Ok(match resolved.offset() {
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(Self::new(resolved.unambiguous().map_err(wrong)?)?)
            }
            AmbiguousOffset::Fold { .. } => Resolution::Ambiguous(
                Self::new(resolved.clone().earlier().map_err(wrong)?)?,
                Self::new(resolved.later().map_err(wrong)?)?,
            ),
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        let later = self
            .at
            .checked_add(SignedDuration::from_secs(seconds))
            .ok()?;
        Self::new(later).ok()
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.at.timestamp().cmp(&other.at.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn schedule(yaml: &str) -> Result<Schedule> {
        let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
        let file = Path::new("wh.yml");
        Schedule::read(Doc {
            value: &value,
            file,
        })
    }

    fn moments(yaml: &str, from: &str, n: usize) -> Vec<String> {
        let schedule = schedule(yaml).unwrap();
        let mut at: Timestamp = from.parse().unwrap();
        let mut next = || {
            at = schedule.next_after(at)?;
            Some(at.to_string())
        };
        std::iter::from_fn(&mut next).take(n).collect()
    }

    #[test]
    fn a_fixed_time_is_that_of_the_zone_in_summer_and_winter() {
        let nightly = r#"{cron: "0 6 * * *", timezone: Europe/Berlin}"#;
        let found = moments(nightly, "2026-03-27T12:00:00Z", 2);
        assert_eq!(found, ["2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z"]);
    }

    #[test]
    fn a_local_time_that_does_not_exist_is_due_after_the_gap() {
        let fixed = r#"{cron: "30 2 * * *", timezone: Europe/Berlin}"#;
        let found = moments(fixed, "2026-03-28T12:00:00Z", 2);
        assert_eq!(found, ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    }

    #[test]
    fn a_local_time_that_comes_twice_is_due_once() {
        let fixed = r#"{cron: "30 2 * * *", timezone: Europe/Berlin}"#;
        let found = moments(fixed, "2026-10-24T12:00:00Z", 2);
        assert_eq!(found, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn a_series_is_due_in_both_of_two_equal_hours() {
        let series = r#"{cron: "*/30 * * * *", timezone: Europe/Berlin}"#;
        let found = moments(series, "2026-10-25T00:00:00Z", 3);
        let expected = [
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_interval_is_due_at_whole_multiples() {
        let found = moments("{every: 15m}", "2026-01-01T10:07:00Z", 2);
        assert_eq!(found, ["2026-01-01T10:15:00Z", "2026-01-01T10:30:00Z"]);
    }

    #[test]
    fn what_has_passed_is_counted_and_the_last_is_known() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let passed = |yaml: &str, from: &str, to: &str| {
            let passed = schedule(yaml).unwrap().passed(at(from), at(to));
            passed.map(|(last, n)| (last.to_string(), n))
        };
        let daily = r#"{cron: "0 6 * * *"}"#;
        let three = passed(daily, "2026-01-01T07:00:00Z", "2026-01-04T06:00:00Z");
        assert_eq!(three, Some(("2026-01-04T06:00:00Z".into(), 3)));
        assert_eq!(
            passed(daily, "2026-01-01T07:00:00Z", "2026-01-02T05:59:59Z"),
            None
        );
        let week = passed(
            "{every: 1s}",
            "2026-01-01T00:00:00Z",
            "2026-01-08T00:00:00Z",
        );
        assert_eq!(week, Some(("2026-01-08T00:00:00Z".into(), MOST_MOMENTS)));
    }

    #[test]
    fn what_is_no_schedule_is_answered_with_place_and_hint() {
        let wrong = |yaml| schedule(yaml).unwrap_err().to_string();
        let zone = wrong(r#"{cron: "0 6 * * *", timezone: Europe/Berlim}"#);
        assert!(zone.contains("did you mean `Europe/Berlin`?"), "{zone}");
        assert!(wrong(r#"{cron: "0 25 * * *"}"#).contains("`0 25 * * *` is no cron expression"));
        assert!(wrong("{every: soon}").contains("wh.yml:1:"));
        assert!(wrong("{every: 0s}").contains("`every: 0s` is no time"));
        assert!(wrong("{every: 1h, timezone: UTC}").contains("by `cron` or by `every`"));
    }
}
