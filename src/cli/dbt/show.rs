//! `wh show`: the first rows of a model's query, or of a question, without building anything.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use minijinja::context;
use serde_json::Value;

use super::compile::{is_named, question};
use super::state::defer;
use super::{asking, introspect};
use crate::cli::args::{Global, Preview, ShowArgs};
use crate::cli::look::search_name;
use crate::cli::output::{Format, indented, writer};
use crate::cli::warehouse::Access;
use crate::cli::{build, terminal};
use crate::compile::manifest::{Nothing, Remains, Rendered};
use crate::compile::{Compiled, Index, Resource, template};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{RecordBatch, render};
use crate::project::Project;
use crate::run::{self, Introspection, artifacts};

/// The macro that limits a query.
const SHOW: &str = "{{ get_show_sql(compiled_code, sql_header, limit) }}";

/// A query to show rows of, with a name.
struct Query {
    name: String,
    sql: String,
    is_inline: bool,
}

impl Query {
    fn inline(sql: String) -> Self {
        Self {
            name: "inline_query".into(),
            sql,
            is_inline: true,
        }
    }
}

/// Prints rows of what is asked for.
///
/// # Errors
/// `Project` when nothing is asked for, a template does not compile, or the warehouse refuses a query.
pub(in crate::cli) fn show(global: &Global, args: &ShowArgs) -> Result<()> {
    let is_question = args.sql.is_some() || args.inline.is_some() || args.inline_direct.is_some();
    if !is_question && args.selection.select.is_empty() && args.selection.selector.is_none() {
        return Err(Diagnostic::project("there is nothing to show")
            .hint("name a model with `--select`, or give SQL with `--inline`")
            .into());
    }
    let mut global = global.clone();
    global.flags.set("introspect", true);
    global.flags.set("limit", args.limit);
    global.flags.set("output", args.output.word());
    asking(|access| show_with(&global, args, access))
}

fn show_with(global: &Global, args: &ShowArgs, access: Access) -> Result<()> {
    let is_question = args.sql.is_some() || args.inline.is_some() || args.inline_direct.is_some();
    let (project, mut compiled) = build::parse(global, "show", global.flags.is("full_refresh"))?;
    let introspection = introspect(global, (&project, &compiled), access)?;
    let chosen = match is_question {
        true => BTreeSet::new(),
        false => build::choose(global, &compiled, &args.selection, &[])?,
    };
    defer(global, &mut compiled, (&chosen, &introspection))?;
    let this = Preparation {
        args,
        chosen,
        project: &project,
        compiled: &compiled,
        introspection: &introspection,
    };
    let queries = match args.inline.as_ref().or(args.sql.as_ref()) {
        _ if args.inline_direct.is_some() => Ok(this.direct()),
        Some(text) => this.inline(text),
        None => this.nodes(),
    };
    let queries = match queries {
        Ok(queries) => queries,
        Err(err) => {
            artifacts::manifest(&project, &compiled, &Nothing)?;
            return Err(err);
        }
    };
    let adapter = introspection.adapter()?;
    for query in &queries {
        let rows = adapter
            .query(&query.sql, false)
            .map_err(|err| Diagnostic::project("the warehouse refuses the query").because(err))?;
        print(global, query, &rows, args.output)?;
    }
    Ok(())
}

/// What queries are made of.
struct Preparation<'a> {
    args: &'a ShowArgs,
    chosen: BTreeSet<Index>,
    project: &'a Project,
    compiled: &'a Compiled,
    introspection: &'a Introspection,
}

