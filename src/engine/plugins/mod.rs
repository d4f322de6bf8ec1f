//! Plug-ins of dbt-duckdb: Python objects that load sources, store models and add functions, held by a program of the machine's
//! own Python.
//!
//! The program is asked in lines of JSON, one at a time, and may ask back for statements to be run. Rows go as Parquet files, which
//! the program writes. It gets dbt-duckdb's own classes where that is installed, else small ones in their place.

mod host;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::host::Host;
pub use self::host::interpreter;
use super::{Param, RecordBatch, Session};
use crate::diagnostic::{Diagnostic, Result};

/// Plug-ins of dbt-duckdb that neither change a connection nor its settings: they are made when one of them is first used.
const PASSIVE: &[&str] = &["excel", "sqlalchemy", "gsheet", "iceberg", "delta", "glue"];

/// What plug-ins are made of.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PluginSettings {
    /// The plug-ins, in the order in which they are made.
    pub plugins: Vec<Plugin>,
    /// Folders of Python modules.
    pub module_paths: Vec<PathBuf>,
    /// The target of the profile as it is written.
    pub target: Value,
}

/// A plug-in of a profile.
#[derive(Debug, Clone, Serialize)]
pub struct Plugin {
    /// A module of Python, or one of dbt-duckdb's own plug-ins.
    pub module: String,
    /// What it is called; the last part of the module's name where none is given.
    pub alias: Option<String>,
    /// What it is made with.
    pub config: Value,
}

/// What a plug-in loaded for a source.
#[derive(Debug, Deserialize)]
pub struct Loaded {
    /// `table` or `view`.
    pub materialization: String,
    /// The Parquet file with the rows.
    pub file: PathBuf,
    /// The columns of the table to be made.
    pub columns: Vec<LoadedColumn>,
}

/// A column of what a plug-in loaded.
#[derive(Debug, Serialize, Deserialize)]
pub struct LoadedColumn {
    /// Its name.
    pub name: String,
    /// Its type in SQL; in the file it may be another.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The plug-ins of a profile. The program behind them ends with them; only then some write what they hold.
pub struct Plugins {
    settings: PluginSettings,
    id: u64,
    /// Held while one is asked that may ask back.
    turn: Mutex<()>,
    host: Mutex<Option<Host>>,
}

/// Those that statements may call functions of, by number.
static CALLED: Mutex<BTreeMap<u64, Weak<Plugins>>> = Mutex::new(BTreeMap::new());
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Plugins {
    /// Takes the plug-ins of a profile; `None` when it has none.
    pub(super) fn new(settings: &PluginSettings) -> Option<Arc<Self>> {
        if settings.plugins.is_empty() {
            return None;
        }
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let this = Arc::new(Self {
            settings: settings.clone(),
            id,
            turn: Mutex::default(),
            host: Mutex::default(),
        });
        lock(&CALLED).insert(id, Arc::downgrade(&this));
        Some(this)
    }

    /// Returns the settings the warehouse is opened with, where plug-ins change `options`.
    ///
    /// # Errors
    /// `Project` when a plug-in cannot be made or fails; `Environment` when there is no Python.
    pub(super) fn options(
        &self,
        options: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>> {
        if self.are_passive() {
            return Ok(options.clone());
        }
        let told = json!({"do": "options", "options": options});
        self.ask(&told, &mut |_| Err(Diagnostic::project(UNOPENED).into()))
    }

    /// Lets plug-ins configure the open warehouse, and returns the statements that each further session begins with.
    ///
    /// # Errors
    /// As [`Plugins::options`].
    pub(super) fn configure(&self, session: &mut dyn Session) -> Result<String> {
        if self.are_passive() {
            return Ok(String::new());
        }
        let mut local = String::new();
        let told = json!({"do": "configure", "id": self.id});
        let () = self.ask(&told, &mut |asked| {
            let rows = answer(session, asked)?;
            if asked.keep {
                local.push_str(&asked.sql);
                local.push_str(";\n");
            }
            Ok(rows)
        })?;
        Ok(local)
    }

    /// Has the plug-in called `plugin` load a source, which is told as dbt-duckdb's `SourceConfig`.
    ///
    /// # Errors
    /// `Project` when there is no such plug-in; `Data` when it fails.
    pub fn load(&self, plugin: &str, source: &Value, session: &mut dyn Session) -> Result<Loaded> {
        let told = json!({"do": "load", "plugin": plugin, "source": source});
        self.ask(&told, &mut |asked| answer(session, asked))
    }

    /// Has the plug-in called `plugin` store a relation, which is told as dbt-duckdb's `TargetConfig`.
    ///
    /// # Errors
    /// As [`Plugins::load`].
    pub fn store(&self, plugin: &str, target: &Value, session: &mut dyn Session) -> Result<()> {
        let told = json!({"do": "store", "plugin": plugin, "target": target});
        self.ask(&told, &mut |asked| answer(session, asked))
    }

    /// Whether nothing is to be asked before one of them is used.
    fn are_passive(&self) -> bool {
        let mut plugins = self.settings.plugins.iter();
        plugins.all(|plugin| PASSIVE.contains(&plugin.module.as_str()))
    }

    /// Asks the program, and answers what it asks meanwhile.
    fn ask<T: serde::de::DeserializeOwned>(
        &self,
        told: &Value,
        answer: &mut dyn FnMut(&Asked) -> Result<Value>,
    ) -> Result<T> {
        let _turn = lock(&self.turn);
        let mut message = told.clone();
        let mut refused = None;
        loop {
            // The program is free for calls of functions while a statement of its own runs.
            let said = self.host()?.say(&message)?;
            let asked = match said {
                Said::Done(done) => return Ok(serde_json::from_value(done)?),
                Said::Failed(failure) => return Err(failure.because(refused)),
                Said::Asked(asked) => asked,
            };
            tracing::debug!(sql = asked.sql, "plug-in");
            message = match answer(&asked) {
                Ok(rows) => json!({"answer": rows}),
                Err(err) => {
                    let told = json!({"refused": format!("{err:#}")});
                    refused = Some(err);
                    told
                }
            };
        }
    }

    /// Returns the running program, started where it is not.
    fn host(&self) -> Result<HostGuard<'_>> {
        let mut host = lock(&self.host);
        if host.is_none() {
            let mut started = Host::start()?;
            let told = json!({"do": "start", "settings": self.settings});
            if let Said::Failed(failure) = started.say(&told)? {
                return Err(failure.because(None));
            }
            *host = Some(started);
        }
        Ok(HostGuard(host))
    }

    fn called(&self, function: &str, rows: &[&str]) -> Result<Vec<Option<String>>> {
        let told = json!({"do": "call", "function": function, "rows": rows});
        match self.host()?.say(&told)? {
            Said::Done(done) => Ok(serde_json::from_value(done)?),
            Said::Failed(failure) => Err(anyhow::anyhow!(failure.what)),
            Said::Asked(_) => Err(anyhow::anyhow!(
                "a function of Python cannot run statements"
            )),
        }
    }
}

impl std::fmt::Debug for Plugins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings.fmt(f)
    }
}

