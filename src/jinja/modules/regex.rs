//! Python's `re` on `fancy-regex`.

use std::fmt;
use std::sync::Arc;

use fancy_regex::{Captures, Regex};
use minijinja::value::{Object, ObjectRepr, Tuple};
use minijinja::{Error, State, Value};

use super::{Function, Module};
use crate::jinja::errors::problem;
use crate::jinja::methods::{bind, unknown};
use crate::jinja::value::{dict, list, repr, text};

/// Python's flags and the letters they are in a pattern.
const FLAGS: &[(&str, i64, &str)] = &[
    ("IGNORECASE", 2, "i"),
    ("I", 2, "i"),
    ("MULTILINE", 8, "m"),
    ("M", 8, "m"),
    ("DOTALL", 16, "s"),
    ("S", 16, "s"),
    ("VERBOSE", 64, "x"),
    ("X", 64, "x"),
    ("ASCII", 256, ""),
    ("A", 256, ""),
    ("UNICODE", 32, ""),
    ("U", 32, ""),
];

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    written: String,
    regex: Regex,
}

impl Pattern {
    fn compile(written: &str, flags: i64) -> Result<Arc<Self>, Error> {
        let mut letters = String::new();
        for (_, bit, letter) in FLAGS {
            if flags & bit != 0 && !letters.contains(letter) {
                letters.push_str(letter);
            }
        }
        // Python's `\Z` is the very end of the text.
        let own = written.replace("\\Z", "\\z");
        let pattern = match letters.is_empty() {
            true => own,
            false => format!("(?{letters}){own}"),
        };
        let regex = Regex::new(&pattern).map_err(|err| {
            problem(format!(
                "the pattern {} cannot be read: {err}",
                repr(&Value::from(written))
            ))
        })?;
        Ok(Arc::new(Self {
            written: written.to_owned(),
            regex,
        }))
    }

    /// Reads a pattern that is text or compiled.
    fn of(value: Option<&Value>, flags: Option<&Value>) -> Result<Arc<Self>, Error> {
        let value = value.cloned().unwrap_or_default();
        match value.downcast_object::<Self>() {
            Some(compiled) => Ok(compiled),
            None => Self::compile(&text(&value), flags.and_then(Value::as_i64).unwrap_or(0)),
        }
    }

