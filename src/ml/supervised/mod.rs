//! Models that learn a yes or no from rows whose answer is known.
//!
//! Fitting, predicting and keeping are apart: a [`Learner`] makes a [`Trained`], which predicts and is bytes.

mod codec;
mod declaration;
mod design;
mod encoder;
mod explain;
mod frame;
mod learn;
mod logistic_regression;
mod measure;
mod model;
mod predict;
mod random_forest;
mod records;
pub mod report;
mod score;
mod split;
mod steps;
mod table;

use std::ops::Range;

use self::codec::{Reader, Writer};
use self::design::Design;
pub use self::predict::predict_file;
pub use self::records::{Promoted, promote};
pub(super) use self::score::{check, train};
use crate::diagnostic::Result;
use crate::project::yaml::Fields;

/// A way to learn two classes. One file or folder beside this one, one line in [`CLASSIFIERS`].
pub trait Classifier: Sync {
    /// The word after `algorithm:`; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line for lists and help.
    fn about(&self) -> &'static str;
    /// What [`Trained::importances`] are.
    fn importance(&self) -> &'static str;
    /// Reads `params:`; it asks for those it takes.
    ///
    /// # Errors
    /// `Project`, with its place, for a value out of range.
    fn read(&self, params: &Fields<'_>) -> Result<Box<dyn Learner>>;
    /// Reads what [`Trained::write`] wrote.
    ///
    /// # Errors
    /// `Data` when the bytes are damaged.
    fn load(&self, reader: &mut Reader) -> Result<Box<dyn Trained>>;
}

/// An algorithm with its parameters.
pub trait Learner: Send + Sync {
    /// Every parameter as it is used, defaults included.
    fn params(&self) -> serde_json::Value;
    /// Learns from the rows of `design`; `truth` says which of them are positive, at least one of each class.
    ///
    /// The same rows in the same order give the same model, however many threads there are.
    ///
    /// # Errors
    /// `Data` when nothing can be learnt from them.
    fn fit(&self, design: &Design<'_>, truth: &[bool]) -> Result<Box<dyn Trained>>;
}

/// A trained model.
pub trait Trained: Send + Sync {
    /// Writes the model, for [`Classifier::load`].
    fn write(&self, writer: &mut Writer);
    /// Predicts some rows of `design`: the probability of the positive class, one a row.
    fn predict(&self, design: &Design<'_>, rows: Range<usize>) -> Vec<f64>;
    /// Predicts some rows and explains: how much each column adds, row by row, `design.width()` each.
    ///
    /// The unit is the algorithm's own; what an average row has adds nothing.
    fn explain(&self, design: &Design<'_>, rows: Range<usize>) -> (Vec<f64>, Vec<f32>);
    /// Returns how much each column matters, one a column of the design.
    fn importances(&self) -> Vec<f64>;
}

/// Every algorithm by name.
pub static CLASSIFIERS: &[&dyn Classifier] = &[
    &logistic_regression::LogisticRegression,
    &random_forest::RandomForest,
];

/// Rows that are predicted at once, by one thread.
const BLOCK: usize = 2_048;

/// Returns the numbers 0 to `n_rows` in ranges of [`BLOCK`].
fn blocks(n_rows: usize) -> Vec<Range<usize>> {
    (0..n_rows)
        .step_by(BLOCK)
        .map(|start| start..n_rows.min(start + BLOCK))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn classifiers_have_unique_lower_case_names_and_say_what_they_do() {
        let names: BTreeSet<_> = CLASSIFIERS.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), CLASSIFIERS.len());
        for classifier in CLASSIFIERS {
            let mut letters = classifier.name().chars();
            assert!(letters.all(|c| c.is_ascii_lowercase() || c == '_'));
            assert!(!classifier.about().is_empty() && !classifier.importance().is_empty());
        }
    }
}
