//! `on-run-start` and `on-run-end`: statements of the project and its packages around all nodes.

use std::sync::Arc;

use jiff::Timestamp;

use super::adapter::SessionAdapter;
use super::artifacts::{self, Hook, HookEnd};
use super::event::NodeResult;
use super::node::Work;
use crate::compile::adapter::Adapter;
use crate::compile::{self, Node, Resource};
use crate::diagnostic::{Diagnostic, Result};

/// Runs `on-run-start` or, once there are results, `on-run-end`. Says why one was refused; those after it are skipped.
///
/// # Errors
/// `Project` when a template does not render.
pub(super) fn run(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    results: Option<&[NodeResult]>,
) -> Result<Option<anyhow::Error>> {
    let at_end = results.is_some();
    let mut refused = None;
    for (position, node) in work.compiled.plan.operations.iter().enumerate() {
        if !matches!(&node.resource, Resource::Operation(operation) if operation.at_end == at_end) {
            continue;
        }
        let began = Timestamp::now();
        let mut hook = Hook {
            id: node.id.clone(),
            position,
            time: (began, began),
            sql: None,
            end: HookEnd::Skipped,
        };
        if refused.is_none() {
            let sql = rendered(work, adapter, node, results)?;
            let outcome = match sql.trim() {
                "" => Ok(0),
                sql => adapter.execute(sql, false),
            };
            hook.time.1 = Timestamp::now();
            hook.sql = Some(sql.as_str().into());
            hook.end = match &outcome {
                Ok(_) => HookEnd::Passed,
                Err(err) => HookEnd::Failed(err.to_string()),
            };
            refused = outcome.err().map(|err| failed(node, err));
        }
        work.ledger.hook(hook);
    }
    Ok(refused)
}

fn rendered(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    node: &Node,
    results: Option<&[NodeResult]>,
) -> Result<String> {
    let shared: Arc<dyn Adapter> = adapter.clone();
    work.compiled.operation(node, shared, |globals| {
        if let Some(results) = results {
            artifacts::fill(globals, work.compiled, (results, &work.ledger));
        }
    })
}

fn failed(node: &Node, err: anyhow::Error) -> anyhow::Error {
    let text = compile::template(node).map_or("", |template| &template.source().text);
    let what = format!("the statement `{}` of the project failed", text.trim());
    Diagnostic::data(what).at(&node.at).because(err).into()
}
