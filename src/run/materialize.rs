//! Calling a materialization: the macro that makes a node's relations, in transactions as it says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::model;
use super::node::Work;
use crate::compile::adapter::Adapter;
use crate::compile::{Batch, Body, Compiled, Flags, Index, RelationObject, Results, body};
use crate::diagnostic::{At, Diagnostic, Result, nearest};
use crate::engine::EntryKind;
use crate::jinja::{Globals, Macro};
use crate::{jinja, run};

/// The prefix of the macros' names; a materialization and an engine follow.
const PREFIX: &str = "materialization_";

/// What materializations are for, the one for `DuckDB` before the one for any engine.
const ENGINES: [&str; 2] = ["duckdb", "default"];

/// The packages of built-in macros.
const BUILT_IN: [&str; 2] = ["dbt", "dbt_duckdb"];

/// All materializations by the macro's name.
#[derive(Debug)]
pub(super) struct Materializations {
    by_macro: HashMap<String, Vec<Arc<Macro>>>,
    /// Whether those of installed packages are taken, too, where one is built in.
    packages_override: bool,
}

/// The flag that keeps installed packages from that.
const EXPLICIT: &str = "require_explicit_package_overrides_for_builtin_materializations";

impl Materializations {
    pub(super) fn new(compiled: &Compiled, flags: &Flags) -> Self {
        let mut found: HashMap<String, Vec<Arc<Macro>>> = HashMap::new();
        let macros = compiled.dialect.library().macros();
        for item in macros.filter(|item| item.name.starts_with(PREFIX)) {
            found
                .entry(item.name.clone())
                .or_default()
                .push(item.clone());
        }
        Self {
            by_macro: found,
            packages_override: !flags.is(EXPLICIT),
        }
    }

    /// Finds a materialization as dbt does: one for `DuckDB` before one for any engine, the project's own before a built-in one,
    /// and one of an installed package only where none is built in, unless a flag lets it be before that.
    fn find(&self, root: &str, name: &str) -> Option<&Arc<Macro>> {
        let of = |engine: &str| self.by_macro.get(&format!("{PREFIX}{name}_{engine}"));
        let all = || {
            let found = ENGINES.iter().filter_map(|engine| of(engine));
            found.flatten()
        };
        let built_in = |item: &Macro| BUILT_IN.contains(&item.package());
        let is_built_in = all().any(|item| built_in(item));
        let place = |item: &Macro| match item.package() {
            own if own == root => Some(0),
            _ if built_in(item) => Some(2),
            _ if is_built_in && !self.packages_override => None,
            _ => Some(1),
        };
        ENGINES.iter().find_map(|engine| {
            let candidates = of(engine).into_iter().flatten();
            candidates
                .filter_map(|item| Some((place(item)?, item)))
                .min_by_key(|(place, _)| *place)
                .map(|(_, item)| item)
        })
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let name = |name: &'_ String| {
            let rest = name.strip_prefix(PREFIX)?;
            rest.rsplit_once('_').map(|(name, _)| name.len())
        };
        let cut = move |full: &'_ String| name(full).map(|length| (PREFIX.len(), length));
        self.by_macro
            .keys()
            .filter_map(move |full| cut(full).map(|(start, length)| &full[start..start + length]))
    }
}

