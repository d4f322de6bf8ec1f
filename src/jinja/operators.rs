//! Python's `%` and `+`, where the engine's own lack strings or lists.

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::decimal;
use super::errors::{problem, undefined_operation};
use super::formatting::percent;
use super::methods::kind_name;
use super::modules::datetime;
use super::set;
use super::value::{list, text};

/// Python's `%`: the remainder of numbers, formatting of strings.
pub(crate) fn modulo(left: &Value, right: &Value) -> Result<Value, Error> {
    match left.kind() {
        ValueKind::String => percent(left.as_str().unwrap_or_default(), right).map(Value::from),
        _ => match decimal::operate("%", left, right) {
            Some(result) => result,
            None => remainder(left, right),
        },
    }
}

/// Python's comparisons, where a side may be a decimal.
pub(crate) fn compare(sign: &str, left: &Value, right: &Value) -> bool {
    let is_object = |value: &Value| value.kind() == ValueKind::Plain;
    let order = match is_object(left) || is_object(right) {
        true => decimal::compare(left, right),
        false => None,
    };
    match (sign, order) {
        ("==", None) => left == right,
        ("!=", None) => left != right,
        ("<", None) => left < right,
        ("<=", None) => left <= right,
        (">", None) => left > right,
        (_, None) => left >= right,
        ("==", Some(order)) => order.is_eq(),
        ("!=", Some(order)) => order.is_ne(),
        ("<", Some(order)) => order.is_lt(),
        ("<=", Some(order)) => order.is_le(),
        (">", Some(order)) => order.is_gt(),
        (_, Some(order)) => order.is_ge(),
    }
}

/// As [`compare`]; values of unlike types have no order.
pub(crate) fn checked(sign: &str, left: &Value, right: &Value) -> Result<bool, Error> {
    match matches!(sign, "==" | "!=") || have_order(left, right) {
        true => Ok(compare(sign, left, right)),
        false => Err(problem(undefined_operation(
            sign,
            &kind_name(left),
            &kind_name(right),
        ))),
    }
}

/// Returns whether Python orders two values; objects and what is undefined are left to themselves.
fn have_order(left: &Value, right: &Value) -> bool {
    let is_number = |kind| matches!(kind, ValueKind::Number | ValueKind::Bool);
    match (left.kind(), right.kind()) {
        (ValueKind::Undefined | ValueKind::Plain, _)
        | (_, ValueKind::Undefined | ValueKind::Plain) => true,
        (ValueKind::None | ValueKind::Map, _) | (_, ValueKind::None | ValueKind::Map) => false,
        (left, right) => left == right || is_number(left) && is_number(right),
    }
}

