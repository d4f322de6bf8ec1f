//! Python's `itertools`; sequences without an end are refused.

use minijinja::value::Tuple;
use minijinja::{Error, State, Value};

use super::Module;
use crate::jinja::errors::problem;
use crate::jinja::methods::{bind, pairs};
use crate::jinja::operators::add;
use crate::jinja::value::{list, text};

/// Most items that are made of others.
const MAX_ITEMS: usize = 1_000_000;

type Items = Vec<Value>;

type Named = Vec<(String, Value)>;

fn tuple(items: Items) -> Value {
    Value::from(Tuple::from(items))
}

/// Splits named arguments off.
fn split(args: &[Value]) -> Result<(&[Value], Named), Error> {
    Ok(match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => {
            let named = pairs(std::slice::from_ref(last))?;
            let named = named.into_iter().map(|(name, value)| (text(&name), value));
            (rest, named.collect())
        }
        _ => (args, Vec::new()),
    })
}

fn items(value: &Value) -> Result<Items, Error> {
    Ok(value.try_iter()?.collect())
}

fn bounded(made: Vec<Items>) -> Result<Value, Error> {
    match made.len() > MAX_ITEMS {
        true => Err(problem(format!("more than {MAX_ITEMS} combinations"))),
        false => Ok(list(made.into_iter().map(tuple))),
    }
}

fn product(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let (lists, named) = split(args)?;
    let repeat = named.iter().find(|(name, _)| name == "repeat");
    let repeat = repeat.and_then(|(_, value)| value.as_usize()).unwrap_or(1);
    let lists: Vec<Items> = lists.iter().map(items).collect::<Result<_, _>>()?;
    let mut made: Vec<Items> = vec![Vec::new()];
    for own in lists.iter().cycle().take(lists.len() * repeat) {
        if made.len().saturating_mul(own.len()) > MAX_ITEMS {
            return Err(problem(format!("more than {MAX_ITEMS} combinations")));
        }
        let longer = |row: &Items| {
            let row = row.clone();
            own.iter()
                .map(move |item| [&row[..], std::slice::from_ref(item)].concat())
        };
        made = made.iter().flat_map(longer).collect();
    }
    bounded(made)
}

fn chain(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let lists: Vec<Items> = args.iter().map(items).collect::<Result<_, _>>()?;
    Ok(list(lists.concat()))
}

/// Chooses `count` positions out of `size`; `next` says from which position on the following one is chosen.
fn choose(size: usize, count: usize, next: fn(usize) -> Option<usize>) -> Vec<Vec<usize>> {
    let mut made: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..count {
        let mut longer = Vec::new();
        for row in &made {
            let from = row.last().map_or(Some(0), |last| next(*last));
            for at in from.unwrap_or(0)..size {
                if from.is_some() || !row.contains(&at) {
                    longer.push([&row[..], &[at]].concat());
                }
            }
            if longer.len() > MAX_ITEMS {
                return longer;
            }
        }
        made = longer;
    }
    made
}

