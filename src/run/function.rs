//! Building a function of the warehouse.

use std::sync::Arc;

use minijinja::Value;

use super::adapter::SessionAdapter;
use super::artifacts::Overloads;
use super::event::Status;
use super::node::{Done, Work};
use super::{failure, materialize, model};
use crate::compile::Index;
use crate::compile::adapter::Adapter;
use crate::diagnostic::Result;
use crate::jinja;
use crate::project::yaml;

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
    let (overloads, error) = overloaded(work, adapter, index)?;
    work.ledger.overloaded(index, overloads);
    Ok(Done {
        status: error.is_some().then_some(Status::Error),
        message: "function".into(),
        error,
        answer: results.answer("main"),
        ..Done::default()
    })
}

/// Makes the overloads of a function, each by the macro that makes the function, and returns the first error.
fn overloaded(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
) -> Result<(Overloads, Option<anyhow::Error>)> {
    let (mut made, mut error) = (Overloads::default(), None);
    let options = &work.compiled.plan.nodes[index].options;
    let listed = options
        .get("overloads")
        .and_then(serde_yaml::Value::as_sequence);
    let shared: Arc<dyn Adapter> = adapter.clone();
    let texts = match listed {
        Some(_) => {
            work.compiled
                .rendered(index, Some(shared.clone()))?
                .overloads
        }
        None => return Ok((made, None)),
    };
    for (overload, code) in listed.into_iter().flatten().zip(&*texts) {
        adapter.commit()?;
        let mut globals = work.compiled.globals(index, Some(shared.clone()));
        let mut model = globals.get("model").cloned().unwrap_or_default();
        for key in ["arguments", "returns"] {
            if let Some(value) = overload.get(key) {
                model = jinja::with_entry(&model, key, jinja::from_json(&yaml::to_json(value)));
            }
        }
        let code = Value::from(&**code);
        globals.insert(
            "model",
            jinja::with_entry(&model, "compiled_code", code.clone()),
        );
        globals.insert("sql", code.clone());
        globals.insert("compiled_code", code);
        let name = overload.get("defined_in").and_then(|name| name.as_str());
        let name = name.unwrap_or_default().to_owned();
        match materialize::call(work, adapter, (index, None), "function", globals) {
            Ok(_) => made.successful.push(name),
            Err(err) => {
                adapter.roll_back();
                made.failed.push(name);
                error = error.or(Some(failure::explain(work, adapter, index, err)));
            }
        }
    }
    Ok((made, error))
}
