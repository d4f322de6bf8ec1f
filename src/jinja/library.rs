//! All macros of all packages, each compiled at its first call, and the order in which a name is looked for.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use minijinja::{Environment, Error, State, Value};

use super::blocks::{Block, BlockKind};
use super::errors::raise;
use super::lineage::{Call, calls};
use super::scope::current;
use super::unit::Routine;
use crate::diagnostic::{Diagnostic, Result, all_or_none, nearest};

/// The name under which built-in packages are reached: `dbt.macro(…)`.
const BUILT_IN: &str = "dbt";

/// A macro; as a template value it can be called. Its body is compiled when it is called for the first time.
#[derive(Debug)]
pub struct Macro {
    /// The block that defines it.
    pub block: Block,
    /// Its name: `test_…` and `materialization_…_…` for those blocks.
    pub name: String,
    base: Environment<'static>,
    routine: OnceLock<Arc<Routine>>,
    id: OnceLock<Value>,
}

impl Macro {
    fn new(base: &Environment<'static>, block: Block) -> Self {
        Self {
            name: block.macro_name(),
            block,
            base: base.clone(),
            routine: OnceLock::new(),
            id: OnceLock::new(),
        }
    }

    /// Returns the package it belongs to.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.block.source.package
    }

    /// Returns dbt's name of the macro in its artifacts: `macro.<package>.<name>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("macro.{}.{}", self.package(), self.name)
    }

    /// Returns [`Macro::id`] as a value, made once.
    pub(crate) fn id_value(&self) -> Value {
        self.id.get_or_init(|| Value::from(self.id())).clone()
    }

    /// Returns the names that its body calls, for lineage: `name` or `package.name`, and what it dispatches.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        calls(&self.block.source.text[self.block.whole.clone()])
    }

    /// Returns the compiled body.
    ///
    /// # Errors
    /// `Project` with place where the body is no template.
    pub(crate) fn routine(&self) -> Result<&Arc<Routine>> {
        if let Some(routine) = self.routine.get() {
            return Ok(routine);
        }
        let block = &self.block;
        let compiled = Routine::compile(
            &self.base,
            &block.source,
            &self.name,
            &block.parameters,
            block.body.clone(),
        )?;
        Ok(self.routine.get_or_init(|| Arc::new(compiled)))
    }
}

impl Object for Macro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "name" => Some(Value::from(self.name.as_str())),
            "arguments" => {
                let names = self.block.parameters.iter();
                Some(super::value::list(
                    names.map(|parameter| parameter.name.as_str()),
                ))
            }
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let run = &current(state)?.run;
        run.hear(self);
        run.call(self, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}.{}>", self.package(), self.name)
    }
}

/// Finds the macro that `adapter.dispatch(name, namespace)` means.
pub type Dispatch<'a> = &'a dyn Fn(&str, Option<&str>) -> Option<Arc<Macro>>;

/// A macro named as `package.macro`: dbt makes a new one each time, which equals no other.
#[derive(Debug)]
struct Named(Arc<Macro>);

impl Object for Named {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get_value(key)
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.0.call(state, args)
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other: *const Self = other.downcast_ref::<Self>()?;
        Some(Arc::as_ptr(self).cmp(&other))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.render(f)
    }
}

/// The macros of one package, reached as `package.macro(…)`.
#[derive(Debug)]
struct Namespace {
    name: String,
    macros: HashMap<String, Value>,
    /// Where else a name is looked for.
    next: Option<Arc<Namespace>>,
}

impl Namespace {
    fn get(&self, name: &str) -> Option<&Value> {
        let own = self.macros.get(name);
        own.or_else(|| self.next.as_ref()?.get(name))
    }

    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        let own = self.macros.keys().map(String::as_str);
        match &self.next {
            Some(next) => Box::new(own.chain(next.names())),
            None => Box::new(own),
        }
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let found = self.get(key)?.downcast_object::<Macro>()?;
        Some(Value::from_object(Named(found)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let mut names: Vec<&str> = self.names().collect();
        names.sort_unstable();
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(found) = self.get(method) {
            return found.call(state, args);
        }
        if method == "get" {
            let bound = super::methods::bind(method, &["key", "default"], 1, args)?;
            let key = bound[0].as_ref().and_then(Value::as_str);
            let found = key.and_then(|key| self.get_value_by_str(key));
            return Ok(found
                .or_else(|| bound[1].clone())
                .unwrap_or_else(|| Value::from(())));
        }
        if super::scope::is_lenient(state) {
            // While nodes are heard, as dbt does: it fails when the node runs.
            return Ok(Value::UNDEFINED);
        }
        let diagnostic =
            Diagnostic::project(format!("package `{}` has no macro `{method}`", self.name));
        Err(raise(match nearest(method, self.names()) {
            Some(near) => diagnostic.hint(format!("did you mean `{}.{near}`?", self.name)),
            None => diagnostic,
        }))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<package {}>", self.name)
    }
}

/// What a template of one package sees by name: its package's macros, the project's, packages, the built-in macros; in that order.
#[derive(Debug)]
pub(crate) struct View {
    own: Vec<Arc<Namespace>>,
    packages: Arc<HashMap<String, Value>>,
    built_in: Arc<Namespace>,
    /// Macros of all packages by their names alone.
    others: Arc<HashMap<String, Value>>,
}

impl View {
    /// Returns the macro or package that a name means.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let own = self.own.iter().find_map(|found| found.get(name));
        own.or_else(|| self.packages.get(name))
            .or_else(|| self.built_in.get(name))
    }

