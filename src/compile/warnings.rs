//! Which warnings are errors or silence, by name: `--warn-error`, `--warn-error-options`.

use serde_json::Value;

use super::flags::Flags;
use crate::diagnostic::{Diagnostic, Result, nearest};

/// Names that stand for every warning.
const ALL: &[&str] = &["all", "*"];

/// The name that stands for all warnings of what is deprecated.
const DEPRECATIONS: &str = "Deprecations";

/// What becomes of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is said.
    Said,
    /// It is an error.
    Refused,
    /// Nothing is said.
    Silenced,
}

impl Flags {
    /// Returns what becomes of the warning of a name.
    ///
    /// # Errors
    /// `Project` for options that are none.
    pub fn verdict(&self, name: &str) -> Result<Verdict> {
        let options = self.get("warn_error_options");
        let of = |keys: &[&str]| -> Result<Option<Vec<String>>> {
            let value = keys.iter().find_map(|key| options?.get(*key));
            value.map(listed).transpose()
        };
        if let Some(options) = options {
            check(options)?;
        }
        if of(&["silence"])?.is_some_and(|names| stand_for(&names, name)) {
            return Ok(Verdict::Silenced);
        }
        let refused = of(&["error", "include"])?.is_some_and(|names| stand_for(&names, name));
        let said = of(&["warn", "exclude"])?.is_some_and(|names| stand_for(&names, name));
        Ok(match (refused || self.is("warn_error")) && !said {
            true => Verdict::Refused,
            false => Verdict::Said,
        })
    }
}

fn stand_for(names: &[String], name: &str) -> bool {
    names.iter().any(|known| {
        ALL.contains(&known.as_str())
            || known == name
            || known == DEPRECATIONS && name.ends_with("Deprecation")
    })
}

fn listed(value: &Value) -> Result<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let names = match value {
        Value::Null => Some(Vec::new()),
        Value::Array(items) => items.iter().map(text).collect(),
        value => text(value).map(|name| vec![name]),
    };
    names.ok_or_else(|| {
        Diagnostic::project(format!(
            "`{value}` of `--warn-error-options` is no list of warnings"
        ))
        .hint("write it as '{error: all, warn: [NoNodesForSelectionCriteria]}'")
        .into()
    })
}

/// Checks the keys of `--warn-error-options`.
fn check(options: &Value) -> Result<()> {
    const KEYS: [&str; 5] = ["error", "include", "warn", "exclude", "silence"];
    let Some(map) = options.as_object() else {
        return listed(&Value::Bool(false)).map(|_| ());
    };
    for key in map.keys() {
        if !KEYS.contains(&key.as_str()) {
            let err = Diagnostic::project(format!("`--warn-error-options` does not take `{key}`"));
            return Err(match nearest(key, KEYS) {
                Some(near) => err.hint(format!("did you mean `{near}`?")),
                None => err.hint("keys are: error, warn, silence"),
            }
            .into());
        }
    }
    for (one, other) in [("error", "include"), ("warn", "exclude")] {
        if map.contains_key(one) && map.contains_key(other) {
            let what = format!("`{one}` and `{other}` of `--warn-error-options` are the same");
            return Err(Diagnostic::project(what).hint("leave one").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NO_NODES: &str = "NoNodesForSelectionCriteria";

    fn judged(options: Value, name: &str) -> Verdict {
        let mut flags = Flags::default();
        flags.set("warn_error_options", options);
        flags.verdict(name).unwrap()
    }

    #[test]
    fn options_choose_by_name() {
        assert_eq!(judged(json!({}), NO_NODES), Verdict::Said);
        assert_eq!(judged(json!({"error": "all"}), NO_NODES), Verdict::Refused);
        assert_eq!(
            judged(json!({"include": "all", "exclude": [NO_NODES]}), NO_NODES),
            Verdict::Said
        );
        assert_eq!(
            judged(json!({"error": "*", "silence": [NO_NODES]}), NO_NODES),
            Verdict::Silenced
        );
        assert_eq!(
            judged(
                json!({"error": ["Deprecations"]}),
                "ConfigDataPathDeprecation"
            ),
            Verdict::Refused
        );
    }
}
