//! The files of a report: written beside their targets, then renamed, the page last.

use std::fs;
use std::path::{Path, PathBuf};

use super::page::Drawing;
use super::{Outcome, Request, chart};
use crate::diagnostic::{Diagnostic, Result};
use crate::project::nodes::Report;

/// Pixels of a PNG for each pixel of its SVG: sharp on screens of double density.
const SCALE: f32 = 2.0;

/// Refuses targets that no page can be written to.
///
/// # Errors
/// `Project`, with the place of the declaration, when a target is neither HTML nor PDF.
pub(super) fn check_targets(report: &Report) -> Result<()> {
    let is_known = |path: &PathBuf| is_a(path, "html") || is_a(path, "pdf");
    match report.to.iter().find(|path| !is_known(path)) {
        None => Ok(()),
        Some(path) => Err(Diagnostic::project(format!(
            "report `{}` cannot be written as `{}`",
            report.name,
            path.display()
        ))
        .at(&report.at)
        .hint("reports are written as .html and .pdf")
        .into()),
    }
}

/// Returns whether a report is written as PDF.
pub(super) fn has_pdf(report: &Report) -> bool {
    report.to.iter().any(|path| is_a(path, "pdf"))
}

fn is_a(path: &Path, suffix: &str) -> bool {
    path.extension().is_some_and(|own| own == suffix)
}

/// Writes a page to every target of the report, as `html` or `pdf`; beside an HTML page, its charts.
///
/// # Errors
/// `Environment` when a file cannot be written; `Bug` when a chart cannot be drawn as PNG.
pub(super) fn write(
    request: &Request<'_>,
    (html, pdf): (&[u8], &[u8]),
    drawings: &[Drawing],
) -> Result<Outcome> {
    let mut outcome = Outcome { files: Vec::new() };
    for target in &request.report.to {
        if is_a(target, "pdf") {
            write_all(request.root, &[(target.clone(), pdf)])?;
            outcome.files.push(target.clone());
            continue;
        }
        let charts = charts(drawings)?;
        let folder = target.with_extension("");
        let mut files = charts
            .iter()
            .map(|(name, bytes)| (folder.join(name), bytes.as_slice()))
            .collect::<Vec<_>>();
        files.push((target.clone(), html));
        write_all(request.root, &files)?;
        remove_old_charts(&request.root.join(&folder), &charts);
        outcome.files.push(target.clone());
        outcome
            .files
            .extend(charts.iter().map(|(name, _)| folder.join(name)));
    }
    Ok(outcome)
}

/// Returns name and bytes of each chart as SVG and as PNG.
fn charts(drawings: &[Drawing]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut charts = Vec::new();
    for Drawing { name, svg, .. } in drawings {
        charts.push((format!("{name}.svg"), svg.clone().into_bytes()));
        charts.push((format!("{name}.png"), chart::png(svg, SCALE)?));
    }
    Ok(charts)
}

/// A file's path, relative to the project's folder, and its bytes.
type File<'a> = (PathBuf, &'a [u8]);

/// Writes every file under another name first, and renames them only when all are whole.
fn write_all(root: &Path, files: &[File<'_>]) -> Result<()> {
    let outcome = write_parts(root, files).and_then(|()| rename_parts(root, files));
    if outcome.is_err() {
        for (path, _) in files {
            if let Err(err) = fs::remove_file(part_of(&root.join(path))) {
                tracing::debug!(file = %path.display(), error = %err, "no part to remove");
            }
        }
    }
    outcome
}

fn write_parts(root: &Path, files: &[File<'_>]) -> Result<()> {
    for (path, bytes) in files {
        let target = root.join(path);
        let folder = target.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(part_of(&target), bytes))
            .map_err(|err| unwritable(path, err))?;
    }
    Ok(())
}

fn rename_parts(root: &Path, files: &[File<'_>]) -> Result<()> {
    for (path, _) in files {
        let target = root.join(path);
        fs::rename(part_of(&target), &target).map_err(|err| unwritable(path, err))?;
    }
    Ok(())
}

/// `reports/sales.html` is written as `reports/.sales.html.tmp`.
fn part_of(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.tmp"))
}

fn unwritable(path: &Path, err: std::io::Error) -> anyhow::Error {
    Diagnostic::environment(format!("`{}` cannot be written", path.display()))
        .because(err)
        .into()
}

/// Removes charts that an earlier run of this report wrote and this one did not; no other file is touched.
fn remove_old_charts(folder: &Path, written: &[(String, Vec<u8>)]) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_svg = path.extension().is_some_and(|suffix| suffix == "svg");
        if !is_svg || written.iter().any(|(file, _)| *file == name) {
            continue;
        }
        if fs::read_to_string(&path).is_ok_and(|svg| svg.contains(chart::WRITTEN_BY)) {
            for old in [path.with_extension("png"), path] {
                if let Err(err) = fs::remove_file(&old) {
                    tracing::debug!(file = %old.display(), error = %err, "old chart stays");
                }
            }
        }
    }
}
