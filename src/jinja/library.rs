//! All macros of all packages, compiled once, and the order in which a name is looked for.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Environment, Error, State, Value};

use super::blocks::{Block, BlockKind};
use super::errors::raise;
use super::scope::{current, invoke};
use super::unit::Routine;
use crate::diagnostic::{Diagnostic, Result, all_or_none, nearest};

/// The name under which built-in packages are reached: `dbt.macro(…)`.
const BUILT_IN: &str = "dbt";

/// What a template of one package sees by name: macros, and packages.
pub(crate) type View = HashMap<String, Value>;

/// A compiled macro; as a template value it can be called.
#[derive(Debug)]
pub struct Macro {
    /// The block that defines it.
    pub block: Block,
    /// Its name: `test_…` and `materialization_…_…` for those blocks.
    pub name: String,
    pub(crate) routine: Arc<Routine>,
}

impl Macro {
    /// Returns the package it belongs to.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.block.source.package
    }

    /// Returns the names that its body calls, for lineage; qualified calls and `return` are not among them.
    #[must_use]
    pub fn calls(&self) -> Vec<&str> {
        self.routine.unit.called()
    }
}

impl Object for Macro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "name" => Some(Value::from(self.name.as_str())),
            "arguments" => Some(super::value::list(
                self.routine.names.iter().map(|name| &**name),
            )),
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        invoke(&current(state)?.run, &self.routine, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}.{}>", self.package(), self.name)
    }
}

/// The macros of one package, reached as `package.macro(…)`.
#[derive(Debug, Default)]
struct Namespace {
    name: String,
    macros: BTreeMap<String, Value>,
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.macros.get(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.macros.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.macros
                .keys()
                .map(|name| Value::from(name.as_str()))
                .collect(),
        )
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(found) = self.macros.get(method) {
            return found.call(state, args);
        }
        let diagnostic =
            Diagnostic::project(format!("package `{}` has no macro `{method}`", self.name));
        Err(raise(
            match nearest(method, self.macros.keys().map(String::as_str)) {
                Some(near) => diagnostic.hint(format!("did you mean `{}.{near}`?", self.name)),
                None => diagnostic,
            },
        ))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<package {}>", self.name)
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
}

impl Library {
    /// Compiles macros. `root` is the project's own package, `built_in` the packages reached as `dbt`, the first of them first.
    /// Snapshot and docs blocks are no macros and are left out.
    pub(crate) fn compile(
        base: &Environment<'static>,
        root: &str,
        built_in: &[&str],
        blocks: Vec<Block>,
    ) -> Result<Self> {
        let mut errors = Vec::new();
        let mut macros = Vec::<Arc<Macro>>::new();
        let is_macro = |block: &Block| !matches!(block.kind, BlockKind::Snapshot | BlockKind::Docs);
        for block in blocks.into_iter().filter(is_macro) {
            match compile(base, block) {
                Ok(compiled) => macros.push(Arc::new(compiled)),
                Err(error) => errors.push(error),
            }
        }
        let namespaces = gather(&macros, &mut errors);
        all_or_none(errors)?;
        let built_in = built_in
            .iter()
            .rev()
            .filter_map(|name| namespaces.get(*name).map(|found| (*name, found)));
        let built_in: Vec<(&str, &Arc<Namespace>)> = built_in.collect();
        let mut merged = BTreeMap::new();
        for (_, namespace) in &built_in {
            merged.extend(namespace.macros.clone());
        }
        let merged = Arc::new(Namespace {
            name: BUILT_IN.to_owned(),
            macros: merged,
        });
        let mut shared: View = merged.macros.clone().into_iter().collect();
        shared.insert(BUILT_IN.to_owned(), Value::from_dyn_object(merged.clone()));
        let names: Vec<&str> = built_in.iter().map(|(name, _)| *name).collect();
        let packages = namespaces
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()));
        shared.extend(
            packages.map(|(name, found)| (name.clone(), Value::from_dyn_object(found.clone()))),
        );
        let view = |package: &str| {
            let mut view = shared.clone();
            for name in [root, package] {
                let own = namespaces
                    .get(name)
                    .into_iter()
                    .flat_map(|found| &found.macros);
                view.extend(own.map(|(name, value)| (name.clone(), value.clone())));
            }
            Arc::new(view)
        };
        Ok(Self {
            views: namespaces
                .keys()
                .map(|package| (package.clone(), view(package)))
                .collect(),
            root: view(root),
            built_in: merged,
            namespaces,
            macros,
        })
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
        self.view(package).get(name)?.downcast_object()
    }

    /// Returns the macro of that name of the package itself; `dbt` stands for all built-in packages.
    #[must_use]
    pub fn find_in(&self, package: &str, name: &str) -> Option<Arc<Macro>> {
        let namespace = match package == BUILT_IN {
            true => &self.built_in,
            false => self.namespaces.get(package)?,
        };
        namespace.macros.get(name)?.downcast_object()
    }

    /// Returns the macro that `adapter.dispatch(name, …)` means: for each package in turn, `<prefix>__<name>` for each prefix in
    /// turn. A package of none stands for the search order of templates of `package`. Call the result as a template value.
    #[must_use]
    pub fn find_dispatch(
        &self,
        package: &str,
        name: &str,
        packages: &[Option<&str>],
        prefixes: &[&str],
    ) -> Option<Value> {
        packages
            .iter()
            .find_map(|searched| {
                prefixes.iter().find_map(|prefix| {
                    let name = format!("{prefix}__{name}");
                    match searched {
                        Some(searched) => self.find_in(searched, &name),
                        None => self.find(package, &name),
                    }
                })
            })
            .map(Value::from_dyn_object)
    }
}

fn compile(base: &Environment<'static>, block: Block) -> Result<Macro> {
    let name = block.macro_name();
    let routine = Routine::compile(
        base,
        &block.source,
        &name,
        &block.parameters,
        block.body.clone(),
    )?;
    Ok(Macro {
        name,
        block,
        routine: Arc::new(routine),
    })
}

/// Sorts macros by package; two of one name in a package are an error.
fn gather(
    macros: &[Arc<Macro>],
    errors: &mut Vec<anyhow::Error>,
) -> BTreeMap<String, Arc<Namespace>> {
    let mut found = BTreeMap::<String, BTreeMap<String, Arc<Macro>>>::new();
    for item in macros {
        let package = found.entry(item.package().to_owned()).or_default();
        if let Some(first) = package.insert(item.name.clone(), item.clone()) {
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
    let value = |(name, item): (String, Arc<Macro>)| (name, Value::from_dyn_object(item));
    let namespace = |(name, macros): (String, BTreeMap<_, _>)| {
        let macros = macros.into_iter().map(value).collect();
        (name.clone(), Arc::new(Namespace { name, macros }))
    };
    found.into_iter().map(namespace).collect()
}
