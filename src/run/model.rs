//! Building a SQL model: its materialization macro, in one transaction.

use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::node::{Done, Work};
use crate::compile::adapter::Adapter;
use crate::compile::manifest::written_at;
use crate::compile::{Compiled, Index, Results};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{EntryKind, transaction_with};
use crate::project::Project;
use crate::{jinja, run};

/// Builds one model.
pub(super) fn build(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let materialized = node
        .config
        .text("materialized")
        .unwrap_or_else(|| "view".into());
    let name = materialization(work, index, &materialized)?;
    let shared: Arc<dyn Adapter> = adapter.clone();
    let sql = rendered(work, index, shared.clone())?;
    let results = Results::default();
    let mut globals = work.compiled.globals(index, Some(shared));
    results.put(&mut globals);
    for hooks in ["pre-hook", "post-hook"] {
        globals.insert(
            hooks.replace("-hook", "_hooks"),
            hook_list(work, adapter, index, hooks)?,
        );
    }
    globals.insert("sql", Value::from(&sql));
    globals.insert("compiled_code", Value::from(&sql));
    let globals = Arc::new(globals);
    transaction_with(
        |statement| adapter.session().execute(statement),
        || {
            work.compiled
                .dialect
                .call(&work.project.name, &name, (&[], &[]), &globals)
        },
    )?;
    let kind = match materialized.as_str() {
        "view" => EntryKind::View,
        _ => EntryKind::Table,
    };
    if let Some(relation) = &node.relation {
        adapter.known().set(relation, Some(kind));
    }
    let rows = (kind == EntryKind::Table)
        .then(|| results.rows("main"))
        .flatten();
    Ok(Done {
        rows,
        message: materialized,
        ..Done::default()
    })
}

/// Finds the macro of a materialization: the project's, then the built-in one; for DuckDB, then for any engine.
fn materialization(work: &Work<'_>, index: Index, materialized: &str) -> Result<String> {
    let library = work.compiled.dialect.library();
    let candidates =
        ["duckdb", "default"].map(|engine| format!("materialization_{materialized}_{engine}"));
    let found = candidates
        .into_iter()
        .find(|name| library.find(&work.project.name, name).is_some());
    found.ok_or_else(|| {
        let known: Vec<&str> = library
            .macros()
            .filter_map(|found| {
                found
                    .name
                    .strip_prefix("materialization_")?
                    .rsplit_once('_')
                    .map(|(name, _)| name)
            })
            .chain(["ephemeral"])
            .collect();
        let node = &work.compiled.plan.nodes[index];
        let err =
            Diagnostic::project(format!("`{materialized}` is no materialization")).at(&node.at);
        match nearest(materialized, known.iter().copied()) {
            Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
            None => err.hint(format!("use one of: {}", known.join(", "))).into(),
        }
    })
}

/// Renders a model's hooks, with what is known only now.
fn hook_list(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    key: &str,
) -> Result<Value> {
    let node = &work.compiled.plan.nodes[index];
    let shared: Arc<dyn Adapter> = adapter.clone();
    let globals = Arc::new(work.compiled.globals(index, Some(shared)));
    let mut hooks = Vec::new();
    for hook in node
        .config
        .values
        .get(key)
        .into_iter()
        .flat_map(run::listed)
    {
        let text = match &hook {
            serde_yaml::Value::Mapping(map, _) => map
                .get("sql")
                .and_then(|sql| sql.as_str())
                .unwrap_or_default()
                .to_owned(),
            hook => hook.as_scalar_string().unwrap_or_default().into_owned(),
        };
        let template = work
            .compiled
            .dialect
            .compile(&node.package, node.path.clone(), &text)?;
        let sql = work.compiled.dialect.render(&template, &globals)?;
        hooks.push(jinja::dict([
            ("sql", Value::from(sql)),
            ("transaction", Value::from(true)),
        ]));
    }
    Ok(jinja::list(hooks))
}

/// Renders a node's SQL, notes it, and writes it below the target folder.
pub(super) fn rendered(work: &Work<'_>, index: Index, adapter: Arc<dyn Adapter>) -> Result<String> {
    let rendered = work.compiled.rendered(index, Some(adapter))?;
    write_compiled(work.project, work.compiled, index, &rendered.sql)?;
    let sql = rendered.sql.as_ref().to_owned();
    work.ledger.compiled(index, rendered);
    Ok(sql)
}

/// Writes a node's SQL below the target folder, where people look for what was run.
pub(super) fn write_compiled(
    project: &Project,
    compiled: &Compiled,
    index: Index,
    sql: &str,
) -> Result<()> {
    let node = &compiled.plan.nodes[index];
    let path = project
        .paths
        .target
        .join("compiled")
        .join(&node.package)
        .join(written_at(node));
    write(&project.root, &path, sql)
}

fn write(root: &Path, path: &Path, text: &str) -> Result<()> {
    let target = root.join(path);
    let unwritable = |err: std::io::Error| {
        Diagnostic::environment(format!("`{}` cannot be written", path.display()))
            .because(err)
            .hint("make the folder writable, or name another in `target-path:`")
    };
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    std::fs::write(&target, text).map_err(unwritable)?;
    Ok(())
}
