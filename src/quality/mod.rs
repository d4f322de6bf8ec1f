//! Judges data: a test selects the offending rows, and what it found is recorded. Repairs nothing.

mod kind;
mod profile;
mod report;
mod results;

use minijinja::context;

pub use self::kind::kind;
pub use self::profile::{PROFILE, SUMMARY, Subject, profile, profile_file};
pub use self::report::{ISSUES, REPORT, Scope, gather, report_file};
pub use self::results::{Results, TestResult, json, plain, prepare, record};

use crate::compile::Config;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{RecordBatch, Session, fetch, render};

/// Offending rows that are shown to people.
const SAMPLE: u64 = 5;

/// What a test found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The failing measure: by default the number of offending rows.
    pub failures: i64,
    /// Whether that is worth a warning, an error, or nothing.
    pub severity: Option<Severity>,
    /// Some offending rows, when there are any.
    pub sample: Option<RecordBatch>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The run goes on.
    Warn,
    /// What reads the tested relation is not built.
    Error,
}

/// Runs a test's query and judges by its `severity`, `fail_calc`, `warn_if`, `error_if` and `limit`.
///
/// # Errors
/// What the engine answers; `Project` when `fail_calc` gives no number.
pub fn check(session: &mut dyn Session, sql: &str, config: &Config) -> Result<Verdict> {
    let text = |key: &str, default: &str| config.text(key).unwrap_or_else(|| default.into());
    let values = context! {
        sql,
        fail_calc => text("fail_calc", "count(*)"),
        warn_if => text("warn_if", "!= 0"),
        error_if => text("error_if", "!= 0"),
        limit => config.text("limit"),
    };
    let found = fetch(session, &render(include_str!("verdict.sql"), values)?, &[])?;
    let cell = |column: usize| -> Result<i64> {
        let numbers =
            arrow::compute::cast(found.column(column), &arrow::datatypes::DataType::Int64)?;
        let numbers = arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(&numbers);
        let known = found.num_rows() == 1 && !arrow::array::Array::is_null(numbers, 0);
        known
            .then(|| numbers.value(0))
            .ok_or_else(|| Diagnostic::project("`fail_calc` of the test gives no number").into())
    };
    let (failures, warns, fails) = (cell(0)?, cell(1)? != 0, cell(2)? != 0);
    let severity = match text("severity", "error").to_lowercase() == "error" {
        true if fails => Some(Severity::Error),
        _ if warns => Some(Severity::Warn),
        _ => None,
    };
    let sample = match severity {
        None => None,
        Some(_) => {
            let values = context! {sql, limit => SAMPLE};
            Some(fetch(
                session,
                &render(include_str!("sample.sql"), values)?,
                &[],
            )?)
        }
    };
    Ok(Verdict {
        failures,
        severity,
        sample,
    })
}