fn chosen(method: &str, args: &[Value], next: fn(usize) -> Option<usize>) -> Result<Value, Error> {
    let bound = bind(method, &["iterable", "r"], 1, args)?;
    let own = items(bound[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
    let count = bound[1]
        .as_ref()
        .and_then(Value::as_usize)
        .unwrap_or(own.len());
    let rows = choose(own.len(), count, next);
    bounded(
        rows.iter()
            .map(|row| row.iter().map(|at| own[*at].clone()).collect())
            .collect(),
    )
}

fn combinations(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    chosen("combinations", args, |last| Some(last + 1))
}

fn with_replacement(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    chosen("combinations_with_replacement", args, Some)
}

fn permutations(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("permutations", &["iterable", "r"], 1, args)?;
    let own = items(bound[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
    let count = bound[1]
        .as_ref()
        .and_then(Value::as_usize)
        .unwrap_or(own.len());
    let mut made: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..count {
        let free = |row: &Vec<usize>| {
            let row = row.clone();
            (0..own.len())
                .filter(move |at| !row.contains(at))
                .collect::<Vec<_>>()
        };
        made = made
            .iter()
            .flat_map(|row| free(row).into_iter().map(|at| [&row[..], &[at]].concat()))
            .take(MAX_ITEMS + 1)
            .collect();
    }
    bounded(
        made.iter()
            .map(|row| row.iter().map(|at| own[*at].clone()).collect())
            .collect(),
    )
}

fn zip_longest(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let (lists, named) = split(args)?;
    let fill = named.iter().find(|(name, _)| name == "fillvalue");
    let fill = fill.map_or(Value::from(()), |(_, value)| value.clone());
    let lists: Vec<Items> = lists.iter().map(items).collect::<Result<_, _>>()?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| {
        lists
            .iter()
            .map(|own| own.get(at).unwrap_or(&fill).clone())
            .collect()
    };
    bounded((0..longest).map(row).collect())
}

fn islice(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let own = items(args.first().unwrap_or(&Value::UNDEFINED))?;
    let number = |index: usize| args.get(index).and_then(Value::as_usize);
    let (start, stop) = match args.len() {
        ..=2 => (0, number(1)),
        _ => (number(1).unwrap_or(0), number(2)),
    };
    let stop = stop.unwrap_or(own.len()).min(own.len());
    let part = own.get(start..stop).unwrap_or_default();
    Ok(list(
        part.iter().step_by(number(3).unwrap_or(1).max(1)).cloned(),
    ))
}

fn repeat(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("repeat", &["object", "times"], 1, args)?;
    match bound[1].as_ref().and_then(Value::as_usize) {
        Some(times) => Ok(list(vec![
            bound[0].clone().unwrap_or_default();
            times.min(MAX_ITEMS)
        ])),
        None => Err(problem("`repeat` without an end")),
    }
}

fn accumulate(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("accumulate", &["iterable", "func", "initial"], 1, args)?;
    let own = items(bound[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
    let mut made: Items = bound[2]
        .iter()
        .filter(|value| !value.is_none())
        .cloned()
        .collect();
    for item in own {
        let next = match (
            made.last(),
            bound[1].as_ref().filter(|value| !value.is_none()),
        ) {
            (None, _) => item,
            (Some(last), None) => add(last, &item)?,
            (Some(last), Some(with)) => with.call(state, &[last.clone(), item])?,
        };
        made.push(next);
    }
    Ok(list(made))
}

fn compress(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("compress", &["data", "selectors"], 2, args)?;
    let own = items(bound[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
    let selectors = items(bound[1].as_ref().unwrap_or(&Value::UNDEFINED))?;
    let kept = own
        .into_iter()
        .zip(selectors)
        .filter(|(_, keep)| keep.is_true());
    Ok(list(kept.map(|(item, _)| item)))
}

fn starmap(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("starmap", &["function", "iterable"], 2, args)?;
    let function = bound[0].clone().unwrap_or_default();
    let mut made = Vec::new();
    for row in items(bound[1].as_ref().unwrap_or(&Value::UNDEFINED))? {
        made.push(function.call(state, &items(&row)?)?);
    }
    Ok(list(made))
}

fn tee(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("tee", &["iterable", "n"], 1, args)?;
    let own = items(bound[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
    let count = bound[1].as_ref().and_then(Value::as_usize).unwrap_or(2);
    Ok(tuple(
        (0..count.min(MAX_ITEMS))
            .map(|_| list(own.clone()))
            .collect(),
    ))
}

fn endless(_: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
    Err(problem(
        "`count` and `cycle` have no end; use `range` or `repeat`",
    ))
}

/// Returns `modules.itertools`.
pub(super) fn module() -> Value {
    Value::from_object(Module {
        name: "module 'itertools'",
        make: None,
        functions: &[
            ("accumulate", accumulate),
            ("chain", chain),
            ("combinations", combinations),
            ("combinations_with_replacement", with_replacement),
            ("compress", compress),
            ("count", endless),
            ("cycle", endless),
            ("islice", islice),
            ("permutations", permutations),
            ("product", product),
            ("repeat", repeat),
            ("starmap", starmap),
            ("tee", tee),
            ("zip_longest", zip_longest),
        ],
        constants: |_| None,
    })
}
