//! What a report's text can name, and how the template engine's errors become ours. With `value`, all that knows the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::args::Args;
use super::component::{COMPONENTS, Component};
use super::format::{self, Format};
use super::frame::{Cell, Frame};
use super::page::{Page, Slot};
use super::value::{arg_of, cell_of, json_value, rows_value};
use crate::diagnostic::{At, Diagnostic, Result, nearest};
use crate::project::nodes::Reference;

/// What `ref()`, `source()` and `var()` answer in every template of a report.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Relations, quoted for SQL.
    pub(super) relations: BTreeMap<Reference, String>,
    /// The project's variables.
    pub(super) vars: serde_json::Map<String, serde_json::Value>,
}

/// Filters that a slip of the keys may have meant: ours, and the engine's that a report needs most.
const FILTERS: &[&str] = &[
    "date",
    "default",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "map",
    "money",
    "number",
    "percent",
    "reject",
    "round",
    "selectattr",
    "sort",
    "sum",
    "title",
    "upper",
];

/// A query's rows under its name.
pub(super) type Rows = (String, Frame);

/// Where a byte offset of a template is in the user's file.
pub(super) type Places<'a> = &'a dyn Fn(usize) -> At;

/// An error of ours on its way through the engine, which can carry only its own.
type Raised = Arc<Mutex<Option<anyhow::Error>>>;

/// Renders a query's SQL.
///
/// # Errors
/// `Project`, with its place, when the template is wrong or names what is not there.
pub(super) fn sql(template: &str, names: &Names, places: Places<'_>) -> Result<String> {
    let raised = Raised::default();
    let env = environment(names, &raised);
    let rendered = env.render_named_str("sql", template, ());
    rendered.map_err(|err| diagnostic(&err, &raised, places, &[]))
}

/// Renders the text to Markdown; values and components are kept in `page`.
///
/// # Errors
/// As [`sql`], and what components answer.
pub(super) fn body(
    template: &str,
    names: &Names,
    queries: Vec<Rows>,
    page: Page,
    places: Places<'_>,
) -> Result<(String, Page)> {
    let raised = Raised::default();
    let known = known_names(&queries);
    let rendered = {
        let page = Arc::new(Mutex::new(page));
        let mut env = environment(names, &raised);
        dress(&mut env, &page, &raised);
        for (name, frame) in queries {
            env.add_global(name, rows_value(frame));
        }
        let markdown = env.render_named_str("text", template, ());
        drop(env);
        markdown.map(|markdown| (markdown, page))
    };
    match rendered {
        Err(err) => Err(diagnostic(&err, &raised, places, &known)),
        Ok((markdown, page)) => match Arc::try_unwrap(page) {
            Ok(page) => Ok((
                markdown,
                page.into_inner().unwrap_or_else(PoisonError::into_inner),
            )),
            Err(_) => Err(Diagnostic::new(
                crate::diagnostic::Kind::Bug,
                "the report's page is still in use",
            )
            .into()),
        },
    }
}

fn known_names(queries: &[Rows]) -> Vec<String> {
    let columns = queries.iter().flat_map(|(_, frame)| frame.columns.clone());
    queries
        .iter()
        .map(|(name, _)| name.clone())
        .chain(columns)
        .collect()
}

