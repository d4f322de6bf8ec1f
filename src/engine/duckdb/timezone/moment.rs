//! Arithmetic of instants in a zone: adding intervals, counting what lies between, ages, buckets.
//!
//! Instants are microseconds since 1970-01-01 00:00 UTC. A day or month keeps the time on the wall; where the wall
//! skips it, the clock has moved on; where it repeats it, a day later is the nearer one, a month later the last.

use super::super::capi::Outcome;
use super::civil::{DAY, Date, date, days, days_in_month, iso_week, iso_year_start};
use super::definition::Interval;
use super::zone::Clock;

/// The instant after all others.
pub(super) const INFINITY: i64 = i64::MAX;

/// Returns whether an instant is neither infinity.
#[inline]
pub(super) fn is_finite(instant: i64) -> bool {
    instant != INFINITY && instant != -INFINITY
}

/// The range check of every result.
pub(super) fn checked(instant: Option<i64>) -> Outcome<i64> {
    // The first instant of `DuckDB`: 290309-12-22 (BC) 00:00:00.
    const FIRST: i64 = -106_751_991 * DAY;
    instant
        .filter(|at| *at >= FIRST && is_finite(*at))
        .ok_or_else(|| "the result is outside the range of timestamps".to_owned())
}

/// Returns an instant moved by an interval: months, days, time; with a negative part time, months, days.
///
/// # Errors
/// When the result is out of range.
#[inline]
pub(super) fn add(clock: &mut Clock, instant: i64, interval: Interval) -> Outcome<i64> {
    let Interval { months, days, micros } = interval;
    if !is_finite(instant) {
        return Ok(instant);
    }
    let is_backward = months < 0 || days < 0 || micros < 0;
    let [first, last] = if is_backward { [micros, 0] } else { [0, micros] };
    let moved = checked(instant.checked_add(first))?;
    let moved = add_months(clock, moved, months.into())?;
    let moved = add_days(clock, moved, days.into())?;
    checked(moved.checked_add(last))
}

/// Returns the opposite of an interval.
///
/// # Errors
/// When a part has no opposite.
pub(super) fn negate(interval: Interval) -> Outcome<Interval> {
    let parts = (interval.months.checked_neg(), interval.days.checked_neg(), interval.micros.checked_neg());
    let (Some(months), Some(days), Some(micros)) = parts else {
        return Err("the interval has no opposite".into());
    };
    Ok(Interval { months, days, micros })
}

/// Returns the instant `n` days later on the wall.
#[inline]
pub(super) fn add_days(clock: &mut Clock, instant: i64, n: i64) -> Outcome<i64> {
    if n == 0 {
        return Ok(instant);
    }
    let moved = checked(n.checked_mul(DAY).and_then(|micros| instant.checked_add(micros)))?;
    let before = clock.offset(instant);
    let shift = (before - clock.offset(moved)) % DAY;
    if shift == 0 {
        return Ok(moved);
    }
    let kept = moved + shift;
    let wall = clock.local(instant).rem_euclid(DAY);
    let is_skipped = clock.local(kept).rem_euclid(DAY) != wall;
    Ok(if is_skipped && shift < 0 { moved } else { kept })
}

/// Returns the instant `n` months later on the wall, on the month's last day where it has fewer.
#[inline]
pub(super) fn add_months(clock: &mut Clock, instant: i64, n: i64) -> Outcome<i64> {
    if n == 0 {
        return Ok(instant);
    }
    let local = clock.local(instant);
    let Date { year, month, day } = date(local.div_euclid(DAY));
    let first = days(year, month + n, 1);
    let Date { year, month, .. } = date(first);
    let day = first + day.min(days_in_month(year, month)) - 1;
    let local = checked(day.checked_mul(DAY).and_then(|start| start.checked_add(local.rem_euclid(DAY))))?;
    checked(Some(clock.instant(local)))
}

/// A step of one unit, as [`add_days`] and [`add_months`].
type Step = fn(&mut Clock, i64, i64) -> Outcome<i64>;

/// Returns how many steps lead from `start` towards `end` without passing it, negative when `end` is earlier, and
/// where they lead. `guess` is about right.
fn steps(clock: &mut Clock, [start, end]: [i64; 2], guess: i64, step: Step) -> Outcome<(i64, i64)> {
    let sign = if start <= end { 1 } else { -1 };
    let is_past = |at: i64| if sign == 1 { at > end } else { at < end };
    let mut n = guess;
    let mut at = step(clock, start, n)?;
    while is_past(at) {
        n -= sign;
        at = step(clock, start, n)?;
    }
    while let Ok(next) = step(clock, start, n + sign)
        && !is_past(next)
    {
        n += sign;
        at = next;
    }
    Ok((n, at))
}

