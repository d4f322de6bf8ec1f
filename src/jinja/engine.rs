//! The template engine as dbt sets Jinja2 up: whitespace, printing, functions that every template has.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{AutoEscape, Environment, Error, Output, State, Value};

use super::charge::charged;
use super::errors::{problem, returning};
use super::scope::{self, Closure, MAX_STEPS, current};
use super::value::{dict, list, mutable, settled, text, write_text};
use super::{checks, filters, grammar, methods, operators, sequences, strings};

/// Makes the engine. Newlines at the end are kept: who compiles a whole file drops one, as Jinja2 does.
pub(crate) fn engine() -> Environment<'static> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_debug(false);
    environment.set_fuel(Some(MAX_STEPS));
    environment.set_recursion_limit(2_000);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(print);
    environment.set_unknown_method_callback(strings::of_other);
    functions(&mut environment);
    filters::add(&mut environment);
    checks::add(&mut environment);
    environment
}

/// Prints a value as Python's `str()` does.
fn print(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    Ok(write_text(out, value)?)
}

fn functions(environment: &mut Environment<'static>) {
    environment.add_function("__wh_list", mutable);
    environment.add_function("__wh_dict", mutable);
    environment.add_function("__wh_value", settled);
    environment.add_function("__wh_each", sequences::each);
    environment.add_function(
        "__wh_add",
        |state: &State<'_, '_>, left: Value, right: Value| {
            charged(state, operators::add(&left, &right)?)
        },
    );
    environment.add_function(
        "__wh_concat",
        |state: &State<'_, '_>, parts: Rest<Value>| charged(state, operators::concat(&parts)?),
    );
    environment.add_function("__wh_mod", |left: Value, right: Value| {
        operators::modulo(&left, &right)
    });
    for (name, sign) in [
        ("__wh_sub", "-"),
        ("__wh_mul", "*"),
        ("__wh_div", "/"),
        ("__wh_floordiv", "//"),
    ] {
        environment.add_function(name, move |left: Value, right: Value| {
            operators::operate(sign, &left, &right)
        });
    }
    environment.add_function("__wh_chain", |parts: Rest<Value>| operators::chain(&parts));
    for (name, sign, _) in grammar::COMPARISONS.iter().copied() {
        environment.add_function(name, move |left: Value, right: Value| {
            operators::checked(sign, &left, &right)
        });
    }
    environment.add_function("__wh_neg", |value: Value| {
        operators::operate("-", &Value::from(0), &value)
    });
    environment.add_function("__wh_missing", |state: &State<'_, '_>, name: &str| {
        current(state).map(|scope| scope.misses(name))
    });
    environment.add_function(
        "__wh_block",
        |state: &State<'_, '_>, index: usize, variables: Value| {
            Closure::of(&current(state)?, index, &variables)
                .ok_or_else(|| problem("the call block has no body"))
        },
    );
    environment.add_function("return", |values: Rest<Value>| -> Result<Value, Error> {
        // What is undefined stays so: `{{ return(missing) | length }}` is 0.
        let value = values.first().cloned();
        Err(returning(settled(value.unwrap_or_else(|| Value::from(())))))
    });
    environment.add_function("dict", |args: Rest<ValueOrKwargs>| {
        methods::pairs(&args.into_values()).map(dict)
    });
    environment.add_function("namespace", |args: Rest<ValueOrKwargs>| {
        let names = Value::from_pairs(methods::pairs(&args.into_values())?);
        minijinja::functions::namespace(Some(names.into()))
    });
    environment.add_function("range", range);
    environment.add_function("cycler", |items: Rest<Value>| {
        minijinja_contrib::globals::cycler(items.0)
    });
    environment.add_function("joiner", minijinja_contrib::globals::joiner);
    environment.add_function("render", |state: &State<'_, '_>, template: Value| {
        scope::render(&current(state)?, &text(&template))
    });
}

/// Makes a range of numbers; Jinja2's has no end of its own, ours ends where a template's steps do.
fn range(first: i64, second: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (start, stop) = match second {
        Some(stop) => (first, stop),
        None => (0, first),
    };
    let step = step.unwrap_or(1);
    let distance = if step > 0 {
        stop.saturating_sub(start)
    } else {
        start.saturating_sub(stop)
    };
    let count = match (step, distance) {
        (0, _) => return Err(problem("`range` by steps of 0")),
        (_, ..=0) => 0,
        (_, distance) => (distance - 1) / step.abs() + 1,
    };
    match usize::try_from(count)
        .ok()
        .filter(|count| *count as u64 <= MAX_STEPS / 10)
    {
        Some(count) => Ok(list((0..count as i64).map(|index| start + index * step))),
        None => Err(problem(format!("`range` of {count} numbers"))),
    }
}
