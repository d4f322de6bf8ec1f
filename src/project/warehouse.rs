//! How the warehouse is opened: what `warehouse:` of a project and a target of `profiles.yml` share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::yaml::{self, Doc, Fields};
use crate::diagnostic::{Diagnostic, Result, Warning};

/// The warehouse and how it is opened.
#[derive(Debug, Clone, Default)]
pub struct Warehouse {
    /// The target's name: `target.name` in templates.
    pub target: String,
    /// The profile's name; the project's own when there is no profile.
    pub profile: String,
    /// The file, relative to the root unless absolute; `:memory:` for none.
    pub path: PathBuf,
    /// The name of the database that the file is, or of the attached one that is built in.
    pub database: String,
    /// The schema models are built in.
    pub schema: String,
    /// Nodes that run at once.
    pub threads: Option<usize>,
    /// Storage version of a new file.
    pub storage_version: Option<String>,
    /// Extensions to install and load.
    pub extensions: Vec<Extension>,
    /// `DuckDB`'s settings by name that hold from the start.
    pub options: BTreeMap<String, String>,
    /// `DuckDB`'s settings by name that are set once extensions are loaded.
    pub settings: BTreeMap<String, String>,
    /// Folders of Python modules that models which are programs may import.
    pub module_paths: Vec<PathBuf>,
    /// Plug-ins of dbt-duckdb: objects of Python that load sources, store models and configure the warehouse.
    pub plugins: Vec<Plugin>,
    /// Databases to attach.
    pub attach: Vec<Attach>,
    /// Secrets to create: their keys as `DuckDB` has them, `type` among them.
    pub secrets: Vec<Mapping>,
    /// The folder that external materializations write to.
    pub external_root: String,
    /// The target as it is written, for `target` in templates.
    pub written: Mapping,
    /// What of the target does nothing here, with its place.
    pub warnings: Vec<Warning>,
}

/// An extension of `DuckDB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Where it is installed from, such as `community`; `DuckDB`'s own place where none is named.
    pub repository: Option<String>,
}

/// A plug-in of dbt-duckdb.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// A module of Python, or one of dbt-duckdb's own.
    pub module: String,
    /// What sources and models call it, where not as its module.
    pub alias: Option<String>,
    /// What it is made with.
    pub config: Mapping,
}

/// A database that is attached beside the warehouse's file.
#[derive(Debug, Clone)]
pub struct Attach {
    /// Its file or address.
    pub path: String,
    /// What it is called; `DuckDB` derives a name where none is given.
    pub alias: Option<String>,
    /// Options of the statement: names with values; a value of none for a word that stands alone.
    pub options: Vec<(String, Option<String>)>,
}

/// Keys of a target that change nothing here: `wh` keeps one process open and opens transactions as it needs them.
const IDLE: &[&str] = &[
    "type",
    "keep_open",
    "disable_transactions",
    "retries",
    "database",
    "is_ducklake",
    "flights",
];

/// Keys that need Python at `dbt`'s side, with what is told of them.
const FOREIGN: &[(&str, &str)] = &[(
    "filesystems",
    "file systems of fsspec are Python; DuckDB's `httpfs` reads http, s3 and gcs",
)];

impl Warehouse {
    /// Returns the name `DuckDB` gives the database of the file: the file's name up to its first dot.
    #[must_use]
    pub fn file_database(&self) -> String {
        database_of(&self.path.to_string_lossy())
    }

    /// Returns the warehouse of a project that names none: a file of its own.
    pub(super) fn of_project(name: &str) -> Self {
        Self {
            target: "default".into(),
            profile: name.into(),
            path: "warehouse.duckdb".into(),
            database: "warehouse".into(),
            schema: "main".into(),
            external_root: ".".into(),
            ..Self::default()
        }
    }
}

