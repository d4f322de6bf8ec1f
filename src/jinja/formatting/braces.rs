//! `str.format`: `'{} and {1}, {name!r:>5}'.format('a', 'b', name='c')`.

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

use super::{Number, Spec, character};
use crate::jinja::decimal::Decimal;
use crate::jinja::errors::problem;
use crate::jinja::methods::kind_name;
use crate::jinja::value::{repr, text};

/// Writes values into a template as Python's `str.format` does.
///
/// # Errors
/// `Project` where a brace is alone, a value is missing, or does not fit its format.
pub(crate) fn format(
    state: &mut State<'_, '_>,
    template: &str,
    args: &[Value],
) -> Result<String, Error> {
    let (values, named) = match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => (rest, Some(last)),
        _ => (args, None),
    };
    let mut next = 0;
    write(state, template, (values, named), &mut next)
}

/// Values by position, and those by name.
type Values<'a> = (&'a [Value], Option<&'a Value>);

fn write(
    state: &mut State<'_, '_>,
    template: &str,
    given: Values<'_>,
    next: &mut usize,
) -> Result<String, Error> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(problem("a single `}` stands in the format string"));
        }
        let Some(end) = closing(rest) else {
            return Err(problem("a `{` of the format string has no `}`"));
        };
        out.push_str(&field(state, &rest[..end], given, next)?);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Returns where the brace that closes a field is.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (depth == 0).then_some(at)
    })
}

/// Writes `name!conversion:format`.
fn field(
    state: &mut State<'_, '_>,
    field: &str,
    given: Values<'_>,
    next: &mut usize,
) -> Result<String, Error> {
    let (name, format) = field.split_once(':').unwrap_or((field, ""));
    let (name, conversion) = match name.split_once('!') {
        Some((name, conversion)) => (name, Some(conversion)),
        None => (name, None),
    };
    let value = find(name, given, next)?;
    let value = match conversion {
        None => value,
        Some("s") => Value::from(text(&value)),
        Some("r" | "a") => Value::from(repr(&value)),
        Some(other) => {
            return Err(problem(format!(
                "`!{other}` is no conversion: `!s`, `!r` or `!a`"
            )));
        }
    };
    let format = match format.contains('{') {
        true => write(state, format, given, next)?,
        false => format.to_owned(),
    };
    formatted(state, &value, &format)
}

/// Finds the value of `0`, `name`, `name.attribute`, `name[key]`, or the next one.
fn find(name: &str, (values, named): Values<'_>, next: &mut usize) -> Result<Value, Error> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let at = match first {
        "" => {
            *next += 1;
            Some(*next - 1)
        }
        first => first.parse::<usize>().ok(),
    };
    let found = match at {
        Some(at) => values.get(at).cloned(),
        None => named
            .map(|named| named.get_attr(first))
            .transpose()?
            .filter(|found| !found.is_undefined()),
    };
    let mut found = found.ok_or_else(|| {
        problem(match at {
            Some(at) => format!("`format` is given no value {at}"),
            None => format!("`format` is given no value `{first}`"),
        })
    })?;
    while !rest.is_empty() {
        if let Some(key) = rest.strip_prefix('[') {
            let (key, after) = key
                .split_once(']')
                .ok_or_else(|| problem("a `[` of the format string has no `]`"))?;
            found = match key.parse::<usize>() {
                Ok(index) => found.get_item_by_index(index)?,
                Err(_) => found.get_item(&Value::from(key))?,
            };
            rest = after;
        } else {
            let part = rest.trim_start_matches('.');
            let end = part.find(['.', '[']).unwrap_or(part.len());
            found = found.get_attr(&part[..end])?;
            rest = &part[end..];
        }
    }
    Ok(found)
}

/// Writes a value by a format, as Python's `format(value, format)` does.
fn formatted(state: &mut State<'_, '_>, value: &Value, format: &str) -> Result<String, Error> {
    if format.is_empty() {
        return Ok(text(value));
    }
    if value.kind() == ValueKind::Plain && Decimal::of(value).is_none() {
        // Dates have formats of their own.
        let written = value.call_method(state, "strftime", &[Value::from(format)]);
        return written
            .map(|written| text(&written))
            .map_err(|_| problem(format!("{} takes no format `{format}`", kind_name(value))));
    }
    let spec = read(format).ok_or_else(|| problem(format!("`{format}` is no format")))?;
    match (value.kind(), spec.kind) {
        (_, Some('c')) => {
            let own = character(value)?;
            Ok(spec.pad(&own, "", '<'))
        }
        (ValueKind::String, None | Some('s')) => Ok(spec.text(&text(value))),
        (ValueKind::String, Some(kind)) => Err(problem(format!(
            "the format `{kind}` does not fit a string"
        ))),
        _ => match Number::of(value) {
            Some(number) => spec.number(&number),
            None => Err(problem(format!(
                "{} takes no format `{format}`",
                kind_name(value)
            ))),
        },
    }
}

/// Reads a specification; none where it is malformed.
fn read(format: &str) -> Option<Spec> {
    let chars: Vec<char> = format.chars().collect();
    let is_align = |c: Option<&char>| c.is_some_and(|c| "<>^=".contains(*c));
    let mut spec = Spec::default();
    let mut at = 0;
    if is_align(chars.get(1)) {
        (spec.fill, spec.align) = (Some(chars[0]), Some(chars[1]));
        at = 2;
    } else if is_align(chars.first()) {
        spec.align = Some(chars[0]);
        at = 1;
    }
    let mut take = |wanted: &str| {
        let found = chars.get(at).copied().filter(|c| wanted.contains(*c));
        at += usize::from(found.is_some());
        found
    };
    spec.sign = take("+- ");
    take("z");
    spec.alternate = take("#").is_some();
    if take("0").is_some() && spec.align.is_none() {
        (spec.fill, spec.align) = (Some('0'), Some('='));
    }
    let mut width = String::new();
    while let Some(digit) = take("0123456789") {
        width.push(digit);
    }
    spec.width = width.parse().unwrap_or(0);
    spec.group = take(",_");
    if take(".").is_some() {
        let mut places = String::new();
        while let Some(digit) = take("0123456789") {
            places.push(digit);
        }
        spec.precision = Some(places.parse().ok()?);
    }
    spec.kind = take("bcdeEfFgGnosxX%");
    (at == chars.len()).then_some(spec)
}
