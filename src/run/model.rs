//! Building a SQL model.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::node::{Done, Work};
use super::{materialize, microbatch, python};
use crate::compile::adapter::Adapter;
use crate::compile::manifest::{Rendered, written_at};
use crate::compile::{Batch, Compiled, Index, Node, UnitSql};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::EntryKind;
use crate::project::Project;

/// Builds one model.
pub(super) fn build(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    if microbatch::is_one(work.compiled, node) {
        return microbatch::build(work, adapter, index);
    }
    let materialized = node.config.text("materialized");
    let materialized = materialized.unwrap_or_else(|| "view".into());
    let shared: Arc<dyn Adapter> = adapter.clone();
    let sql = rendered(work, index, shared.clone())?;
    let mut globals = work.compiled.globals(index, Some(shared));
    globals.insert("sql", Value::from(&sql));
    globals.insert("compiled_code", Value::from(&sql));
    if work.compiled.program(index).is_some() {
        let submitter = python::submitter(work, adapter, index)?;
        globals.insert("submit_python_job", submitter);
    }
    let results = materialize::call(work, adapter, (index, None), &materialized, globals)?;
    let relation = node.relation.as_ref();
    let kind = relation.and_then(|relation| adapter.known().find(relation));
    let rows = match kind {
        Some(EntryKind::Table) => results.rows("main"),
        _ => None,
    };
    Ok(Done {
        rows,
        message: materialized,
        answer: results.answer("main"),
        ..Done::default()
    })
}

/// Renders a node's SQL, notes it, and writes it below the target folder.
pub(super) fn rendered(work: &Work<'_>, index: Index, adapter: Arc<dyn Adapter>) -> Result<String> {
    rendered_within(work, index, adapter, None)
}

/// As [`rendered`]; of inputs with an `event_time`, only the rows of a batch's time are read.
pub(super) fn rendered_within(
    work: &Work<'_>,
    index: Index,
    adapter: Arc<dyn Adapter>,
    batch: Option<&Batch>,
) -> Result<String> {
    let rendered = work.compiled.rendered_within(index, Some(adapter), batch)?;
    let of = (work.project, work.compiled);
    write_compiled(of, (index, batch), &rendered.sql)?;
    let sql = rendered.sql.as_ref().to_owned();
    // Of a model in batches no SQL is the whole model's.
    if batch.is_none() {
        work.ledger.compiled(index, rendered);
    }
    Ok(sql)
}

/// Writes a node's SQL below the target folder, where people look for what was run.
pub(super) fn write_compiled(
    (project, compiled): (&Project, &Compiled),
    (index, batch): (Index, Option<&Batch>),
    sql: &str,
) -> Result<()> {
    let node = &compiled.plan.nodes[index];
    let folder = project.paths.target.join("compiled").join(&node.package);
    write(&project.root, &folder.join(file(node, batch)), sql)
}

/// Notes the SQL of a unit test, and writes it below the target folder, the queries of its given rows beside it.
pub(super) fn write_unit(work: &Work<'_>, index: Index, unit: &UnitSql) -> Result<()> {
    let node = &work.compiled.plan.nodes[index];
    let folder = work.project.paths.target.join("compiled");
    let folder = folder.join(&node.package).join(&node.original);
    for (name, sql) in &unit.fixtures {
        let path = folder.join(format!("{name}.sql"));
        write(&work.project.root, &path, sql)?;
    }
    write_compiled((work.project, work.compiled), (index, None), &unit.sql)?;
    let rendered = Rendered {
        sql: unit.sql.as_str().into(),
        ctes: Arc::new([]),
        macros: Arc::new([]),
        overloads: Arc::new([]),
    };
    work.ledger.compiled(index, rendered);
    Ok(())
}

/// Writes the statement that was run for a node below the target folder, and notes it.
pub(super) fn write_run(
    work: &Work<'_>,
    (index, batch): (Index, Option<&Batch>),
    sql: &str,
) -> Result<()> {
    let node = &work.compiled.plan.nodes[index];
    let folder = work.project.paths.target.join("run").join(&node.package);
    write(&work.project.root, &folder.join(file(node, batch)), sql)?;
    work.ledger.ran(index);
    Ok(())
}

/// Returns where the SQL of a node is written below the folder of its package; of a batch in a folder of the model's name.
fn file(node: &Node, batch: Option<&Batch>) -> PathBuf {
    let path = written_at(node);
    let (Some(batch), Some(stem)) = (batch, path.file_stem()) else {
        return path;
    };
    let name = format!("{}_{}.sql", stem.to_string_lossy(), batch.name);
    path.with_extension("").join(name)
}

fn write(root: &Path, path: &Path, text: &str) -> Result<()> {
    let target = root.join(path);
    // Reading is much cheaper than writing: file systems bring to the disk at once what replaces a file.
    if std::fs::read(&target).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let unwritable = |err: std::io::Error| {
        Diagnostic::environment(format!("`{}` cannot be written", path.display()))
            .because(err)
            .hint("make the folder writable, or name another in `target-path:`")
    };
    match std::fs::write(&target, text) {
        Err(err) if err.kind() == ErrorKind::NotFound => {
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder).map_err(unwritable)?;
            }
            std::fs::write(&target, text).map_err(unwritable)?;
            Ok(())
        }
        written => Ok(written.map_err(unwritable)?),
    }
}
