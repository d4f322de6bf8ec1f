//! `wh runs`, `wh logs`, `wh resume`: what ran, how it went, and going on from there.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use serde::Deserialize;
use serde_json::{Value, json};
use serde_yaml::Mapping;

use super::args::{Global, Selection, Vars};
use super::build::{Call, Origin, execute, exit_code, site};
use super::jobs::run_and_tell;
use super::operate::{ListOutput, LogsArgs, ResumeArgs, RunsArgs};
use super::output::{Format, writer};
use super::query::time;
use super::{project, say, terminal};
use crate::diagnostic::{Diagnostic, Result};
use crate::state::State;
use crate::state::runs::{LogLine, NodeRun, NodeStatus, Run, RunStatus};

/// Lists the runs, or shows one with its nodes and errors.
///
/// # Errors
/// `Project` when no run has the id; `Environment` when the history cannot be read.
pub(super) fn runs(global: &Global, args: &RunsArgs) -> Result<()> {
    let state = history(global)?;
    let mut out = std::io::stdout().lock();
    match &args.id {
        Some(id) => {
            let run = state.run(id)?;
            let nodes = state.node_runs(&run.run_id)?;
            match args.output {
                ListOutput::Json => writeln!(out, "{}", run_json(&run, Some(&nodes)))?,
                ListOutput::Table => show(global, &run, &nodes, &mut out)?,
            }
        }
        None => {
            let runs = state.runs(args.job.as_deref(), args.limit)?;
            match args.output {
                ListOutput::Json => {
                    for run in &runs {
                        writeln!(out, "{}", run_json(run, None))?;
                    }
                }
                ListOutput::Table if runs.is_empty() => say("no run is recorded yet"),
                ListOutput::Table => list(global, &runs, &mut out)?,
            }
        }
    }
    Ok(())
}

/// Prints the log of a run: the last one, or the one named.
///
/// # Errors
/// `Project` when no run or no node has the name; `Environment` when the history cannot be read.
pub(super) fn logs(global: &Global, args: &LogsArgs) -> Result<()> {
    let state = history(global)?;
    let run = named_or_last(&state, args.id.as_deref())?;
    let node = match &args.select {
        None => None,
        Some(name) => Some(node_of(&state, &run, name)?),
    };
    let mut out = std::io::stdout().lock();
    for line in state.run_logs(&run.run_id, node.as_deref())? {
        match args.output {
            ListOutput::Json => writeln!(out, "{}", line_json(&run, &line))?,
            ListOutput::Table => writeln!(
                out,
                "{} {:<5} {}",
                clock(line.at),
                line.level.word(),
                line.text
            )?,
        }
    }
    Ok(())
}

/// Runs again what failed, was skipped or never ran.
///
/// # Errors
/// `Project` when no run has the id or it still goes on; as `wh build`.
pub(super) fn resume(global: &Global, args: &ResumeArgs) -> Result<ExitCode> {
    let state = history(global)?;
    let run = named_or_last(&state, args.id.as_deref())?;
    match run.status {
        RunStatus::Running => {
            let what = format!(
                "the run `{}` still goes on (process {})",
                run.run_id, run.pid
            );
            return Err(Diagnostic::project(what)
                .hint("wait for its end, or stop it with Ctrl-C")
                .into());
        }
        RunStatus::Success => {
            say(&format!(
                "nothing to resume: the run `{}` went well",
                run.run_id
            ));
            return Ok(ExitCode::SUCCESS);
        }
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Crashed => {}
    }
    let kept: Kept = serde_json::from_str(&run.selection)?;
    let mut global = global.clone();
    global.vars = global.vars.or(kept.vars.map(Vars));
    global.target = global.target.or(kept.target);
    let done = done(&state, &run)?;
    if !global.quiet {
        say(&format!(
            "going on with the run `{}` ({}): {} done already",
            run.run_id,
            run.status.word(),
            plural(done.len(), "node")
        ));
    }
    let call = Call {
        selection: Selection {
            select: kept.select,
            exclude: kept.exclude,
            resource_type: kept.resource_types,
            ..Selection::default()
        },
        full_refresh: kept.full_refresh,
        fail_fast: kept.fail_fast,
        retries: kept.retries,
        origin: Origin {
            job: run.job.clone(),
            resumed_from: Some(run.run_id.clone()),
            done,
            ..Origin::default()
        },
    };
    drop(state);
    let site = site(&global)?;
    let project = project::peek(&global, &site.root)?;
    let job = project
        .jobs
        .iter()
        .find(|job| run.job.as_ref() == Some(&job.name));
    let finished = match job {
        Some(job) => run_and_tell(&site, &project, job, &call)?,
        None => execute(&site, &run.command, &call)?,
    };
    Ok(exit_code(&finished))
}

