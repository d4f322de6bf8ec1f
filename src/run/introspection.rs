//! The warehouse as templates reach it outside a run of nodes: opened when the first of them asks something, which most
//! projects' never do.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use super::adapter::{Known, SessionAdapter, lock};
use crate::compile::adapter::Adapter;
use crate::compile::database;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Engine, EntryKind, RecordBatch, Relation};
use crate::project::Project;

/// Opens the warehouse.
type Open = Box<dyn Fn() -> Result<Arc<dyn Engine>> + Send + Sync>;

/// The warehouse as templates reach it outside a run of nodes: a session, and further ones for what is asked at once.
#[derive(Clone)]
pub struct Introspection(Arc<Shared>);

struct Shared {
    open: Open,
    /// The database of relations that name none.
    database: String,
    state: Mutex<State>,
}

enum State {
    Unasked,
    Open(Arc<Sessions>),
    /// Why it cannot be opened, until that is told.
    Refused(Option<anyhow::Error>),
}

struct Sessions {
    engine: Arc<dyn Engine>,
    first: Arc<SessionAdapter>,
    idle: Mutex<Vec<Arc<SessionAdapter>>>,
}

impl Introspection {
    /// Reaches a warehouse that `open` opens when it is first asked something.
    pub fn new(
        project: &Project,
        open: impl Fn() -> Result<Arc<dyn Engine>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            open: Box::new(open),
            database: database(&project.warehouse),
            state: Mutex::new(State::Unasked),
        }))
    }

    /// Opens a session of a warehouse that is open, and reads what exists.
    ///
    /// # Errors
    /// `Environment` when the warehouse refuses a session.
    pub fn open(project: &Project, engine: Arc<dyn Engine>) -> Result<Self> {
        let this = Self::new(project, move || Ok(engine.clone()));
        this.sessions()?;
        Ok(this)
    }

    /// The engine behind the sessions.
    ///
    /// # Errors
    /// `Environment` when the warehouse cannot be opened.
    pub fn engine(&self) -> Result<Arc<dyn Engine>> {
        Ok(self.sessions()?.engine.clone())
    }

    /// The session of what is asked one after the other.
    ///
    /// # Errors
    /// `Environment` when the warehouse cannot be opened.
    pub fn adapter(&self) -> Result<Arc<dyn Adapter>> {
        Ok(self.first()?)
    }

    /// Returns what tells of a relation whether it exists.
    ///
    /// # Errors
    /// `Environment` when the warehouse cannot be opened.
    pub fn finder(&self) -> Result<impl Fn(&Relation) -> bool + use<>> {
        let first = self.first()?;
        Ok(move |relation: &Relation| first.known().find(relation).is_some())
    }

    pub(super) fn first(&self) -> Result<Arc<SessionAdapter>> {
        Ok(self.sessions()?.first.clone())
    }

    /// Does `work` with a session that nothing else uses meanwhile, and undoes what it leaves uncommitted: a statement that
    /// fails breaks off no other's transaction.
    ///
    /// # Errors
    /// Those of `work`; `Environment` when the warehouse refuses a further session.
    pub fn lend<T>(&self, work: impl FnOnce(Arc<dyn Adapter>) -> Result<T>) -> Result<T> {
        let lent = Arc::new(Lent {
            of: self.clone(),
            session: OnceLock::new(),
        });
        let done = work(lent.clone());
        if let Some(session) = lent.session.get() {
            session.roll_back();
            lock(&self.sessions()?.idle).push(session.clone());
        }
        done
    }

    /// Returns why the warehouse could not be opened, the first time this is asked; `None` where nothing was the matter.
    #[must_use]
    pub fn refusal(&self) -> Option<anyhow::Error> {
        match &mut *lock(&self.0.state) {
            State::Refused(err) => err.take(),
            State::Unasked | State::Open(_) => None,
        }
    }

    fn sessions(&self) -> Result<Arc<Sessions>> {
        let mut state = lock(&self.0.state);
        if let State::Unasked = *state {
            *state = match self.0.sessions() {
                Ok(sessions) => State::Open(Arc::new(sessions)),
                Err(err) => State::Refused(Some(err)),
            };
        }
        match &*state {
            State::Open(sessions) => Ok(sessions.clone()),
            State::Unasked | State::Refused(_) => {
                Err(Diagnostic::environment("the warehouse cannot be opened").into())
            }
        }
    }
}

impl Shared {
    fn sessions(&self) -> Result<Sessions> {
        let engine = (self.open)()?;
        let mut session = engine.connect()?;
        let known = Known::read(&mut *session, self.database.clone())?;
        let first = Arc::new(SessionAdapter::new(session, Arc::new(known)));
        Ok(Sessions {
            engine,
            idle: Mutex::new(vec![first.clone()]),
            first,
        })
    }
}

/// What a template asks through that may ask nothing: a session is taken with the first question.
struct Lent {
    of: Introspection,
    session: OnceLock<Arc<SessionAdapter>>,
}

impl Lent {
    fn session(&self) -> Result<&Arc<SessionAdapter>> {
        if let Some(session) = self.session.get() {
            return Ok(session);
        }
        let sessions = self.of.sessions()?;
        let idle = lock(&sessions.idle).pop();
        let session = match idle {
            Some(session) => session,
            None => Arc::new(sessions.first.beside(sessions.engine.connect()?)),
        };
        Ok(self.session.get_or_init(|| session))
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent")
    }
}

impl Adapter for Lent {
    fn query(&self, sql: &str, auto_begin: bool) -> Result<RecordBatch> {
        self.session()?.query(sql, auto_begin)
    }

    fn execute(&self, sql: &str, auto_begin: bool) -> Result<u64> {
        self.session()?.execute(sql, auto_begin)
    }

    fn begin(&self) -> Result<()> {
        self.session()?.begin()
    }

    fn commit(&self) -> Result<()> {
        match self.session.get() {
            Some(session) => session.commit(),
            None => Ok(()),
        }
    }

    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>> {
        self.session()?.existing(relation)
    }

    fn columns(&self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.session()?.columns(relation)
    }

    fn note(&self, relation: &Relation, kind: Option<EntryKind>) {
        // Where there is no session, the next question says so.
        if let Ok(session) = self.session() {
            session.note(relation, kind);
        }
    }

    fn forget_schema(&self, database: &str, schema: &str) {
        if let Ok(session) = self.session() {
            session.forget_schema(database, schema);
        }
    }

    fn key_constraints(&self, relation: &Relation) -> Result<Vec<String>> {
        self.session()?.key_constraints(relation)
    }
}
