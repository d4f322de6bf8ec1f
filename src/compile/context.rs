//! What every template may name: variables, the target, references, configuration, the warehouse.

use std::collections::BTreeMap;
use std::sync::Arc;

use md5::{Digest, Md5};
use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};
use serde_yaml::Mapping;

use super::adapter::AdapterObject;
use super::api;
use super::exceptions::Exceptions;
use super::features;
use super::functions;
use super::invocation::{Invocation, Listener, Voice};
use super::plan::{Config, Node};
use super::relation::RelationObject;
use super::results::Results;
use super::runtime::{RUNTIME_CONFIG, runtime, runtime_config};
use super::said::{
    Answer, ConfigObject, Recorder, Referrer, Sources, function_arguments, ref_arguments,
    source_arguments,
};
use super::vars::vars;
use crate::diagnostic::Diagnostic;
use crate::engine::Relation;
use crate::jinja::modules::datetime;
use crate::jinja::{self, Globals};
use crate::project::nodes::Reference;
use crate::project::yaml;
use crate::project::{DBT_VERSION, Project, Target, Warehouse};

/// Returns what all templates of a project share. Built once; values are cheap to clone.
#[must_use]
pub(super) fn shared(project: &Project, invocation: &Invocation) -> Globals {
    let mut globals = Globals::new();
    let mut set = |name: &str, value: Value| globals.insert(name, value);
    set("var", vars(&project.vars));
    set("env_var", Value::from_function(env_var));
    set("project_name", Value::from(&project.name));
    set("invocation_id", Value::from(invocation.uuid()));
    set(
        "run_started_at",
        jinja::modules::datetime::instant(invocation.started_at),
    );
    set("dbt_version", Value::from(DBT_VERSION));
    if project.is_ours() {
        // Whoever reads what a test found wants to see of which row.
        set("shows_whole_rows", Value::from(true));
    }
    set("flags", Value::from_object(FlagsObject(invocation.clone())));
    set("invocation_args_dict", arguments(invocation));
    set("log", Value::from_function(log(invocation)));
    set("print", Value::from_function(print(&invocation.listener)));
    set("exceptions", Value::from_object(Exceptions::of(invocation)));
    set("api", api::api(project.quoting()));
    set("column", Value::from_object(api::ColumnClass));
    set("thread_id", Value::from_object(ThreadId));
    set("sql_now", Value::from("now()"));
    set("feature_views", features::function(project));
    set(
        "local_md5",
        Value::from_function(|text: Value| md5(&jinja::text(&text))),
    );
    let target = target(&project.warehouse);
    set("env", target.clone());
    set("database", target.get_attr("database").unwrap_or_default());
    set("schema", target.get_attr("schema").unwrap_or_default());
    set("target", target);
    set(RUNTIME_CONFIG, runtime(project));
    functions::put(&mut globals);
    globals
}

/// Returns the MD5 of a text in hexadecimal, as dbt uses it in names.
pub(super) fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Returns what templates in YAML may name; `target` where the warehouse is known.
pub(super) fn for_yaml(variables: &Mapping, (warehouse, name): Target<'_>) -> Globals {
    let mut globals = Globals::new();
    globals.insert("var", vars(variables));
    globals.insert("env_var", Value::from_function(any_env_var));
    globals.insert("dbt_version", Value::from(DBT_VERSION));
    globals.insert(
        "local_md5",
        Value::from_function(|text: Value| md5(&jinja::text(&text))),
    );
    functions::put(&mut globals);
    if let Some(warehouse) = warehouse {
        globals.insert("target", target(warehouse));
    }
    if let Some(name) = name {
        globals.insert("project_name", Value::from(name));
    }
    globals
}

/// Makes a template's value of one in YAML.
pub(super) fn from_yaml(value: &serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Sequence(items, _) => jinja::list(items.iter().map(from_yaml)),
        Yaml::Mapping(map, _) => {
            let pairs = map.iter();
            jinja::dict(pairs.map(|(key, item)| (from_yaml(key), from_yaml(item))))
        }
        Yaml::Tagged(tagged, _) if yaml::is_moment(&tagged.tag) => {
            let text = tagged.value.as_str().unwrap_or_default();
            moment(text).unwrap_or_else(|| Value::from(text))
        }
        _ => jinja::from_json(&serde_json::to_value(value).unwrap_or_default()),
    }
}

/// Reads `2024-01-31` as a date, and with a time as a datetime.
fn moment(text: &str) -> Option<Value> {
    if text.len() == 10 {
        return text.parse().ok().map(datetime::date);
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(datetime::instant(at));
    }
    text.parse().ok().map(datetime::datetime)
}

/// Makes a YAML value of a template's.
pub(super) fn to_yaml(value: &Value) -> Result<serde_yaml::Value, Error> {
    let wrong = |err: serde_yaml::Error| Error::new(ErrorKind::InvalidOperation, err.to_string());
    serde_yaml::to_value(jinja::to_json(value)).map_err(wrong)
}

/// What every target of dbt-duckdb has, if only as nothing.
const UNSET: &[&str] = &[
    "attach",
    "config_options",
    "extensions",
    "filesystems",
    "plugins",
    "remote",
    "use_credential_provider",
];

