//! `run_results.json` of what runs outside the graph: an operation, or SQL of the command line.

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;

use super::Header;
use crate::compile::Compiled;
use crate::compile::manifest::instant;

/// How something outside the graph ended.
#[derive(Debug)]
pub struct Lone {
    /// A macro's unique id, or one made up for SQL.
    pub id: String,
    /// When it began to be compiled, when to be run, when it ended.
    pub times: [Timestamp; 3],
    /// Whether it is an operation, whose failures dbt counts.
    pub is_operation: bool,
    /// Its SQL, of a question.
    pub sql: Option<String>,
    /// What the warehouse answered, when it was asked for rows.
    pub response: Option<&'static str>,
    /// Why it failed.
    pub error: Option<String>,
}

/// The whole file, as serde writes it.
pub(super) struct LoneResult<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) lone: &'a Lone,
}

impl Serialize for LoneResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lone = self.lone;
        let [begun, between, ended] = lone.times;
        let step = |name, from, to| json!({"name": name, "started_at": instant(from), "completed_at": instant(to)});
        let failed = lone.error.is_some();
        let took = ended.duration_since(begun).as_secs_f64();
        let response = match lone.response {
            Some(text) => {
                json!({"_message": text, "code": null, "rows_affected": null, "query_id": null})
            }
            None => json!({}),
        };
        let result = json!({
            "status": if failed { "error" } else { "success" },
            "timing": [step("compile", begun, between), step("execute", between, ended)],
            "thread_id": if lone.is_operation { "MainThread" } else { "Thread-1 (worker)" },
            "execution_time": took,
            "adapter_response": response,
            "message": lone.error,
            "failures": lone.is_operation.then_some(u8::from(failed)),
            "unique_id": lone.id,
            "compiled": lone.sql.is_some(),
            "compiled_code": lone.sql,
            "relation_name": null,
            "batch_results": null,
            "overload_results": null,
        });
        let about = &self.compiled.about;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("metadata", &Header(about, "run-results/v6"))?;
        map.serialize_entry("results", &[result])?;
        map.serialize_entry("elapsed_time", &took)?;
        map.serialize_entry("args", &about.args)?;
        map.end()
    }
}
