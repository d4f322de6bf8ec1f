//! Jinja2's filters over lists, dicts and other sequences.

use std::hash::{BuildHasher, RandomState};

use minijinja::value::{DynObject, Tuple, ValueKind};
use minijinja::{Error, State, Value};

use super::charge::charged;
use super::errors::problem;
use super::filters::{Filter, filesize, is_set, size};
use super::methods::kind_name;
use super::operators::{add, bounded};
use super::value::{list, text};

/// The filters.
pub(crate) const FILTERS: &[Filter] = &[
    ("batch", &["linecount", "fill_with"], 1, batch),
    ("count", &[], 0, length),
    (
        "dictsort",
        &["case_sensitive", "by", "reverse"],
        0,
        dictsort,
    ),
    ("filesizeformat", &["binary"], 0, filesize),
    ("first", &[], 0, |_, value, _| {
        Ok(items(value)?.into_iter().next().unwrap_or_default())
    }),
    (
        "groupby",
        &["attribute", "default", "case_sensitive"],
        1,
        groupby,
    ),
    ("items", &[], 0, pairs),
    ("join", &["d", "attribute"], 0, join),
    ("last", &[], 0, |_, value, _| {
        Ok(items(value)?.pop().unwrap_or_default())
    }),
    ("length", &[], 0, length),
    ("list", &[], 0, |_, value, _| items(value).map(list)),
    (
        "max",
        &["case_sensitive", "attribute"],
        0,
        |_, value, args| extreme(value, args, |order| order.is_ge()),
    ),
    (
        "min",
        &["case_sensitive", "attribute"],
        0,
        |_, value, args| extreme(value, args, |order| order.is_lt()),
    ),
    ("random", &[], 0, |_, value, _| random(value)),
    ("reverse", &[], 0, reverse),
    ("slice", &["slices", "fill_with"], 1, slice),
    ("sort", &["reverse", "case_sensitive", "attribute"], 0, sort),
    ("sum", &["attribute", "start"], 0, sum),
    ("unique", &["case_sensitive", "attribute"], 0, unique),
];

/// Returns the items of a sequence, the keys of a dict, the characters of a string; none of what is undefined.
fn items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::None => Err(problem("none is not iterable")),
        _ => match value.try_iter() {
            Ok(items) => Ok(items.collect()),
            Err(_) => Err(problem(format!("{} is not iterable", kind_name(value)))),
        },
    }
}

fn length(_: &mut State<'_, '_>, value: &Value, _: &[Option<Value>]) -> Result<Value, Error> {
    match (value.kind(), value.len()) {
        (ValueKind::Undefined, _) => Ok(Value::from(0)),
        (_, Some(length)) => Ok(Value::from(length)),
        (ValueKind::Iterable, None) => Ok(Value::from(items(value)?.len())),
        _ => Err(problem(format!("{} has no length", kind_name(value)))),
    }
}

/// Looks up `a`, `a.b` or `0` in an item, as Jinja2's `attribute` arguments do.
fn attribute(item: &Value, path: &Value) -> Value {
    if path.is_integer() {
        return item.get_item(path).unwrap_or_default();
    }
    let part = |item: Value, part: &str| match part.parse::<usize>() {
        Ok(index) => item.get_item_by_index(index).unwrap_or_default(),
        Err(_) => item.get_item(&Value::from(part)).unwrap_or_default(),
    };
    text(path).split('.').fold(item.clone(), part)
}

/// Returns what items are compared by: an attribute or several, without upper case unless asked.
fn key(item: &Value, path: Option<&Value>, case_sensitive: bool) -> Value {
    let fold = |value: Value| match value.kind() {
        ValueKind::String if !case_sensitive => Value::from(text(&value).to_lowercase()),
        _ => value,
    };
    match path.filter(|path| !path.is_none()) {
        None => fold(item.clone()),
        Some(path) if path.kind() == ValueKind::String && text(path).contains(',') => {
            let paths = text(path);
            let keys = paths
                .split(',')
                .map(|path| fold(attribute(item, &Value::from(path.trim()))));
            Value::from(Tuple::from(keys.collect::<Vec<_>>()))
        }
        Some(path) => fold(attribute(item, path)),
    }
}

