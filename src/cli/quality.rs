//! `wh quality report`: what the checks of the last runs found, as a page, a PDF and a list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::{Global, QualityReportArgs};
use super::query::Warehouse;
use super::{build, say};
use crate::compile::{Compiled, Index, Resource, compile};
use crate::diagnostic::{At, Diagnostic, Result};
use crate::engine::Relation;
use crate::project::nodes::Report;
use crate::quality::{self, Scope};
use crate::{export, report};

/// Where the report goes unless `--to` says otherwise, relative to the project's folder.
const TARGETS: [&str; 3] = [
    "reports/quality.html",
    "reports/quality.pdf",
    "reports/quality.csv",
];

/// Writes the report of quality.
///
/// # Errors
/// `Project` when the project or the selection is wrong or nothing was recorded yet, `Environment` when the warehouse or a
/// target cannot be opened.
pub(super) fn report(global: &Global, args: &QualityReportArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let project = warehouse.project();
    let invocation = build::invocation(global, "quality", false)?;
    let compiled = compile(project, &invocation)?;
    let chosen = build::choose(global, &compiled, &args.selection, &[])?;
    let mut session = warehouse.connect()?;
    let catalog = session.catalog()?;
    let has_results = |entry: &crate::engine::Entry| {
        entry.relation.schema == "wh" && entry.relation.name == "test_results"
    };
    if !catalog.iter().any(has_results) {
        return Err(Diagnostic::project("no test has been run yet")
            .hint("`wh build` runs the tests and records what they find")
            .into());
    }
    quality::gather(session.as_mut(), &scope(&compiled, &chosen))?;
    let (pages, lists) = pages_and_lists(targets(&project.root, &args.to)?)?;
    let about = report::About {
        project: project.name.clone(),
        generated_at: invocation.started_at,
        version: env!("CARGO_PKG_VERSION").into(),
    };
    let page = Report {
        name: "quality".into(),
        description: String::new(),
        file: quality::report_file().into(),
        text: quality::REPORT.into(),
        profile: None,
        to: pages,
        at: At::new("--to", 0, 0),
    };
    let request = report::Request {
        root: &project.root,
        report: &page,
        inputs: &BTreeMap::new(),
        vars: &serde_json::Map::new(),
        about: &about,
    };
    if !page.to.is_empty() {
        report::write(session.as_mut(), &request)?;
    }
    for list in &lists {
        let about = export::About {
            project: project.name.clone(),
            generated_at: invocation.started_at,
            version: env!("CARGO_PKG_VERSION").into(),
            origins: BTreeMap::new(),
        };
        export::query(session.as_mut(), quality::ISSUES, list, &about)?;
    }
    if !global.quiet {
        say_written(&project.root, page.to.iter().chain(&lists));
    }
    Ok(())
}

/// Says which files there are now, as seen from a folder.
pub(super) fn say_written<'a>(from: &Path, files: impl Iterator<Item = &'a PathBuf>) {
    for file in files {
        let shown = file.strip_prefix(from).unwrap_or(file);
        say(&format!("wrote {}", shown.display()));
    }
}

/// Returns the targets as full paths.
fn targets(root: &Path, to: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let here = std::env::current_dir()?;
    Ok(match to.is_empty() {
        true => TARGETS.iter().map(|target| root.join(target)).collect(),
        false => to.iter().map(|target| here.join(target)).collect(),
    })
}

/// Tells pages from lists of rows by their suffixes, and makes their folders.
///
/// # Errors
/// `Environment` when a folder cannot be made.
pub(super) fn pages_and_lists(targets: Vec<PathBuf>) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    for target in &targets {
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(|err| {
                Diagnostic::environment(format!("`{}` cannot be made", folder.display()))
                    .because(err)
            })?;
        }
    }
    let is_page = |target: &PathBuf| {
        let suffix = target.extension().and_then(|suffix| suffix.to_str());
        matches!(suffix, Some("html" | "pdf"))
    };
    Ok(targets.into_iter().partition(is_page))
}

/// Returns what the chosen nodes make a report about: tests that are chosen or put on what is chosen.
fn scope(compiled: &Compiled, chosen: &BTreeSet<Index>) -> Scope {
    let mut scope = Scope::default();
    let mut relations: BTreeSet<Relation> = BTreeSet::new();
    for index in chosen {
        let node = &compiled.plan.nodes[*index];
        match &node.resource {
            Resource::Test(_) => {
                scope.tests.push(node.id.clone());
                let tested = node.parents.iter();
                relations.extend(
                    tested.filter_map(|parent| compiled.plan.nodes[*parent].relation.clone()),
                );
            }
            Resource::Source {
                ingest: Some(_), ..
            } => scope.sources.extend(node.relation.clone()),
            _ => {}
        }
    }
    scope.relations = relations.into_iter().collect();
    scope
}
