//! `wh jobs`: what runs when, how it last went, and running it now.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use super::args::{Global, Selection};
use super::build::{
    Call, Finished, Origin, Site, choose, execute, exit_code, invocation, kinds, record, site,
};
use super::operate::{JobsArgs, JobsCommand, ListOutput};
use super::runs::{clock, table};
use super::{build, print_error, project, say};
use crate::compile::{Compiled, YamlRenderer};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::project::Project;
use crate::project::jobs::Job;
use crate::run::alert::Post;
use crate::run::history::explained;
use crate::run::is_work;
use crate::state::State;
use crate::state::runs::{Run, RunStatus, now};

/// Lists the jobs, or runs one now.
///
/// # Errors
/// `Project` when the project or the name is wrong; as `wh build`.
pub(super) fn jobs(global: &Global, args: &JobsArgs) -> Result<ExitCode> {
    match &args.command {
        None => list(global, args.output).map(|()| ExitCode::SUCCESS),
        Some(JobsCommand::Run { name }) => {
            let site = site(global)?;
            let project = project::peek(global, &site.root)?;
            let job = find(&project, name)?;
            Ok(exit_code(&run_job(&site, &project, job, None)?))
        }
    }
}

fn list(global: &Global, output: ListOutput) -> Result<()> {
    let (project, compiled) = build::parse(global, "jobs", false)?;
    check(global, &project, &compiled)?;
    if project.jobs.is_empty() {
        say("no job is declared; `jobs:` in wh.yml does that");
        return Ok(());
    }
    let state = State::open(&project.root)?;
    state.mark_crashed()?;
    let now = jiff::Timestamp::now();
    let mut rows = Vec::new();
    let mut out = std::io::stdout().lock();
    for job in &project.jobs {
        let next = job
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.next_after(now));
        let last = state.last_run(Some(&job.name))?;
        let schedule = job.schedule.as_ref().map(ToString::to_string);
        if output == ListOutput::Json {
            let value = serde_json::json!({
                "name": job.name,
                "command": job.command,
                "select": job.select,
                "exclude": job.exclude,
                "schedule": schedule,
                "next": next.map(|next| next.to_string()),
                "last_run": last.as_ref().map(|run| &run.run_id),
                "last_status": last.as_ref().map(|run| run.status.word()),
            });
            writeln!(out, "{value}")?;
            continue;
        }
        let chosen = [vec![job.command.clone()], job.select.clone()].concat();
        rows.push([
            job.name.clone(),
            schedule.unwrap_or_else(|| "by name only".into()),
            next.map_or_else(String::new, |next| clock(next.as_microsecond())),
            chosen.join(" "),
            last.as_ref()
                .map_or_else(String::new, |run| clock(run.started_at)),
            last.map_or_else(String::new, |run| run.status.word().into()),
        ]);
    }
    if !rows.is_empty() {
        let names = ["job", "schedule", "next", "runs", "last run", "status"];
        table(global, names, rows, &mut out)?;
    }
    Ok(())
}

/// Checks what can be known of jobs only with the plan: that their selections are well-formed and choose something.
///
/// # Errors
/// `Project` with the job's place.
pub(super) fn check(global: &Global, project: &Project, compiled: &Compiled) -> Result<()> {
    for job in &project.jobs {
        let chosen = choose(global, compiled, &selection(job), kinds(&job.command));
        let chosen = chosen.map_err(|err| match err.downcast::<Diagnostic>() {
            Ok(diagnostic) => diagnostic.at(&job.at).into(),
            Err(err) => err,
        })?;
        if !chosen.iter().any(|index| is_work(compiled, *index)) {
            let what = format!("the job `{}` selects no node", job.name);
            return Err(Diagnostic::project(what)
                .at(&job.at)
                .hint("`wh ls -s …` shows what a selection chooses")
                .into());
        }
    }
    Ok(())
}

/// Returns the job of this name.
///
/// # Errors
/// `Project` with the nearest name when there is none.
pub(super) fn find<'a>(project: &'a Project, name: &str) -> Result<&'a Job> {
    let found = project.jobs.iter().find(|job| job.name == name);
    found.ok_or_else(|| {
        let names = project.jobs.iter().map(|job| job.name.as_str());
        let err = Diagnostic::project(format!("no job is called `{name}`"));
        match nearest(name, names) {
            Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
            None => err.hint("`wh jobs` lists them").into(),
        }
    })
}

