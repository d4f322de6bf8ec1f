//! The parts of a date that SQL names (`year`, `isodow`, `epoch` …): reading, truncating, counting.

use super::super::capi::Outcome;
use super::civil::{DAY, Date, HOUR, MINUTE, SECOND, date, days, iso_week, iso_year_start, weekday};
use super::moment::{days_between, iso_years_between, months_between};
use super::zone::Clock;

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Part {
    Year,
    Month,
    Day,
    Decade,
    Century,
    Millennium,
    Microsecond,
    Millisecond,
    Nanosecond,
    Second,
    Minute,
    Hour,
    Epoch,
    EpochMs,
    EpochUs,
    EpochNs,
    Dow,
    Isodow,
    Week,
    Doy,
    Quarter,
    Yearweek,
    Isoyear,
    Era,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
    Julian,
}

/// The words for each part that `date_part`, `date_trunc` and the like understand.
const WORDS: &[(Part, &[&str])] = &[
    (Part::Year, &["year", "yr", "y", "years", "yrs"]),
    (Part::Month, &["month", "mon", "months", "mons"]),
    (Part::Day, &["day", "days", "d", "dayofmonth"]),
    (Part::Decade, &["decade", "dec", "decades", "decs"]),
    (Part::Century, &["century", "cent", "centuries", "c"]),
    (Part::Millennium, &["millennium", "mil", "millenniums", "millennia", "mils", "millenium"]),
    (Part::Microsecond, &["microseconds", "microsecond", "us", "usec", "usecs", "usecond", "useconds"]),
    (Part::Millisecond, &["milliseconds", "millisecond", "ms", "msec", "msecs", "msecond", "mseconds"]),
    (Part::Second, &["second", "sec", "seconds", "secs", "s"]),
    (Part::Minute, &["minute", "min", "minutes", "mins", "m"]),
    (Part::Hour, &["hour", "hr", "hours", "hrs", "h"]),
    (Part::Epoch, &["epoch"]),
    (Part::Dow, &["dow", "dayofweek", "weekday"]),
    (Part::Isodow, &["isodow"]),
    (Part::Week, &["week", "weeks", "w", "weekofyear"]),
    (Part::Doy, &["doy", "dayofyear"]),
    (Part::Quarter, &["quarter", "quarters"]),
    (Part::Yearweek, &["yearweek"]),
    (Part::Isoyear, &["isoyear"]),
    (Part::Era, &["era"]),
    (Part::Timezone, &["timezone"]),
    (Part::TimezoneHour, &["timezone_hour"]),
    (Part::TimezoneMinute, &["timezone_minute"]),
    (Part::Julian, &["julian", "jd"]),
];

