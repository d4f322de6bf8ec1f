//! Executing one node, whatever it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::Duration;

use super::adapter::SessionAdapter;
use super::artifacts::Ledger;
use super::commented::Commented;
use super::event::{Batches, Found, Status};
use super::looks::Looks;
use super::materialize::Materializations;
use super::retry::Retry;
use super::sources::Loads;
use super::{
    Request, ask, failure, feature_view, function, model, seed, snapshot, test, unit_test, versions,
};
use crate::compile::{Answer, Comment, Commenter, Compiled, InEphemeral, Index, Node, Resource};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{EntryKind, Relation, Session};
use crate::project::nodes::{Export, Ingest, MlModel, Reference, Report};
use crate::project::{Project, yaml};
use crate::quality;
use crate::{export, ingest, ml, report};

/// How long to wait before a node that met another in the warehouse is run again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LAST_PAUSE: Duration = Duration::from_millis(640);

/// What every node of a run shares.
pub(super) struct Work<'a> {
    pub(super) project: &'a Project,
    pub(super) compiled: &'a Compiled,
    pub(super) request: &'a Request<'a>,
    pub(super) retries: BTreeMap<Index, Retry>,
    pub(super) ledger: Ledger,
    /// What makes the comments of statements.
    pub(super) commenter: Option<Commenter>,
    pub(super) materializations: Materializations,
    pub(super) looks: Looks,
    /// The sources that plug-ins loaded.
    pub(super) loads: Loads,
    /// How many nodes may run at once, and how many do.
    pub(super) threads: usize,
    pub(super) busy: AtomicUsize,
}

/// What came of a node that did not fail to run.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) status: Option<Status>,
    pub(super) rows: Option<u64>,
    pub(super) message: String,
    pub(super) found: Option<Found>,
    pub(super) batches: Option<Batches>,
    pub(super) answer: Option<Box<Answer>>,
    /// Why it is not whole, where some of its batches are.
    pub(super) error: Option<anyhow::Error>,
}

/// Runs one node; errors carry the place in the user's files.
///
/// A node that does not fit the memory is run once more, on disk from the start: whether joins fit beside each other is
/// chance.
pub(super) fn execute(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
) -> Result<Done> {
    let _of = span(&work.compiled.plan.nodes[index]).entered();
    adapter.say(comment(work, Some(index))?);
    match patiently(work, adapter, || attempt(work, adapter, index)) {
        Err(err) if err.is::<InEphemeral>() => Ok(Done {
            status: Some(Status::Skipped),
            error: Some(failure::explain(work, adapter, index, err)),
            ..Done::default()
        }),
        done => done.map_err(|err| failure::explain(work, adapter, index, err)),
    }
}

/// Returns what tells of the statements sent meanwhile which node they are of.
pub(super) fn span(node: &Node) -> tracing::Span {
    tracing::debug_span!("node", node = node.id)
}

/// Opens a session whose statements are commented as those of a node, or of none.
pub(super) fn open(work: &Work<'_>, index: Option<Index>) -> Result<Commented> {
    let comment = comment(work, index)?;
    Ok(Commented::new(work.request.engine.connect()?, comment))
}

/// Returns the comment of the statements of a node, or of those outside of nodes.
pub(super) fn comment(work: &Work<'_>, index: Option<Index>) -> Result<Option<Comment>> {
    ask::comment(work.commenter.as_ref(), work.compiled, index)
}

/// Does what may not fit the memory: then once more, on disk from the start.
pub(super) fn patiently<T>(
    work: &Work<'_>,
    adapter: &SessionAdapter,
    attempt: impl Fn() -> Result<T>,
) -> Result<T> {
    match unhindered(work, adapter, &attempt) {
        Err(err) if failure::is_out_of_memory(&err) && !work.request.cancel.is_stopped() => {
            tracing::debug!(error = %err, "again, on disk");
            adapter.session().spill(true)?;
            let done = unhindered(work, adapter, &attempt);
            adapter.session().spill(false)?;
            done
        }
        done => done,
    }
}

/// Does what another in the warehouse may be in the way of: then again, a little later. What it left open is rolled back.
fn unhindered<T>(
    work: &Work<'_>,
    adapter: &SessionAdapter,
    attempt: impl Fn() -> Result<T>,
) -> Result<T> {
    let mut pause = FIRST_PAUSE;
    loop {
        let done = attempt();
        adapter.roll_back();
        match done {
            Err(err)
                if failure::is_conflict(&err)
                    && pause <= LAST_PAUSE
                    && !work.request.cancel.is_stopped() =>
            {
                tracing::debug!(error = %err, "conflict");
                thread::sleep(pause);
                pause *= 2;
            }
            done => return done,
        }
    }
}

fn attempt(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let needed = work.loads.needed(work.compiled, index);
    let there = (work.request.engine, adapter.known());
    work.loads.load(work.compiled, &needed, there)?;
    let node = &work.compiled.plan.nodes[index];
    match &node.resource {
        Resource::Model(_) => model::build(work, adapter, index),
        Resource::Seed => seed::build(work, adapter, index),
        Resource::Test(_) => test::run(work, adapter, index),
        Resource::Source {
            ingest: Some(spec), ..
        } => load(work, adapter, node, spec),
        Resource::FeatureView(view) => feature_view::build(work, adapter, index, view),
        Resource::MlModel(spec) => train(work, adapter, index, spec),
        Resource::Export(spec) => send(work, adapter, index, spec),
        Resource::Report(spec) => write_report(work, adapter, index, spec),
        Resource::Source { ingest: None, .. } => Ok(Done::default()),
        Resource::Snapshot(_) => snapshot::build(work, adapter, index),
        Resource::UnitTest(_) => unit_test::run(work, adapter, index),
        Resource::Function(_) => function::build(work, adapter, index),
        Resource::Analysis(_)
        | Resource::Operation(_)
        | Resource::Exposure
        | Resource::Metric
        | Resource::SemanticModel
        | Resource::SavedQuery => Ok(Done::default()),
    }
}