/// What SQL and text share.
fn environment(names: &Names, raised: &Raised) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_debug(true);
    env.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    // A report that never ends is stopped: a million steps render in well under a second.
    env.set_fuel(Some(50_000_000));
    let relations = Arc::new(names.relations.clone());
    let (known, slot) = (relations.clone(), raised.clone());
    env.add_function("ref", move |args: Rest<String>, options: Kwargs| {
        let version = options
            .get::<Option<Value>>("v")?
            .or(options.get::<Option<Value>>("version")?);
        let version = version.map(|version| version.to_string());
        let (package, name) = match &args.0[..] {
            [name] => (None, name.clone()),
            [package, name] => (Some(package.clone()), name.clone()),
            _ => {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    "`ref()` takes a model's name",
                ));
            }
        };
        relation(
            &known,
            &Reference::Ref {
                package,
                name,
                version,
            },
            &slot,
        )
    });
    let slot = raised.clone();
    env.add_function("source", move |source: String, table: String| {
        relation(&relations, &Reference::Source { source, table }, &slot)
    });
    env.add_function("fromjson", |text: &str| {
        let parsed = serde_json::from_str::<serde_json::Value>(text);
        parsed
            .map(|json| json_value(&json))
            .map_err(|err| Error::new(ErrorKind::InvalidOperation, format!("no JSON: {err}")))
    });
    let (vars, slot) = (names.vars.clone(), raised.clone());
    env.add_function("var", move |name: &str, default: Option<Value>| {
        match (vars.get(name), default) {
            (Some(value), _) => Ok(json_value(value)),
            (None, Some(default)) => Ok(default),
            (None, None) => {
                let err = Diagnostic::project(format!("there is no variable `{name}`"));
                let hint = match nearest(name, vars.keys().map(String::as_str)) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("add it under `vars:`, or give a default: var('{name}', …)"),
                };
                Err(raise(&slot, err.hint(hint).into()))
            }
        }
    });
    env
}

fn relation(
    known: &BTreeMap<Reference, String>,
    reference: &Reference,
    raised: &Raised,
) -> Result<String, Error> {
    match known.get(reference) {
        Some(relation) => Ok(relation.clone()),
        None => Err(raise(raised, unknown_reference(reference, known.keys()))),
    }
}

/// Says that nothing of the project has this name, with the nearest.
pub(super) fn unknown_reference<'a>(
    reference: &Reference,
    known: impl Iterator<Item = &'a Reference>,
) -> anyhow::Error {
    let known = known.map(Reference::to_string).collect::<Vec<_>>();
    let err = Diagnostic::project(format!("`{reference}` names nothing in this project"));
    match nearest(&reference.to_string(), known.iter().map(String::as_str)) {
        Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
        None => err.into(),
    }
}

/// Adds what only the text has: components, formats, and values that never become markup.
fn dress(env: &mut Environment<'static>, page: &Arc<Mutex<Page>>, raised: &Raised) {
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
    {
        env.set_syntax(syntax);
    }
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    let shared = page.clone();
    env.set_formatter(move |out, _state, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        if value.is_safe() {
            return Ok(out.write_str(value.as_str().unwrap_or_default())?);
        }
        let text = match cell_of(value) {
            Some(cell) => Format::default().cell(&cell),
            None => value.to_string(),
        };
        let word = lock(&shared).keep(Slot::Text(text));
        Ok(out.write_str(&word)?)
    });
    for component in COMPONENTS {
        let (shared, slot) = (page.clone(), raised.clone());
        env.add_function(component.name, move |args: Rest<Value>, named: Kwargs| {
            call(component, &args.0, &named, &shared).map_err(|err| raise(&slot, err))
        });
    }
    for name in ["number", "percent", "money"] {
        let (shared, slot) = (page.clone(), raised.clone());
        env.add_filter(name, move |value: Value, decimals: Option<usize>| {
            let name = decimals.map_or(name.to_string(), |decimals| format!("{name}{decimals}"));
            written(&value, &lock(&shared), &name).map_err(|err| raise(&slot, err))
        });
    }
    let slot = raised.clone();
    env.add_filter("date", move |value: Value, pattern: Option<String>| {
        dated(&value, &pattern.unwrap_or_else(|| "%-d %B %Y".into()))
            .map_err(|err| raise(&slot, err))
    });
}

fn call(
    component: &'static Component,
    args: &[Value],
    named: &Kwargs,
    page: &Arc<Mutex<Page>>,
) -> Result<Value> {
    let mut page = lock(page);
    let positional = args
        .iter()
        .map(|value| arg_of(value, &page))
        .collect::<Result<Vec<_>>>()?;
    let mut given = BTreeMap::new();
    for name in named.args() {
        let value = named.get::<Value>(name).unwrap_or_default();
        given.insert(name.to_string(), arg_of(&value, &page)?);
    }
    let args = Args::new(component.name, component.positional, positional, given)?;
    let slot = (component.draw)(&mut page, args)?;
    Ok(Value::from_safe_string(page.keep(slot)))
}

