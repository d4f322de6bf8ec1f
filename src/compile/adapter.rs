//! `adapter`: what a template may ask of the warehouse. While templates are only parsed, it answers nothing.

use std::fmt::Debug;
use std::sync::Arc;

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::relation::RelationObject;
use super::table::TableObject;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{EntryKind, RecordBatch, Relation};
use crate::jinja::{self, Library};

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
    /// Notes what exists under a name from now on; forgotten again when the transaction is rolled back.
    fn set_existing(&self, relation: &Relation, kind: Option<EntryKind>);
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
}

/// The object `adapter` of a template.
#[derive(Debug)]
pub struct AdapterObject {
    /// The warehouse; `None` while templates are parsed.
    pub adapter: Option<Arc<dyn Adapter>>,
    /// All macros, to dispatch to.
    pub library: Arc<Library>,
    /// The project's own package.
    pub root: String,
}

impl Object for AdapterObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "dispatch" => self.dispatch(args),
            "type" => Ok(Value::from("duckdb")),
            "quote" => {
                let (text,): (String,) = from_args(args)?;
                Ok(Value::from(crate::engine::quote(&text)))
            }
            "quote_as_configured" => {
                let (text, _): (String, Option<Value>) = from_args(args)?;
                Ok(Value::from(crate::engine::quote(&text)))
            }
            _ => match &self.adapter {
                Some(adapter) => ask(adapter.as_ref(), name, args),
                None => Ok(silent(name)),
            },
        }
    }
}

/// What `adapter` answers while templates are parsed.
fn silent(name: &str) -> Value {
    match name {
        "get_columns_in_relation" | "get_missing_columns" | "list_relations_without_caching" => {
            jinja::list(Vec::<Value>::new())
        }
        _ => Value::from(()),
    }
}

fn ask(adapter: &dyn Adapter, name: &str, args: &[Value]) -> Result<Value, Error> {
    let answer = match name {
        "get_relation" | "load_relation" => {
            let relation = named(args)?;
            let kind = adapter.existing(&relation).map_err(jinja::raise)?;
            kind.map_or(Value::from(()), |kind| {
                RelationObject::value(&relation, Some(kind))
            })
        }
        "get_columns_in_relation" => {
            let relation = relation(args.first())?;
            let columns = adapter.columns(&relation).map_err(jinja::raise)?;
            jinja::list(columns.into_iter().map(column))
        }
        "get_missing_columns" => {
            let from = adapter
                .columns(&relation(args.first())?)
                .map_err(jinja::raise)?;
            let to = adapter
                .columns(&relation(args.get(1))?)
                .map_err(jinja::raise)?;
            let missing = from
                .into_iter()
                .filter(|(name, _)| !to.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
            jinja::list(missing.map(column))
        }
        "execute" => return execute(adapter, args),
        "commit" => {
            adapter.commit().map_err(jinja::raise)?;
            Value::from("")
        }
        "ensure_transaction" => {
            adapter.begin().map_err(jinja::raise)?;
            Value::from("")
        }
        "expand_target_column_types"
        | "cache_added"
        | "cache_dropped"
        | "cache_renamed"
        | "verify_database" => Value::from(""),
        _ => {
            return Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("`adapter` has no method `{name}`"),
            ));
        }
    };
    Ok(answer)
}

/// `adapter.execute(sql, fetch=…)`: returns `(response, table)`.
fn execute(adapter: &dyn Adapter, args: &[Value]) -> Result<Value, Error> {
    let (sql, kwargs): (String, Kwargs) = from_args(args)?;
    let fetch: Option<bool> = kwargs.get("fetch")?;
    let auto_begin: Option<bool> = kwargs.get("auto_begin")?;
    let auto_begin = auto_begin.unwrap_or(false);
    if fetch.unwrap_or(false) {
        let batch = adapter.query(&sql, auto_begin).map_err(jinja::raise)?;
        let table = TableObject::value(&batch).map_err(jinja::raise)?;
        return Ok(jinja::list(vec![response(batch.num_rows() as u64), table]));
    }
    let rows = adapter.execute(&sql, auto_begin).map_err(jinja::raise)?;
    Ok(jinja::list(vec![response(rows), Value::from(())]))
}

fn response(rows: u64) -> Value {
    jinja::dict([
        ("code".to_owned(), Value::from("OK")),
        ("rows_affected".to_owned(), Value::from(rows)),
    ])
}

/// A column as dbt's `api.Column`.
fn column((name, data_type): (String, String)) -> Value {
    jinja::dict([
        ("column".to_owned(), Value::from(&name)),
        (
            "quoted".to_owned(),
            Value::from(crate::engine::quote(&name)),
        ),
        ("name".to_owned(), Value::from(&name)),
        ("dtype".to_owned(), Value::from(&data_type)),
        ("data_type".to_owned(), Value::from(&data_type)),
    ])
}

fn relation(value: Option<&Value>) -> Result<Relation, Error> {
    value
        .and_then(RelationObject::of)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "a relation belongs here"))
}

/// Reads `get_relation(database, schema, identifier)`, by position or by name, or a relation itself.
fn named(args: &[Value]) -> Result<Relation, Error> {
    if let Some(relation) = args.first().and_then(RelationObject::of) {
        return Ok(relation);
    }
    let (database, schema, identifier, kwargs): (
        Option<Value>,
        Option<String>,
        Option<String>,
        Kwargs,
    ) = from_args(args)?;
    let database = match database {
        Some(database) => Some(database),
        None => kwargs.get("database")?,
    };
    let take = |given: Option<String>, key: &str| -> Result<String, Error> {
        match given {
            Some(text) => Ok(text),
            None => kwargs.get(key),
        }
    };
    Ok(Relation {
        database: database.and_then(|database| database.as_str().map(str::to_owned)),
        schema: take(schema, "schema")?,
        name: take(identifier, "identifier")?,
    })
}

impl AdapterObject {
    /// `adapter.dispatch('name', 'package')`: the macro of the most specific prefix, the project's own first.
    fn dispatch(&self, args: &[Value]) -> Result<Value, Error> {
        let (name, namespace, kwargs): (String, Option<String>, Kwargs) = from_args(args)?;
        let namespace = match namespace {
            Some(namespace) => Some(namespace),
            None => kwargs.get("macro_namespace")?,
        };
        let packages = match namespace.as_deref() {
            Some(namespace) => vec![Some(self.root.as_str()), Some(namespace), Some("dbt")],
            None => vec![None],
        };
        let found =
            self.library
                .find_dispatch(&self.root, &name, &packages, &["duckdb", "default"]);
        found.ok_or_else(|| {
            jinja::raise(
                Diagnostic::project(format!(
                    "no macro is called `duckdb__{name}` or `default__{name}`"
                ))
                .note(match &namespace {
                    Some(namespace) => {
                        format!("looked in `{}`, `{namespace}` and `dbt`", self.root)
                    }
                    None => format!("looked in `{}` and `dbt`", self.root),
                }),
            )
        })
    }
}
