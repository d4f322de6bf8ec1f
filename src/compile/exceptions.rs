//! `exceptions`: how templates fail and warn.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::invocation::{Invocation, Listener, Voice};
use super::warnings::Verdict;
use crate::diagnostic::{Diagnostic, Kind};
use crate::jinja::{self, bind, unknown_method};

/// `exceptions.raise_compiler_error(…)`, `exceptions.warn(…)` and the others.
#[derive(Debug)]
pub(super) struct Exceptions {
    pub(super) listener: Listener,
    /// What becomes of warnings.
    pub(super) verdict: Verdict,
}

/// Those that fail with their first argument as message.
const MESSAGES: &[&str] = &[
    "raise_cache_inconsistent",
    "raise_compiler_error",
    "raise_database_error",
    "raise_dependency_error",
    "raise_fail_fast_error",
    "raise_not_implemented",
];

/// Those that fail with a message made of their arguments; `{}` stands for an argument.
const TEMPLATES: &[(&str, &str)] = &[
    (
        "column_type_missing",
        "the contracted columns {} have no `data_type`",
    ),
    ("missing_config", "{}: the configuration `{}` is required"),
    (
        "missing_materialization",
        "`{}` has no materialization for {}",
    ),
    ("missing_relation", "the relation {} is missing"),
    ("raise_ambiguous_alias", "{} and {} make the same relation"),
    (
        "raise_ambiguous_catalog_match",
        "{}: {} and {} are the same in the catalog",
    ),
    ("raise_dataclass_not_dict", "`{}` is no dict"),
    ("raise_dep_not_found", "{}: {} needs the package `{}`"),
    (
        "raise_duplicate_patch_name",
        "{} is described twice: also in {}",
    ),
    ("raise_duplicate_resource_name", "{} and {} have one name"),
    ("raise_invalid_property_yml_version", "{}: {}"),
    ("relation_wrong_type", "the relation {} is no {}"),
];

/// What dbt calls a warning of a template.
const WARNING: &str = "JinjaLogWarning";

impl Exceptions {
    /// Makes the object of a call. Options that are none are refused before.
    pub(super) fn of(invocation: &Invocation) -> Self {
        Self {
            listener: invocation.listener.clone(),
            verdict: invocation.flags.verdict(WARNING).unwrap_or(Verdict::Said),
        }
    }

    /// Returns the object as templates have it while they are parsed: what warns fails when it runs.
    pub(super) fn while_parsing(&self) -> Value {
        Value::from_object(Self {
            listener: self.listener.clone(),
            verdict: match self.verdict {
                Verdict::Refused => Verdict::Silenced,
                verdict => verdict,
            },
        })
    }

    fn warn(&self, message: &str) -> Result<Value, Error> {
        match self.verdict {
            Verdict::Refused => return Err(jinja::raise(Diagnostic::project(message))),
            Verdict::Silenced => return Ok(Value::from("")),
            Verdict::Said => {}
        }
        tracing::warn!(message, "warn");
        (self.listener.0)(Voice::Log, &format!("[WARNING]: {message}"));
        Ok(Value::from(""))
    }

    fn raise(&self, name: &str, args: &[Value]) -> Result<Value, Error> {
        let given = match args.split_last() {
            Some((last, rest)) if last.is_kwargs() => {
                let mut given = rest.to_vec();
                let named = last
                    .as_object()
                    .and_then(minijinja::value::DynObject::try_iter_pairs);
                given.extend(named.into_iter().flatten().map(|(_, value)| value));
                given
            }
            _ => args.to_vec(),
        };
        let word = |index: usize| given.get(index).map(jinja::text).unwrap_or_default();
        if name == "raise_contract_error" {
            let none = Value::from(());
            return Err(contract(
                given.first().unwrap_or(&none),
                given.get(1).unwrap_or(&none),
            )?);
        }
        if name == "warn_snapshot_timestamp_data_types" {
            return self.warn(&format!(
                "Data type of snapshot table timestamp columns ({}) doesn't match derived column 'updated_at' ({}). \
                 Please update snapshot config 'updated_at'.",
                word(0),
                word(1)
            ));
        }
        if let Some((_, template)) = TEMPLATES.iter().find(|(known, _)| *known == name) {
            let mut parts = template.split("{}");
            let mut message = parts.next().unwrap_or_default().to_owned();
            for (index, part) in parts.enumerate() {
                message.push_str(&word(index));
                message.push_str(part);
            }
            return Err(jinja::raise(Diagnostic::project(message)));
        }
        let known: Vec<&str> = names().collect();
        Err(unknown_method("namespace of exceptions", name, &known))
    }
}

