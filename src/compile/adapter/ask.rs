//! The methods of `adapter` that ask or change the warehouse.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, State, context};

use super::{Adapter, AdapterObject, foreign, grants, store, unknown, word};
use crate::compile::column::ColumnObject;
use crate::compile::relation::RelationObject;
use crate::compile::table::TableObject;
use crate::diagnostic::Diagnostic;
use crate::engine::{EntryKind, RecordBatch, Relation, render};
use crate::jinja::{self, bind};

/// What a statement answered besides rows; prints as dbt's message.
#[derive(Debug)]
pub(in crate::compile) struct Response {
    /// dbt's message, `OK` by default.
    pub(in crate::compile) message: String,
    /// dbt's code.
    pub(in crate::compile) code: Option<String>,
    /// How many rows it changed.
    pub(in crate::compile) rows: Option<u64>,
}

/// Returns what a statement answers that gives neither rows nor their number.
#[must_use]
pub fn answered() -> Value {
    Value::from_object(Response {
        message: "OK".into(),
        code: None,
        rows: None,
    })
}

impl Response {
    fn ok(rows: u64) -> Value {
        Value::from_object(Self {
            message: "OK".into(),
            code: None,
            rows: Some(rows),
        })
    }
}

impl Object for Response {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "_message" => Value::from(&self.message),
            "code" => Value::from(self.code.clone()),
            "rows_affected" => Value::from(self.rows),
            "query_id" => Value::from(()),
            _ => return None,
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What `adapter` answers while templates are parsed, as dbt's adapters say themselves.
pub(super) fn silent(name: &str) -> Value {
    match name {
        "get_columns_in_relation"
        | "get_columns_in_table"
        | "get_missing_columns"
        | "get_column_schema_from_query"
        | "list_relations_without_caching"
        | "list_schemas" => jinja::list(Vec::<Value>::new()),
        "check_schema_exists" | "already_exists" => Value::from(false),
        "get_partitions_metadata" => TableObject::empty(),
        "execute" => pair(Value::from(""), TableObject::empty()),
        "add_query" => pair(Value::from(()), Value::from(())),
        _ => Value::from(()),
    }
}

fn pair(first: Value, second: Value) -> Value {
    Value::from(minijinja::value::Tuple::from([first, second]))
}

/// Methods that dbt leaves to the macro of the same name, which a project may override.
const BY_MACRO: &[&str] = &[
    "create_schema",
    "drop_schema",
    "list_relations_without_caching",
    "list_schemas",
    "truncate_relation",
];

/// Calls a method.
pub(super) fn ask(
    own: &AdapterObject,
    adapter: &dyn Adapter,
    (state, name): (&mut State<'_, '_>, &str),
    args: &[Value],
) -> Result<Value, Error> {
    if let Some(answer) = answer(own, adapter, (state, name), args)? {
        return Ok(answer);
    }
    Ok(match name {
        "execute" => return execute(adapter, args),
        "add_query" => {
            let bound = bind(
                name,
                &["sql", "auto_begin", "bindings", "abridge_sql_log"],
                1,
                args,
            )?;
            let auto_begin = bound[1].as_ref().is_none_or(Value::is_true);
            let rows = adapter
                .execute(&word(bound[0].as_ref()), auto_begin)
                .map_err(jinja::raise)?;
            pair(Value::from(()), Response::ok(rows))
        }
        "drop_relation" => return drop_relation(adapter, state, args),
        "rename_relation" => {
            let found = state.lookup(name).unwrap_or_default();
            found.call(state, args)?;
            return note(adapter, "cache_renamed", args);
        }
        "cache_added" | "cache_dropped" | "cache_renamed" => return note(adapter, name, args),
        "expand_target_column_types" | "verify_database" => Value::from(()),
        "ensure_transaction" => {
            adapter.begin().map_err(jinja::raise)?;
            Value::from(())
        }
        "commit" => {
            adapter.commit().map_err(jinja::raise)?;
            Value::from(())
        }
        "valid_snapshot_target" | "assert_valid_snapshot_target_given_strategy" => {
            return snapshot_target(adapter, name, args);
        }
        "get_incremental_strategy_macro" => return strategy(state, args),
        "store_relation" => store::relation(adapter, state, args)?,
        "get_catalog_integration" | "get_partitions_metadata" => {
            return Err(foreign(name));
        }
        _ if BY_MACRO.contains(&name) => {
            let found = state.lookup(name).unwrap_or_default();
            let answer = found.call(state, args)?;
            if matches!(name, "create_schema" | "drop_schema") {
                adapter.commit().map_err(jinja::raise)?;
            }
            if let ("drop_schema", Some(schema)) = (name, args.first()) {
                let part = |key: &str| schema.get_attr(key).map(|part| jinja::text(&part));
                adapter.forget_schema(&part("database")?, &part("schema")?);
            }
            return Ok(answer);
        }
        _ => return Err(unknown(name)),
    })
}

/// Answers a method that changes nothing; none where it is another.
fn answer(
    own: &AdapterObject,
    adapter: &dyn Adapter,
    (state, name): (&mut State<'_, '_>, &str),
    args: &[Value],
) -> Result<Option<Value>, Error> {
    let columns = |value: Option<&Value>| columns_of(adapter, value);
    Ok(Some(match name {
        "get_relation" | "load_relation" => existing(own, adapter, &named(name, args)?)?,
        "already_exists" => {
            let bound = bind(name, &["schema", "name"], 2, args)?;
            let relation = Relation::new(word(bound[0].as_ref()), word(bound[1].as_ref()));
            let found = adapter.existing(&relation).map_err(jinja::raise)?;
            Value::from(found.is_some())
        }
        "get_columns_in_relation" => match overridden(own, state, name)? {
            Some(answer) => answer.call(state, args)?,
            None => listed(columns(args.first())?),
        },
        "get_columns_in_table" => {
            let bound = bind(name, &["schema", "identifier"], 2, args)?;
            let relation = Relation::new(word(bound[0].as_ref()), word(bound[1].as_ref()));
            listed(columns(Some(&RelationObject::value(&relation, None)))?)
        }
        "get_missing_columns" => {
            let bound = bind(name, &["from_relation", "to_relation"], 2, args)?;
            let (from, to) = (columns(bound[0].as_ref())?, columns(bound[1].as_ref())?);
            let missing = from
                .into_iter()
                .filter(|(name, _)| !to.iter().any(|(own, _)| own == name));
            listed(missing.collect())
        }
        "get_column_schema_from_query" => schema_of_query(adapter, args)?,
        "check_schema_exists" => {
            let bound = bind(name, &["database", "schema"], 2, args)?;
            Value::from(schema_exists(
                adapter,
                bound[0].as_ref(),
                &word(bound[1].as_ref()),
            )?)
        }
        "location_exists" => {
            let location = word(bind(name, &["location"], 1, args)?[0].as_ref());
            Value::from(query(adapter, include_str!("location.sql"), context! {location}).is_ok())
        }
        "convert_datetimes_to_strs" => args.first().cloned().unwrap_or_default(),
        "catalog_supports_foreign_keys" => Value::from(true),
        "existing_key_constraint_types" => {
            let relation = args.first().and_then(RelationObject::of);
            let found = relation.map(|relation| adapter.key_constraints(&relation));
            jinja::list(found.transpose().map_err(jinja::raise)?.unwrap_or_default())
        }
        "standardize_grants_dict" => grants(args)?,
        "convert_type" => TableObject::sql_type(args)?,
        "get_seed_file_path" => seed_path(args)?,
        _ => return Ok(None),
    }))
}

/// Fills in and runs one of our own queries.
fn query(
    adapter: &dyn Adapter,
    sql: &str,
    values: Value,
) -> crate::diagnostic::Result<RecordBatch> {
    adapter.query(&render(sql, values)?, false)
}

/// Returns the macro that dbt calls for a method, where the project or a package has one of its own.
fn overridden(
    own: &AdapterObject,
    state: &mut State<'_, '_>,
    name: &str,
) -> Result<Option<Value>, Error> {
    let package = jinja::package_of(state)?;
    let whole = own.library.find(&package, name);
    let part = own.find(&package, name, Some("dbt"));
    let theirs = |found: &Arc<jinja::Macro>| !crate::compile::BUILT_IN.contains(&found.package());
    let is_theirs = whole.as_ref().is_some_and(theirs) || part.as_ref().is_some_and(theirs);
    Ok(whole.filter(|_| is_theirs).map(Value::from_dyn_object))
}

fn listed(columns: Vec<(String, String)>) -> Value {
    jinja::list(columns.into_iter().map(ColumnObject::value))
}

fn columns_of(
    adapter: &dyn Adapter,
    value: Option<&Value>,
) -> Result<Vec<(String, String)>, Error> {
    let object = value.and_then(|value| value.downcast_object_ref::<RelationObject>());
    let Some(object) = object else {
        let given = value.map_or_else(|| "nothing".into(), jinja::repr);
        return Err(jinja::raise(Diagnostic::project(format!(
            "a relation belongs here, not {given}"
        ))));
    };
    let relation = object.render_name();
    match query(adapter, include_str!("describe.sql"), context! {relation}) {
        Ok(rows) => named_types(&rows),
        // A relation that is not there has no columns.
        Err(err) if err.to_string().to_lowercase().contains("does not exist") => Ok(Vec::new()),
        Err(err) => Err(jinja::raise(err)),
    }
}

/// Reads the first two columns of what `describe` answers.
fn named_types(rows: &crate::engine::RecordBatch) -> Result<Vec<(String, String)>, Error> {
    let table = TableObject::value(rows).map_err(jinja::raise)?;
    let mut found = Vec::new();
    for row in table.try_iter()? {
        let cell = |index: usize| {
            row.get_item(&Value::from(index))
                .map(|cell| jinja::text(&cell))
        };
        found.push((cell(0)?, cell(1)?));
    }
    Ok(found)
}

fn schema_of_query(adapter: &dyn Adapter, args: &[Value]) -> Result<Value, Error> {
    let sql = word(bind("get_column_schema_from_query", &["sql"], 1, args)?[0].as_ref());
    let described = query(
        adapter,
        include_str!("describe_query.sql"),
        context! {query => sql},
    );
    let columns = named_types(&described.map_err(jinja::raise)?)?;
    let columns = columns
        .into_iter()
        .flat_map(|(name, dtype)| ColumnObject::new(name, dtype).flatten());
    Ok(jinja::list(columns.map(Value::from_object)))
}

fn schema_exists(
    adapter: &dyn Adapter,
    database: Option<&Value>,
    schema: &str,
) -> Result<bool, Error> {
    let database = database.filter(|value| !value.is_none()).map(jinja::text);
    let values = context! {database, schema};
    let rows = query(adapter, include_str!("schema_exists.sql"), values);
    Ok(rows.map_err(jinja::raise)?.num_rows() > 0)
}

fn existing(
    own: &AdapterObject,
    adapter: &dyn Adapter,
    relation: &Relation,
) -> Result<Value, Error> {
    let kind = adapter.existing(relation).map_err(jinja::raise)?;
    Ok(kind.map_or(Value::from(()), |kind| {
        let found = RelationObject::existing(relation, kind);
        Value::from_object(found.with_quoting(own.quoted))
    }))
}

/// `adapter.execute(sql, auto_begin, fetch, limit)`: returns `(response, table)`.
fn execute(adapter: &dyn Adapter, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("execute", &["sql", "auto_begin", "fetch", "limit"], 1, args)?;
    let sql = word(bound[0].as_ref());
    let auto_begin = bound[1].as_ref().is_some_and(Value::is_true);
    if !bound[2].as_ref().is_some_and(Value::is_true) {
        let rows = adapter.execute(&sql, auto_begin).map_err(jinja::raise)?;
        return Ok(pair(Response::ok(rows), TableObject::empty()));
    }
    let mut batch = adapter.query(&sql, auto_begin).map_err(jinja::raise)?;
    if let Some(limit) = bound[3].as_ref().and_then(Value::as_usize) {
        batch = batch.slice(0, limit.min(batch.num_rows()));
    }
    let table = TableObject::value(&batch).map_err(jinja::raise)?;
    Ok(pair(Response::ok(batch.num_rows() as u64), table))
}

fn drop_relation(
    adapter: &dyn Adapter,
    state: &mut State<'_, '_>,
    args: &[Value],
) -> Result<Value, Error> {
    let bound = bind("drop_relation", &["relation"], 1, args)?;
    let relation = bound[0].clone().unwrap_or_default();
    let kind = relation.get_attr("type")?;
    if kind.is_none() {
        return Err(jinja::raise(Diagnostic::project(format!(
            "`{}` has no type, so it cannot be dropped",
            jinja::text(&relation)
        ))));
    }
    let found = state.lookup("drop_relation").unwrap_or_default();
    found.call(state, args)?;
    if let Some(relation) = RelationObject::of(&relation) {
        adapter.note(&relation, None);
    }
    Ok(Value::from(()))
}

/// Keeps what is known to exist in step with what a template did.
fn note(adapter: &dyn Adapter, name: &str, args: &[Value]) -> Result<Value, Error> {
    let relation = |index: usize| args.get(index).and_then(RelationObject::of);
    let kind = |index: usize| -> Result<EntryKind, Error> {
        let kind = args
            .get(index)
            .map(|value| value.get_attr("type"))
            .transpose()?;
        let is_view = kind.is_some_and(|kind| kind.as_str() == Some("view"));
        Ok(if is_view {
            EntryKind::View
        } else {
            EntryKind::Table
        })
    };
    match (name, relation(0), relation(1)) {
        ("cache_added", Some(added), _) => adapter.note(&added, Some(kind(0)?)),
        ("cache_dropped", Some(dropped), _) => adapter.note(&dropped, None),
        ("cache_renamed", Some(from), Some(to)) => {
            adapter.note(&from, None);
            adapter.note(&to, Some(kind(1)?));
        }
        _ => {}
    }
    Ok(Value::from(""))
}

/// Reads `get_relation(database, schema, identifier)`, or a relation itself.
fn named(method: &str, args: &[Value]) -> Result<Relation, Error> {
    if let Some(relation) = args.first().and_then(RelationObject::of) {
        return Ok(relation);
    }
    let bound = bind(method, &["database", "schema", "identifier"], 3, args)?;
    let database = bound[0]
        .as_ref()
        .filter(|value| value.kind() == ValueKind::String);
    Ok(Relation {
        database: database.map(jinja::text),
        schema: word(bound[1].as_ref()),
        name: word(bound[2].as_ref()),
    })
}

/// Refuses a table that no snapshot made.
fn snapshot_target(adapter: &dyn Adapter, name: &str, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(name, &["relation", "column_names", "strategy"], 1, args)?;
    let columns = columns_of(adapter, bound[0].as_ref())?;
    let mut wanted = vec!["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"];
    if let Some(strategy) = &bound[2] {
        let hard = strategy.get_attr("hard_deletes")?;
        if hard.as_str() == Some("new_record") {
            wanted.push("dbt_is_deleted");
        }
    }
    let mut missing = Vec::new();
    for column in wanted {
        let custom = bound[1]
            .as_ref()
            .map(|names| names.get_attr(column))
            .transpose()?;
        let custom = custom.filter(Value::is_true).map(|name| jinja::text(&name));
        let desired = custom.unwrap_or_else(|| column.to_owned());
        if !columns
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(&desired))
        {
            missing.push(format!("`{desired}`"));
        }
    }
    match missing.is_empty() {
        true => Ok(Value::from(())),
        false => Err(jinja::raise(
            Diagnostic::project(format!(
                "`{}` is no snapshot: it has no {}",
                word(bound[0].as_ref()),
                missing.join(", ")
            ))
            .hint("drop it, or give the snapshot another name"),
        )),
    }
}