    /// Returns the macro of any package that a name means: dbt finds it where it parses a generic test.
    pub(crate) fn get_anywhere(&self, name: &str) -> Option<&Value> {
        self.others.get(name)
    }

    /// Returns all names, some of them twice, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().flat_map(|found| found.names());
        own.chain(self.packages.keys().map(String::as_str))
            .chain(self.built_in.names())
    }
}

/// All macros of a project and its packages.
#[derive(Debug)]
pub struct Library {
    namespaces: BTreeMap<String, Arc<Namespace>>,
    built_in: Arc<Namespace>,
    macros: Vec<Arc<Macro>>,
    views: HashMap<String, Arc<View>>,
    root: Arc<View>,
    root_name: String,
    dispatch: HashMap<String, Vec<String>>,
}

impl Library {
    /// Indexes macros. `root` is the project's own package, `built_in` the packages reached as `dbt`, the first of them first.
    /// Macros of `root` are compiled at once, so that all that cannot be read are known. Snapshot and docs blocks are left out.
    pub(crate) fn new(
        base: &Environment<'static>,
        root: &str,
        built_in: &[&str],
        blocks: Vec<Block>,
    ) -> Result<Self> {
        let is_macro = |block: &Block| !matches!(block.kind, BlockKind::Snapshot | BlockKind::Docs);
        let blocks = blocks.into_iter().filter(is_macro);
        let macros: Vec<Arc<Macro>> = blocks
            .map(|block| Arc::new(Macro::new(base, block)))
            .collect();
        let own = macros.iter().filter(|found| found.package() == root);
        let mut errors: Vec<anyhow::Error> = own.filter_map(|own| own.routine().err()).collect();
        let mut found = gather(&macros, &mut errors);
        all_or_none(errors)?;
        let mut merged = None;
        for name in built_in.iter().rev() {
            let macros = found.get(*name).cloned().unwrap_or_default();
            merged = Some(namespace(BUILT_IN, macros, merged));
        }
        let built_in_names = built_in;
        let built_in = merged.unwrap_or_else(|| namespace(BUILT_IN, HashMap::new(), None));
        found.entry(root.to_owned()).or_default();
        let namespaces: BTreeMap<String, Arc<Namespace>> = found
            .into_iter()
            .map(|(name, macros)| (name.clone(), namespace(&name, macros, None)))
            .collect();
        let outside = namespaces
            .iter()
            .filter(|(name, _)| !built_in_names.contains(&name.as_str()));
        let mut packages: HashMap<String, Value> = outside
            .map(|(name, found)| (name.clone(), Value::from_dyn_object(found.clone())))
            .collect();
        packages
            .entry(BUILT_IN.to_owned())
            .or_insert_with(|| Value::from_dyn_object(built_in.clone()));
        let packages = Arc::new(packages);
        let mut others = HashMap::new();
        for (name, found) in &namespaces {
            if !built_in_names.contains(&name.as_str()) {
                let macros = found.macros.iter();
                others.extend(macros.map(|(name, found)| (name.clone(), found.clone())));
            }
        }
        let others = Arc::new(others);
        let view = |package: &str| {
            let mut own = Vec::new();
            // Built-in packages are searched as one, the first of them first, by their own templates too.
            for name in [package, root] {
                if !built_in_names.contains(&name) {
                    own.extend(namespaces.get(name).cloned());
                }
            }
            own.dedup_by(|a, b| Arc::ptr_eq(a, b));
            Arc::new(View {
                own,
                packages: packages.clone(),
                built_in: built_in.clone(),
                others: others.clone(),
            })
        };
        Ok(Self {
            views: namespaces
                .keys()
                .map(|package| (package.clone(), view(package)))
                .collect(),
            root: view(root),
            root_name: root.to_owned(),
            dispatch: HashMap::new(),
            built_in,
            namespaces,
            macros,
        })
    }

    /// Says in which packages `adapter.dispatch(…, namespace)` searches, by namespace.
    pub(crate) fn set_dispatch(&mut self, dispatch: HashMap<String, Vec<String>>) {
        self.dispatch = dispatch;
    }

    /// Returns what templates of a package see.
    pub(crate) fn view(&self, package: &str) -> Arc<View> {
        self.views.get(package).unwrap_or(&self.root).clone()
    }

    /// Returns all macros, in the order they were given.
    pub fn macros(&self) -> impl Iterator<Item = &Arc<Macro>> {
        self.macros.iter()
    }

    /// Returns the macro that `name` means in a template of `package`.
    #[must_use]
    pub fn find(&self, package: &str, name: &str) -> Option<Arc<Macro>> {
        let view = self.views.get(package).unwrap_or(&self.root);
        view.get(name)?.downcast_object()
    }

