//! What an algorithm learns from: a matrix of finite numbers.

use super::Scaling;
use super::preprocess::Scale;
use crate::engine::Relation;

/// Rows of numbers, one an example, sorted by key.
pub struct Examples {
    /// The table they come from, for messages.
    pub relation: String,
    /// Names of the columns.
    pub features: Vec<String>,
    /// All values row by row, scaled and finite: `len() * features.len()` of them.
    pub values: Vec<f64>,
    /// The way back to the table's units.
    pub scaling: Scaling,
}

impl Examples {
    /// Scales `values` (row by row, finite, at least one feature) and names their origin.
    pub(super) fn new(
        relation: &Relation,
        features: &[String],
        mut values: Vec<f64>,
        scale: Scale,
    ) -> Self {
        let scaling = Scaling::fit(&mut values, features.len(), scale);
        Self {
            relation: relation.name.clone(),
            features: features.to_vec(),
            values,
            scaling,
        }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.features.len()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns what a reader of the result should know of the features, if anything.
    pub(super) fn note(&self) -> Option<String> {
        let constant = self.scaling.constant();
        let names: Vec<_> = constant
            .map(|feature| format!("`{}`", self.features[feature]))
            .collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        (!names.is_empty()).then(|| {
            format!(
                "{} {verb} the same in every row and so left without effect",
                names.join(", ")
            )
        })
    }
}