/// `adapter.get_incremental_strategy_macro(context, 'merge')`: the macro that writes a strategy's SQL.
fn strategy(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(
        "get_incremental_strategy_macro",
        &["model_context", "strategy"],
        1,
        args,
    )?;
    let strategy = bound[1].as_ref().filter(|value| !value.is_none());
    let strategy = strategy.map_or_else(|| "default".into(), jinja::text);
    let name = format!("get_incremental_{}_sql", strategy.replace('+', "_"));
    if strategy == "insert_overwrite" {
        return Err(jinja::raise(
            Diagnostic::project("`insert_overwrite` is no incremental strategy of DuckDB")
                .hint("use append, delete+insert, merge or microbatch"),
        ));
    }
    match state.lookup(&name) {
        Some(found) if !found.is_undefined() => Ok(found),
        _ => Err(jinja::raise(
            Diagnostic::project(format!("`{strategy}` is no incremental strategy")).hint(format!(
                "use append, delete+insert, merge or microbatch, or add a macro `{name}`"
            )),
        )),
    }
}

fn seed_path(args: &[Value]) -> Result<Value, Error> {
    let model = bind("get_seed_file_path", &["model"], 1, args)?[0]
        .clone()
        .unwrap_or_default();
    let part = |key: &str| model.get_attr(key).map(|part| jinja::text(&part));
    let root = std::path::PathBuf::from(part("root_path")?);
    Ok(Value::from(
        root.join(part("original_file_path")?).display().to_string(),
    ))
}
