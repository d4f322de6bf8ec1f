//! Jinja2's tests, what follows `is`, with Python's rules.

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

use super::decimal::Decimal;
use super::filters::is_undefined;

/// Tests that the engine has as Jinja2 has them.
const UPSTREAM: &[&str] = &[
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "ge",
    "gt",
    "greaterthan",
    "in",
    "le",
    "lessthan",
    "lower",
    "lt",
    "ne",
    "none",
    "odd",
    "sameas",
    "test",
    "true",
    "upper",
];

/// A test: its name and whether a value passes.
type Check = (&'static str, fn(&Value) -> bool);

const CHECKS: &[Check] = &[
    ("boolean", |value| value.kind() == ValueKind::Bool),
    ("callable", |value| {
        is_undefined(value) || value.kind() == ValueKind::Plain && Decimal::of(value).is_none()
    }),
    ("defined", |value| !is_undefined(value)),
    ("float", |value| value.is_number() && !value.is_integer()),
    ("integer", Value::is_integer),
    ("iterable", |value| {
        value.kind() != ValueKind::None && value.try_iter().is_ok()
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
    ("undefined", is_undefined),
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