fn selection(job: &Job) -> Selection {
    Selection {
        select: job.select.clone(),
        exclude: job.exclude.clone(),
        ..Selection::default()
    }
}

/// Runs a job, within its time, and tells those who want to know. `fired` is the id of the run when a schedule began it.
///
/// # Errors
/// As `wh build`; the failure is recorded and told of too.
pub(super) fn run_job(
    site: &Site<'_>,
    project: &Project,
    job: &Job,
    fired: Option<String>,
) -> Result<Option<Finished>> {
    let call = Call {
        selection: selection(job),
        full_refresh: job.full_refresh,
        fail_fast: false,
        retries: job.retries,
        origin: Origin {
            job: Some(job.name.clone()),
            scheduled: fired.is_some(),
            run_id: fired,
            ..Origin::default()
        },
    };
    run_and_tell(site, project, job, &call)
}

/// Runs what `call` says as a run of a job, within its time, and tells those who want to know.
///
/// # Errors
/// As [`run_job`].
pub(super) fn run_and_tell(
    site: &Site<'_>,
    project: &Project,
    job: &Job,
    call: &Call,
) -> Result<Option<Finished>> {
    let begun_at = now();
    let outcome = within(site, job, || execute(site, &job.command, call));
    let failure = outcome.as_ref().err();
    if let Err(err) = tell(site, project, job, (begun_at, call, failure)) {
        print_error(site.global, &err);
    }
    outcome
}

/// Does `work`; the run is stopped when it takes longer than the job may.
fn within<T>(site: &Site<'_>, job: &Job, work: impl FnOnce() -> T) -> T {
    let Some(timeout) = job.timeout else {
        return work();
    };
    let (done, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                let limit = jiff::SignedDuration::try_from(timeout).unwrap_or_default();
                let why = format!("the run took longer than the job's `timeout` of {limit:#}");
                say(&format!("stopping: {why}"));
                site.cancel.stop_because(&why);
            }
        });
        let value = work();
        drop(done);
        value
    })
}

/// Sends the alerts of the run of a job that has ended since it was begun; what failed before there was a run becomes
/// one.
fn tell(
    site: &Site<'_>,
    project: &Project,
    job: &Job,
    (begun_at, call, failure): (i64, &Call, Option<&anyhow::Error>),
) -> Result<()> {
    let state = State::open(&site.root)?;
    let last = |state: &State| -> Result<Option<Run>> {
        let last = state.last_run(Some(&job.name))?;
        Ok(last.filter(|run| run.started_at >= begun_at))
    };
    if let (None, Some(failure)) = (last(&state)?, failure) {
        let mut invocation = invocation(site.global, &job.command, job.full_refresh)?;
        invocation.id = call.origin.run_id.clone().unwrap_or(invocation.id);
        let run = record(site, call, &invocation, 0);
        let running = state.begin_run(&run)?;
        let error = explained(failure);
        state.end_run(&run.run_id, now(), RunStatus::Failed, Some(&error))?;
        drop(running);
    }
    match last(&state)? {
        Some(run) => tell_of(site, project, job, &run),
        None => Ok(()),
    }
}

/// Sends the alerts of one run of a job.
///
/// # Errors
/// `Environment` when the history cannot be used; an alert that cannot be sent is printed.
pub(super) fn tell_of(site: &Site<'_>, project: &Project, job: &Job, run: &Run) -> Result<()> {
    let renderer = YamlRenderer::new()?;
    let wanted = |name: &str| job.alerts.iter().any(|alert| alert == name);
    let post = Post {
        project: &project.name,
        root: &site.root,
        alerts: project
            .alerts
            .iter()
            .filter(|alert| wanted(&alert.name))
            .collect(),
        render: &|text| {
            let value = renderer.render(text, &project.vars)?;
            Ok(value.as_scalar_string().unwrap_or_default().into_owned())
        },
    };
    if post.alerts.is_empty() {
        return Ok(());
    }
    for failure in post.send(&State::open(&site.root)?, run)? {
        say(&format!("warning: {}", explained(&failure)));
    }
    Ok(())
}
