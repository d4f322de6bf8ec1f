//! Reading YAML with places: every value knows its file, line and column, every mapping which keys it takes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use serde_yaml::{Mapping, Value};

pub use super::words::{Written, is_moment, is_text, to_json};
use crate::diagnostic::{At, Diagnostic, Result, Warning, nearest};

/// Renders the Jinja in a YAML string; `{{ 1 + 1 }}` alone gives the number 2.
pub type Render<'a> = &'a (dyn Fn(&str) -> Result<Value> + Send + Sync + 'a);

/// Keys below which strings are rendered later, with what is known then, or not at all.
const VERBATIM: &[&str] = &[
    "description",
    "tests",
    "data_tests",
    "on-run-start",
    "on-run-end",
    "pre-hook",
    "post-hook",
    "pre_hook",
    "post_hook",
    "+pre-hook",
    "+post-hook",
    "analysis",
    "alerts",
];

/// What dbt calls the warning of a key that it does not know.
pub(super) const CUSTOM_KEY: &str = "CustomKeyInObjectDeprecation";

/// Parses `text`, the content of `file`.
///
/// # Errors
/// `Project` with line and column when it is no YAML.
pub fn parse(file: &Path, text: &str) -> Result<Value> {
    parse_noting(file, text, &mut Vec::new())
}

/// Parses YAML that stands in a template or on the command line.
///
/// # Errors
/// What is wrong with it.
pub fn value(text: &str) -> std::result::Result<Value, String> {
    let mut value: Value = serde_yaml::from_str(text).map_err(|err| format!("not YAML: {err}"))?;
    let merged = Written::new(text).resolve(&mut value);
    match merged {
        Ok(()) => Ok(value),
        Err(_) => Err("not YAML: `<<` merges no mapping".to_owned()),
    }
}

/// As [`value`]; plain dates and times are marked as such.
///
/// # Errors
/// As [`value`].
pub fn value_with_moments(text: &str) -> std::result::Result<Value, String> {
    let mut value = value(text)?;
    Written::new(text).mark_moments(&mut value);
    Ok(value)
}

/// As [`parse`]; keys that are given twice are noted in `warnings`. The last one counts, as in dbt.
///
/// # Errors
/// As [`parse`].
pub fn parse_noting(file: &Path, text: &str, warnings: &mut Vec<Warning>) -> Result<Value> {
    // As dbt does: a block of text at the end of a file has no line end.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end();
    if text.trim().is_empty() {
        return Ok(Value::mapping(Mapping::new()));
    }
    let mut repeated = |_: serde_yaml::path::Path<'_>, key: &Value, _: &Value| {
        warnings.push(twice(file, key));
        serde_yaml::mapping::DuplicateKey::Overwrite
    };
    let mut value = Value::from_str(text, &mut repeated).map_err(|err| {
        let (line, column) = err.location().map_or((0, 0), |at| (at.line(), at.column()));
        let what = format!(
            "`{}` is not valid YAML: {}",
            file.display(),
            err.display_no_mark()
        );
        let wrong = Diagnostic::project(what).at(&place(file, line, column));
        match remedy(text, line, &err.display_no_mark().to_string()) {
            Some(hint) => wrong.hint(hint),
            None => wrong,
        }
    })?;
    let written = Written::new(text);
    if let Some(vars) = value.get_mut("vars") {
        written.mark_moments(vars);
    }
    written.resolve(&mut value).map_err(|wrong| {
        let doc = Doc {
            value: &wrong,
            file,
        };
        doc.wrong("what `<<` merges", "a mapping")
    })?;
    Ok(value)
}

/// Returns what to do about text that is no YAML, where the usual slips made it so; `line` counts from 1.
fn remedy(text: &str, line: usize, what: &str) -> Option<&'static str> {
    let written = text.lines().nth(line.checked_sub(1)?).unwrap_or_default();
    let margin = &written[..written.len() - written.trim_start().len()];
    let is_off = [
        "did not find expected key",
        "did not find expected '-' indicator",
        "mapping values are not allowed",
    ];
    if margin.contains('\t') {
        return Some("indent with spaces: YAML takes no tabs");
    }
    is_off.iter().any(|off| what.contains(off)).then_some(
        "compare how this line and those before it are indented; text with `: ` in it stands between quotes",
    )
}

fn twice(file: &Path, key: &Value) -> Warning {
    let name = key.as_scalar_string().unwrap_or_default();
    let at = value_place(file, key).unwrap_or_else(|| At::new(file, 0, 0));
    let text = format!("`{name}` is given twice in one mapping; the last one counts");
    Warning::new("DuplicateYAMLKeysDeprecation", at, text)
}

fn place(file: &Path, line: usize, column: usize) -> At {
    let number = |n: usize| u32::try_from(n).unwrap_or(0);
    At::new(file, number(line), number(column))
}

fn value_place(file: &Path, value: &Value) -> Option<At> {
    let span = value.span();
    span.is_valid()
        .then(|| place(file, span.start.line(), span.start.column()))
}

