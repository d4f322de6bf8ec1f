//! `modules`: what dbt hands to templates of Python's `datetime`, `pytz`, `re` and `itertools`.

pub mod datetime;
mod format;
mod itertools;
mod regex;
mod zone;

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::methods::unknown;
use super::value::dict;

/// A function of a module: takes the arguments as they are passed.
pub(crate) type Function = fn(&mut State<'_, '_>, &[Value]) -> Result<Value, Error>;

/// Functions and constants by name, such as a Python module or a class's own.
pub(crate) struct Module {
    name: &'static str,
    /// What calling it does: makes an instance, where it is a class.
    make: Option<Function>,
    functions: &'static [(&'static str, Function)],
    constants: fn(&str) -> Option<Value>,
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Object for Module {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let constant = (self.constants)(name);
        constant.or_else(|| {
            let found = self.functions.iter().find(|(known, _)| *known == name);
            found.map(|(_, function)| Value::from_object(Bound(*function)))
        })
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        match self.make {
            Some(make) => make(state, args),
            None => Err(Error::from(minijinja::ErrorKind::InvalidOperation)),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some((_, function)) = self.functions.iter().find(|(known, _)| *known == method) {
            return function(state, args);
        }
        match (self.constants)(method) {
            Some(class) => class.call(state, args),
            None => {
                let known: Vec<&str> = self.functions.iter().map(|(name, _)| *name).collect();
                Err(unknown(self.name, method, &known))
            }
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.name)
    }
}

/// A function as a value.
struct Bound(Function);

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl Object for Bound {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.0)(state, args)
    }
}

/// Returns `modules`.
pub fn modules() -> Value {
    dict([
        ("datetime", datetime::module()),
        ("pytz", zone::module()),
        ("re", regex::module()),
        ("itertools", itertools::module()),
    ])
}