/// Reads the keys that `warehouse:` and a target of `profiles.yml` share; `path` is the file where none is named.
pub(super) fn connection(fields: &Fields<'_>, path: &str) -> Result<Warehouse> {
    let path = fields.text("path")?.unwrap_or_else(|| path.into());
    let threads = fields.get("threads").map(|doc| {
        let number = doc.value.as_u64().and_then(|n| usize::try_from(n).ok());
        let wrong =
            || Diagnostic::project("`threads` is not a number from 1 to 1,024").at(&doc.at());
        number.filter(|n| (1..=1024).contains(n)).ok_or_else(wrong)
    });
    let mut warehouse = Warehouse {
        schema: fields.text("schema")?.unwrap_or_else(|| "main".into()),
        threads: threads.transpose()?,
        storage_version: fields.text("storage_version")?,
        extensions: fields
            .items("extensions")
            .into_iter()
            .map(extension)
            .collect::<Result<_>>()?,
        options: options(fields)?,
        settings: texts(&fields.mapping("settings")?),
        module_paths: fields
            .texts("module_paths")?
            .into_iter()
            .map(PathBuf::from)
            .collect(),
        plugins: fields
            .items("plugins")
            .into_iter()
            .map(plugin)
            .collect::<Result<_>>()?,
        attach: fields
            .items("attach")
            .into_iter()
            .map(attach)
            .collect::<Result<_>>()?,
        secrets: secrets(fields)?,
        external_root: fields.text("external_root")?.unwrap_or_else(|| ".".into()),
        written: fields.all(),
        database: database_of(&path),
        path: path.clone().into(),
        ..Warehouse::default()
    };
    choose_database(fields, &mut warehouse)?;
    refuse_remote(fields, &path)?;
    for (key, why) in FOREIGN {
        if let Some(doc) = fields.get(key) {
            let warning = format!("`{key}` does nothing: {why}");
            warehouse
                .warnings
                .push(Warning::new(yaml::CUSTOM_KEY, doc.at(), warning));
        }
    }
    fields.pass_over(IDLE);
    Ok(warehouse)
}

fn options(fields: &Fields<'_>) -> Result<BTreeMap<String, String>> {
    let mut options = texts(&fields.mapping("config_options")?);
    for name in ["memory_limit", "temp_directory"] {
        if let Some(value) = fields.text(name)? {
            options.insert(name.into(), value);
        }
    }
    Ok(options)
}

fn texts(mapping: &Mapping) -> BTreeMap<String, String> {
    let entries = mapping.iter();
    entries
        .filter_map(|(name, value)| {
            Some((
                name.as_str()?.to_owned(),
                value.as_scalar_string()?.into_owned(),
            ))
        })
        .collect()
}

/// Takes `database:` of a target: the name of the file's database, or of one that is attached.
fn choose_database(fields: &Fields<'_>, warehouse: &mut Warehouse) -> Result<()> {
    let Some(database) = fields.text("database")? else {
        return Ok(());
    };
    let is_attached = warehouse
        .attach
        .iter()
        .any(|attach| attach.alias.as_ref() == Some(&database));
    if database != warehouse.database && !is_attached {
        let what = format!(
            "`database` is `{database}`, and the file's database is `{}`",
            warehouse.database
        );
        return Err(Diagnostic::project(what)
            .at(&fields.get("database").map_or(fields.at(), |doc| doc.at()))
            .hint(format!(
                "write `database: {}`, or take it out",
                warehouse.database
            ))
            .into());
    }
    warehouse.database = database;
    Ok(())
}

fn refuse_remote(fields: &Fields<'_>, path: &str) -> Result<()> {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    let is_motherduck = matches!(scheme, Some("md" | "motherduck"));
    let remote = fields.get("remote");
    if !is_motherduck && remote.is_none() {
        return Ok(());
    }
    let at = remote.or_else(|| fields.get("path"));
    Err(Diagnostic::project("the warehouse is on another machine")
        .at(&at.map_or(fields.at(), |doc| doc.at()))
        .hint("wh builds into a DuckDB file: write `path: NAME.duckdb`")
        .into())
}

