//! What is said of calls of macros that cannot be.

use minijinja::Error;

use super::errors::raise;
use super::unit::Routine;
use crate::diagnostic::Diagnostic;

/// Most macros within macros.
pub(crate) const MAX_DEPTH: u32 = 400;

/// Says that macros call each other too deep.
pub(crate) fn too_deep(name: &str) -> Diagnostic {
    Diagnostic::project(format!(
        "macro `{name}` is called within macros more than {MAX_DEPTH} deep"
    ))
    .hint("look for a macro that calls itself without an end")
}

pub(crate) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Says why a call does not fit a macro's parameters.
pub(crate) fn misfit(routine: &Routine, what: &str) -> Error {
    let diagnostic = Diagnostic::project(format!("macro `{}` {what}", routine.name));
    raise(diagnostic.hint(format!("its signature is `{}`", routine.signature)))
}
