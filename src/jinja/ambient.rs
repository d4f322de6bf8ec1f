//! Names that stand for many: `context`, `builtins`, and what an unknown name is while templates are parsed.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::scope::Run;
use super::value::List;

/// An unknown name that is called while dbt would be parsing: prints nothing, has any attribute, may be called.
#[derive(Debug)]
pub(crate) struct Absent;

/// Returns what stands for an unknown name while templates are parsed.
#[must_use]
pub fn absent() -> Value {
    Value::from_object(Absent)
}

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(self.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(Value::from_dyn_object(self.clone()))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        _: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        Ok(Value::from_dyn_object(self.clone()))
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// `context_macro_stack`: the macros that are being called, outermost first; templates may change the list.
#[derive(Debug)]
pub(crate) struct MacroStack(pub(crate) Arc<List>);

impl Object for MacroStack {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "call_stack" => Some(Value::from_dyn_object(self.0.clone())),
            "depth" => Some(Value::from(self.0.items().len())),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "push" => {
                let bound = super::methods::bind(method, &["name"], 1, args)?;
                self.0.items().extend(bound.into_iter().flatten());
            }
            "pop" => {
                super::methods::bind(method, &["name"], 1, args)?;
                self.0.items().pop();
            }
            _ => {
                return Err(super::unknown_method(
                    "macro stack",
                    method,
                    &["pop", "push"],
                ));
            }
        }
        Ok(Value::from(()))
    }
}

/// `context`: all macros and globals of the rendering by name; `builtins`: without the macros.
#[derive(Debug)]
pub(crate) struct Context(pub(crate) Arc<Run>, pub(crate) bool);

impl Context {
    fn find(&self, name: &str) -> Option<Value> {
        match self.1 {
            true => self.0.lookup(name),
            false => self.0.globals.get(name).cloned(),
        }
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let macros = self.0.view.names().filter(|_| self.1);
        let mut names: Vec<&str> = macros.chain(self.0.globals.names()).collect();
        names.sort_unstable();
        names.dedup();
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, self.find(method)) {
            ("get", _) => {
                let bound = super::methods::bind(method, &["key", "default"], 1, args)?;
                let found = bound[0].as_ref().and_then(|key| self.get_value(key));
                Ok(found
                    .or_else(|| bound[1].clone())
                    .unwrap_or_else(|| Value::from(())))
            }
            ("update", _) => {
                for (name, value) in super::methods::pairs(args)? {
                    self.0.write(name.as_str().unwrap_or_default(), value);
                }
                Ok(Value::from(()))
            }
            ("setdefault", _) => {
                let bound = super::methods::bind(method, &["key", "default"], 1, args)?;
                let key = bound[0].clone().unwrap_or_default();
                if let Some(found) = self.get_value(&key) {
                    return Ok(found);
                }
                let value = bound[1].clone().unwrap_or_else(|| Value::from(()));
                self.0
                    .write(key.as_str().unwrap_or_default(), value.clone());
                Ok(value)
            }
            ("keys", _) => Ok(super::value::list(
                Value::from_dyn_object(self.clone()).try_iter()?,
            )),
            (_, Some(function)) => function.call(state, args),
            (_, None) => Err(Error::from(minijinja::ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<context>")
    }
}
