//! `wh serve`: the local page, until Ctrl-C.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, mpsc};

use super::args::{Global, ServeArgs};
use super::warehouse::{Access, open};
use super::{build, log, project, say};
use crate::compile::{Compiled, Invocation, Listener, compile};
use crate::diagnostic::{Diagnostic, Result};
use crate::project::Project;
use crate::state::State;
use crate::web::{self, Config};

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
    // What a page reads again and again is not to be said each time.
    let mut quiet = global.clone();
    quiet.quiet = true;
    let (for_project, for_warehouse) = ((quiet.clone(), root.clone()), (quiet, root.clone()));
    let server = web::start(Config {
        address: args.listen,
        state: Arc::new(State::open(&root)?),
        root,
        load: Box::new(move || load(&for_project.0, &for_project.1)),
        open: Box::new(move || {
            let (global, root) = &for_warehouse;
            open(global, &project::read(global, root)?, Access::Read)
        }),
        begin: None,
    })?;
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

/// Reads and compiles the project for the page, which has no terminal to print to.
pub(super) fn load(global: &Global, root: &Path) -> Result<(Project, Compiled)> {
    let project = project::read(global, root)?;
    let invocation = Invocation {
        listener: Listener(Arc::new(|_| {})),
        ..build::invocation("serve", false)?
    };
    let compiled = compile(&project, &invocation)?;
    Ok((project, compiled))
}
