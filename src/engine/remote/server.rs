//! The side that holds the warehouse and answers.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use minijinja::context;

use super::guard::ReadOnly;
use super::{
    Answer, Ask, Caller, Control, Failure, Feed, First, Hello, Reply, batch, frame, schema,
};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Engine, Handle, RecordBatch, Scan, SchemaRef, Session, render};

/// Whose turn it is to change the warehouse: one at a time, as between processes that open the file.
#[derive(Default)]
pub struct Turns {
    holder: Mutex<Option<Caller>>,
    free: Condvar,
}

/// The turn of one caller, until it is dropped.
pub struct Turn(Arc<Turns>);

impl Turns {
    fn holder(&self) -> MutexGuard<'_, Option<Caller>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the turn, unless someone else has it.
    ///
    /// # Errors
    /// Who has it.
    pub fn take(self: &Arc<Self>, caller: &Caller) -> std::result::Result<Turn, Caller> {
        let mut holder = self.holder();
        if let Some(other) = &*holder {
            return Err(other.clone());
        }
        *holder = Some(caller.clone());
        Ok(Turn(self.clone()))
    }

    /// Waits a while for the turn to be free.
    pub fn wait(&self, time: Duration) {
        let holder = self.holder();
        if holder.is_some() {
            drop(self.free.wait_timeout(holder, time));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.holder() = None;
        self.0.free.notify_all();
    }
}

/// A listening socket; nobody is let in any more once it is dropped.
pub struct Server {
    socket: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(err) = fs::remove_file(&self.socket) {
            tracing::debug!(error = %err, "socket");
        }
    }
}

/// What all connections share.
struct Shared {
    engine: Arc<dyn Engine>,
    warehouse: PathBuf,
    version: String,
    turns: Arc<Turns>,
    next: AtomicU64,
    askers: Mutex<HashMap<u64, Hello>>,
    sessions: Mutex<HashMap<u64, Arc<dyn Handle>>>,
}

