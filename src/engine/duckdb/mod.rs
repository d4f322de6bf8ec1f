//! `DuckDB` in this process: opening, settings, and who holds the file when it cannot be opened.

mod attach;
mod capi;
mod error;
mod make;
mod program;
mod scan;
mod session;
mod timezone;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use duckdb::{Connection, OptionalExt};

pub use self::attach::{Attachment, Secret};
use self::capi::{Database, Refused};
use self::make::make;
use self::session::DuckSession;
pub use self::timezone::system as time_zone;
use super::{Engine, PluginSettings, Plugins, Session};
use crate::diagnostic::{Diagnostic, Result};

/// Storage that DuckDB 1.4 and later can open; 2.0's own format cannot be read by 1.x tools.
const DEFAULT_STORAGE_VERSION: &str = "v1.4.0";

/// The path of a warehouse that is no file.
const MEMORY: &str = ":memory:";

/// How long to sleep between two attempts at a file that another process holds.
const RETRY: Duration = Duration::from_millis(100);

/// How the warehouse file is opened.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The file; `:memory:` for none.
    pub path: PathBuf,
    /// Opens for reading; several processes may do so at once.
    pub read_only: bool,
    /// Storage version of a new file, such as `v1.4.0` or `latest`; `None` for one that 1.4 tools read.
    pub storage_version: Option<String>,
    /// How long to wait for another process to let go of the file.
    pub lock_timeout: Duration,
    /// Extensions to install and load, with the repository they are from where it is not `DuckDB`'s own; the only thing that may reach for the network.
    pub extensions: Vec<(String, Option<String>)>,
    /// Secrets to create, before anything is attached.
    pub secrets: Vec<Secret>,
    /// Databases to attach.
    pub attachments: Vec<Attachment>,
    /// Whether sessions can say how far a statement is; costs a tenth of the time of short ones.
    pub tracks_progress: bool,
    /// `DuckDB`'s own settings by name that hold from the start: `threads`, `memory_limit`, `temp_directory`, …
    pub options: BTreeMap<String, String>,
    /// Settings by name that are set as soon as extensions are loaded, which may bring them.
    pub settings: BTreeMap<String, String>,
    /// Plug-ins of dbt-duckdb.
    pub plugins: PluginSettings,
}

/// The embedded engine. Sessions share one open database.
pub struct DuckDb {
    database: Arc<Database>,
    tracks_progress: bool,
    /// What every session begins with: settings that are each connection's own.
    local: String,
    plugins: Option<Arc<Plugins>>,
}

impl DuckDb {
    /// Opens or creates the warehouse.
    ///
    /// # Errors
    /// `Environment` when the file cannot be opened; when another process holds it, the message names the
    /// program and its process id, after waiting `lock_timeout`. `Project` for a setting `DuckDB` refuses.
    pub fn open(settings: &Settings) -> Result<Self> {
        timezone::install()?;
        program::install()?;
        let plugins = Plugins::new(&settings.plugins);
        let options = match &plugins {
            Some(plugins) => &plugins.options(&settings.options)?,
            None => &settings.options,
        };
        let database = Arc::new(open(settings, options)?);
        let first = database.wrapped().map_err(error::from_duckdb)?;
        for (extension, repository) in &settings.extensions {
            load(&first, extension, repository.as_deref())?;
        }
        let mut local = set(&first, &settings.settings)?;
        attach::create_secrets(&first, settings)?;
        if let Some(plugins) = &plugins {
            let mut session = DuckSession::new(database.clone(), &local, false)?;
            local.push_str(&plugins.configure(&mut session)?);
        }
        attach::attach(&first, settings)?;
        scan::install(&first)?;
        Ok(Self {
            database,
            local,
            plugins,
            tracks_progress: settings.tracks_progress,
        })
    }
}

impl Engine for DuckDb {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn connect(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(DuckSession::new(
            self.database.clone(),
            &self.local,
            self.tracks_progress,
        )?))
    }

    fn plugins(&self) -> Option<Arc<Plugins>> {
        self.plugins.clone()
    }
}

