//! What a template sees while it runs: its arguments, the macros of its package's view, the node's globals; and how macros are called.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use minijinja::value::{Kwargs, Object, ObjectRepr, Tuple};
use minijinja::{Environment, Error, State, Value};

use super::ambient::{Context, MacroStack, absent};
use super::blocks::Source;
use super::errors::{Named, endless, raise, returned};
use super::globals::Globals;
use super::library::{Library, Macro, View};
use super::misfit::{MAX_DEPTH, misfit, plural, too_deep};
use super::unit::{Routine, Unit};
use super::value::{List, dict, settled, text};
use crate::diagnostic::{Diagnostic, Result};

/// Most steps of a whole rendering, all macros counted.
pub(crate) const MAX_STEPS: u64 = 100_000_000;

/// Steps that a macro call counts for, besides those of its body: it takes about as long.
const STEPS_A_CALL: u64 = 100;

/// One rendering, with all macros called in it.
#[derive(Debug)]
pub(crate) struct Run {
    package: Arc<str>,
    pub(crate) view: Arc<View>,
    pub(crate) globals: Arc<Globals>,
    native: bool,
    depth: AtomicU32,
    /// The unique ids of the macros that are being called, outermost first.
    stack: Arc<List>,
    steps: AtomicU64,
    /// Macros that the template itself called, not those that macros called.
    heard: Mutex<Vec<Arc<Macro>>>,
    /// What templates wrote into `context`; it comes before all else.
    written: OnceLock<Mutex<HashMap<String, Value>>>,
    /// A text that was to be of another kind, and that kind.
    doubted: OnceLock<(String, &'static str)>,
}

impl Run {
    /// Begins a rendering in the view of a package.
    pub(crate) fn new(library: &Arc<Library>, package: &str, globals: &Arc<Globals>) -> Arc<Self> {
        Arc::new(Self::begin(library, package, globals))
    }

    /// Begins a rendering of YAML, where `as_native` and its like make values of text.
    pub(crate) fn native(
        library: &Arc<Library>,
        package: &str,
        globals: &Arc<Globals>,
    ) -> Arc<Self> {
        Arc::new(Self {
            native: true,
            ..Self::begin(library, package, globals)
        })
    }

    /// Returns whether values are wanted and not text.
    pub(crate) fn is_native(&self) -> bool {
        self.native
    }

    fn begin(library: &Arc<Library>, package: &str, globals: &Arc<Globals>) -> Self {
        Self {
            package: package.into(),
            view: library.view(package),
            globals: globals.clone(),
            native: false,
            depth: AtomicU32::new(0),
            stack: Arc::default(),
            steps: AtomicU64::new(0),
            heard: Mutex::default(),
            written: OnceLock::new(),
            doubted: OnceLock::new(),
        }
    }

    /// Calls a macro and returns the value of `return`, or else its text.
    pub(crate) fn call(self: &Arc<Self>, called: &Macro, args: &[Value]) -> Result<Value, Error> {
        let routine = called.routine().map_err(raise)?;
        self.stack.items().push(called.id_value());
        let result = invoke(self, routine, args);
        self.stack.items().pop();
        result
    }

    /// Notes a macro that is about to be called, when the template itself calls it.
    pub(crate) fn hear(&self, called: &Arc<Macro>) {
        if self.depth.load(Ordering::Relaxed) == 0 {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            if !heard.iter().any(|known| Arc::ptr_eq(known, called)) {
                heard.push(called.clone());
            }
        }
    }

    /// Returns the macros that the template itself called, in order.
    pub(crate) fn heard(&self) -> Vec<Arc<Macro>> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.written(name) {
            return Some(value);
        }
        let found = self
            .globals
            .overruled(name)
            .or_else(|| self.view.get(name))
            .or_else(|| self.globals.get(name));
        let anywhere = || match self.globals.anywhere {
            true => self.view.get_anywhere(name),
            false => None,
        };
        let stack = || {
            let stack = || Value::from_object(MacroStack(self.stack.clone()));
            (name == "context_macro_stack").then(stack)
        };
        found.or_else(anywhere).cloned().or_else(stack)
    }

