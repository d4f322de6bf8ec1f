//! When a source is asked again: `every:` and `cron:`. Reads the record of attempts and asks nobody.

use arrow::temporal_conversions::timestamp_us_to_datetime;
use jiff::Timestamp;

use super::{Request, attempts};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Session;
use crate::project::nodes::Schedule;

/// Returns when the source is due again; `None` when it is due now.
///
/// # Errors
/// As [`Session::execute`]; `Project` when the cron expression has no next time.
pub(super) fn not_until(
    session: &mut dyn Session,
    request: &Request<'_>,
) -> Result<Option<Timestamp>> {
    let Some(schedule) = &request.ingest.schedule else {
        return Ok(None);
    };
    if request.full_refresh || request.is_asked_for {
        return Ok(None);
    }
    let Some(last) = attempts::last_success(session, request.ingest)? else {
        return Ok(None);
    };
    let due = next(schedule, last)?;
    Ok((due > request.now).then_some(due))
}

/// Returns the first time after `last` at which the schedule is due.
fn next(schedule: &Schedule, last: Timestamp) -> Result<Timestamp> {
    let never = |text: &str| {
        Diagnostic::project(format!("`{text}` is never due")).hint("correct `every:` or `cron:`")
    };
    match schedule {
        Schedule::Every(every) => last
            .checked_add(*every)
            .map_err(|err| never("every").because(err).into()),
        Schedule::Cron(text) => {
            let cron: croner::Cron = text
                .parse()
                .map_err(|err: croner::errors::CronError| never(text).because(err))?;
            let from =
                timestamp_us_to_datetime(last.as_microsecond()).ok_or_else(|| never(text))?;
            let found = cron
                .find_next_occurrence(&from, false)
                .map_err(|err| never(text).because(err))?;
            Timestamp::from_microsecond(found.and_utc().timestamp_micros())
                .map_err(|err| never(text).because(err).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_due_after_its_time_or_at_the_next_hour_of_its_cron_in_utc() {
        let last: Timestamp = "2026-01-01T05:59:30Z".parse().unwrap();
        let every = Schedule::Every(jiff::SignedDuration::from_hours(1));
        assert_eq!(
            next(&every, last).unwrap().to_string(),
            "2026-01-01T06:59:30Z"
        );
        let cron = |text: &str| {
            next(&Schedule::Cron(text.into()), last)
                .unwrap()
                .to_string()
        };
        assert_eq!(cron("0 6 * * *"), "2026-01-01T06:00:00Z");
        assert_eq!(cron("0 5 * * *"), "2026-01-02T05:00:00Z");
        assert_eq!(cron("0 0 1 * *"), "2026-02-01T00:00:00Z");
    }
}
