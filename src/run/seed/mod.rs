//! Loading a seed: a CSV file of the project becomes a table, with the types that dbt would give its columns.

mod infer;
mod table;

use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use self::table::SeedTable;
use super::adapter::SessionAdapter;
use super::materialize;
use super::node::{Done, Work};
use crate::compile::adapter::Adapter;
use crate::compile::{Index, Node, Voice};
use crate::diagnostic::{Diagnostic, Result};

/// Loads one seed.
pub(super) fn build(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let path = std::path::absolute(work.project.root.join(&node.path))?;
    let table = SeedTable::read(&path, &node.path, delimiter(node)?)?;
    warn_of_strays(work, node, &table.names);
    let (ragged, columns) = (table.ragged, table.names.len());
    let shared: Arc<dyn Adapter> = adapter.clone();
    let mut globals = work.compiled.globals(index, Some(shared));
    let table = Value::from_object(match work.request.invocation.flags.is("empty") {
        true => table.without_rows(),
        false => table,
    });
    globals.insert(
        "load_agate_table",
        Value::from_function(move || table.clone()),
    );
    globals.insert("seed_file_path", Value::from(path.display().to_string()));
    let results = materialize::call(work, adapter, (index, None), "seed", globals);
    let results = match (results, ragged) {
        (Err(err), Some(row)) => {
            return Err(table::wrong_length(&node.path, row, columns).context(err));
        }
        (results, _) => results?,
    };
    Ok(Done {
        rows: results.rows("main"),
        message: "seed".into(),
        answer: results.answer("main"),
        ..Done::default()
    })
}

fn delimiter(node: &Node) -> Result<u8> {
    let text = node.config.text("delimiter").unwrap_or_else(|| ",".into());
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ if text == "\\t" => Ok(b'\t'),
        _ => Err(Diagnostic::project(format!(
            "the delimiter `{text}` of `{}` is not one character",
            node.name
        ))
        .at(&node.at)
        .hint("give one ASCII character, such as `;`, `|` or \"\\t\"")
        .into()),
    }
}

/// Tells of `column_types` for columns that the file has not.
fn warn_of_strays(work: &Work<'_>, node: &Node, names: &[String]) {
    let types = node.config.values.get("column_types");
    let types = types.and_then(|types| types.as_mapping());
    let named = types
        .into_iter()
        .flatten()
        .filter_map(|(name, _)| name.as_str());
    let mut strays: Vec<&str> = named
        .filter(|name| !names.iter().any(|own| own == name))
        .collect();
    if strays.is_empty() {
        return;
    }
    strays.sort_unstable();
    let text = format!(
        "`column_types` of the seed `{}` ({}) names columns it has not, which is ignored: {}",
        node.name,
        Path::new(&node.path).display(),
        strays.join(", ")
    );
    (work.request.invocation.listener.0)(Voice::Log, &text);
}
