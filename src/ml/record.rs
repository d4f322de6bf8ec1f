//! Writes the predictions and what was learnt.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::table::widen;
use super::{Examples, Fitted, Request};
use crate::diagnostic::Result;
use crate::engine::{Param, Relation, Scan, SchemaRef, Session, render};

/// A trained model on its way to the warehouse.
pub(super) struct Learnt<'a> {
    pub(super) examples: &'a Examples,
    pub(super) fitted: &'a Fitted,
    /// Key and features of the examples as they are in the table.
    pub(super) kept: Vec<RecordBatch>,
}

/// Makes the records' tables, unless they are there.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("create_records.sql"))?;
    Ok(())
}

/// Writes all of it and returns the number of predictions. Call it in a transaction.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn write(
    session: &mut dyn Session,
    request: &Request<'_>,
    learnt: &Learnt<'_>,
) -> Result<u64> {
    let rows = predictions(session, request, learnt)?;
    prepare(session)?;
    let name = || Param::from(request.model.name.as_str());
    for forget in [
        include_str!("forget_model.sql"),
        include_str!("forget_metrics.sql"),
        include_str!("forget_clusters.sql"),
    ] {
        session.execute_with(forget, &[name()])?;
    }
    let fitted = learnt.fitted;
    session.execute_with(
        include_str!("record_model.sql"),
        &[
            name(),
            Param::from(request.model.algorithm.as_deref().unwrap_or_default()),
            Param::Int(i64::try_from(learnt.examples.len())?),
            Param::Int(fitted.seed),
            Param::from(fitted.params.to_string()),
            Param::Instant(request.now),
            request
                .data_version
                .as_deref()
                .map_or(Param::Null, Param::from),
        ],
    )?;
    for (metric, value) in &fitted.metrics {
        let algorithm = Param::from(request.model.algorithm.as_deref().unwrap_or_default());
        let values = [
            name(),
            Param::from(*metric),
            Param::Float(*value),
            algorithm,
        ];
        session.execute_with(include_str!("record_metric.sql"), &values)?;
    }
    if !fitted.clusters.is_empty() {
        let batch = clusters(&request.model.name, learnt)?;
        session.append(
            &Relation::new("wh", "ml_clusters"),
            Batches::of(vec![batch]),
        )?;
    }
    Ok(rows)
}

fn predictions(
    session: &mut dyn Session,
    request: &Request<'_>,
    learnt: &Learnt<'_>,
) -> Result<u64> {
    let model = request.model;
    let known = session.columns(request.input)?;
    let copied = model
        .key
        .iter()
        .chain(&model.features)
        .filter_map(|name| known.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)));
    let made = learnt.fitted.columns.iter().map(|column| {
        (
            column.name.to_owned(),
            sql_type(column.values.data_type()).to_owned(),
        )
    });
    let columns: Vec<(String, String)> = copied.cloned().chain(made).collect();
    let sql = render(
        include_str!("create_predictions.sql"),
        minijinja::context! {
            schema => &request.output.schema,
            output => request.output.to_string(),
            columns,
        },
    )?;
    session.execute(&sql)?;
    let wide = widen(&learnt.kept, &learnt.fitted.columns)?;
    session.append(request.output, Batches::of(wide))
}

/// Returns the SQL type of a prediction's column.
fn sql_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Float64 => "double",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::Boolean => "boolean",
        _ => "varchar",
    }
}

/// A row a cluster and feature, with the columns of `wh.ml_clusters`.
fn clusters(model: &str, learnt: &Learnt<'_>) -> Result<RecordBatch> {
    let Learnt {
        examples, fitted, ..
    } = learnt;
    let rows = || {
        let features = |(cluster, found)| {
            (0..examples.features.len()).map(move |feature| (cluster, found, feature))
        };
        fitted.clusters.iter().enumerate().flat_map(features)
    };
    let field = |name: &str, data_type| Field::new(name, data_type, false);
    let schema = Schema::new(vec![
        field("model", DataType::Utf8),
        field("cluster", DataType::Int32),
        field("label", DataType::Utf8),
        field("size", DataType::Int64),
        field("feature", DataType::Utf8),
        field("center", DataType::Float64),
        field("center_scaled", DataType::Float64),
    ]);
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let center = |(_, found, feature): (usize, &super::Cluster, usize)| {
        examples.scaling.original(feature, found.center[feature])
    };
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(StringArray::from_iter_values(rows().map(|_| model))),
            Arc::new(Int32Array::from_iter_values(
                rows().map(|row| i32::try_from(row.0).unwrap_or(i32::MAX)),
            )),
            Arc::new(StringArray::from_iter_values(
                rows().map(|row| &row.1.label),
            )),
            Arc::new(Int64Array::from_iter_values(
                rows().map(|row| whole(row.1.size)),
            )),
            Arc::new(StringArray::from_iter_values(
                rows().map(|row| &examples.features[row.2]),
            )),
            Arc::new(Float64Array::from_iter_values(rows().map(center))),
            Arc::new(Float64Array::from_iter_values(
                rows().map(|row| row.1.center[row.2]),
            )),
        ],
    )?)
}

/// Batches that lie in memory; at least one.
pub(super) struct Batches {
    schema: SchemaRef,
    left: Mutex<std::vec::IntoIter<RecordBatch>>,
}

impl Batches {
    /// Holds `batches`, all of the same columns.
    pub(super) fn of(batches: Vec<RecordBatch>) -> Arc<Self> {
        Arc::new(Self {
            schema: batches
                .first()
                .map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema),
            left: Mutex::new(batches.into_iter()),
        })
    }
}

impl Scan for Batches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next(&self) -> Result<Option<RecordBatch>> {
        Ok(self
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next())
    }
}
