//! `wh serve`: the local page, until Ctrl-C.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;

use super::args::Global;
use super::operate::ServeArgs;
use super::warehouse::{Access, open};
use super::{build, jobs, log, project, say};
use crate::compile::{Compiled, Invocation, Listener, compile};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Engine;
use crate::project::Project;
use crate::state::State;
use crate::web::{self, Config, Server};

/// How long a job that is begun from the page waits for the warehouse.
const PATIENCE: &str = "10m";

/// Serves the page of the project; its address is printed to stdout.
///
/// # Errors
/// `Project` when there is no project or the address is not loopback; `Environment` when the port is in use.
pub(super) fn serve(global: &Global, args: &ServeArgs) -> Result<()> {
    let root = project::root(global)?;
    log::start(Some(&root), global)?;
    let (stop, stopped) = mpsc::channel();
    ctrlc::set_handler(move || {
        if stop.send(()).is_err() {
            tracing::debug!("stopping already");
        }
    })
    .map_err(|err| Diagnostic::environment("Ctrl-C cannot be handled").because(err))?;
    let server = start(global, &root, args.listen, None)?;
    writeln!(std::io::stdout().lock(), "http://{}", server.address())?;
    if !global.quiet {
        say("the page is served to this machine; Ctrl-C ends it");
    }
    if stopped.recv().is_err() {
        tracing::debug!("nobody can stop the page but a signal");
    }
    server.stop();
    Ok(())
}

/// Serves the page of the project at `root`, from the warehouse that this process has open, or else opening it for each
/// look.
///
/// # Errors
/// As [`serve`].
pub(super) fn start(
    global: &Global,
    root: &Path,
    address: SocketAddr,
    engine: Option<Arc<dyn Engine>>,
) -> Result<Server> {
    // What a page reads again and again is not to be said each time.
    let mut quiet = global.clone();
    quiet.quiet = true;
    let site = Arc::new((quiet, root.to_owned()));
    let (for_project, for_warehouse, for_jobs) = (site.clone(), site.clone(), site);
    web::start(Config {
        address,
        root: root.to_owned(),
        state: Arc::new(State::open(root)?),
        load: Box::new(move || load(&for_project.0, &for_project.1)),
        open: Box::new(move || match &engine {
            Some(engine) => Ok(engine.clone()),
            None => {
                let (global, root) = &*for_warehouse;
                open(global, &project::read(global, root)?, Access::Read)
            }
        }),
        begin: Some(Box::new(move |job| begin(&for_jobs.0, &for_jobs.1, job))),
    })
}

/// Reads and compiles the project for the page, which has no terminal to print to.
fn load(global: &Global, root: &Path) -> Result<(Project, Compiled)> {
    let project = project::read(global, root)?;
    let invocation = Invocation {
        listener: Listener(Arc::new(|_, _| {})),
        ..build::invocation(global, "serve", false)?
    };
    let compiled = compile(&project, &invocation)?;
    Ok((project, compiled))
}

/// Runs a job as `wh jobs run` does, in a process of its own, so that it outlives the page.
fn begin(global: &Global, root: &Path, job: &str) -> Result<()> {
    let project = project::read(global, root)?;
    jobs::find(&project, job)?;
    let refused =
        |err| Diagnostic::environment(format!("the job `{job}` cannot be begun")).because(err);
    let mut command = Command::new(std::env::current_exe().map_err(refused)?);
    command
        .args(["jobs", "run", job, "--quiet", "--lock-timeout", PATIENCE])
        .arg("--project-dir")
        .arg(root);
    if let Some(target) = &global.target {
        command.args(["--target", target]);
    }
    if let Some(folder) = &global.profiles_dir {
        command.arg("--profiles-dir").arg(folder);
    }
    let nothing = [Stdio::null(), Stdio::null(), Stdio::null()];
    let [stdin, stdout, stderr] = nothing;
    command.stdin(stdin).stdout(stdout).stderr(stderr);
    let mut child = command.spawn().map_err(refused)?;
    tracing::info!(job, pid = child.id(), "begin a job from the page");
    // Its end is in the history; here it is only waited for.
    thread::spawn(move || match child.wait() {
        Ok(status) => tracing::info!(%status, "a job from the page ended"),
        Err(err) => tracing::warn!(error = %err, "a job from the page"),
    });
    Ok(())
}
