//! Jinja in the SQL of `wh query`.

use crate::compile::compile;
use crate::diagnostic::Result;
use crate::jinja::is_template;

use super::{Source, Warehouse};

/// Renders the SQL of a user as if it were a model: `ref`, `source`, `var` and macros work.
///
/// Text without Jinja comes back as it is, without reading the project's models.
///
/// # Errors
/// `Project` with the place in the template.
pub(crate) fn prepare(warehouse: &Warehouse, source: &Source) -> Result<String> {
    if !is_template(&source.text) {
        return Ok(source.text.clone());
    }
    let project = warehouse.project();
    let compiled = compile(project, warehouse.invocation())?;
    compiled.inline(&source.name, &source.text, project, None)
}
