//! The side that asks: an engine whose sessions are in another process.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Answer, Ask, Control, Feed, First, Hello, Reply, batch, frame, schema};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{
    Engine, Entry, Handle, Param, PluginSettings, Plugins, Progress, RecordBatch, Relation, Scan,
    Session,
};

/// How long to sleep before the warehouse is asked for again that another process changes.
const RETRY: Duration = Duration::from_millis(100);

/// The warehouse of another process.
pub struct Remote {
    socket: PathBuf,
    id: u64,
    /// Open as long as the warehouse is used.
    _presence: UnixStream,
    plugins: Option<Arc<Plugins>>,
}

/// Asks the process that listens at `socket` for the warehouse; `None` when nobody listens there, or to another file.
///
/// While someone else changes the warehouse and `hello` wants to, waits for as long as `patience`.
///
/// # Errors
/// `Environment` when someone else changes it, with who, or when the server is of another version.
pub fn open(socket: &Path, hello: &Hello, patience: Duration) -> Result<Option<Remote>> {
    let started = Instant::now();
    loop {
        let mut stream = match UnixStream::connect(socket) {
            Ok(stream) => stream,
            Err(err) if is_nobody(err.kind()) => return Ok(None),
            Err(err) => {
                let what = format!("the socket `{}` cannot be used", socket.display());
                return Err(Diagnostic::environment(what).because(err).into());
            }
        };
        frame::send(&mut stream, &First::Hello(Box::new(hello.clone())), &[])?;
        let Some((answer, _)) = frame::receive(&mut stream)? else {
            return Ok(None);
        };
        match answer {
            Answer::Welcome(id) => {
                return Ok(Some(Remote {
                    socket: socket.to_owned(),
                    id,
                    _presence: stream,
                    plugins: None,
                }));
            }
            Answer::OtherWarehouse => return Ok(None),
            Answer::OtherVersion(version) => {
                let what = format!("`wh up` is of version {version}, this is {}", hello.version);
                return Err(Diagnostic::environment(what)
                    .hint("start `wh up` again with this version")
                    .into());
            }
            Answer::Busy(caller) if started.elapsed() >= patience => {
                let file = &hello.warehouse;
                let file = file.strip_prefix(&hello.folder).unwrap_or(file).display();
                let what = format!("`{file}` is in use by {caller}");
                return Err(Diagnostic::environment(what)
                    .hint("wait until it ends, or give `--lock-timeout 60s` to wait for it")
                    .into());
            }
            Answer::Busy(_) => thread::sleep(RETRY),
            Answer::Failed(failure) => return Err(failure.into_error()),
        }
    }
}

