//! What microbatch models must say of their batches, as dbt wants it said.

use serde_yaml::Value;

use crate::compile::period::instant;
use crate::compile::plan::Node;
use crate::diagnostic::{Diagnostic, Result};
use crate::jinja::Library;

/// What batches may be as long as.
const SIZES: &[&str] = &["hour", "day", "month", "year"];

/// A key: whether it must be there, what it takes, and in words.
type Key = (&'static str, bool, fn(&Value) -> bool, &'static str);

const KEYS: &[Key] = &[
    (
        "event_time",
        true,
        Value::is_string,
        "the name of the column with the time of its rows",
    ),
    (
        "begin",
        true,
        |value| value.as_str().and_then(instant).is_some(),
        "the date of its first batch, as '2024-01-31', or a date and time",
    ),
    (
        "batch_size",
        true,
        |value| value.as_str().is_some_and(|size| SIZES.contains(&size)),
        "hour, day, month or year",
    ),
    (
        "lookback",
        false,
        |value| value.is_i64() || value.is_bool(),
        "a whole number of batches",
    ),
    (
        "concurrent_batches",
        false,
        Value::is_bool,
        "true or false, or not at all",
    ),
];

/// Refuses a microbatch model without what its batches are made of, unless the project has a strategy of that name of its own.
///
/// # Errors
/// `Project`, at the node.
pub(super) fn check(node: &Node, library: &Library) -> Result<()> {
    let config = &node.config;
    let is = |key: &str, word: &str| config.text(key).as_deref() == Some(word);
    let is_batched = is("materialized", "incremental") && is("incremental_strategy", "microbatch");
    if !is_batched || config.flag("enabled") == Some(false) {
        return Ok(());
    }
    let strategy = library.find(&node.package, "get_incremental_microbatch_sql");
    if strategy.is_none_or(|found| found.package() != "dbt") {
        return Ok(());
    }
    for (key, is_required, takes, hint) in KEYS {
        let said = config.values.get(*key).filter(|value| !value.is_null());
        let what = match said {
            None if *is_required => format!(
                "the microbatch model `{}` must provide {} '{key}'",
                node.name,
                if *key == "event_time" { "an" } else { "a" }
            ),
            Some(value) if !takes(value) => {
                let said = crate::project::yaml::to_json(value);
                format!("`{key}` of the microbatch model `{}` is {said}", node.name)
            }
            _ => continue,
        };
        return Err(Diagnostic::project(what)
            .at(&node.at)
            .hint(format!("configure `{key}:` with {hint}"))
            .into());
    }
    Ok(())
}
