//! Predicts the rows of a file with a model's champion.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use rayon::prelude::*;

use super::design::Design;
use super::encoder::Form;
use super::explain::{REASONS, reasons};
use super::frame::{Frame, Gather};
use super::model::Model;
use super::score::columns_of;
use super::{blocks, records, split};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Relation, Session, fetch, render};
use crate::ml::record::Batches;

/// Predicts the rows of a file in a temporary table of the session, and returns the query that shows them: the
/// columns that are no features, probability, class and reasons, in the order of the file.
///
/// # Errors
/// `Project` when the model has no champion or the file is of no known kind; `Environment` when it cannot be read;
/// `Data` when it lacks a feature, or a value is no number where one belongs.
pub fn predict_file(session: &mut dyn Session, name: &str, file: &Path) -> Result<String> {
    let Some(kept) = records::champion(session, name)? else {
        return Err(Diagnostic::project(format!(
            "ml model `{name}` has no champion that predicts"
        ))
        .hint("only a model with a `target` predicts new rows; `wh ml ls` lists the champions")
        .into());
    };
    let model = Model::read(&kept.bytes)?;
    let others = load(session, &model, file)?;
    let frame = read(session, &model, file, &others)?;
    let rows = split::numbers(frame.n_rows);
    let shown = file.display().to_string();
    let design = Design::new(&model.encoder, &frame, &rows, &shown)?;
    let batch = |rows: std::ops::Range<usize>| {
        let (found, why) = reasons(&model, &design, &frame, rows.clone());
        let numbers = rows.map(|row| i64::try_from(row + 1).unwrap_or(i64::MAX));
        let number: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
        let columns = columns_of(&model, &found, &why).into_iter();
        let columns = columns.chain([("wh row".to_owned(), number)]);
        Ok(RecordBatch::try_from_iter_with_nullable(
            columns.map(|(name, values)| (name, values, true)),
        )?)
    };
    let batches: Vec<RecordBatch> = blocks(rows.len())
        .into_par_iter()
        .map(batch)
        .collect::<Result<_>>()?;
    let reasons: Vec<usize> = (1..=REASONS).collect();
    let create = include_str!("create_file_predictions.sql");
    session.execute(&render(create, minijinja::context! { reasons })?)?;
    if !batches.is_empty() {
        let target = Relation {
            database: Some("temp".into()),
            schema: "main".into(),
            name: "wh predictions".into(),
        };
        session.append(&target, Batches::of(batches))?;
    }
    let others: Vec<String> = others
        .into_iter()
        .filter(|other| feature_of(&model, other).is_none())
        .collect();
    render(
        include_str!("file_predictions.sql"),
        minijinja::context! { others },
    )
}

/// Returns the number of the feature of that name.
fn feature_of(model: &Model, name: &str) -> Option<usize> {
    model
        .encoder
        .features
        .iter()
        .position(|feature| feature.name.eq_ignore_ascii_case(name))
}

/// Reads the file into a temporary table and returns the names of its columns.
fn load(session: &mut dyn Session, model: &Model, file: &Path) -> Result<Vec<String>> {
    let shown = file.display().to_string();
    let suffix = file
        .extension()
        .map(|suffix| suffix.to_string_lossy().to_lowercase());
    let kind = match suffix.as_deref() {
        Some("csv" | "tsv" | "txt") => "csv",
        Some("json" | "ndjson" | "jsonl") => "json",
        Some("parquet") => "parquet",
        _ => {
            return Err(
                Diagnostic::project(format!("`{shown}` is no file of a known kind"))
                    .hint("end its name in .csv, .json, .ndjson or .parquet")
                    .into(),
            );
        }
    };
    if !file.is_file() {
        return Err(Diagnostic::project(format!("there is no file `{shown}`")).into());
    }
    let sql = render(
        include_str!("read_file.sql"),
        minijinja::context! { path => &shown, kind },
    )?;
    session
        .execute(&sql)
        .map_err(|err| Diagnostic::data(format!("`{shown}` cannot be read")).because(err))?;
    let schema = fetch(session, include_str!("file_columns.sql"), &[])?.schema();
    let known: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let missing: Vec<&str> = model
        .encoder
        .features
        .iter()
        .map(|feature| feature.name.as_str())
        .filter(|name| !known.iter().any(|own| own.eq_ignore_ascii_case(name)))
        .collect();
    let Some(first) = missing.first() else {
        return Ok(known);
    };
    let names = missing
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let error = Diagnostic::data(format!(
        "`{shown}` has no column {names}, which the model has learnt from"
    ));
    Err(match nearest(first, known.iter().map(String::as_str)) {
        Some(near) => error
            .hint(format!("is `{near}` meant to be `{first}`? Rename it"))
            .into(),
        None => error
            .hint("give the file the columns of the model's `features`")
            .into(),
    })
}

fn read(session: &mut dyn Session, model: &Model, file: &Path, known: &[String]) -> Result<Frame> {
    let features = model.encoder.features.iter().map(|feature| {
        let own = known
            .iter()
            .find(|own| own.eq_ignore_ascii_case(&feature.name));
        (
            own.unwrap_or(&feature.name).clone(),
            matches!(feature.form, Form::Number { .. }),
        )
    });
    let features: Vec<_> = features.collect();
    let mut columns: Vec<Gather> = features
        .iter()
        .map(|(_, is_number)| Gather::new(*is_number))
        .collect();
    let sql = render(
        include_str!("file_rows.sql"),
        minijinja::context! { features => &features },
    )?;
    let mut n_rows = 0;
    session.query(&sql, &[], &mut |batch| {
        for (number, (name, is_number)) in features.iter().enumerate() {
            let wrong = batch.column(features.len() + number).as_string_opt::<i32>();
            if let Some((row, value)) = wrong.filter(|_| *is_number).and_then(|wrong| {
                (0..wrong.len())
                    .find(|row| wrong.is_valid(*row))
                    .map(|row| (row, wrong.value(row)))
            }) {
                let what = format!(
                    "`{name}` of `{}` is `{value}` in row {}, no number",
                    file.display(),
                    n_rows + row + 1
                );
                return Err(Diagnostic::data(what)
                    .hint("leave it empty where it is not known")
                    .into());
            }
            columns[number].add(name, batch.column(number))?;
        }
        n_rows += batch.num_rows();
        Ok(())
    })?;
    Ok(Frame {
        n_rows,
        columns: columns.into_iter().map(Gather::finish).collect(),
    })
}
