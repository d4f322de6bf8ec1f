//! `wh retry`: the last command again, for the nodes that did not end well, as `run_results.json` tells.

use std::collections::{BTreeSet, HashSet};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::clone::clone_some;
use super::operation::run_operation;
use super::state::{no_folder, read};
use crate::cli::args::{Global, RetryArgs, RunOperationArgs, Selection, Vars, vars};
use crate::cli::build::{self, Call, Origin};
use crate::cli::operate::ResumeArgs;
use crate::cli::project;
use crate::cli::runs::resume;
use crate::cli::warn::{NOTHING_TO_DO, note};
use crate::compile::manifest::Nothing;
use crate::compile::{Compiled, Range, instant, literal, statuses};
use crate::diagnostic::{Diagnostic, Result};
use crate::project::Project;
use crate::run::{Batches, Earlier, Summary, artifacts};

/// How a node ended that is to run again.
const AGAIN: &[&str] = &[
    "error",
    "fail",
    "skipped",
    "runtime error",
    "partial success",
];

/// Runs again what failed or was skipped in the run of `--state` or of the target folder; without its results, as the history
/// of runs tells.
///
/// # Errors
/// `Project` when there is no `run_results.json`, or it is of a command that has no nodes.
pub(in crate::cli) fn retry(global: &Global, args: &RetryArgs) -> Result<ExitCode> {
    let root = project::root(global)?;
    let project = project::peek(global, &root)?;
    let state = global.flags.text("state");
    let state = state.map(|folder| super::state::placed(global, folder));
    let folder = match &state {
        Some(folder) if !folder.is_dir() => return Err(no_folder("--state", folder)),
        Some(folder) => folder.clone(),
        None => root.join(&project.paths.target),
    };
    let Some(results) = read(&folder.join("run_results.json"))? else {
        if state.is_none() {
            return resume(global, &ResumeArgs { id: None });
        }
        let what = format!("there is no run_results.json in `{}`", folder.display());
        return Err(Diagnostic::project(what)
            .hint("`wh build` leaves one in the target folder")
            .into());
    };
    if results.get("results") == Some(&json!([])) {
        let what = "the last command ran no node";
        return Err(Diagnostic::project(what)
            .hint("run a command that does, such as `wh build`")
            .into());
    }
    let ids = failed(global, &results);
    let empty = Value::Null;
    let before = results.get("args").unwrap_or(&empty);
    let which = before
        .get("which")
        .and_then(Value::as_str)
        .unwrap_or("build");
    if ids.is_empty() {
        note(
            global,
            NOTHING_TO_DO,
            "nothing to retry: the last run went well",
        )?;
        if which == "compile" {
            return nothing_compiled(&as_before(global, args, before)?);
        }
        if !build::VERBS.iter().any(|verb| verb.name == which) {
            return Ok(ExitCode::SUCCESS);
        }
    }
    if which == "run-operation" {
        return operate(global, args, before);
    }
    if which == "clone" {
        let global = as_before(global, args, before)?;
        return clone_some(&global, &Selection::default(), Some(&ids));
    }
    if !build::VERBS.iter().any(|verb| verb.name == which) {
        let what = format!("the last command was `{which}`, which builds no node");
        return Err(Diagnostic::project(what).hint("run it again").into());
    }
    let global = as_before(global, args, before)?;
    let call = Call {
        full_refresh: global.flags.is("full_refresh"),
        fail_fast: global.flags.is("fail_fast"),
        origin: Origin {
            only: Some(ids),
            earlier: earlier(&results),
            ..Origin::default()
        },
        ..Call::default()
    };
    build::build(&global, which, &call)
}

/// Returns the ids of the nodes that are to run again.
fn failed(global: &Global, results: &Value) -> BTreeSet<String> {
    let mut again: Vec<&str> = AGAIN.to_vec();
    if global.flags.is("warn_error") {
        again.push("warn");
    }
    // Statements of the project itself run with every command.
    let failed = statuses(results)
        .filter(|(id, status)| again.contains(status) && !id.starts_with("operation."));
    failed.map(|(id, _)| id.to_owned()).collect()
}