pub(super) fn relation(node: &Node) -> Result<&Relation> {
    node.relation.as_ref().ok_or_else(|| {
        Diagnostic::project(format!("`{}` has no relation", node.name))
            .at(&node.at)
            .into()
    })
}

fn load(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    node: &Node,
    spec: &Ingest,
) -> Result<Done> {
    let target = relation(node)?;
    let request = ingest::Request {
        root: &work.project.root,
        ingest: spec,
        table: target,
        now: work.request.invocation.started_at,
        full_refresh: work.request.invocation.full_refresh,
        is_asked_for: work.request.invocation.command == "ingest",
        run_id: &work.request.invocation.id,
    };
    let outcome = ingest::ingest(&mut *adapter.session(), &request)?;
    adapter.known().set(target, Some(EntryKind::Table));
    let mut words = Vec::new();
    if outcome.files > 0 {
        words.push(format!(
            "{} file{}",
            outcome.files,
            if outcome.files == 1 { "" } else { "s" }
        ));
    }
    if outcome.rejected > 0 {
        words.push(format!("{} rejected", outcome.rejected));
    }
    words.extend(outcome.note);
    let status = outcome.warning.as_ref().map(|_| Status::Warn);
    words.extend(outcome.warning);
    Ok(Done {
        status,
        rows: Some(outcome.rows),
        message: words.join(", "),
        ..Done::default()
    })
}

pub(super) fn input<'a>(
    inputs: &'a std::collections::BTreeMap<Reference, Relation>,
    from: &Reference,
    node: &Node,
) -> Result<&'a Relation> {
    inputs.get(from).ok_or_else(|| {
        Diagnostic::project(format!("`{from}` makes no relation"))
            .at(&node.at)
            .into()
    })
}

fn train(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    spec: &MlModel,
) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let inputs = work.compiled.relations(index);
    let output = relation(node)?;
    let request = ml::Request {
        model: spec,
        input: input(&inputs, &spec.from, node)?,
        score: match &spec.score {
            Some(score) => Some(input(&inputs, score, node)?),
            None => None,
        },
        data_version: versions::of_training(work, adapter, index, spec)?,
        output,
        now: work.request.invocation.started_at.as_microsecond(),
    };
    let outcome = ml::train(&mut *adapter.session(), &request)?;
    adapter.known().set(output, Some(EntryKind::Table));
    Ok(Done {
        rows: Some(outcome.rows),
        message: outcome.summary,
        ..Done::default()
    })
}

fn send(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    spec: &Export,
) -> Result<Done> {
    let inputs = work.compiled.relations(index);
    let origins = work.compiled.plan.nodes[index]
        .inputs
        .iter()
        .filter_map(|(reference, input)| {
            let node = &work.compiled.plan.nodes[*input];
            let origin = export::Origin {
                relation: node.relation.as_ref()?.to_string().replace('"', ""),
                description: node.description.clone(),
                loaded_at: None,
            };
            Some((reference.clone(), origin))
        });
    let about = export::About {
        project: work.project.name.clone(),
        generated_at: work.request.invocation.started_at,
        version: env!("CARGO_PKG_VERSION").into(),
        origins: origins.collect(),
    };
    let request = export::Request {
        root: &work.project.root,
        export: spec,
        inputs: &inputs,
        about: &about,
    };
    let outcome = export::export(&mut *adapter.session(), &request)?;
    Ok(Done {
        rows: Some(outcome.rows),
        message: listed(&outcome.files),
        ..Done::default()
    })
}

fn write_report(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
    spec: &Report,
) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let inputs = work.compiled.relations(index);
    let mut vars = match yaml::to_json(&work.project.vars.clone().into()) {
        serde_json::Value::Object(vars) => vars,
        _ => serde_json::Map::new(),
    };
    let mut session = adapter.session();
    let mut report = spec.clone();
    if let Some(profile) = &spec.profile {
        let relation = input(&inputs, &profile.from, node)?;
        let subject = quality::Subject::Relation(relation.clone());
        quality::profile(&mut *session, &subject, profile.by.as_deref())?;
        report.text = quality::PROFILE.into();
        report.file = quality::profile_file().into();
        vars.insert("relation".into(), relation.name.as_str().into());
        vars.insert("by".into(), profile.by.clone().into());
    }
    let request = report::Request {
        root: &work.project.root,
        report: &report,
        inputs: &inputs,
        vars: &vars,
        about: &report::About {
            project: work.project.name.clone(),
            generated_at: work.request.invocation.started_at,
            version: env!("CARGO_PKG_VERSION").into(),
        },
    };
    let outcome = report::write(&mut *session, &request)?;
    Ok(Done {
        message: listed(&outcome.files),
        ..Done::default()
    })
}

/// Names the first file of several.
fn listed(files: &[std::path::PathBuf]) -> String {
    match files {
        [] => String::new(),
        [file] => file.display().to_string(),
        [first, rest @ ..] => format!("{} and {} more", first.display(), rest.len()),
    }
}
