//! The methods Python has on lists, dicts and strings, and its `%` operator.

use std::sync::Arc;

use minijinja::formatting::{FormatStyle, format};
use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat;

use super::errors::{problem, raise, type_name, undefined_operation};
use super::scope;
use super::value::{Dict, List, dict, list, repr, settled, text};
use crate::diagnostic::{Diagnostic, nearest};

/// Arguments of a method by position or name; `names[..required]` must be given.
pub(crate) fn bind(
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
fn one(method: &str, args: &[Value]) -> Result<Value, Error> {
    let mut bound = bind(method, &["value"], 1, args)?;
    Ok(bound.pop().flatten().unwrap_or_default())
}

/// Reads an optional whole number.
fn whole(method: &str, value: Option<&Value>) -> Result<Option<i64>, Error> {
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
fn unknown(kind: &str, method: &str, known: &[&str]) -> Error {
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

/// Calls a method of a list.
pub(crate) fn of_list(own: &Arc<List>, method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "append" => {
            let value = one(method, args)?;
            own.items().push(value);
        }
        "extend" => {
            let more: Vec<Value> = one(method, args)?.try_iter()?.collect();
            own.items().extend(more);
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

const STRING: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "endswith",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

/// Calls a method that the engine does not know: of strings, of undefined values in the parse pass, of the engine's own types.
pub(crate) fn of_other(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => of_string(state, value, method, args),
        ValueKind::Undefined | ValueKind::None if scope::is_lenient(state) => Ok(Value::UNDEFINED),
        ValueKind::Seq | ValueKind::Map => {
            pycompat::unknown_method_callback(state, value, method, args).map(settled)
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn of_string(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let own = value.as_str().unwrap_or_default();
    Ok(match method {
        "split" | "rsplit" => split(own, method, args)?,
        "splitlines" => list(own.lines()),
        "join" => {
            let mut joined = String::new();
            for (index, item) in one(method, args)?.try_iter()?.enumerate() {
                let Some(item) = item.as_str().filter(|_| item.kind() == ValueKind::String) else {
                    return Err(problem(format!(
                        "`join` takes strings, item {index} is {}",
                        repr(&item)
                    )));
                };
                joined.push_str(if index > 0 { own } else { "" });
                joined.push_str(item);
            }
            Value::from(joined)
        }
        "index" | "rindex" => {
            let wanted = text(&one(method, args)?);
            let found = if method == "index" {
                own.find(&wanted)
            } else {
                own.rfind(&wanted)
            };
            match found {
                Some(at) => Value::from(own[..at].chars().count()),
                None => {
                    return Err(problem(format!(
                        "`{method}`: {} is not in {}",
                        repr(&Value::from(wanted)),
                        repr(value)
                    )));
                }
            }
        }
        "partition" | "rpartition" => {
            let at = text(&one(method, args)?);
            let found = if method == "partition" {
                own.split_once(&at)
            } else {
                own.rsplit_once(&at)
            };
            let parts = match found {
                Some((before, after)) => [before, at.as_str(), after],
                None if method == "partition" => [own, "", ""],
                None => ["", "", own],
            };
            Value::from(Tuple::from(parts.map(Value::from)))
        }
        "ljust" | "rjust" | "center" | "zfill" => padded(own, method, args)?,
        "casefold" => Value::from(own.to_lowercase()),
        "swapcase" => Value::from(own.chars().map(swapped).collect::<String>()),
        "removeprefix" => Value::from(
            own.strip_prefix(text(&one(method, args)?).as_str())
                .unwrap_or(own),
        ),
        "removesuffix" => Value::from(
            own.strip_suffix(text(&one(method, args)?).as_str())
                .unwrap_or(own),
        ),
        _ => {
            let result = pycompat::unknown_method_callback(state, value, method, args);
            let missing = matches!(&result, Err(err) if err.kind() == ErrorKind::UnknownMethod);
            return if missing {
                Err(unknown("string", method, STRING))
            } else {
                result
            };
        }
    })
}

fn swapped(c: char) -> char {
    let other = if c.is_uppercase() {
        c.to_lowercase().next()
    } else {
        c.to_uppercase().next()
    };
    other.unwrap_or(c)
}

fn split(own: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(method, &["sep", "maxsplit"], 0, args)?;
    let separator = bound[0].as_ref().filter(|value| !value.is_none()).map(text);
    let most = whole(method, bound[1].as_ref())?.and_then(|most| usize::try_from(most).ok());
    let mut parts: Vec<&str> = match (&separator, most, method == "split") {
        (Some(separator), _, _) if separator.is_empty() => {
            return Err(problem(format!("`{method}` by an empty string")));
        }
        (Some(separator), None, _) => own.split(separator.as_str()).collect(),
        (Some(separator), Some(most), true) => own.splitn(most + 1, separator.as_str()).collect(),
        (Some(separator), Some(most), false) => own.rsplitn(most + 1, separator.as_str()).collect(),
        (None, None, _) => own.split_whitespace().collect(),
        (None, Some(most), true) => words(own, most, |rest| {
            let rest = rest.trim_start();
            rest.find(char::is_whitespace)
                .map(|at| (&rest[..at], rest[at..].trim_start()))
                .unwrap_or((rest, ""))
        }),
        (None, Some(most), false) => words(own, most, |rest| {
            let rest = rest.trim_end();
            let at = rest.rfind(char::is_whitespace).map_or(0, |at| at + 1);
            (&rest[at..], rest[..at].trim_end())
        }),
    };
    if method == "rsplit" && most.is_some() {
        parts.reverse();
    }
    Ok(list(parts))
}

/// Takes at most `most` words with `next`, then the rest as it is.
fn words<'a>(
    own: &'a str,
    most: usize,
    next: impl Fn(&'a str) -> (&'a str, &'a str),
) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = own.trim();
    while !rest.is_empty() && parts.len() < most {
        let (word, after) = next(rest);
        parts.push(word);
        rest = after;
    }
    parts.extend((!rest.is_empty()).then_some(rest));
    parts
}

fn padded(own: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(method, &["width", "fillchar"], 1, args)?;
    let width = whole(method, bound[0].as_ref())?.unwrap_or(0);
    let missing = usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(own.chars().count());
    let fill = bound[1].as_ref().map_or_else(|| " ".to_owned(), text);
    Ok(Value::from(match method {
        "ljust" => own.to_owned() + &fill.repeat(missing),
        "rjust" => fill.repeat(missing) + own,
        "zfill" => {
            let digits = own.strip_prefix(['-', '+']).unwrap_or(own);
            format!(
                "{}{}{digits}",
                &own[..own.len() - digits.len()],
                "0".repeat(missing)
            )
        }
        _ => {
            // CPython puts the odd space on the left when the width is odd.
            let left = missing / 2 + (missing & usize::try_from(width).unwrap_or(0) & 1);
            format!("{}{own}{}", fill.repeat(left), fill.repeat(missing - left))
        }
    }))
}

/// Python's `%`: the remainder of numbers, `printf` formatting of strings.
pub(crate) fn modulo(left: &Value, right: &Value) -> Result<Value, Error> {
    if left.kind() != ValueKind::String {
        return remainder(left, right);
    }
    let template = left.as_str().unwrap_or_default();
    let args: Vec<Value> = match right.is_tuple() {
        true => right.try_iter()?.collect(),
        false => vec![right.clone()],
    };
    let args: Vec<Value> = args.into_iter().map(printable).collect();
    format(FormatStyle::Printf, template, &args).map(Value::from)
}

/// Gives `%s` of what the engine prints differently its text.
pub(crate) fn printable(value: Value) -> Value {
    match value.kind() {
        ValueKind::Number | ValueKind::String | ValueKind::Map => value,
        _ => Value::from(text(&value)),
    }
}

fn remainder(left: &Value, right: &Value) -> Result<Value, Error> {
    let unfit = || {
        problem(undefined_operation(
            "%",
            &kind_name(left),
            &kind_name(right),
        ))
    };
    if let (Some(a), Some(b)) = (left.as_i64(), right.as_i64()) {
        let zero = || problem("`%` by zero");
        let rest = a.checked_rem(b).ok_or_else(zero)?;
        return Ok(Value::from(if rest != 0 && (rest < 0) != (b < 0) {
            rest + b
        } else {
            rest
        }));
    }
    let a = f64::try_from(left.clone()).map_err(|_| unfit())?;
    let b = f64::try_from(right.clone()).map_err(|_| unfit())?;
    Ok(Value::from(a - b * (a / b).floor()))
}

/// Python's `+`: sums numbers, joins strings, makes one list of two.
pub(crate) fn add(left: &Value, right: &Value) -> Result<Value, Error> {
    let unfit = || {
        problem(undefined_operation(
            "+",
            &kind_name(left),
            &kind_name(right),
        ))
    };
    match (left.kind(), right.kind()) {
        (ValueKind::String, ValueKind::String) => {
            let (left, right) = (
                left.as_str().unwrap_or_default(),
                right.as_str().unwrap_or_default(),
            );
            Ok(Value::from([left, right].concat()))
        }
        (ValueKind::Seq | ValueKind::Iterable, ValueKind::Seq | ValueKind::Iterable) => {
            let items = left.try_iter()?.chain(right.try_iter()?);
            match (left.is_tuple(), right.is_tuple()) {
                (true, true) => Ok(Value::from(Tuple::from(items.collect::<Vec<_>>()))),
                (false, false) => Ok(list(items)),
                _ => Err(unfit()),
            }
        }
        (ValueKind::Number | ValueKind::Bool, ValueKind::Number | ValueKind::Bool) => {
            match (left.as_i64(), right.as_i64()) {
                (Some(a), Some(b)) if left.kind() == ValueKind::Bool || left.is_integer() => a
                    .checked_add(b)
                    .map(Value::from)
                    .ok_or_else(|| problem(format!("{a} + {b} is too large a number"))),
                _ => Ok(Value::from(number(left)? + number(right)?)),
            }
        }
        _ => match left.as_object().filter(|_| left.kind() == ValueKind::Plain) {
            Some(_) => Ok(Value::from(text(left) + &text(right))),
            None => Err(unfit()),
        },
    }
}

fn number(value: &Value) -> Result<f64, Error> {
    match value.kind() {
        ValueKind::Bool => Ok(f64::from(u8::from(value.is_true()))),
        _ => f64::try_from(value.clone()),
    }
}

/// Names a value's type as people who know Python do.
pub(crate) fn kind_name(value: &Value) -> String {
    type_name(&value.kind().to_string()).to_owned()
}
