//! Differences as people and programs read them.

use std::io::Write;

use serde_json::json;

use super::print::{aligned, size, tables};
use crate::cli::query::thousands;
use crate::diagnostic::Result;
use crate::version::{Cells, Diff, Sample, TableDiff};

/// Prints what differs, a line a table, its columns and rows below.
pub(super) fn diff(out: &mut dyn Write, diff: &Diff, (from, to): &(String, String)) -> Result<()> {
    writeln!(out, "{from} -> {to}")?;
    let lines: Vec<_> = diff.tables.iter().map(line).collect();
    let mut printed = Vec::new();
    aligned(&mut printed, &lines)?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    for (table, line) in diff.tables.iter().zip(printed.lines()) {
        writeln!(out, "{line}")?;
        details(out, table)?;
    }
    for (sign, files) in [("+", &diff.files_added), ("-", &diff.files_removed)] {
        for file in files {
            writeln!(out, "{sign} {}  {}", file.path, size(file.n_bytes))?;
        }
    }
    writeln!(out, "{} the same", tables(diff.n_same))?;
    Ok(())
}

/// Sign, name, rows before and after, and how many came, went and changed.
fn line(table: &TableDiff) -> Vec<String> {
    let count = |rows: Option<u64>| rows.map_or_else(|| "none".into(), thousands);
    let sign = match (table.rows_before, table.rows_after) {
        (None, _) => "+",
        (_, None) => "-",
        _ => "~",
    };
    let mut parts = Vec::new();
    for (sign, n) in [
        ("+", table.added),
        ("-", table.removed),
        ("~", table.changed),
    ] {
        if n > 0 {
            parts.push(format!("{sign}{}", thousands(n)));
        }
    }
    if parts.is_empty() {
        parts.push("the same rows".into());
    } else if !table.key.is_empty() {
        parts.push(format!("by {}", table.key.join(", ")));
    }
    vec![
        format!("{sign} {}", table.name),
        format!(
            "{} -> {} rows",
            count(table.rows_before),
            count(table.rows_after)
        ),
        parts.join(" "),
    ]
}

fn details(out: &mut dyn Write, table: &TableDiff) -> Result<()> {
    for column in &table.columns {
        let name = &column.name;
        match (&column.before, &column.after) {
            (Some(before), Some(after)) => {
                writeln!(out, "    ~ column {name}: {before} -> {after}")?;
            }
            (Some(before), None) => writeln!(out, "    - column {name} {before}")?,
            (None, Some(after)) => writeln!(out, "    + column {name} {after}")?,
            (None, None) => {}
        }
    }
    for sample in &table.samples {
        writeln!(out, "    {}", row(sample, &table.key))?;
    }
    Ok(())
}

fn row(sample: &Sample, key: &[String]) -> String {
    match (&sample.before, &sample.after) {
        (Some(before), Some(after)) => {
            let is_key = |name: &String| key.iter().any(|key| key.eq_ignore_ascii_case(name));
            let named = after.iter().filter(|(name, _)| is_key(name));
            let named: Vec<_> = named.map(|(name, cell)| pair(name, cell)).collect();
            let changes = before
                .iter()
                .zip(after)
                .filter(|(before, after)| before != after);
            let changes: Vec<_> = changes
                .map(|((name, before), (_, after))| {
                    format!("{name} {} -> {}", text(before), text(after))
                })
                .collect();
            format!("~ {}: {}", named.join(" "), changes.join(", "))
        }
        (Some(cells), None) => format!("- {}", pairs(cells)),
        (None, Some(cells)) => format!("+ {}", pairs(cells)),
        (None, None) => String::new(),
    }
}

fn pairs(cells: &Cells) -> String {
    let pairs = cells.iter().map(|(name, cell)| pair(name, cell));
    pairs.collect::<Vec<_>>().join(" ")
}

fn pair(name: &str, cell: &Option<String>) -> String {
    format!("{name}={}", text(cell))
}

/// Writes a cell so that its ends are seen: text with spaces in quotes, NULL without.
fn text(cell: &Option<String>) -> String {
    match cell {
        None => "NULL".into(),
        Some(text) if text.is_empty() || text.contains(char::is_whitespace) => format!("{text:?}"),
        Some(text) => text.clone(),
    }
}

/// Prints what differs as one JSON object.
pub(super) fn diff_json(
    out: &mut dyn Write,
    diff: &Diff,
    (from, to): &(String, String),
) -> Result<()> {
    let cells = |cells: &Option<Cells>| -> serde_json::Value {
        match cells {
            None => serde_json::Value::Null,
            Some(cells) => cells
                .iter()
                .map(|(name, cell)| (name.clone(), json!(cell)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    };
    let tables: Vec<_> = diff
        .tables
        .iter()
        .map(|table| {
            json!({
                "name": table.name,
                "rows_before": table.rows_before,
                "rows_after": table.rows_after,
                "columns": table.columns.iter().map(|column| json!({
                    "name": column.name, "before": column.before, "after": column.after,
                })).collect::<Vec<_>>(),
                "key": table.key,
                "added": table.added,
                "removed": table.removed,
                "changed": table.changed,
                "samples": table.samples.iter().map(|sample| json!({
                    "before": cells(&sample.before), "after": cells(&sample.after),
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let files = |files: &[crate::version::LakeFile]| -> Vec<_> {
        let files = files.iter();
        files
            .map(|file| json!({"path": file.path, "sha256": file.sha256, "bytes": file.n_bytes}))
            .collect()
    };
    let value = json!({
        "from": from,
        "to": to,
        "tables": tables,
        "n_same": diff.n_same,
        "files_added": files(&diff.files_added),
        "files_removed": files(&diff.files_removed),
    });
    writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    Ok(())
}
