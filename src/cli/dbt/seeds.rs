//! `wh seed --show`: some rows of each table that was loaded.

use std::io::Write;

use minijinja::context;

use crate::cli::args::Global;
use crate::cli::output::{Format, writer};
use crate::cli::terminal;
use crate::compile::{Compiled, Resource};
use crate::diagnostic::Result;
use crate::engine::{Engine, fetch, render};
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
        let rows = fetch(&mut *session, &sql, &[])?;
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