    /// Returns what a name means in a template of `package`: a macro, or a package.
    #[must_use]
    pub fn value(&self, package: &str, name: &str) -> Option<Value> {
        self.view(package).get(name).cloned()
    }

    /// Returns the macro of that name of the package itself; `dbt` stands for all built-in packages.
    #[must_use]
    pub fn find_in(&self, package: &str, name: &str) -> Option<Arc<Macro>> {
        let namespace = match package == BUILT_IN {
            true => &self.built_in,
            false => self.namespaces.get(package)?,
        };
        namespace.get(name)?.downcast_object()
    }

    /// Returns whether there is a package of that name with macros.
    #[must_use]
    pub fn has_package(&self, package: &str) -> bool {
        package == BUILT_IN || self.namespaces.contains_key(package)
    }

    /// Returns the macros that a macro calls, by dbt's order of search; `dispatch` resolves `adapter.dispatch(name, namespace)`.
    pub fn depends_on(&self, of: &Macro, dispatch: Dispatch<'_>) -> Vec<Arc<Macro>> {
        let mut found: Vec<Arc<Macro>> = Vec::new();
        for call in of.calls() {
            let called = match &call {
                Call::Name {
                    package: None,
                    name,
                } if *name == of.name => None,
                Call::Name { package, name } => {
                    self.resolve(package.as_deref().unwrap_or(of.package()), name)
                }
                Call::Dispatch { name, namespace } => {
                    if *name != of.name {
                        add(&mut found, self.resolve(of.package(), name));
                    }
                    dispatch(name, namespace.as_deref())
                }
            };
            add(&mut found, called);
        }
        found
    }

    /// Returns the macro of a package, or else that of the project, of any package, the built-in one.
    #[must_use]
    pub fn resolve(&self, package: &str, name: &str) -> Option<Arc<Macro>> {
        let own = self.namespaces.get(package);
        own.and_then(|own| own.get(name)?.downcast_object())
            .or_else(|| self.find_in(&self.root_name, name))
            .or_else(|| self.root.get_anywhere(name)?.downcast_object())
            .or_else(|| self.find(&self.root_name, name))
    }

    /// Returns the packages that `adapter.dispatch(…, namespace)` searches: those that `dispatch:` of the project names, else the
    /// project and the package; none where templates' own order of search holds.
    #[must_use]
    pub fn search_order<'a>(&'a self, namespace: Option<&'a str>) -> Option<Vec<&'a str>> {
        let namespace = namespace?;
        if let Some(order) = self.dispatch.get(namespace) {
            return Some(order.iter().map(String::as_str).collect());
        }
        let known = self.has_package(namespace);
        known.then(|| vec![self.root_name.as_str(), namespace])
    }

    /// Returns the macro that `adapter.dispatch(name, namespace)` means in a template of `package`: for each package searched in
    /// turn, `<prefix>__<name>` for each prefix in turn; without a namespace that of any package at last, as in generic tests.
    #[must_use]
    pub fn find_dispatch(
        &self,
        package: &str,
        name: &str,
        namespace: Option<&str>,
        prefixes: &[&str],
    ) -> Option<Arc<Macro>> {
        let first = |find: &dyn Fn(&str) -> Option<Arc<Macro>>| {
            prefixes.iter().find_map(|p| find(&format!("{p}__{name}")))
        };
        match self.search_order(namespace) {
            Some(all) => all.iter().find_map(|p| first(&|n| self.find_in(p, n))),
            None => first(&|name| self.find(package, name))
                .or_else(|| first(&|name| self.resolve(package, name))),
        }
    }
}

fn add(found: &mut Vec<Arc<Macro>>, called: Option<Arc<Macro>>) {
    let new = |called: &Arc<Macro>| !found.iter().any(|known| Arc::ptr_eq(known, called));
    let called = called.filter(new);
    found.extend(called);
}

fn namespace(
    name: &str,
    macros: HashMap<String, Value>,
    next: Option<Arc<Namespace>>,
) -> Arc<Namespace> {
    Arc::new(Namespace {
        name: name.to_owned(),
        macros,
        next,
    })
}

/// Sorts macros by package; two of one name in a package are an error.
fn gather(
    macros: &[Arc<Macro>],
    errors: &mut Vec<anyhow::Error>,
) -> BTreeMap<String, HashMap<String, Value>> {
    let mut found = BTreeMap::<String, HashMap<String, Value>>::new();
    for item in macros {
        if !found.contains_key(item.package()) {
            found.insert(item.package().to_owned(), HashMap::new());
        }
        let package = found.entry(item.package().to_owned()).or_default();
        let value = Value::from_dyn_object(item.clone());
        let first = package.insert(item.name.clone(), value);
        if let Some(first) = first.and_then(|first| first.downcast_object::<Macro>()) {
            let what = format!(
                "macro `{}` is defined twice in package `{}`",
                item.name,
                item.package()
            );
            let note = format!("first at {}", first.block.at());
            errors.push(
                Diagnostic::project(what)
                    .at(&item.block.at())
                    .note(note)
                    .into(),
            );
        }
    }
    found
}
