//! `wh show`: the first rows of a model's query, or of a question, without building anything.

use std::io::Write;
use std::path::Path;

use minijinja::context;
use serde_json::Value;

use super::compile::is_named;
use super::introspect;
use crate::cli::args::{Global, Preview, ShowArgs};
use crate::cli::output::{Format, writer};
use crate::cli::{build, terminal};
use crate::compile::{Compiled, Index, Resource, template};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{RecordBatch, fetch, render};

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
    let (project, compiled) = build::parse(global, "show", global.flags.is("full_refresh"))?;
    let mut global = global.clone();
    global.flags.set("introspect", true);
    let Some(asked) = introspect(&global, &project)? else {
        return Ok(());
    };
    let adapter = || Some(asked.adapter.clone());
    let inline = |text: &String, sql: String| {
        tracing::debug!(text, "show");
        Query {
            name: "inline_query".into(),
            sql,
            is_inline: true,
        }
    };
    let mut queries = Vec::new();
    if let Some(text) = &args.inline_direct {
        queries.push(inline(text, text.clone()));
    } else if let Some(text) = args.inline.as_ref().or(args.sql.as_ref()) {
        let sql = compiled.inline(Path::new("--inline"), text, &project, adapter())?;
        queries.push(inline(text, sql));
    } else {
        for index in shown(&global, &compiled, args)? {
            let node = &compiled.plan.nodes[index];
            let sql = match (&node.resource, &node.relation) {
                (Resource::Seed, Some(relation)) => render(
                    include_str!("relation.sql"),
                    context! {relation => relation.to_string()},
                )?,
                _ => compiled.sql(index, adapter())?,
            };
            queries.push(Query {
                name: node.name.clone(),
                sql,
                is_inline: false,
            });
        }
    }
    let mut session = asked.engine.connect()?;
    for query in &queries {
        let limit = (args.limit >= 0).then_some(args.limit);
        let sql = query.sql.trim().trim_end_matches(';');
        let sql = render(include_str!("preview.sql"), context! {sql, limit})?;
        let rows = fetch(&mut *session, &sql, &[])?;
        print(&global, query, &rows, args.output)?;
    }
    Ok(())
}

/// Returns the chosen nodes that have rows to show: those that are named, or all when none is.
fn shown(global: &Global, compiled: &Compiled, args: &ShowArgs) -> Result<Vec<Index>> {
    let chosen = build::choose(global, compiled, &args.selection, &[])?;
    let has_rows = |index: &Index| {
        let node = &compiled.plan.nodes[*index];
        matches!(node.resource, Resource::Seed) || template(node).is_some()
    };
    let chosen: Vec<Index> = chosen.into_iter().filter(has_rows).collect();
    let select = &args.selection.select;
    let named: Vec<Index> = chosen
        .iter()
        .filter(|index| is_named(compiled, **index, select))
        .copied()
        .collect();
    Ok(if named.is_empty() { chosen } else { named })
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
