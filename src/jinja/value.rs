//! Python's mutable lists and dicts as template values, and Python's way of writing values down.

use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};

use super::decimal::Decimal;
use super::kind;
use super::methods;
use super::modules::datetime;
use super::set::Set;

/// A list that `append` and its like change in place, seen by everyone who holds it.
#[derive(Default)]
pub struct List(Mutex<Vec<Value>>);

/// A dict that `update` and its like change in place; keys keep the order of insertion.
#[derive(Default)]
pub struct Dict(Mutex<IndexMap<Value, Value>>);

/// Makes a list that templates can change.
pub fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::from_object(List(Mutex::new(
        items.into_iter().map(Into::into).collect(),
    )))
}

/// Makes a dict that templates can change; keys keep their order, the last of equal keys wins.
pub fn dict<K: Into<Value>, V: Into<Value>>(items: impl IntoIterator<Item = (K, V)>) -> Value {
    let items = items
        .into_iter()
        .map(|(key, value)| (key.into(), value.into()));
    Value::from_object(Dict(Mutex::new(items.collect())))
}

/// Makes a template value of JSON, with lists and dicts that templates can change.
#[must_use]
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Array(items) => list(items.iter().map(from_json)),
        serde_json::Value::Object(items) => dict(
            items
                .iter()
                .map(|(key, value)| (key.as_str(), from_json(value))),
        ),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Bool(truth) => Value::from(*truth),
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
    }
}

/// Makes JSON of a template value; undefined and numbers without a JSON form become null, an object without items its text.
#[must_use]
pub fn to_json(value: &Value) -> serde_json::Value {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => serde_json::Value::Null,
        ValueKind::Bool => value.is_true().into(),
        ValueKind::Number => match value.as_i64() {
            Some(number) if value.is_integer() => number.into(),
            _ => f64::try_from(value.clone()).ok().into(),
        },
        ValueKind::Seq | ValueKind::Iterable => value
            .try_iter()
            .into_iter()
            .flatten()
            .map(|item| to_json(&item))
            .collect(),
        ValueKind::Map => match value.as_object().and_then(DynObject::try_iter_pairs) {
            Some(pairs) => serde_json::Value::Object(
                pairs
                    .map(|(key, item)| (text(&key), to_json(&item)))
                    .collect(),
            ),
            None => text(value).into(),
        },
        _ => match Decimal::of(value) {
            Some(decimal) => decimal.float().into(),
            None => text(value).into(),
        },
    }
}

/// Writes a value as JSON the way Python's `json.dumps` does: `, ` and `: ` between items, other characters than ASCII escaped.
/// `indent` puts each item on a line of its own, indented by so many blanks a level.
#[must_use]
pub fn json_text(value: &Value, sort_keys: bool, indent: Option<usize>) -> String {
    let mut out = String::new();
    write_json(
        &mut out,
        &to_json(value),
        sort_keys,
        indent.map(|indent| (indent, 0)),
    );
    out
}

fn write_json(
    out: &mut String,
    json: &serde_json::Value,
    sort_keys: bool,
    indent: Option<(usize, usize)>,
) {
    use serde_json::Value as Json;
    let inner = indent.map(|(by, level)| (by, level + 1));
    let newline = |out: &mut String, indent: Option<(usize, usize)>| {
        if let Some((by, level)) = indent {
            out.push('\n');
            out.push_str(&" ".repeat(by * level));
        }
    };
    let comma = if indent.is_some() { "," } else { ", " };
    match json {
        Json::String(text) => write_json_string(out, text),
        Json::Number(number) if number.is_f64() => {
            out.push_str(&float(number.as_f64().unwrap_or(f64::NAN)));
        }
        Json::Array(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { comma } else { "" });
                newline(out, inner);
                write_json(out, item, sort_keys, inner);
            }
            newline(out, indent);
            out.push(']');
        }
        Json::Object(items) if !items.is_empty() => {
            let mut items: Vec<_> = items.iter().collect();
            if sort_keys {
                items.sort_by_key(|(key, _)| *key);
            }
            out.push('{');
            for (index, (key, item)) in items.into_iter().enumerate() {
                out.push_str(if index > 0 { comma } else { "" });
                newline(out, inner);
                write_json_string(out, key);
                out.push_str(": ");
                write_json(out, item, sort_keys, inner);
            }
            newline(out, indent);
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn write_json_string(out: &mut String, text: &str) {
    for c in serde_json::Value::from(text).to_string().chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
}

impl List {
    pub(super) fn of(items: impl Iterator<Item = Value>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(items.collect())))
    }

    /// Locks the items. A panic elsewhere cannot leave them half changed, so a poisoned lock is taken as it is.
    pub(crate) fn items(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dict {
    /// Locks the items; see [`List::items`].
    pub(crate) fn items(&self) -> MutexGuard<'_, IndexMap<Value, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("List")
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dict")
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.items().get(key.as_usize()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, _key: &str) -> Option<Value> {
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items().clone())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items().len())
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?.items().clone();
        let own = self.items().clone();
        Some(own.cmp(&other))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        methods::of_list(self, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_items(f, '[', ']', self.items().clone())
    }
}

