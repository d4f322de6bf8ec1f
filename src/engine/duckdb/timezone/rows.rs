//! Loops over the rows of a call: NULL in gives NULL out, a row that fails ends the query or, in TRY_CAST, is NULL.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::capi::{Frame, Outcome, Plain, Text};
use super::zone::{Clock, Zone, find};

/// The setting that holds the session's zone.
pub(super) const SETTING: &str = "TimeZone";

/// Returns a clock in the session's zone.
pub(super) fn clock(frame: &Frame<'_>) -> Outcome<Clock> {
    Ok(Clock::new(find(&frame.setting(SETTING)?)?))
}

/// Returns the present instant.
pub(super) fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or_default()
}

/// What the last text was read as; most vectors hold one text over and over.
pub(super) struct Memo<T>(Option<(String, T)>);

impl<T> Memo<T> {
    /// Begins with no memory.
    pub(super) fn new() -> Self {
        Self(None)
    }

    /// Returns what `text` reads as, reading it only when it is not the last one.
    #[inline]
    pub(super) fn get(
        &mut self,
        text: &str,
        read: impl FnOnce(&str) -> Outcome<T>,
    ) -> Outcome<&mut T> {
        if self.0.as_ref().is_none_or(|(last, _)| last != text) {
            self.0 = Some((text.to_owned(), read(text)?));
        }
        self.0
            .as_mut()
            .map(|(_, value)| value)
            .ok_or_else(String::new)
    }
}

/// Returns a clock in the zone of a name.
pub(super) fn clock_of(name: &str) -> Outcome<Clock> {
    find(name).map(|zone: Arc<Zone>| Clock::new(zone))
}

/// Computes each row by `value`, which answers `None` for a row that is NULL.
#[inline]
pub(super) fn each<R: Plain>(
    frame: &mut Frame<'_>,
    mut value: impl FnMut(usize) -> Outcome<Option<R>>,
) -> Outcome {
    let (n_rows, is_tolerant) = (frame.n_rows(), frame.is_tolerant());
    let mut output = frame.output::<R>()?;
    let mut failed = Ok(());
    for row in 0..n_rows {
        let computed = match value(row) {
            Ok(computed) => computed,
            Err(err) if is_tolerant => {
                failed = Err(err);
                None
            }
            Err(err) => return Err(err),
        };
        output.set(row, computed)?;
    }
    failed
}

/// Computes each row from one argument.
#[inline]
pub(super) fn map1<A: Plain, R: Plain>(
    frame: &mut Frame<'_>,
    mut value: impl FnMut(&A) -> Outcome<Option<R>>,
) -> Outcome {
    let a = frame.column::<A>(0)?;
    each(frame, |row| a.get(row).map_or(Ok(None), &mut value))
}

/// Computes each row from two arguments.
#[inline]
pub(super) fn map2<A: Plain, B: Plain, R: Plain>(
    frame: &mut Frame<'_>,
    mut value: impl FnMut(&A, &B) -> Outcome<Option<R>>,
) -> Outcome {
    let (a, b) = (frame.column::<A>(0)?, frame.column::<B>(1)?);
    each(frame, |row| match (a.get(row), b.get(row)) {
        (Some(a), Some(b)) => value(a, b),
        _ => Ok(None),
    })
}

/// Computes each row from three arguments.
#[inline]
pub(super) fn map3<A: Plain, B: Plain, C: Plain, R: Plain>(
    frame: &mut Frame<'_>,
    mut value: impl FnMut(&A, &B, &C) -> Outcome<Option<R>>,
) -> Outcome {
    let (a, b, c) = (
        frame.column::<A>(0)?,
        frame.column::<B>(1)?,
        frame.column::<C>(2)?,
    );
    each(frame, |row| match (a.get(row), b.get(row), c.get(row)) {
        (Some(a), Some(b), Some(c)) => value(a, b, c),
        _ => Ok(None),
    })
}

/// Computes each row of text from the rows that `value` finds complete, writing into the text it is given.
pub(super) fn text(
    frame: &mut Frame<'_>,
    mut value: impl FnMut(usize, &mut String) -> Outcome<bool>,
) -> Outcome {
    let n_rows = frame.n_rows();
    let mut output = frame.output::<Text>()?;
    let mut written = String::new();
    for row in 0..n_rows {
        written.clear();
        let text = match value(row, &mut written)? {
            true => Some(output.text(&written)?),
            false => None,
        };
        output.set(row, text)?;
    }
    Ok(())
}