/// Returns the name `DuckDB` gives a file's database: the file's name up to its first dot.
#[must_use]
pub fn database_of(path: &str) -> String {
    if path == ":memory:" {
        return "memory".into();
    }
    let path = path.strip_prefix("ducklake:").unwrap_or(path);
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = file.trim_start_matches('.').split('.').next();
    name.unwrap_or(file).to_owned()
}

fn extension(item: Doc<'_>) -> Result<Extension> {
    if let Value::Mapping(..) = item.value {
        let fields = item.fields("an extension")?;
        let extension = Extension {
            name: fields.required("name")?,
            repository: fields.text("repo")?,
        };
        fields.finish()?;
        return Ok(extension);
    }
    let name = item.text("an extension")?;
    Ok(match name.split_once('@') {
        Some((name, repository)) => Extension {
            name: name.into(),
            repository: Some(repository.into()),
        },
        None => Extension {
            name,
            repository: None,
        },
    })
}

fn plugin(item: Doc<'_>) -> Result<Plugin> {
    let fields = item.fields("an entry of `plugins`")?;
    let plugin = Plugin {
        module: fields.required("module")?,
        alias: fields.text("alias")?,
        config: fields.mapping("config")?,
    };
    fields.finish()?;
    Ok(plugin)
}

fn attach(item: Doc<'_>) -> Result<Attach> {
    let fields = item.fields("an entry of `attach`")?;
    let more = fields.mapping("options")?;
    let mut options = Vec::new();
    for key in ["type", "secret"] {
        let value = fields.text(key)?;
        let nested = || more.get(key).and_then(Value::as_scalar_string);
        if let Some(value) = value.or_else(|| nested().map(|text| text.into_owned())) {
            options.push((key.to_owned(), Some(value)));
        }
    }
    let nested = more.get("read_only").and_then(Value::as_bool);
    if fields.flag("read_only")? || nested == Some(true) {
        options.push(("read_only".into(), None));
    }
    for (key, value) in &more {
        let key = key.as_str().unwrap_or_default().to_owned();
        match value {
            _ if ["type", "secret", "read_only"].contains(&key.as_str()) => {}
            Value::Bool(true, _) => options.push((key, None)),
            Value::Bool(false, _) | Value::Null(_) => {}
            value => {
                let text = value.as_scalar_string().unwrap_or_default();
                let text = text.trim_matches(['\'', '"']).to_owned();
                options.push((key, Some(text)));
            }
        }
    }
    fields.pass_over(&["is_ducklake"]);
    let attach = Attach {
        path: fields.required("path")?,
        alias: fields.text("alias")?,
        options,
    };
    fields.finish()?;
    Ok(attach)
}

/// Reads `secrets:` and `use_credential_provider: aws`.
fn secrets(fields: &Fields<'_>) -> Result<Vec<Mapping>> {
    let mut secrets = Vec::new();
    for item in fields.items("secrets") {
        let secret = item.fields("an entry of `secrets`")?;
        secret.required("type")?;
        secrets.push(secret.all());
    }
    match fields.text("use_credential_provider")?.as_deref() {
        None => {}
        Some("aws") => {
            let pairs = [("type", "s3"), ("provider", "credential_chain")];
            let text = |text: &str| Value::string(text.to_owned());
            secrets.push(
                pairs
                    .iter()
                    .map(|(key, value)| (text(key), text(value)))
                    .collect(),
            );
        }
        Some(other) => {
            let at = fields.get("use_credential_provider");
            return Err(
                Diagnostic::project(format!("`{other}` is no provider of credentials"))
                    .at(&at.map_or(fields.at(), |doc| doc.at()))
                    .hint("write `use_credential_provider: aws`")
                    .into(),
            );
        }
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_called_as_its_file_up_to_the_first_dot() {
        let names = [
            "a/my.db.duckdb",
            ".hidden.duckdb",
            ":memory:",
            "plain",
            "ducklake:x/meta.ducklake",
        ];
        assert_eq!(
            names.map(database_of),
            ["my", "hidden", "memory", "plain", "meta"]
        );
    }
}