fn written(value: &Value, page: &Page, format: &str) -> Result<String> {
    let format = page.format(Some(format.into()))?;
    match cell_of(value) {
        Some(cell) if cell.is_numeric() => Ok(format.cell(&cell)),
        _ => Err(Diagnostic::project(format!("`{value}` is no number"))
            .hint("cast it in the query")
            .into()),
    }
}

fn dated(value: &Value, pattern: &str) -> Result<String> {
    match cell_of(value) {
        Some(Cell::Null) => Ok(format::MISSING.into()),
        Some(Cell::Text(text)) if Cell::Text(text.clone()).instant().is_some() => {
            format::date(&text, pattern).ok_or_else(|| {
                Diagnostic::project(format!("`{pattern}` is no pattern of dates"))
                    .hint("as in '%-d %B %Y'")
                    .into()
            })
        }
        _ => Err(Diagnostic::project(format!("`{value}` is no date"))
            .hint("cast it to DATE in the query")
            .into()),
    }
}

fn lock(page: &Arc<Mutex<Page>>) -> MutexGuard<'_, Page> {
    page.lock().unwrap_or_else(PoisonError::into_inner)
}

fn raise(raised: &Raised, err: anyhow::Error) -> Error {
    let text = err.to_string();
    *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(err);
    Error::new(ErrorKind::InvalidOperation, text)
}

/// Turns the engine's error into ours, with its place; one of ours that it carried comes out as it went in.
fn diagnostic(err: &Error, raised: &Raised, places: Places<'_>, known: &[String]) -> anyhow::Error {
    let (start, code) = offending(err);
    let at = places(start);
    let ours = raised.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(ours) = ours {
        return match ours.downcast::<Diagnostic>() {
            Ok(ours) => ours.at(&at).into(),
            Err(other) => other,
        };
    }
    let last_of = |text: &str| {
        let mut words = text.rsplit(|c: char| !c.is_alphanumeric() && c != '_');
        words
            .find(|word| !word.is_empty())
            .unwrap_or_default()
            .to_string()
    };
    // The engine's detail is `chrt is unknown` or `filter numbr is unknown`.
    let named = last_of(
        err.detail()
            .and_then(|detail| detail.strip_suffix(" is unknown"))
            .unwrap_or_default(),
    );
    let functions = COMPONENTS
        .iter()
        .map(|component| component.name)
        .chain(["fromjson", "ref", "source", "var"]);
    let (what, near) = match (err.kind(), err.detail()) {
        (ErrorKind::UndefinedError, _) if !code.is_empty() => (
            format!("`{code}` is undefined"),
            nearest(&last_of(code), known.iter().map(String::as_str)),
        ),
        (ErrorKind::UnknownFunction, _) if !named.is_empty() => (
            format!("there is no function `{named}`"),
            nearest(&named, functions),
        ),
        (ErrorKind::UnknownFilter, _) if !named.is_empty() => (
            format!("there is no filter `{named}`"),
            nearest(&named, FILTERS.iter().copied()),
        ),
        (kind, Some(detail)) => (format!("{kind}: {detail}"), None),
        (kind, None) => (kind.to_string(), None),
    };
    let err = Diagnostic::project(what).at(&at);
    match near {
        Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
        None => err.into(),
    }
}

/// Returns where the failing expression begins, and its text, as far as the engine knows them.
///
/// Of `top[0].name` the engine points at `[0].name`: what stands before is part of it.
fn offending(err: &Error) -> (usize, &str) {
    let (Some(range), Some(source)) = (err.range(), err.template_source()) else {
        return (0, "");
    };
    let before = source.get(..range.start).unwrap_or_default();
    let belongs = |c: char| c.is_alphanumeric() || "_.[]'\"".contains(c);
    let start = match source.get(range.clone()) {
        Some(code) if code.starts_with(['.', '[']) => before.trim_end_matches(belongs).len(),
        _ => range.start,
    };
    (start, source.get(start..range.end).unwrap_or_default())
}
