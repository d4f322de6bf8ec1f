//! What is done to the features before an algorithm sees them: `preprocess:`.

use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::project::yaml::{Doc, Fields};

/// How features are brought to one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// As they are.
    None,
    /// Each from 0 (its smallest value) to 1 (its largest).
    MinMax,
}

/// Words after `scale:`.
const SCALES: &[(&str, Scale)] = &[("minmax", Scale::MinMax), ("none", Scale::None)];

/// Reads `preprocess: [{scale: minmax}]`; without it features stay as they are.
///
/// # Errors
/// `Project` with the place of a step that is unknown or repeated.
pub(super) fn read(options: &Fields<'_>) -> Result<Scale> {
    let steps = options.items("preprocess");
    if let Some(second) = steps.get(1) {
        let what = "`preprocess` has more than one step, and features can be scaled only once";
        return Err(Diagnostic::project(what).at(&second.at()).into());
    }
    let Some(step) = steps.first() else {
        return Ok(Scale::None);
    };
    let step = step.fields("a step of `preprocess`")?;
    let scale = step.get("scale");
    step.finish()?;
    scale.map_or(Ok(Scale::None), |scale| word(&scale))
}

fn word(doc: &Doc<'_>) -> Result<Scale> {
    let text = doc.text("`scale`")?;
    let known = || SCALES.iter().map(|(name, _)| *name);
    match SCALES.iter().find(|(name, _)| *name == text) {
        Some((_, scale)) => Ok(*scale),
        None => {
            let hint = match nearest(&text, known()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("scales are: {}", known().collect::<Vec<_>>().join(", ")),
            };
            Err(Diagnostic::project(format!("`{text}` is no scale"))
                .at(&doc.at())
                .hint(hint)
                .into())
        }
    }
}

/// How each feature was scaled: `scaled = (value - offset) / range`, or 0 where the range is 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// Offset and range of each feature, in the feature's unit.
    columns: Vec<(f64, f64)>,
}

impl Scaling {
    /// Learns the scaling of `values` (row by row, `width` a row) and applies it in place.
    ///
    /// A feature that is the same in every row becomes 0: it cannot tell examples apart.
    pub(super) fn fit(values: &mut [f64], width: usize, scale: Scale) -> Self {
        let mut columns = vec![(0.0, 1.0); width];
        if scale == Scale::MinMax && !values.is_empty() {
            let mut bounds = vec![(f64::INFINITY, f64::NEG_INFINITY); width];
            for row in values.chunks_exact(width) {
                for ((low, high), value) in bounds.iter_mut().zip(row) {
                    *low = low.min(*value);
                    *high = high.max(*value);
                }
            }
            columns = bounds
                .into_iter()
                .map(|(low, high)| (low, high - low))
                .collect();
            for row in values.chunks_exact_mut(width) {
                for ((offset, range), value) in columns.iter().zip(row) {
                    *value = if *range > 0.0 {
                        (*value - offset) / range
                    } else {
                        0.0
                    };
                }
            }
        }
        Self { columns }
    }

    /// Returns the value of feature number `feature` in its own unit.
    #[must_use]
    pub fn original(&self, feature: usize, scaled: f64) -> f64 {
        let (offset, range) = self.columns[feature];
        scaled * range + offset
    }

    /// Returns the numbers of the features that are the same in every row.
    pub(super) fn constant(&self) -> impl Iterator<Item = usize> {
        let constant =
            |(feature, (_, range)): (usize, &(f64, f64))| (*range <= 0.0).then_some(feature);
        self.columns.iter().enumerate().filter_map(constant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn min_max_runs_from_0_to_1_and_back() {
        let mut values = vec![10.0, -1.0, 30.0, 1.0, 15.0, 0.0];
        let scaling = Scaling::fit(&mut values, 2, Scale::MinMax);
        assert_eq!(values, [0.0, 0.0, 1.0, 1.0, 0.25, 0.5]);
        assert_eq!(scaling.original(0, 0.25), 15.0);
        assert_eq!(scaling.original(1, 0.5), 0.0);
    }

    #[test]
    fn a_constant_feature_becomes_0_and_keeps_its_value_on_the_way_back() {
        let mut values = vec![7.0, 1.0, 7.0, 2.0];
        let scaling = Scaling::fit(&mut values, 2, Scale::MinMax);
        assert_eq!(values, [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(scaling.original(0, 0.0), 7.0);
        assert_eq!(scaling.constant().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn without_a_scale_values_stay() {
        let mut values = vec![7.0, 1.0];
        let scaling = Scaling::fit(&mut values, 2, Scale::None);
        assert_eq!(values, [7.0, 1.0]);
        assert_eq!(scaling.original(0, 7.0), 7.0);
    }
}
