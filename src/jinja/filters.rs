//! Jinja2's filters, with Python's rules: those over text and numbers here, those over sequences in `sequences`.

use minijinja::value::{Rest, Tuple, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value};

use super::ambient::Absent;
use super::charge::{charged, replaced};
use super::decimal::Decimal;
use super::errors::problem;
use super::literal;
use super::methods::{bind, kind_name};
use super::operators::modulo;
use super::scope::current;
use super::sequences;
use super::value::{Dict, dict, float, json_text, repr, settled, text};

/// A filter: its name, its parameters, how many of them must be given, and what it does.
pub(crate) type Filter = (&'static str, &'static [&'static str], usize, Apply);

/// What a filter does with a value and its bound arguments.
pub(crate) type Apply = fn(&mut State<'_, '_>, &Value, &[Option<Value>]) -> Result<Value, Error>;

const TEXT: &[Filter] = &[
    ("capitalize", &[], 0, |_, value, _| {
        Ok(Value::from(capitalized(&text(value))))
    }),
    ("center", &["width"], 0, center),
    ("e", &[], 0, |_, value, _| {
        Ok(Value::from(escaped(&text(value))))
    }),
    ("escape", &[], 0, |_, value, _| {
        Ok(Value::from(escaped(&text(value))))
    }),
    ("forceescape", &[], 0, |_, value, _| {
        Ok(Value::from(escaped(&text(value))))
    }),
    ("indent", &["width", "first", "blank"], 0, indent),
    ("lower", &[], 0, |_, value, _| {
        Ok(Value::from(text(value).to_lowercase()))
    }),
    ("pprint", &["verbose"], 0, |_, value, _| {
        Ok(Value::from(super::value::repr(value)))
    }),
    ("replace", &["old", "new", "count"], 2, replace),
    ("safe", &[], 0, |_, value, _| Ok(value.clone())),
    ("string", &[], 0, |_, value, _| Ok(Value::from(text(value)))),
    ("striptags", &[], 0, |_, value, _| {
        Ok(Value::from(without_tags(&text(value))))
    }),
    ("title", &[], 0, |_, value, _| {
        Ok(Value::from(titled(&text(value))))
    }),
    ("tojson", &["indent"], 0, tojson),
    ("trim", &["chars"], 0, trim),
    (
        "truncate",
        &["length", "killwords", "end", "leeway"],
        0,
        truncate,
    ),
    ("upper", &[], 0, |_, value, _| {
        Ok(Value::from(text(value).to_uppercase()))
    }),
    ("urlencode", &[], 0, |_, value, _| {
        Ok(Value::from(encoded(&text(value))))
    }),
    ("wordcount", &[], 0, |_, value, _| {
        Ok(Value::from(words(&text(value))))
    }),
    ("pprint", &[], 0, |_, value, _| Ok(Value::from(repr(value)))),
    ("abs", &[], 0, absolute),
    ("attr", &["name"], 1, attribute),
    ("float", &["default"], 0, to_float),
    ("int", &["default", "base"], 0, to_int),
    ("round", &["precision", "method"], 0, round),
    ("d", &["default_value", "boolean"], 0, default),
    ("default", &["default_value", "boolean"], 0, default),
    ("as_bool", &[], 0, |state, value, _| {
        native(state, value, "bool")
    }),
    ("as_native", &[], 0, |state, value, _| {
        native(state, value, "any")
    }),
    ("as_number", &[], 0, |state, value, _| {
        native(state, value, "number")
    }),
    ("as_text", &[], 0, |_, value, _| Ok(value.clone())),
    ("is_list", &[], 0, |_, value, _| {
        Ok(Value::from(
            value.kind() == ValueKind::Seq && !value.is_tuple(),
        ))
    }),
];

/// Filters that the engine has as Jinja2 has them, and `format`, whose arguments are open.
const UPSTREAM: &[&str] = &[
    "format",
    "map",
    "reject",
    "rejectattr",
    "select",
    "selectattr",
];

/// Returns the names of all filters, for hints.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let own = TEXT
        .iter()
        .chain(sequences::FILTERS)
        .map(|(name, ..)| *name);
    own.chain(UPSTREAM.iter().copied())
}

/// Adds all filters to the engine.
pub(crate) fn add(environment: &mut Environment<'static>) {
    for (name, parameters, required, apply) in TEXT.iter().chain(sequences::FILTERS).copied() {
        environment.add_filter(
            name,
            move |state: &mut State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>| {
                apply(
                    state,
                    &value,
                    &bind(name, parameters, required, &args.into_values())?,
                )
            },
        );
    }
    environment.add_filter("format", |value: Value, args: Rest<ValueOrKwargs>| {
        let args = args.into_values();
        match args.split_last() {
            Some((named, [])) if named.is_kwargs() => formatted_by_name(&value, named),
            _ => modulo(&Value::from(text(&value)), &Value::from(Tuple::from(args))),
        }
    });
}

/// Replaces `%(name)s` by named values.
fn formatted_by_name(value: &Value, named: &Value) -> Result<Value, Error> {
    let pairs = named
        .as_object()
        .and_then(minijinja::value::DynObject::try_iter_pairs);
    modulo(
        &Value::from(text(value)),
        &dict(pairs.into_iter().flatten()),
    )
}

/// Returns the number of an argument, or `default` where it is not given.
pub(crate) fn count(value: Option<&Value>, default: i64) -> Result<i64, Error> {
    match value {
        None => Ok(default),
        Some(value) => {
            let number = value.as_i64();
            number.ok_or_else(|| {
                problem(format!(
                    "a whole number is needed, not {}",
                    kind_name(value)
                ))
            })
        }
    }
}

/// Returns the size of an argument, or `default` where it is not given; negative ones are 0.
pub(crate) fn size(value: Option<&Value>, default: usize) -> Result<usize, Error> {
    match value {
        None => Ok(default),
        given => Ok(usize::try_from(count(given, 0)?).unwrap_or(0)),
    }
}

/// Returns whether an argument is given and true.
pub(crate) fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_true)
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    first.unwrap_or_default() + &chars.as_str().to_lowercase()
}

