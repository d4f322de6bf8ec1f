//! `wh up`: runs jobs on their schedules in the foreground, and holds the warehouse for other commands meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::args::Global;
use super::build::{Site, invocation};
use super::jobs::{check, run_job, tell_of};
use super::operate::UpArgs;
use super::runs::clock;
use super::{log, print_error, project, say, serve, warehouse};
use crate::compile;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Engine;
use crate::engine::remote::{Caller, Turn, Turns};
use crate::project::Project;
use crate::project::jobs::{Job, OnMissed};
use crate::run::Cancel;
use crate::state::State;
use crate::state::runs::{Fire, FireStatus, RunStatus, new_id, now};
use crate::web::Server as Page;

/// The clock is looked at this often at least: it may be set, and the machine may sleep.
const TICK: Duration = Duration::from_secs(1);

/// A moment that is noticed later than this was missed.
const LATE: Duration = Duration::from_secs(60);

/// Runs jobs until it is told to end.
///
/// # Errors
/// `Project` when the project is wrong; `Environment` when another process holds the warehouse, or `.wh/` cannot be
/// written.
pub(super) fn up(global: &Global, args: &UpArgs) -> Result<ExitCode> {
    let root = project::root(global)?;
    log::start(Some(&root), global)?;
    let project = project::read(global, &root)?;
    let compiled = compile::compile(&project, &invocation(global, "up", false)?)?;
    check(global, &project, &compiled)?;
    drop(compiled);
    let engine = warehouse::own(global, &project)?;
    let turns = Arc::new(Turns::default());
    let server = warehouse::serve(&project, engine.clone(), turns.clone())?;
    let page = page(global, &root, args, &engine);
    let state = State::open(&root)?;
    let keeper = Keeper {
        global,
        root: &root,
        engine,
        turns,
        state: &state,
        current: Mutex::default(),
        busy: Mutex::default(),
    };
    let stop = signals()?;
    keeper.greet(&project);
    keeper.tell_of_crashes(&project)?;
    let (to_worker, fired) = mpsc::channel();
    thread::scope(|scope| {
        let worker = scope.spawn({
            let keeper = &keeper;
            move || keeper.work(&fired)
        });
        let kept = keeper.keep(Arc::new(project), &stop, &to_worker);
        drop(to_worker);
        keeper.current().1 = true;
        if let Some(cancel) = &keeper.current().0 {
            cancel.stop();
        }
        if worker.join().is_err() {
            say("warning: the runner of jobs ended badly");
        }
        kept
    })?;
    drop((page, server));
    say("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Serves the page; jobs run without it, too.
fn page(global: &Global, root: &Path, args: &UpArgs, engine: &Arc<dyn Engine>) -> Option<Page> {
    if args.no_page {
        return None;
    }
    match serve::start(global, root, args.listen, Some(engine.clone())) {
        Ok(page) => {
            say(&format!("the page is at http://{}", page.address()));
            Some(page)
        }
        Err(err) => {
            say("warning: no page is served");
            print_error(global, &err);
            None
        }
    }
}

/// A job that is to run, and the moment it is for.
struct Fired {
    project: Arc<Project>,
    job: Job,
    due: Timestamp,
}

/// What the scheduler, the runner of jobs and the handler of signals share.
struct Keeper<'a> {
    global: &'a Global,
    root: &'a Path,
    engine: Arc<dyn Engine>,
    turns: Arc<Turns>,
    state: &'a State,
    /// What stops the run that goes on, and whether no further one may begin.
    current: Mutex<(Option<Arc<Cancel>>, bool)>,
    /// Jobs that run or wait.
    busy: Mutex<BTreeSet<String>>,
}

/// Prepares for signals: the first ends in order, the second at once. Returns what hears the first.
fn signals() -> Result<Receiver<()>> {
    let (heard, stop) = mpsc::channel();
    let n_signals = AtomicUsize::new(0);
    ctrlc::set_handler(move || {
        if n_signals.fetch_add(1, Ordering::SeqCst) > 0 {
            #[expect(clippy::exit, reason = "whoever asks twice does not want to wait")]
            std::process::exit(130);
        }
        say("stopping: what runs is undone, what is done stays; once more to leave at once");
        if heard.send(()).is_err() {
            tracing::debug!("a signal after the end");
        }
    })
    .map_err(|err| Diagnostic::environment("Ctrl-C cannot be handled").because(err))?;
    Ok(stop)
}

impl Keeper<'_> {
    fn current(&self) -> MutexGuard<'_, (Option<Arc<Cancel>>, bool)> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn greet(&self, project: &Project) {
        let scheduled = project.jobs.iter().filter(|job| job.schedule.is_some());
        let file = project.warehouse.path.display();
        say(&format!(
            "{} · {file} · {} on a schedule; Ctrl-C ends",
            project.name,
            plural(scheduled.clone().count())
        ));
        for job in scheduled {
            let next = job
                .schedule
                .as_ref()
                .and_then(|schedule| schedule.next_after(Timestamp::now()));
            if let Some(next) = next {
                say(&format!(
                    "  {}: next {}",
                    job.name,
                    clock(next.as_microsecond())
                ));
            }
        }
    }

    /// Tells of runs of jobs whose process died, which could not tell themselves.
    fn tell_of_crashes(&self, project: &Project) -> Result<()> {
        for run in self.state.mark_crashed()? {
            say(&format!(
                "the run `{}` ended without a word; `wh resume {0}` goes on with it",
                run.run_id
            ));
        }
        for job in &project.jobs {
            // Another command may have found the crash before; nobody has told of it then.
            let last = self.state.last_run(Some(&job.name))?;
            if let Some(run) = last.filter(|run| run.status == RunStatus::Crashed)
                && self.state.alerts(&run.run_id)?.is_empty()
            {
                tell_of(&self.site(Arc::default()), project, job, &run)?;
            }
        }
        Ok(())
    }

    fn site(&self, cancel: Arc<Cancel>) -> Site<'_> {
        Site {
            global: self.global,
            root: self.root.to_owned(),
            cancel,
            engine: Some(self.engine.clone()),
        }
    }

    /// Looks at the clock until `stop` is heard; hands what is due to the runner.
    fn keep(
        &self,
        mut project: Arc<Project>,
        stop: &Receiver<()>,
        to_worker: &Sender<Fired>,
    ) -> Result<()> {
        let mut read_at = changed(&project);
        let mut last = self.known(&project)?;
        loop {
            let next = self.look(&project, &mut last, to_worker)?;
            let until = next
                .and_then(|next| Duration::try_from(next.duration_since(Timestamp::now())).ok());
            match stop.recv_timeout(until.unwrap_or(TICK).min(TICK)) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            let changed_at = changed(&project);
            if changed_at != read_at {
                read_at = changed_at;
                match self.read_again() {
                    Ok(newer) => {
                        say("the jobs are read again");
                        project = Arc::new(newer);
                        last = self.known(&project)?;
                    }
                    Err(err) => {
                        print_error(self.global, &err);
                        say("the jobs stay as they were");
                    }
                }
            }
        }
    }

    fn read_again(&self) -> Result<Project> {
        let project = project::read(self.global, self.root)?;
        let compiled = compile::compile(&project, &invocation(self.global, "up", false)?)?;
        check(self.global, &project, &compiled)?;
        Ok(project)
    }

    /// Returns the last moment of each job of which something became; a job that is new has none before now.
    fn known(&self, project: &Project) -> Result<BTreeMap<String, Timestamp>> {
        let mut known = BTreeMap::new();
        for job in project.jobs.iter().filter(|job| job.schedule.is_some()) {
            let due_at = match self.state.last_fire(&job.name)? {
                Some(fire) => fire.due_at,
                None => {
                    let now = Timestamp::now();
                    self.became(job, now, FireStatus::Seen, None)?;
                    now.as_microsecond()
                }
            };
            known.insert(job.name.clone(), Timestamp::from_microsecond(due_at)?);
        }
        Ok(known)
    }

    /// Fires what is due and returns the next moment of all.
    fn look(
        &self,
        project: &Arc<Project>,
        last: &mut BTreeMap<String, Timestamp>,
        to_worker: &Sender<Fired>,
    ) -> Result<Option<Timestamp>> {
        let now = Timestamp::now();
        let mut soonest: Option<Timestamp> = None;
        for job in &project.jobs {
            let Some(schedule) = &job.schedule else {
                continue;
            };
            let since = *last.entry(job.name.clone()).or_insert(now);
            if let Some((due, n)) = schedule.passed(since, now) {
                last.insert(job.name.clone(), due);
                let fired = Fired {
                    project: project.clone(),
                    job: job.clone(),
                    due,
                };
                self.fire(fired, n, to_worker)?;
            }
            let next = schedule.next_after(now);
            soonest = [soonest, next].into_iter().flatten().min();
        }
        Ok(soonest)
    }

    /// Decides what becomes of the last of `n` moments that have passed.
    fn fire(&self, fired: Fired, n: u64, to_worker: &Sender<Fired>) -> Result<()> {
        let (job, due) = (&fired.job, fired.due);
        let late = Timestamp::now().duration_since(due);
        let missed = n > 1 || Duration::try_from(late).is_ok_and(|late| late > LATE);
        if missed {
            let times = if n == 1 {
                "once".into()
            } else {
                format!("{n} times")
            };
            let then = match job.on_missed {
                OnMissed::RunOnce => "it runs once now",
                OnMissed::Skip => "it waits for the next time (`on_missed: skip`)",
            };
            let last = clock(due.as_microsecond());
            say(&format!(
                "job `{}` was missed {times}, last {last}: {then}",
                job.name
            ));
            if job.on_missed == OnMissed::Skip {
                return self.became(job, due, FireStatus::Missed, None);
            }
        }
        if !self.busy().insert(job.name.clone()) {
            say(&format!(
                "job `{}` still runs: this time is skipped",
                job.name
            ));
            return self.became(job, due, FireStatus::Skipped, None);
        }
        if let Err(unsent) = to_worker.send(fired) {
            tracing::debug!(job = %unsent.0.job.name, "no runner of jobs");
        }
        Ok(())
    }

    fn became(
        &self,
        job: &Job,
        due: Timestamp,
        status: FireStatus,
        run_id: Option<String>,
    ) -> Result<()> {
        self.state.record_fire(&Fire {
            job: job.name.clone(),
            due_at: due.as_microsecond(),
            fired_at: now(),
            run_id,
            status,
        })?;
        Ok(())
    }

    /// Runs fired jobs one after the other, until no more can come.
    fn work(&self, fired: &Receiver<Fired>) {
        for fired in fired {
            if let Err(err) = self.run(&fired) {
                print_error(self.global, &err);
            }
            self.busy().remove(&fired.job.name);
        }
    }

    fn run(&self, fired: &Fired) -> Result<()> {
        let Some(_turn) = self.turn(&fired.job) else {
            return Ok(());
        };
        let cancel = Arc::new(Cancel::default());
        {
            let mut current = self.current();
            if current.1 {
                return Ok(());
            }
            current.0 = Some(cancel.clone());
        }
        let run_id = new_id();
        self.became(
            &fired.job,
            fired.due,
            FireStatus::Started,
            Some(run_id.clone()),
        )?;
        say(&format!("\njob `{}` begins: run {run_id}", fired.job.name));
        let site = self.site(cancel);
        let finished = run_job(&site, &fired.project, &fired.job, Some(run_id));
        self.current().0 = None;
        finished.map(|_| ())
    }

    /// Waits until nobody else changes the warehouse; `None` when that is no longer wanted.
    fn turn(&self, job: &Job) -> Option<Turn> {
        let caller = Caller {
            what: format!("wh up, job {}", job.name),
            pid: std::process::id(),
        };
        let mut said = false;
        loop {
            match self.turns.take(&caller) {
                Ok(turn) => return Some(turn),
                Err(_) if self.current().1 => return None,
                Err(other) => {
                    if !said {
                        say(&format!("job `{}` waits for {other}", job.name));
                        said = true;
                    }
                    self.turns.wait(TICK);
                }
            }
        }
    }
}

/// Returns when the project's file was last changed.
fn changed(project: &Project) -> Option<SystemTime> {
    let file = std::fs::metadata(project.root.join(&project.file)).ok()?;
    file.modified().ok()
}

fn plural(n: usize) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} job{plural}")
}
