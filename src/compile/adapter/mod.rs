//! `adapter`: what a template may ask of the warehouse. While templates are only parsed, it answers nothing.

mod ask;
mod constraints;
mod external;
mod store;

use std::fmt::Debug;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, State};

use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{EntryKind, RecordBatch, Relation, quote};
use crate::jinja::{self, Library, Macro, bind};
use crate::project::database_of;

pub(super) use self::ask::Response;
pub use self::ask::answered;

/// The warehouse as templates reach it while nodes run.
pub trait Adapter: Send + Sync + Debug {
    /// Runs one query; in a transaction that it begins, with `auto_begin` and where none is open.
    ///
    /// # Errors
    /// What the engine answers; the open transaction is rolled back then.
    fn query(&self, sql: &str, auto_begin: bool) -> Result<RecordBatch>;
    /// Runs statements and returns how many rows the last one changed; `auto_begin` as for [`Adapter::query`].
    ///
    /// # Errors
    /// As [`Adapter::query`].
    fn execute(&self, sql: &str, auto_begin: bool) -> Result<u64>;
    /// Begins a transaction; nothing where one is open.
    ///
    /// # Errors
    /// What the engine answers.
    fn begin(&self) -> Result<()>;
    /// Commits the transaction; nothing where none is open.
    ///
    /// # Errors
    /// What the engine answers, such as a conflict with another transaction.
    fn commit(&self) -> Result<()>;
    /// Returns what exists under a name.
    ///
    /// # Errors
    /// What the engine answers.
    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>>;
    /// Returns the columns and SQL types of a relation.
    ///
    /// # Errors
    /// What the engine answers.
    fn columns(&self, relation: &Relation) -> Result<Vec<(String, String)>>;
    /// Notes that a relation is there now, or no more: what [`Adapter::existing`] answers from here on. Forgotten again when the
    /// transaction is rolled back. An adapter that always asks the warehouse has nothing to note.
    fn note(&self, relation: &Relation, kind: Option<EntryKind>);
    /// Notes that a schema is there no more, nor what was in it.
    fn forget_schema(&self, database: &str, schema: &str);
    /// Returns the types of a table's key constraints before the run: `primary_key`, `unique`, `foreign_key`.
    ///
    /// # Errors
    /// What the engine answers.
    fn key_constraints(&self, relation: &Relation) -> Result<Vec<String>>;
    /// Has the plug-in called `plugin` store a relation that is in a file, told as dbt-duckdb's `TargetConfig`.
    ///
    /// # Errors
    /// `Project` when the profile has no such plug-in; `Data` when it fails.
    fn store(&self, plugin: &str, target: &serde_json::Value) -> Result<()>;
}

/// What stands first in the names of macros for this engine, in the order of search.
pub(super) const PREFIXES: &[&str] = &["duckdb", "default"];

/// The word for the engine.
const ENGINE: &str = "duckdb";

/// The object `adapter` of a template.
#[derive(Debug)]
pub struct AdapterObject {
    /// The warehouse; `None` while templates are parsed.
    pub adapter: Option<Arc<dyn Adapter>>,
    /// All macros, to dispatch to.
    pub library: Arc<Library>,
    /// Which parts of relations' names are quoted: database, schema, identifier.
    pub quoted: [bool; 3],
}

