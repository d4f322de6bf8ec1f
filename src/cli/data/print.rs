//! Versions as people and programs read them.

use std::io::Write;

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use crate::cli::query::thousands;
use crate::diagnostic::Result;
use crate::version::{Tag, Version};

/// Writes a size in bytes with its unit.
pub(super) fn size(n_bytes: u64) -> String {
    match n_bytes as f64 / 1024.0 {
        _ if n_bytes < 1024 => format!("{n_bytes} B"),
        kib if kib < 1024.0 => format!("{kib:.1} KiB"),
        kib if kib < 1024.0 * 1024.0 => format!("{:.1} MiB", kib / 1024.0),
        kib => format!("{:.2} GiB", kib / 1024.0 / 1024.0),
    }
}

/// Writes a count of tables.
pub(super) fn tables(n: usize) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} table{plural}", thousands(n as u64))
}

/// Prints versions, one a line.
pub(super) fn log(out: &mut dyn Write, versions: &[Version], tags: &[Tag]) -> Result<()> {
    let lines = versions.iter().map(|version| {
        let names = names(version, tags);
        let named = match names.is_empty() {
            true => version.message.clone(),
            false => format!("({}) {}", names.join(", "), version.message),
        };
        let n_rows: u64 = version.tables.iter().map(|table| table.n_rows).sum();
        vec![
            version.name(),
            version.short_hash().to_owned(),
            version.committed_at.strftime("%Y-%m-%d %H:%M").to_string(),
            git(version),
            version.source.clone(),
            tables(version.tables.len()),
            crate::cli::query::rows(n_rows),
            named.lines().next().unwrap_or_default().to_owned(),
        ]
    });
    aligned(out, &lines.collect::<Vec<_>>())
}

/// Prints versions as JSON.
pub(super) fn log_json(out: &mut dyn Write, versions: &[Version], tags: &[Tag]) -> Result<()> {
    let versions = versions.iter().map(|version| summary(version, tags));
    let versions: Vec<_> = versions.collect();
    writeln!(out, "{}", serde_json::to_string_pretty(&versions)?)?;
    Ok(())
}

/// Prints all of a version.
pub(super) fn show(out: &mut dyn Write, version: &Version, tags: &[Tag]) -> Result<()> {
    let names = names(version, tags);
    writeln!(out, "version  {} ({})", version.name(), version.hash)?;
    if !names.is_empty() {
        writeln!(out, "tags     {}", names.join(", "))?;
    }
    if let Some(parent) = version.parent {
        writeln!(out, "parent   v{parent}")?;
    }
    writeln!(out, "author   {}", version.author)?;
    writeln!(out, "date     {}", version.committed_at)?;
    writeln!(out, "source   {}", version.source)?;
    if let Some(commit) = &version.git_commit {
        let dirty = if version.git_dirty {
            ", with changes"
        } else {
            ""
        };
        writeln!(out, "git      {commit}{dirty}")?;
    }
    writeln!(out)?;
    for line in version.message.lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(out)?;
    let lines = version.tables.iter().map(|table| {
        vec![
            table.shown(),
            table.hash.get(..8).unwrap_or_default().to_owned(),
            crate::cli::query::rows(table.n_rows),
            size(table.n_bytes),
        ]
    });
    aligned(out, &lines.collect::<Vec<_>>())?;
    if !version.files.is_empty() {
        writeln!(out)?;
    }
    let lines = version.files.iter().map(|file| {
        vec![
            file.path.clone(),
            file.sha256.get(..8).unwrap_or_default().to_owned(),
            size(file.n_bytes),
        ]
    });
    aligned(out, &lines.collect::<Vec<_>>())
}

/// Prints all of a version as JSON.
pub(super) fn show_json(out: &mut dyn Write, version: &Version, tags: &[Tag]) -> Result<()> {
    let mut value = summary(version, tags);
    value["tables"] = version
        .tables
        .iter()
        .map(|table| {
            json!({
                "schema": table.schema,
                "name": table.name,
                "hash": table.hash,
                "schema_hash": table.schema_hash,
                "rows": table.n_rows,
                "bytes": table.n_bytes,
                "key": table.key,
                "columns": table.columns.iter().map(|column| json!({"name": column.name, "type": column.sql_type})).collect::<Vec<_>>(),
                "objects": table.chunks.iter().map(|chunk| &chunk.object).collect::<Vec<_>>(),
            })
        })
        .collect();
    value["files"] = version
        .files
        .iter()
        .map(|file| json!({"path": file.path, "sha256": file.sha256, "bytes": file.n_bytes}))
        .collect();
    writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    Ok(())
}

fn summary(version: &Version, tags: &[Tag]) -> serde_json::Value {
    json!({
        "version": version.name(),
        "hash": version.hash,
        "parent": version.parent.map(|parent| format!("v{parent}")),
        "tags": names(version, tags),
        "committed_at": version.committed_at.to_string(),
        "source": version.source,
        "author": version.author,
        "message": version.message,
        "git_commit": version.git_commit,
        "git_dirty": version.git_dirty,
        "n_tables": version.tables.len(),
        "n_rows": version.tables.iter().map(|table| table.n_rows).sum::<u64>(),
        "n_bytes": version.tables.iter().map(|table| table.n_bytes).sum::<u64>(),
        "n_files": version.files.len(),
    })
}

fn names(version: &Version, tags: &[Tag]) -> Vec<String> {
    let named = tags.iter().filter(|tag| tag.version == version.number);
    named.map(|tag| tag.name.clone()).collect()
}

/// Returns the start of the git commit, with a star when files differed from it.
fn git(version: &Version) -> String {
    let commit = version.git_commit.as_deref();
    let short = commit.and_then(|commit| commit.get(..7)).unwrap_or("-");
    let star = if version.git_dirty { "*" } else { "" };
    format!("{short}{star}")
}

/// Prints lines with their cells one below the other; what begins with a digit is a number, and ends where others end.
pub(super) fn aligned(out: &mut dyn Write, lines: &[Vec<String>]) -> Result<()> {
    let n_columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..n_columns).map(width).collect();
    for line in lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let gap = " ".repeat(width - cell.width());
            match is_measure(cell) {
                true => text += &format!("{gap}{cell}  "),
                false => text += &format!("{cell}{gap}  "),
            }
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// Returns whether a cell is a number with its unit: `12 rows`, `1.2 MiB`.
fn is_measure(cell: &str) -> bool {
    let units = ["row", "rows", "table", "tables", "B", "KiB", "MiB", "GiB"];
    let number = |text: &str| {
        text.bytes()
            .all(|c| c.is_ascii_digit() || b",.".contains(&c))
    };
    cell.rsplit_once(' ')
        .is_some_and(|(start, unit)| units.contains(&unit) && number(start))
}
