//! `wh build`, `run`, `test`, `seed`, `ingest`: choose nodes, run them, show how it went.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::args::{Global, Selection as Chosen, Vars};
use super::aside::Aside;
use super::dbt::retry::are_there;
use super::dbt::seeds::sample;
use super::dbt::state::{defer, past};
use super::ui::show;
use super::warehouse::{Access, open};
use super::warn::{IDLE_SELECTION, NO_NODES, NOTHING_TO_DO, note, warn};
use super::{log, project, say};
use crate::compile::manifest::{Nothing, Remains};
use crate::compile::{self, Compiled, Index, Indirect, Invocation, Listener, Selection, Voice};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Engine;
use crate::memory::GiveBack;
use crate::project::Project;
use crate::run::history::{self, History, Logger};
use crate::run::{
    self, Cancel, Earlier, Introspection, Observers, Request, Summary, artifacts, is_work,
};
use crate::state::State;
use crate::state::runs::{Level, Run, RunStatus, Trigger, new_id, now};

/// A command that runs nodes: its name, and the kinds it runs; none for all.
pub(super) struct Verb {
    pub(super) name: &'static str,
    pub(super) kinds: &'static [&'static str],
}

/// The commands that run nodes.
pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "build",
        kinds: &[],
    },
    Verb {
        name: "run",
        kinds: &["model"],
    },
    Verb {
        name: "seed",
        kinds: &["seed"],
    },
    Verb {
        name: "ingest",
        kinds: &["source"],
    },
    Verb {
        name: "snapshot",
        kinds: &["snapshot"],
    },
    Verb {
        name: "test",
        kinds: &["test", "unit_test"],
    },
];

/// How a command that runs nodes was called.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    pub(super) selection: Chosen,
    pub(super) full_refresh: bool,
    pub(super) fail_fast: bool,
    /// How often a failed node is tried again whose configuration does not say it.
    pub(super) retries: u32,
    /// Who called it; none for the command line.
    pub(super) origin: Origin,
}

/// Where a run comes from when it is not simply typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// The job it is a run of.
    pub(super) job: Option<String>,
    /// The schedule that began it rather than a person.
    pub(super) scheduled: bool,
    /// The id it has already.
    pub(super) run_id: Option<String>,
    /// The run it goes on with.
    pub(super) resumed_from: Option<String>,
    /// Unique ids of nodes that need not run again.
    pub(super) done: BTreeSet<String>,
    /// Unique ids of the only nodes that are to run again; all that are chosen when it does not say.
    pub(super) only: Option<BTreeSet<String>>,
    /// What the run before left of nodes that are half done.
    pub(super) earlier: Earlier,
}

/// Where nodes are run.
pub(super) struct Site<'a> {
    pub(super) global: &'a Global,
    pub(super) root: PathBuf,
    /// Stops the run.
    pub(super) cancel: Arc<Cancel>,
    /// The warehouse, when this process has it open already.
    pub(super) engine: Option<Arc<dyn Engine>>,
}

/// How a run went.
pub(super) struct Finished {
    /// How it went.
    pub(super) status: RunStatus,
    /// The exit code of what failed beside the nodes; 0 where nothing did.
    pub(super) code: u8,
}

/// Runs the chosen nodes. The exit code is 1 when a node failed or was skipped.
///
/// # Errors
/// `Project` when the project is wrong, `Environment` when the warehouse cannot be opened: nothing was run.
pub(super) fn build(global: &Global, verb: &str, call: &Call) -> Result<ExitCode> {
    let site = site(global)?;
    Ok(exit_code(&execute(&site, verb, call)?))
}

/// Makes the site of a command that was typed: Ctrl-C stops what it runs.
///
/// # Errors
/// `Project` when there is no project; `Environment` when the log cannot be written.
pub(super) fn site(global: &Global) -> Result<Site<'_>> {
    let root = project::root(global)?;
    log::start(Some(&root), global)?;
    let cancel = Arc::new(Cancel::default());
    stop_on_interrupt(&cancel)?;
    Ok(Site {
        global,
        root,
        cancel,
        engine: None,
    })
}

