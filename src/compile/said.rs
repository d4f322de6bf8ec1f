//! `ref`, `source` and `config`: heard while a template is parsed, answered while its node runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use serde_yaml::Mapping;

use super::context::{from_yaml, to_yaml};
use super::plan::Config;
use crate::diagnostic::Diagnostic;
use crate::jinja::{self, bind};
use crate::project::nodes::Reference;

/// What a template said of itself while it was parsed.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) references: Vec<Reference>,
    pub(super) config: Mapping,
    /// dbt's names of the macros that the template called itself.
    pub(super) macros: Vec<String>,
}

/// The references and configuration of one template: gathered while parsing, answered while running.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Recorded>);

impl Recorder {
    pub(super) fn take(&self) -> Recorded {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the arguments of `ref(…)`.
pub(super) fn ref_arguments(args: &[Value]) -> Result<Reference, Error> {
    let (first, second, kwargs): (String, Option<String>, Kwargs) = from_args(args)?;
    let version = match kwargs.get::<Option<Value>>("v")? {
        Some(version) => Some(version),
        None => kwargs.get::<Option<Value>>("version")?,
    };
    kwargs.assert_all_used()?;
    let version = version
        .filter(|version| !version.is_none())
        .map(|version| version.to_string());
    Ok(match second {
        Some(name) => Reference::Ref {
            package: Some(first),
            name,
            version,
        },
        None => Reference::Ref {
            package: None,
            name: first,
            version,
        },
    })
}

pub(super) fn source_arguments(args: &[Value]) -> Result<Reference, Error> {
    let (source, table): (String, String) = from_args(args)?;
    Ok(Reference::Source { source, table })
}

/// Reads the arguments of `function(…)`: a name, or a package and a name.
pub(super) fn function_arguments(args: &[Value]) -> Result<Reference, Error> {
    let (first, second): (String, Option<String>) = from_args(args)?;
    Ok(match second {
        Some(name) => Reference::Function {
            package: Some(first),
            name,
        },
        None => Reference::Function {
            package: None,
            name: first,
        },
    })
}

/// `ref` or `source`: a function from names to relations.
#[derive(Debug)]
pub(super) struct Referrer {
    pub(super) read: fn(&[Value]) -> Result<Reference, Error>,
    pub(super) answer: Answer,
    /// What packages read as `builtins.ref.config`: the project as it runs.
    pub(super) config: Value,
}

/// All sources of a project by what refers to them.
pub(super) type Sources = BTreeMap<Reference, Value>;

#[derive(Debug)]
pub(super) enum Answer {
    Record(Arc<Recorder>, Value),
    /// What the node's references mean, and all sources: those may be named without having been heard.
    Resolve(Arc<BTreeMap<Reference, Value>>, Arc<Sources>),
    /// Of a unit test: what stands for the references that it gives rows for.
    Given(Arc<BTreeMap<Reference, Value>>),
}

impl Object for Referrer {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("config")).then(|| self.config.clone())
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let reference = (self.read)(args)?;
        match &self.answer {
            Answer::Record(recorder, this) => {
                recorder.lock().references.push(reference);
                // What is referred to is not known yet; dbt answers with the node itself.
                Ok(this.clone())
            }
            Answer::Given(known) => known.get(&reference).cloned().ok_or_else(|| {
                let what = format!("the unit test gives no rows for `{reference}`");
                let hint = format!("add `- input: {reference}` with its `rows` to `given`");
                jinja::raise(Diagnostic::project(what).hint(hint))
            }),
            Answer::Resolve(known, sources) => {
                let source = || sources.get(&reference);
                let found = known.get(&reference).or_else(source);
                found.cloned().ok_or_else(|| {
                    jinja::raise(
                        Diagnostic::project(format!(
                            "`{reference}` was not seen when the project was parsed"
                        ))
                        .hint(format!(
                            "add `-- depends_on: {{{{ {reference} }}}}` to the template"
                        )),
                    )
                })
            }
        }
    }
}

/// `config(…)`, `config.get(…)`, `config.require(…)`.
#[derive(Debug)]
pub(super) struct ConfigObject {
    pub(super) recorder: Option<Arc<Recorder>>,
    pub(super) known: Config,
}

impl ConfigObject {
    fn find(&self, name: &str) -> Option<Value> {
        let recorded = self
            .recorder
            .as_ref()
            .and_then(|recorder| recorder.lock().config.get(name).cloned());
        let known = || self.known.values.get(name).cloned();
        recorded.or_else(known).as_ref().map(from_yaml)
    }

    fn find_meta(&self, name: &str) -> Result<Option<Value>, Error> {
        let Some(meta) = self.find("meta") else {
            return Ok(None);
        };
        let found = meta.get_attr(name)?;
        Ok((!found.is_undefined()).then_some(found))
    }

