//! Building a function of the warehouse.

use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::node::{Done, Work};
use super::{materialize, model};
use crate::compile::Index;
use crate::compile::adapter::Adapter;
use crate::diagnostic::Result;
use crate::jinja;

/// Builds one function by its macro.
pub(super) fn build(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let shared: Arc<dyn Adapter> = adapter.clone();
    let code = model::rendered(work, index, shared.clone())?;
    let mut globals = work.compiled.globals(index, Some(shared));
    let known = globals.get("model").cloned().unwrap_or_default();
    // Macros of functions take the text from `model`.
    let known = jinja::with_entry(&known, "compiled_code", Value::from(&code));
    globals.insert("model", known);
    globals.insert("sql", Value::from(&code));
    globals.insert("compiled_code", Value::from(&code));
    let results = materialize::call(work, adapter, (index, None), "function", globals)?;
    Ok(Done {
        message: "function".into(),
        answer: results.answer("main"),
        ..Done::default()
    })
}