/// Returns whether a text holds Jinja.
#[must_use]
pub fn holds_jinja(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Renders every string of `value` that holds Jinja, except below [`VERBATIM`] keys.
///
/// # Errors
/// What `render` answers, with the string's place.
pub fn render(file: &Path, value: &mut Value, with: Render<'_>) -> Result<()> {
    let span = value.span().clone();
    match value {
        Value::String(text, _) if holds_jinja(text) => {
            let rendered = with(text).map_err(|err| match err.downcast::<Diagnostic>() {
                Ok(inner) => {
                    let at = place(file, span.start.line(), span.start.column());
                    let cause = inner.what().to_owned();
                    Diagnostic::project(cause).at(&at).into()
                }
                Err(other) => other,
            })?;
            *value = rendered.with_span(span);
        }
        Value::Sequence(items, _) => {
            for item in items {
                render(file, item, with)?;
            }
        }
        Value::Mapping(map, _) => {
            for (key, item) in map.iter_mut() {
                if !key.as_str().is_some_and(|key| VERBATIM.contains(&key)) {
                    render(file, item, with)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// A value and the file it stands in.
#[derive(Clone, Copy)]
pub struct Doc<'a> {
    /// The value.
    pub value: &'a Value,
    /// Its file, relative to the root.
    pub file: &'a Path,
}

impl<'a> Doc<'a> {
    /// Returns the place of the value.
    #[must_use]
    pub fn at(&self) -> At {
        value_place(self.file, self.value).unwrap_or_else(|| At::new(self.file, 0, 0))
    }

    fn wrong(&self, what: &str, wanted: &str) -> anyhow::Error {
        let found = match self.value {
            Value::Null(_) => "nothing",
            Value::Bool(..) => "true or false",
            Value::Number(..) => "a number",
            Value::Sequence(..) => "a list",
            Value::Mapping(..) => "a mapping",
            _ => "text",
        };
        Diagnostic::project(format!("{what} is {found}, where {wanted} belongs"))
            .at(&self.at())
            .into()
    }

    /// Returns the value as a mapping; `what` names it in errors.
    ///
    /// # Errors
    /// `Project` with the place when it is something else.
    pub fn fields(&self, what: &str) -> Result<Fields<'a>> {
        match self.value {
            Value::Mapping(map, _) => Ok(Fields {
                map,
                doc: *self,
                what: what.into(),
                used: RefCell::default(),
            }),
            _ => Err(self.wrong(what, "a mapping")),
        }
    }

    /// Returns the value as text; numbers and truth values as they are written.
    ///
    /// # Errors
    /// `Project` with the place when it is a list, a mapping or nothing.
    pub fn text(&self, what: &str) -> Result<String> {
        match self.value {
            Value::Null(_) => Err(self.wrong(what, "text")),
            value => match value.as_scalar_string() {
                Some(text) => Ok(text.into_owned()),
                None => Err(self.wrong(what, "text")),
            },
        }
    }

    /// Returns the number that is written; `1e-5` is one, too, which YAML 1.1 takes for text as it has no point.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let text = || self.value.as_str()?.parse().ok();
        self.value.as_f64().or_else(text)
    }

    /// Returns the elements of a list; one value alone counts as a list of one, nothing as none.
    #[must_use]
    pub fn items(&self) -> Vec<Doc<'a>> {
        let doc = |value: &'a Value| Doc {
            value,
            file: self.file,
        };
        match self.value {
            Value::Null(_) => Vec::new(),
            Value::Sequence(items, _) => items.iter().map(doc).collect(),
            value => vec![doc(value)],
        }
    }

    /// Returns the elements of a list of texts; one text alone counts as a list of one.
    ///
    /// # Errors
    /// `Project` with the place of an element that is no text.
    pub fn texts(&self, what: &str) -> Result<Vec<String>> {
        self.items().iter().map(|item| item.text(what)).collect()
    }
}

/// A mapping that remembers which of its keys were asked for.
pub struct Fields<'a> {
    map: &'a Mapping,
    doc: Doc<'a>,
    what: String,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Fields<'a> {
    /// Returns the place of the mapping.
    #[must_use]
    pub fn at(&self) -> At {
        self.doc.at()
    }

    /// Returns the value of `key`, unless it is absent or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Doc<'a>> {
        self.used.borrow_mut().insert(key.into());
        let value = self.map.get(key)?;
        (!value.is_null()).then_some(Doc {
            value,
            file: self.doc.file,
        })
    }

    /// Refuses keys that stand there without a value.
    ///
    /// # Errors
    /// `Project` with the place of the first.
    pub fn filled(&self, keys: &[&str]) -> Result<()> {
        for key in keys {
            if let Some(value @ Value::Null(_)) = self.map.get(*key) {
                let file = self.doc.file;
                let what = format!("`{key}` of {}", self.what);
                return Err(Doc { value, file }.wrong(&what, "a value"));
            }
        }
        Ok(())
    }

    /// Takes keys that someone else reads, or nobody yet.
    pub fn pass_over(&self, keys: &[&str]) {
        self.used
            .borrow_mut()
            .extend(keys.iter().map(|key| (*key).to_owned()));
    }

    /// Returns the text at `key`, if there is any.
    ///
    /// # Errors
    /// `Project` with the place when it is no text.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        self.get(key)
            .map(|doc| doc.text(&format!("`{key}` of {}", self.what)))
            .transpose()
    }

    /// Returns whether `key` is true; false where it is not given.
    ///
    /// # Errors
    /// `Project` with the place when it is neither.
    pub fn flag(&self, key: &str) -> Result<bool> {
        let Some(doc) = self.get(key) else {
            return Ok(false);
        };
        doc.value.as_bool().ok_or_else(|| {
            Diagnostic::project(format!("`{key}` is neither true nor false"))
                .at(&doc.at())
                .into()
        })
    }

    /// Returns the text at `key`.
    ///
    /// # Errors
    /// `Project` with the mapping's place when it is missing.
    pub fn required(&self, key: &str) -> Result<String> {
        self.text(key)?.ok_or_else(|| {
            Diagnostic::project(format!("{} has no `{key}`", self.what))
                .at(&self.at())
                .into()
        })
    }

    /// Returns the list at `key`, empty when absent.
    #[must_use]
    pub fn items(&self, key: &str) -> Vec<Doc<'a>> {
        self.get(key).map(|doc| doc.items()).unwrap_or_default()
    }

    /// As [`Self::items`], where nothing but a list belongs.
    ///
    /// # Errors
    /// `Project` with the place of what is no list.
    pub fn list(&self, key: &str) -> Result<Vec<Doc<'a>>> {
        match self.get(key) {
            Some(doc) if !doc.value.is_sequence() => {
                Err(doc.wrong(&format!("`{key}` of {}", self.what), "a list"))
            }
            doc => Ok(doc.map(|doc| doc.items()).unwrap_or_default()),
        }
    }

    /// Returns the list of texts at `key`, empty when absent.
    ///
    /// # Errors
    /// `Project` with the place of an element that is no text.
    pub fn texts(&self, key: &str) -> Result<Vec<String>> {
        let what = format!("an entry of `{key}` of {}", self.what);
        self.get(key).map_or(Ok(Vec::new()), |doc| doc.texts(&what))
    }

    /// Returns the mapping at `key`, empty when absent.
    ///
    /// # Errors
    /// `Project` with the place when it is no mapping.
    pub fn mapping(&self, key: &str) -> Result<Mapping> {
        match self.get(key) {
            None => Ok(Mapping::new()),
            Some(doc) => Ok(doc
                .fields(&format!("`{key}` of {}", self.what))?
                .map
                .clone()),
        }
    }

    /// Returns the names of the keys asked for so far.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.used.borrow().clone()
    }

    /// Returns the whole mapping.
    #[must_use]
    pub fn all(&self) -> Mapping {
        self.map.clone()
    }

    /// Returns all keys not asked for so far, for whoever reads them.
    #[must_use]
    pub fn rest(&self) -> Mapping {
        let used = self.used.borrow();
        let left = |key: &Value| !key.as_str().is_some_and(|key| used.contains(key));
        self.map
            .iter()
            .filter(|(key, _)| left(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Returns a warning for each key not asked for, with the nearest one that is taken.
    #[must_use]
    pub fn strangers(&self, what: &str) -> Vec<Warning> {
        let used = self.used.borrow();
        let keys = self
            .map
            .iter()
            .filter_map(|(key, _)| Some((key, key.as_str()?)));
        let strange = keys.filter(|(_, name)| !used.contains(*name));
        strange
            .map(|(key, name)| {
                let others = used.iter().map(String::as_str);
                let near = nearest(name, others.filter(|known| *known != name));
                let near = near.map(|near| format!("; did you mean `{near}`?"));
                let doc = Doc {
                    value: key,
                    file: self.doc.file,
                };
                let warning = format!("{what} does not take `{name}`{}", near.unwrap_or_default());
                Warning::new(CUSTOM_KEY, doc.at(), warning)
            })
            .collect()
    }

    /// Fails for keys not asked for.
    ///
    /// # Errors
    /// `Project` with the key's place and the nearest key that is taken.
    pub fn finish(&self) -> Result<()> {
        let used = self.used.borrow();
        for (key, _) in self.map {
            let doc = Doc {
                value: key,
                file: self.doc.file,
            };
            let name = doc.text("a key")?;
            if !used.contains(&name) {
                let known = used.iter().map(String::as_str);
                let hint = match nearest(&name, known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("keys are: {}", known.collect::<Vec<_>>().join(", ")),
                };
                return Err(
                    Diagnostic::project(format!("{} does not take `{name}`", self.what))
                        .at(&doc.at())
                        .hint(hint)
                        .into(),
                );
            }
        }
        Ok(())
    }
}
