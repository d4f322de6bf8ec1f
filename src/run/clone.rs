//! Cloning: what another environment holds, under the names of this one. How is said by the materialization `clone`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use minijinja::Value;

use super::adapter::{Known, SessionAdapter};
use super::artifacts::NO_OP;
use super::event::{NodeResult, Status};
use super::node::{self, Work};
use super::{Request, failure, good, materialize, prepare, work};
use crate::compile::adapter::Adapter;
use crate::compile::{Index, RelationObject, is_ephemeral};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Relation, render};

/// Calls the materialization `clone` for each chosen node, one after the other; `there` are the relations to clone.
///
/// A node that fails is in the results, not an error.
///
/// # Errors
/// What keeps it as a whole from beginning: the warehouse refuses a session or a schema.
pub fn clone(request: &Request<'_>, there: &BTreeMap<Index, Relation>) -> Result<Vec<NodeResult>> {
    let nodes = &request.compiled.plan.nodes;
    let chosen = request.chosen.iter().copied();
    let chosen: BTreeSet<Index> = chosen
        .filter(|index| nodes[*index].relation.is_some() && !is_ephemeral(&nodes[*index]))
        .collect();
    let work = work(request, &chosen)?;
    let mut session = node::open(&work, None)?;
    prepare(&work, &mut session, &chosen)?;
    let database = crate::compile::database(&request.project.warehouse);
    let known = Arc::new(Known::read(
        &mut session,
        database,
        request.engine.plugins(),
    )?);
    let adapter = Arc::new(SessionAdapter::new(session, known));
    let result_of = |index: Index| {
        let begun = Instant::now();
        let done = node::patiently(&work, &adapter, || {
            adapter.say(node::comment(&work, Some(index))?);
            clone_one(&work, &adapter, (index, there.get(&index)))
        });
        let result = good(index, begun.elapsed());
        match done {
            Ok(true) => result,
            Ok(false) => NodeResult {
                message: NO_OP.into(),
                ..result
            },
            Err(err) => NodeResult {
                status: Status::Error,
                error: Some(failure::explain(&work, &adapter, index, err)),
                ..result
            },
        }
    };
    Ok(chosen.into_iter().map(result_of).collect())
}

/// Clones one node and returns whether there was anything to do.
fn clone_one(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    (index, there): (Index, Option<&Relation>),
) -> Result<bool> {
    let node = &work.compiled.plan.nodes[index];
    let shared: Arc<dyn Adapter> = adapter.clone();
    let mut globals = work.compiled.globals(index, Some(shared));
    if let Some(there) = there {
        let is_anew = work.request.invocation.full_refresh;
        let here = node.relation.as_ref().filter(|here| is_same(here, there));
        // What is there stays as it is, but with `--full-refresh`; `full_refresh` of a node means nothing here.
        if here.is_some_and(|here| is_anew || adapter.known().find(here).is_none()) {
            let what = format!("{there} is the relation of `--state` itself");
            let itself = Diagnostic::data(what);
            let hint = "give another target, or the artifacts of another";
            return Err(itself.hint(hint).into());
        }
        let object = RelationObject::new(there).with_quoting(node.quoted);
        globals.insert("defer_relation", Value::from_object(object));
        let relation = there.to_string();
        let sql = render(include_str!("clone.sql"), minijinja::context! {relation})?;
        globals.insert("sql", Value::from(sql.trim()));
        globals.insert("compiled_code", Value::from(sql.trim()));
    }
    let results = materialize::call(work, adapter, (index, None), "clone", globals)?;
    Ok(results.has("main"))
}

fn is_same(here: &Relation, there: &Relation) -> bool {
    let is_elsewhere = match (&here.database, &there.database) {
        (Some(here), Some(there)) => !here.eq_ignore_ascii_case(there),
        _ => false,
    };
    !is_elsewhere
        && here.schema.eq_ignore_ascii_case(&there.schema)
        && here.name.eq_ignore_ascii_case(&there.name)
}