/// Returns the whole days from `start` to `end` and the instant they lead to.
pub(super) fn days_between(clock: &mut Clock, start: i64, end: i64) -> Outcome<(i64, i64)> {
    let guess = (clock.local(end) - clock.local(start)) / DAY;
    steps(clock, [start, end], guess, add_days)
}

/// Returns the whole months from `start` to `end` and the instant they lead to.
pub(super) fn months_between(clock: &mut Clock, start: i64, end: i64) -> Outcome<(i64, i64)> {
    let [from, to] = [start, end].map(|at| date(clock.local(at).div_euclid(DAY)));
    let guess = (to.year - from.year) * 12 + to.month - from.month;
    steps(clock, [start, end], guess, add_months)
}

/// Returns the whole ISO 8601 years from `start` to `end`: to the same day of the same week.
pub(super) fn iso_years_between(clock: &mut Clock, start: i64, end: i64) -> Outcome<i64> {
    let [from, to] = [start, end].map(|at| iso_week(clock.local(at).div_euclid(DAY)).0);
    Ok(steps(clock, [start, end], to - from, add_iso_years)?.0)
}

fn add_iso_years(clock: &mut Clock, instant: i64, n: i64) -> Outcome<i64> {
    let local = clock.local(instant);
    let day = local.div_euclid(DAY);
    let year = iso_week(day).0;
    let day = day - iso_year_start(year) + iso_year_start(year + n);
    let local = checked(day.checked_mul(DAY).and_then(|start| start.checked_add(local.rem_euclid(DAY))))?;
    checked(Some(clock.instant(local)))
}

/// Returns `end - start` in days and microseconds.
///
/// # Errors
/// When an instant is infinite.
pub(super) fn between(clock: &mut Clock, end: i64, start: i64) -> Outcome<Interval> {
    if !is_finite(end) || !is_finite(start) {
        return Err("an infinite timestamp cannot be subtracted".into());
    }
    if start > end {
        return negate(between(clock, start, end)?);
    }
    let (days, at) = days_between(clock, start, end)?;
    let days = i32::try_from(days).map_err(|err| err.to_string())?;
    Ok(Interval { months: 0, days, micros: end - at })
}

/// Returns the age at `end` of what began at `start`, as the calendars on the wall tell it: years, months and days,
/// borrowing the days of the month the earlier one lies in. As PostgreSQL's `age`.
///
/// # Errors
/// When an instant is infinite.
pub(super) fn age(clock: &mut Clock, end: i64, start: i64) -> Outcome<Interval> {
    if !is_finite(end) || !is_finite(start) {
        return Err("an infinite timestamp has no age".into());
    }
    let [end, start] = [end, start].map(|at| clock.local(at));
    let [earlier, later] = if start <= end { [start, end] } else { [end, start] };
    let [from, to] = [earlier, later].map(|at| date(at.div_euclid(DAY)));
    let mut micros = later.rem_euclid(DAY) - earlier.rem_euclid(DAY);
    let mut days = to.day - from.day;
    let mut months = (to.year - from.year) * 12 + to.month - from.month;
    if micros < 0 {
        micros += DAY;
        days -= 1;
    }
    if days < 0 {
        days += days_in_month(from.year, from.month);
        months -= 1;
    }
    let narrow = |n: i64| i32::try_from(n).map_err(|err| err.to_string());
    let age = Interval { months: narrow(months)?, days: narrow(days)?, micros };
    if start <= end { Ok(age) } else { negate(age) }
}

/// Returns the start of the bucket of `width` that holds `instant`, counted from `origin`.
///
/// # Errors
/// When the width mixes units or is not positive.
pub(super) fn bucket(clock: &mut Clock, width: Interval, instant: i64, origin: i64) -> Outcome<i64> {
    let Interval { months, days, micros } = width;
    let (unit, is_mixed): (Step, _) = match (months, days, micros) {
        (0, 0, _) => (add_micros, false),
        (0, _, rest) => (add_days, rest != 0),
        (_, days, rest) => (add_months, days != 0 || rest != 0),
    };
    if is_mixed {
        return Err("the width of a bucket is in months, in days or in smaller units, not mixed".into());
    }
    let size = i64::from(months) + i64::from(days) + micros;
    if size <= 0 {
        return Err("the width of a bucket is positive".into());
    }
    if !is_finite(instant) {
        return Ok(instant);
    }
    let (n, _) = match (months, days) {
        (0, 0) => (instant - origin, 0),
        (0, _) => days_between(clock, origin, instant)?,
        _ => months_between(clock, origin, instant)?,
    };
    let start = unit(clock, origin, n / size * size)?;
    if start > instant {
        // Where a day's start is skipped, a day before counts from the hour it moved to; a month counts afresh.
        return match months {
            0 => unit(clock, start, -size),
            _ => unit(clock, origin, n / size * size - size),
        };
    }
    Ok(start)
}

fn add_micros(_clock: &mut Clock, instant: i64, n: i64) -> Outcome<i64> {
    checked(instant.checked_add(n))
}
