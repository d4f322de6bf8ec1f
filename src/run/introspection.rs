//! The warehouse as templates reach it outside a run of nodes: opened when the first of them asks something, which most
//! projects' never do.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use super::adapter::{Known, SessionAdapter, lock};
use super::commented::Commented;
use super::sources::Loads;
use super::{ask, node};
use crate::compile::adapter::Adapter;
use crate::compile::{Comment, Commenter, Compiled, Index, database};
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
    /// Whether templates may ask only which relations there are.
    is_mute: bool,
    /// The database of relations that name none.
    database: String,
    /// What makes the comments of statements.
    commenter: Option<Commenter>,
    /// What is sent with statements outside of nodes.
    comment: Option<Comment>,
    loads: Loads,
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
    /// Reaches a warehouse that `open` opens when it is first asked something: with `is_mute` only which relations there are.
    ///
    /// # Errors
    /// `Project` where the comment of statements does not render.
    pub fn new(
        (project, compiled): (&Project, &Compiled),
        is_mute: bool,
        open: impl Fn() -> Result<Arc<dyn Engine>> + Send + Sync + 'static,
    ) -> Result<Self> {
        let commenter = Commenter::of(compiled, project)?;
        Ok(Self(Arc::new(Shared {
            open: Box::new(open),
            is_mute,
            database: database(&project.warehouse),
            comment: ask::comment(commenter.as_ref(), compiled, None)?,
            commenter,
            loads: Loads::new(project),
            state: Mutex::new(State::Unasked),
        })))
    }

    /// Opens a session of a warehouse that is open, and reads what exists.
    ///
    /// # Errors
    /// `Environment` when the warehouse refuses a session; `Project` where the comment of statements does not render.
    pub fn open(of: (&Project, &Compiled), engine: Arc<dyn Engine>) -> Result<Self> {
        let this = Self::new(of, false, move || Ok(engine.clone()))?;
        this.told()?;
        Ok(this)
    }

    /// The engine behind the sessions.
    ///
    /// # Errors
    /// `Environment` when the warehouse cannot be opened.
    pub fn engine(&self) -> Result<Arc<dyn Engine>> {
        Ok(self.told()?.engine.clone())
    }

    /// The session of what is asked one after the other.
    ///
    /// # Errors
    /// `Environment` when the warehouse cannot be opened.
    pub fn adapter(&self) -> Result<Arc<dyn Adapter>> {
        match self.0.is_mute {
            true => Ok(Arc::new(Mute(self.first()?))),
            false => Ok(self.first()?),
        }
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
        Ok(self.told()?.first.clone())
    }

    /// Returns what is sent with statements outside of nodes.
    pub(super) fn comment(&self) -> Option<Comment> {
        self.0.comment.clone()
    }

    /// Does `work` for a node with a session that nothing else uses meanwhile, and undoes what it leaves uncommitted: a
    /// statement that fails breaks off no other's transaction.
    ///
    /// # Errors
    /// Those of `work`, among them what the warehouse answers; `Project` where the comment of the node's statements does not
    /// render.
    pub fn lend<T>(
        &self,
        (compiled, index): (&Compiled, Index),
        work: impl FnOnce(Arc<dyn Adapter>) -> Result<T>,
    ) -> Result<T> {
        let needed = self.0.loads.needed(compiled, index);
        if !needed.is_empty() {
            let sessions = self.told()?;
            let there = (&*sessions.engine, sessions.first.known());
            self.0.loads.load(compiled, &needed, there)?;
        }
        let lent = Arc::new(Lent {
            of: self.clone(),
            comment: ask::comment(self.0.commenter.as_ref(), compiled, Some(index))?,
            session: OnceLock::new(),
        });
        let adapter: Arc<dyn Adapter> = match self.0.is_mute {
            true => Arc::new(Mute(lent.clone())),
            false => lent.clone(),
        };
        let done = node::span(&compiled.plan.nodes[index]).in_scope(|| work(adapter));
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

    /// As [`Introspection::sessions`]; the error is why the warehouse cannot be opened.
    fn told(&self) -> Result<Arc<Sessions>> {
        self.sessions().map_err(|err| self.refusal().unwrap_or(err))
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
        let mut session = Commented::new(engine.connect()?, self.comment.clone());
        let known = Known::read(&mut session, self.database.clone(), engine.plugins())?;
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
    comment: Option<Comment>,
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
            None => {
                let session = Commented::new(sessions.engine.connect()?, None);
                Arc::new(sessions.first.beside(session))
            }
        };
        session.say(self.comment.clone());
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

    fn store(&self, plugin: &str, target: &serde_json::Value) -> Result<()> {
        self.session()?.store(plugin, target)
    }
}

/// What a template asks through that may send the warehouse nothing.
#[derive(Debug)]
struct Mute<T>(Arc<T>);

fn refused<T>() -> Result<T> {
    let what = "the warehouse is asked, which `--no-introspect` forbids";
    Err(Diagnostic::project(what).hint("take the option out").into())
}

impl<T: Adapter> Adapter for Mute<T> {
    fn query(&self, _: &str, _: bool) -> Result<RecordBatch> {
        refused()
    }

    fn execute(&self, _: &str, _: bool) -> Result<u64> {
        refused()
    }

    fn begin(&self) -> Result<()> {
        refused()
    }

    fn commit(&self) -> Result<()> {
        Ok(())
    }

    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>> {
        self.0.existing(relation)
    }

    fn columns(&self, _: &Relation) -> Result<Vec<(String, String)>> {
        refused()
    }

    fn note(&self, relation: &Relation, kind: Option<EntryKind>) {
        self.0.note(relation, kind);
    }

    fn forget_schema(&self, database: &str, schema: &str) {
        self.0.forget_schema(database, schema);
    }

    fn key_constraints(&self, _: &Relation) -> Result<Vec<String>> {
        refused()
    }

    fn store(&self, _: &str, _: &serde_json::Value) -> Result<()> {
        refused()
    }
}
