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

use crate::diagnostic::Result;
use crate::engine::{RecordBatch, Session, fetch, render};

/// Offending rows that are shown to people.
const SAMPLE: u64 = 5;

/// Returns some of the rows that a test selects; `sql` is its query.
///
/// # Errors
/// What the engine answers.
pub fn sample(session: &mut dyn Session, sql: &str) -> Result<RecordBatch> {
    let values = context! {sql, limit => SAMPLE};
    fetch(session, &render(include_str!("sample.sql"), values)?, &[])
}