const UNOPENED: &str = "a plug-in runs a statement before the warehouse is open";

/// A program that runs.
struct HostGuard<'a>(MutexGuard<'a, Option<Host>>);

impl HostGuard<'_> {
    fn say(&mut self, told: &Value) -> Result<Said> {
        let host = self.0.as_mut();
        let host = host.ok_or_else(|| anyhow::anyhow!("the program of plug-ins has ended"))?;
        host.say(told)
    }
}

/// What the program says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Done(Value),
    Failed(Failure),
    Asked(Asked),
}

/// A statement that the program wants to be run.
#[derive(Deserialize)]
struct Asked {
    sql: String,
    params: Vec<Value>,
    /// Whether each further session begins with it.
    keep: bool,
}

/// Why the program could not do what it was told.
#[derive(Deserialize)]
struct Failure {
    what: String,
    traceback: Option<String>,
    /// Whether the profile is wrong.
    is_project: bool,
}

impl Failure {
    /// Makes an error of it; `refused` is what the warehouse answered last to a statement that it asked for.
    fn because(self, refused: Option<anyhow::Error>) -> anyhow::Error {
        let err = match self.is_project {
            true => Diagnostic::project(self.what),
            false => Diagnostic::data(self.what),
        };
        let err = match self.traceback {
            Some(traceback) => err.note(traceback.trim_end()),
            None => err,
        };
        match refused {
            Some(refused) => err.because(refused).into(),
            None => err.into(),
        }
    }
}

/// Calls a function of Python for rows of arguments, each a JSON list of texts; `function` is `NUMBER:NAME`.
///
/// # Errors
/// What the function raises.
pub(super) fn call(function: &str, rows: &[&str]) -> Result<Vec<Option<String>>, String> {
    let gone = || format!("the function `{function}` is of a warehouse that is closed");
    let (id, name) = function.split_once(':').ok_or_else(gone)?;
    let id: u64 = id.parse().map_err(|_| gone())?;
    let found = lock(&CALLED).get(&id).and_then(Weak::upgrade);
    let found = found.ok_or_else(gone)?;
    found.called(name, rows).map_err(|err| format!("{err:#}"))
}

impl Drop for Plugins {
    fn drop(&mut self) {
        lock(&CALLED).remove(&self.id);
    }
}

/// Runs a statement of the program and returns its rows.
fn answer(session: &mut dyn Session, asked: &Asked) -> Result<Value> {
    let batches = match asked.params.as_slice() {
        [] => session.few(&asked.sql)?,
        params => {
            let params: Vec<Param> = params.iter().map(param).collect();
            let mut batches = Vec::new();
            session.query(&asked.sql, &params, &mut |batch| {
                batches.push(batch.clone());
                Ok(())
            })?;
            batches
        }
    };
    let mut rows = Vec::new();
    for batch in &batches {
        rows.extend(cells(batch)?);
    }
    let schema = batches.first().map(RecordBatch::schema);
    let fields = schema.iter().flat_map(|schema| schema.fields());
    let columns: Vec<&String> = fields.map(|field| field.name()).collect();
    Ok(json!({"columns": columns, "rows": rows}))
}

fn param(value: &Value) -> Param {
    match value {
        Value::Null => Param::Null,
        Value::Bool(is) => Param::Bool(*is),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Param::Int(number),
            None => Param::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Param::Text(text.clone()),
        other => Param::Text(other.to_string()),
    }
}

/// Returns rows as JSON: numbers and truth values as what they are, all else as text.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<Value>>> {
    let options = FormatOptions::default();
    let mut rows = vec![Vec::new(); batch.num_rows()];
    for column in batch.columns() {
        let formatter = ArrayFormatter::try_new(column, &options)?;
        let kind = column.data_type();
        let is_plain = kind.is_integer() || kind.is_floating() || *kind == DataType::Boolean;
        for (at, row) in rows.iter_mut().enumerate() {
            let text = formatter.value(at).to_string();
            row.push(match column.is_null(at) {
                true => Value::Null,
                false if is_plain => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                false => Value::String(text),
            });
        }
    }
    Ok(rows)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
