//! `wh seed --show`: some rows of each table that was loaded.

use std::io::Write;

use minijinja::context;

use crate::cli::args::Global;
use crate::cli::output::{Format, writer};
use crate::cli::{say, terminal};
use crate::compile::{Compiled, Resource};
use crate::diagnostic::Result;
use crate::engine::{Engine, fetch, render};
use crate::run::history::explained;
use crate::run::{Status, Summary};

/// Prints some rows, drawn at random, of each seed that was loaded.
///
/// # Errors
/// What the warehouse answers.
pub(in crate::cli) fn sample(
    global: &Global,
    engine: &dyn Engine,
    (compiled, summary): (&Compiled, &Summary),
) -> Result<()> {
    let mut session = engine.connect()?;
    let mut out = std::io::stdout().lock();
    for result in &summary.results {
        let node = &compiled.plan.nodes[result.node];
        let (Resource::Seed, Some(relation)) = (&node.resource, &node.relation) else {
            continue;
        };
        if result.status != Status::Success {
            continue;
        }
        let relation_name = relation.to_string();
        let sql = render(
            include_str!("sample.sql"),
            context! {relation => relation_name},
        )?;
        let rows = match fetch(&mut *session, &sql, &[]) {
            Ok(rows) => rows,
            // What the project's own hooks took away again is loaded all the same.
            Err(err) => {
                say(&format!(
                    "no sample of {}.{}: {}",
                    relation.schema,
                    relation.name,
                    explained(&err)
                ));
                continue;
            }
        };
        let head = format!(
            "Random sample of table: {}.{}",
            relation.schema, relation.name
        );
        writeln!(out, "\n{head}\n{}", "-".repeat(head.chars().count()))?;
        let mut table = writer(Format::Table, &rows.schema(), terminal::screen(global));
        table.write(&rows, &mut out)?;
        table.finish(&mut out)?;
    }
    Ok(())
}
