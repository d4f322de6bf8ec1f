//! Errors between the template engine and `wh`: a diagnostic raised by a function comes through unchanged, the engine's own
//! errors become diagnostics with the file's place and a note for each macro call around it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use minijinja::{Error, ErrorKind, Value};

use crate::diagnostic::{At, Diagnostic, nearest};

/// An error of ours on its way out of a rendering.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    /// What was being called, for the caller to say where it called it.
    called: Option<String>,
    /// The calls around the error, innermost first.
    calls: Vec<String>,
}

/// Most calls that an error shows.
const MAX_CALLS: usize = 12;

impl Failure {
    /// Begins with an error.
    pub(crate) fn new(error: impl Into<anyhow::Error>) -> Self {
        Self {
            error: error.into(),
            called: None,
            calls: Vec::new(),
        }
    }

    /// Adds the place in a template that the error comes out of: the innermost is the error's own.
    pub(crate) fn at(mut self, at: &At) -> Self {
        if let Some(called) = self.called.take() {
            self.calls.push(format!("in {called}, called at {at}"));
        }
        self.error = match self.error.downcast::<Diagnostic>() {
            Ok(diagnostic) => diagnostic.at(at).into(),
            Err(other) => other,
        };
        self
    }

    /// Makes the engine's error of it; `called` names what it comes out of.
    pub(crate) fn raise(mut self, called: Option<String>) -> Error {
        self.called = called;
        Error::new(ErrorKind::InvalidOperation, "raised")
            .with_source(Raised(Mutex::new(Some(self))))
    }

    /// Returns the error, with the calls around it.
    pub(crate) fn into_error(self) -> anyhow::Error {
        let mut calls = self.calls;
        if calls.len() > MAX_CALLS {
            let hidden = calls.len() - MAX_CALLS;
            let half = MAX_CALLS / 2;
            calls.splice(half..half + hidden, [format!("… {hidden} more calls")]);
        }
        match self.error.downcast::<Diagnostic>() {
            Ok(diagnostic) => calls.into_iter().fold(diagnostic, Diagnostic::note).into(),
            Err(other) => other,
        }
    }
}

/// Carries a failure through the engine.
#[derive(Debug)]
struct Raised(Mutex<Option<Failure>>);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error of a function")
    }
}

impl std::error::Error for Raised {}

/// Makes the engine's error of ours, for functions that templates call. A [`Diagnostic`] without a place gets that of the call.
pub fn raise(error: impl Into<anyhow::Error>) -> Error {
    Failure::new(error).raise(None)
}

/// Raises an error of the project in one sentence.
pub(crate) fn problem(what: impl Into<String>) -> Error {
    raise(Diagnostic::project(what))
}

/// Takes the error of ours out of the engine's, when there is one.
pub(crate) fn raised(error: &Error) -> Option<Failure> {
    let raised = std::error::Error::source(error)?.downcast_ref::<Raised>()?;
    raised
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

/// Carries the value of `return(…)` out of the macro.
#[derive(Debug)]
struct Returned(Value);

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`return` outside a macro")
    }
}

impl std::error::Error for Returned {}

/// Makes the error that ends a macro with a value.
pub(crate) fn returning(value: Value) -> Error {
    Error::new(ErrorKind::InvalidOperation, "`return` outside a macro").with_source(Returned(value))
}

/// Returns the value of `return(…)` when the error is one.
pub(crate) fn returned(error: &Error) -> Option<Value> {
    let returned = std::error::Error::source(error)?.downcast_ref::<Returned>()?;
    Some(returned.0.clone())
}

