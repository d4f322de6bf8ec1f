//! What large texts that a template makes cost it: steps, which are bounded.

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

use super::operators::bounded;
use super::scope::current;

/// Bytes of a text that are free; a larger one counts as steps, so that what a rendering holds is bounded.
const FREE_BYTES: usize = 1_000_000;

/// Bytes of a large text that count as a step.
const BYTES_A_STEP: usize = 32;

/// Counts a text that a template made as steps, where it is large.
pub(crate) fn charged(state: &State<'_, '_>, made: Value) -> Result<Value, Error> {
    let size = match made.kind() {
        ValueKind::String => made.as_str().map_or(0, str::len),
        _ => 0,
    };
    if size > FREE_BYTES {
        current(state)?.run.count((size / BYTES_A_STEP) as u64)?;
    }
    Ok(made)
}

/// Replaces a text in another, at most so many times.
pub(crate) fn replaced(
    own: &str,
    (old, new): (&str, &str),
    most: Option<usize>,
) -> Result<Value, Error> {
    let most = most.unwrap_or(usize::MAX);
    if new.len() > old.len() {
        let count = own.matches(old).take(most).count();
        bounded(own.len().saturating_add(count.saturating_mul(new.len())))?;
    }
    Ok(Value::from(own.replacen(old, new, most)))
}