    fn captures<'t>(&self, given: &'t str) -> Result<Vec<Captures<'t>>, Error> {
        let found: Result<Vec<_>, _> = self.regex.captures_iter(given).collect();
        found.map_err(|err| {
            problem(format!(
                "the pattern `{}` takes too long: {err}",
                self.written
            ))
        })
    }

    fn first(&self, given: &str, fits: fn(usize, usize, usize) -> bool) -> Result<Value, Error> {
        for found in self.captures(given)? {
            let whole = found
                .get(0)
                .map_or((0, 0), |whole| (whole.start(), whole.end()));
            if fits(whole.0, whole.1, given.len()) {
                return Ok(Value::from_object(Match::of(&self.regex, given, &found)));
            }
            if whole.0 > 0 {
                break;
            }
        }
        Ok(Value::from(()))
    }

    fn find_all(&self, given: &str) -> Result<Value, Error> {
        let group = |found: &Captures<'_>, index: usize| {
            Value::from(found.get(index).map_or("", |group| group.as_str()))
        };
        let found = self.captures(given)?;
        Ok(list(found.iter().map(|found| {
            match found.len() {
                1 => group(found, 0),
                2 => group(found, 1),
                count => Value::from(Tuple::from(
                    (1..count)
                        .map(|index| group(found, index))
                        .collect::<Vec<_>>(),
                )),
            }
        })))
    }

    fn substitute(
        &self,
        state: &mut State<'_, '_>,
        with: &Value,
        given: &str,
        most: usize,
    ) -> Result<(String, usize), Error> {
        let mut out = String::new();
        let (mut at, mut count) = (0, 0);
        for found in self.captures(given)? {
            let Some(whole) = found.get(0).filter(|_| most == 0 || count < most) else {
                break;
            };
            out.push_str(&given[at..whole.start()]);
            match with.as_str() {
                Some(template) => expand(template, &found, &mut out),
                None => {
                    let found = Value::from_object(Match::of(&self.regex, given, &found));
                    out.push_str(&text(&with.call(state, &[found])?));
                }
            }
            at = whole.end();
            count += 1;
        }
        out.push_str(&given[at..]);
        Ok((out, count))
    }

    fn split(&self, given: &str, most: usize) -> Result<Value, Error> {
        let mut parts = Vec::new();
        let mut at = 0;
        for (index, found) in self.captures(given)?.into_iter().enumerate() {
            let Some(whole) = found.get(0).filter(|_| most == 0 || index < most) else {
                break;
            };
            parts.push(Value::from(&given[at..whole.start()]));
            let groups = (1..found.len())
                .map(|index| Value::from(found.get(index).map(|group| group.as_str())));
            parts.extend(groups);
            at = whole.end();
        }
        parts.push(Value::from(&given[at..]));
        Ok(list(parts))
    }

    /// Calls `search`, `sub` and their like; `args` are those after the pattern.
    fn apply(
        &self,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let word = |value: &Option<Value>| value.as_ref().map(text).unwrap_or_default();
        match method {
            "sub" | "subn" => {
                let bound = bind(method, &["repl", "string", "count", "flags"], 2, args)?;
                let most = bound[2].as_ref().and_then(Value::as_usize).unwrap_or(0);
                let with = bound[0].clone().unwrap_or_default();
                let (made, count) = self.substitute(state, &with, &word(&bound[1]), most)?;
                return Ok(match method {
                    "sub" => Value::from(made),
                    _ => Value::from(Tuple::from([Value::from(made), Value::from(count)])),
                });
            }
            "split" => {
                let bound = bind(method, &["string", "maxsplit", "flags"], 1, args)?;
                let most = bound[1].as_ref().and_then(Value::as_usize).unwrap_or(0);
                return self.split(&word(&bound[0]), most);
            }
            _ => {}
        }
        let given = word(&bind(method, &["string", "flags"], 1, args)?[0]);
        match method {
            "search" => self.first(&given, |_, _, _| true),
            "match" => self.first(&given, |start, _, _| start == 0),
            "fullmatch" => {
                let whole = Self::compile(&format!("(?:{})\\z", self.regex.as_str()), 0)?;
                whole.first(&given, |start, end, length| start == 0 && end == length)
            }
            "findall" => self.find_all(&given),
            "finditer" => {
                let found = self.captures(&given)?;
                Ok(list(found.iter().map(|found| {
                    Value::from_object(Match::of(&self.regex, &given, found))
                })))
            }
            _ => Err(unknown("pattern", method, METHODS)),
        }
    }
}

const METHODS: &[&str] = &[
    "findall",
    "finditer",
    "fullmatch",
    "match",
    "search",
    "split",
    "sub",
    "subn",
];

/// Writes a replacement: `\1`, `\g<name>`, `\n`.
fn expand(template: &str, found: &Captures<'_>, out: &mut String) {
    let mut rest = template;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some((name, after)) = rest
            .strip_prefix("g<")
            .and_then(|rest| rest.split_once('>'))
        {
            let group = match name.parse::<usize>() {
                Ok(index) => found.get(index),
                Err(_) => found.name(name),
            };
            out.push_str(group.map_or("", |group| group.as_str()));
            rest = after;
            continue;
        }
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            let group = rest[..digits]
                .parse()
                .ok()
                .and_then(|index| found.get(index));
            out.push_str(group.map_or("", |group| group.as_str()));
            rest = &rest[digits..];
            continue;
        }
        let mut chars = rest.chars();
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('\\') | None => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

impl Object for Pattern {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "pattern").then(|| Value::from(&self.written))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        self.apply(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "re.compile({})", repr(&Value::from(&self.written)))
    }
}

/// A group: its name, and its first character and the one after its last, where it was found.
type Group = (Option<String>, Option<(usize, usize)>);

/// What was found: groups with their places in characters.
#[derive(Debug)]
struct Match {
    given: String,
    groups: Vec<Group>,
}

impl Match {
    fn of(regex: &Regex, given: &str, found: &Captures<'_>) -> Self {
        let chars = |at: usize| given[..at].chars().count();
        let names = regex.capture_names().map(|name| name.map(str::to_owned));
        let places = (0..found.len()).map(|index| {
            let group = found.get(index)?;
            Some((chars(group.start()), chars(group.end())))
        });
        Self {
            given: given.to_owned(),
            groups: names.zip(places).collect(),
        }
    }

    fn index(&self, key: &Value) -> Option<usize> {
        match key.as_str() {
            Some(name) => self
                .groups
                .iter()
                .position(|(own, _)| own.as_deref() == Some(name)),
            None => key.as_usize().filter(|index| *index < self.groups.len()),
        }
    }