impl Preparation<'_> {
    /// Limits a query as dbt's macro does, which a project may have changed.
    fn limited(&self, index: Option<Index>, sql: &str) -> Result<String> {
        let compiled = self.compiled;
        let header = index.and_then(|index| compiled.plan.nodes[index].config.text("sql_header"));
        let package = index.map_or(&self.project.name, |index| {
            &compiled.plan.nodes[index].package
        });
        let mut globals = match index {
            Some(index) => compiled.globals(index, Some(self.introspection.adapter()?)),
            None => compiled.globals_alone(Some(self.introspection.adapter()?)),
        };
        globals.insert("compiled_code", sql.trim().trim_end_matches(';'));
        globals.insert("sql_header", header);
        globals.insert("limit", (self.args.limit >= 0).then_some(self.args.limit));
        let template = compiled.dialect.compile(package, "show", SHOW)?;
        compiled.dialect.render(&template, &Arc::new(globals))
    }

    /// SQL as it is.
    fn direct(&self) -> Vec<Query> {
        let sql = self.args.inline_direct.clone().unwrap_or_default();
        let limit = (self.args.limit >= 0).then_some(self.args.limit);
        let sql = sql.trim().trim_end_matches(';');
        let sql = render(include_str!("preview.sql"), context! {sql, limit});
        vec![Query::inline(sql.unwrap_or_default())]
    }

    /// A question of the command line.
    fn inline(&self, text: &str) -> Result<Vec<Query>> {
        let begun = Timestamp::now();
        let (project, compiled) = (self.project, self.compiled);
        let file = Path::new("--inline");
        let sql = compiled.inline(file, text, project, Some(self.introspection.adapter()?))?;
        let sql = self.limited(None, &sql)?;
        let lone = question(compiled, begun, (&sql, Some("OK")));
        artifacts::manifest(project, compiled, &Nothing)?;
        artifacts::lone_result(project, compiled, &lone)?;
        Ok(vec![Query::inline(sql)])
    }

    /// The chosen nodes; those that are not named are compiled only.
    fn nodes(&self) -> Result<Vec<Query>> {
        let (project, compiled) = (self.project, self.compiled);
        let has_sql = |index: &&Index| template(&compiled.plan.nodes[**index]).is_some();
        let with_sql: BTreeSet<Index> = self.chosen.iter().filter(has_sql).copied().collect();
        let summary = run::compile_to_files(project, compiled, &with_sql, self.introspection)?;
        for index in &with_sql {
            if let Some(rendered) = summary.ledger.rendered(*index) {
                let sql = self.limited(Some(*index), &rendered.sql)?.into();
                summary
                    .ledger
                    .compiled(*index, Rendered { sql, ..rendered });
            }
        }
        artifacts::manifest(project, compiled, &summary.ledger)?;
        artifacts::run_results(project, compiled, &summary)?;
        let mut queries = Vec::new();
        for index in shown(compiled, &self.chosen, &self.args.selection.select) {
            let node = &compiled.plan.nodes[index];
            let sql = match (&node.relation, summary.ledger.rendered(index)) {
                (_, Some(rendered)) => rendered.sql.as_ref().to_owned(),
                (Some(relation), None) => {
                    let relation = relation.to_string();
                    let sql = render(include_str!("relation.sql"), context! {relation})?;
                    self.limited(Some(index), &sql)?
                }
                (None, None) => continue,
            };
            queries.push(Query {
                name: search_name(node),
                sql,
                is_inline: false,
            });
        }
        Ok(queries)
    }
}

/// Returns the chosen nodes that have rows to show: those that are named, or all when none is.
fn shown(compiled: &Compiled, chosen: &BTreeSet<Index>, select: &[String]) -> Vec<Index> {
    let has_rows = |index: &Index| {
        let node = &compiled.plan.nodes[*index];
        matches!(node.resource, Resource::Seed) || template(node).is_some()
    };
    let chosen: Vec<Index> = chosen.iter().copied().filter(has_rows).collect();
    let named: Vec<Index> = chosen
        .iter()
        .filter(|index| is_named(compiled, **index, select))
        .copied()
        .collect();
    if named.is_empty() { chosen } else { named }
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
            let show = String::from_utf8(bytes)?;
            let head = match query.is_inline {
                true => String::new(),
                false => format!("\"node\":{},", Value::from(query.name.as_str())),
            };
            writeln!(out, "{}", indented(&format!("{{{head}\"show\":{show}}}")))?;
        }
    }
    Ok(())
}