/// Returns the part of a word, in any case.
///
/// # Errors
/// When no part has the name.
pub(super) fn parse(word: &str) -> Outcome<Part> {
    let names = |words: &&[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let found = WORDS.iter().find(|(_, words)| names(words)).map(|(part, _)| *part);
    found.ok_or_else(|| format!("no part of a date is named `{word}`"))
}

impl Part {
    /// Whether the part has decimals.
    pub(super) fn is_fraction(self) -> bool {
        matches!(self, Self::Epoch | Self::Julian)
    }

    /// Returns a whole-numbered part of a finite instant; the part named with decimals is cut off.
    #[inline]
    pub(super) fn whole(self, clock: &mut Clock, instant: i64) -> i64 {
        let local = clock.local(instant);
        let of_minute = local.rem_euclid(MINUTE);
        match self {
            Self::Microsecond => of_minute,
            Self::Millisecond => of_minute / 1_000,
            Self::Nanosecond => of_minute * 1_000,
            Self::Second => of_minute / SECOND,
            Self::Minute => local.rem_euclid(HOUR) / MINUTE,
            Self::Hour => local.rem_euclid(DAY) / HOUR,
            Self::Epoch => instant.div_euclid(SECOND),
            Self::EpochMs => instant.div_euclid(1_000),
            Self::EpochUs => instant,
            Self::EpochNs => instant.saturating_mul(1_000),
            Self::Timezone => (local - instant) / SECOND,
            Self::TimezoneHour => (local - instant) / HOUR,
            Self::TimezoneMinute => (local - instant) % HOUR / MINUTE,
            _ => self.of_day(local.div_euclid(DAY)),
        }
    }

    #[inline]
    fn of_day(self, day: i64) -> i64 {
        match self {
            Self::Isodow => return weekday(day),
            Self::Dow => return weekday(day) % 7,
            Self::Julian => return day + 2_440_588,
            Self::Week => return iso_week(day).1,
            Self::Isoyear => return iso_week(day).0,
            Self::Yearweek => {
                let (year, week) = iso_week(day);
                return year * 100 + if year > 0 { week } else { -week };
            }
            _ => {}
        }
        let Date { year, month, day: of_month } = date(day);
        let (of_era, sign) = era_year(year);
        match self {
            Self::Year => of_era,
            Self::Month => month,
            Self::Day => of_month,
            Self::Quarter => (month - 1) / 3 + 1,
            Self::Doy => day - days(year, 1, 1) + 1,
            Self::Decade => of_era / 10,
            Self::Century => sign * ((of_era - 1) / 100 + 1),
            Self::Millennium => sign * ((of_era - 1) / 1_000 + 1),
            _ => i64::from(sign == 1),
        }
    }

    /// Returns the part of a finite instant with its decimals.
    pub(super) fn fraction(self, clock: &mut Clock, instant: i64) -> f64 {
        match self {
            // In two steps, for ICU's very decimals.
            Self::Epoch => instant.div_euclid(1_000) as f64 / 1e3 + instant.rem_euclid(1_000) as f64 / 1e6,
            Self::Julian => {
                let local = clock.local(instant);
                let day = local.div_euclid(DAY) + 2_440_588;
                day as f64 + local.rem_euclid(DAY) as f64 / DAY as f64
            }
            _ => self.whole(clock, instant) as f64,
        }
    }

    /// Returns a finite instant with everything below the part set to its start.
    ///
    /// # Errors
    /// When the part is none of time.
    #[inline]
    pub(super) fn truncate(self, clock: &mut Clock, instant: i64) -> Outcome<i64> {
        let cut = |unit: i64, offset: i64| instant - (instant + offset).rem_euclid(unit);
        match self {
            Self::Microsecond | Self::Nanosecond => return Ok(instant),
            Self::Millisecond => return Ok(cut(1_000, 0)),
            Self::Second | Self::Epoch => return Ok(cut(SECOND, 0)),
            Self::Minute => return Ok(cut(MINUTE, clock.offset(instant))),
            Self::Hour => {
                let local = clock.local(instant);
                return Ok(clock.instant(local - local.rem_euclid(HOUR)));
            }
            _ => {}
        }
        // ICU goes there in two steps; where the first lands in a gap, its later hour stays.
        let step = match self {
            Self::Quarter => Self::Month,
            Self::Decade | Self::Century | Self::Millennium => Self::Year,
            _ => {
                let day = clock.local(instant).div_euclid(DAY);
                return Ok(clock.instant(self.first_day(day)? * DAY));
            }
        };
        let step = step.truncate(clock, instant)?;
        let local = clock.local(step);
        let day = self.first_day(local.div_euclid(DAY))?;
        Ok(clock.instant(day * DAY + local.rem_euclid(DAY)))
    }

    /// Returns the first day of the part that holds a day.
    fn first_day(self, day: i64) -> Outcome<i64> {
        match self {
            Self::Day | Self::Dow | Self::Isodow | Self::Doy | Self::Julian => return Ok(day),
            Self::Week | Self::Yearweek => return Ok(day - weekday(day) + 1),
            Self::Isoyear => return Ok(iso_year_start(iso_week(day).0)),
            _ => {}
        }
        let Date { year, month, .. } = date(day);
        let (of_era, sign) = era_year(year);
        let year_of = |of_era: i64| days(if sign == 1 { of_era } else { 1 - of_era }, 1, 1);
        Ok(match self {
            Self::Month => days(year, month, 1),
            Self::Quarter => days(year, (month - 1) / 3 * 3 + 1, 1),
            Self::Year => days(year, 1, 1),
            Self::Decade => year_of(of_era / 10 * 10),
            Self::Century => year_of(of_era / 100 * 100),
            Self::Millennium => year_of(of_era / 1_000 * 1_000),
            Self::Era => year_of(0),
            _ => return Err("an offset from UTC is no part of time to cut at".into()),
        })
    }

    /// Returns how many whole parts lie between two finite instants, negative when `end` is earlier.
    ///
    /// # Errors
    /// When the part is none of time.
    pub(super) fn between(self, clock: &mut Clock, start: i64, end: i64) -> Outcome<i64> {
        let elapsed = |unit: i64| end.checked_sub(start).map(|micros| micros / unit);
        let months = |clock: &mut Clock, n: i64| Ok(months_between(clock, start, end)?.0 / n);
        let elapsed = match self {
            Self::Microsecond | Self::Nanosecond => elapsed(1),
            Self::Millisecond => elapsed(1_000),
            Self::Second | Self::Epoch => elapsed(SECOND),
            Self::Minute => elapsed(MINUTE),
            // ICU counts hours in 32 bits.
            Self::Hour => elapsed(HOUR).filter(|n| i32::try_from(*n).is_ok()),
            Self::Day | Self::Dow | Self::Isodow | Self::Doy | Self::Julian => {
                return Ok(days_between(clock, start, end)?.0);
            }
            Self::Week | Self::Yearweek => return Ok(days_between(clock, start, end)?.0 / 7),
            Self::Month => return months(clock, 1),
            Self::Quarter => return months(clock, 3),
            Self::Year => return months(clock, 12),
            Self::Isoyear => return iso_years_between(clock, start, end),
            Self::Era => return Ok(self.whole(clock, end) - self.whole(clock, start)),
            Self::Decade => return months(clock, 120),
            Self::Century => return months(clock, 1_200),
            Self::Millennium => return months(clock, 12_000),
            _ => return Err("that part of a date cannot be counted".into()),
        };
        elapsed.ok_or_else(|| "the difference is out of range".to_owned())
    }

    /// Returns how many starts of the part lie between two finite instants; for weeks, how many times seven midnights.
    ///
    /// # Errors
    /// As [`Part::between`].
    #[inline]
    pub(super) fn boundaries(self, clock: &mut Clock, start: i64, end: i64) -> Outcome<i64> {
        let cut = if self == Self::Week { Self::Day } else { self };
        let [start, end] = [cut.truncate(clock, start)?, cut.truncate(clock, end)?];
        self.between(clock, start, end)
    }
}

/// The year counted within its era, and -1 before Christ.
fn era_year(year: i64) -> (i64, i64) {
    if year > 0 { (year, 1) } else { (1 - year, -1) }
}
