//! dbt's flags of one call: what options, variables of the environment and the project's file decide together.

use serde_json::{Map, Value, json};

/// Flags that dbt does not tell when they are off.
const UNTOLD: &[&str] = &[
    "debug",
    "fail_fast",
    "full_refresh",
    "log_cache_events",
    "single_threaded",
    "store_failures",
    "use_experimental_parser",
    "warn_error",
];

/// Flags that only some commands take.
const ONLY: &[(&str, &[&str])] = &[
    ("empty", &["build", "compile", "run", "seed", "snapshot"]),
    ("export_saved_queries", &["build"]),
    ("include_saved_query", &["build"]),
    (
        "exclude_resource_types",
        &["build", "clone", "ls", "retry", "test"],
    ),
    ("inject_ephemeral_ctes", &["compile"]),
    ("resource_types", &["build", "clone", "ls", "retry", "test"]),
    ("show", &["build", "seed"]),
];

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

    /// Returns the flags as `args` of `run_results.json` has them: those that the command takes, but for some that are off.
    #[must_use]
    pub fn args(&self) -> Map<String, Value> {
        let which = self.text("which").unwrap_or_default();
        let is_taken = |name: &str| {
            let only = ONLY.iter().find(|(only, _)| *only == name);
            only.is_none_or(|(_, commands)| commands.contains(&which))
        };
        let is_told =
            |name: &str, value: &Value| *value != Value::Bool(false) || !UNTOLD.contains(&name);
        let flags = self.0.iter();
        let mut args: Map<String, Value> = flags
            .filter(|(name, value)| is_taken(name) && is_told(name, value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        args.insert("warn_error_options".into(), self.warn_error_options());
        args.entry("sqlparse")
            .or_insert_with(|| json!({"MAX_GROUPING_DEPTH": null, "MAX_GROUPING_TOKENS": null}));
        args
    }

    /// Returns the options under the names that dbt has for them now.
    fn warn_error_options(&self) -> Value {
        let given = |names: &[&str]| {
            let options = self.0.get("warn_error_options");
            let found = names.iter().find_map(|name| options?.get(name));
            found.cloned().unwrap_or_else(|| json!([]))
        };
        json!({
            "error": given(&["error", "include"]),
            "warn": given(&["warn", "exclude"]),
            "silence": given(&["silence"]),
        })
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
        assert_eq!(flags.0.len(), 2);
    }

    #[test]
    fn args_are_those_of_the_command() {
        let mut flags = Flags::default();
        flags.set("which", "compile");
        flags.set("full_refresh", false);
        flags.set("show", false);
        flags.set("empty", false);
        let names: Vec<String> = flags.args().keys().cloned().collect();
        assert_eq!(names, ["which", "empty", "warn_error_options", "sqlparse"]);
    }
}