/// Returns 1 when a node failed or was skipped; more when the project itself is wrong, which was seen late.
pub(super) fn exit_code(finished: &Option<Finished>) -> ExitCode {
    let code = |run: &Finished| run.code.max(u8::from(run.status != RunStatus::Success));
    ExitCode::from(finished.as_ref().map_or(0, code))
}

/// Runs the chosen nodes at a site, shows and records it; `None` when there is nothing to do.
///
/// # Errors
/// As [`build`].
pub(super) fn execute(site: &Site<'_>, verb: &str, call: &Call) -> Result<Option<Finished>> {
    // Dropped last: by then what the project was parsed to is given back, as closing the warehouse takes memory.
    let mut engine = site.engine.clone();
    let _before_that = GiveBack;
    // Threads of its own: what they hold can be given back once they have ended.
    let pool = rayon::ThreadPoolBuilder::new().build()?;
    let project = pool.install(|| project::read(site.global, &site.root))?;
    let journal: Journal = Arc::default();
    let mut invocation = invocation(site.global, verb, call.full_refresh)?;
    invocation.listener = listener(site.global, &journal);
    invocation.id = call.origin.run_id.clone().unwrap_or(invocation.id);
    let mut compiled = pool.install(|| compile::compile(&project, &invocation))?;
    project::check(site.global, &compiled)?;
    are_there((&project, &compiled), call.origin.only.as_ref())?;
    let mut chosen = choose(site.global, &compiled, &call.selection, kinds(verb))?;
    compiled.set_selected(&chosen);
    chosen.retain(|index| is_work(&compiled, *index));
    let wanted = |id: &String| {
        let only = call.origin.only.as_ref();
        only.is_none_or(|only| only.contains(id)) && !call.origin.done.contains(id)
    };
    chosen.retain(|index| wanted(&compiled.plan.nodes[*index].id));
    if chosen.is_empty() {
        if call.origin.only.is_none() {
            let text = "nothing to do: the selection matches no node";
            note(site.global, NOTHING_TO_DO, text)?;
        }
        artifacts::manifest(&project, &compiled, &Nothing)?;
        artifacts::run_results(&project, &compiled, &Summary::default())?;
        return Ok(None);
    }
    compiled.tell_selected(&chosen);
    if site.global.flags.is("defer") {
        let engine = opened(site, &project, &mut engine)?;
        let introspection = Introspection::open((&project, &compiled), engine)?;
        defer(site.global, &mut compiled, (&chosen, &introspection))?;
    }
    let run = record(site, call, &invocation, chosen.len());
    let history = remember(&site.root, &compiled, run);
    *journal.lock().unwrap_or_else(PoisonError::into_inner) = history.as_ref().map(History::logger);
    let order = Order {
        call,
        project: &project,
        compiled: &compiled,
        invocation: &invocation,
        chosen,
        pool: &pool,
    };
    let outcome = run_nodes(site, &order, &mut engine, history.as_ref());
    drop(pool);
    let (status, error) = match site.cancel.reason() {
        Some(reason) => (RunStatus::Failed, Some(reason)),
        None => history::outcome(&outcome),
    };
    if let Some(history) = history
        && let Err(err) = history.end(status, error.as_deref())
    {
        not_recorded(&err);
    }
    let code = outcome?.error.as_ref().map_or(0, super::exit_code);
    Ok(Some(Finished { status, code }))
}

/// Returns the warehouse, and opens it where nothing did yet.
fn opened(
    site: &Site<'_>,
    project: &Project,
    engine: &mut Option<Arc<dyn Engine>>,
) -> Result<Arc<dyn Engine>> {
    let opened = match engine.take() {
        Some(engine) => engine,
        None => open(site.global, project, Access::Write)?,
    };
    Ok(engine.insert(opened).clone())
}

/// What is to be run.
struct Order<'a> {
    call: &'a Call,
    project: &'a Project,
    compiled: &'a Compiled,
    invocation: &'a Invocation,
    chosen: BTreeSet<Index>,
    pool: &'a rayon::ThreadPool,
}

