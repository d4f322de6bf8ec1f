//! Options that connectors read alike. An option's value never stands in a message: it may be a secret.

use std::time::Duration;

use serde_yaml::{Mapping, Value};

use crate::diagnostic::{Diagnostic, Result, nearest};

/// The keys of a mapping, with the words that name it in messages.
pub(super) struct Options<'a> {
    /// Such as `connector `rest``.
    what: String,
    map: &'a Mapping,
}

impl<'a> Options<'a> {
    /// Reads `map`, in which only `known` keys may stand.
    ///
    /// # Errors
    /// `Project` for another key.
    pub(super) fn new(what: &str, map: &'a Mapping, known: &[&str]) -> Result<Self> {
        for key in map.keys().filter_map(Value::as_str) {
            if !known.contains(&key) {
                let hint = match nearest(key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("{what} takes {}", known.join(", ")),
                };
                return Err(Diagnostic::project(format!("{what} has no option `{key}`"))
                    .hint(hint)
                    .into());
            }
        }
        Ok(Self {
            what: what.into(),
            map,
        })
    }

    /// Returns the value of `key`, unless it is absent or null.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Returns the text or number at `key`.
    ///
    /// # Errors
    /// `Project` when it is a list or a mapping.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>> {
        let text = |value: &Value| match value.as_scalar_string() {
            Some(text) => Ok(text.into_owned()),
            None => Err(self.wrong(key, "text")),
        };
        self.get(key).map(text).transpose()
    }

    /// Returns the text at `key`, which is not empty.
    ///
    /// # Errors
    /// `Project` when it is missing, or a list or a mapping.
    pub(super) fn required(&self, key: &str) -> Result<String> {
        self.text(key)?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| Diagnostic::project(format!("{} needs `{key}:`", self.what)).into())
    }

    /// Returns the options below `key`.
    ///
    /// # Errors
    /// `Project` when it is no mapping, or holds a key that is not `known`.
    pub(super) fn below(&self, key: &str, known: &[&str]) -> Result<Option<Options<'a>>> {
        let below = |value: &'a Value| {
            let map = value
                .as_mapping()
                .ok_or_else(|| self.wrong(key, "a mapping"))?;
            Options::new(&format!("`{key}` of {}", self.what), map, known)
        };
        self.get(key).map(below).transpose()
    }

    /// Returns the texts at `key` by name, such as headers.
    ///
    /// # Errors
    /// `Project` when it is no mapping from names to texts.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<(String, String)>> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let wrong = || self.wrong(key, "a mapping from names to texts");
        let map = value.as_mapping().ok_or_else(wrong)?;
        let pair = |(name, value): (&Value, &Value)| {
            let (name, value) = (name.as_scalar_string(), value.as_scalar_string());
            let (name, value) = name.zip(value).ok_or_else(wrong)?;
            Ok((name.into_owned(), value.into_owned()))
        };
        map.iter().map(pair).collect()
    }

    /// Returns the time at `key`, such as `30s`.
    ///
    /// # Errors
    /// `Project` when it is none.
    pub(super) fn time(&self, key: &str, default: Duration) -> Result<Duration> {
        let Some(text) = self.text(key)? else {
            return Ok(default);
        };
        text.parse::<jiff::SignedDuration>()
            .ok()
            .and_then(|time| Duration::try_from(time).ok())
            .ok_or_else(|| self.wrong(key, "a time such as 500ms, 30s or 5m"))
    }

    /// Returns the whole number from 1 at `key`.
    ///
    /// # Errors
    /// `Project` when it is none.
    pub(super) fn count(&self, key: &str, default: u32) -> Result<u32> {
        let Some(value) = self.get(key) else {
            return Ok(default);
        };
        value
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| *n > 0)
            .ok_or_else(|| self.wrong(key, "a whole number from 1"))
    }

    fn wrong(&self, key: &str, wanted: &str) -> anyhow::Error {
        Diagnostic::project(format!("`{key}` of {} is not {wanted}", self.what)).into()
    }
}

/// Returns the columns that `columns:` declares, with their SQL types.
///
/// # Errors
/// `Project` when it is no mapping from names to types.
pub(in crate::ingest) fn declared_columns(options: &Mapping) -> Result<Vec<(String, String)>> {
    let wrong = || {
        Diagnostic::project("`columns:` does not give a SQL type for each name")
            .hint("write `columns: {order_id: bigint, paid_at: timestamp}`")
    };
    let Some(value) = options.get("columns").filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let column = |(name, ty): (&Value, &Value)| match (name.as_str(), ty.as_str()) {
        (Some(name), Some(ty)) => Ok((name.to_owned(), ty.to_owned())),
        _ => Err(wrong().into()),
    };
    value
        .as_mapping()
        .ok_or_else(wrong)?
        .iter()
        .map(column)
        .collect()
}
