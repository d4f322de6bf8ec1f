//! Python's `set` as a template value; items keep the order in which they were added.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexSet;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::errors::problem;
use super::methods::{one, unknown};
use super::value::repr;

/// A set of distinct items.
pub(crate) struct Set(Mutex<IndexSet<Value>>);

/// Makes a set.
pub fn set(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from_object(Set(Mutex::new(items.into_iter().collect())))
}

const METHODS: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "discard",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "union",
    "update",
];

impl Set {
    fn items(&self) -> MutexGuard<'_, IndexSet<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the set in place; none where the method is another.
    fn change(&self, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
        match method {
            "add" => {
                self.items().insert(one(method, args)?);
            }
            "discard" => {
                self.items().shift_remove(&one(method, args)?);
            }
            "remove" => {
                let gone = one(method, args)?;
                if !self.items().shift_remove(&gone) {
                    return Err(problem(format!(
                        "`remove`: {} is not in the set",
                        repr(&gone)
                    )));
                }
            }
            "clear" => self.items().clear(),
            "update" => {
                for more in args {
                    let more: Vec<Value> = more.try_iter()?.collect();
                    self.items().extend(more);
                }
            }
            "pop" => {
                let first = self.items().shift_remove_index(0);
                return first
                    .map(Some)
                    .ok_or_else(|| problem("`pop` from an empty set"));
            }
            _ => return Ok(None),
        }
        Ok(Some(Value::from(())))
    }
}

/// Returns the difference of two sets; none where one is no set.
pub(crate) fn difference(left: &Value, right: &Value) -> Option<Value> {
    let left = left.downcast_object_ref::<Set>()?.items().clone();
    let right = right.downcast_object_ref::<Set>()?.items().clone();
    Some(set(left.into_iter().filter(|item| !right.contains(item))))
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Set")
    }
}

impl Object for Set {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.items().is_empty()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items().iter().cloned().collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items().len())
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Self>()?.items().clone();
        let own = self.items().clone();
        Some(match own == other {
            true => std::cmp::Ordering::Equal,
            false => own.len().cmp(&other.len()).then(std::cmp::Ordering::Less),
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(answer) = self.change(method, args)? {
            return Ok(answer);
        }
        let own = self.items().clone();
        let mut others: Vec<IndexSet<Value>> = Vec::new();
        for other in args {
            others.push(other.try_iter()?.collect());
        }
        let inside = |item: &Value| others.iter().all(|other| other.contains(item));
        let outside = |item: &Value| !others.iter().any(|other| other.contains(item));
        Ok(match method {
            "copy" => set(own),
            "union" => set(own.into_iter().chain(others.into_iter().flatten())),
            "intersection" => set(own.into_iter().filter(inside)),
            "difference" => set(own.into_iter().filter(outside)),
            "symmetric_difference" => {
                let more = others
                    .iter()
                    .flatten()
                    .filter(|item| !own.contains(*item))
                    .cloned();
                set(own.iter().filter(|item| outside(item)).cloned().chain(more))
            }
            "issubset" => Value::from(own.iter().all(inside)),
            "issuperset" => Value::from(others.iter().flatten().all(|item| own.contains(item))),
            "isdisjoint" => Value::from(own.iter().all(outside)),
            _ => return Err(unknown("set", method, METHODS)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.items().iter().map(repr).collect();
        match items.is_empty() {
            true => f.write_str("set()"),
            false => write!(f, "{{{}}}", items.join(", ")),
        }
    }
}