    /// Returns whether descriptions of this kind are to be kept in the warehouse.
    fn persists(&self, what: &str) -> Result<Value, Error> {
        match self
            .find("persist_docs")
            .filter(|_| self.recorder.is_none())
        {
            None => Ok(Value::from(false)),
            Some(docs) if docs.kind() == ValueKind::Map => {
                let kept = docs.get_attr(what)?;
                Ok(Value::from(kept.is_true()))
            }
            Some(docs) => Err(jinja::raise(
                Diagnostic::project(format!(
                    "`persist_docs` is {}, not a mapping",
                    jinja::repr(&docs)
                ))
                .hint("write `persist_docs: {relation: true, columns: true}`"),
            )),
        }
    }

    fn record(&self, args: &[Value]) -> Result<(), Error> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        let wrong =
            |err: serde_yaml::Error| Error::new(ErrorKind::InvalidOperation, err.to_string());
        let (positional, kwargs): (Option<Value>, Kwargs) = from_args(args)?;
        let mut config = match positional {
            Some(map) => serde_yaml::from_value(to_yaml(&map)?).map_err(wrong)?,
            None => Mapping::new(),
        };
        for name in kwargs.args() {
            let value: Value = kwargs.get(name)?;
            config.insert(serde_yaml::Value::string(name.into()), to_yaml(&value)?);
        }
        for [old, new] in [["pre_hook", "pre-hook"], ["post_hook", "post-hook"]] {
            if config.contains_key(old) && config.contains_key(new) {
                let what = format!("the configuration has both `{old}` and `{new}`");
                let twice = Diagnostic::project(what).hint("keep one of them");
                return Err(jinja::raise(twice));
            }
        }
        let mut merged = Config {
            cleared: Vec::new(),
            values: std::mem::take(&mut recorder.lock().config),
        };
        merged.say(&config);
        recorder.lock().config = merged.values;
        Ok(())
    }
}

/// Returns what dbt's configuration is where nothing is configured.
fn default_of(name: &str) -> Option<Value> {
    Some(match name {
        "contract" => jinja::dict([
            ("enforced", Value::from(false)),
            ("alias_types", Value::from(true)),
        ]),
        "persist_docs" | "grants" | "meta" | "quoting" | "column_types" => {
            jinja::dict(Vec::<(Value, Value)>::new())
        }
        "tags" | "packages" | "pre-hook" | "post-hook" => jinja::list(Vec::<Value>::new()),
        "fail_calc" => Value::from("count(*)"),
        "warn_if" | "error_if" => Value::from("!= 0"),
        "severity" => Value::from("ERROR"),
        "on_schema_change" => Value::from("ignore"),
        "on_configuration_change" => Value::from("apply"),
        "enabled" => Value::from(true),
        "lookback" => Value::from(1),
        _ => return None,
    })
}

impl Object for ConfigObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.record(args)?;
        Ok(Value::from(""))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        // While templates are parsed, dbt answers nothing: what is asked may come later in the file.
        let parses = self.recorder.is_some();
        let nothing = || Value::from("");
        match method {
            "get" | "meta_get" => {
                let bound = bind(method, &["name", "default", "validator"], 1, args)?;
                if parses {
                    return Ok(nothing());
                }
                let name = bound[0].as_ref().map(jinja::text).unwrap_or_default();
                let found = match method {
                    "get" => self.find(&name).or_else(|| default_of(&name)),
                    _ => self.find_meta(&name)?,
                };
                let found = found.or_else(|| bound[1].clone());
                Ok(found.unwrap_or(Value::from(())))
            }
            "require" | "meta_require" => {
                let bound = bind(method, &["name", "validator"], 1, args)?;
                if parses {
                    return Ok(nothing());
                }
                let name = bound[0].as_ref().map(jinja::text).unwrap_or_default();
                let found = match method {
                    "require" => self.find(&name).or_else(|| default_of(&name)),
                    _ => self.find_meta(&name)?,
                };
                found.ok_or_else(|| {
                    let what = format!("the configuration `{name}` is required");
                    jinja::raise(Diagnostic::project(what))
                })
            }
            "set" => {
                let bound = bind(method, &["name", "value"], 2, args)?;
                let name = bound[0].as_ref().map(jinja::text).unwrap_or_default();
                let value = bound[1].clone().unwrap_or_default();
                self.record(&[jinja::dict([(name, value)])])?;
                Ok(nothing())
            }
            "persist_relation_docs" => self.persists("relation"),
            "persist_column_docs" => self.persists("columns"),
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("`config` has no method `{method}`"),
            )),
        }
    }
}
