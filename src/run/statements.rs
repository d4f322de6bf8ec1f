//! The statements of `on-run-start` and `on-run-end`.

use std::sync::Arc;

use jiff::Timestamp;

use super::adapter::SessionAdapter;
use super::artifacts::{self, Hook, HookEnd, Ledger};
use super::event::NodeResult;
use crate::compile::adapter::Adapter;
use crate::compile::{self, Compiled, Resource};
use crate::diagnostic::{Diagnostic, Kind, Result};

/// Runs `on-run-start` or, once there are results, `on-run-end` of the project and its packages. Once the warehouse refuses one, the
/// others are skipped; returns why it was refused.
///
/// # Errors
/// Where a template does not render.
pub(super) fn run(
    (compiled, ledger): (&Compiled, &Ledger),
    adapter: &Arc<SessionAdapter>,
    results: Option<&[NodeResult]>,
) -> Result<Option<anyhow::Error>> {
    let at_end = results.is_some();
    let mut refused = None;
    for (position, node) in compiled.plan.operations.iter().enumerate() {
        if !matches!(&node.resource, Resource::Operation(operation) if operation.at_end == at_end) {
            continue;
        }
        let began = Timestamp::now();
        let note = |sql: Option<&str>, end: HookEnd| {
            ledger.hook(Hook {
                id: node.id.clone(),
                position,
                time: (began, Timestamp::now()),
                sql: sql.map(Into::into),
                end,
            });
        };
        if refused.is_some() {
            note(None, HookEnd::Skipped);
            continue;
        }
        let shared: Arc<dyn Adapter> = adapter.clone();
        let rendered = compiled.operation(node, shared.clone(), |globals| {
            if let Some(results) = results {
                artifacts::fill(globals, compiled, (results, ledger));
            }
        });
        let failed = |kind: Kind, err: anyhow::Error| {
            let text = compile::template(node).map_or("", |template| &template.source().text);
            let what = format!("the statement `{}` of the project failed", text.trim());
            Diagnostic::new(kind, what).at(&node.at).because(err)
        };
        let sql = rendered.map_err(|err| failed(Kind::Project, err))?;
        let outcome = match sql.trim() {
            "" => Ok(0),
            sql => shared.execute(sql, false),
        };
        let failure = outcome.as_ref().err().map(ToString::to_string);
        note(Some(&sql), failure.map_or(HookEnd::Passed, HookEnd::Failed));
        refused = outcome.err().map(|err| failed(Kind::Data, err).into());
    }
    Ok(refused)
}
