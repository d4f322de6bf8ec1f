//! Python's `%` and `+`, where the engine's own lack strings or lists.

use minijinja::formatting::{FormatStyle, format};
use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::errors::{problem, undefined_operation};
use super::methods::kind_name;
use super::value::{list, text};

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