fn run_nodes(
    site: &Site<'_>,
    order: &Order<'_>,
    engine: &mut Option<Arc<dyn Engine>>,
    history: Option<&History<'_>>,
) -> Result<Summary> {
    let (call, engine) = (order.call, opened(site, order.project, engine));
    let engine = match engine {
        Ok(engine) => engine,
        Err(err) => {
            artifacts::manifest(order.project, order.compiled, &Nothing)?;
            return Err(err);
        }
    };
    let request = Request {
        project: order.project,
        compiled: order.compiled,
        engine: &*engine,
        chosen: order.chosen.clone(),
        invocation: order.invocation,
        fail_fast: call.fail_fast,
        retries: call.retries,
        earlier: &call.origin.earlier,
        cancel: &site.cancel,
    };
    let ui = show(site.global, order.project, order.compiled);
    let mut observers = Observers(vec![&*ui]);
    if let Some(history) = history {
        observers.0.push(history);
    }
    let outcome = run::run(&request, &observers);
    let remains: &dyn Remains = match &outcome {
        Ok(summary) => &summary.ledger,
        Err(_) => &Nothing,
    };
    let write = || artifacts::manifest(order.project, order.compiled, remains);
    order.pool.install(write)?;
    let summary = outcome?;
    artifacts::run_results(order.project, order.compiled, &summary)?;
    ui.finish(&summary);
    if order.invocation.command == "seed" && order.invocation.flags.is("show") {
        sample(site.global, &*engine, (order.compiled, &summary))?;
    }
    Ok(summary)
}

/// Where lines that templates print go while a run is recorded.
type Journal = Arc<Mutex<Option<Logger>>>;

/// Prints what templates print, says what they log, and records both while there is a record.
fn listener(global: &Global, journal: &Journal) -> Listener {
    let journal = journal.clone();
    let heard = hears(global);
    Listener(Arc::new(move |voice: Voice, text: &str| {
        (heard.0)(voice, text);
        if let Some(logger) = &*journal.lock().unwrap_or_else(PoisonError::into_inner) {
            logger.log(Level::Info, text);
        }
    }))
}

/// Prints what templates print unless `--no-print`, and says what they log unless `--quiet`.
fn hears(global: &Global) -> Listener {
    let (prints, logs) = (global.flags.is("print"), !global.quiet);
    Listener(Arc::new(move |voice: Voice, text: &str| match voice {
        Voice::Print if prints => {
            if let Err(err) = writeln!(io::stdout().lock(), "{text}") {
                tracing::debug!(error = %err, "standard output");
            }
        }
        Voice::Log if logs => say(text),
        Voice::Print | Voice::Log => {}
    }))
}

/// Makes what the history keeps of a call.
pub(super) fn record(site: &Site<'_>, call: &Call, invocation: &Invocation, n_nodes: usize) -> Run {
    let origin = &call.origin;
    let selection = json!({
        "select": call.selection.select,
        "exclude": call.selection.exclude,
        "resource_types": call.selection.resource_type,
        "full_refresh": call.full_refresh,
        "fail_fast": call.fail_fast,
        "retries": call.retries,
        "vars": site.global.vars.as_ref().map(Vars::json),
        "target": site.global.target,
    });
    Run {
        run_id: invocation.id.clone(),
        command: invocation.command.clone(),
        arguments: typed(),
        selection: selection.to_string(),
        job: origin.job.clone(),
        trigger: match (origin.scheduled, &origin.resumed_from) {
            (true, _) => Trigger::Schedule,
            (false, Some(_)) => Trigger::Resume,
            (false, None) => Trigger::User,
        },
        resumed_from: origin.resumed_from.clone(),
        started_at: now(),
        ended_at: None,
        status: RunStatus::Running,
        pid: std::process::id(),
        git_commit: None,
        n_nodes: i64::try_from(n_nodes).unwrap_or(i64::MAX),
        error: None,
    }
}

/// Returns the command line as it was typed, more or less.
pub(super) fn typed() -> String {
    let quoted = |word: std::ffi::OsString| {
        let word = word.to_string_lossy().into_owned();
        let plain = |c: char| c.is_alphanumeric() || "-_+./:,@=*".contains(c);
        match !word.is_empty() && word.chars().all(plain) {
            true => word,
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    };
    let words = std::env::args_os().skip(1).map(quoted);
    let words: Vec<String> = std::iter::once("wh".to_owned()).chain(words).collect();
    words.join(" ")
}

/// Begins to record a run; a history that cannot be written is said and done without.
fn remember<'a>(root: &Path, compiled: &'a Compiled, run: Run) -> Option<History<'a>> {
    let begun = State::open(root).and_then(|state| {
        for crashed in state.mark_crashed()? {
            tracing::warn!(run = %crashed.run_id, pid = crashed.pid, "crashed");
        }
        state.forget(now())?;
        History::begin(Arc::new(state), root, compiled, run)
    });
    begun.inspect_err(not_recorded).ok()
}

