//! The record of a run's tests and row counts, written once at its end.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::adapter::SessionAdapter;
use super::event::{NodeResult, Status};
use super::node::Work;
use crate::compile::{Index, Node, Resource};
use crate::diagnostic::Result;
use crate::engine::{EntryKind, Relation};
use crate::project::Project;
use crate::quality::{self, TestResult};

/// Returns whether the warehouse keeps a record: that of a dbt project has nothing but what dbt leaves there.
pub(super) fn is_kept(project: &Project) -> bool {
    project.file != Path::new("dbt_project.yml")
}

/// Writes what the tests found and how many rows the tables have that were built.
///
/// The rows of a view are counted only where a test of it found something: that costs a query.
pub(super) fn record(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    results: &[NodeResult],
) -> Result<()> {
    if !is_kept(work.project) {
        return Ok(());
    }
    let known = |relation: &Relation| adapter.known().find(relation);
    let mut tests = Vec::new();
    let (mut built, mut counted) = (BTreeSet::new(), BTreeSet::new());
    for result in results {
        let node = &work.compiled.plan.nodes[result.node];
        if let Resource::Test(_) = node.resource {
            let on = tested(work, result.node);
            tests.push(test(work, result, on)?);
            let Some(relation) = on.and_then(|on| on.relation.clone()) else {
                continue;
            };
            let found = matches!(result.status, Status::Warn | Status::Fail);
            match known(&relation) {
                Some(EntryKind::View) if compares_counts(node) => built.insert(relation),
                Some(EntryKind::View) if !found => false,
                Some(_) => counted.insert(relation),
                None => false,
            };
        } else if let (Status::Success, Some(relation)) = (result.status, &node.relation)
            && known(relation) == Some(EntryKind::Table)
        {
            built.insert(relation.clone());
        }
    }
    let invocation = work.request.invocation;
    let results = quality::Results {
        run_id: &invocation.id,
        started_at: invocation.started_at.as_microsecond(),
        tests,
        counted: counted.difference(&built).cloned().collect(),
        built: built.into_iter().collect(),
    };
    quality::record(&mut *adapter.session(), results)
}

/// Returns whether a test compares row counts with those of the runs before, which must then be there for a view too.
fn compares_counts(node: &Node) -> bool {
    let Resource::Test(test) = &node.resource else {
        return false;
    };
    let generic = test.generic.as_ref();
    generic.is_some_and(|generic| generic.test.test.ends_with("row_count_anomaly"))
}

/// Returns the node that a test is put on; of a query of its own, the first that it reads.
fn tested<'a>(work: &'a Work<'_>, index: Index) -> Option<&'a Node> {
    let nodes = &work.compiled.plan.nodes;
    let node = &nodes[index];
    let Resource::Test(test) = &node.resource else {
        return None;
    };
    let on = match &test.generic {
        Some(generic) => node.inputs.get(&generic.on),
        None => node.parents.first(),
    };
    on.map(|on| &nodes[*on])
}

fn test(work: &Work<'_>, result: &NodeResult, on: Option<&Node>) -> Result<TestResult> {
    let node = &work.compiled.plan.nodes[result.node];
    let generic = match &node.resource {
        Resource::Test(test) => test.generic.as_ref(),
        _ => None,
    };
    let check = generic.map_or("sql", |generic| generic.test.test.as_str());
    let meta = |key: &str| {
        let meta = node.config.values.get("meta")?.as_mapping()?;
        let text = meta.get(key)?.as_scalar_string()?;
        Some(text.into_owned())
    };
    let sample = result
        .found
        .as_ref()
        .and_then(|found| found.sample.as_ref());
    let status = match result.status {
        Status::Success => "pass",
        Status::Warn => "warn",
        Status::Fail => "fail",
        Status::Error => "error",
        Status::Skipped => "skipped",
    };
    let severity = node.config.text("severity");
    let relation = on.and_then(|on| on.relation.as_ref());
    Ok(TestResult {
        test_id: node.id.clone(),
        test_name: node.name.clone(),
        check_name: check.into(),
        kind: meta("kind").unwrap_or_else(|| quality::kind(check).into()),
        relation: relation.map(quality::plain),
        column_name: generic.and_then(|generic| generic.column.clone()),
        description: Some(node.description.clone()).filter(|text| !text.is_empty()),
        severity: severity.map_or_else(|| "error".into(), |severity| severity.to_lowercase()),
        status: status.into(),
        n_failures: result.rows.and_then(|rows| i64::try_from(rows).ok()),
        n_rows: None,
        sample: sample.map(quality::json).transpose()?,
        action: meta("action"),
        message: match (&result.error, result.status) {
            (Some(err), _) => Some(err.to_string()),
            (None, Status::Skipped) => Some(format!("because of {}", result.message)),
            _ => None,
        },
        file: Some(node.at.to_string()),
        elapsed_ms: result.elapsed.as_secs_f64() * 1000.0,
    })
}
