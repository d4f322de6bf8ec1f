//! Functions of dbt's context that need nothing of a project: JSON, YAML, sets, checks.

use minijinja::value::{DynObject, Kwargs, Rest, Tuple, Value, ValueKind, ValueOrKwargs};
use minijinja::{Error, State};

use super::yaml_text;
use crate::diagnostic::Diagnostic;
use crate::jinja::{self, Globals, bind};

/// Adds the functions.
pub(super) fn put(globals: &mut Globals) {
    let mut set = |name: &str, value: Value| globals.insert(name, value);
    set("modules", jinja::modules::modules());
    set(
        "zip",
        Value::from_function(|args: Rest<ValueOrKwargs>| zip(&args.into_values())),
    );
    set(
        "zip_strict",
        Value::from_function(|lists: Rest<Value>| zipped(&lists)),
    );
    set("set", Value::from_function(set_of));
    set(
        "set_strict",
        Value::from_function(|items: Value| distinct(&items)),
    );
    set(
        "tojson",
        Value::from_function(|args: Rest<ValueOrKwargs>| to_json(&args.into_values())),
    );
    set(
        "fromjson",
        Value::from_function(|args: Rest<ValueOrKwargs>| from_json(&args.into_values())),
    );
    set(
        "toyaml",
        Value::from_function(|args: Rest<ValueOrKwargs>| yaml_text::to_text(&args.into_values())),
    );
    set(
        "fromyaml",
        Value::from_function(|args: Rest<ValueOrKwargs>| yaml_text::from_text(&args.into_values())),
    );
    set(
        "diff_of_two_dicts",
        Value::from_function(|a: Value, b: Value| difference(&a, &b)),
    );
    set("try_or_compiler_error", Value::from_function(attempt));
    set(
        "validation",
        jinja::dict([("any", Value::from_function(any_of))]),
    );
    set("debug", Value::from_function(|| Value::from("")));
    set("write", Value::from_function(|_: Value| Value::from("")));
    set("otel_trace_id", Value::from_function(|| "0".repeat(32)));
    set("otel_span_id", Value::from_function(|| "0".repeat(16)));
    set("dbt_metadata_envs", metadata());
}

/// Returns the variables of the environment that dbt puts into its artifacts, without their prefix.
fn metadata() -> Value {
    let own = std::env::vars().filter_map(|(name, value)| {
        let name = name.strip_prefix("DBT_ENV_CUSTOM_ENV_")?;
        Some((name.to_owned(), Value::from(value)))
    });
    jinja::dict(own)
}

/// `zip(a, b, default=…)`: pairs, or the default where something is no list.
fn zip(args: &[Value]) -> Result<Value, Error> {
    let (lists, default) = match args.split_last() {
        Some((last, lists)) if last.is_kwargs() => (lists, last.get_attr("default")?),
        _ => (args, Value::from(())),
    };
    match lists.iter().all(is_iterable) {
        true => zipped(lists),
        false => Ok(default),
    }
}

fn is_iterable(value: &Value) -> bool {
    !value.is_undefined() && !value.is_none() && value.try_iter().is_ok()
}

fn zipped(lists: &[Value]) -> Result<Value, Error> {
    let columns: Vec<Vec<Value>> = lists
        .iter()
        .map(|list| Ok(list.try_iter()?.collect()))
        .collect::<Result<_, Error>>()?;
    let shortest = columns.iter().map(Vec::len).min().unwrap_or(0);
    let row =
        |row: usize| -> Vec<Value> { columns.iter().map(|column| column[row].clone()).collect() };
    Ok(jinja::list(
        (0..shortest).map(|at| Value::from(Tuple::from(row(at)))),
    ))
}

/// `set(items, default)`: distinct items, or the default where they are no list.
fn set_of(items: Value, default: Option<Value>) -> Value {
    distinct(&items).unwrap_or_else(|_| default.unwrap_or_else(|| Value::from(())))
}

fn distinct(items: &Value) -> Result<Value, Error> {
    match is_iterable(items) {
        true => Ok(jinja::set(items.try_iter()?)),
        false => Err(jinja::raise(Diagnostic::project(format!(
            "a set is made of a list, not of {}",
            jinja::repr(items)
        )))),
    }
}

fn to_json(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("tojson", &["value", "default", "sort_keys"], 1, args)?;
    let sorted = bound[2].as_ref().is_some_and(Value::is_true);
    let value = bound[0].clone().unwrap_or_default();
    Ok(Value::from(jinja::json_text(&value, sorted, None)))
}

fn from_json(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("fromjson", &["string", "default"], 1, args)?;
    let text = bound[0].as_ref().map(jinja::text).unwrap_or_default();
    let parsed = serde_json::from_str::<serde_json::Value>(&text);
    let default = || bound[1].clone().unwrap_or_else(|| Value::from(()));
    Ok(parsed.map_or_else(|_| default(), |json| jinja::from_json(&json)))
}

/// Returns the values of `a` that `b` has not, by key; case does not matter.
fn difference(a: &Value, b: &Value) -> Result<Value, Error> {
    let pairs = |value: &Value| -> Vec<(Value, Value)> {
        let pairs = value.as_object().and_then(DynObject::try_iter_pairs);
        pairs.into_iter().flatten().collect()
    };
    let others = pairs(b);
    let mut left = Vec::new();
    for (key, values) in pairs(a) {
        let lower = |value: &Value| jinja::text(value).to_lowercase();
        let other = others.iter().find(|(other, _)| lower(other) == lower(&key));
        let gone: Vec<String> = match other {
            Some((_, values)) => values.try_iter()?.map(|value| lower(&value)).collect(),
            None => Vec::new(),
        };
        let kept: Vec<Value> = values
            .try_iter()?
            .filter(|value| !gone.contains(&lower(value)))
            .collect();
        if !kept.is_empty() {
            left.push((key, jinja::list(kept)));
        }
    }
    Ok(jinja::dict(left))
}

/// `try_or_compiler_error(message, function, …)`: calls, and says `message` where that fails.
fn attempt(state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = args.into_values();
    let [message, function, rest @ ..] = &args[..] else {
        return Err(jinja::raise(Diagnostic::project(
            "`try_or_compiler_error` takes a message, a function and its arguments",
        )));
    };
    function
        .call(state, rest)
        .map_err(|_| jinja::raise(Diagnostic::project(jinja::text(message))))
}

/// `validation.any[…]`: a function that refuses values which are none of these.
fn any_of(allowed: Rest<Value>) -> Value {
    let allowed: Vec<Value> = allowed.to_vec();
    Value::from_function(move |value: Value, _: Kwargs| {
        match allowed.contains(&value) || value.kind() == ValueKind::String {
            true => Ok(Value::from(())),
            false => Err(jinja::raise(Diagnostic::project(format!(
                "expected `{}` to be one of {}",
                jinja::text(&value),
                allowed
                    .iter()
                    .map(jinja::text)
                    .collect::<Vec<_>>()
                    .join(", ")
            )))),
        }
    })
}
