//! Saying warnings, or failing with them where the flags want that.

use super::args::Global;
use super::say;
use crate::compile::Verdict;
use crate::diagnostic::{Diagnostic, Result};

/// What a criterion that no node meets is called.
pub(super) const NO_NODES: &str = "NoNodesForSelectionCriteria";

/// What criteria are called that a selector is in place of.
pub(super) const IDLE_SELECTION: &str = "SelectExcludeIgnoredWithSelectorWarning";

/// What a call is called that no node is left for.
pub(super) const NOTHING_TO_DO: &str = "NothingToDo";

/// Says a remark that dbt counts among the warnings, or fails with it where the flags want that.
///
/// # Errors
/// As [`warn`].
pub(super) fn note(global: &Global, name: &str, text: &str) -> Result<()> {
    match global.flags.verdict(name)? {
        Verdict::Refused => Err(Diagnostic::project(text).into()),
        Verdict::Said => {
            say(text);
            Ok(())
        }
        Verdict::Silenced => Ok(()),
    }
}

/// Says a warning, or fails with it where the flags want that.
///
/// # Errors
/// `Project` with the warning itself, when it counts as an error; for options that are none.
pub(super) fn warn(global: &Global, name: &str, warning: Diagnostic) -> Result<()> {
    match global.flags.verdict(name)? {
        Verdict::Refused => Err(warning.into()),
        Verdict::Said if !global.quiet => {
            say(&format!("warning: {warning}"));
            Ok(())
        }
        Verdict::Said | Verdict::Silenced => Ok(()),
    }
}
