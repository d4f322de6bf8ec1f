//! `run_results.json`: how each node ended, in the order they ended.

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::json;

use super::ledger::{Entry, Hook, HookEnd};
use super::{Header, NO_OP};
use crate::compile::manifest::{instant, relation_name};
use crate::compile::{Compiled, Node, Range, Resource};
use crate::diagnostic::{Diagnostic, Kind};
use crate::run::history;
use crate::run::{Batches, Bound, NodeResult, Status, Summary};

/// The whole file, as serde writes it.
pub(super) struct RunResults<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) summary: &'a Summary,
}

impl Serialize for RunResults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes: Vec<_> = self
            .summary
            .results
            .iter()
            .map(|result| ResultView {
                compiled: self.compiled,
                node: &self.compiled.plan.nodes[result.node],
                entry: self.summary.ledger.entry(result.node),
                result,
            })
            .collect();
        let hooks = self.summary.ledger.hooks();
        let is_late = |hook: &Hook| match &self.compiled.plan.operations[hook.position].resource {
            Resource::Operation(operation) => operation.at_end,
            _ => false,
        };
        let (after, before): (Vec<_>, Vec<_>) = hooks.iter().partition(|hook| is_late(hook));
        let results = Results {
            before,
            nodes,
            after,
        };
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("metadata", &Header(&self.compiled.about, "run-results/v6"))?;
        map.serialize_entry("results", &results)?;
        map.serialize_entry("elapsed_time", &self.summary.elapsed.as_secs_f64())?;
        map.serialize_entry("args", &self.compiled.about.args)?;
        map.end()
    }
}

/// Results of the project's statements and of its nodes, in the order they ended.
struct Results<'a> {
    before: Vec<&'a Hook>,
    nodes: Vec<ResultView<'a>>,
    after: Vec<&'a Hook>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for hook in &self.before {
            list.serialize_element(&hook_view(hook))?;
        }
        for node in &self.nodes {
            list.serialize_element(node)?;
        }
        for hook in &self.after {
            list.serialize_element(&hook_view(hook))?;
        }
        list.end()
    }
}

/// Returns how a statement of `on-run-start` or `on-run-end` ended.
fn hook_view(hook: &Hook) -> serde_json::Value {
    let name = hook.id.rsplit('.').next().unwrap_or_default();
    let name = name.replacen("-on-run-start-", ".on-run-start.", 1);
    let name = name.replacen("-on-run-end-", ".on-run-end.", 1);
    let (from, to) = hook.time;
    let took = to.duration_since(from).as_secs_f64();
    let (status, message) = match &hook.end {
        HookEnd::Passed => ("success", format!("{name} passed")),
        HookEnd::Failed(why) => ("error", format!("{name} failed, error:\n {why}")),
        HookEnd::Skipped => ("skipped", format!("{name} skipped")),
    };
    let timing = |name, from, to| json!({"name": name, "started_at": instant(from), "completed_at": instant(to)});
    let timing = match &hook.end {
        HookEnd::Skipped => json!([]),
        _ => json!([timing("compile", from, from), timing("execute", from, to)]),
    };
    json!({
        "status": status,
        "timing": timing,
        "thread_id": "main",
        "execution_time": took,
        "adapter_response": {},
        "message": message,
        "failures": u8::from(status != "success"),
        "unique_id": hook.id,
        "compiled": hook.sql.is_some(),
        "compiled_code": hook.sql.as_deref(),
        "relation_name": null,
        "batch_results": null,
        "overload_results": null,
    })
}

/// One node's result.
pub(super) struct ResultView<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) node: &'a Node,
    pub(super) result: &'a NodeResult,
    pub(super) entry: Entry,
}

impl Serialize for ResultView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (node, result) = (self.node, self.result);
        let thread = self.entry.worker.map_or_else(
            || "MainThread".to_owned(),
            |worker| format!("Thread-{} (worker)", worker + 1),
        );
        let has_sql = !matches!(
            node.resource,
            Resource::Seed | Resource::Source { .. } | Resource::Exposure | Resource::SavedQuery
        );
        let rendered = self.entry.rendered.as_ref();
        let relation = has_sql.then(|| relation_name(&self.compiled.about, node));
        let mut map = serializer.serialize_map(Some(13))?;
        let status = match self.entry.overloads.failed.is_empty() {
            true => status(node, result),
            false => "partial success",
        };
        map.serialize_entry("status", status)?;
        map.serialize_entry("timing", &self.timing())?;
        map.serialize_entry("thread_id", &thread)?;
        map.serialize_entry("execution_time", &result.elapsed.as_secs_f64())?;
        map.serialize_entry("adapter_response", &response(node, result))?;
        map.serialize_entry("message", &message(node, result))?;
        map.serialize_entry("failures", &failures(node, result))?;
        map.serialize_entry("unique_id", &node.id)?;
        map.serialize_entry("compiled", &has_sql.then_some(rendered.is_some()))?;
        map.serialize_entry("compiled_code", &rendered.map(|rendered| &*rendered.sql))?;
        map.serialize_entry("relation_name", &relation.flatten())?;
        map.serialize_entry("batch_results", &result.batches.as_ref().map(batches))?;
        let overloads = &self.entry.overloads;
        let is_function = matches!(node.resource, Resource::Function(_));
        map.serialize_entry("overload_results", &is_function.then_some(overloads))?;
        map.end()
    }
}

