//! Building a snapshot: the history of a query's rows.

use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::node::{Done, Work};
use super::{materialize, model};
use crate::compile::Index;
use crate::compile::adapter::Adapter;
use crate::diagnostic::Result;

/// Builds one snapshot.
pub(super) fn build(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let shared: Arc<dyn Adapter> = adapter.clone();
    let sql = model::rendered(work, index, shared.clone())?;
    let mut globals = work.compiled.globals(index, Some(shared));
    globals.insert("sql", Value::from(&sql));
    globals.insert("compiled_code", Value::from(&sql));
    let results = materialize::call(work, adapter, (index, None), "snapshot", globals)?;
    Ok(Done {
        rows: results.rows("main"),
        message: "snapshot".into(),
        answer: results.answer("main"),
        ..Done::default()
    })
}