fn not_recorded(err: &anyhow::Error) {
    say(&format!(
        "warning: the run is not recorded: {}",
        history::explained(err)
    ));
}

/// Returns the kinds of node that a command runs; none for all.
pub(super) fn kinds(verb: &str) -> &'static [&'static str] {
    let found = VERBS.iter().find(|known| known.name == verb);
    found.map_or(&[], |verb| verb.kinds)
}

/// Returns the nodes that the command line names, of the kinds the command runs.
///
/// # Errors
/// `Project` for a malformed selection.
pub(super) fn choose(
    global: &Global,
    compiled: &Compiled,
    chosen: &Chosen,
    kinds: &[&str],
) -> Result<BTreeSet<Index>> {
    let indirect = Indirect::read(global.flags.text("indirect_selection").unwrap_or("eager"))?;
    let selection = Selection {
        select: [chosen.select.clone(), chosen.models.clone()].concat(),
        exclude: chosen.exclude.clone(),
        selector: chosen.selector.clone(),
        resource_types: words(&chosen.resource_type),
        exclude_resource_types: words(&chosen.exclude_resource_type),
        indirect,
        past: past(global, &compiled.target)?,
    };
    if selection.selector.is_some()
        && !(selection.select.is_empty() && selection.exclude.is_empty())
    {
        let what = "`--select` and `--exclude` say nothing beside `--selector`";
        warn(global, IDLE_SELECTION, Diagnostic::project(what))?;
    }
    let found = compiled.select(&selection)?;
    project::doubts(global, &found.warnings)?;
    for unmet in &found.unmet {
        let what = Diagnostic::project(format!("no node matches `{}`", unmet.criterion));
        let warning = match &unmet.near {
            Some(near) => what.hint(format!("did you mean `{near}`?")),
            None => what,
        };
        warn(global, NO_NODES, warning)?;
    }
    let mut nodes = found.nodes;
    nodes.retain(|index| {
        kinds.is_empty() || kinds.contains(&compiled.plan.nodes[*index].resource.word())
    });
    Ok(nodes)
}

/// Splits values of an option that are several words each.
fn words(values: &[String]) -> Vec<String> {
    let words = values.iter().flat_map(|value| value.split_whitespace());
    words.map(str::to_owned).collect()
}

/// Returns the present; `WH_NOW` sets it, so that a run can be repeated to the byte.
///
/// # Errors
/// `Project` when `WH_NOW` is no time.
pub(super) fn present() -> Result<jiff::Timestamp> {
    match std::env::var("WH_NOW") {
        Err(_) => Ok(jiff::Timestamp::now()),
        Ok(text) => text.parse().map_err(|err| {
            Diagnostic::project(format!("`WH_NOW={text}` is no time"))
                .because(anyhow::Error::new(err))
                .hint("give it as 2024-12-31T23:59:00Z")
                .into()
        }),
    }
}

/// Names this call.
///
/// # Errors
/// As [`present`].
pub(super) fn invocation(global: &Global, command: &str, full_refresh: bool) -> Result<Invocation> {
    let mut flags = global.flags.clone();
    flags.set("which", command);
    flags.verdict(super::warn::NO_NODES)?;
    flags.set("full_refresh", full_refresh);
    Ok(Invocation {
        listener: hears(global),
        id: new_id(),
        started_at: present()?,
        full_refresh,
        command: command.into(),
        flags,
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
) -> Result<(Aside<Project>, Aside<Compiled>)> {
    let root = project::root(global)?;
    log::start(Some(&root), global)?;
    let project = project::read(global, &root)?;
    let compiled = compile::compile(&project, &invocation(global, command, full_refresh)?)?;
    project::check(global, &compiled)?;
    Ok((Aside::new(project), Aside::new(compiled)))
}