/// `target`: the target as it is written, with what every target has.
fn target(warehouse: &Warehouse) -> Value {
    const HIDDEN: &[&str] = &["secrets", "motherduck_token"];
    let written = warehouse.written.iter().filter_map(|(key, value)| {
        let key = key.as_str().filter(|key| !HIDDEN.contains(key))?;
        Some((key.to_owned(), from_yaml(value)))
    });
    let entries = [
        ("name", Value::from(&warehouse.target)),
        ("target_name", Value::from(&warehouse.target)),
        ("profile_name", Value::from(&warehouse.profile)),
        ("schema", Value::from(&warehouse.schema)),
        ("type", Value::from("duckdb")),
        ("threads", Value::from(warehouse.threads.unwrap_or(1))),
        ("path", Value::from(warehouse.path.display().to_string())),
        ("database", Value::from(&warehouse.database)),
        ("external_root", Value::from(&warehouse.external_root)),
    ];
    let entries = entries.map(|(name, value)| (name.to_owned(), value));
    let unset = UNSET
        .iter()
        .map(|name| ((*name).to_owned(), Value::from(())));
    let fixed = [
        ("disable_transactions", Value::from(false)),
        ("settings", jinja::dict([("", ""); 0])),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value));
    let all = unset.chain(fixed).chain(written).chain(entries);
    jinja::dict(all.collect::<Vec<_>>())
}

/// Returns the name `DuckDB` gives the database of the warehouse's file.
#[must_use]
pub fn database(warehouse: &Warehouse) -> String {
    warehouse.file_database()
}

fn log(
    invocation: &Invocation,
) -> impl Fn(Value, Option<bool>, Kwargs) -> Result<&'static str, Error> + use<> {
    let listener = invocation.listener.clone();
    let is_debug = invocation.flags.is("debug");
    move |message, info, kwargs| {
        let info = match info {
            Some(info) => info,
            None => kwargs.get::<Option<bool>>("info")?.unwrap_or(false),
        };
        let message = jinja::text(&message);
        tracing::info!(message, "log");
        if info || is_debug {
            (listener.0)(Voice::Log, &message);
        }
        Ok("")
    }
}

fn print(listener: &Listener) -> impl Fn(Value) -> &'static str + use<> {
    let listener = listener.clone();
    move |message| {
        (listener.0)(Voice::Print, &jinja::text(&message));
        ""
    }
}

/// `flags`: what options, variables of the environment and the project's file decided, by names in any case.
#[derive(Debug)]
struct FlagsObject(Invocation);

impl Object for FlagsObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if let Some(decided) = self.0.flags.get(name) {
            return Some(jinja::from_json(decided));
        }
        Some(match name.to_uppercase().as_str() {
            "FULL_REFRESH" => Value::from(self.0.full_refresh),
            "WHICH" => Value::from(&self.0.command),
            "PRINT" => Value::from(true),
            "TARGET_PATH" | "NO_PRINT" => Value::from(()),
            "EMPTY"
            | "USE_EXPERIMENTAL_PARSER"
            | "LOG_CACHE_EVENTS"
            | "STORE_FAILURES"
            | "FAIL_FAST"
            | "WARN_ERROR"
            | "DEBUG"
            | "QUIET"
            | "REQUIRE_SQL_HEADER_IN_TEST_CONFIGS" => Value::from(false),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "get" => {
                let bound = jinja::bind(method, &["key", "default"], 1, args)?;
                let found = bound[0].as_ref().and_then(|key| self.get_value(key));
                Ok(found
                    .or_else(|| bound[1].clone())
                    .unwrap_or(Value::from(())))
            }
            _ => Err(jinja::unknown_method(
                "namespace of flags",
                method,
                &["get"],
            )),
        }
    }
}

/// Returns `invocation_args_dict`: the flags as dbt's artifacts have them.
fn arguments(invocation: &Invocation) -> Value {
    let mut all = invocation.flags.args();
    all.entry("which")
        .or_insert_with(|| invocation.command.as_str().into());
    all.entry("invocation_command")
        .or_insert_with(|| format!("wh {}", invocation.command).into());
    jinja::from_json(&serde_json::Value::Object(all))
}

/// `thread_id`: the name of the thread that renders.
#[derive(Debug)]
struct ThreadId;

impl std::fmt::Display for ThreadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::thread::current().name().unwrap_or("Thread-1"))
    }
}

