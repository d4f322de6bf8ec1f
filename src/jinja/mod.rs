//! dbt's Jinja dialect on minijinja: macros of packages, `return`, mutable lists and dicts, errors with places. Knows no project,
//! no warehouse and no function of dbt's context: who renders brings them as [`Globals`].

mod ambient;
mod blocks;
mod calls;
mod charge;
mod checks;
mod decimal;
mod engine;
mod errors;
mod filters;
mod formatting;
mod globals;
mod grammar;
mod kind;
mod library;
mod lineage;
mod literal;
mod methods;
mod misfit;
pub mod modules;
mod operators;
mod overrule;
mod rewrite;
mod scope;
mod sequences;
mod set;
mod strings;
mod tokens;
mod trace;
mod unit;
mod value;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use minijinja::Value;
use minijinja::{Environment, Error};

pub use self::ambient::absent;
pub use self::blocks::{Block, BlockKind, Parameter, Source, blocks, is_template};
pub use self::calls::{keywords_of, only_calls};
pub use self::decimal::Decimal;
pub use self::errors::raise;
pub use self::globals::Globals;
pub use self::kind::{kind, kind_named};
pub use self::library::{Dispatch, Library, Macro};
pub use self::lineage::Call;
pub use self::methods::{bind, unknown as unknown_method};
pub use self::overrule::{answering, overlaid, with_entry};
pub use self::scope::{package_of, render_here};
pub use self::set::set;
pub use self::trace::Trace;
pub use self::value::{Dict, List, dict, from_json, json_text, list, repr, text, to_json};

use self::scope::{Run, Scope};
use self::unit::Unit;
use crate::diagnostic::{At, Diagnostic, Result, nearest};

/// A compiled template: rendered many times, by any thread.
#[derive(Debug, Clone)]
pub struct Template {
    source: Arc<Source>,
    range: std::ops::Range<usize>,
    /// None for one that is compiled whenever it is rendered.
    program: Option<Program>,
}

/// The engine's program of a template.
#[derive(Debug, Clone)]
struct Program {
    unit: Arc<Unit>,
    lenient: Environment<'static>,
}

impl Program {
    fn new(unit: Unit) -> Self {
        Self {
            lenient: unit.lenient(),
            unit: Arc::new(unit),
        }
    }

    fn run(&self, run: &Arc<Run>) -> Result<String, Error> {
        let environment = match run.is_lenient() {
            true => &self.lenient,
            false => self.unit.environment(),
        };
        let root = Value::from_dyn_object(Scope::root(run, &self.unit));
        Unit::render(environment, root).map(|(text, _)| text)
    }
}

impl Template {
    /// Returns the file it was compiled from.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Returns whether one of its blocks holds a word, be it in a text.
    #[must_use]
    pub fn names(&self, word: &str) -> bool {
        let mut rest = self.text();
        while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
            let block = &rest[start..];
            let end = if block.starts_with("{{") { "}}" } else { "%}" };
            let length = block.find(end).unwrap_or(block.len());
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            if block[..length]
                .split(|c| !is_part(c))
                .any(|found| found == word)
            {
                return true;
            }
            rest = &block[length..];
        }
        false
    }

    /// Returns its text, which may be a part of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source.text[self.range.clone()]
    }

    /// Makes a template of text that stands at a place in a file of YAML. It has no program, which takes some ten kilobytes, and is
    /// compiled whenever it is rendered: for the many that are short and seldom rendered.
    #[must_use]
    pub fn within(package: &str, at: &At, text: &str) -> Self {
        Self {
            source: Source::within(package, at, text),
            range: 0..text.len(),
            program: None,
        }
    }

    /// Returns whether it keeps its program.
    #[must_use]
    pub fn has_program(&self) -> bool {
        self.program.is_some()
    }

    /// Leaves its program away: it is compiled whenever it is rendered.
    pub fn forget_program(&mut self) {
        self.program = None;
    }
}

