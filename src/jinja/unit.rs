//! A compiled template and a compiled macro: the engine's program, the way back to the file, and the signature.

use std::sync::Arc;

use minijinja::{Environment, Error, Value};

use super::blocks::{Parameter, Source, as_u32};
use super::errors::{Failure, Named, explain, problem, raised};
use super::operators::MAX_SIZE;
use super::rewrite::{Rewritten, rewrite};
use super::tokens::{Kind, lex};
use super::value::{dict, list};
use crate::diagnostic::{At, Result};

/// The name of the one template in each environment.
const TEMPLATE: &str = "template";

/// What a template writes, up to a size that no SQL has.
#[derive(Default)]
struct Page(Vec<u8>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_SIZE {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One compiled template body.
#[derive(Debug)]
pub(crate) struct Unit {
    environment: Environment<'static>,
    /// The file it is from.
    pub(crate) source: Arc<Source>,
    rewritten: Rewritten,
    /// Its call blocks and local macros.
    pub(crate) inner: Vec<Arc<Routine>>,
}

impl Unit {
    /// Compiles bytes of a file; `defaults` are computed in front of the body.
    pub(crate) fn compile(
        base: &Environment<'static>,
        source: &Arc<Source>,
        range: std::ops::Range<usize>,
        defaults: &[Parameter],
    ) -> Result<Self> {
        let rewritten =
            rewrite(&source.text, range, defaults).map_err(|broken| source.broken(broken))?;
        Self::of(base, source, rewritten)
    }

    /// Compiles rewritten text of a file.
    pub(crate) fn of(
        base: &Environment<'static>,
        source: &Arc<Source>,
        mut rewritten: Rewritten,
    ) -> Result<Self> {
        let mut environment = base.clone();
        let text = std::mem::take(&mut rewritten.text);
        let mut unit = Self {
            environment: Environment::empty(),
            source: source.clone(),
            rewritten,
            inner: Vec::new(),
        };
        if let Err(error) = environment.add_template_owned(TEMPLATE, text) {
            return Err(unit.failure(&error, &|_| Vec::new()).into_error());
        }
        unit.environment = environment;
        for inner in std::mem::take(&mut unit.rewritten.inner) {
            let routine =
                Routine::compile(base, source, &inner.name, &inner.parameters, inner.body)?;
            unit.inner.push(Arc::new(routine));
        }
        Ok(unit)
    }

    /// Returns a copy that treats undefined values as dbt's parse pass does: attributes of them are undefined again.
    pub(crate) fn lenient(&self) -> Environment<'static> {
        let mut environment = self.environment.clone();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
        environment
    }

    /// Returns the engine with this template in it.
    pub(crate) fn environment(&self) -> &Environment<'static> {
        &self.environment
    }

    /// Renders the template and returns its text and how many steps it took.
    pub(crate) fn render(
        environment: &Environment<'static>,
        root: Value,
    ) -> Result<(String, u64), Error> {
        let mut page = Page::default();
        let template = environment.get_template(TEMPLATE)?;
        let steps = {
            let rendered = template.render_captured_to(root, &mut page)?;
            rendered.state().fuel_levels().map_or(0, |(used, _)| used)
        };
        let text = String::from_utf8(page.0).map_err(|err| problem(err.to_string()))?;
        Ok((text, steps))
    }

    /// Returns whether the template calls `name` itself.
    pub(crate) fn calls(&self, name: &str) -> bool {
        self.rewritten.called.contains(name)
    }

    /// Returns the place in the file that an error of the engine points at.
    fn place(&self, error: &Error) -> At {
        let start = self.rewritten.origin(0);
        match (error.range(), error.line()) {
            (Some(range), _) => self.source.at(self.rewritten.origin(range.start)),
            (None, line) => {
                let lines = line.unwrap_or(1).saturating_sub(1);
                self.source.line_after(start, as_u32(lines))
            }
        }
    }

    /// Makes the user's error of the engine's, with a place.
    pub(crate) fn failure(&self, error: &Error, known: &dyn Fn(Named) -> Vec<String>) -> Failure {
        let at = self.place(error);
        if let Some(failure) = raised(error) {
            return failure.at(&at);
        }
        let snippet = error.range().map_or("", |range| {
            let (start, end) = (
                self.rewritten.origin(range.start),
                self.rewritten.origin(range.end),
            );
            self.snippet(start, end)
        });
        Failure::new(explain(error, snippet, known)).at(&at)
    }

    /// Returns the source text of an expression, of which the engine may name only the last part: `.b` of `a.b`.
    fn snippet(&self, mut start: usize, end: usize) -> &str {
        let text = &self.source.text;
        if text[start..].starts_with('.') {
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            start = text[..start].trim_end_matches(part).len();
        }
        text.get(start..end)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default()
            .trim()
    }
}

