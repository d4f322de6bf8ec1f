//! What a report of a model shows, as temporary views of a session, and the report's own text. Writes no page.

use crate::diagnostic::Result;
use crate::engine::Session;

/// The report: Markdown with queries on the views that [`gather`] makes.
pub const PAGE: &str = include_str!("report.md");

/// A report without a page: headings, each with a query on the views that [`gather`] makes.
pub const SECTIONS: &[(&str, &str)] = &[
    ("The best candidate", include_str!("about.sql")),
    ("How good the candidates are", include_str!("measures.sql")),
    ("What matters", include_str!("importances.sql")),
    (
        "Right and wrong on the test rows, at a probability of 0.5",
        include_str!("confusion.sql"),
    ),
    ("Parameters", include_str!("parameters.sql")),
    (
        "What took the place of missing values and outliers",
        include_str!("preprocessing.sql"),
    ),
];

/// Makes temporary views of one version of a model.
///
/// # Errors
/// As [`Session::execute`].
pub fn gather(session: &mut dyn Session, model: &str, version: i32) -> Result<()> {
    let params = [model.into(), i64::from(version).into()];
    session.execute_with(include_str!("choose.sql"), &params)?;
    session.execute(include_str!("views.sql"))?;
    Ok(())
}