/// Checks that nodes that are to run again are still there; leaves the manifest where they are not.
///
/// # Errors
/// `Project` with the first that is not; `Environment` when the manifest cannot be written.
pub(in crate::cli) fn are_there(
    (project, compiled): (&Project, &Compiled),
    only: Option<&BTreeSet<String>>,
) -> Result<()> {
    let Some(only) = only else {
        return Ok(());
    };
    let known: HashSet<&str> = compiled.plan.nodes.iter().map(|node| &*node.id).collect();
    let Some(id) = only.iter().find(|id| !known.contains(id.as_str())) else {
        return Ok(());
    };
    artifacts::manifest(project, compiled, &Nothing)?;
    let what = format!("`{id}`, which is to run again, is not there or not enabled");
    Err(Diagnostic::project(what)
        .hint("run the command itself again")
        .into())
}

/// Leaves the artifacts of a command that compiled no node.
fn nothing_compiled(global: &Global) -> Result<ExitCode> {
    let (project, compiled) = build::parse(global, "compile", global.flags.is("full_refresh"))?;
    artifacts::manifest(&project, &compiled, &Nothing)?;
    artifacts::run_results(&project, &compiled, &Summary::default())?;
    Ok(ExitCode::SUCCESS)
}

/// Calls the macro of the last command again.
fn operate(global: &Global, args: &RetryArgs, before: &Value) -> Result<ExitCode> {
    let text = |key: &str| before.get(key).and_then(Value::as_str).map(str::to_owned);
    let arguments = before.get("args").filter(|given| given.is_object());
    let arguments = arguments.map(|given| vars(&given.to_string()));
    let again = RunOperationArgs {
        operation: text("macro"),
        args: arguments.transpose().map_err(Diagnostic::project)?,
        sql: text("sql"),
    };
    run_operation(&as_before(global, args, before)?, &again)
}

/// Reads when the run before began, and the batches of models that were built in part.
fn earlier(results: &Value) -> Earlier {
    let began = results
        .pointer("/metadata/invocation_started_at")
        .and_then(Value::as_str);
    let nodes = results.get("results").and_then(Value::as_array);
    let batches = nodes.into_iter().flatten().filter_map(|result| {
        let id = result.get("unique_id")?.as_str()?.to_owned();
        let ranges = |key: &str| -> Option<Vec<Range>> {
            let pairs = result.get("batch_results")?.get(key)?.as_array()?.iter();
            let end = |pair: &Value, at: usize| instant(pair.get(at)?.as_str()?).map(literal);
            pairs
                .map(|pair| Some((end(pair, 0)?, end(pair, 1)?)))
                .collect()
        };
        let (successful, failed) = (ranges("successful")?, ranges("failed")?);
        let is_half = !successful.is_empty() && !failed.is_empty();
        let batches = Batches {
            successful,
            failed,
            ..Batches::default()
        };
        is_half.then_some((id, batches))
    });
    Earlier {
        began: began.and_then(|text| text.parse().ok()),
        batches: batches.collect(),
    }
}

/// Takes over the flags and variables of the run before, where this call does not say them.
fn as_before(global: &Global, args: &RetryArgs, before: &Value) -> Result<Global> {
    const KEPT: &[&str] = &[
        "full_refresh",
        "fail_fast",
        "empty",
        "sample",
        "store_failures",
        "event_time_start",
        "event_time_end",
        "defer",
        "favor_state",
        "profile",
        "warn_error_options",
    ];
    let mut global = global.clone();
    for key in KEPT {
        let typed = global.given.0.contains_key(*key) || args.doing.0.0.contains_key(*key);
        if let (false, Some(value)) = (typed, before.get(*key)) {
            global.flags.set(key, value.clone());
        }
    }
    if global.vars.is_none()
        && let Some(kept) = before.get("vars").filter(|kept| kept.is_object())
    {
        let text = kept.to_string();
        let kept: Result<Vars, String> = vars(&text);
        global.vars = Some(kept.map_err(Diagnostic::project)?);
    }
    if global.target.is_none() {
        global.target = before
            .get("target")
            .and_then(Value::as_str)
            .map(str::to_owned);
    }
    if global.threads.is_none() {
        let threads = before.get("threads").and_then(Value::as_u64);
        global.threads = threads.and_then(|threads| usize::try_from(threads).ok());
    }
    global.flags.set("threads", json!(global.threads));
    // What `--state` of this call names is where the results were.
    let state = before.get("state").cloned().unwrap_or_default();
    global.flags.set("state", state);
    Ok(global)
}
