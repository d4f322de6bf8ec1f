//! `var`: the variables of a project and its packages, as templates see them.

use std::sync::Arc;

use minijinja::value::{Object, Value, from_args};
use minijinja::{Error, ErrorKind, State};
use serde_yaml::Mapping;

use super::context::from_yaml;
use crate::diagnostic::Diagnostic;
use crate::jinja;

/// Returns `var`: a function from names to values.
pub(super) fn vars(variables: &Mapping) -> Value {
    Value::from_object(Vars {
        known: variables.clone(),
        is_lenient: false,
    })
}

/// Returns `var` as dbt has it while it parses: a variable without a value is none.
pub(super) fn lenient_vars(variables: &Mapping) -> Value {
    Value::from_object(Vars {
        known: variables.clone(),
        is_lenient: true,
    })
}

/// `var('name', default)`, `var.has_var('name')`.
#[derive(Debug)]
struct Vars {
    known: Mapping,
    is_lenient: bool,
}

impl Vars {
    fn find(&self, name: &str) -> Option<Value> {
        self.known.get(name).map(from_yaml)
    }
}

impl Object for Vars {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut bound = jinja::bind("var", &["key", "default"], 1, args)?;
        let default = bound.pop().flatten();
        let name = bound[0].as_ref().map(jinja::text).unwrap_or_default();
        match self.find(&name) {
            // A variable may hold a template: it is rendered where it is used.
            Some(value) => match value.as_str() {
                Some(text) => jinja::render_here(state, text),
                None => Ok(value),
            },
            None if let Some(default) = default => Ok(default),
            None if self.is_lenient => Ok(Value::from(())),
            None => Err(jinja::raise(
                Diagnostic::project(format!("the variable `{name}` has no value")).hint(format!(
                    "add it under `vars:`, or give one: `--vars '{{{name}: …}}'`"
                )),
            )),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "has_var" => {
                let (name,): (String,) = from_args(args)?;
                Ok(Value::from(self.known.contains_key(name.as_str())))
            }
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("`var` has no method `{name}`"),
            )),
        }
    }
}
