//! Running a unit test: what its model makes of given rows is compared with what it should.

mod diff;

use std::sync::Arc;

use minijinja::Value;

use self::diff::Diff;
use super::adapter::SessionAdapter;
use super::event::Status;
use super::node::{Done, Work};
use super::{materialize, model};
use crate::compile::adapter::Adapter;
use crate::compile::{Index, Results};
use crate::diagnostic::{Diagnostic, Result};
use crate::jinja;

/// The column that says of a row whether the model made it or should have.
const ORIGIN: &str = "actual_or_expected";

/// Runs one unit test.
pub(super) fn run(work: &Work<'_>, adapter: &Arc<SessionAdapter>, index: Index) -> Result<Done> {
    let node = &work.compiled.plan.nodes[index];
    let shared: Arc<dyn Adapter> = adapter.clone();
    let rendered = work.compiled.unit_test(index, &shared)?;
    model::write_unit(work, index, &rendered)?;
    let mut globals = rendered.globals;
    globals.insert("sql", Value::from(&rendered.sql));
    globals.insert("compiled_code", Value::from(&rendered.sql));
    let results =
        materialize::call(work, adapter, (index, None), "unit", globals).map_err(|err| {
            let note = "the model may not take the given rows: check their columns and types";
            let what = format!("the unit test `{}` cannot be run", node.name);
            Diagnostic::project(what)
                .at(&node.at)
                .note(format!("{err:#}"))
                .note(note)
        })?;
    let diff = compared(&results);
    Ok(Done {
        status: Some(match diff {
            None => Status::Success,
            Some(_) => Status::Fail,
        }),
        rows: Some(u64::from(diff.is_some())),
        message: diff.unwrap_or_default(),
        ..Done::default()
    })
}

/// Returns how what the model made differs from what it should have, if it does.
fn compared(results: &Results) -> Option<String> {
    let mut names = results.columns_of("main");
    let origin = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(ORIGIN))?;
    names.remove(origin);
    let (mut actual, mut expected) = (Vec::new(), Vec::new());
    for mut row in results.rows_of("main") {
        let side = match jinja::text(&row.remove(origin)).as_str() {
            "actual" => &mut actual,
            _ => &mut expected,
        };
        side.push(row.iter().map(cell).collect::<Vec<_>>());
    }
    Diff {
        names,
        expected,
        actual,
    }
    .shown()
}

/// Returns the text of a cell; nothing and empty text are the same, as in dbt.
fn cell(value: &Value) -> String {
    match value.is_none() || value.is_undefined() {
        true => String::new(),
        false => jinja::text(value),
    }
}