    /// Notes a text that is to be a value of another kind.
    pub(crate) fn doubt(&self, text: &str, kind: &'static str) {
        self.doubted.get_or_init(|| (text.to_owned(), kind));
    }

    /// Returns why what was rendered is no value of the kind it is to be.
    pub(crate) fn misfit(&self, value: &Value) -> Option<Diagnostic> {
        let (text, kind) = self.doubted.get()?;
        let is_all = value.as_str() == Some(text);
        is_all.then(|| Diagnostic::project(format!("`{text}` is no {kind}")))
    }

    /// Returns what a template made a name mean by `context.update`.
    fn written(&self, name: &str) -> Option<Value> {
        let written = self.written.get()?;
        let written = written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(name).cloned()
    }

    /// Makes a name mean this in all templates of the rendering, from now on.
    pub(crate) fn write(&self, name: &str, value: Value) {
        let written = self.written.get_or_init(Mutex::default);
        let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(name.to_owned(), value);
    }

    /// Returns whether unknown names are harmless in the template itself.
    pub(crate) fn is_lenient(&self) -> bool {
        self.globals.lenient
    }

    /// Returns the names a hint may suggest.
    pub(crate) fn known(&self, environment: &Environment<'_>, what: Named) -> Vec<String> {
        match what {
            Named::Function => {
                let macros = self.view.names().map(str::to_owned);
                let globals = self.globals.names().into_iter().map(str::to_owned);
                let builtins = environment.globals().map(|(name, _)| name.to_owned());
                let names = macros.chain(globals).chain(builtins);
                names.filter(|name| !name.starts_with("__wh_")).collect()
            }
            Named::Filter => super::filters::names().map(str::to_owned).collect(),
            Named::Test => super::checks::names().map(str::to_owned).collect(),
        }
    }

    /// Counts steps, and fails when they are too many.
    pub(crate) fn count(&self, steps: u64) -> Result<(), Error> {
        match self.steps.fetch_add(steps, Ordering::Relaxed) + steps > MAX_STEPS {
            true => Err(raise(endless())),
            false => Ok(()),
        }
    }
}

/// The names that one template sees: the engine's context object.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) run: Arc<Run>,
    pub(crate) unit: Arc<Unit>,
    routine: Option<Arc<Routine>>,
    args: Vec<Option<Value>>,
    /// `varargs`, `kwargs`, `caller`, where the body uses them.
    special: [Option<Value>; 3],
    closure: Option<Arc<Closure>>,
}

const SPECIAL: [&str; 3] = ["varargs", "kwargs", "caller"];

/// The name under which a scope finds itself.
const SELF: &str = "__wh_scope";

impl Scope {
    /// Makes the scope of a template that is no macro.
    pub(crate) fn root(run: &Arc<Run>, unit: &Arc<Unit>) -> Arc<Self> {
        Arc::new(Self {
            run: run.clone(),
            unit: unit.clone(),
            routine: None,
            args: Vec::new(),
            special: [None, None, None],
            closure: None,
        })
    }

    /// Returns an argument or a variable of the templates around this one.
    fn local(&self, name: &str) -> Option<Value> {
        if let Some(routine) = &self.routine {
            if let Some(index) = routine.names.iter().position(|known| &**known == name) {
                return Some(self.args[index].clone().unwrap_or_default());
            }
            let special = SPECIAL.iter().position(|known| *known == name);
            if let Some(value) = special.and_then(|index| self.special[index].as_ref()) {
                return Some(value.clone());
            }
        }
        let closure = self.closure.as_ref()?;
        if name == closure.routine.name && name != "caller" {
            return Some(Value::from_dyn_object(closure.clone()));
        }
        closure
            .captured
            .get(name)
            .cloned()
            .or_else(|| closure.parent.local(name))
    }

    /// Returns whether an argument was left out.
    pub(crate) fn misses(&self, name: &str) -> bool {
        let names = self.routine.iter().flat_map(|routine| &routine.names);
        names
            .zip(&self.args)
            .any(|(known, value)| &**known == name && value.is_none())
    }

