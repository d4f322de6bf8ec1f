//! Arithmetic of the proleptic Gregorian calendar on plain numbers: no zones, no time scales.
//!
//! Days count from 1970-01-01. Years are astronomical: year 0 is 1 BC, -1 is 2 BC. After Howard Hinnant,
//! "chrono-compatible low-level date algorithms" (2013).

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub(super) const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub(super) const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day.
pub(super) const DAY: i64 = 24 * HOUR;
/// Days in 400 years, after which the calendar repeats, weekdays included.
pub(super) const CYCLE_DAYS: i64 = 146_097;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// Astronomical year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
}

/// Returns the date of a day.
#[inline]
pub(super) fn date(days: i64) -> Date {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(CYCLE_DAYS);
    let day_of_era = shifted.rem_euclid(CYCLE_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    Date {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * from_march + 2) / 5 + 1,
    }
}

/// Returns the day of a date; `month` and `day` may lie outside their year and month and carry over.
#[inline]
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * from_march + 2) / 5;
    era * CYCLE_DAYS + day_of_era + day - 1 - 719_468
}

/// Returns the number of days in a month.
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    days(year, month + 1, 1) - days(year, month, 1)
}

/// Returns the day of the week: Monday is 1, Sunday 7.
#[inline]
pub(super) fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// Returns the ISO 8601 year and week (1 to 53) of a day.
pub(super) fn iso_week(days_since: i64) -> (i64, i64) {
    let thursday = days_since - weekday(days_since) + 4;
    let year = date(thursday).year;
    (year, (thursday - days(year, 1, 1)) / 7 + 1)
}

/// Returns the Monday on which an ISO 8601 year begins.
pub(super) fn iso_year_start(year: i64) -> i64 {
    let fourth = days(year, 1, 4);
    fourth - weekday(fourth) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_cycle_is_the_day_of_its_date() {
        for day in -CYCLE_DAYS..CYCLE_DAYS {
            let Date {
                year,
                month,
                day: of_month,
            } = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn new_year_2021_belongs_to_the_last_week_of_2020() {
        assert_eq!(iso_week(days(2021, 1, 2)), (2020, 53));
        assert_eq!(
            date(iso_year_start(2020)),
            Date {
                year: 2019,
                month: 12,
                day: 30
            }
        );
    }

    #[test]
    fn months_carry_into_years() {
        assert_eq!(days(2021, 14, 30), days(2022, 3, 2));
        assert_eq!(days(2021, -1, 1), days(2020, 11, 1));
    }
}