/// Python's chain of comparisons, `1 < x <= 2`: values and the signs between them.
pub(crate) fn chain(parts: &[Value]) -> Result<bool, Error> {
    for part in parts.windows(3).step_by(2) {
        let sign = part[1].as_str().unwrap_or_default();
        if !checked(sign, &part[0], &part[2])? {
            return Ok(false);
        }
    }
    Ok(true)
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

/// Python's `-`, `*`, `/` and `//`, where a side is an object that has them; numbers are the engine's.
pub(crate) fn operate(sign: &str, left: &Value, right: &Value) -> Result<Value, Error> {
    if let Some(result) = set::difference(left, right).filter(|_| sign == "-") {
        return Ok(result);
    }
    let is_object = |value: &Value| value.kind() == ValueKind::Plain;
    if (is_object(left) || is_object(right))
        && let Some(result) =
            datetime::operate(sign, left, right).or_else(|| decimal::operate(sign, left, right))
    {
        return result;
    }
    let repeated = |items: &Value, times: &Value| {
        let times = times.as_i64().filter(|_| times.is_integer())?;
        let times = usize::try_from(times).unwrap_or(0);
        match items.kind() {
            ValueKind::String => Some(repeat_text(items, times)),
            ValueKind::Seq | ValueKind::Iterable => Some(repeat_items(items, times)),
            _ => None,
        }
    };
    if sign == "*"
        && let Some(result) = repeated(left, right).or_else(|| repeated(right, left))
    {
        return result;
    }
    arithmetic(sign, left, right)
}

/// Most bytes of a text or items of a list.
pub(crate) const MAX_SIZE: usize = 100_000_000;

/// Refuses to make a text of more bytes, or a list of more items, than memory is for.
pub(crate) fn bounded(size: usize) -> Result<(), Error> {
    match size <= MAX_SIZE {
        true => Ok(()),
        false => Err(problem(
            "the template makes a text or list of more than 100 million characters or items",
        )),
    }
}

/// Jinja's `~`: joins the texts of values.
pub(crate) fn concat(parts: &[Value]) -> Result<Value, Error> {
    let mut out = String::new();
    for part in parts {
        match part.as_str().filter(|_| part.kind() == ValueKind::String) {
            Some(part) => {
                bounded(out.len() + part.len())?;
                out.push_str(part);
            }
            None => out.push_str(&text(part)),
        }
    }
    bounded(out.len())?;
    Ok(Value::from(out))
}

fn repeat_text(text: &Value, times: usize) -> Result<Value, Error> {
    let text = text.as_str().unwrap_or_default();
    bounded(text.len().saturating_mul(times))?;
    Ok(Value::from(text.repeat(times)))
}

fn repeat_items(items: &Value, times: usize) -> Result<Value, Error> {
    let own: Vec<Value> = items.try_iter()?.collect();
    bounded(own.len().saturating_mul(times))?;
    let all = std::iter::repeat_n(own, times).flatten();
    Ok(match items.is_tuple() {
        true => Value::from(Tuple::from(all.collect::<Vec<_>>())),
        false => list(all),
    })
}

/// Calculates with numbers: whole where both are, except `/`.
fn arithmetic(sign: &str, left: &Value, right: &Value) -> Result<Value, Error> {
    let unfit = || {
        problem(undefined_operation(
            sign,
            &kind_name(left),
            &kind_name(right),
        ))
    };
    let is_number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    if !is_number(left) || !is_number(right) {
        return Err(unfit());
    }
    let whole = |value: &Value| -> Option<i128> {
        match value.kind() {
            ValueKind::Bool => Some(i128::from(value.is_true())),
            _ if value.is_integer() => i128::try_from(value.clone()).ok(),
            _ => None,
        }
    };
    if let (Some(a), Some(b)) = (whole(left), whole(right)) {
        let result = match sign {
            "-" => a.checked_sub(b),
            "*" => a.checked_mul(b),
            "//" if b == 0 => return Err(problem("`//` by zero")),
            "//" => {
                let (quotient, rest) = (a.wrapping_div(b), a.wrapping_rem(b));
                Some(quotient - i128::from(rest != 0 && (rest < 0) != (b < 0)))
            }
            _ => None,
        };
        if let Some(result) = result {
            return Ok(i64::try_from(result).map_or_else(|_| Value::from(result), Value::from));
        }
    }
    let (a, b) = (number(left)?, number(right)?);
    match sign {
        "/" | "//" if b == 0.0 => Err(problem(format!("`{sign}` by zero"))),
        "-" => Ok(Value::from(a - b)),
        "*" => Ok(Value::from(a * b)),
        "/" => Ok(Value::from(a / b)),
        _ => Ok(Value::from((a / b).floor())),
    }
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
            bounded(left.len() + right.len())?;
            Ok(Value::from([left, right].concat()))
        }
        (ValueKind::Seq | ValueKind::Iterable, ValueKind::Seq | ValueKind::Iterable) => {
            bounded(left.len().unwrap_or(0) + right.len().unwrap_or(0))?;
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
        _ if let Some(result) =
            datetime::operate("+", left, right).or_else(|| decimal::operate("+", left, right)) =>
        {
            result
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