impl Object for Dict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.items().get(key).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.items().get(&Str(key)).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items().keys().cloned().collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items().len())
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?.items().clone();
        let own = self.items().clone();
        match own == other {
            true => Some(Ordering::Equal),
            false => Some(own.iter().cmp(other.iter()).then(Ordering::Less)),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        methods::of_dict(self, state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_pairs(f, self.items().clone())
    }
}

/// A text that finds the equal template value in a map without allocating one.
struct Str<'a>(&'a str);

impl Hash for Str<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl indexmap::Equivalent<Value> for Str<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        key.kind() == ValueKind::String && key.as_str() == Some(self.0)
    }
}

/// Returns a value as Python's `str()` writes it.
#[must_use]
pub fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) if value.kind() == ValueKind::String => text.to_owned(),
        _ => Written(value, write_text).to_string(),
    }
}

/// A value in one of Python's two ways of writing it.
struct Written<'a>(&'a Value, fn(&mut dyn Write, &Value) -> fmt::Result);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1(f, self.0)
    }
}

/// Returns a value as Python's `repr()` writes it.
#[must_use]
pub fn repr(value: &Value) -> String {
    Written(value, write_repr).to_string()
}

/// Writes a value as Python's `str()` does.
pub(crate) fn write_text(out: &mut dyn Write, value: &Value) -> fmt::Result {
    match value.kind() {
        ValueKind::Undefined => Ok(()),
        ValueKind::String => out.write_str(value.as_str().unwrap_or_default()),
        ValueKind::Plain => write!(out, "{value}"),
        _ => write_repr(out, value),
    }
}

/// Writes a value as Python's `repr()` does.
pub(crate) fn write_repr(out: &mut dyn Write, value: &Value) -> fmt::Result {
    match value.kind() {
        ValueKind::Undefined => out.write_str("Undefined"),
        ValueKind::Number if !value.is_integer() => match f64::try_from(value.clone()) {
            Ok(number) => out.write_str(&float(number)),
            Err(_) => write!(out, "{value}"),
        },
        ValueKind::String => match kind::repr(value) {
            Some(text) => out.write_str(&text),
            None => write_quoted(out, value.as_str().unwrap_or_default()),
        },
        ValueKind::Seq | ValueKind::Iterable if is_plain_sequence(value) => {
            let items: Vec<Value> = value.try_iter().map(Iterator::collect).unwrap_or_default();
            match value.is_tuple() {
                true if items.len() == 1 => {
                    out.write_char('(')?;
                    write_repr(out, &items[0])?;
                    out.write_str(",)")
                }
                true => write_items(out, '(', ')', items),
                false => write_items(out, '[', ']', items),
            }
        }
        ValueKind::Plain => match written_inside(value) {
            Some(text) => out.write_str(&text),
            None => write!(out, "{value}"),
        },
        _ => write!(out, "{value}"),
    }
}

/// Returns how values are written inside of lists whose text alone is another.
fn written_inside(value: &Value) -> Option<String> {
    let decimal = Decimal::of(value).map(|decimal| decimal.repr());
    decimal.or_else(|| datetime::repr(value))
}