impl Object for ThreadId {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Value::from(self.to_string()).call_method(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// What the names of variables that dbt keeps out of SQL begin with.
const SECRET: &str = "DBT_ENV_SECRET";

/// `env_var(name, default)` in SQL, where secrets are refused.
fn env_var(name: &str, default: Option<Value>) -> Result<Value, Error> {
    if name.starts_with(SECRET) {
        return Err(jinja::raise(
            Diagnostic::project(format!(
                "the secret `{name}` is named outside of profiles.yml and packages.yml"
            ))
            .hint(format!(
                "give it a name that does not begin with {SECRET}, if it is none"
            )),
        ));
    }
    any_env_var(name, default)
}

/// `env_var(name, default)` in YAML, secrets too.
fn any_env_var(name: &str, default: Option<Value>) -> Result<Value, Error> {
    let default = default.filter(|default| !default.is_none());
    match (std::env::var(name), default) {
        (Ok(text), _) => Ok(Value::from(text)),
        (Err(_), Some(default)) => Ok(default),
        (Err(_), None) => Err(jinja::raise(
            Diagnostic::project(format!("the environment variable `{name}` is not set")).hint(
                format!("set it, or give a default: `env_var('{name}', '…')`"),
            ),
        )),
    }
}

/// Adds what a template finds while it is parsed: nothing exists, references are gathered.
pub(super) fn parsing(
    globals: &mut Globals,
    recorder: &Arc<Recorder>,
    known: &Config,
    (this, adapter): (Value, AdapterObject),
) {
    let runtime = runtime_config(globals);
    let referrer = |read| {
        Value::from_object(Referrer {
            read,
            answer: Answer::Record(recorder.clone(), this.clone()),
            config: runtime.clone(),
        })
    };
    let entries = [
        ("ref", referrer(ref_arguments)),
        ("source", referrer(source_arguments)),
        ("function", referrer(function_arguments)),
        (
            "config",
            Value::from_object(ConfigObject {
                recorder: Some(recorder.clone()),
                known: known.clone(),
            }),
        ),
        ("graph", jinja::dict(Vec::<(Value, Value)>::new())),
        ("selected_resources", jinja::list(Vec::<Value>::new())),
        ("execute", Value::from(false)),
        ("this", this),
        ("adapter", Value::from_object(adapter)),
    ];
    for (name, value) in entries {
        globals.insert(name, value);
    }
    let exceptions = globals.get("exceptions").cloned().unwrap_or_default();
    if let Some(exceptions) = exceptions.downcast_object_ref::<Exceptions>() {
        globals.insert("exceptions", exceptions.while_parsing());
    }
    Results::default().put(globals);
}

/// Adds what a template finds while its node is compiled or run.
///
/// `references` are those that parsing gathered, with what they print as. Without an adapter the
/// warehouse answers nothing, and `execute` is false.
pub(super) fn running(
    globals: &mut Globals,
    node: &Node,
    (references, sources): (BTreeMap<Reference, Value>, Arc<Sources>),
    adapter: AdapterObject,
) {
    let references = Arc::new(references);
    let runtime = runtime_config(globals);
    let referrer = |read| {
        Value::from_object(Referrer {
            read,
            answer: Answer::Resolve(references.clone(), sources.clone()),
            config: runtime.clone(),
        })
    };
    let this = node.relation.as_ref().map_or(Value::from(()), |relation| {
        Value::from_object(RelationObject::new(relation).with_quoting(node.quoted))
    });
    let entries = [
        ("ref", referrer(ref_arguments)),
        ("source", referrer(source_arguments)),
        ("function", referrer(function_arguments)),
        (
            "config",
            Value::from_object(ConfigObject {
                recorder: None,
                known: node.config.clone(),
            }),
        ),
        ("execute", Value::from(adapter.adapter.is_some())),
        ("this", this),
        ("adapter", Value::from_object(adapter)),
        // What materializations find in their place.
        ("sql", Value::from(())),
        ("compiled_code", Value::from(())),
        ("defer_relation", Value::from(())),
    ];
    for (name, value) in entries {
        globals.insert(name, value);
    }
    if let Some(relation) = &node.relation {
        globals.insert("schema", Value::from(&relation.schema));
        if let Some(database) = &relation.database {
            globals.insert("database", Value::from(database));
        }
    }
    Results::default().put(globals);
}

/// Adds `defer_relation`: what another environment has in a node's place, where one is asked for.
pub(super) fn deferred(globals: &mut Globals, node: &Node, there: Option<&Relation>) {
    if let Some(there) = there {
        let there = RelationObject::new(there).with_quoting(node.quoted);
        globals.insert("defer_relation", Value::from_object(there));
    }
}

/// `model`: the node as a mapping with dbt's keys.
pub(super) fn model(node: &Node) -> Value {
    let relation = node.relation.as_ref();
    let entries = [
        ("unique_id", Value::from(&node.id)),
        ("name", Value::from(&node.name)),
        ("resource_type", Value::from(node.resource.word())),
        ("package_name", Value::from(&node.package)),
        ("path", Value::from(node.path.display().to_string())),
        (
            "original_file_path",
            Value::from(node.path.display().to_string()),
        ),
        ("fqn", jinja::list(node.fqn.iter().map(Value::from))),
        (
            "alias",
            relation.map_or(Value::from(&node.name), |relation| {
                Value::from(&relation.name)
            }),
        ),
        (
            "schema",
            relation.map_or(Value::from(()), |relation| Value::from(&relation.schema)),
        ),
        ("description", Value::from(&node.description)),
        ("tags", jinja::list(node.tags.clone())),
        (
            "config",
            from_yaml(&serde_yaml::Value::mapping(node.config.values.clone())),
        ),
    ];
    jinja::dict(entries.map(|(name, value)| (name.to_owned(), value)))
}