/// What the history keeps of how a run was called.
#[derive(Deserialize)]
struct Kept {
    select: Vec<String>,
    exclude: Vec<String>,
    resource_types: Vec<String>,
    full_refresh: bool,
    fail_fast: bool,
    retries: u32,
    vars: Option<Mapping>,
    target: Option<String>,
}

/// Returns the nodes that are good, in a run and in those it went on with.
fn done(state: &State, run: &Run) -> Result<BTreeSet<String>> {
    let mut done = BTreeSet::new();
    let mut next = Some(run.run_id.clone());
    while let Some(run_id) = next {
        let good = |node: &NodeRun| matches!(node.status, NodeStatus::Success | NodeStatus::Warn);
        let nodes = state.node_runs(&run_id)?;
        done.extend(nodes.into_iter().filter(good).map(|node| node.node_id));
        next = state.run(&run_id)?.resumed_from;
    }
    Ok(done)
}

/// Opens the history, in which runs of dead processes are marked.
fn history(global: &Global) -> Result<State> {
    let state = State::open(&project::root(global)?)?;
    state.mark_crashed()?;
    Ok(state)
}

fn named_or_last(state: &State, id: Option<&str>) -> Result<Run> {
    match id {
        Some(id) => state.run(id),
        None => state.last_run(None)?.ok_or_else(|| {
            Diagnostic::project("no run is recorded yet")
                .hint("`wh build` makes one")
                .into()
        }),
    }
}

fn node_of(state: &State, run: &Run, name: &str) -> Result<String> {
    let nodes = state.node_runs(&run.run_id)?;
    let found = nodes
        .iter()
        .find(|node| node.name == name || node.node_id == name);
    if let Some(node) = found {
        return Ok(node.node_id.clone());
    }
    let what = format!("the run `{}` has no node `{name}`", run.run_id);
    let names = nodes.iter().map(|node| node.name.as_str());
    let near = crate::diagnostic::nearest(name, names);
    let hint = near.map_or_else(
        || format!("`wh runs {}` lists them", run.run_id),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Diagnostic::project(what).hint(hint).into())
}

fn list(global: &Global, runs: &[Run], out: &mut dyn Write) -> Result<()> {
    let row = |run: &Run| {
        [
            run.run_id.clone(),
            clock(run.started_at),
            run.command.clone(),
            run.job.clone().unwrap_or_default(),
            run.trigger.word().into(),
            run.status.word().into(),
            run.n_nodes.to_string(),
            elapsed(run.started_at, run.ended_at),
        ]
    };
    let names = [
        "run", "started", "command", "job", "by", "status", "nodes", "took",
    ];
    table(global, names, runs.iter().map(row).collect(), out)
}