/// Writes a string as Python's `repr()` does: in `'`, or in `"` where only `'` occurs; what cannot be seen as an escape.
pub(super) fn write_quoted(out: &mut dyn Write, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\\' => out.write_str("\\\\")?,
            _ if c == quote => write!(out, "\\{c}")?,
            _ if is_visible(c) => out.write_char(c)?,
            '\0'..='\u{ff}' => write!(out, "\\x{:02x}", u32::from(c))?,
            '\u{100}'..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c))?,
            _ => write!(out, "\\U{:08x}", u32::from(c))?,
        }
    }
    out.write_char(quote)
}

/// Returns whether a character can be seen, alone or on top of a letter.
pub(super) fn is_visible(c: char) -> bool {
    match c.is_ascii() {
        true => !c.is_ascii_control(),
        // The standard library escapes what cannot be seen; combining marks only at the beginning.
        false => format!("a{c}").escape_debug().count() == 2,
    }
}

/// Returns whether a sequence is one of the engine's own, which it does not print as Python does.
fn is_plain_sequence(value: &Value) -> bool {
    value.is_tuple()
        || value.downcast_object_ref::<List>().is_none()
            && value.kind() == ValueKind::Iterable
            && !is_set(value)
        || value.downcast_object_ref::<Vec<Value>>().is_some()
}

fn write_items(out: &mut dyn Write, open: char, close: char, items: Vec<Value>) -> fmt::Result {
    out.write_char(open)?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_repr(out, item)?;
    }
    out.write_char(close)
}

fn write_pairs(
    out: &mut dyn Write,
    items: impl IntoIterator<Item = (Value, Value)>,
) -> fmt::Result {
    out.write_char('{')?;
    for (index, (key, value)) in items.into_iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_repr(out, &key)?;
        out.write_str(": ")?;
        write_repr(out, &value)?;
    }
    out.write_char('}')
}

/// Writes a float as Python does: shortest digits, an exponent below 1e-4 and from 1e16.
pub(crate) fn float(number: f64) -> String {
    if !number.is_finite() {
        return match (number.is_nan(), number > 0.0) {
            (true, _) => "nan".into(),
            (false, true) => "inf".into(),
            (false, false) => "-inf".into(),
        };
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) => {
                let (sign, exponent) = match exponent.strip_prefix('-') {
                    Some(exponent) => ('-', exponent),
                    None => ('+', exponent),
                };
                format!("{digits}e{sign}{exponent:0>2}")
            }
            None => text,
        };
    }
    format!("{number:?}")
}

fn is_set(value: &Value) -> bool {
    value.downcast_object_ref::<Set>().is_some()
}

/// Makes a list of a lazy sequence, so that it can be changed and printed; other values stay.
pub(crate) fn settled(value: Value) -> Value {
    match value.kind() {
        ValueKind::Iterable if !is_set(&value) => match value.try_iter() {
            Ok(items) => list(items),
            Err(_) => value,
        },
        _ => value,
    }
}

/// Copies the engine's own list or dict into one that can be changed; the items stay the same.
pub(crate) fn mutable(value: Value) -> Value {
    match value.kind() {
        ValueKind::Seq if !value.is_tuple() => value.try_iter().map(list).unwrap_or(value),
        ValueKind::Map => match value.as_object().and_then(DynObject::try_iter_pairs) {
            Some(pairs) => dict(pairs),
            None => value,
        },
        _ => settled(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_python_writes_them() {
        let inner = dict([("it's", Value::from(1.0)), ("b", Value::from(()))]);
        let value = list([
            Value::from("a"),
            Value::from(true),
            inner,
            Value::from(1e16),
            Value::from(0.00001),
        ]);
        assert_eq!(
            text(&value),
            r#"['a', True, {"it's": 1.0, 'b': None}, 1e+16, 1e-05]"#
        );
    }

    #[test]
    fn json_there_and_back_is_the_same() {
        let json: serde_json::Value =
            serde_json::from_str(r#"{"a":[1,2.5,null,"x",true],"b":{}}"#).unwrap();
        assert_eq!(to_json(&from_json(&json)), json);
    }
}
