//! Pages written from data: Markdown with SQL and charts becomes one HTML file. Reads the warehouse, never writes it.
//!
//! A report is a Markdown file. Its fenced blocks ```` ```sql name ```` are queries, run in order; their rows are
//! lists of dicts in the text, which is a Jinja template: values, `chart(…)`, `table(…)`, `big_value(…)`.

mod args;
pub mod chart;
mod component;
pub mod format;
pub mod frame;
mod markdown;
mod output;
mod page;
mod pdf;
mod scan;
mod source;
mod template;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::frame::Frame;
use self::page::Page;
use self::scan::Rendered;
use self::source::{Query, Source};
use self::template::Names;
use crate::diagnostic::{At, Diagnostic, Place, Result};
use crate::engine::{Relation, Session, SqlError};
use crate::project::nodes::{Reference, Report};

/// Rows of one query at most: a page shows sums, not tables of a warehouse.
const MOST_ROWS: usize = 10_000;

/// A report to be written.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The report.
    pub report: &'a Report,
    /// The relations that its text may name.
    pub inputs: &'a BTreeMap<Reference, Relation>,
    /// The project's variables.
    pub vars: &'a serde_json::Map<String, serde_json::Value>,
    /// Who writes it, and when.
    pub about: &'a About,
}

/// What a page says of its making.
#[derive(Debug, Clone)]
pub struct About {
    /// The project's name.
    pub project: String,
    /// When the run began.
    pub generated_at: jiff::Timestamp,
    /// The version of `wh`.
    pub version: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Files, relative to the project's folder: each page, then its charts.
    pub files: Vec<PathBuf>,
}

/// Returns which relations a report's text names, each once, in order of their first mention; runs nothing.
///
/// # Errors
/// `Project`, with its place, when the file is not well formed or a name is not plain text in quotes.
pub fn references(report: &Report) -> Result<Vec<Reference>> {
    let mut references = Vec::new();
    for (reference, _) in places_of_references(&Source::parse(report)?)? {
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    Ok(references)
}

fn places_of_references(source: &Source<'_>) -> Result<Vec<(Reference, At)>> {
    match scan::references(&source.template()) {
        Ok(found) => Ok(found
            .into_iter()
            .map(|(reference, offset)| (reference, source.at(offset)))
            .collect()),
        Err((err, offset)) => Err(err).place(&source.at(offset)),
    }
}

/// Runs a report's queries and writes its pages, with each chart as SVG and PNG in a folder beside.
///
/// Files are written beside their targets and renamed, the page last: a run that ends early leaves the old page.
///
/// # Errors
/// `Project`, with its place in the report, when the text is wrong; `Data`, with its place, when a query does not
/// run or returns too many rows; `Environment` when a file cannot be written.
pub fn write(session: &mut dyn Session, request: &Request<'_>) -> Result<Outcome> {
    output::check_targets(request.report)?;
    let source = Source::parse(request.report)?;
    for (reference, at) in places_of_references(&source)? {
        if !request.inputs.contains_key(&reference) {
            return Err(template::unknown_reference(
                &reference,
                request.inputs.keys(),
            ))
            .place(&at);
        }
    }
    let names = Names {
        relations: request
            .inputs
            .iter()
            .map(|(name, relation)| (name.clone(), relation.to_string()))
            .collect(),
        vars: request.vars.clone(),
    };
    let mut queries = Vec::new();
    for query in &source.queries {
        let rows = run(session, query, &source, &names)?;
        tracing::debug!(query = %query.name, rows = rows.rows.len(), "report query");
        queries.push((query.name.clone(), rows));
    }
    let currency = source.front.currency.as_deref().unwrap_or("$");
    let page = Page::new(&source.body, currency);
    let places = |offset: usize| source.at(offset);
    let (markdown, page) = template::body(&source.body, &names, queries, page, &places)?;
    let text = markdown::render(&markdown, &page).place(&At::new(&request.report.file, 0, 0))?;
    let title = source.front.title.as_deref();
    let frame = page::Frame {
        heading: title,
        title: title
            .or(text.heading.as_deref())
            .unwrap_or(&request.report.name),
        description: source.front.description.as_deref().unwrap_or_default(),
        is_wide: source.front.wide,
        about: request.about,
    };
    let html = page::document(&frame, &text.html);
    let pdf = match output::has_pdf(request.report) {
        true => pdf::document(&frame, &markdown, &page)?,
        false => Vec::new(),
    };
    output::write(request, (html.as_bytes(), &pdf), &page.drawings)
}

/// Runs one query and returns its rows.
fn run(
    session: &mut dyn Session,
    query: &Query,
    source: &Source<'_>,
    names: &Names,
) -> Result<Frame> {
    let in_file = |offset: usize| source.at(query.offset + offset);
    let sql = template::sql(&query.sql, names, &in_file)?;
    let mut frame = Frame::default();
    let outcome = session.query(&sql, &[], &mut |batch| {
        frame.extend(batch)?;
        match frame.rows.len() > MOST_ROWS {
            false => Ok(()),
            true => Err(Diagnostic::data(format!(
                "query `{}` returns more than 10,000 rows",
                query.name
            ))
            .at(&source.at(query.offset))
            .hint("group them, or add a `limit`: a page shows sums, not a whole table")
            .into()),
        }
    });
    match outcome {
        Ok(()) => Ok(frame),
        Err(err) => Err(refused(err, query, names, &in_file)),
    }
}

/// Gives an engine's error its place in the report's file.
fn refused(
    err: anyhow::Error,
    query: &Query,
    names: &Names,
    in_file: &dyn Fn(usize) -> At,
) -> anyhow::Error {
    let Some(refusal) = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<SqlError>())
    else {
        return err;
    };
    // Rendered once more, with marks: which character of the SQL came from where in the file.
    let marked = template::sql(&scan::marked(&query.sql), names, in_file);
    let origin = match (marked, refusal.offset) {
        (Ok(marked), Some(offset)) => Rendered::of(&marked).origin(offset),
        _ => 0,
    };
    Diagnostic::data(format!(
        "query `{}` does not run: {}",
        query.name, refusal.message
    ))
    .at(&in_file(origin))
    .into()
}