/// Capitalizes words as Jinja2 does: they begin after blanks, `-` and opening brackets.
fn titled(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        match begins {
            true => titled.extend(c.to_uppercase()),
            false => titled.extend(c.to_lowercase()),
        }
        begins = c.is_whitespace() || "-({[<".contains(c);
    }
    titled
}

fn center(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let own = text(value);
    let width = size(args[0].as_ref(), 80)?;
    let missing = width.saturating_sub(own.chars().count());
    let left = missing / 2 + (missing & width & 1);
    Ok(Value::from(format!(
        "{}{own}{}",
        " ".repeat(left),
        " ".repeat(missing - left)
    )))
}

fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('\'', "&#39;").replace('"', "&#34;")
}

fn without_tags(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => plain.push(c),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn indent(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let by = match &args[0] {
        Some(by) if by.kind() == ValueKind::String => text(by),
        by => " ".repeat(size(by.as_ref(), 4)?),
    };
    let own = text(value);
    let mut out = String::new();
    for (index, line) in own.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let wanted = if index == 0 {
            is_set(args[1].as_ref())
        } else {
            !line.is_empty() || is_set(args[2].as_ref())
        };
        out.push_str(if wanted { &by } else { "" });
        out.push_str(line);
    }
    Ok(Value::from(out))
}

fn replace(
    state: &mut State<'_, '_>,
    value: &Value,
    args: &[Option<Value>],
) -> Result<Value, Error> {
    let word = |index: usize| args[index].as_ref().map(text).unwrap_or_default();
    let most = match &args[2] {
        Some(most) if !most.is_none() => Some(size(Some(most), 0)?),
        _ => None,
    };
    charged(state, replaced(&text(value), (&word(0), &word(1)), most)?)
}

fn trim(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let own = text(value);
    Ok(Value::from(match &args[0] {
        Some(chars) if !chars.is_none() => {
            let chars = text(chars);
            own.trim_matches(|c| chars.contains(c)).to_owned()
        }
        _ => own.trim().to_owned(),
    }))
}

