//! `wh.test_results` and `wh.row_counts`: what the tests of each run found, and how many rows its tables had.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;
use minijinja::context;
use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Result;
use crate::engine::{Param, RecordBatch, Relation, Session, fetch, render, transaction};

/// How one test went.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TestResult {
    /// Unique id of the test's node: the same from run to run.
    pub test_id: String,
    /// Name of the test's node.
    pub test_name: String,
    /// The generic test, such as `not_null`; `sql` for a query of its own.
    pub check_name: String,
    /// What it looks for, such as `missing values`.
    pub kind: String,
    /// The relation under test as `schema.name`; of several the first.
    pub relation: Option<String>,
    /// The column under test.
    pub column_name: Option<String>,
    /// What the test is for, in its author's words.
    pub description: Option<String>,
    /// `warn` or `error`: what a finding means.
    pub severity: String,
    /// `pass`, `warn`, `fail`, `error` or `skipped`.
    pub status: String,
    /// Offending rows, or what `fail_calc` counts.
    pub n_failures: Option<i64>,
    /// Rows of the relation under test, where they were counted.
    pub n_rows: Option<i64>,
    /// Some offending rows, as a JSON list of objects.
    pub sample: Option<String>,
    /// What is done about the findings: `meta.action` of the test.
    pub action: Option<String>,
    /// Why the test could not be run.
    pub message: Option<String>,
    /// Where the test is written.
    pub file: Option<String>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
}

/// What one run leaves behind.
#[derive(Debug)]
pub struct Results<'a> {
    /// Id of the run.
    pub run_id: &'a str,
    /// Start of the run, in microseconds since 1970-01-01 UTC.
    pub started_at: i64,
    /// Its tests.
    pub tests: Vec<TestResult>,
    /// Tables that it built.
    pub built: Vec<Relation>,
    /// Further relations, whose rows are counted for the tests' sake but not recorded.
    pub counted: Vec<Relation>,
}

/// Makes the tables of results; before several nodes run at once.
///
/// # Errors
/// As [`Session::execute`].
pub fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("prepare.sql"))?;
    Ok(())
}

/// Records a run's tests and the rows of its tables, in one transaction. Cost: a count of each relation.
///
/// # Errors
/// As [`Session::execute`].
pub fn record(session: &mut dyn Session, mut results: Results<'_>) -> Result<()> {
    let built: Vec<String> = results.built.iter().map(plain).collect();
    let mut relations = results.built;
    relations.extend(results.counted);
    let counts = count(session, &relations)?;
    for test in &mut results.tests {
        let relation = test.relation.as_ref();
        test.n_rows = relation.and_then(|relation| counts.get(relation).copied());
    }
    let recorded: BTreeMap<_, _> = counts
        .iter()
        .filter(|(relation, _)| built.contains(relation))
        .collect();
    let params = |json: String| {
        [
            results.run_id.into(),
            Param::Instant(results.started_at),
            Param::Text(json),
        ]
    };
    let tests = params(serde_json::to_string(&results.tests)?);
    let counts = params(serde_json::to_string(&recorded)?);
    transaction(session, |session| {
        if !results.tests.is_empty() {
            session.execute_with(include_str!("record.sql"), &tests)?;
        }
        if !recorded.is_empty() {
            session.execute_with(include_str!("record_counts.sql"), &counts)?;
        }
        Ok(())
    })
}

/// Returns the name under which a relation's results are kept: `schema.name`.
#[must_use]
pub fn plain(relation: &Relation) -> String {
    format!("{}.{}", relation.schema, relation.name)
}

fn count(session: &mut dyn Session, relations: &[Relation]) -> Result<BTreeMap<String, i64>> {
    if relations.is_empty() {
        return Ok(BTreeMap::new());
    }
    let pairs: Vec<_> = relations
        .iter()
        .map(|relation| (plain(relation), relation.to_string()))
        .collect();
    let sql = render(include_str!("count.sql"), context! {relations => pairs})?;
    let counts = fetch(session, &sql, &[])?;
    let numbers = counts.column(1).as_primitive::<Int64Type>();
    (0..counts.num_rows())
        .map(|row| {
            Ok((
                array_value_to_string(counts.column(0), row)?,
                numbers.value(row),
            ))
        })
        .collect()
}

/// Writes rows as a JSON list of objects: numbers and truth values as such, everything else as text.
///
/// # Errors
/// When a value has no textual form.
pub fn json(batch: &RecordBatch) -> Result<String> {
    let schema = batch.schema();
    let mut rows = vec![serde_json::Map::new(); batch.num_rows()];
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        for (number, row) in rows.iter_mut().enumerate() {
            row.insert(field.name().clone(), cell(column.as_ref(), number)?);
        }
    }
    Ok(serde_json::to_string(&rows)?)
}

fn cell(column: &dyn Array, row: usize) -> Result<Value> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    let value = column.slice(row, 1);
    Ok(match column.data_type() {
        DataType::Boolean => Value::from(value.as_boolean().value(0)),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            let wide = arrow::compute::cast(&value, &DataType::Int64)?;
            Value::from(wide.as_primitive::<Int64Type>().value(0))
        }
        DataType::Float32 | DataType::Float64 => {
            let wide = arrow::compute::cast(&value, &DataType::Float64)?;
            Value::from(wide.as_primitive::<Float64Type>().value(0))
        }
        _ => Value::from(array_value_to_string(column, row)?),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Date32Array, Float64Array, Int32Array, StringArray};

    use super::*;

    #[test]
    fn a_sample_keeps_numbers_and_nulls_and_writes_dates_as_text() {
        let batch = RecordBatch::try_from_iter([
            (
                "n",
                Arc::new(Int32Array::from(vec![Some(7), None])) as ArrayRef,
            ),
            ("x", Arc::new(Float64Array::from(vec![0.5, f64::NAN]))),
            ("s", Arc::new(StringArray::from(vec!["a\"b", "–"]))),
            ("day", Arc::new(Date32Array::from(vec![19_783, 0]))),
        ])
        .unwrap();
        assert_eq!(
            json(&batch).unwrap(),
            r#"[{"n":7,"x":0.5,"s":"a\"b","day":"2024-03-01"},{"n":null,"x":null,"s":"–","day":"1970-01-01"}]"#
        );
    }
}
