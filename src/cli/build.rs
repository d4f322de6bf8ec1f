//! `wh build`, `run`, `test`, `seed`, `ingest`: choose nodes, run them, show how it went.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use super::args::{Global, Selection as Chosen};
use super::ui::Ui;
use super::{log, project, say};
use crate::compile::{self, Compiled, Index, Invocation, Listener, Selection, select};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::DuckDb;
use crate::project::Project;
use crate::run::{self, Cancel, Request, is_work};

/// A command that runs nodes: its name, and the kinds it runs; none for all.
pub(super) struct Verb {
    pub(super) name: &'static str,
    pub(super) kinds: &'static [&'static str],
}

/// How a command that runs nodes was called.
pub(super) struct Call<'a> {
    pub(super) selection: &'a Chosen,
    pub(super) full_refresh: bool,
    pub(super) fail_fast: bool,
}

/// Runs the chosen nodes. The exit code is 1 when a node failed or was skipped.
///
/// # Errors
/// `Project` when the project is wrong, `Environment` when the warehouse cannot be opened: nothing was run.
pub(super) fn build(global: &Global, verb: &Verb, call: &Call<'_>) -> Result<ExitCode> {
    let root = project::root(global)?;
    log::start(Some(&root), global)?;
    let project = project::read(global, &root)?;
    let invocation = invocation(verb.name, call.full_refresh)?;
    let compiled = compile::compile(&project, &invocation)?;
    let chosen = choose(&compiled, call.selection, verb.kinds)?;
    if !chosen.iter().any(|index| is_work(&compiled, *index)) {
        say("nothing to do: the selection matches no node");
        return Ok(ExitCode::SUCCESS);
    }
    let cancel = Arc::new(Cancel::default());
    stop_on_interrupt(&cancel)?;
    let engine = DuckDb::open(&project::settings(global, &project, false)?)?;
    let request = Request {
        project: &project,
        compiled: &compiled,
        engine: &engine,
        chosen,
        invocation: &invocation,
        fail_fast: call.fail_fast,
        cancel: &cancel,
    };
    let ui = Ui::new(global, &project, &compiled);
    let summary = run::run(&request, &ui)?;
    ui.finish(&summary);
    Ok(ExitCode::from(u8::from(!summary.is_good())))
}

/// Returns the nodes that the command line names, of the kinds the command runs.
///
/// # Errors
/// `Project` for a malformed selection.
pub(super) fn choose(
    compiled: &Compiled,
    chosen: &Chosen,
    kinds: &[&str],
) -> Result<BTreeSet<Index>> {
    let selection = Selection {
        select: chosen.select.clone(),
        exclude: chosen.exclude.clone(),
        resource_types: chosen.resource_type.clone(),
    };
    let mut nodes = select(&compiled.plan, &compiled.graph, &selection)?;
    nodes.retain(|index| {
        kinds.is_empty() || kinds.contains(&compiled.plan.nodes[*index].resource.word())
    });
    Ok(nodes)
}

/// Names this call; `WH_NOW` sets its time, so that a run can be repeated to the byte.
///
/// # Errors
/// `Project` when `WH_NOW` is no time.
pub(super) fn invocation(command: &str, full_refresh: bool) -> Result<Invocation> {
    let started_at = match std::env::var("WH_NOW") {
        Err(_) => jiff::Timestamp::now(),
        Ok(text) => text.parse().map_err(|err| {
            Diagnostic::project(format!("`WH_NOW={text}` is no time"))
                .because(anyhow::Error::new(err))
                .hint("give it as 2024-12-31T23:59:00Z")
        })?,
    };
    let id = format!("{:x}-{:x}", started_at.as_microsecond(), std::process::id());
    let listener = Listener(Arc::new(say));
    Ok(Invocation {
        listener,
        id,
        started_at,
        full_refresh,
        command: command.into(),
    })
}

fn stop_on_interrupt(cancel: &Arc<Cancel>) -> Result<()> {
    let cancel = cancel.clone();
    ctrlc::set_handler(move || {
        say("stopping: what runs is undone, what is done stays");
        cancel.stop();
    })
    .map_err(|err| {
        Diagnostic::environment("Ctrl-C cannot be handled")
            .because(err)
            .into()
    })
}

/// Parses the project without running anything.
///
/// # Errors
/// `Project` when it is wrong.
pub(super) fn parse(
    global: &Global,
    command: &str,
    full_refresh: bool,
) -> Result<(Project, Compiled)> {
    let root = project::root(global)?;
    log::start(Some(&root), global)?;
    let project = project::read(global, &root)?;
    let compiled = compile::compile(&project, &invocation(command, full_refresh)?)?;
    Ok((project, compiled))
}
