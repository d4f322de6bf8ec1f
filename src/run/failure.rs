//! What went wrong in a node, with the place in the user's files.

use std::sync::Arc;

use super::adapter::SessionAdapter;
use super::node::Work;
use crate::compile::adapter::Adapter;
use crate::compile::{Index, Node, Resource};
use crate::diagnostic::{At, Diagnostic};
use crate::engine::SqlError;

/// Adds to an error which node it is of and, for a refused statement, the template's line.
pub(super) fn explain(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    err: anyhow::Error,
) -> anyhow::Error {
    let node = &work.compiled.plan.nodes[index];
    let Some(sql) = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<SqlError>())
    else {
        return match err.downcast::<Diagnostic>() {
            Ok(diagnostic) => in_macro(diagnostic, node).at(&node.at).into(),
            Err(other) => {
                Diagnostic::data(format!("{} `{}` failed", words(&node.resource), node.name))
                    .at(&node.at)
                    .because(other)
                    .into()
            }
        };
    };
    let has_template = crate::compile::template(node).is_some();
    if !has_template {
        let what = format!(
            "{} `{}` is refused by the warehouse",
            words(&node.resource),
            node.name
        );
        return Diagnostic::data(what)
            .at(&node.at)
            .note(&sql.message)
            .into();
    }
    let place = sql.offset.and_then(|offset| {
        let shared: Arc<dyn Adapter> = adapter.clone();
        work.compiled
            .origin(index, (&sql.statement, offset), Some(shared))
    });
    let what = format!(
        "{} `{}` is refused by the warehouse",
        words(&node.resource),
        node.name
    );
    let mut explained = Diagnostic::data(what)
        .at(place.as_ref().unwrap_or(&node.at))
        .note(&sql.message);
    let comment = adapter.session().comment_length(&sql.statement);
    if let Some(offset) = sql.offset.and_then(|offset| offset.checked_sub(comment)) {
        explained = explained.note(excerpt(&sql.statement[comment..], offset, place.as_ref()));
    }
    explained.into()
}

/// Returns whether a transaction was refused because another one, at the same time, changed the same.
pub(super) fn is_conflict(err: &anyhow::Error) -> bool {
    let mut causes = err
        .chain()
        .filter_map(|cause| cause.downcast_ref::<SqlError>());
    causes.any(|sql| {
        sql.message.contains("write-write conflict")
            || sql.message.contains("Transaction conflict")
            || sql
                .message
                .starts_with("TransactionContext Error: Conflict")
    })
}

/// Returns whether a statement held more in memory than it may.
pub(super) fn is_out_of_memory(err: &anyhow::Error) -> bool {
    let mut causes = err
        .chain()
        .filter_map(|cause| cause.downcast_ref::<SqlError>());
    causes.any(|sql| sql.message.starts_with("Out of Memory Error"))
}

/// Names the node whose template met an error that lies in a macro's file.
fn in_macro(diagnostic: Diagnostic, node: &Node) -> Diagnostic {
    let elsewhere = diagnostic.place().is_some_and(|at| at.file != node.at.file);
    match crate::compile::template(node) {
        Some(_) if elsewhere => {
            let file = node.at.file.display();
            diagnostic.note(format!(
                "{} `{}` ({file}) needs it",
                words(&node.resource),
                node.name
            ))
        }
        _ => diagnostic,
    }
}

fn words(resource: &Resource) -> String {
    resource.word().replace('_', " ")
}

/// Shows the line of the statement with a caret below the place.
fn excerpt(statement: &str, offset: usize, place: Option<&At>) -> String {
    let before = statement.get(..offset).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = statement[start..].lines().next().unwrap_or_default();
    let number = place.map_or_else(|| before.matches('\n').count() + 1, |at| at.line as usize);
    let head = format!("{number} | ");
    let indent: String = statement[start..offset.min(statement.len())]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    format!(
        "{head}{line}\n{}{indent}^",
        " ".repeat(head.len() - 2) + "| "
    )
}