impl Server {
    /// Listens at `socket`, which only this user may connect to, and lets callers of this `version` use the engine,
    /// which holds the file `warehouse`. A socket that is there already is taken to be left over.
    ///
    /// # Errors
    /// `Environment` when the socket cannot be made.
    pub fn listen(
        socket: &Path,
        engine: Arc<dyn Engine>,
        (warehouse, version): (&Path, &str),
        turns: Arc<Turns>,
    ) -> Result<Self> {
        let refused = |err: std::io::Error| {
            Diagnostic::environment(format!("the socket `{}` cannot be made", socket.display()))
                .because(err)
        };
        if socket.exists() {
            fs::remove_file(socket).map_err(refused)?;
        }
        let listener = UnixListener::bind(socket).map_err(refused)?;
        fs::set_permissions(socket, fs::Permissions::from_mode(0o600)).map_err(refused)?;
        let shared = Arc::new(Shared {
            engine,
            warehouse: warehouse.to_owned(),
            version: version.into(),
            turns,
            next: AtomicU64::new(1),
            askers: Mutex::default(),
            sessions: Mutex::default(),
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || {
                    if let Err(err) = shared.serve(stream) {
                        tracing::debug!(error = %err, "socket");
                    }
                });
            }
        });
        Ok(Self {
            socket: socket.to_owned(),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Answers one connection until it ends.
    fn serve(&self, mut stream: UnixStream) -> Result<()> {
        let Some((first, _)) = frame::receive(&mut stream)? else {
            return Ok(());
        };
        match first {
            First::Hello(hello) => self.welcome(stream, *hello),
            First::Session(asker) => self.session(stream, asker),
            First::Control(session) => self.control(stream, session),
        }
    }

    fn welcome(&self, mut stream: UnixStream, hello: Hello) -> Result<()> {
        if hello.warehouse != self.warehouse {
            return frame::send(&mut stream, &Answer::OtherWarehouse, &[]);
        }
        if hello.version != self.version {
            let answer = Answer::OtherVersion(self.version.clone());
            return frame::send(&mut stream, &answer, &[]);
        }
        let turn = match hello
            .write
            .then(|| self.turns.take(&hello.caller))
            .transpose()
        {
            Ok(turn) => turn,
            Err(caller) => return frame::send(&mut stream, &Answer::Busy(caller), &[]),
        };
        tracing::info!(caller = %hello.caller, write = hello.write, "connected");
        let id = self.number();
        lock(&self.askers).insert(id, hello);
        frame::send(&mut stream, &Answer::Welcome(id), &[])?;
        // Nothing more is said; the end of the connection is what is waited for.
        let waited = stream.read(&mut [0]);
        lock(&self.askers).remove(&id);
        drop(turn);
        waited?;
        Ok(())
    }

    fn open(&self, asker: u64) -> Result<Box<dyn Session>> {
        let hello = lock(&self.askers).get(&asker).cloned();
        let hello = hello.ok_or_else(|| Diagnostic::new(Kind::Bug, "a session of nobody"))?;
        let mut session = self.engine.connect()?;
        let values =
            context! {zone => hello.time_zone, folder => hello.folder.display().to_string()};
        session.execute(&render(include_str!("time_zone.sql"), values)?)?;
        Ok(match hello.write {
            true => session,
            false => Box::new(ReadOnly::new(session)),
        })
    }

    fn session(&self, mut stream: UnixStream, asker: u64) -> Result<()> {
        let mut session = match self.open(asker) {
            Ok(session) => session,
            Err(err) => {
                return frame::send(&mut stream, &Answer::Failed(Failure::of(&err)), &[]);
            }
        };
        let id = self.number();
        lock(&self.sessions).insert(id, session.handle());
        let answered = frame::send(&mut stream, &Answer::Welcome(id), &[])
            .and_then(|()| converse(&mut stream, session.as_mut()));
        lock(&self.sessions).remove(&id);
        answered
    }

    /// Reaches into the statement of a session for its client, and ends it when the client is gone.
    fn control(&self, mut stream: UnixStream, session: u64) -> Result<()> {
        let Some(handle) = lock(&self.sessions).get(&session).cloned() else {
            return Ok(());
        };
        frame::send(&mut stream, &Answer::Welcome(session), &[])?;
        while let Ok(Some((control, _))) = frame::receive(&mut stream) {
            match control {
                Control::Interrupt => handle.interrupt(),
                Control::Progress => {
                    let percent = handle.progress().map(|progress| progress.percent);
                    frame::send(&mut stream, &percent, &[])?;
                }
            }
        }
        // An interrupt between two statements is lost: it is given until the session is gone.
        while lock(&self.sessions).contains_key(&session) {
            handle.interrupt();
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Answers statement after statement.
fn converse(stream: &mut UnixStream, session: &mut dyn Session) -> Result<()> {
    while let Some((ask, body)) = frame::receive(stream)? {
        match answer(stream, session, ask, &body) {
            Ok(reply) => frame::send(stream, &reply, &[])?,
            Err(err) => frame::send(stream, &Reply::Failed(Failure::of(&err)), &[])?,
        }
    }
    Ok(())
}

fn answer(
    stream: &mut UnixStream,
    session: &mut dyn Session,
    ask: Ask,
    body: &[u8],
) -> Result<Reply> {
    Ok(match ask {
        Ask::Execute(sql, params) => Reply::Done(session.execute_with(&sql, &params)?),
        Ask::Query(sql, params) => {
            session.query(&sql, &params, &mut |rows| {
                frame::send(stream, &Reply::Rows, &batch::encode(rows)?)
            })?;
            Reply::Done(0)
        }
        Ask::Append(table) => {
            let scan = RemoteScan {
                schema: schema::decode(body)?,
                stream: Mutex::new((stream.try_clone()?, false)),
            };
            Reply::Done(session.append(&table, Arc::new(scan))?)
        }
        Ask::Catalog => Reply::Entries(session.catalog()?),
        Ask::Columns(relation) => Reply::Columns(session.columns(&relation)?),
        Ask::Spill(always) => {
            session.spill(always)?;
            Reply::Done(0)
        }
    })
}

/// Rows that a client has, drawn one batch at a time.
struct RemoteScan {
    schema: SchemaRef,
    /// The connection, and whether the rows are at their end.
    stream: Mutex<(UnixStream, bool)>,
}

impl Scan for RemoteScan {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next(&self) -> Result<Option<RecordBatch>> {
        let rows = {
            let mut guard = lock(&self.stream);
            let (stream, ended) = &mut *guard;
            if *ended {
                return Ok(None);
            }
            frame::send(stream, &Reply::Pull, &[])?;
            let (feed, body) = frame::receive(stream)?.unwrap_or((Feed::Failed, Vec::new()));
            *ended = !matches!(feed, Feed::Rows);
            match feed {
                Feed::Rows => body,
                Feed::End => return Ok(None),
                Feed::Failed => return Err(Diagnostic::data("the rows ended in an error").into()),
            }
        };
        batch::decode(&rows).map(Some)
    }
}
