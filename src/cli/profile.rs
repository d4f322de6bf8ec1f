//! `wh profile`: what is in a table or file, column by column, as numbers on the terminal and as a page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::{Global, ProfileArgs};
use super::output::writer;
use super::query::Warehouse;
use super::{build, log, quality, terminal};
use crate::compile::{Plan, compile};
use crate::diagnostic::{At, Diagnostic, Result, nearest};
use crate::engine::{DuckDb, Engine, Session, Settings};
use crate::project::nodes::Report;
use crate::quality::{PROFILE, SUMMARY, Subject, profile_file};
use crate::{export, report};

/// Suffixes of files that can be profiled.
const FILES: &[&str] = &[
    "csv", "tsv", "json", "jsonl", "ndjson", "parquet", "gz", "zst",
];

/// Prints the summary of a relation or file, and writes its profile where `--to` says.
///
/// # Errors
/// `Project` when nothing has the name or the column, `Data` when a file cannot be read, `Environment` when the warehouse or
/// a target cannot be opened.
pub(super) fn profile(global: &Global, args: &ProfileArgs) -> Result<()> {
    let at = build::present()?;
    let path = Path::new(&args.subject);
    if path.is_file() {
        log::start(None, global)?;
        let known = path.extension().and_then(|suffix| suffix.to_str());
        if !known.is_some_and(|suffix| FILES.contains(&suffix)) {
            let what = format!("`{}` is no CSV, JSON or Parquet file", path.display());
            return Err(Diagnostic::project(what)
                .hint("ingest it as a source, and profile the source's table")
                .into());
        }
        let folder = tempfile::tempdir()?;
        let settings = Settings {
            path: folder.path().join("profile.duckdb"),
            ..Settings::default()
        };
        let mut session = DuckDb::open(&settings)?.connect()?;
        let subject = Subject::File(path.to_owned());
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        return write(global, session.as_mut(), &subject, args, &about(&stem, at));
    }
    let warehouse = Warehouse::open(global, false)?;
    let project = warehouse.project();
    let compiled = compile(project, &build::invocation(global, "profile", false)?)?;
    let subject = subject(&compiled.plan, &args.subject)?;
    let mut session = warehouse.connect()?;
    write(
        global,
        session.as_mut(),
        &subject,
        args,
        &about(&project.name, at),
    )
}

fn about(project: &str, generated_at: jiff::Timestamp) -> report::About {
    report::About {
        project: project.into(),
        generated_at,
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Finds the node of a name; a source's table is named `source.table`.
fn subject(plan: &Plan, name: &str) -> Result<Subject> {
    let named = |index: usize| {
        let node = &plan.nodes[index];
        match &node.resource {
            crate::compile::Resource::Source { source, .. } => format!("{source}.{}", node.name),
            _ => node.name.clone(),
        }
    };
    let with_relation = (0..plan.nodes.len()).filter(|index| plan.nodes[*index].relation.is_some());
    let known: Vec<(String, usize)> = with_relation.map(|index| (named(index), index)).collect();
    let found = known.iter().find(|(known, _)| known == name);
    if let Some(relation) = found.and_then(|(_, index)| plan.nodes[*index].relation.clone()) {
        return Ok(Subject::Relation(relation));
    }
    let err = Diagnostic::project(format!("nothing is called `{name}`"));
    let names = known.iter().map(|(name, _)| name.as_str());
    Err(match nearest(name, names) {
        Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
        None => err
            .hint("name a model, a source's table as `source.table`, or a file")
            .into(),
    })
}

fn write(
    global: &Global,
    session: &mut dyn Session,
    subject: &Subject,
    args: &ProfileArgs,
    about: &report::About,
) -> Result<()> {
    crate::quality::profile(session, subject, args.by.as_deref())?;
    print(global, session, args)?;
    let here = std::env::current_dir()?;
    let targets: Vec<PathBuf> = args.to.iter().map(|target| here.join(target)).collect();
    let (pages, lists) = quality::pages_and_lists(targets)?;
    let page = Report {
        name: "profile".into(),
        description: String::new(),
        file: profile_file().into(),
        text: PROFILE.into(),
        profile: None,
        to: pages,
        at: At::new("--to", 0, 0),
    };
    if !page.to.is_empty() {
        let mut vars = serde_json::Map::new();
        vars.insert("relation".into(), args.subject.as_str().into());
        vars.insert("by".into(), args.by.clone().into());
        let request = report::Request {
            root: &here,
            report: &page,
            inputs: &BTreeMap::new(),
            vars: &vars,
            about,
        };
        report::write(session, &request)?;
    }
    for list in &lists {
        let about = export::About {
            project: about.project.clone(),
            generated_at: about.generated_at,
            version: about.version.clone(),
            origins: BTreeMap::new(),
        };
        export::query(session, SUMMARY, list, &about)?;
    }
    if !global.quiet {
        quality::say_written(&here, page.to.iter().chain(&lists));
    }
    Ok(())
}

/// Prints the summary of each column.
fn print(global: &Global, session: &mut dyn Session, args: &ProfileArgs) -> Result<()> {
    let screen = terminal::screen(global);
    let mut out = std::io::stdout().lock();
    let rows = crate::engine::fetch(session, SUMMARY, &[])?;
    let mut summary = writer(args.format, &rows.schema(), screen);
    summary.write(&rows, &mut out)?;
    summary.finish(&mut out)?;
    Ok(())
}
