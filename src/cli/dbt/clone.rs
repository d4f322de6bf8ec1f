//! `wh clone`: what the relations of another environment hold, as its manifest names them, under the names of this one.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use super::state::{no_state, past};
use crate::cli::args::{BuildArgs, Global, Selection};
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, print_error, say};
use crate::compile::deferred;
use crate::compile::manifest::Nothing;
use crate::diagnostic::Result;
use crate::run::artifacts::{self, NO_OP};
use crate::run::{self, Earlier, Request, Summary};

/// What can be cloned.
const KINDS: &[&str] = &["model", "seed", "snapshot"];

/// Clones each chosen node that `--state` knows and that is not there yet; with `--full-refresh` also those that are. The exit
/// code is 1 when one cannot be cloned.
///
/// # Errors
/// `Project` without the manifest of `--state`; `Environment` when the warehouse does not open.
pub(in crate::cli) fn clone(global: &Global, args: &BuildArgs) -> Result<ExitCode> {
    clone_some(global, &args.selection, None)
}

/// As [`clone`], of those nodes only that are named by their ids, if any are.
///
/// # Errors
/// As [`clone`].
pub(super) fn clone_some(
    global: &Global,
    selection: &Selection,
    only: Option<&BTreeSet<String>>,
) -> Result<ExitCode> {
    let (project, compiled) = build::parse(global, "clone", global.flags.is("full_refresh"))?;
    let Some(manifest) = past(global, &compiled.target)?.manifest else {
        return Err(no_state("clone"));
    };
    let there = deferred::relations(&compiled.plan, &manifest);
    let mut chosen = build::choose(global, &compiled, selection, KINDS)?;
    if let Some(only) = only {
        chosen.retain(|index| only.contains(&compiled.plan.nodes[*index].id));
    }
    let engine = open(global, &project, Access::Write)?;
    let request = Request {
        project: &project,
        compiled: &compiled,
        engine: &*engine,
        chosen,
        invocation: &build::invocation(global, "clone", global.flags.is("full_refresh"))?,
        fail_fast: false,
        retries: 0,
        earlier: &Earlier::default(),
        cancel: &Arc::default(),
    };
    let results = run::clone(&request, &there)?;
    let mut is_good = true;
    for result in &results {
        let here = compiled.plan.nodes[result.node].relation.as_ref();
        match (&result.error, here, there.get(&result.node)) {
            (Some(err), ..) => {
                is_good = false;
                print_error(global, err);
            }
            (None, Some(here), Some(there)) if result.message != NO_OP && !global.quiet => {
                say(&format!("{here} shows what {there} holds"));
            }
            _ => {}
        }
    }
    let summary = Summary {
        results,
        ..Summary::default()
    };
    artifacts::manifest(&project, &compiled, &Nothing)?;
    artifacts::run_results(&project, &compiled, &summary)?;
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
