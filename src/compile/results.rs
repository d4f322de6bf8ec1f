//! What statements of a node answered, for the rest of its template and for the run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Error;
use minijinja::value::{Rest, Value, ValueOrKwargs};
use serde_json::{Map, Value as Json};

use super::adapter::Response;
use super::table::TableObject;
use crate::diagnostic::Diagnostic;
use crate::jinja::{self, Globals, bind};

/// Results by name; none where one was loaded already.
type Stored = BTreeMap<String, Option<Value>>;

/// What the warehouse answered a node's main statement, as dbt's artifacts have it.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// dbt's message, such as `OK`.
    pub message: Option<String>,
    /// `adapter_response`: `_message`, and `code` and `rows_affected` where they are told.
    pub response: Map<String, Json>,
}

impl Answer {
    fn of(response: &Value) -> Self {
        let message = jinja::text(response);
        let told = response.downcast_object_ref::<Response>();
        let mut known = Map::new();
        if let Some(told) = told {
            known.insert("_message".into(), message.clone().into());
            if let Some(code) = &told.code {
                known.insert("code".into(), code.as_str().into());
                known.extend(told.rows.map(|rows| ("rows_affected".into(), rows.into())));
            }
        }
        Self {
            message: Some(message),
            response: known,
        }
    }
}

/// What statements of a node answered, by name: `store_result(…)` and `load_result(…)`.
#[derive(Debug, Clone, Default)]
pub struct Results(Arc<Mutex<Stored>>);

impl Results {
    fn lock(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the functions to what a template may name.
    pub fn put(&self, globals: &mut Globals) {
        let stored = self.clone();
        let store = move |args: Rest<ValueOrKwargs>| -> Result<Value, Error> {
            let names = ["name", "response", "agate_table"];
            let bound = bind("store_result", &names, 2, &args.into_values())?;
            let [name, response, table] = &bound[..] else {
                return Ok(Value::from(""));
            };
            stored.store(
                name.as_ref(),
                response.clone().unwrap_or_default(),
                table.as_ref(),
            );
            Ok(Value::from(""))
        };
        let stored = self.clone();
        let store_raw = move |args: Rest<ValueOrKwargs>| -> Result<Value, Error> {
            let names = ["name", "message", "code", "rows_affected", "agate_table"];
            let bound = bind("store_raw_result", &names, 1, &args.into_values())?;
            let text = |index: usize| {
                let given = bound[index].as_ref().filter(|value| !value.is_none());
                given.map(jinja::text)
            };
            let response = Value::from_object(Response {
                message: text(1).unwrap_or_default(),
                code: text(2),
                rows: text(3).and_then(|rows| rows.parse().ok()),
            });
            stored.store(bound[0].as_ref(), response, bound[4].as_ref());
            Ok(Value::from(""))
        };
        let loaded = self.clone();
        globals.insert("store_result", Value::from_function(store));
        globals.insert("store_raw_result", Value::from_function(store_raw));
        globals.insert(
            "load_result",
            Value::from_function(move |name: String| loaded.load(&name)),
        );
    }

    fn store(&self, name: Option<&Value>, response: Value, table: Option<&Value>) {
        let table = table.filter(|table| !table.is_none()).cloned();
        let table = table.unwrap_or_else(TableObject::empty);
        let data = table
            .downcast_object_ref::<TableObject>()
            .map(TableObject::matrix);
        let entries = [
            ("response", response),
            ("data", data.unwrap_or_default()),
            ("table", table),
        ];
        let name = name.map(jinja::text).unwrap_or_default();
        self.lock().insert(name, Some(jinja::dict(entries)));
    }

    /// Returns what was stored; anything but `main` only once, as in dbt.
    fn load(&self, name: &str) -> Result<Value, Error> {
        let mut stored = self.lock();
        let found = match stored.get_mut(name) {
            None => return Ok(Value::from(())),
            Some(found) if name == "main" => found.clone(),
            Some(found) => found.take(),
        };
        found.ok_or_else(|| {
            let what = format!("the result of statement `{name}` was loaded before");
            jinja::raise(
                Diagnostic::project(what).hint("keep it: `{% set result = load_result(…) %}`"),
            )
        })
    }

    /// Returns the cells of the rows that the statement of this name answered.
    #[must_use]
    pub fn rows_of(&self, name: &str) -> Vec<Vec<Value>> {
        self.with_table(name, TableObject::cells_of_rows)
    }

    /// Returns the names of the columns that the statement of this name answered.
    #[must_use]
    pub fn columns_of(&self, name: &str) -> Vec<String> {
        self.with_table(name, TableObject::names)
    }

    fn with_table<T: Default>(&self, name: &str, read: impl Fn(&TableObject) -> T) -> T {
        let stored = self.lock();
        let table = stored.get(name).and_then(Option::as_ref);
        let table = table.and_then(|found| found.get_attr("table").ok());
        let table = table.as_ref().and_then(|table| table.downcast_object_ref());
        table.map(read).unwrap_or_default()
    }

    /// Returns whether a statement of this name was run.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    /// Returns what the warehouse answered the statement of this name.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<Box<Answer>> {
        let stored = self.lock();
        let response = stored.get(name)?.as_ref()?.get_attr("response").ok()?;
        Some(Box::new(Answer::of(&response)))
    }

    /// Returns how many rows the statement of this name changed.
    #[must_use]
    pub fn rows(&self, name: &str) -> Option<u64> {
        let stored = self.lock();
        let response = stored.get(name)?.as_ref()?.get_attr("response").ok()?;
        response.downcast_object_ref::<Response>()?.rows
    }
}