fn open(settings: &Settings, given: &BTreeMap<String, String>) -> Result<Database> {
    let started = Instant::now();
    let options = options(settings, given);
    loop {
        let message = match make(&settings.path, &options)
            .and_then(|()| Database::open(&settings.path, &options))
        {
            Ok(database) => return Ok(database),
            Err(Refused::Setting(name, value)) => {
                let message = format!("set {name}:{value} error");
                return Err(bad_setting(&name, &value, &message));
            }
            Err(Refused::File(text)) => error::plain(&text),
        };
        let held = error::is_lock_conflict(&message);
        if !held || started.elapsed() >= settings.lock_timeout {
            return Err(refused(settings, &message));
        }
        thread::sleep(RETRY);
    }
}

fn options<'a>(
    settings: &'a Settings,
    given: &'a BTreeMap<String, String>,
) -> BTreeMap<&'a str, &'a str> {
    let version = settings.storage_version.as_deref();
    let mut options = BTreeMap::from([
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("errors_as_json", "true"),
        (
            "storage_compatibility_version",
            version.unwrap_or(DEFAULT_STORAGE_VERSION),
        ),
    ]);
    options.extend(
        given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    if settings.read_only {
        options.insert("access_mode", "READ_ONLY");
    }
    options
}

/// Sets the settings, and returns the statements that set those of one connection in others.
fn set(connection: &Connection, settings: &BTreeMap<String, String>) -> Result<String> {
    let mut local = String::new();
    for (name, value) in settings {
        let sql = super::render(include_str!("set.sql"), minijinja::context! {name, value})?;
        connection
            .execute_batch(&sql)
            .map_err(|err| bad_setting(name, value, &error::message(&err)))?;
        let is_global: bool = connection
            .query_row(include_str!("is_global.sql"), [name], |row| row.get(0))
            .map_err(error::from_duckdb)?;
        if !is_global {
            local.push_str(&sql);
        }
    }
    Ok(local)
}

fn bad_setting(name: &str, value: &str, message: &str) -> anyhow::Error {
    Diagnostic::project(format!(
        "the warehouse's setting `{name}` cannot be `{value}`"
    ))
    .note(message)
    .hint("the settings are DuckDB's: https://duckdb.org/docs/configuration/overview")
    .into()
}

/// Says why the file cannot be opened and what to do.
fn refused(settings: &Settings, message: &str) -> anyhow::Error {
    let file = settings.path.display();
    let absent = settings.read_only && !settings.path.exists();
    let err = match error::holder(message) {
        Some(holder) => Diagnostic::environment(format!("`{file}` is in use by {holder}"))
            .hint("wait until it ends, or give `--lock-timeout 60s` to wait for it"),
        None if absent => Diagnostic::environment(format!("there is no warehouse at `{file}`"))
            .hint("`wh build` makes it"),
        None if is_not_a_warehouse(message) => Diagnostic::environment(format!(
            "`{file}` is not a DuckDB file that this version can open"
        ))
        .note(message)
        .hint("move the file away and run `wh build`, or name another in `warehouse: {path: …}`"),
        None if settings
            .path
            .parent()
            .is_some_and(|folder| folder != Path::new("") && !folder.exists()) =>
        {
            Diagnostic::environment(format!("the folder of `{file}` does not exist"))
                .hint("make it, or name another path in `warehouse: {path: …}`")
        }
        None => Diagnostic::environment(format!("`{file}` cannot be opened")).note(message),
    };
    err.into()
}

fn is_not_a_warehouse(message: &str) -> bool {
    message.contains("not a valid DuckDB database") || message.contains("Serialization Error")
}

/// Extensions whose work is done here, by our own code.
const BUILT_IN: &[&str] = &["icu"];

fn load(connection: &Connection, extension: &str, repository: Option<&str>) -> Result<()> {
    let loaded: Option<bool> = connection
        .query_row(include_str!("is_loaded.sql"), [extension], |row| row.get(0))
        .optional()
        .map_err(error::from_duckdb)?;
    if loaded == Some(true) || BUILT_IN.contains(&extension) {
        return Ok(());
    }
    let values = minijinja::context! {extension, repository};
    let sql = super::render(include_str!("load_extension.sql"), values)?;
    connection.execute_batch(&sql).map_err(|err| {
        Diagnostic::environment(format!(
            "the DuckDB extension `{extension}` cannot be loaded"
        ))
        .note(error::message(&err))
        .hint("installing it needs the network once; without it, take it out of `extensions:`")
        .into()
    })
}