impl ResultView<'_> {
    /// Returns when its template was rendered and when its statement was run; nothing when it was skipped.
    pub(super) fn steps(&self) -> Vec<(&'static str, Timestamp, Timestamp)> {
        let Entry {
            started_at,
            compiled_at,
            ended_at,
            ..
        } = self.entry;
        let Some(started) = started_at else {
            return Vec::new();
        };
        let ended = ended_at.unwrap_or(started);
        let between = compiled_at.unwrap_or(started);
        vec![("compile", started, between), ("execute", between, ended)]
    }

    fn timing(&self) -> Vec<serde_json::Value> {
        let step = |(name, from, to)| json!({"name": name, "started_at": instant(from), "completed_at": instant(to)});
        self.steps().into_iter().map(step).collect()
    }
}

/// Returns dbt's word for how a node ended.
fn status(node: &Node, result: &NodeResult) -> &'static str {
    let is_partial = |batches: &Batches| !batches.successful.is_empty();
    match (result.status, &node.resource) {
        (Status::Error, _) if result.batches.as_ref().is_some_and(is_partial) => "partial success",
        (Status::Success, Resource::Test(_) | Resource::UnitTest(_)) if result.rows.is_some() => {
            "pass"
        }
        (Status::Success, Resource::Source { ingest: None, .. }) => "pass",
        (Status::Warn, Resource::Source { ingest: None, .. }) => "warn",
        (Status::Fail, Resource::Source { .. }) => "error",
        (Status::Error, Resource::Source { ingest: None, .. }) => "runtime error",
        (Status::Success, resource) if resource.is_no_op() => "no-op",
        (Status::Success, _) => "success",
        (Status::Warn, Resource::Test(_)) => "warn",
        (Status::Warn, _) => "success",
        (Status::Fail, _) => "fail",
        (Status::Error, _) => "error",
        (Status::Skipped, _) => "skipped",
    }
}

/// Returns the batches of a microbatch model as pairs of instants.
fn batches(batches: &Batches) -> serde_json::Value {
    let pairs = |ranges: &[Range]| {
        let iso = |text: &str| text.replacen(' ', "T", 1);
        let pairs = ranges
            .iter()
            .map(|(start, end)| json!([iso(start), iso(end)]));
        pairs.collect::<Vec<_>>()
    };
    let successful = [batches.successful.as_slice(), &batches.before].concat();
    json!({"successful": pairs(&successful), "failed": pairs(&batches.failed)})
}

/// Returns what the warehouse answered, as dbt-duckdb words it.
fn response(node: &Node, result: &NodeResult) -> serde_json::Value {
    match (result.status, &node.resource) {
        _ if result.batches.is_some() => json!({}),
        (Status::Error | Status::Skipped, _) => json!({}),
        (_, resource) if resource.is_no_op() => json!({}),
        _ => match &result.answer {
            Some(answer) => json!(answer.response),
            None => json!({"_message": "OK"}),
        },
    }
}

/// Says whose error it is before what it is, as dbt does.
fn failure(node: &Node, err: &anyhow::Error) -> String {
    let mut causes = err.chain();
    let diagnostic = causes.find_map(|cause| cause.downcast_ref::<Diagnostic>());
    let whose = match diagnostic.map(Diagnostic::kind) {
        Some(Kind::Project) => "Compilation",
        _ => "Runtime",
    };
    let (word, name) = (node.resource.word(), &node.name);
    let path = node.original.display();
    let what = history::explained(err).replace('\n', "\n  ");
    format!("{whose} Error in {word} {name} ({path})\n  {what}")
}

fn message(node: &Node, result: &NodeResult) -> Option<String> {
    if let Some(batches) = &result.batches {
        let (good, bad) = (batches.successful.len(), batches.failed.len());
        return Some(match (good, bad) {
            (_, 0) => "SUCCESS".into(),
            (0, _) => "ERROR".into(),
            _ => format!("PARTIAL SUCCESS ({good}/{})", good + bad),
        });
    }
    if let Some(err) = &result.error {
        return Some(failure(node, err));
    }
    match (result.status, &node.resource) {
        (Status::Skipped, _) => None,
        (Status::Success, Resource::Test(_) | Resource::UnitTest(_)) => None,
        (Status::Success, resource) if resource.is_no_op() => Some("NO-OP".into()),
        (found, Resource::Test(_)) => {
            let rows = result.rows.unwrap_or_default();
            let results = if rows == 1 { "result" } else { "results" };
            let key = match found {
                Status::Warn => "warn",
                _ => "fail",
            };
            let bound = match result.found.as_ref().map(|found| found.bound) {
                Some(Bound::Warn) => "warn_if",
                _ => "error_if",
            };
            let bound = node.config.text(bound).unwrap_or_else(|| "!= 0".into());
            Some(format!(
                "Got {rows} {results}, configured to {key} if {bound}"
            ))
        }
        _ if result.message == NO_OP => Some(NO_OP.into()),
        (_, resource) => match (&result.answer, resource) {
            (Some(answer), _) => answer.message.clone(),
            (
                None,
                Resource::Model(_) | Resource::Snapshot(_) | Resource::Function(_) | Resource::Seed,
            ) => Some("OK".into()),
            (None, _) => Some(result.message.clone()),
        },
    }
}

fn failures(node: &Node, result: &NodeResult) -> Option<u64> {
    if result.batches.is_some() {
        return Some(0);
    }
    let is_test = matches!(node.resource, Resource::Test(_) | Resource::UnitTest(_));
    match result.status {
        Status::Error | Status::Skipped => None,
        Status::Success if node.resource.is_no_op() => Some(0),
        Status::Success if is_test => result.rows.map(|_| 0),
        _ => result.rows.filter(|_| is_test),
    }
}
