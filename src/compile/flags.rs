//! dbt's flags of one call: what options, variables of the environment and the project's file decide together.

use serde_json::{Map, Value};

/// Flags by their name in lower case, such as `full_refresh`; one that nothing decides is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flags(Map<String, Value>);

impl Flags {
    /// Sets a flag; nothing takes it away.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        match value.into() {
            Value::Null => self.0.remove(name),
            value => self.0.insert(name.to_owned(), value),
        };
    }

    /// Returns a flag's value; the name may be in any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .or_else(|| self.0.get(&name.to_lowercase()))
    }

    /// Returns whether a flag is on.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Returns a flag's text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Returns all flags, as `args` of `run_results.json` has them.
    #[must_use]
    pub fn json(&self) -> &Map<String, Value> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case() {
        let mut flags = Flags::default();
        flags.set("full_refresh", true);
        flags.set("state", "old");
        flags.set("gone", Value::Null);
        assert!(flags.is("FULL_REFRESH") && !flags.is("empty"));
        assert_eq!(flags.text("STATE"), Some("old"));
        assert_eq!(flags.json().len(), 2);
    }
}
