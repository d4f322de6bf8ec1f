//! The methods Python has on lists and dicts.

use std::sync::Arc;

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, State, Value};

use super::errors::{problem, raise, type_name};
use super::operators::bounded;
use super::value::{Dict, List, dict, list, repr, settled, text};
use crate::diagnostic::{Diagnostic, nearest};

/// Binds the arguments of a method by position or name; `names[..required]` must be given.
///
/// # Errors
/// `Project` where one is missing, given twice, or has no such name.
pub fn bind(
    method: &str,
    names: &[&str],
    required: usize,
    args: &[Value],
) -> Result<Vec<Option<Value>>, Error> {
    let mut bound = vec![None; names.len()];
    let (positional, named) = match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => (rest, last.as_object()),
        _ => (args, None),
    };
    if positional.len() > names.len() {
        let most = names.len();
        return Err(problem(format!(
            "`{method}` takes at most {most} arguments, {} are given",
            positional.len()
        )));
    }
    for (slot, value) in bound.iter_mut().zip(positional) {
        *slot = Some(settled(value.clone()));
    }
    for (name, value) in named
        .and_then(|named| named.try_iter_pairs())
        .into_iter()
        .flatten()
    {
        match names.iter().position(|known| Some(*known) == name.as_str()) {
            Some(index) => bound[index] = Some(settled(value)),
            None => {
                return Err(problem(format!(
                    "`{method}` takes no argument `{}`",
                    text(&name)
                )));
            }
        }
    }
    match bound[..required].iter().position(Option::is_none) {
        Some(index) => Err(problem(format!(
            "`{method}` needs an argument `{}`",
            names[index]
        ))),
        None => Ok(bound),
    }
}

/// Binds exactly one argument.
pub(crate) fn one(method: &str, args: &[Value]) -> Result<Value, Error> {
    let mut bound = bind(method, &["value"], 1, args)?;
    Ok(bound.pop().flatten().unwrap_or_default())
}

/// Reads an optional whole number.
pub(crate) fn whole(method: &str, value: Option<&Value>) -> Result<Option<i64>, Error> {
    match value {
        None => Ok(None),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => match value.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(problem(format!(
                "`{method}` takes a whole number, not {}",
                repr(value)
            ))),
        },
    }
}

/// Makes the error of a method that a type does not have.
pub fn unknown(kind: &str, method: &str, known: &[&str]) -> Error {
    let diagnostic = Diagnostic::project(format!("a {kind} has no method `{method}`"));
    raise(match nearest(method, known.iter().copied()) {
        Some(name) => diagnostic.hint(format!("did you mean `{name}`?")),
        None => diagnostic,
    })
}

const LIST: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];

/// Calls a method of a tuple.
pub(crate) fn of_tuple(own: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    let items = List::of(own.try_iter()?);
    match method {
        "count" | "index" => of_list(&items, method, args),
        _ => Err(unknown("tuple", method, &["count", "index"])),
    }
}

/// Calls a method of a list.
pub(crate) fn of_list(own: &Arc<List>, method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "append" => {
            let value = one(method, args)?;
            own.items().push(value);
        }
        "extend" => {
            let more: Vec<Value> = one(method, args)?.try_iter()?.collect();
            let mut items = own.items();
            // An item is larger than a character.
            bounded((items.len() + more.len()) * 10)?;
            items.extend(more);
        }
        "insert" => {
            let bound = bind(method, &["index", "object"], 2, args)?;
            let at = whole(method, bound[0].as_ref())?.unwrap_or(0);
            let mut items = own.items();
            let at = place(at, items.len()).min(items.len());
            items.insert(at, bound[1].clone().unwrap_or_default());
        }
        "pop" => {
            let at = whole(method, bind(method, &["index"], 0, args)?[0].as_ref())?.unwrap_or(-1);
            let mut items = own.items();
            let length = items.len();
            return match at < length as i64 && at >= -(length as i64) {
                true => Ok(items.remove(place(at, length))),
                false if length == 0 => Err(problem("`pop` from an empty list")),
                false => Err(problem(format!("`pop` at {at} of a list of {length}"))),
            };
        }
        "remove" => {
            let at = position(own, method, one(method, args)?)?;
            own.items().remove(at);
        }
        "index" => return Ok(Value::from(position(own, method, one(method, args)?)?)),
        "count" => {
            let wanted = one(method, args)?;
            let items = own.items().clone();
            return Ok(Value::from(
                items.iter().filter(|item| **item == wanted).count(),
            ));
        }
        "clear" => own.items().clear(),
        "copy" => return Ok(list(own.items().clone())),
        "reverse" => own.items().reverse(),
        "sort" => {
            let reverse = bind(method, &["reverse"], 0, args)?[0]
                .as_ref()
                .is_some_and(Value::is_true);
            let mut items = own.items().clone();
            items.sort();
            if reverse {
                items.reverse();
            }
            *own.items() = items;
        }
        _ => return Err(unknown("list", method, LIST)),
    }
    Ok(Value::from(()))
}

