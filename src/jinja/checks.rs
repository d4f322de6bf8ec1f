//! Jinja2's tests, what follows `is`, with Python's rules.

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

use super::decimal::Decimal;
use super::filters::{self, is_undefined};
use super::value::text;

/// Tests that the engine has as Jinja2 has them.
const UPSTREAM: &[&str] = &[
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "ge",
    "gt",
    "greaterthan",
    "in",
    "le",
    "lessthan",
    "lt",
    "ne",
    "none",
    "odd",
    "sameas",
    "true",
];

/// A test: its name and whether a value passes.
type Check = (&'static str, fn(&Value) -> bool);

const CHECKS: &[Check] = &[
    ("boolean", |value| value.kind() == ValueKind::Bool),
    ("callable", |value| {
        is_undefined(value) || value.kind() == ValueKind::Plain && Decimal::of(value).is_none()
    }),
    ("defined", |value| !is_undefined(value)),
    ("filter", |value| {
        filters::names().any(|name| value.as_str() == Some(name))
    }),
    ("float", |value| value.is_number() && !value.is_integer()),
    ("integer", Value::is_integer),
    ("iterable", |value| {
        value.kind() != ValueKind::None && value.try_iter().is_ok()
    }),
    ("lower", |value| {
        let text = text(value);
        text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)
    }),
    ("mapping", |value| value.kind() == ValueKind::Map),
    ("number", |value| {
        value.is_number() || Decimal::of(value).is_some() || value.kind() == ValueKind::Bool
    }),
    ("sequence", |value| {
        matches!(
            value.kind(),
            ValueKind::Seq | ValueKind::String | ValueKind::Map | ValueKind::Undefined
        )
    }),
    ("string", |value| value.kind() == ValueKind::String),
    ("test", |value| {
        names().any(|name| value.as_str() == Some(name))
    }),
    ("undefined", is_undefined),
    ("upper", |value| {
        let text = text(value);
        text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
    }),
];

/// Returns the names of all tests, for hints.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CHECKS
        .iter()
        .map(|(name, _)| *name)
        .chain(UPSTREAM.iter().copied())
}

/// Adds all tests to the engine.
pub(crate) fn add(environment: &mut Environment<'static>) {
    for (name, check) in CHECKS.iter().copied() {
        environment.add_test(name, move |value: Value| check(&value));
    }
}
