//! The methods Python has on strings, and what is done about methods the engine does not know.

use minijinja::value::{Kwargs, Tuple, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat;

use super::charge::{charged, replaced};
use super::errors::problem;
use super::formatting;
use super::methods::{self, bind, one, unknown, whole};
use super::operators::bounded;
use super::scope;
use super::value::{dict, is_visible, list, repr, settled, text};

const STRING: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// Calls a method that the engine does not know: of strings, of undefined values in the parse pass, of the engine's own types.
pub(crate) fn of_other(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => of_string(state, value, method, args),
        ValueKind::Undefined | ValueKind::None if scope::is_lenient(state) => Ok(Value::UNDEFINED),
        ValueKind::Seq if value.is_tuple() => methods::of_tuple(value, method, args),
        ValueKind::Number if method == "is_integer" => {
            let number = f64::try_from(value.clone()).unwrap_or(f64::NAN);
            Ok(Value::from(number.fract() == 0.0))
        }
        ValueKind::Seq | ValueKind::Map => {
            pycompat::unknown_method_callback(state, value, method, args).map(settled)
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn of_string(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let own = value.as_str().unwrap_or_default();
    Ok(match method {
        "split" | "rsplit" => split(own, method, args)?,
        "splitlines" => list(own.lines()),
        "join" => return charged(state, joined(own, &one(method, args)?)?),
        "find" | "rfind" | "index" | "rindex" | "count" => sought(own, method, args)?,
        "maketrans" => maketrans(args)?,
        "translate" => translated(own, &one(method, args)?)?,
        "partition" | "rpartition" => partition(own, method, args)?,
        "ljust" | "rjust" | "center" | "zfill" => padded(own, method, args)?,
        "startswith" | "endswith" => Value::from(is_edge(own, method, args)?),
        "replace" => {
            let bound = bind(method, &["old", "new", "count"], 2, args)?;
            let word = |index: usize| bound[index].as_ref().map(text).unwrap_or_default();
            let most = whole(method, bound[2].as_ref())?;
            let most = most.and_then(|most| usize::try_from(most).ok());
            let result = replaced(own, (&word(0), &word(1)), most)?;
            return charged(state, result);
        }
        "title" => Value::from(titled(own)),
        "casefold" => Value::from(own.replace('ß', "ss").to_lowercase()),
        "format" => Value::from(formatting::format(state, own, args)?),
        "format_map" => {
            let named: Kwargs = methods::pairs(args)?
                .into_iter()
                .map(|(key, value)| (text(&key), value))
                .collect();
            Value::from(formatting::format(state, own, &[named.into()])?)
        }
        "isprintable" => Value::from(own.chars().all(is_visible)),
        "isdecimal" => Value::from(!own.is_empty() && own.chars().all(|c| c.is_ascii_digit())),
        "isidentifier" => Value::from(is_identifier(own)),
        "istitle" => Value::from(is_title(own)),
        "expandtabs" => Value::from(expanded(own, method, args)?),
        "swapcase" => Value::from(swapped(own)),
        "removeprefix" => Value::from(
            own.strip_prefix(text(&one(method, args)?).as_str())
                .unwrap_or(own),
        ),
        "removesuffix" => Value::from(
            own.strip_suffix(text(&one(method, args)?).as_str())
                .unwrap_or(own),
        ),
        _ => {
            let result = pycompat::unknown_method_callback(state, value, method, args);
            let missing = matches!(&result, Err(err) if err.kind() == ErrorKind::UnknownMethod);
            return if missing {
                Err(unknown("string", method, STRING))
            } else {
                result
            };
        }
    })
}

/// Joins strings with `own` between them.
fn joined(own: &str, items: &Value) -> Result<Value, Error> {
    let mut joined = String::new();
    for (index, item) in items.try_iter()?.enumerate() {
        let Some(item) = item.as_str().filter(|_| item.kind() == ValueKind::String) else {
            return Err(problem(format!(
                "`join` takes strings, item {index} is {}",
                repr(&item)
            )));
        };
        joined.push_str(if index > 0 { own } else { "" });
        joined.push_str(item);
        bounded(joined.len())?;
    }
    Ok(Value::from(joined))
}

/// Returns where a text stands in another, or in its characters from `start` to `end`, in characters; or how often.
fn sought(own: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(method, &["sub", "start", "end"], 1, args)?;
    let (start, part) = part(own, method, &bound[1..])?;
    let wanted = bound[0].as_ref().map(text).unwrap_or_default();
    let found = match method {
        "count" if wanted.is_empty() => return Ok(Value::from(part.chars().count() + 1)),
        "count" => return Ok(Value::from(part.matches(&wanted).count())),
        "find" | "index" => part.find(&wanted),
        _ => part.rfind(&wanted),
    };
    match found {
        Some(at) => Ok(Value::from(start + part[..at].chars().count())),
        None if method.ends_with("find") => Ok(Value::from(-1)),
        None => Err(problem(format!(
            "`{method}`: {} is not in {}",
            repr(&Value::from(wanted)),
            repr(&Value::from(own))
        ))),
    }
}

/// Cuts the characters from `start` to `end` out of a string, either of which may count from its end or be missing; returns
/// the first's place, too.
fn part(own: &str, method: &str, ends: &[Option<Value>]) -> Result<(usize, String), Error> {
    let n_characters = own.chars().count() as i64;
    let place = |at: Option<i64>, without: i64| match at.unwrap_or(without) {
        at if at < 0 => (n_characters + at).max(0),
        at => at.min(n_characters),
    };
    let start = place(whole(method, ends[0].as_ref())?, 0);
    let end = place(whole(method, ends[1].as_ref())?, n_characters);
    let length = usize::try_from(end - start).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or_default();
    Ok((start, own.chars().skip(start).take(length).collect()))
}

/// Returns whether a string may be a name in Python.
fn is_identifier(own: &str) -> bool {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    own.starts_with(|c: char| is_part(c) && !c.is_numeric()) && own.chars().all(is_part)
}

/// Returns whether every word of a string begins with a capital and goes on without one.
fn is_title(own: &str) -> bool {
    let mut is_inside = false;
    let mut has_letters = false;
    for c in own.chars() {
        if (c.is_uppercase() && is_inside) || (c.is_lowercase() && !is_inside) {
            return false;
        }
        is_inside = c.is_alphabetic();
        has_letters |= is_inside;
    }
    has_letters
}

/// Replaces tabs by spaces up to the next column that the tab size divides.
fn expanded(own: &str, method: &str, args: &[Value]) -> Result<String, Error> {
    let bound = bind(method, &["tabsize"], 0, args)?;
    let size = whole(method, bound[0].as_ref())?.unwrap_or(8).max(0);
    let size = usize::try_from(size).unwrap_or_default();
    let mut text = String::new();
    let mut column = 0;
    for c in own.chars() {
        match c {
            '\t' => {
                let width = if size == 0 { 0 } else { size - column % size };
                text.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            _ => {
                text.push(c);
                column = if c == '\n' { 0 } else { column + 1 };
            }
        }
    }
    Ok(text)
}

/// Returns whether a string, or its characters from `start` to `end`, begins or ends with one of some others.
fn is_edge(own: &str, method: &str, args: &[Value]) -> Result<bool, Error> {
    let bound = bind(method, &["prefix", "start", "end"], 1, args)?;
    let (_, part) = part(own, method, &bound[1..])?;
    let wanted = bound[0].clone().unwrap_or_default();
    let wanted: Vec<String> = match wanted.is_tuple() {
        true => wanted.try_iter()?.map(|each| text(&each)).collect(),
        false => vec![text(&wanted)],
    };
    Ok(wanted.iter().any(|edge| match method {
        "startswith" => part.starts_with(edge),
        _ => part.ends_with(edge),
    }))
}

/// Makes Python's table from characters to what stands for them: of a dict, or of two texts of one length and what is left out.
fn maketrans(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("maketrans", &["x", "y", "z"], 1, args)?;
    if let (Some(map), None) = (&bound[0], &bound[1]) {
        return Ok(map.clone());
    }
    let chars = |index: usize| bound[index].as_ref().map(text).unwrap_or_default();
    let (from, to, gone) = (chars(0), chars(1), chars(2));
    if from.chars().count() != to.chars().count() {
        return Err(problem("`maketrans` takes two texts of one length"));
    }
    let char = |c: char| Value::from(c.to_string());
    let pairs = from
        .chars()
        .zip(to.chars())
        .map(|(a, b)| (char(a), char(b)));
    let gone = gone.chars().map(|c| (char(c), Value::from(())));
    Ok(dict(pairs.chain(gone)))
}

/// Replaces each character by what the table says; by nothing where that is none.
fn translated(own: &str, table: &Value) -> Result<Value, Error> {
    let mut out = String::new();
    for c in own.chars() {
        let by_code = || table.get_item(&Value::from(u32::from(c)));
        let found = match table.get_item(&Value::from(c.to_string()))? {
            found if found.is_undefined() => by_code()?,
            found => found,
        };
        match found {
            found if found.is_undefined() => out.push(c),
            found if found.is_none() => {}
            found => match found.as_i64().map(u32::try_from) {
                Some(code) => out.extend(code.ok().and_then(char::from_u32)),
                None => out.push_str(&text(&found)),
            },
        }
    }
    Ok(Value::from(out))
}

fn partition(own: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let at = text(&one(method, args)?);
    let found = match method {
        "partition" => own.split_once(&at),
        _ => own.rsplit_once(&at),
    };
    let parts = match found {
        Some((before, after)) => [before, at.as_str(), after],
        None if method == "partition" => [own, "", ""],
        None => ["", "", own],
    };
    Ok(Value::from(Tuple::from(parts.map(Value::from))))
}

/// Swaps upper and lower case; some letters become two.
fn swapped(own: &str) -> String {
    let mut out = String::with_capacity(own.len());
    for c in own.chars() {
        match c.is_uppercase() {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
    }
    out
}

/// Begins every run of letters with a capital, as Python does.
fn titled(own: &str) -> String {
    let mut out = String::with_capacity(own.len());
    let mut is_inside = false;
    for c in own.chars() {
        match is_inside {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        is_inside = c.is_alphabetic();
    }
    out
}

fn split(own: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(method, &["sep", "maxsplit"], 0, args)?;
    let separator = bound[0].as_ref().filter(|value| !value.is_none()).map(text);
    let most = whole(method, bound[1].as_ref())?.and_then(|most| usize::try_from(most).ok());
    let mut parts: Vec<&str> = match (&separator, most, method == "split") {
        (Some(separator), _, _) if separator.is_empty() => {
            return Err(problem(format!("`{method}` by an empty string")));
        }
        (Some(separator), None, _) => own.split(separator.as_str()).collect(),
        (Some(separator), Some(most), true) => own.splitn(most + 1, separator.as_str()).collect(),
        (Some(separator), Some(most), false) => own.rsplitn(most + 1, separator.as_str()).collect(),
        (None, None, _) => own.split_whitespace().collect(),
        (None, Some(most), true) => words(own, most, |rest| {
            let rest = rest.trim_start();
            rest.find(char::is_whitespace)
                .map(|at| (&rest[..at], rest[at..].trim_start()))
                .unwrap_or((rest, ""))
        }),
        (None, Some(most), false) => words(own, most, |rest| {
            let rest = rest.trim_end();
            let at = rest.rfind(char::is_whitespace).map_or(0, |at| at + 1);
            (&rest[at..], rest[..at].trim_end())
        }),
    };
    if method == "rsplit" && most.is_some() {
        parts.reverse();
    }
    Ok(list(parts))
}

/// Takes at most `most` words with `next`, then the rest as it is.
fn words<'a>(
    own: &'a str,
    most: usize,
    next: impl Fn(&'a str) -> (&'a str, &'a str),
) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = own.trim();
    while !rest.is_empty() && parts.len() < most {
        let (word, after) = next(rest);
        parts.push(word);
        rest = after;
    }
    parts.extend((!rest.is_empty()).then_some(rest));
    parts
}

fn padded(own: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(method, &["width", "fillchar"], 1, args)?;
    let width = whole(method, bound[0].as_ref())?.unwrap_or(0);
    let missing = usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(own.chars().count());
    bounded(missing)?;
    let fill = bound[1].as_ref().map_or_else(|| " ".to_owned(), text);
    Ok(Value::from(match method {
        "ljust" => own.to_owned() + &fill.repeat(missing),
        "rjust" => fill.repeat(missing) + own,
        "zfill" => {
            let digits = own.strip_prefix(['-', '+']).unwrap_or(own);
            format!(
                "{}{}{digits}",
                &own[..own.len() - digits.len()],
                "0".repeat(missing)
            )
        }
        _ => {
            // CPython puts the odd space on the left when the width is odd.
            let left = missing / 2 + (missing & usize::try_from(width).unwrap_or(0) & 1);
            format!("{}{own}{}", fill.repeat(left), fill.repeat(missing - left))
        }
    }))
}
