//! `wh features training-set`: the macro `training_set`, asked from the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::context;
use serde_json::json;

use super::args::TrainingSetArgs;
use crate::cli::args::Global;
use crate::cli::build::invocation;
use crate::cli::query::Warehouse;
use crate::cli::say;
use crate::compile::adapter::Adapter;
use crate::compile::compile;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Entry, EntryKind, RecordBatch, Relation, Session, fetch, render};
use crate::export;
use crate::project::Project;

/// What the template is called where an error is in it.
const TEMPLATE: &str = "<training-set>";

/// Writes labels with their features to a file.
///
/// # Errors
/// `Project` when labels, features or columns do not fit together, `Environment` when the file cannot be written.
pub(super) fn training_set(global: &Global, args: &TrainingSetArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let project = warehouse.project();
    let mut session = warehouse.connect()?;
    let labels = match is_file(&args.labels) {
        true => load(&mut *session, &args.labels)?,
        false => format!("ref({})", json!(args.labels)),
    };
    let template = format!(
        "{{{{ training_set(labels={labels}, entity={}, timestamp={}, features={}, full_feature_names={}) }}}}",
        json!(entity(project, args)),
        json!(args.timestamp),
        json!(args.features),
        if args.full_feature_names {
            "true"
        } else {
            "false"
        },
    );
    let invocation = invocation(global, "features", false)?;
    let compiled = compile(project, &invocation)?;
    let entries = session.catalog()?;
    let adapter = Arc::new(Asking {
        session: Mutex::new(session),
        entries,
    });
    let sql = compiled.inline(
        Path::new(TEMPLATE),
        &template,
        project,
        Some(adapter.clone()),
    )?;
    let sql = render(include_str!("ordered.sql"), context! {query => sql})?;
    let about = export::About {
        project: project.name.clone(),
        generated_at: invocation.started_at,
        version: env!("CARGO_PKG_VERSION").into(),
        origins: BTreeMap::new(),
    };
    let written = export::query(&mut **adapter.session(), &sql, &args.output, &about)?;
    if !global.quiet {
        let plural = if written.rows == 1 { "" } else { "s" };
        say(&format!(
            "{} row{plural} to {}",
            written.rows,
            args.output.display()
        ));
    }
    Ok(())
}

/// Returns whether the labels are a file: models have no suffix.
fn is_file(labels: &str) -> bool {
    Path::new(labels).extension().is_some()
}

/// Reads a file of labels into a temporary table and returns the expression that names it in a template.
fn load(session: &mut dyn Session, file: &str) -> Result<String> {
    if !Path::new(file).is_file() {
        return Err(Diagnostic::project(format!("there is no file `{file}`"))
            .hint("`--labels` is the name of a model, or a CSV or Parquet file")
            .into());
    }
    let sql = render(include_str!("load_labels.sql"), context! {file})?;
    session.execute(&sql).map_err(|err| {
        Diagnostic::data(format!("`{file}` cannot be read as labels")).because(err)
    })?;
    Ok("api.Relation.create(database='temp', schema='main', identifier='labels')".into())
}

/// Returns the columns that say whose label it is: those asked for, else the entities of the views.
fn entity(project: &Project, args: &TrainingSetArgs) -> Vec<String> {
    if !args.entity.is_empty() {
        return args.entity.clone();
    }
    let mut columns: Vec<String> = Vec::new();
    for (_, view) in project.feature_views() {
        let is_asked = |text: &String| text.split(':').next() == Some(view.name.as_str());
        for name in &view.entity {
            if args.features.iter().any(is_asked) && !columns.contains(name) {
                columns.push(name.clone());
            }
        }
    }
    columns
}

/// The warehouse behind the template: one session, in which the labels of a file are a temporary table.
struct Asking {
    session: Mutex<Box<dyn Session>>,
    entries: Vec<Entry>,
}

impl Asking {
    fn session(&self) -> MutexGuard<'_, Box<dyn Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asking")
    }
}

impl Adapter for Asking {
    fn query(&self, sql: &str, _: bool) -> Result<RecordBatch> {
        fetch(self.session().as_mut(), sql, &[])
    }

    fn execute(&self, sql: &str, _: bool) -> Result<u64> {
        self.session().execute(sql)
    }

    fn begin(&self) -> Result<()> {
        Ok(())
    }

    fn commit(&self) -> Result<()> {
        Ok(())
    }

    fn note(&self, _: &Relation, _: Option<EntryKind>) {}

    fn forget_schema(&self, _: &str, _: &str) {}

    fn key_constraints(&self, _: &Relation) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn store(&self, plugin: &str, _: &serde_json::Value) -> Result<()> {
        let what = format!("`{plugin}` cannot store what is only asked for");
        Err(Diagnostic::project(what).into())
    }

    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>> {
        let found = self
            .entries
            .iter()
            .find(|entry| entry.relation.same(relation));
        Ok(found.map(|entry| entry.kind))
    }

    fn columns(&self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.session().columns(relation)
    }
}