    fn is_lenient(&self) -> bool {
        self.routine.is_none() && self.run.is_lenient()
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        if name == SELF {
            return Some(Value::from_dyn_object(self.clone()));
        }
        if let Some(value) = self.local(name).or_else(|| self.run.lookup(name)) {
            return Some(value);
        }
        match name {
            "context" => return Some(Value::from_object(Context(self.run.clone(), true))),
            "builtins" => return Some(Value::from_object(Context(self.run.clone(), false))),
            _ => {}
        }
        let harmless = self.is_lenient() && self.unit.calls(name);
        let builtin = || {
            self.unit
                .environment()
                .globals()
                .any(|(known, _)| known == name)
        };
        (harmless && !builtin()).then(absent)
    }
}

/// Returns the scope of the template that calls.
pub(crate) fn current(state: &State<'_, '_>) -> Result<Arc<Scope>, Error> {
    let scope = state
        .lookup(SELF)
        .and_then(|value| value.downcast_object::<Scope>());
    scope.ok_or_else(|| {
        raise(Diagnostic::project(
            "a macro is called outside of a rendering",
        ))
    })
}

/// Returns the package whose view of macros the rendering has: that of the template it began with.
///
/// # Errors
/// `Project` outside of a rendering.
pub fn package_of(state: &State<'_, '_>) -> Result<Arc<str>, Error> {
    current(state).map(|scope| scope.run.package.clone())
}

/// Renders text with what the template that calls sees.
///
/// # Errors
/// `Project` outside of a rendering, or when the text does not render.
pub fn render_here(state: &State<'_, '_>, text: &str) -> Result<Value, Error> {
    match super::is_template(text) {
        true => render(&current(state)?, text),
        false => Ok(Value::from(text)),
    }
}

/// Returns whether the template is one where unknown names are harmless.
pub(crate) fn is_lenient(state: &State<'_, '_>) -> bool {
    current(state).is_ok_and(|scope| scope.is_lenient())
}

/// A call block's body or a local macro, with the variables it saw where it was written.
#[derive(Debug)]
pub(crate) struct Closure {
    routine: Arc<Routine>,
    captured: BTreeMap<String, Value>,
    parent: Arc<Scope>,
}

impl Closure {
    /// Makes the value of a call block or local macro of the scope's template.
    pub(crate) fn of(scope: &Arc<Scope>, index: usize, variables: &Value) -> Option<Value> {
        let pairs = variables
            .as_object()
            .and_then(minijinja::value::DynObject::try_iter_pairs);
        let defined = pairs
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_undefined());
        Some(Value::from_object(Self {
            routine: scope.unit.inner.get(index)?.clone(),
            captured: defined.map(|(name, value)| (text(&name), value)).collect(),
            parent: scope.clone(),
        }))
    }
}

impl Object for Closure {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let scope = bind(&self.parent.run, &self.routine, Some(self.clone()), args)?;
        let is_block = self.routine.name == "caller";
        match execute(&self.routine, scope) {
            Err(error) if is_block && returned(&error).is_some() => Err(error),
            result => catch(&self.parent.run, &self.routine, result, !is_block),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.routine.name)
    }
}

/// Calls a macro and returns the value of `return`, or else its text.
pub(crate) fn invoke(
    run: &Arc<Run>,
    routine: &Arc<Routine>,
    args: &[Value],
) -> Result<Value, Error> {
    let scope = bind(run, routine, None, args)?;
    let result = execute(routine, scope);
    catch(run, routine, result, true)
}

/// Renders text as a template of its own, with what a template sees around it: `render(…)`.
pub(crate) fn render(around: &Arc<Scope>, text: &str) -> Result<Value, Error> {
    if !super::is_template(text) {
        return Ok(Value::from(text));
    }
    let source = Source::new(&around.run.package, around.unit.source.file.clone(), text);
    let base = around.unit.environment();
    let unit = Unit::compile(base, &source, 0..source.text.len(), &[]).map_err(raise)?;
    let unit = Arc::new(unit);
    let root = Value::from_dyn_object(Scope::root(&around.run, &unit));
    let known = |what| around.run.known(unit.environment(), what);
    let rendered = Unit::render(unit.environment(), root);
    let (text, steps) = rendered.map_err(|error| unit.failure(&error, &known).raise(None))?;
    around.run.count(steps)?;
    Ok(Value::from(text))
}