/// Returns the names of all of them.
fn names() -> impl Iterator<Item = &'static str> {
    let templates = TEMPLATES.iter().map(|(name, _)| *name);
    let others = [
        "raise_contract_error",
        "warn",
        "warn_snapshot_timestamp_data_types",
    ];
    templates.chain(MESSAGES.iter().copied()).chain(others)
}

/// One of them by itself, as `{% set fail = exceptions.raise_compiler_error %}` takes it.
#[derive(Debug)]
struct Raise(Arc<Exceptions>, &'static str);

impl Object for Raise {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.0.call_method(state, self.1, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.1)
    }
}

/// Says which columns of a contract differ from those of the SQL.
fn contract(promised: &Value, given: &Value) -> Result<Error, Error> {
    let columns = |value: &Value| -> Result<Vec<(String, String)>, Error> {
        let mut found = Vec::new();
        for column in value.try_iter()? {
            let part = |key: &str| column.get_attr(key).map(|part| jinja::text(&part));
            found.push((part("name")?, part("data_type")?));
        }
        Ok(found)
    };
    let (promised, given) = (columns(promised)?, columns(given)?);
    if promised.is_empty() && given.is_empty() {
        let missing =
            Diagnostic::project("the model's contract is enforced, and it describes no columns");
        return Ok(jinja::raise(
            missing.hint("list `columns:` with `data_type:` in its YAML"),
        ));
    }
    let mut notes = Vec::new();
    for (name, dtype) in &given {
        match promised.iter().find(|(own, _)| own == name) {
            None => notes.push(format!(
                "`{name}`: missing in contract, the SQL says {dtype}"
            )),
            Some((_, own)) if own != dtype => {
                notes.push(format!(
                    "`{name}`: data type mismatch, the SQL says {dtype}, the contract {own}"
                ));
            }
            Some(_) => {}
        }
    }
    for (name, dtype) in &promised {
        if !given.iter().any(|(own, _)| own == name) {
            notes.push(format!(
                "`{name}`: missing in definition, the contract says {dtype}"
            ));
        }
    }
    let broken = Diagnostic::project("the columns of the SQL break the model's contract");
    let broken = notes.into_iter().fold(broken, Diagnostic::note);
    Ok(jinja::raise(
        broken.hint("change the SQL or the `columns:` of its YAML"),
    ))
}

impl Object for Exceptions {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = names().find(|name| key.as_str() == Some(name))?;
        Some(Value::from_object(Raise(self.clone(), name)))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let message = |names: &[&str]| -> Result<String, Error> {
            let bound = bind(name, names, 1, args)?;
            Ok(bound[0].as_ref().map(jinja::text).unwrap_or_default())
        };
        match name {
            "warn" => self.warn(&message(&["msg", "node"])?),
            "raise_database_error" => Err(jinja::raise(Diagnostic::new(
                Kind::Data,
                message(&["msg", "node"])?,
            ))),
            _ if MESSAGES.contains(&name) => {
                let message = message(&["msg", "node"])?;
                Err(jinja::raise(Diagnostic::project(message)))
            }
            _ => self.raise(name, args),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<exceptions>")
    }
}