/// The dialect with all macros of a project. Cheap to share over threads.
#[derive(Debug)]
pub struct Dialect {
    engine: Environment<'static>,
    library: Arc<Library>,
}

impl Dialect {
    /// Compiles the macros of a project and its packages.
    ///
    /// `root` is the project's own package. `built_in` are the packages also reached as `dbt`, the first of them first; macros of
    /// the other packages override theirs. Snapshot and docs blocks are left out.
    ///
    /// # Errors
    /// `Project`, all macros that cannot be read together.
    pub fn new(root: &str, built_in: &[&str], blocks: Vec<Block>) -> Result<Self> {
        let engine = engine::engine();
        let library = Library::new(&engine, root, built_in, blocks)?;
        Ok(Self {
            engine,
            library: Arc::new(library),
        })
    }

    /// Says in which packages `adapter.dispatch(…, namespace)` searches, by namespace: `dispatch:` of `dbt_project.yml`.
    #[must_use]
    pub fn with_dispatch(mut self, dispatch: HashMap<String, Vec<String>>) -> Self {
        if let Some(library) = Arc::get_mut(&mut self.library) {
            library.set_dispatch(dispatch);
        }
        self
    }

    /// Returns the macros.
    #[must_use]
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// Compiles the text of a file of a package. One newline at the end is dropped where the text has any tag, as dbt does.
    ///
    /// # Errors
    /// `Project` with place where the text is no template.
    pub fn compile(&self, package: &str, file: impl Into<PathBuf>, text: &str) -> Result<Template> {
        let source = Source::new(package, file, text);
        let end = match source
            .text
            .strip_suffix('\n')
            .filter(|_| is_template(&source.text))
        {
            Some(shorter) => shorter.len(),
            None => source.text.len(),
        };
        self.compile_part(&source, 0..end)
    }

    /// Compiles text that was made of what stands at a place in a file of YAML.
    ///
    /// # Errors
    /// `Project` with that place where the text is no template.
    pub fn compile_within(&self, package: &str, at: &At, text: &str) -> Result<Template> {
        let source = Source::within(package, at, text);
        self.compile_part(&source, 0..text.len())
    }

    /// Compiles the text of a file without the whitespace around it, as dbt reads nodes; places stay those of the file.
    ///
    /// # Errors
    /// `Project` with place where the text is no template.
    pub fn compile_trimmed(
        &self,
        package: &str,
        file: impl Into<PathBuf>,
        text: &str,
    ) -> Result<Template> {
        let source = Source::new(package, file, text);
        let start = source.text.len() - source.text.trim_start().len();
        let end = source.text.trim_end().len();
        self.compile_part(&source, start..end.max(start))
    }

    /// Compiles bytes of a file, such as a snapshot block's body; places stay those of the file.
    ///
    /// # Errors
    /// `Project` with place where the text is no template.
    pub fn compile_part(
        &self,
        source: &Arc<Source>,
        range: std::ops::Range<usize>,
    ) -> Result<Template> {
        let unit = Unit::compile(&self.engine, source, range.clone(), &[])?;
        Ok(Template {
            source: source.clone(),
            range,
            program: Some(Program::new(unit)),
        })
    }

    /// Returns a template's program, compiled now where it has none.
    fn program(&self, template: &Template) -> Result<Program> {
        if let Some(program) = &template.program {
            return Ok(program.clone());
        }
        let range = template.range.clone();
        let unit = Unit::compile(&self.engine, &template.source, range, &[])?;
        Ok(Program::new(unit))
    }

    /// Renders a template.
    ///
    /// # Errors
    /// `Project` with place, a note for each macro call around it; errors of functions come through as they are.
    pub fn render(&self, template: &Template, globals: &Arc<Globals>) -> Result<String> {
        self.listen(template, globals).map(|(text, _)| text)
    }