fn execute(routine: &Routine, scope: Arc<Scope>) -> Result<String, Error> {
    let run = scope.run.clone();
    let depth = run.depth.fetch_add(1, Ordering::Relaxed) + 1;
    let result = match depth > MAX_DEPTH {
        true => Err(raise(too_deep(&routine.name))),
        false => Unit::render(routine.unit.environment(), Value::from_dyn_object(scope)),
    };
    run.depth.fetch_sub(1, Ordering::Relaxed);
    let (text, steps) = result?;
    run.count(STEPS_A_CALL + steps)?;
    Ok(text)
}

/// Turns `return` into a value and any other failure into an error with its place.
fn catch(
    run: &Run,
    routine: &Routine,
    result: Result<String, Error>,
    is_macro: bool,
) -> Result<Value, Error> {
    let error = match result {
        Ok(text) => return Ok(Value::from(text)),
        Err(error) => error,
    };
    if let Some(value) = returned(&error) {
        return Ok(value);
    }
    let environment = routine.unit.environment();
    let failure = routine
        .unit
        .failure(&error, &|what| run.known(environment, what));
    Err(failure.raise(is_macro.then(|| format!("macro `{}`", routine.name))))
}

/// Binds arguments to parameters as Jinja2 does.
fn bind(
    run: &Arc<Run>,
    routine: &Arc<Routine>,
    closure: Option<Arc<Closure>>,
    args: &[Value],
) -> Result<Arc<Scope>, Error> {
    let (positional, named) = match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => (rest, last.as_object()),
        _ => (args, None),
    };
    let mut bound: Vec<Option<Value>> = routine
        .fallbacks
        .iter()
        .map(super::unit::Fallback::value)
        .collect();
    for (slot, value) in bound.iter_mut().zip(positional) {
        *slot = Some(settled(value.clone()));
    }
    let [takes_varargs, takes_kwargs, takes_caller] = routine.takes;
    let extra = positional.get(bound.len()..).unwrap_or_default();
    if !extra.is_empty() && !takes_varargs {
        let (most, given) = (bound.len(), positional.len());
        return Err(misfit(
            routine,
            &format!(
                "takes at most {most} argument{}, {given} are given",
                plural(most)
            ),
        ));
    }
    let mut others = Vec::new();
    let mut caller = None;
    for (key, value) in named
        .and_then(|named| named.try_iter_pairs())
        .into_iter()
        .flatten()
    {
        let name = key.as_str().unwrap_or_default();
        match routine.names.iter().position(|known| &**known == name) {
            Some(index) if index >= positional.len() => bound[index] = Some(settled(value)),
            Some(_) => return Err(misfit(routine, &format!("is given `{name}` twice"))),
            None if name == "caller" && takes_caller => caller = Some(value),
            None if name == "caller" => {
                return Err(misfit(
                    routine,
                    "uses no `caller`, so it takes no call block",
                ));
            }
            None if takes_kwargs => others.push((key, settled(value))),
            None => return Err(misfit(routine, &format!("has no parameter `{name}`"))),
        }
    }
    Ok(Arc::new(Scope {
        run: run.clone(),
        unit: routine.unit.clone(),
        special: [
            takes_varargs.then(|| Value::from(Tuple::from(extra.to_vec()))),
            takes_kwargs.then(|| dict(others)),
            caller,
        ],
        routine: Some(routine.clone()),
        args: bound,
        closure,
    }))
}

/// Puts positional and named arguments in the form that the engine passes them.
pub(crate) fn arguments(args: &[Value], named: &[(&str, Value)]) -> Vec<Value> {
    let mut all = args.to_vec();
    if !named.is_empty() {
        all.push(Kwargs::from_iter(named.iter().cloned()).into());
    }
    all
}