    fn group(&self, index: usize) -> Value {
        let place = self.groups.get(index).and_then(|(_, place)| *place);
        Value::from(place.map(|(start, end)| {
            let text = self.given.chars().skip(start).take(end - start);
            text.collect::<String>()
        }))
    }

    fn place(&self, args: &[Value]) -> Result<(i64, i64), Error> {
        let index = match args.first() {
            Some(key) => self
                .index(key)
                .ok_or_else(|| problem("there is no such group"))?,
            None => 0,
        };
        let (start, end) = self.groups[index]
            .1
            .map_or((-1, -1), |(start, end)| (start as i64, end as i64));
        Ok((start, end))
    }
}

impl Object for Match {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("string") => Some(Value::from(&self.given)),
            _ => self.index(key).map(|index| self.group(index)),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let all = || (1..self.groups.len()).map(|index| self.group(index));
        Ok(match method {
            "group" => {
                let mut found = Vec::new();
                for key in args {
                    let index = self.index(key);
                    let index =
                        index.ok_or_else(|| problem(format!("there is no group {}", repr(key))))?;
                    found.push(self.group(index));
                }
                match found.len() {
                    0 => self.group(0),
                    1 => found.remove(0),
                    _ => Value::from(Tuple::from(found)),
                }
            }
            "groups" => Value::from(Tuple::from(all().collect::<Vec<_>>())),
            "groupdict" => {
                let named = self.groups.iter().enumerate();
                dict(
                    named.filter_map(|(index, (name, _))| Some((name.clone()?, self.group(index)))),
                )
            }
            "start" => Value::from(self.place(args)?.0),
            "end" => Value::from(self.place(args)?.1),
            "span" => {
                let (start, end) = self.place(args)?;
                Value::from(Tuple::from([Value::from(start), Value::from(end)]))
            }
            _ => {
                return Err(unknown(
                    "match",
                    method,
                    &["end", "group", "groupdict", "groups", "span", "start"],
                ));
            }
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self
            .groups
            .first()
            .and_then(|(_, place)| *place)
            .unwrap_or((0, 0));
        write!(
            f,
            "<re.Match object; span=({start}, {end}), match={}>",
            repr(&self.group(0))
        )
    }
}

/// Calls a function of the module: the pattern is its first argument, flags its last.
fn of_module(state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
    let Some((pattern, rest)) = args.split_first() else {
        return Err(problem(format!("`{method}` needs a pattern")));
    };
    let flags = match method {
        "sub" | "subn" => bind(method, &["repl", "string", "count", "flags"], 2, rest)?[3].clone(),
        "split" => bind(method, &["string", "maxsplit", "flags"], 1, rest)?[2].clone(),
        _ => bind(method, &["string", "flags"], 1, rest)?[1].clone(),
    };
    Pattern::of(Some(pattern), flags.as_ref())?.apply(state, method, rest)
}

fn compile(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("compile", &["pattern", "flags"], 1, args)?;
    Pattern::of(bound[0].as_ref(), bound[1].as_ref()).map(Value::from_dyn_object)
}

fn escape(_: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let given = bind("escape", &["pattern"], 1, args)?[0]
        .as_ref()
        .map(text)
        .unwrap_or_default();
    let mut out = String::new();
    for c in given.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    Ok(Value::from(out))
}

/// Returns `modules.re`.
pub(super) fn module() -> Value {
    const FUNCTIONS: &[(&str, Function)] = &[
        ("compile", compile),
        ("escape", escape),
        ("findall", |state, args| of_module(state, "findall", args)),
        ("finditer", |state, args| of_module(state, "finditer", args)),
        ("fullmatch", |state, args| {
            of_module(state, "fullmatch", args)
        }),
        ("match", |state, args| of_module(state, "match", args)),
        ("search", |state, args| of_module(state, "search", args)),
        ("split", |state, args| of_module(state, "split", args)),
        ("sub", |state, args| of_module(state, "sub", args)),
        ("subn", |state, args| of_module(state, "subn", args)),
    ];
    Value::from_object(Module {
        name: "module 're'",
        make: None,
        functions: FUNCTIONS,
        constants: |name| {
            let flag = FLAGS.iter().find(|(known, ..)| *known == name);
            flag.map(|(_, bit, _)| Value::from(*bit))
        },
    })
}