fn show(global: &Global, run: &Run, nodes: &[NodeRun], out: &mut dyn Write) -> Result<()> {
    let mut facts = vec![
        ("run", run.run_id.clone()),
        ("command", run.arguments.clone()),
        ("status", run.status.word().into()),
        ("started", clock(run.started_at)),
        ("took", elapsed(run.started_at, run.ended_at)),
        ("nodes", run.n_nodes.to_string()),
    ];
    let mut add = |name: &'static str, value: &Option<String>| {
        facts.extend(value.clone().map(|value| (name, value)));
    };
    add("job", &run.job);
    add("resumed", &run.resumed_from);
    add("commit", &run.git_commit);
    add("error", &run.error);
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "{name:<9}{value}")?;
    }
    writeln!(out)?;
    let row = |node: &NodeRun| {
        [
            node.kind.replace('_', " "),
            node.name.clone(),
            node.attempt.to_string(),
            node.status.word().into(),
            node.n_rows.map(|rows| rows.to_string()).unwrap_or_default(),
            elapsed(node.started_at, node.ended_at),
            node.message.clone(),
        ]
    };
    let names = [
        "kind", "node", "attempt", "status", "rows", "took", "message",
    ];
    table(global, names, nodes.iter().map(row).collect(), out)?;
    for node in nodes {
        if let Some(error) = &node.error {
            writeln!(
                out,
                "\n{} {}: {error}",
                node.kind.replace('_', " "),
                node.name
            )?;
        }
    }
    Ok(())
}

/// Prints rows of text as a table; on a terminal cut to its width.
pub(super) fn table<const N: usize>(
    global: &Global,
    names: [&str; N],
    rows: Vec<[String; N]>,
    out: &mut dyn Write,
) -> Result<()> {
    let screen = terminal::screen(global);
    let column = |n: usize| -> ArrayRef {
        let values = rows.iter().map(|row| Some(row[n].as_str()));
        Arc::new(values.collect::<StringArray>())
    };
    let columns = names.iter().enumerate().map(|(n, name)| (*name, column(n)));
    let batch = RecordBatch::try_from_iter(columns)?;
    let mut writer = writer(Format::Table, &batch.schema(), screen);
    writer.write(&batch, out)?;
    writer.finish(out)?;
    Ok(())
}

fn run_json(run: &Run, nodes: Option<&[NodeRun]>) -> Value {
    let mut value = json!({
        "run_id": run.run_id,
        "command": run.command,
        "arguments": run.arguments,
        "job": run.job,
        "trigger": run.trigger.word(),
        "resumed_from": run.resumed_from,
        "started_at": instant(run.started_at),
        "ended_at": run.ended_at.map(instant),
        "status": run.status.word(),
        "pid": run.pid,
        "git_commit": run.git_commit,
        "n_nodes": run.n_nodes,
        "error": run.error,
    });
    if let Some(nodes) = nodes {
        value["nodes"] = nodes.iter().map(node_json).collect();
    }
    value
}

fn node_json(node: &NodeRun) -> Value {
    json!({
        "unique_id": node.node_id,
        "name": node.name,
        "resource_type": node.kind,
        "attempt": node.attempt,
        "worker": node.worker,
        "started_at": instant(node.started_at),
        "ended_at": node.ended_at.map(instant),
        "status": node.status.word(),
        "rows": node.n_rows,
        "message": node.message,
        "error": node.error,
    })
}

fn line_json(run: &Run, line: &LogLine) -> Value {
    json!({
        "run_id": run.run_id,
        "at": instant(line.at),
        "level": line.level.word(),
        "unique_id": line.node_id,
        "text": line.text,
    })
}

/// Writes an instant as RFC 3339 in UTC.
fn instant(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map_or_else(|_| String::new(), |at| at.to_string())
}

/// Writes an instant as the clock on this machine's wall shows it.
pub(super) fn clock(micros: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    jiff::Timestamp::from_microsecond(micros).map_or_else(
        |_| String::new(),
        |at| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

fn elapsed(started_at: i64, ended_at: Option<i64>) -> String {
    let micros = ended_at.and_then(|ended_at| u64::try_from(ended_at - started_at).ok());
    micros.map_or_else(String::new, |micros| {
        time(std::time::Duration::from_micros(micros))
    })
}

fn plural(n: usize, word: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {word}{plural}")
}
