//! `wh features get`: online values, without opening the warehouse.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use serde_json::Value;

use super::args::{GetArgs, Output};
use crate::cli::args::Global;
use crate::cli::build::present;
use crate::cli::output::{self, Format};
use crate::cli::project;
use crate::cli::terminal::screen;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::RecordBatch;
use crate::features::online::{Answer, Question, answer};
use crate::state::State;

/// Prints the latest values of the entities.
///
/// # Errors
/// `Project` when the view is not in the online store, lacks a feature, or has other entity columns.
pub(super) fn get(global: &Global, args: &GetArgs) -> Result<()> {
    let state = State::open(&project::root(global)?)?;
    let view = state.online_view(&args.view)?.ok_or_else(|| {
        Diagnostic::project(format!(
            "feature view `{}` is not in the online store",
            args.view
        ))
        .hint(format!(
            "`wh features materialize {}` puts it there",
            args.view
        ))
    })?;
    let entities = columns(&view.entity, args)?;
    let features = match args.features.as_slice() {
        [] => vec![args.view.clone()],
        names => names
            .iter()
            .map(|name| format!("{}:{name}", args.view))
            .collect(),
    };
    let found = answer(
        &state,
        &Question {
            features: &features,
            entities: &entities,
            full_feature_names: false,
            now: present()?,
        },
    )?;
    match args.output {
        Output::Json => writeln!(
            std::io::stdout(),
            "{}",
            serde_json::to_string_pretty(&found)?
        )?,
        Output::Table => table(global, &found, view.entity.len())?,
    }
    Ok(())
}

/// Hands the values of the command line to the entity's columns in turn.
fn columns(names: &[String], args: &GetArgs) -> Result<Vec<(String, Vec<Value>)>> {
    if !args.entities.len().is_multiple_of(names.len()) {
        let what = format!(
            "{} values are no entities of `{}`, which have {} columns: {}",
            args.entities.len(),
            args.view,
            names.len(),
            names.join(", ")
        );
        return Err(Diagnostic::project(what).into());
    }
    let column = |(at, name): (usize, &String)| {
        let values = args.entities.iter().skip(at).step_by(names.len());
        let values = values.map(|value| Value::from(value.as_str())).collect();
        (name.clone(), values)
    };
    Ok(names.iter().enumerate().map(column).collect())
}

/// Prints a row an entity and feature.
fn table(global: &Global, found: &Answer, n_keys: usize) -> Result<()> {
    let (keys, features) = found.results.split_at(n_keys);
    let names = &found.metadata.feature_names;
    let n_entities = keys.first().map_or(0, |key| key.values.len());
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); n_keys + 4];
    for row in 0..n_entities {
        for (feature, name) in features.iter().zip(&names[n_keys..]) {
            for (column, key) in keys.iter().enumerate() {
                columns[column].push(shown(&key.values[row]));
            }
            let status = serde_json::to_value(feature.statuses[row])?;
            let cells = [
                Some(name.clone()),
                shown(&feature.values[row]),
                shown(&status),
                feature.event_timestamps[row].clone(),
            ];
            for (column, cell) in columns[n_keys..].iter_mut().zip(cells) {
                column.push(cell);
            }
        }
    }
    let own = ["feature", "value", "status", "event_timestamp"];
    let heads = names[..n_keys].iter().map(String::as_str).chain(own);
    let fields: Vec<_> = heads
        .map(|name| Field::new(name, DataType::Utf8, true))
        .collect();
    let arrays = columns
        .into_iter()
        .map(|cells| -> ArrayRef { Arc::new(StringArray::from(cells)) });
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.collect())?;
    let mut out = std::io::stdout().lock();
    let mut writer = output::writer(Format::Table, &rows.schema(), screen(global));
    writer.write(&rows, &mut out)?;
    writer.finish(&mut out)?;
    Ok(())
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
