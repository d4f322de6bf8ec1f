//! `wh compile`: the SQL of nodes, without running it.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::state::defer;
use super::{asking, introspect};
use crate::cli::args::{CompileArgs, Global, Preview};
use crate::cli::warehouse::Access;
use crate::cli::{build, say};
use crate::compile::manifest::{Nothing, Remains};
use crate::compile::{Compiled, Index, body, template};
use crate::diagnostic::Result;
use crate::run;
use crate::run::artifacts::{self, Lone};

/// Writes the SQL of the chosen nodes below the target folder; prints that of nodes that are named, or of `--inline`.
///
/// # Errors
/// `Project` when a template does not compile, with its place; all such errors together.
pub(in crate::cli) fn compile(global: &Global, args: &CompileArgs) -> Result<()> {
    let mut global = global.clone();
    global.flags.set("output", args.output.word());
    asking(|access| compile_with(&global, args, access))
}

fn compile_with(global: &Global, args: &CompileArgs, access: Access) -> Result<()> {
    let full_refresh = global.flags.is("full_refresh");
    let (project, mut compiled) = build::parse(global, "compile", full_refresh)?;
    let introspection = introspect(global, (&project, &compiled), access)?;
    let chosen = build::choose(global, &compiled, &args.selection, &[])?;
    compiled.tell_selected(&chosen);
    defer(global, &mut compiled, (&chosen, &introspection))?;
    if let Some(text) = &args.inline {
        let begun = Timestamp::now();
        let adapter = introspection.adapter()?;
        let sql = compiled.inline(Path::new("--inline"), text, &project, Some(adapter))?;
        let lone = question(&compiled, begun, (&sql, None));
        artifacts::manifest(&project, &compiled, &Nothing)?;
        artifacts::lone_result(&project, &compiled, &lone)?;
        return print(global, None, &sql, args.output);
    }
    let summary = run::compile_to_files(&project, &compiled, &chosen, &introspection)?;
    let summary = summary.without_ephemeral(&compiled);
    let (manifest, results) = rayon::join(
        || artifacts::manifest(&project, &compiled, &summary.ledger),
        || artifacts::run_results(&project, &compiled, &summary),
    );
    manifest.and(results)?;
    let chosen: Vec<Index> = chosen
        .into_iter()
        .filter(|index| {
            let node = &compiled.plan.nodes[*index];
            template(node).is_some() || body(node).is_some()
        })
        .collect();
    let named: Vec<&Index> = chosen
        .iter()
        .filter(|index| is_named(&compiled, **index, &args.selection.select))
        .collect();
    for index in &named {
        let name = &compiled.plan.nodes[**index].name;
        let rendered = summary.ledger.rendered(**index);
        let sql = rendered.map(|rendered| rendered.sql);
        print(global, Some(name), &sql.unwrap_or_default(), args.output)?;
    }
    if named.is_empty() && !global.quiet {
        let folder = project.paths.target.join("compiled");
        let plural = if chosen.len() == 1 { "node" } else { "nodes" };
        let n = chosen.len();
        say(&format!("{n} {plural} compiled into {}", folder.display()));
    }
    Ok(())
}

/// Says how a question of the command line ended, with what the warehouse answered if it was run.
pub(super) fn question(
    compiled: &Compiled,
    begun: Timestamp,
    (sql, response): (&str, Option<&'static str>),
) -> Lone {
    let now = Timestamp::now();
    Lone {
        id: format!("sql_operation.{}.inline_query", compiled.about.project),
        times: [begun, now, now],
        is_operation: false,
        sql: Some(sql.to_owned()),
        response,
        error: None,
    }
}

/// Returns whether a selection names a node itself, rather than choosing it with others.
pub(super) fn is_named(compiled: &Compiled, index: Index, select: &[String]) -> bool {
    let node = &compiled.plan.nodes[index];
    let words = select.iter().flat_map(|words| words.split([' ', ',']));
    let mut names = words.map(|word| {
        let bare = without_operators(word);
        bare.rsplit([':', '.', '/']).next().unwrap_or_default()
    });
    names.any(|name| name == node.name)
        || select.iter().any(|word| {
            let path = Path::new(word);
            path == node.path || Some(path.as_os_str()) == node.path.file_name()
        })
}

/// Takes `@`, `+` and `2+` off both ends of a criterion.
fn without_operators(word: &str) -> &str {
    let is_depth = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let word = word.trim_start_matches('@');
    let word = match word.split_once('+') {
        Some((depth, rest)) if is_depth(depth) => rest,
        _ => word,
    };
    match word.rsplit_once('+') {
        Some((rest, depth)) if is_depth(depth) => rest,
        _ => word,
    }
}

/// Prints the SQL of a node, or without a name that of the command line.
fn print(global: &Global, name: Option<&str>, sql: &str, output: Preview) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let (head, object) = match name {
        Some(name) => (
            format!("Compiled node '{name}' is:"),
            json!({"node": name, "compiled": sql}),
        ),
        None => (
            "Compiled inline node is:".to_owned(),
            json!({"compiled": sql}),
        ),
    };
    match output {
        Preview::Json => writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?,
        Preview::Text if global.quiet => writeln!(out, "{sql}")?,
        Preview::Text => writeln!(out, "{head}\n{sql}\n")?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_taken_off_a_name_and_its_digits_left() {
        for word in ["e2", "+e2", "e2+", "1+e2+3", "@e2"] {
            assert_eq!(without_operators(word), "e2", "{word}");
        }
    }
}
