//! The rows of an input of a unit test for which none are written: those of the seed's file.

use serde_yaml::{Mapping, Value};

use super::named_in;
use crate::diagnostic::{Diagnostic, Result};
use crate::project::nodes::Reference;
use crate::project::{Given, Project};

/// Reads the rows of the seed that an input is, each value as its text.
///
/// # Errors
/// `Project` with the input's place when it is no seed; `Environment` or `Data` when its file cannot be read.
pub(super) fn of_seed(project: &Project, package: &str, given: &Given) -> Result<Vec<Mapping>> {
    let named = named_in(&given.input).into_iter().next();
    let Some(Reference::Ref {
        package: other,
        name,
        ..
    }) = named
    else {
        return Err(none(given));
    };
    let package = other.as_deref().unwrap_or(package);
    let packages = project.packages.iter();
    let mut seeds = packages
        .filter(|known| known.name == package)
        .flat_map(|known| &known.seeds);
    let Some(file) = seeds.find(|file| file.stem() == name) else {
        return Err(none(given));
    };
    let wrong = |err: csv::Error| {
        let what = format!("`{}` cannot be read", file.path.display());
        Diagnostic::data(what).because(err)
    };
    let path = project.root.join(&file.path);
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    let names = reader.headers().map_err(wrong)?.clone();
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(wrong)?;
        let cells = names.iter().zip(&row);
        let text = |text: &str| Value::string(text.to_owned());
        Ok(cells.map(|(name, cell)| (text(name), text(cell))).collect())
    };
    reader.records().map(row).collect()
}

fn none(given: &Given) -> anyhow::Error {
    Diagnostic::project(format!("`{}` has no rows, and is no seed", given.input))
        .at(&given.at)
        .hint("write `rows:`, a list of mappings; `rows: []` for none")
        .into()
}