/// Methods of dbt's adapters, for hints.
const METHODS: &[&str] = &[
    "add_query",
    "already_exists",
    "assert_valid_snapshot_target_given_strategy",
    "batch_id_for_model",
    "build_catalog_relation",
    "cache_added",
    "cache_dropped",
    "cache_renamed",
    "catalog_supports_foreign_keys",
    "check_schema_exists",
    "commit",
    "convert_datetimes_to_strs",
    "convert_type",
    "create_schema",
    "disable_transactions",
    "dispatch",
    "drop_relation",
    "drop_schema",
    "ensure_transaction",
    "escape_sql_string",
    "execute",
    "existing_key_constraint_types",
    "expand_target_column_types",
    "external_read_location",
    "external_root",
    "external_write_options",
    "get_binding_char",
    "get_catalog_integration",
    "get_column_schema_from_query",
    "get_columns_in_relation",
    "get_columns_in_table",
    "get_hard_deletes_behavior",
    "get_incremental_strategy_macro",
    "get_missing_columns",
    "get_partitions_metadata",
    "get_relation",
    "get_seed_file_path",
    "get_temp_relation_path",
    "is_ducklake",
    "is_motherduck",
    "list_relations_without_caching",
    "list_schemas",
    "location_exists",
    "parse_index",
    "quote",
    "quote_as_configured",
    "quote_seed_column",
    "rename_relation",
    "render_raw_columns_constraints",
    "render_raw_model_constraints",
    "standardize_grants_dict",
    "store_relation",
    "truncate_relation",
    "type",
    "use_ducklake_table_workarounds",
    "valid_incremental_strategies",
    "valid_snapshot_target",
    "warn_once",
];

impl Object for AdapterObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "behavior" => Some(Value::from_object(Behavior)),
            "Relation" => {
                let quoted = self.quoted;
                Some(Value::from_object(super::api::RelationClass { quoted }))
            }
            "Column" => Some(Value::from_object(super::api::ColumnClass)),
            // A method that is named without a call, as in `try_or_compiler_error('…', adapter.quote, x)`.
            name if METHODS.contains(&name) => Some(Value::from_object(Method {
                of: self.clone(),
                name: name.to_owned(),
            })),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(answer) = self.without_warehouse(state, name, args)? {
            return Ok(answer);
        }
        match &self.adapter {
            Some(adapter) => ask::ask(self, adapter.as_ref(), (state, name), args),
            None if METHODS.contains(&name) => Ok(ask::silent(name)),
            // As any unknown name it is an error when the template runs, which may never come to it.
            None => Ok(jinja::absent()),
        }
    }
}

fn unknown(name: &str) -> Error {
    let missing = Diagnostic::project(format!("`adapter` has no method `{name}`"));
    jinja::raise(match nearest(name, METHODS.iter().copied()) {
        Some(near) => missing.hint(format!("did you mean `{near}`?")),
        None => missing,
    })
}

/// Says that a method is for what is not here: catalogs, partitions and plug-ins of other adapters and of Python.
fn foreign(name: &str) -> Error {
    let (what, hint) = match name {
        "get_catalog_integration" => (
            "no catalog is configured",
            "attach a database in the profile instead",
        ),
        "get_partitions_metadata" => (
            "DuckDB has no metadata of partitions",
            "select the partitions themselves",
        ),
        _ => (
            "dbt-duckdb's plug-ins are Python objects",
            "write files with `materialized='external'`",
        ),
    };
    jinja::raise(Diagnostic::project(format!("`adapter.{name}` has no answer: {what}")).hint(hint))
}

/// `adapter.standardize_grants_dict(table)`: who has each privilege.
fn grants(args: &[Value]) -> Result<Value, Error> {
    let table = bind("standardize_grants_dict", &["grants_table"], 1, args)?;
    let mut found: Vec<(String, Vec<Value>)> = Vec::new();
    for row in table[0].clone().unwrap_or_default().try_iter()? {
        let grantee = row.get_item(&Value::from("grantee"))?;
        let privilege = jinja::text(&row.get_item(&Value::from("privilege_type"))?);
        match found.iter_mut().find(|(known, _)| *known == privilege) {
            Some((_, grantees)) => grantees.push(grantee),
            None => found.push((privilege, vec![grantee])),
        }
    }
    let found = found.into_iter();
    Ok(jinja::dict(found.map(|(privilege, grantees)| {
        (privilege, jinja::list(grantees))
    })))
}

/// Reads an argument as text.
fn word(value: Option<&Value>) -> String {
    value.map(jinja::text).unwrap_or_default()
}