    /// Renders a template and returns its text and the macros that it called itself, in order.
    ///
    /// # Errors
    /// As [`Dialect::render`].
    pub fn listen(
        &self,
        template: &Template,
        globals: &Arc<Globals>,
    ) -> Result<(String, Vec<Arc<Macro>>)> {
        let run = Run::new(&self.library, &template.source.package, globals);
        let program = self.program(template)?;
        match program.run(&run) {
            Ok(text) => Ok((text, run.heard())),
            Err(error) => Err(failure(&program.unit, &run, &error)),
        }
    }

    /// Renders a template once more, and says for each line of the text which line of the template it came from. Lines that a macro
    /// wrote came from the line that calls it.
    ///
    /// # Errors
    /// As [`Dialect::render`].
    pub fn trace(&self, template: &Template, globals: &Arc<Globals>) -> Result<Trace> {
        let source = &template.source;
        let marked = rewrite::marked(&source.text, template.range.clone())
            .map_err(|broken| source.broken(broken))?;
        let unit = Unit::of(&self.engine, source, marked)?;
        let marked = Template {
            program: Some(Program::new(unit)),
            ..template.clone()
        };
        Ok(Trace::read(&source.file, &self.render(&marked, globals)?))
    }

    /// Calls the macro that `name` means in package `package` and returns the value of its `return`, or else its text.
    ///
    /// # Errors
    /// `Project` where there is no such macro; whatever fails in it.
    pub fn call(
        &self,
        package: &str,
        name: &str,
        args: (&[Value], &[(&str, Value)]),
        globals: &Arc<Globals>,
    ) -> Result<Value> {
        let Some(found) = self.library.find(package, name) else {
            let missing = Diagnostic::project(format!("there is no macro `{name}`"));
            let view = self.library.view(package);
            return Err(match nearest(name, view.names()) {
                Some(near) => missing.hint(format!("did you mean `{near}`?")).into(),
                None => missing.into(),
            });
        };
        let run = Run::new(&self.library, package, globals);
        let args = scope::arguments(args.0, args.1);
        scope::invoke(&run, found.routine()?, &args).map_err(failed)
    }

    /// Calls a macro with the macros in view that templates of `package` see, as if one of them called it; returns the value of its
    /// `return`, or else its text.
    ///
    /// # Errors
    /// Whatever fails in it.
    pub fn invoke(
        &self,
        (found, package): (&Macro, &str),
        args: (&[Value], &[(&str, Value)]),
        globals: &Arc<Globals>,
    ) -> Result<Value> {
        let run = Run::new(&self.library, package, globals);
        let args = scope::arguments(args.0, args.1);
        run.call(found, &args).map_err(failed)
    }

    /// Renders text of a YAML file: one that is a single `{{ … }}` gives the expression's value, any other a string.
    ///
    /// # Errors
    /// `Project` without line; the caller knows where the text is from.
    pub fn evaluate(&self, package: &str, text: &str, globals: &Arc<Globals>) -> Result<Value> {
        if !is_template(text) {
            return Ok(Value::from(text));
        }
        let single = rewrite::single_expression(text);
        let template = self.compile(package, "", single.as_deref().unwrap_or(text))?;
        let run = Run::native(&self.library, package, globals);
        let program = self.program(&template)?;
        match program.run(&run) {
            Ok(text) => Ok(Value::from(text)),
            Err(error) => {
                let value = errors::returned(&error);
                let value = value.ok_or_else(|| failure(&program.unit, &run, &error))?;
                match run.misfit(&value) {
                    Some(diagnostic) => Err(diagnostic.into()),
                    None => Ok(value),
                }
            }
        }
    }
}

/// Makes an error of a macro's that nothing around it has a place for.
fn failed(error: Error) -> anyhow::Error {
    match errors::raised(&error) {
        Some(failure) => failure.into_error(),
        None => Diagnostic::project(error.to_string()).into(),
    }
}

fn failure(unit: &Unit, run: &Run, error: &Error) -> anyhow::Error {
    let known = |what| run.known(unit.environment(), what);
    unit.failure(error, &known).into_error()
}
