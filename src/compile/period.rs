//! Periods of time that flags name: `--sample`, `--event-time-start` with `--event-time-end`. All times are in UTC.

use jiff::civil::DateTime;
use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
use serde_yaml::{Mapping, Value};

use super::flags::Flags;
use super::plan::{Node, Resource};
use super::relation::TimeFilter;
use super::{Batch, Range};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::quote;

/// A period: its first instant, and the first that is no more in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from: DateTime,
    /// The first instant after it.
    pub until: DateTime,
}

impl Period {
    /// Returns the period as SQL literals without quotes.
    #[must_use]
    pub fn range(&self) -> Range {
        (literal(self.from), literal(self.until))
    }

    /// Reads the period of `--sample`, which ends at `now` where it is said as `3 days`.
    ///
    /// # Errors
    /// `Project` for one that cannot be read.
    pub fn sampled(flags: &Flags, now: Timestamp) -> Result<Option<Self>> {
        let Some(text) = flags.text("sample") else {
            return Ok(None);
        };
        let period = match text.trim_start().starts_with('{') {
            true => between(text),
            false => before(text, now.to_zoned(TimeZone::UTC).datetime()),
        };
        let wrong = || {
            Diagnostic::project(format!("`--sample {text}` is no period of time"))
                .hint("use such as '3 days', or \"{'start': '2024-01-01', 'end': '2024-02-01'}\"")
        };
        Ok(Some(period.ok_or_else(wrong)?))
    }

    /// Reads the period of `--event-time-start` and `--event-time-end`, which come together.
    ///
    /// # Errors
    /// `Project` for one without the other, for an end that does not come after its start, and for what is no time.
    pub fn of_events(flags: &Flags) -> Result<Option<Self>> {
        let [start, end] = ["event_time_start", "event_time_end"].map(|name| flags.text(name));
        let read = |option: &str, text: &str| {
            instant(text).ok_or_else(|| {
                Diagnostic::project(format!("`--{option} {text}` is no time"))
                    .hint("give a date, such as 2024-01-31, or a date and time")
            })
        };
        let (from, until) = match (start, end) {
            (None, None) => return Ok(None),
            (Some(start), Some(end)) => (
                read("event-time-start", start)?,
                read("event-time-end", end)?,
            ),
            (start, _) => {
                let words = ["`--event-time-start`", "`--event-time-end`"];
                let [given, missing] = match start {
                    Some(_) => words,
                    None => [words[1], words[0]],
                };
                let what = format!("{given} is given without {missing}");
                return Err(Diagnostic::project(what).hint("give both").into());
            }
        };
        if from >= until {
            let what = "`--event-time-end` does not come after `--event-time-start`";
            return Err(Diagnostic::project(what).into());
        }
        Ok(Some(Self { from, until }))
    }
}

/// Returns which rows of `target` a template of `reader` reads: those of the sample's time and of the batch's, by `event_time`.
pub(super) fn filter(
    (sample, batch): (Option<Period>, Option<&Batch>),
    reader: &Node,
    target: &Node,
) -> Option<TimeFilter> {
    let times = [
        sample.map(|period| period.range()),
        batch.map(|batch| batch.range.clone()),
    ];
    let times = times.into_iter().flatten();
    let (from, until) = times.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1)))?;
    let reads = matches!(reader.resource, Resource::Model(_) | Resource::Snapshot(_));
    let field = target.config.text("event_time").filter(|_| reads)?;
    Some(TimeFilter {
        field: match is_quoted(target, &field) {
            true => quote(&field),
            false => field,
        },
        start: Some(from),
        end: Some(until),
    })
}

/// Returns whether the column is quoted: as its description says, else as the node's `quoting` does.
fn is_quoted(node: &Node, column: &str) -> bool {
    let described = node.columns.iter().find(|known| known.name == column);
    let own = described.and_then(|column| column.options.get("quote")?.as_bool());
    let quoting = [&node.options, &node.config.values]
        .into_iter()
        .find_map(|keys| keys.get("quoting")?.get("column")?.as_bool());
    own.or(quoting).unwrap_or(false)
}

