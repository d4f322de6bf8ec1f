//! What every page is rendered from: the project, its history, its warehouse.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use maud::Markup;

use super::{Begin, Config, Load, Open};
use crate::compile::Compiled;
use crate::diagnostic::{Result, Several};
use crate::project::Project;
use crate::run::history::explained;
use crate::state::State;

/// How long a compiled project is good before its files are read again.
const FRESH: Duration = Duration::from_secs(2);

/// A project with its plan, or why there is none; shared by requests.
pub(super) type Loaded = Arc<Result<(Project, Compiled), String>>;

/// What is served.
pub(super) struct App {
    pub(super) root: PathBuf,
    pub(super) state: Arc<State>,
    pub(super) begin: Option<Box<Begin>>,
    /// One look at the warehouse at a time.
    pub(super) open: Mutex<Box<Open>>,
    load: Box<Load>,
    loaded: Mutex<Option<(Instant, Loaded)>>,
}

impl App {
    pub(super) fn new(config: Config) -> Self {
        Self {
            root: config.root,
            state: config.state,
            begin: config.begin,
            open: Mutex::new(config.open),
            load: config.load,
            loaded: Mutex::new(None),
        }
    }

    /// Returns the project as its files are, at most [`FRESH`] old.
    pub(super) fn project(&self) -> Loaded {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, project)) = &*loaded
            && at.elapsed() < FRESH
        {
            return project.clone();
        }
        let project = Arc::new((self.load)().map_err(|err| said(&err)));
        *loaded = Some((Instant::now(), project.clone()));
        project
    }

    /// Finds the runs whose process died, so that no page calls them running; a state that can only be read stays as it is.
    pub(super) fn settle(&self) {
        if let Err(err) = self.state.mark_crashed() {
            tracing::debug!(error = %err, "crashed runs");
        }
    }

    /// Returns what to call the project: its name, or its folder's.
    pub(super) fn name(&self) -> String {
        match &*self.project() {
            Ok((project, _)) => project.name.clone(),
            Err(_) => {
                let folder = self.root.file_name().unwrap_or_default();
                folder.to_string_lossy().into_owned()
            }
        }
    }
}

/// Returns an error as people read it, in plain text.
pub(super) fn said(err: &anyhow::Error) -> String {
    if let Some(Several(errors)) = err.downcast_ref() {
        return errors.iter().map(said).collect::<Vec<_>>().join("\n\n");
    }
    explained(err)
}

/// What was asked: the parts of the path, and the query.
#[derive(Debug, Default)]
pub(super) struct Ask {
    pub(super) path: BTreeMap<String, String>,
    pub(super) query: BTreeMap<String, String>,
}

impl Ask {
    /// Returns a part of the path; the routes say which there are.
    pub(super) fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// Returns a key of the query that says something.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let text = self.query.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// A page before its frame.
pub(super) struct Page {
    pub(super) title: String,
    /// The path of the entry of the menu that it is below.
    pub(super) section: &'static str,
    /// Whether it shows something that still runs.
    pub(super) is_live: bool,
    pub(super) body: Markup,
}

impl Page {
    pub(super) fn new(section: &'static str, title: impl Into<String>, body: Markup) -> Self {
        Self {
            title: title.into(),
            section,
            is_live: false,
            body,
        }
    }

    /// The same page, read again every few seconds while `is_live`.
    pub(super) fn live(mut self, is_live: bool) -> Self {
        self.is_live = is_live;
        self
    }
}

/// What a handler found.
pub(super) enum Answer<T> {
    Found(T),
    /// There is no such thing; says what.
    Missing(String),
}
