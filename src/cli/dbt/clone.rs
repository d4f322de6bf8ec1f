//! `wh clone`: views here on what the relations of another environment hold, as its manifest names them.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use minijinja::context;

use super::state::{no_state, past};
use crate::cli::args::{BuildArgs, Global, Selection};
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, print_error, say};
use crate::compile::manifest::Nothing;
use crate::compile::{deferred, is_ephemeral};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{EntryKind, Relation, Session, render};
use crate::run::artifacts::{self, NO_OP};
use crate::run::{self, NodeResult, Status, Summary};

/// What can be cloned.
const KINDS: &[&str] = &["model", "seed", "snapshot"];

/// Makes a view for each chosen node that `--state` knows and that is not there yet; with `--full-refresh` also for those that
/// are. The exit code is 1 when one cannot be made.
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
    let mut session = open(global, &project, Access::Write)?.connect()?;
    let mut good = true;
    let mut summary = Summary::default();
    for index in chosen {
        let node = &compiled.plan.nodes[index];
        let (Some(here), false) = (&node.relation, is_ephemeral(node)) else {
            continue;
        };
        let Some(there) = there.get(&index) else {
            say(&format!(
                "`{}` is not in the manifest of `--state`",
                node.id
            ));
            continue;
        };
        let begun = Instant::now();
        match cloned(&mut *session, here, there, global.flags.is("full_refresh")) {
            Ok(done) => {
                let (said, message) = match done {
                    Some(said) => (said, String::new()),
                    None => (format!("{here} is there already"), NO_OP.into()),
                };
                if !global.quiet {
                    say(&said);
                }
                let result = run::good(index, begun.elapsed());
                summary.results.push(NodeResult { message, ..result });
            }
            Err(err) => {
                good = false;
                print_error(global, &err);
                let result = run::good(index, begun.elapsed());
                summary.results.push(NodeResult {
                    status: Status::Error,
                    error: Some(err),
                    ..result
                });
            }
        }
    }
    artifacts::manifest(&project, &compiled, &Nothing)?;
    artifacts::run_results(&project, &compiled, &summary)?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes one view and says what was done; none where there was nothing to do.
fn cloned(
    session: &mut dyn Session,
    here: &Relation,
    there: &Relation,
    anew: bool,
) -> Result<Option<String>> {
    let entries = session.catalog()?;
    let is_here = |relation: &Relation| {
        relation.schema.eq_ignore_ascii_case(&here.schema)
            && relation.name.eq_ignore_ascii_case(&here.name)
    };
    let existing = entries.iter().find(|entry| is_here(&entry.relation));
    if existing.is_some() && !anew {
        return Ok(None);
    }
    if here.schema.eq_ignore_ascii_case(&there.schema)
        && here.name.eq_ignore_ascii_case(&there.name)
    {
        let what = format!("{here} is the relation of `--state` itself");
        let itself =
            Diagnostic::data(what).hint("give another target, or the artifacts of another");
        return Err(itself.into());
    }
    let sql = render(
        include_str!("clone.sql"),
        context! {
            here => here.to_string(),
            there => there.to_string(),
            schema => &here.schema,
            database => &here.database,
            is_table => existing.is_some_and(|entry| entry.kind == EntryKind::Table),
        },
    )?;
    session.execute(&sql)?;
    Ok(Some(format!("{here} shows what {there} holds")))
}