/// Makes what a loop passes through of a value: of a string its characters, as the engine does not know how many they are.
pub(super) fn each(value: Value) -> Value {
    match value.as_str().filter(|_| value.kind() == ValueKind::String) {
        Some(text) => list(text.chars().map(String::from)),
        None => value,
    }
}

fn batch(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let size = size(args[0].as_ref(), 1)?.max(1);
    let items = items(value)?;
    let fill = |chunk: &[Value]| {
        let mut chunk = chunk.to_vec();
        if let Some(fill) = args[1].as_ref().filter(|fill| !fill.is_none()) {
            chunk.resize(size, fill.clone());
        }
        list(chunk)
    };
    Ok(list(items.chunks(size).map(fill)))
}

fn slice(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let slices = size(args[0].as_ref(), 1)?.max(1);
    let items = items(value)?;
    let (each, more) = (items.len() / slices, items.len() % slices);
    let mut at = 0;
    let mut parts = Vec::new();
    for index in 0..slices {
        let end = at + each + usize::from(index < more);
        let mut part = items[at..end].to_vec();
        if let Some(fill) = args[1]
            .as_ref()
            .filter(|fill| !fill.is_none() && more > 0 && index >= more)
        {
            part.push(fill.clone());
        }
        parts.push(list(part));
        at = end;
    }
    Ok(list(parts))
}

fn pairs(_: &mut State<'_, '_>, value: &Value, _: &[Option<Value>]) -> Result<Value, Error> {
    if value.is_undefined() {
        return Ok(list(Vec::<Value>::new()));
    }
    match value
        .as_object()
        .filter(|_| value.kind() == ValueKind::Map)
        .and_then(DynObject::try_iter_pairs)
    {
        Some(pairs) => {
            Ok(list(pairs.map(|(key, value)| {
                Value::from(Tuple::from([key, value]))
            })))
        }
        None => Err(problem(format!(
            "`items` takes a dict, not {}",
            kind_name(value)
        ))),
    }
}

fn dictsort(
    state: &mut State<'_, '_>,
    value: &Value,
    args: &[Option<Value>],
) -> Result<Value, Error> {
    let case_sensitive = is_set(args[0].as_ref());
    let by = match args[1].as_ref().map(text).as_deref() {
        None | Some("key") => 0,
        Some("value") => 1,
        Some(other) => {
            return Err(problem(format!(
                "`dictsort` by `{other}`: by `key` or by `value`"
            )));
        }
    };
    let sorted = sorted_by(
        items(&pairs(state, value, &[])?)?,
        is_set(args[2].as_ref()),
        |item| key(&attribute(item, &Value::from(by)), None, case_sensitive),
    );
    Ok(list(sorted))
}

/// Sorts stably; equal items keep their order when reversed too, as in Python.
fn sorted_by(items: Vec<Value>, reverse: bool, key: impl Fn(&Value) -> Value) -> Vec<Value> {
    let mut keyed: Vec<(Value, Value)> = items.into_iter().map(|item| (key(&item), item)).collect();
    match reverse {
        true => keyed.sort_by(|a, b| b.0.cmp(&a.0)),
        false => keyed.sort_by(|a, b| a.0.cmp(&b.0)),
    }
    keyed.into_iter().map(|(_, item)| item).collect()
}

fn sort(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let case_sensitive = is_set(args[1].as_ref());
    let by = |item: &Value| key(item, args[2].as_ref(), case_sensitive);
    Ok(list(sorted_by(items(value)?, is_set(args[0].as_ref()), by)))
}