/// Makes a diagnostic of the engine's own error. `snippet` is the source text it points at, `known` the names in reach.
pub(crate) fn explain(
    error: &Error,
    snippet: &str,
    known: &dyn Fn(Named) -> Vec<String>,
) -> Diagnostic {
    let detail = error.detail().unwrap_or_default();
    let named = |what: Named, kind: &str, rest: &str| {
        let name = detail
            .trim_start_matches(rest)
            .trim_end_matches(" is unknown");
        let diagnostic = Diagnostic::project(format!("`{name}` is no {kind}"));
        let known = known(what);
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None if what == Named::Function => {
                diagnostic.hint("check the name; a macro of a package is there after `wh deps`")
            }
            None => diagnostic,
        }
    };
    if returned(error).is_some() {
        return Diagnostic::project("`return` stands outside a macro");
    }
    let callee = snippet.split('(').next().unwrap_or_default().trim();
    match error.kind() {
        ErrorKind::UnknownFunction => named(Named::Function, "macro or function", ""),
        ErrorKind::UnknownFilter => named(Named::Filter, "filter", "filter "),
        ErrorKind::UnknownTest => named(Named::Test, "test", "test "),
        ErrorKind::UndefinedError => {
            let name = owner(snippet);
            let undefined = Diagnostic::project(format!("`{name}` is undefined"));
            let known = known(Named::Function);
            match nearest(name, known.iter().map(String::as_str)) {
                Some(near) if near != name => undefined.hint(format!("did you mean `{near}`?")),
                _ => undefined,
            }
        }
        ErrorKind::UnknownMethod if detail.starts_with("undefined") => {
            Diagnostic::project(format!("`{}` is undefined", owner(callee)))
        }
        ErrorKind::UnknownMethod if detail.starts_with("none") => {
            Diagnostic::project(format!("`{}` is none, which has no methods", owner(callee)))
        }
        ErrorKind::OutOfFuel => endless(),
        ErrorKind::WriteFailure => {
            Diagnostic::project("the template writes more than 100 million characters")
                .hint("look for a loop or a recursion that does not end")
        }
        ErrorKind::TooManyArguments if detail.is_empty() => {
            Diagnostic::project(format!("`{callee}` is called with too many arguments"))
        }
        ErrorKind::MissingArgument if detail.is_empty() => {
            Diagnostic::project(format!("`{callee}` is called with too few arguments"))
        }
        ErrorKind::InvalidOperation if detail == "value of type undefined is not callable" => {
            Diagnostic::project(format!("`{callee}` is undefined, so it cannot be called"))
        }
        ErrorKind::SyntaxError if detail.contains("expected end of block") => Diagnostic::project(
            "the template ends within a block that is never closed",
        )
        .hint("close every `{% if %}` by `{% endif %}`, every `{% for %}` by `{% endfor %}`"),
        ErrorKind::SyntaxError => {
            Diagnostic::project(format!("this cannot be read: {}", plain(detail)))
        }
        ErrorKind::InvalidOperation if detail.starts_with("tried to use ") => {
            Diagnostic::project(operation(detail))
        }
        kind if detail.is_empty() => Diagnostic::project(format!("{kind} in `{snippet}`")),
        _ => Diagnostic::project(plain(detail)),
    }
}

/// Rewords `tried to use + operator on unsupported types string and number`.
fn operation(detail: &str) -> String {
    let words = detail.trim_start_matches("tried to use ");
    let (sign, types) = words
        .split_once(" operator on unsupported types ")
        .unwrap_or((words, ""));
    let (left, right) = types.split_once(" and ").unwrap_or((types, ""));
    undefined_operation(sign, type_name(left), type_name(right))
}

/// Says that an operator does not take values of two types.
pub(crate) fn undefined_operation(sign: &str, left: &str, right: &str) -> String {
    format!("`{sign}` is not defined for {left} and {right}")
}

/// Names one of the engine's types as people who know Python do.
pub(crate) fn type_name(kind: &str) -> &str {
    match kind {
        "undefined" => "an undefined value",
        "bool" => "a boolean",
        "number" => "a number",
        "string" => "a string",
        "sequence" | "iterator" => "a list",
        "map" => "a dict",
        "plain object" => "an object",
        other => other,
    }
}

/// Which names a hint is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// Macros and functions.
    Function,
    /// Filters.
    Filter,
    /// Tests: `is …`.
    Test,
}

/// Makes the error of a template that does not end.
pub(crate) fn endless() -> Diagnostic {
    Diagnostic::project("the template takes more than 100 million steps")
        .hint("look for a loop or a recursion that does not end")
}

/// Removes names of our own from a message of the engine, and its capital letters.
fn plain(detail: &str) -> String {
    let comparisons = super::grammar::COMPARISONS.iter().map(|(name, ..)| name);
    [
        "__wh_list",
        "__wh_dict",
        "__wh_value",
        "__wh_each",
        "__wh_add",
        "__wh_concat",
        "__wh_mod",
        "__wh_neg",
        "__wh_chain",
        "__wh_sub",
        "__wh_mul",
        "__wh_floordiv",
        "__wh_div",
        "__wh_block",
    ]
    .iter()
    .chain(comparisons)
    .fold(detail.to_owned(), |text, name| {
        text.replace(name, "the expression")
    })
}

/// Returns what is undefined: in `a.b.c` with `a.b` undefined the engine points at the whole.
fn owner(snippet: &str) -> &str {
    let end = match snippet.strip_suffix(']') {
        Some(_) => snippet.rfind('['),
        None => snippet.rfind('.'),
    };
    snippet[..end.unwrap_or(snippet.len())].trim()
}
