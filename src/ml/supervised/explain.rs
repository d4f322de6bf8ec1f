//! Why a row is predicted as it is: the features that raise its probability most.

use std::ops::Range;

use super::design::Design;
use super::encoder::{Feature, Form};
use super::frame::{Frame, MISSING, Values};
use super::model::Model;

/// Reasons that are given at most.
pub(super) const REASONS: usize = 3;

/// A feature that raises the probability.
pub(super) struct Reason {
    /// Number of the feature.
    pub(super) feature: usize,
    /// `support_tickets_90d = 6 (higher than usual)`.
    pub(super) text: String,
    /// By how much, in the algorithm's unit: log-odds or probability.
    pub(super) contribution: f64,
}

/// Returns the probability of some rows and its main reasons, the strongest first; features that lower it are none.
pub(super) fn reasons(
    model: &Model,
    design: &Design<'_>,
    frame: &Frame,
    rows: Range<usize>,
) -> (Vec<f64>, Vec<Vec<Reason>>) {
    let (owners, n_features) = (model.encoder.owners(), model.encoder.features.len());
    let (found, parts) = model.trained.explain(design, rows.clone());
    let own = |(row, parts): (usize, &[f32])| {
        let mut sums = vec![0.0; n_features];
        for (owner, part) in owners.iter().zip(parts) {
            sums[*owner] += f64::from(*part);
        }
        let mut order: Vec<usize> = (0..n_features)
            .filter(|feature| sums[*feature] > 1e-6)
            .collect();
        order.sort_by(|left, right| sums[*right].total_cmp(&sums[*left]));
        let reason = |feature: usize| Reason {
            feature,
            text: text(
                &model.encoder.features[feature],
                &frame.columns[feature],
                row,
            ),
            contribution: sums[feature],
        };
        order.into_iter().take(REASONS).map(reason).collect()
    };
    let why = rows
        .zip(parts.chunks_exact(owners.len()))
        .map(own)
        .collect();
    (found, why)
}

/// How far from the mean a number is said to be unusual, in standard deviations.
const UNUSUAL: f64 = 0.1;

fn text(feature: &Feature, values: &Values, row: usize) -> String {
    let name = &feature.name;
    match values {
        Values::Numbers(numbers) if numbers[row].is_nan() => format!("{name} is missing"),
        Values::Numbers(numbers) => {
            let (value, column) = (f64::from(numbers[row]), &feature.columns[0]);
            let distance = value - column.mean;
            let word = match distance.abs() > UNUSUAL * column.deviation {
                true if distance > 0.0 => "higher than usual",
                true => "lower than usual",
                false => "as usual",
            };
            format!("{name} = {} ({word})", number(value))
        }
        Values::Words { codes, words } => match codes[row] {
            MISSING => format!("{name} is missing"),
            code => {
                let word = &words[usize::from(code)];
                let is_new =
                    matches!(&feature.form, Form::Levels { levels, .. } if !levels.contains(word));
                format!(
                    "{name} = {word}{}",
                    if is_new { " (not seen before)" } else { "" }
                )
            }
        },
    }
}

/// Writes a number with at least two decimals or four digits, without zeros at the end.
fn number(value: f64) -> String {
    let digits = 3.0 - value.abs().log10().floor();
    let decimals = if digits.is_finite() {
        digits.clamp(2.0, 9.0) as usize
    } else {
        0
    };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (value, text) in [
            (6.0, "6"),
            (29.85, "29.85"),
            (1889.5, "1889.5"),
            (0.333_333, "0.3333"),
            (0.0, "0"),
            (-0.25, "-0.25"),
            (100.0, "100"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