/// Turns an index that may count from the end into an offset from the beginning.
fn place(at: i64, length: usize) -> usize {
    match usize::try_from(at) {
        Ok(at) => at,
        Err(_) => length.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    }
}

fn position(own: &Arc<List>, method: &str, wanted: Value) -> Result<usize, Error> {
    let items = own.items().clone();
    let found = items.iter().position(|item| *item == wanted);
    found.ok_or_else(|| problem(format!("`{method}`: {} is not in the list", repr(&wanted))))
}

const DICT: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// Calls a method of a dict, or else a callable item of it.
pub(crate) fn of_dict(
    own: &Arc<Dict>,
    state: &mut State<'_, '_>,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let none = || Value::from(());
    match method {
        "get" => {
            let bound = bind(method, &["key", "default"], 1, args)?;
            let key = bound[0].clone().unwrap_or_default();
            let found = own.items().get(&key).cloned();
            return Ok(found.or_else(|| bound[1].clone()).unwrap_or_else(none));
        }
        "items" => return Ok(list(own.items().iter().map(|(k, v)| pair(k, v)))),
        "keys" => return Ok(list(own.items().keys().cloned())),
        "values" => return Ok(list(own.items().values().cloned())),
        "copy" => return Ok(dict(own.items().clone())),
        "clear" => own.items().clear(),
        "update" => {
            let more = pairs(args)?;
            own.items().extend(more);
        }
        "setdefault" => {
            let bound = bind(method, &["key", "default"], 1, args)?;
            let key = bound[0].clone().unwrap_or_default();
            let value = bound[1].clone().unwrap_or_else(none);
            return Ok(own.items().entry(key).or_insert(value).clone());
        }
        "pop" => {
            let bound = bind(method, &["key", "default"], 1, args)?;
            let key = bound[0].clone().unwrap_or_default();
            let found = own.items().shift_remove(&key).or_else(|| bound[1].clone());
            return found
                .ok_or_else(|| problem(format!("`pop`: the dict has no key {}", repr(&key))));
        }
        "fromkeys" => {
            let bound = bind(method, &["iterable", "value"], 1, args)?;
            let keys = bound[0].clone().unwrap_or_default();
            let value = bound[1].clone().unwrap_or_else(none);
            return Ok(dict(keys.try_iter()?.map(|key| (key, value.clone()))));
        }
        "popitem" => {
            let last = own.items().pop();
            return last
                .map(|(k, v)| pair(&k, &v))
                .ok_or_else(|| problem("`popitem` from an empty dict"));
        }
        _ => {
            let item = own.items().get(&Value::from(method)).cloned();
            return match item {
                Some(item) => item.call(state, args),
                None => Err(unknown("dict", method, DICT)),
            };
        }
    }
    Ok(none())
}

fn pair(key: &Value, value: &Value) -> Value {
    Value::from(Tuple::from([key.clone(), value.clone()]))
}

/// Reads the arguments of `dict(…)` and `update(…)`: a mapping or pairs, and named values.
pub(crate) fn pairs(args: &[Value]) -> Result<Vec<(Value, Value)>, Error> {
    let mut found = Vec::new();
    for value in args {
        match value.as_object().filter(|_| value.kind() == ValueKind::Map) {
            Some(object) => found.extend(object.try_iter_pairs().into_iter().flatten()),
            None => {
                for item in value.try_iter()? {
                    found.push((item.get_item_by_index(0)?, item.get_item_by_index(1)?));
                }
            }
        }
    }
    Ok(found)
}

/// Names a value's type as people who know Python do.
pub(crate) fn kind_name(value: &Value) -> String {
    type_name(&value.kind().to_string()).to_owned()
}