/// Writes an instant as dbt prints it in SQL.
#[must_use]
pub fn literal(at: DateTime) -> String {
    let micros = at.subsec_nanosecond() / 1000;
    let fraction = match micros {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!("{}{fraction}+00:00", at.strftime("%Y-%m-%d %H:%M:%S"))
}

/// Reads a date or a date and time; without an offset it is in UTC.
#[must_use]
pub fn instant(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.to_zoned(TimeZone::UTC).datetime());
    }
    text.parse::<DateTime>().ok()
}

/// Reads `{'start': …, 'end': …}`. Times are quoted: without, YAML makes dates of them, which dbt refuses.
fn between(text: &str) -> Option<Period> {
    let entries: Mapping = serde_yaml::from_str(text).ok()?;
    let moment = |key: &str| {
        let at = entries.get(key).and_then(Value::as_str)?;
        let is_quoted = ['\'', '"']
            .iter()
            .any(|quote| text.contains(&format!("{quote}{at}{quote}")));
        instant(at).filter(|_| is_quoted)
    };
    Some(Period {
        from: moment("start")?,
        until: moment("end")?,
    })
}

/// Reads such as `3 days`.
fn before(text: &str, now: DateTime) -> Option<Period> {
    let (count, grain) = text.split_once(' ')?;
    let count: i64 = count.parse().ok()?;
    let span: Span = match grain.to_lowercase().trim_end_matches('s') {
        "hour" => 1.hour(),
        "day" => 1.day(),
        "month" => 1.month(),
        "year" => 1.year(),
        _ => return None,
    };
    Some(Period {
        from: now.checked_sub(span.checked_mul(count).ok()?).ok()?,
        until: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn flags(entries: &[(&str, &str)]) -> Flags {
        let mut flags = Flags::default();
        for (name, value) in entries {
            flags.set(name, *value);
        }
        flags
    }

    fn sampled(text: &str) -> Option<Range> {
        let now = "2024-03-31T10:00:00.5Z".parse().unwrap();
        let period = Period::sampled(&flags(&[("sample", text)]), now);
        Some(period.ok()??.range())
    }

    #[test]
    fn a_sample_is_relative_or_has_two_quoted_ends() {
        let (from, until) = sampled("1 month").unwrap();
        assert_eq!(from, "2024-02-29 10:00:00.500000+00:00");
        assert_eq!(until, "2024-03-31 10:00:00.500000+00:00");
        let (from, until) =
            sampled("{'start': '2024-01-02', end: \"2024-01-04 05:00:00\"}").unwrap();
        assert_eq!(from, "2024-01-02 00:00:00+00:00");
        assert_eq!(until, "2024-01-04 05:00:00+00:00");
        for wrong in [
            "3",
            "x days",
            "3 weeks",
            "{start: 2024-01-02, end: 2024-01-04}",
            "{}",
        ] {
            assert_eq!(sampled(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_ends_of_events_come_together_and_in_order() {
        let period = |entries: &[(&str, &str)]| Period::of_events(&flags(entries));
        let (start, end) = ("event_time_start", "event_time_end");
        assert_eq!(period(&[]).unwrap(), None);
        let found = period(&[(start, "2024-01-02"), (end, "2024-01-03 01:00:00")]);
        assert_eq!(found.unwrap().unwrap().from, date(2024, 1, 2).into());
        for wrong in [
            &[(start, "2024-01-02")][..],
            &[(end, "2024-01-02")],
            &[(start, "2024-01-02"), (end, "2024-01-02")],
            &[(start, "soon"), (end, "2024-01-02")],
        ] {
            assert!(period(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn instants_are_read_with_and_without_time() {
        let day: DateTime = date(2024, 1, 1).into();
        assert_eq!(instant("2024-01-01"), Some(day));
        assert_eq!(
            instant("2024-01-01 10:00:00"),
            Some(date(2024, 1, 1).at(10, 0, 0, 0))
        );
        assert_eq!(instant("2024-01-01T01:00:00+01:00"), Some(day));
        assert_eq!(literal(day), "2024-01-01 00:00:00+00:00");
    }
}
