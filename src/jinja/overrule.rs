//! Answers that stand for macros and functions, as a unit test and a batch of time want them.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::value::dict;

/// Makes a function that answers `value`, whatever it is called with.
#[must_use]
pub fn answering(value: Value) -> Value {
    #[derive(Debug)]
    struct Answering(Value);
    impl Object for Answering {
        fn repr(self: &Arc<Self>) -> ObjectRepr {
            ObjectRepr::Plain
        }

        fn enumerate(self: &Arc<Self>) -> Enumerator {
            Enumerator::NonEnumerable
        }

        fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
            Ok(self.0.clone())
        }
    }
    Value::from_object(Answering(value))
}

/// Makes a function, or a package, like `base` that has answers of its own: a function by its first argument, a package by the name of
/// what is called.
#[must_use]
pub fn overlaid(base: Value, own: BTreeMap<String, Value>) -> Value {
    Value::from_object(Overlaid { base, own })
}

/// Returns a mapping with one more entry.
#[must_use]
pub fn with_entry(mapping: &Value, key: &str, value: Value) -> Value {
    let keys = mapping.try_iter().into_iter().flatten();
    let entries = keys.map(|name| {
        let value = mapping.get_item(&name).unwrap_or_default();
        (name, value)
    });
    dict(entries.chain([(Value::from(key), value)]))
}

#[derive(Debug)]
struct Overlaid {
    base: Value,
    own: BTreeMap<String, Value>,
}

impl Object for Overlaid {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let own = self.own.get(key.as_str()?).cloned();
        own.or_else(|| self.base.get_item(key).ok())
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let name = args.first().and_then(Value::as_str);
        match name.and_then(|name| self.own.get(name)) {
            Some(own) => Ok(own.clone()),
            None => self.base.call(state, args),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let asked = args.first().and_then(Value::as_str).unwrap_or_default();
        match self.own.get(method) {
            Some(own) => own.call(state, args),
            None if method == "has_var" && self.own.contains_key(asked) => Ok(Value::from(true)),
            None => self.base.call_method(state, method, args),
        }
    }
}