fn truncate(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let own = text(value);
    let length = size(args[0].as_ref(), 255)?;
    let end = args[2].as_ref().map_or_else(|| "...".to_owned(), text);
    let leeway = size(args[3].as_ref(), 5)?;
    if own.chars().count() <= length + leeway {
        return Ok(Value::from(own));
    }
    let kept: String = own
        .chars()
        .take(length.saturating_sub(end.chars().count()))
        .collect();
    let kept = match is_set(args[1].as_ref()) {
        true => kept.as_str(),
        false => kept
            .rsplit_once(' ')
            .map_or(kept.as_str(), |(words, _)| words),
    };
    Ok(Value::from(format!("{kept}{end}")))
}

fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode = |byte: u8| {
        if keep(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

fn words(text: &str) -> usize {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .count()
}

/// Writes JSON as Jinja2's filter does: keys sorted, characters of HTML escaped.
fn tojson(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let indent = args[0].as_ref().filter(|value| !value.is_none());
    let indent = indent.map(|value| size(Some(value), 0)).transpose()?;
    let json = json_text(value, true, indent);
    let json = json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    Ok(Value::from(json.replace('\'', "\\u0027")))
}

fn absolute(_: &mut State<'_, '_>, value: &Value, _: &[Option<Value>]) -> Result<Value, Error> {
    if let Some(decimal) = Decimal::of(value) {
        return Ok(Value::from_object(decimal.abs()));
    }
    match value
        .as_i64()
        .filter(|_| value.is_integer() || value.kind() == ValueKind::Bool)
    {
        Some(number) => Ok(Value::from(number.saturating_abs())),
        None => match f64::try_from(value.clone()) {
            Ok(number) => Ok(Value::from(number.abs())),
            Err(_) => Err(problem(format!("`abs` of {}", kind_name(value)))),
        },
    }
}

fn to_float(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let number = match value.kind() {
        ValueKind::String => text(value).trim().replace('_', "").parse().ok(),
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        _ => match Decimal::of(value) {
            Some(decimal) => Some(decimal.float()),
            None => f64::try_from(value.clone()).ok(),
        },
    };
    let default = || args[0].clone().unwrap_or_else(|| Value::from(0.0));
    Ok(number.map_or_else(default, Value::from))
}

fn to_int(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let base = u32::try_from(count(args[1].as_ref(), 10)?)
        .unwrap_or(10)
        .clamp(2, 36);
    let number = match value.kind() {
        ValueKind::Bool => Some(i128::from(value.is_true())),
        ValueKind::String => {
            let own = text(value);
            let own = own.trim().replace('_', "");
            let digits = match base {
                16 => own.trim_start_matches("0x"),
                8 => own.trim_start_matches("0o"),
                2 => own.trim_start_matches("0b"),
                _ => &own,
            };
            i128::from_str_radix(digits, base)
                .ok()
                .or_else(|| own.parse().ok().and_then(whole))
        }
        _ if value.is_integer() => return Ok(value.clone()),
        _ if let Some(decimal) = Decimal::of(value) => Some(decimal.whole()),
        _ => f64::try_from(value.clone()).ok().and_then(whole),
    };
    let default = || args[0].clone().unwrap_or_else(|| Value::from(0));
    Ok(number.map_or_else(default, Value::from))
}

/// Cuts a float off towards zero; none when it has no such number.
fn whole(number: f64) -> Option<i128> {
    let fits = number.is_finite() && number.abs() < 1e38;
    fits.then_some(number.trunc() as i128)
}

/// Rounds as Python does: halves to the even digit, of the exact binary value.
fn round(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let precision = count(args[0].as_ref(), 0)?.clamp(-300, 300);
    let method = args[1].as_ref().map_or_else(|| "common".to_owned(), text);
    let decimal = Decimal::of(value);
    if let Some(decimal) = decimal.filter(|_| method == "common" && precision >= 0) {
        let places = usize::try_from(precision).unwrap_or(0);
        return Ok(Value::from_object(decimal.rounded(places)));
    }
    let number = match value.kind() {
        ValueKind::Bool => f64::from(u8::from(value.is_true())),
        _ if let Some(decimal) = decimal => decimal.float(),
        _ => f64::try_from(value.clone())
            .map_err(|_| problem(format!("`round` of {}", kind_name(value))))?,
    };
    let scale = 10f64.powi(precision as i32);
    Ok(match method.as_str() {
        "common" if value.is_integer() && precision >= 0 => value.clone(),
        "common" if precision >= 0 => {
            let digits = usize::try_from(precision).unwrap_or(0);
            Value::from(format!("{number:.digits$}").parse().unwrap_or(number))
        }
        "common" if value.is_integer() => {
            Value::from((number * scale).round_ties_even() as i64 * (1.0 / scale) as i64)
        }
        "common" => Value::from((number * scale).round_ties_even() / scale),
        "ceil" => Value::from((number * scale).ceil() / scale),
        "floor" => Value::from((number * scale).floor() / scale),
        _ => {
            return Err(problem(format!(
                "`round` has no method `{method}`: `common`, `ceil` or `floor`"
            )));
        }
    })
}

/// Returns whether a value is undefined, or what stands for an unknown name in the parse pass.
pub(crate) fn is_undefined(value: &Value) -> bool {
    value.is_undefined() || value.downcast_object_ref::<Absent>().is_some()
}

fn default(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    let missing = is_undefined(value) || is_set(args[1].as_ref()) && !value.is_true();
    Ok(match missing {
        true => args[0].clone().unwrap_or_else(|| Value::from("")),
        false => value.clone(),
    })
}

/// Reads a Python literal out of text where dbt renders YAML; in SQL text these filters do nothing, as in dbt. A text of another kind
/// stays, and fails only where it is all that is rendered.
fn native(state: &mut State<'_, '_>, value: &Value, wanted: &'static str) -> Result<Value, Error> {
    let run = current(state)?.run.clone();
    if !run.is_native() {
        return Ok(value.clone());
    }
    let own = text(value);
    let read = literal::read(state.env(), &own).unwrap_or_else(|| Value::from(own.as_str()));
    match (wanted, read.kind()) {
        ("any", _) | ("bool", ValueKind::Bool) | ("number", ValueKind::Number) => Ok(settled(read)),
        _ => {
            run.doubt(&own, if wanted == "bool" { "boolean" } else { wanted });
            Ok(Value::from(own))
        }
    }
}

/// Returns an attribute of an object; a dict's items are none.
fn attribute(_: &mut State<'_, '_>, value: &Value, args: &[Option<Value>]) -> Result<Value, Error> {
    match value.downcast_object_ref::<Dict>() {
        Some(_) => Ok(Value::UNDEFINED),
        None => value.get_attr(&args[0].as_ref().map(text).unwrap_or_default()),
    }
}

/// Formats a number of bytes as Jinja2's `filesizeformat`.
pub(crate) fn filesize(
    _: &mut State<'_, '_>,
    value: &Value,
    args: &[Option<Value>],
) -> Result<Value, Error> {
    let bytes = f64::try_from(value.clone())
        .map_err(|_| problem(format!("`filesizeformat` of {}", kind_name(value))))?;
    let (base, letters) = if is_set(args[0].as_ref()) {
        (1024.0, "KiMiGiTiPi")
    } else {
        (1000.0, "kMGTP")
    };
    if bytes < base {
        let unit = if bytes == 1.0 { "Byte" } else { "Bytes" };
        return Ok(Value::from(format!(
            "{} {unit}",
            float(bytes).trim_end_matches(".0")
        )));
    }
    let width = letters.len() / 5;
    let power = (bytes.ln() / f64::ln(base)).floor().clamp(1.0, 5.0) as usize;
    let size = bytes / base.powi(power as i32);
    Ok(Value::from(format!(
        "{size:.1} {}B",
        &letters[(power - 1) * width..power * width]
    )))
}