/// A socket whose process is gone, or none.
fn is_nobody(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

impl Remote {
    /// Takes plug-ins, which run beside this process.
    #[must_use]
    pub fn with_plugins(self, settings: &PluginSettings) -> Self {
        let plugins = Plugins::new(settings);
        Self { plugins, ..self }
    }

    fn connect_as(&self, first: &First) -> Result<(UnixStream, u64)> {
        let mut stream = UnixStream::connect(&self.socket).map_err(gone)?;
        frame::send(&mut stream, first, &[])?;
        match frame::receive(&mut stream)? {
            Some((Answer::Welcome(id), _)) => Ok((stream, id)),
            Some((Answer::Failed(failure), _)) => Err(failure.into_error()),
            _ => Err(gone(std::io::Error::from(ErrorKind::UnexpectedEof))),
        }
    }
}

fn gone(err: std::io::Error) -> anyhow::Error {
    Diagnostic::environment("`wh up`, which holds the warehouse, has gone")
        .because(err)
        .hint("run the command again: what was not finished is undone")
        .into()
}

impl Engine for Remote {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn connect(&self) -> Result<Box<dyn Session>> {
        let (stream, id) = self.connect_as(&First::Session(self.id))?;
        let (control, _) = self.connect_as(&First::Control(id))?;
        Ok(Box::new(RemoteSession {
            stream,
            handle: Arc::new(RemoteHandle(Mutex::new(control))),
        }))
    }

    fn plugins(&self) -> Option<Arc<Plugins>> {
        self.plugins.clone()
    }
}

struct RemoteSession {
    stream: UnixStream,
    handle: Arc<RemoteHandle>,
}

impl RemoteSession {
    fn send(&mut self, ask: &Ask, body: &[u8]) -> Result<()> {
        frame::send(&mut self.stream, ask, body).map_err(disconnected)
    }

    fn receive(&mut self) -> Result<(Reply, Vec<u8>)> {
        match frame::receive(&mut self.stream).map_err(disconnected)? {
            Some((Reply::Failed(failure), _)) => Err(failure.into_error()),
            Some(reply) => Ok(reply),
            None => Err(gone(std::io::Error::from(ErrorKind::UnexpectedEof))),
        }
    }

    /// Answers pulls with what `batches` gives, until the statement ends.
    fn feed(&mut self, batches: &Receiver<Result<RecordBatch>>) -> Result<u64> {
        let mut failure = None;
        loop {
            match self.receive() {
                Ok((Reply::Done(rows), _)) => return Ok(rows),
                Ok((Reply::Pull, _)) => {}
                Ok(_) => return Err(confused()),
                Err(err) => return Err(failure.unwrap_or(err)),
            }
            let (feed, body) = match batches.recv() {
                Ok(Ok(rows)) => (Feed::Rows, batch::encode(&rows)?),
                Ok(Err(err)) => {
                    failure = Some(err);
                    (Feed::Failed, Vec::new())
                }
                Err(_) => (Feed::End, Vec::new()),
            };
            frame::send(&mut self.stream, &feed, &body).map_err(disconnected)?;
        }
    }
}

/// An error of the socket itself.
fn disconnected(err: anyhow::Error) -> anyhow::Error {
    match err.downcast::<std::io::Error>() {
        Ok(err) => gone(err),
        Err(err) => err,
    }
}

fn confused() -> anyhow::Error {
    Diagnostic::new(Kind::Bug, "`wh up` answers what was not asked").into()
}

impl Session for RemoteSession {
    fn execute(&mut self, sql: &str) -> Result<u64> {
        self.execute_with(sql, &[])
    }

    fn execute_with(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        tracing::debug!(sql, "execute");
        self.send(&Ask::Execute(sql.into(), params.to_vec()), &[])?;
        match self.receive()? {
            (Reply::Done(rows), _) => Ok(rows),
            _ => Err(confused()),
        }
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        tracing::debug!(sql, "query");
        self.send(&Ask::Query(sql.into(), params.to_vec()), &[])?;
        let mut stopped = None;
        loop {
            match self.receive() {
                Ok((Reply::Done(_), _)) => break,
                Ok((Reply::Rows, body)) if stopped.is_none() => {
                    if let Err(err) = batch::decode(&body).and_then(|rows| each(&rows)) {
                        // What is on its way is read over.
                        self.handle.interrupt();
                        stopped = Some(err);
                    }
                }
                Ok((Reply::Rows, _)) => {}
                Ok(_) => return Err(confused()),
                Err(err) => return Err(stopped.unwrap_or(err)),
            }
        }
        stopped.map_or(Ok(()), Err)
    }

    fn append(&mut self, table: &Relation, scan: Arc<dyn Scan>) -> Result<u64> {
        let columns = schema::encode(&scan.schema())?;
        self.send(&Ask::Append(table.clone()), &columns)?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        // The receiver goes first, so that who still has rows sees that nobody wants them.
        thread::scope(|scope| {
            let (sender, batches) = mpsc::sync_channel(2 * threads);
            for _ in 0..threads {
                let (sender, scan) = (sender.clone(), scan.clone());
                scope.spawn(move || {
                    while let Some(next) = scan.next().transpose() {
                        let failed = next.is_err();
                        if sender.send(next).is_err() || failed {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let fed = self.feed(&batches);
            drop(batches);
            fed
        })
    }

    fn catalog(&mut self) -> Result<Vec<Entry>> {
        self.send(&Ask::Catalog, &[])?;
        match self.receive()? {
            (Reply::Entries(entries), _) => Ok(entries),
            _ => Err(confused()),
        }
    }

    fn columns(&mut self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.send(&Ask::Columns(relation.clone()), &[])?;
        match self.receive()? {
            (Reply::Columns(columns), _) => Ok(columns),
            _ => Err(confused()),
        }
    }

    fn spill(&mut self, always: bool) -> Result<()> {
        self.send(&Ask::Spill(always), &[])?;
        match self.receive()? {
            (Reply::Done(_), _) => Ok(()),
            _ => Err(confused()),
        }
    }

    fn handle(&self) -> Arc<dyn Handle> {
        self.handle.clone()
    }
}

struct RemoteHandle(Mutex<UnixStream>);

impl RemoteHandle {
    fn stream(&self) -> MutexGuard<'_, UnixStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle for RemoteHandle {
    fn interrupt(&self) {
        if let Err(err) = frame::send(&mut *self.stream(), &Control::Interrupt, &[]) {
            tracing::debug!(error = %err, "interrupt");
        }
    }

    fn progress(&self) -> Option<Progress> {
        let mut stream = self.stream();
        frame::send(&mut *stream, &Control::Progress, &[]).ok()?;
        let (percent, _): (Option<f64>, _) = frame::receive(&mut *stream).ok()??;
        percent.map(|percent| Progress { percent })
    }
}
