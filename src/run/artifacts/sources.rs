//! `sources.json`: how old the rows of sources are.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;

use super::Header;
use crate::compile::manifest::{freshness, instant};
use crate::compile::{Compiled, Index};

/// What was found of one source table.
#[derive(Debug)]
pub struct Freshness {
    /// The source table.
    pub node: Index,
    /// What was found, or why nothing could be.
    pub found: Result<Age, String>,
    /// When asking began.
    pub started_at: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// The thread it ran on, from 0.
    pub worker: usize,
}

/// How old the rows of a source table are.
#[derive(Debug)]
pub struct Age {
    /// When the newest row was loaded.
    pub max_loaded_at: Timestamp,
    /// The warehouse's time when it was asked.
    pub snapshotted_at: Timestamp,
    /// `pass`, `warn` or `error`.
    pub status: &'static str,
}

/// The whole file, as serde writes it.
pub(super) struct Sources<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) results: &'a [Freshness],
    pub(super) elapsed: Duration,
}

impl Serialize for Sources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // As in dbt, those that could not be asked are not in the file.
        let results = self.results.iter().filter_map(|result| self.view(result));
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("metadata", &Header(&self.compiled.about, "sources/v3"))?;
        map.serialize_entry("results", &results.collect::<Vec<_>>())?;
        map.serialize_entry("elapsed_time", &self.elapsed.as_secs_f64())?;
        map.end()
    }
}

impl Sources<'_> {
    fn view(&self, result: &Freshness) -> Option<serde_json::Value> {
        let node = &self.compiled.plan.nodes[result.node];
        let age = result.found.as_ref().ok()?;
        let started = result.started_at;
        let ended = started + result.elapsed;
        let step = |name, from, to| json!({"name": name, "started_at": instant(from), "completed_at": instant(to)});
        let seconds = age.snapshotted_at.duration_since(age.max_loaded_at);
        Some(json!({
            "unique_id": node.id,
            "max_loaded_at": instant(age.max_loaded_at),
            "snapshotted_at": instant(age.snapshotted_at),
            "max_loaded_at_time_ago_in_s": seconds.as_secs_f64(),
            "status": age.status,
            "criteria": freshness(node),
            "adapter_response": {"_message": "OK"},
            "timing": [step("compile", started, started), step("execute", started, ended)],
            "thread_id": format!("Thread-{} (worker)", result.worker + 1),
            "execution_time": result.elapsed.as_secs_f64(),
        }))
    }
}
