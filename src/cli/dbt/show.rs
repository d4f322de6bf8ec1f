//! `wh show`: the first rows of a model's query, or of a question, without building anything.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use minijinja::context;
use serde_json::Value;

use super::compile::is_named;
use super::state::defer;
use super::{asked_alone, introspect};
use crate::cli::args::{Global, Preview, ShowArgs};
use crate::cli::output::{Format, writer};
use crate::cli::{build, terminal};
use crate::compile::adapter::Adapter;
use crate::compile::manifest::Nothing;
use crate::compile::{Compiled, Index, Resource, template};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{RecordBatch, Session, fetch, render};
use crate::project::Project;
use crate::run::{self, NodeResult, Status, Summary, artifacts};

/// A query to show rows of, with a name.
struct Query {
    name: String,
    sql: String,
    is_inline: bool,
}

/// Prints rows of what is asked for.
///
/// # Errors
/// `Project` when nothing is asked for or a template does not compile; `Data` when the warehouse refuses a query.
pub(in crate::cli) fn show(global: &Global, args: &ShowArgs) -> Result<()> {
    let is_question = args.sql.is_some() || args.inline.is_some() || args.inline_direct.is_some();
    if !is_question && args.selection.select.is_empty() && args.selection.selector.is_none() {
        return Err(Diagnostic::project("there is nothing to show")
            .hint("name a model with `--select`, or give SQL with `--inline`")
            .into());
    }
    let (project, mut compiled) = build::parse(global, "show", global.flags.is("full_refresh"))?;
    let mut global = global.clone();
    global.flags.set("introspect", true);
    let Some(asked) = introspect(&global, &project)? else {
        return Ok(());
    };
    let mut session = asked.engine.connect()?;
    let limit = (args.limit >= 0).then_some(args.limit);
    let preview = |session: &mut dyn Session, query: &Query| -> Result<RecordBatch> {
        let sql = query.sql.trim().trim_end_matches(';');
        let sql = render(include_str!("preview.sql"), context! {sql, limit})?;
        fetch(session, &sql, &[])
    };
    if is_question {
        let began = Timestamp::now();
        defer(
            &global,
            &mut compiled,
            (&BTreeSet::new(), Some(&*asked.engine)),
        )?;
        let query = Query {
            name: "inline_query".into(),
            sql: question(args, &compiled, (&project, &asked.adapter))?,
            is_inline: true,
        };
        let rows = preview(&mut *session, &query)?;
        if args.inline_direct.is_none() {
            asked_alone(&project, &compiled, (began, &query.sql))?;
        }
        return print(&global, &query, &rows, args.output);
    }
    let chosen = build::choose(&global, &compiled, &args.selection, &[])?;
    defer(&global, &mut compiled, (&chosen, Some(&*asked.engine)))?;
    let shown = shown(&compiled, &chosen, &args.selection.select);
    let mut summary = Summary::default();
    for index in chosen {
        let Some(query) = query(&compiled, index, &asked.adapter)? else {
            continue;
        };
        let begun = Instant::now();
        let rows = preview(&mut *session, &query);
        let result = run::good(index, begun.elapsed());
        if shown.contains(&index) {
            print(&global, &query, &rows?, args.output)?;
            summary.results.push(result);
            continue;
        }
        // What is chosen beside what is named, such as its tests, is asked too, as dbt does; that it fails spoils nothing.
        summary.results.push(match rows {
            Ok(_) => result,
            Err(err) => NodeResult {
                status: Status::Error,
                error: Some(err),
                ..result
            },
        });
    }
    artifacts::manifest(&project, &compiled, &Nothing)?;
    artifacts::run_results(&project, &compiled, &summary)
}

/// Returns the SQL of a question on the command line.
fn question(
    args: &ShowArgs,
    compiled: &Compiled,
    (project, adapter): (&Project, &Arc<dyn Adapter>),
) -> Result<String> {
    if let Some(sql) = &args.inline_direct {
        return Ok(sql.clone());
    }
    let text = args.inline.as_ref().or(args.sql.as_ref());
    let text = text.map_or("", String::as_str);
    compiled.inline(Path::new("--inline"), text, project, Some(adapter.clone()))
}

/// Returns the query of a node; `None` for one that has no rows.
fn query(compiled: &Compiled, index: Index, adapter: &Arc<dyn Adapter>) -> Result<Option<Query>> {
    let node = &compiled.plan.nodes[index];
    let sql = match (&node.resource, &node.relation) {
        (Resource::Seed, Some(relation)) => render(
            include_str!("relation.sql"),
            context! {relation => relation.to_string()},
        )?,
        _ if template(node).is_some() => compiled.sql(index, Some(adapter.clone()))?,
        _ => return Ok(None),
    };
    Ok(Some(Query {
        name: node.name.clone(),
        sql,
        is_inline: false,
    }))
}

/// Returns the chosen nodes that are named, or all when none is.
fn shown(compiled: &Compiled, chosen: &BTreeSet<Index>, select: &[String]) -> BTreeSet<Index> {
    let named = chosen.iter().copied();
    let named: BTreeSet<Index> = named
        .filter(|index| is_named(compiled, *index, select))
        .collect();
    if named.is_empty() {
        chosen.clone()
    } else {
        named
    }
}

fn print(global: &Global, query: &Query, rows: &RecordBatch, output: Preview) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match output {
        Preview::Text => {
            if !global.quiet {
                let head = match query.is_inline {
                    true => "Previewing inline node:".into(),
                    false => format!("Previewing node '{}':", query.name),
                };
                writeln!(out, "{head}")?;
            }
            let mut table = writer(Format::Table, &rows.schema(), terminal::screen(global));
            table.write(rows, &mut out)?;
            table.finish(&mut out)?;
        }
        Preview::Json => {
            let mut bytes = Vec::new();
            let mut list = writer(Format::Json, &rows.schema(), terminal::screen(global));
            list.write(rows, &mut bytes)?;
            list.finish(&mut bytes)?;
            let show: Value = serde_json::from_slice(&bytes)?;
            let mut object = serde_json::Map::new();
            if !query.is_inline {
                object.insert("node".into(), query.name.clone().into());
            }
            object.insert("show".into(), show);
            writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
        }
    }
    Ok(())
}