/// Returns whether the database of a relation is a `DuckLake`: by its path, or since the profile says so.
fn is_ducklake(state: &mut State<'_, '_>, args: &[Value]) -> Result<bool, Error> {
    let bound = bind("is_ducklake", &["relation"], 1, args)?;
    let relation = bound[0].clone().unwrap_or_default();
    let database = match relation.is_true() {
        true => jinja::text(&relation.get_attr("database")?),
        false => return Ok(false),
    };
    let target = state.lookup("target").unwrap_or_default();
    let attached = target.get_attr("attach")?;
    let attached = attached
        .is_true()
        .then(|| attached.try_iter())
        .transpose()?;
    for of in std::iter::once(target).chain(attached.into_iter().flatten()) {
        let path = jinja::text(&of.get_attr("path")?);
        let alias = of.get_attr("alias")?;
        let name = match alias.is_true() {
            true => jinja::text(&alias),
            false => database_of(&path),
        };
        let is_said = of.get_attr("is_ducklake")?.is_true();
        if name == database && (is_said || path.to_lowercase().contains("ducklake:")) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl AdapterObject {
    /// Answers what needs no warehouse, and so is answered while templates are parsed too.
    fn without_warehouse(
        &self,
        state: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Option<Value>, Error> {
        let one = |parameter: &str| {
            bind(name, &[parameter], 1, args).map(|bound| word(bound[0].as_ref()))
        };
        Ok(Some(match name {
            "dispatch" => self.dispatch(state, args)?,
            "type" => Value::from(ENGINE),
            "quote" => Value::from(quote(&one("identifier")?)),
            "escape_sql_string" => Value::from(one("value")?.replace('\'', "''")),
            "quote_as_configured" => {
                let bound = bind(name, &["identifier", "quote_key"], 2, args)?;
                let (identifier, key) = (word(bound[0].as_ref()), word(bound[1].as_ref()));
                let parts = ["database", "schema", "identifier"].into_iter();
                let is_quoted = parts.zip(self.quoted).any(|part| part == (&key, true));
                Value::from(if is_quoted {
                    quote(&identifier)
                } else {
                    identifier
                })
            }
            "quote_seed_column" => {
                let bound = bind(name, &["column", "quote_config"], 1, args)?;
                let column = word(bound[0].as_ref());
                let bare = bound[1]
                    .as_ref()
                    .is_some_and(|config| config.kind() == ValueKind::Bool && !config.is_true());
                Value::from(if bare { column } else { quote(&column) })
            }
            "is_ducklake" => Value::from(is_ducklake(state, args)?),
            "is_motherduck" | "disable_transactions" | "use_ducklake_table_workarounds" => {
                Value::from(false)
            }
            "get_binding_char" => Value::from("?"),
            "valid_incremental_strategies" => {
                jinja::list(["append", "delete+insert", "merge", "microbatch"])
            }
            "get_hard_deletes_behavior" => hard_deletes(state, args)?,
            "batch_id_for_model" => batch_id(args)?,
            "render_raw_columns_constraints" => constraints::of_columns(state, args)?,
            "render_raw_model_constraints" => constraints::of_model(state, args)?,
            "external_write_options" => external::write_options(args)?,
            "external_read_location" => external::read_location(args)?,
            "external_root" => {
                let target = state.lookup("target").unwrap_or_default();
                let root = target.get_attr("external_root")?;
                if root.is_undefined() {
                    Value::from(".")
                } else {
                    root
                }
            }
            "parse_index" => match args.first() {
                Some(index) if index.kind() == ValueKind::Map => index.clone(),
                _ => Value::from(()),
            },
            "warn_once" => {
                let message = one("msg")?;
                tracing::warn!(message, "warn");
                Value::from("")
            }
            _ => return Ok(None),
        }))
    }

    /// `adapter.dispatch('name', 'package')`: the macro of the most specific prefix, in the order of search of the package.
    fn dispatch(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let bound = bind(
            "dispatch",
            &["macro_name", "macro_namespace", "packages"],
            1,
            args,
        )?;
        let name = word(bound[0].as_ref());
        let namespace = match &bound[1] {
            Some(given) if given.kind() == ValueKind::String => Some(jinja::text(given)),
            Some(given) if !given.is_none() => {
                return Err(jinja::raise(Diagnostic::project(format!(
                    "`macro_namespace` of `adapter.dispatch` is a string, not {}",
                    jinja::repr(given)
                ))));
            }
            _ => None,
        };
        if let Some((package, name)) = name.split_once('.') {
            let wrong =
                Diagnostic::project(format!("`{package}.{name}` is not the name of a macro"));
            return Err(jinja::raise(
                wrong.hint(format!("write `adapter.dispatch('{name}', '{package}')`")),
            ));
        }
        let package = jinja::package_of(state)?;
        let found = self.find(&package, &name, namespace.as_deref());
        found.map(Value::from_dyn_object).ok_or_else(|| {
            let searched = self.library.search_order(namespace.as_deref());
            let searched = searched.map_or_else(String::new, |packages| {
                let packages = packages.iter().map(|package| format!("`{package}`"));
                format!(", searched in {}", packages.collect::<Vec<_>>().join(", "))
            });
            let missing = Diagnostic::project(format!(
                "no macro is called `duckdb__{name}` or `default__{name}`{searched}"
            ));
            jinja::raise(missing)
        })
    }

    /// Returns the macro that a template of `package` dispatches to.
    pub(super) fn find(
        &self,
        package: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Option<Arc<Macro>> {
        self.library
            .find_dispatch(package, name, namespace, PREFIXES)
    }
}

/// Reads dbt's two ways of saying what becomes of rows that a snapshot's source lost.
fn hard_deletes(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("get_hard_deletes_behavior", &["config"], 1, args)?;
    let config = bound[0].clone().unwrap_or_default();
    let mut get = |key: &str| -> Result<Option<Value>, Error> {
        let found = config.call_method(state, "get", &[Value::from(key)])?;
        Ok(Some(found).filter(|found| !found.is_none() && !found.is_undefined()))
    };
    let (old, new) = (get("invalidate_hard_deletes")?, get("hard_deletes")?);
    let new_word = new.as_ref().map(jinja::text);
    Ok(Value::from(match (&old, new_word.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(jinja::raise(Diagnostic::project(
                "a snapshot has both `invalidate_hard_deletes` and `hard_deletes`",
            )));
        }
        (_, Some("invalidate")) => "invalidate",
        (Some(old), None) if old.is_true() => "invalidate",
        (_, Some("new_record")) => "new_record",
        (_, None | Some("ignore")) => "ignore",
        (_, Some(other)) => {
            return Err(jinja::raise(
                Diagnostic::project(format!("`{other}` is no value of `hard_deletes`"))
                    .hint("use ignore, invalidate or new_record"),
            ));
        }
    }))
}

/// Makes the part of a temporary table's name that tells a batch from others.
fn batch_id(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("batch_id_for_model", &["model"], 1, args)?;
    let model = bound[0].clone().unwrap_or_default();
    let batch = model.get_attr("batch").unwrap_or_default();
    let start = match batch.is_true() {
        true => batch.get_attr("event_time_start")?,
        false => Value::UNDEFINED,
    };
    if !start.is_true() {
        return Ok(Value::from(""));
    }
    let id = jinja::text(&start).replace(['-', ':', '+'], "");
    Ok(Value::from(id.replace(' ', "_")))
}

/// A method of the adapter as a value.
#[derive(Debug)]
struct Method {
    of: Arc<AdapterObject>,
    name: String,
}

impl Object for Method {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.of.call_method(state, &self.name, args)
    }
}

/// `adapter.behavior`: flags of dbt's that change behaviour; all are off.
#[derive(Debug)]
struct Behavior;

impl Object for Behavior {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "no_warn" | "setting" => Value::from(false),
            _ => Value::from_dyn_object(self.clone()),
        })
    }
}
