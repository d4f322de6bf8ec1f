//! A run as it is shown: for people on a terminal and in projects of `wh`, and as dbt logs it where a script reads a dbt project's.

mod dbt;
mod people;

use std::io::IsTerminal;
use std::path::Path;

use self::dbt::Log;
use self::people::{People, count};
use super::args::{Global, LogFormat};
use super::output::{Format, Screen, writer};
use crate::compile::Compiled;
use crate::engine::RecordBatch;
use crate::project::Project;
use crate::run::{NodeResult, Observer, Summary};

/// Shows a run while it goes on, and what became of it.
pub(super) trait Show: Observer {
    /// Prints what failed, why, and the counts.
    fn finish(&self, summary: &Summary);
}

/// Returns who shows a run: for people, as JSON, or as dbt logs it.
pub(super) fn show<'a>(
    global: &Global,
    project: &'a Project,
    compiled: &'a Compiled,
) -> Box<dyn Show + 'a> {
    let is_dbts = project.file == Path::new("dbt_project.yml");
    let read_by_script = !std::io::stderr().is_terminal() || !std::io::stdout().is_terminal();
    match is_dbts && read_by_script && global.log_format != LogFormat::Json {
        true => Box::new(Log::new(global.quiet, project, compiled)),
        false => Box::new(People::new(global, project, compiled)),
    }
}

/// The query of a test that found something, and some of the rows; empty for everything else.
fn explained_rows(result: &NodeResult) -> String {
    let Some(found) = &result.found else {
        return String::new();
    };
    let sql = found.sql.lines().filter(|line| !line.trim().is_empty());
    let mut lines: Vec<String> = sql.map(str::to_owned).collect();
    let sample = found.sample.as_ref();
    if let Some(sample) = sample.filter(|sample| sample.num_rows() > 0) {
        lines.extend(sample_table(sample).lines().map(str::to_owned));
        let rows = result.rows.unwrap_or_default();
        let left = rows.saturating_sub(sample.num_rows() as u64);
        if left > 0 {
            lines.push(format!("… and {} more", count(left)));
        }
    }
    lines.join("\n")
}

fn sample_table(sample: &RecordBatch) -> String {
    let mut bytes = Vec::new();
    let screen = Screen {
        width: None,
        rows: None,
        color: false,
        types: false,
    };
    let mut writer = writer(Format::Table, &sample.schema(), screen);
    let written = writer
        .write(sample, &mut bytes)
        .and_then(|()| writer.finish(&mut bytes));
    match written {
        Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(err) => err.to_string(),
    }
}