/// Calls the materialization `name` for a node and returns what its statements answered.
///
/// Of a microbatch model it is one batch that is made. `globals` are those of the node; hooks and statement results are added. The transaction that it leaves open is not committed.
///
/// # Errors
/// `Project` when there is no such materialization, or it does not return its relations; whatever fails in it.
pub(super) fn call(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    (index, batch): (Index, Option<&Batch>),
    name: &str,
    mut globals: Globals,
) -> Result<Results> {
    let found = work
        .materializations
        .find(&work.project.name, name)
        .ok_or_else(|| unknown(work, index, name))?;
    let node = &work.compiled.plan.nodes[index];
    let language = body(node).map_or("sql", Body::language);
    if !found.block.languages.iter().any(|known| known == language) {
        let known = found.block.languages.join(" or ");
        let what = format!(
            "`{name}` is made of {known}, and `{}` is {language}",
            node.name
        );
        let err = Diagnostic::project(what).at(&At::new(&node.path, 0, 0));
        return Err(err.hint("configure another `materialized`").into());
    }
    let results = Results::default();
    results.put(&mut globals);
    for (key, name) in [("pre-hook", "pre_hooks"), ("post-hook", "post_hooks")] {
        if globals.get(name).is_none() {
            globals.insert(name, hook_list(node.config.values.get(key)));
        }
    }
    let written = Written::default();
    globals.insert("write", written.function());
    let globals = Arc::new(globals);
    let dialect = &work.compiled.dialect;
    let made = dialect.invoke((found, &node.package), (&[], &[]), &globals);
    if let Some(sql) = written.take() {
        model::write_run(work, (index, batch), &sql)?;
    }
    let made = made?;
    for (relation, kind) in relations(work, index, &made)? {
        adapter.note(&relation, Some(kind));
    }
    Ok(results)
}

/// The statement that a materialization runs as its main one: what it gives to `write(…)`.
#[derive(Default)]
struct Written(Arc<Mutex<Option<String>>>);

impl Written {
    fn function(&self) -> Value {
        let written = self.0.clone();
        Value::from_function(move |sql: Value| {
            *written.lock().unwrap_or_else(PoisonError::into_inner) = Some(jinja::text(&sql));
            Value::from("")
        })
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Reads what a materialization returns: `{'relations': […]}`.
fn relations(
    work: &Work<'_>,
    index: Index,
    made: &Value,
) -> Result<Vec<(crate::engine::Relation, EntryKind)>> {
    let node = &work.compiled.plan.nodes[index];
    let wrong = |what: &str| {
        let hint = "end it with `{{ return({'relations': [target_relation]}) }}`";
        Diagnostic::project(format!("the materialization of `{}` {what}", node.name))
            .at(&node.at)
            .hint(hint)
    };
    let list = made.get_attr("relations").unwrap_or_default();
    if list.is_undefined() || list.is_none() {
        return Err(wrong("returns no `relations`").into());
    }
    let items = list
        .try_iter()
        .map_err(|_| wrong("returns `relations` that are no list"))?;
    let relation = |item: Value| {
        let wrong = || wrong("returns `relations` that are none");
        let object = item
            .downcast_object_ref::<RelationObject>()
            .ok_or_else(wrong)?;
        let kind = match object.kind() {
            Some("view") => EntryKind::View,
            _ => EntryKind::Table,
        };
        Ok((RelationObject::of(&item).ok_or_else(wrong)?, kind))
    };
    items.map(relation).collect()
}

fn unknown(work: &Work<'_>, index: Index, name: &str) -> anyhow::Error {
    let mut known: Vec<&str> = work.materializations.names().chain(["ephemeral"]).collect();
    known.sort_unstable();
    known.dedup();
    let node = &work.compiled.plan.nodes[index];
    let err = Diagnostic::project(format!("`{name}` is no materialization")).at(&node.at);
    match nearest(name, known.iter().copied()) {
        Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
        None => err.hint(format!("use one of: {}", known.join(", "))).into(),
    }
}

/// Returns a node's hooks as their macro takes them: rendered only when they are run.
fn hook_list(configured: Option<&serde_yaml::Value>) -> Value {
    let hooks = configured.into_iter().flat_map(run::listed);
    jinja::list(hooks.enumerate().map(|(index, hook)| {
        let (sql, transaction) = match &hook {
            serde_yaml::Value::Mapping(map, _) => {
                let within = map.get("transaction").and_then(|value| value.as_bool());
                (map.get("sql").and_then(|sql| sql.as_str()), within)
            }
            hook => (hook.as_str(), None),
        };
        jinja::dict([
            ("sql", Value::from(sql.unwrap_or_default())),
            ("transaction", Value::from(transaction.unwrap_or(true))),
            ("index", Value::from(index)),
        ])
    }))
}