/// A parameter's value where none is given.
#[derive(Debug)]
pub(crate) enum Fallback {
    /// Undefined, or computed by the body.
    Undefined,
    /// A constant.
    Constant(Value),
    /// A new empty list.
    List,
    /// A new empty dict.
    Dict,
}

impl Fallback {
    /// Returns the value, when it is known before the body runs.
    pub(crate) fn value(&self) -> Option<Value> {
        match self {
            Self::Undefined => None,
            Self::Constant(value) => Some(value.clone()),
            Self::List => Some(list(Vec::<Value>::new())),
            Self::Dict => Some(dict(Vec::<(Value, Value)>::new())),
        }
    }
}

/// A compiled macro or call block: its signature and its body.
#[derive(Debug)]
pub(crate) struct Routine {
    /// Its name; `caller` for a call block.
    pub(crate) name: String,
    /// Names of its parameters, in order.
    pub(crate) names: Vec<Arc<str>>,
    /// What each parameter is where it is not given.
    pub(crate) fallbacks: Vec<Fallback>,
    /// The signature as written, for messages.
    pub(crate) signature: String,
    /// Whether the body uses `varargs`, `kwargs`, `caller`.
    pub(crate) takes: [bool; 3],
    /// The body.
    pub(crate) unit: Arc<Unit>,
}

impl Routine {
    /// Compiles a macro's body with its parameters.
    pub(crate) fn compile(
        base: &Environment<'static>,
        source: &Arc<Source>,
        name: &str,
        parameters: &[Parameter],
        body: std::ops::Range<usize>,
    ) -> Result<Self> {
        let mut computed = Vec::new();
        let mut fallbacks = Vec::new();
        for parameter in parameters {
            let fallback = constant(base, &source.text, parameter);
            if fallback.is_none() && parameter.default.is_some() {
                computed.push(parameter.clone());
            }
            fallbacks.push(fallback.unwrap_or(Fallback::Undefined));
        }
        let unit = Unit::compile(base, source, body, &computed)?;
        let uses = |name: &str| unit.rewritten.names.contains(name);
        let written = parameters
            .iter()
            .map(|parameter| match parameter.default.clone() {
                Some(default) => format!("{}={}", parameter.name, &source.text[default]),
                None => parameter.name.clone(),
            });
        Ok(Self {
            name: name.to_owned(),
            names: parameters
                .iter()
                .map(|parameter| parameter.name.as_str().into())
                .collect(),
            fallbacks,
            signature: format!("{name}({})", written.collect::<Vec<_>>().join(", ")),
            takes: [uses("varargs"), uses("kwargs"), uses("caller")],
            unit: Arc::new(unit),
        })
    }
}

/// Returns a default that is a literal; any other is computed by the body at each call.
fn constant(base: &Environment<'static>, text: &str, parameter: &Parameter) -> Option<Fallback> {
    let range = parameter.default.clone()?;
    let written = &text[range.clone()];
    let (tokens, _) = lex(&text[..range.end], range.start, None).ok()?;
    let words: Vec<&str> = tokens
        .iter()
        .map(|token| &text[token.range.clone()])
        .collect();
    match words[..] {
        ["[", "]"] => return Some(Fallback::List),
        ["{", "}"] => return Some(Fallback::Dict),
        ["none" | "None" | "true" | "True" | "false" | "False"] => {}
        [_] if tokens[0].kind == Kind::Text || tokens[0].kind == Kind::Number => {}
        ["-", _] if tokens[1].kind == Kind::Number => {}
        _ => return None,
    }
    let value = base.compile_expression(written).ok()?.eval(()).ok()?;
    Some(Fallback::Constant(value))
}
