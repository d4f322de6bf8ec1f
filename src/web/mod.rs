//! The local page and the HTTP API: runs, graph, quality, ingestion, models, versions. No state of its own, no outside requests.
//!
//! Everything is rendered here from the project's state and its warehouse and works without JavaScript. Only loopback
//! addresses are served, and only requests that name one are answered.

mod api;
mod app;
mod draw;
mod guard;
mod layout;
mod look;
mod pages;
mod parts;
mod prose;
mod routes;
mod rows;
mod words;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use self::app::App;
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Engine;
use crate::project::Project;
use crate::state::State;

/// Threads that answer; the work itself is done on further ones.
const THREADS: usize = 2;

/// Requests that are worked on at once.
const WORKERS: usize = 8;

/// How long open requests may take to end when the server stops.
const PATIENCE: Duration = Duration::from_millis(700);

/// Reads and compiles the project as its files are now.
pub type Load = dyn Fn() -> Result<(Project, Compiled)> + Send + Sync;

/// Opens the warehouse for reading, or hands out the one that is open.
pub type Open = dyn Fn() -> Result<Arc<dyn Engine>> + Send + Sync;

/// Starts a run of a job, by its name, and returns at once.
pub type Begin = dyn Fn(&str) -> Result<()> + Send + Sync;

/// What is served, and where.
pub struct Config {
    /// A loopback address; port 0 takes a free one.
    pub address: SocketAddr,
    /// The project's folder.
    pub root: PathBuf,
    /// Its history.
    pub state: Arc<State>,
    /// Its files.
    pub load: Box<Load>,
    /// Its warehouse; asked anew for each page that needs it, and let go of after it.
    pub open: Box<Open>,
    /// Starts a job; `None` where the page may only look.
    pub begin: Option<Box<Begin>>,
}

/// The page while it is served; dropping it ends it as [`Server::stop`] does.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves the page on a thread of its own.
///
/// # Errors
/// `Project` for an address that is not loopback; `Environment` when the port is in use or no thread can be had.
pub fn start(config: Config) -> Result<Server> {
    let listener = bind(config.address)?;
    let refused =
        |err: io::Error| Diagnostic::environment("the page cannot be served").because(err);
    let address = listener.local_addr().map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(refused)?;
    let app = Arc::new(App::new(config));
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("page".into())
        .spawn(move || run(runtime, listener, app, stopped))
        .map_err(refused)?;
    tracing::info!(%address, "page");
    Ok(Server {
        address,
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Server {
    /// Returns the address that is served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it within a second: open requests may end, no new ones begin.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let asked = self.stop.take().map(|stop| stop.send(()));
        let ended = self.thread.take().map(JoinHandle::join);
        if !matches!((&asked, &ended), (Some(Ok(())) | None, Some(Ok(())) | None)) {
            tracing::debug!("the page ended before it was asked to");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(
            Diagnostic::project(format!("`{address}` is not a loopback address"))
                .hint(
                    "the page is for this machine only: give `--listen 127.0.0.1:8787`; \
                     from elsewhere, `ssh -L 8787:127.0.0.1:8787 HOST` brings it to you",
                )
                .into(),
        );
    }
    TcpListener::bind(address).map_err(|err| {
        let what = match err.kind() {
            io::ErrorKind::AddrInUse => format!("port {} is in use", address.port()),
            _ => format!("`{address}` cannot be listened on"),
        };
        let hint = match err.kind() {
            io::ErrorKind::AddrInUse => {
                let next = address.port().checked_add(1).unwrap_or(8787);
                let other = SocketAddr::new(address.ip(), next);
                format!("is the page served already? http://{address} — or give `--listen {other}`")
            }
            _ => "give `--listen 127.0.0.1:0` to take any free port".into(),
        };
        Diagnostic::environment(what).because(err).hint(hint).into()
    })
}

/// Serves until told to stop, then as long as open requests need, but not longer than [`PATIENCE`].
fn run(runtime: Runtime, listener: TcpListener, app: Arc<App>, stopped: oneshot::Receiver<()>) {
    let served = runtime.block_on(async move {
        let port = listener.local_addr()?.port();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (tell, told) = oneshot::channel::<()>();
        let stop = async {
            // An error means that the server was dropped: that ends it as well.
            stopped.await.ok();
            tell.send(()).ok();
        };
        let serve = axum::serve(listener, routes::routes(app, port)).with_graceful_shutdown(stop);
        let late = async {
            told.await.ok();
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            ended = serve => ended,
            () = late => Ok(()),
        }
    });
    if let Err(err) = served {
        tracing::error!(error = %err, "page");
    }
    runtime.shutdown_timeout(Duration::from_millis(100));
}
