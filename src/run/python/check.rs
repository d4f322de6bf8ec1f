//! Whether the machine has what the chosen programs need, asked before anything runs.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;

use super::module_paths;
use crate::compile::{Compiled, Index, Node};
use crate::diagnostic::{Diagnostic, Result, all_or_none};
use crate::engine::interpreter;
use crate::project::Project;

/// What keeps one program from running.
#[derive(Deserialize)]
struct Found {
    missing: Vec<String>,
    /// Message, line and column of what is no Python.
    syntax: Option<(String, u32, u32)>,
}

/// Asks Python whether it can run the chosen models that are programs: it has `duckdb`, what `packages` and imports name, and
/// reads their text. Asks nothing when there is none.
///
/// # Errors
/// `Environment` when there is no Python; `Project` for each model that it cannot run, all together.
pub(in crate::run) fn check(
    project: &Project,
    compiled: &Compiled,
    chosen: &BTreeSet<Index>,
) -> Result<()> {
    let nodes = chosen.iter().filter_map(|index| {
        let text = compiled.program(*index)?;
        Some((&compiled.plan.nodes[*index], text))
    });
    let nodes: Vec<(&Node, &str)> = nodes.collect();
    if nodes.is_empty() {
        return Ok(());
    }
    let programs = nodes
        .iter()
        .map(|(node, text)| json!({"text": text, "packages": node.config.texts("packages")}));
    let job = json!({
        "module_paths": module_paths(project),
        "programs": programs.collect::<Vec<_>>(),
    });
    let found: Vec<Found> = serde_json::from_slice(&asked(&job.to_string())?)?;
    let wrong = nodes.iter().zip(found);
    all_or_none(
        wrong
            .filter_map(|((node, _), found)| problem(node, &found))
            .collect(),
    )
}

/// Says what is wrong with one model, if anything is.
fn problem(node: &Node, found: &Found) -> Option<anyhow::Error> {
    if let Some((message, line, column)) = &found.syntax {
        let what = format!("`{}` is no Python: {message}", node.name);
        let err = Diagnostic::project(what).at_line(&node.path, *line, *column);
        return Some(err.into());
    }
    if found.missing.is_empty() {
        return None;
    }
    let missing: Vec<String> = found
        .missing
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let python = interpreter();
    let what = format!(
        "`{}` needs {} of Python, and `{}` does not have it",
        node.name,
        missing.join(", "),
        python.display()
    );
    let hint = format!(
        "`{} -m pip install {}`, or name another Python in WH_PYTHON",
        python.display(),
        found.missing.join(" ")
    );
    let err = Diagnostic::project(what).at_line(&node.path, 0, 0);
    Some(err.hint(hint).into())
}

/// Hands the question to Python and returns its answer.
fn asked(job: &str) -> Result<Vec<u8>> {
    let mut child = Command::new(interpreter())
        .args(["-c", include_str!("check.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|err| no_python(err.into()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(job.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(no_python(anyhow::anyhow!(
            "{}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
    }
}

/// Says that there is no Python to run.
pub(super) fn no_python(err: anyhow::Error) -> anyhow::Error {
    let what = format!(
        "`{}` cannot be run, and models need it that are programs",
        interpreter().display()
    );
    Diagnostic::environment(what)
        .because(err)
        .hint("install Python 3 with `duckdb`, activate a virtual environment that has it, or name one in WH_PYTHON")
        .into()
}