fn groupby(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let case_sensitive = is_set(args[2].as_ref());
    let path = args[0].clone().unwrap_or_default();
    let own = |item: &Value| {
        let found = attribute(item, &path);
        if found.is_undefined() {
            args[1].clone().unwrap_or(found)
        } else {
            found
        }
    };
    let folded = |item: &Value| key(&own(item), None, case_sensitive);
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for item in sorted_by(items(value)?, false, folded) {
        match groups.last_mut().filter(|(key, ..)| *key == folded(&item)) {
            Some((_, _, members)) => members.push(item),
            None => groups.push((folded(&item), own(&item), vec![item])),
        }
    }
    Ok(list(groups.into_iter().map(|(_, grouper, members)| {
        Value::from_object(Group(grouper, list(members)))
    })))
}

/// One group of `groupby`: unpacks into two, and has `grouper` and `list`.
#[derive(Debug)]
struct Group(Value, Value);

impl minijinja::value::Object for Group {
    fn repr(self: &std::sync::Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Seq
    }

    fn get_value(self: &std::sync::Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_usize(), key.as_str()) {
            (Some(0), _) | (_, Some("grouper")) => Some(self.0.clone()),
            (Some(1), _) | (_, Some("list")) => Some(self.1.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &std::sync::Arc<Self>) -> minijinja::value::Enumerator {
        minijinja::value::Enumerator::Seq(2)
    }

    fn render(self: &std::sync::Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pair = Value::from(Tuple::from([self.0.clone(), self.1.clone()]));
        f.write_str(&super::value::repr(&pair))
    }
}

fn join(state: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let between = args[0].as_ref().map(text).unwrap_or_default();
    let path = args[1].as_ref().filter(|path| !path.is_none());
    let mut joined = String::new();
    for (index, item) in items(value)?.iter().enumerate() {
        joined.push_str(if index > 0 { &between } else { "" });
        joined.push_str(&path.map_or_else(|| text(item), |path| text(&attribute(item, path))));
        bounded(joined.len())?;
    }
    charged(state, Value::from(joined))
}

fn extreme(
    value: &Value,
    args: &[Option<Value>],
    better: fn(std::cmp::Ordering) -> bool,
) -> Result<Value, Error> {
    let by = |item: &Value| key(item, args[1].as_ref(), is_set(args[0].as_ref()));
    let best = items(value)?.into_iter().reduce(|best, item| {
        // The first of equal items is kept, as Python's `min` and `max` do.
        let order = by(&item).cmp(&by(&best));
        if order.is_ne() && better(order) {
            item
        } else {
            best
        }
    });
    Ok(best.unwrap_or_default())
}

fn reverse(_: &mut State<'_, '_>, value: &Value, _: &[Option<Value>]) -> Result<Value, Error> {
    if value.kind() == ValueKind::String {
        return Ok(Value::from(text(value).chars().rev().collect::<String>()));
    }
    let mut items = items(value)?;
    items.reverse();
    Ok(list(items))
}

fn sum(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let path = args[0].as_ref().filter(|path| !path.is_none());
    let start = args[1].clone().unwrap_or_else(|| Value::from(0));
    let items = items(value)?;
    let own = |item: &Value| path.map_or_else(|| item.clone(), |path| attribute(item, path));
    items
        .iter()
        .try_fold(start, |sum, item| add(&sum, &own(item)))
}

fn unique(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let by = |item: &Value| key(item, args[1].as_ref(), is_set(args[0].as_ref()));
    let mut seen = std::collections::HashSet::new();
    Ok(list(
        items(value)?
            .into_iter()
            .filter(|item| seen.insert(by(item))),
    ))
}

/// Returns any one of the items; which one differs from call to call.
fn random(value: &Value) -> Result<Value, Error> {
    let mut items = items(value)?;
    let any = RandomState::new().hash_one(items.len());
    Ok(match items.len() as u64 {
        0 => Value::UNDEFINED,
        length => items.swap_remove((any % length) as usize),
    })
}
