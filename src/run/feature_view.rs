//! Building a feature view, and putting it online where it asks for that.

use std::sync::Arc;

use super::adapter::SessionAdapter;
use super::node::{Done, Work, input, relation};
use crate::compile::Index;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::EntryKind;
use crate::features;
use crate::project::nodes::FeatureView;
use crate::state::State;

/// Builds one feature view.
pub(super) fn build(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    view: &FeatureView,
) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let kind = match node.config.text("materialized").as_deref() {
        None | Some("table") => EntryKind::Table,
        Some("view") => EntryKind::View,
        Some(other) => {
            let what = format!("feature view `{}` is materialized as `{other}`", view.name);
            return Err(Diagnostic::project(what)
                .hint("use one of: table, view")
                .into());
        }
    };
    let inputs = work.compiled.relations(index);
    let output = relation(node)?;
    let now = work.request.invocation.started_at;
    let request = features::Request {
        view,
        tags: &node.config.texts("tags"),
        input: input(&inputs, &view.from, node)?,
        output,
        kind,
        existing: adapter.known().find(output),
        now,
    };
    let outcome = features::build(&mut *adapter.session(), &request)?;
    adapter.known().set(output, Some(kind));
    let mut message = format!("version {}", outcome.version);
    if view.online {
        let state = State::open(&work.project.root)?;
        let online = features::materialize(&mut *adapter.session(), &state, &view.name, now)?;
        message += &format!(", {} online", online.entities);
    }
    Ok(Done {
        rows: Some(outcome.rows),
        message,
        ..Done::default()
    })
}
