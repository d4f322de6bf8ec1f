//! Values of `params:` that several algorithms take.

use std::ops::RangeInclusive;

use crate::diagnostic::{Diagnostic, Result};
use crate::project::yaml::{Doc, Fields};

/// Reads a whole number; `default` takes the place of one that is absent.
///
/// # Errors
/// `Project`, with its place, when it is absent without a default or out of `range`.
pub(super) fn whole(
    fields: &Fields<'_>,
    key: &str,
    default: Option<u64>,
    range: RangeInclusive<u64>,
) -> Result<u64> {
    let Some(doc) = fields.get(key) else {
        return default.ok_or_else(|| {
            Diagnostic::project(format!("`params` has no `{key}`"))
                .at(&fields.at())
                .into()
        });
    };
    match doc.value.as_u64() {
        Some(number) if range.contains(&number) => Ok(number),
        _ => Err(out_of_range(
            &doc,
            key,
            &format!("a whole number from {} to {}", range.start(), range.end()),
        )),
    }
}

/// Reads a number above 0.
///
/// # Errors
/// `Project`, with its place, for any other value.
pub(super) fn positive(fields: &Fields<'_>, key: &str, default: f64) -> Result<f64> {
    let Some(doc) = fields.get(key) else {
        return Ok(default);
    };
    match doc.number() {
        Some(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err(out_of_range(&doc, key, "a number above 0")),
    }
}

/// Says that a value is not what belongs there.
pub(super) fn out_of_range(value: &Doc<'_>, key: &str, wanted: &str) -> anyhow::Error {
    let found = value
        .value
        .as_scalar_string()
        .map_or("no number".into(), |text| format!("{text}"));
    Diagnostic::project(format!("`{key}` is {found}, where {wanted} belongs"))
        .at(&value.at())
        .into()
}

/// How much a row of each class counts: `class_weight:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassWeight {
    /// All rows alike.
    None,
    /// Both classes alike: a row of the rarer one counts more.
    Balanced,
}

impl ClassWeight {
    /// Reads `class_weight: balanced` or `none`.
    ///
    /// # Errors
    /// `Project`, with its place, for any other word.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self> {
        let Some(doc) = fields.get("class_weight") else {
            return Ok(Self::None);
        };
        match doc.text("`class_weight`")?.as_str() {
            "none" => Ok(Self::None),
            "balanced" => Ok(Self::Balanced),
            _ => Err(out_of_range(&doc, "class_weight", "`none` or `balanced`")),
        }
    }

    /// The word that is read.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Balanced => "balanced",
        }
    }

    /// Returns the weight of a negative and of a positive row; both classes have rows.
    pub(super) fn of(self, truth: &[bool]) -> [f64; 2] {
        let positives = truth.iter().filter(|row| **row).count() as f64;
        let all = truth.len() as f64;
        match self {
            Self::None => [1.0, 1.0],
            Self::Balanced => [all / (2.0 * (all - positives)), all / (2.0 * positives)],
        }
    }
}
