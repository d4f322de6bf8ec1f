//! Jinja in the SQL of `wh query`.

use std::path::Path;

use crate::cli::args::Global;
use crate::cli::build::invocation;
use crate::compile::compile;
use crate::diagnostic::Result;

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
    let _ = global;
    let project = warehouse.project();
    let compiled = compile(project, &invocation("query", false)?)?;
    compiled.inline(Path::new("<sql>"), sql, project)
}
