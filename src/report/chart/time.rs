//! Marks of a time axis: at the beginnings of years, months, days, hours or minutes, as many as there is room for.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// A mark and its label; the second line is there where it changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// Seconds since 1970-01-01.
    pub(super) at: f64,
    pub(super) label: String,
    pub(super) below: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Seconds(i64),
    Months(i64),
}

const STEPS: [Step; 22] = [
    Step::Seconds(MINUTE),
    Step::Seconds(5 * MINUTE),
    Step::Seconds(15 * MINUTE),
    Step::Seconds(30 * MINUTE),
    Step::Seconds(HOUR),
    Step::Seconds(3 * HOUR),
    Step::Seconds(6 * HOUR),
    Step::Seconds(12 * HOUR),
    Step::Seconds(DAY),
    Step::Seconds(2 * DAY),
    Step::Seconds(7 * DAY),
    Step::Seconds(14 * DAY),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(600),
    Step::Months(1_200),
    Step::Months(12_000),
];

impl Step {
    fn seconds(self) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds as f64,
            Self::Months(months) => months as f64 * 30.44 * DAY as f64,
        }
    }

    /// Returns the last multiple of the step at or before an instant.
    fn floor(self, at: i64) -> i64 {
        match self {
            // 1970-01-01 was a Thursday; weeks begin on Mondays.
            Self::Seconds(step) if step >= 7 * DAY => {
                (at - 4 * DAY).div_euclid(step) * step + 4 * DAY
            }
            Self::Seconds(step) => at.div_euclid(step) * step,
            Self::Months(step) => month_start(months_of(at).div_euclid(step) * step),
        }
    }

    fn next(self, at: i64) -> i64 {
        match self {
            Self::Seconds(step) => at + step,
            Self::Months(step) => month_start(months_of(at) + step),
        }
    }
}

/// Returns about `count` marks between two instants in seconds; one mark when they are the same.
pub(super) fn marks(low: f64, high: f64, count: usize) -> Vec<Mark> {
    if high <= low {
        let day = civil(low as i64).strftime("%-d %b %Y").to_string();
        let label = if low.rem_euclid(DAY as f64) == 0.0 {
            day
        } else {
            full(low as i64)
        };
        return vec![Mark {
            at: low,
            label,
            below: String::new(),
        }];
    }
    let fits = |step: &&Step| (high - low) / step.seconds() <= count.max(1) as f64;
    let step = *STEPS.iter().find(fits).unwrap_or(&STEPS[STEPS.len() - 1]);
    let mut marks = Vec::new();
    let mut last_below = String::new();
    let mut at = step.floor(low as i64);
    while at as f64 <= high && marks.len() <= 4 * count.max(1) {
        if at as f64 >= low {
            let (label, below) = label(step, at);
            let is_new = below != last_below;
            marks.push(Mark {
                at: at as f64,
                label,
                below: if is_new { below.clone() } else { String::new() },
            });
            last_below = below;
        }
        let next = step.next(at);
        if next <= at {
            break;
        }
        at = next;
    }
    marks
}

fn label(step: Step, at: i64) -> (String, String) {
    let (label, below) = match step {
        Step::Months(months) if months >= 12 => ("%Y", ""),
        Step::Months(_) => ("%b", "%Y"),
        Step::Seconds(seconds) if seconds >= DAY => ("%-d %b", "%Y"),
        Step::Seconds(_) => ("%H:%M", "%-d %b %Y"),
    };
    let instant = civil(at);
    (
        instant.strftime(label).to_string(),
        instant.strftime(below).to_string(),
    )
}

fn full(at: i64) -> String {
    civil(at).strftime("%-d %b %Y %H:%M").to_string()
}

fn civil(at: i64) -> DateTime {
    let instant = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.to_zoned(TimeZone::UTC).datetime()
}

/// Months since the year 0.
fn months_of(at: i64) -> i64 {
    let day = civil(at);
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

/// The first instant of a month counted from the year 0, within the years a date can have.
fn month_start(months: i64) -> i64 {
    let year = i16::try_from(months.div_euclid(12))
        .unwrap_or(9999)
        .clamp(-9998, 9999);
    let month = i8::try_from(months.rem_euclid(12) + 1).unwrap_or(1);
    let first = Date::new(year, month, 1).unwrap_or(date(1970, 1, 1));
    first
        .to_zoned(TimeZone::UTC)
        .map_or(0, |day| day.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::frame::parse_instant;

    fn shown(low: &str, high: &str, count: usize) -> String {
        let marks = marks(
            parse_instant(low).unwrap(),
            parse_instant(high).unwrap(),
            count,
        );
        let words = |mark: &Mark| {
            format!("{} {}", mark.label, mark.below)
                .trim_end()
                .to_string()
        };
        marks.iter().map(words).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn marks_stand_where_calendars_begin() {
        assert_eq!(
            shown("2023-01-01", "2024-12-01", 9),
            "Jan 2023, Apr, Jul, Oct, Jan 2024, Apr, Jul, Oct"
        );
        assert_eq!(
            shown("2019-03-05", "2024-01-02", 6),
            "2020, 2021, 2022, 2023, 2024"
        );
        assert_eq!(
            shown("2024-02-26", "2024-03-12", 4),
            "26 Feb 2024, 4 Mar, 11 Mar"
        );
        assert_eq!(
            shown("2023-12-31T20:00:00", "2024-01-01T04:00:00", 3),
            "21:00 31 Dec 2023, 00:00 1 Jan 2024, 03:00"
        );
    }

    #[test]
    fn one_instant_has_one_mark_and_a_millennium_has_few() {
        assert_eq!(shown("2024-03-01", "2024-03-01", 6), "1 Mar 2024");
        assert!(marks(-1e11, 2e11, 6).len() <= 24);
        assert_eq!(
            shown("1960-01-01", "1969-12-31", 6),
            "1960, 1962, 1964, 1966, 1968"
        );
    }
}
