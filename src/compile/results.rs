//! What statements of a node answered, for the rest of its template and for the run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Error;
use minijinja::value::{Kwargs, Value};

use crate::jinja::{self, Globals};

/// What statements of a node answered, by name: `store_result(…)` and `load_result(…)`.
#[derive(Debug, Clone, Default)]
pub struct Results(Arc<Mutex<BTreeMap<String, Value>>>);

impl Results {
    /// Adds the functions to what a template may name.
    pub fn put(&self, globals: &mut Globals) {
        let stored = self.0.clone();
        let store = move |name: String, kwargs: Kwargs| -> Result<Value, Error> {
            let response: Option<Value> = kwargs.get("response")?;
            let table: Option<Value> = kwargs.get("agate_table")?;
            let response = response.unwrap_or_default();
            let data = table.clone().and_then(|table| table.get_attr("rows").ok());
            let entries = [
                ("response", response),
                ("table", table.unwrap_or_default()),
                ("data", data.unwrap_or_default()),
            ];
            stored
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name, jinja::dict(entries));
            Ok(Value::from(""))
        };
        let loaded = self.0.clone();
        let load = move |name: String| -> Value {
            let results = loaded.lock().unwrap_or_else(PoisonError::into_inner);
            results.get(&name).cloned().unwrap_or(Value::from(()))
        };
        globals.insert("store_result", Value::from_function(store));
        globals.insert("load_result", Value::from_function(load));
    }

    /// Returns how many rows the statement of this name changed.
    #[must_use]
    pub fn rows(&self, name: &str) -> Option<u64> {
        let results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let response = results.get(name)?.get_attr("response").ok()?;
        u64::try_from(response.get_attr("rows_affected").ok()?).ok()
    }
}
