//! How good predictions are, against what came true.

/// A measure of the quality of probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// Its name in `champion:`, `gates:` and `wh.ml_metrics`.
    pub(super) name: &'static str,
    /// Whether less is better.
    pub(super) falls: bool,
}

/// Every measure, in the order in which they are shown.
pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "accuracy",
        falls: false,
    },
    Measure {
        name: "precision",
        falls: false,
    },
    Measure {
        name: "recall",
        falls: false,
    },
    Measure {
        name: "f1",
        falls: false,
    },
    Measure {
        name: "roc_auc",
        falls: false,
    },
    Measure {
        name: "log_loss",
        falls: true,
    },
];

/// A row is predicted positive above this probability.
pub(super) const THRESHOLD: f64 = 0.5;

/// Probabilities are kept this far from 0 and 1 in the log loss, as scikit-learn does for 64-bit numbers.
const LEAST: f64 = f64::EPSILON;

/// Rows by what was and what was predicted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Confusion {
    pub(super) true_negative: usize,
    pub(super) false_positive: usize,
    pub(super) false_negative: usize,
    pub(super) true_positive: usize,
}

impl Confusion {
    /// Counts the rows at [`THRESHOLD`].
    pub(super) fn of(truth: &[bool], probabilities: &[f64]) -> Self {
        let mut counts = Self::default();
        for (truth, probability) in truth.iter().zip(probabilities) {
            *match (truth, *probability > THRESHOLD) {
                (false, false) => &mut counts.true_negative,
                (false, true) => &mut counts.false_positive,
                (true, false) => &mut counts.false_negative,
                (true, true) => &mut counts.true_positive,
            } += 1;
        }
        counts
    }
}

/// Returns the value of every measure that is defined, by name. Precision and recall without a row are 0.
///
/// `truth` and `probabilities` have the same length, at least 1. O(n log n).
pub(super) fn all(truth: &[bool], probabilities: &[f64]) -> Vec<(&'static str, f64)> {
    let counts = Confusion::of(truth, probabilities);
    let share = |part: usize, whole: usize| match whole {
        0 => 0.0,
        whole => part as f64 / whole as f64,
    };
    let hits = counts.true_positive;
    let wrong = counts.false_positive + counts.false_negative;
    let area = roc_auc(truth, probabilities);
    let value = |name: &str| match name {
        "accuracy" => Some(share(hits + counts.true_negative, truth.len())),
        "precision" => Some(share(hits, hits + counts.false_positive)),
        "recall" => Some(share(hits, hits + counts.false_negative)),
        "f1" => Some(share(2 * hits, 2 * hits + wrong)),
        "roc_auc" => area,
        _ => Some(log_loss(truth, probabilities)),
    };
    let defined = |measure: &Measure| Some((measure.name, value(measure.name)?));
    MEASURES.iter().filter_map(defined).collect()
}

fn log_loss(truth: &[bool], probabilities: &[f64]) -> f64 {
    let loss = |(truth, probability): (&bool, &f64)| {
        let own = if *truth {
            *probability
        } else {
            1.0 - probability
        };
        -own.clamp(LEAST, 1.0 - LEAST).ln()
    };
    truth.iter().zip(probabilities).map(loss).sum::<f64>() / truth.len() as f64
}

/// A point of the ROC curve: rows at or above `threshold` are called positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) threshold: f64,
    pub(super) false_positive_rate: f64,
    pub(super) true_positive_rate: f64,
    pub(super) precision: f64,
}

/// Returns the area under the ROC curve; `None` when all rows are of one class.
///
/// The share of pairs of a positive and a negative row that are in the right order, ties counting half (Hanley and
/// McNeil 1982).
pub(super) fn roc_auc(truth: &[bool], probabilities: &[f64]) -> Option<f64> {
    let (mut positives, mut negatives, mut pairs) = (0u64, 0u64, 0.0);
    for (more_positives, more_negatives, _) in steps(truth, probabilities) {
        pairs += more_negatives as f64 * (positives as f64 + more_positives as f64 / 2.0);
        positives += more_positives;
        negatives += more_negatives;
    }
    let all = positives as f64 * negatives as f64;
    (all > 0.0).then(|| pairs / all)
}

/// Positive and negative rows at each probability, the highest first.
fn steps(truth: &[bool], probabilities: &[f64]) -> Vec<(u64, u64, f64)> {
    let mut rows: Vec<(f64, bool)> = probabilities
        .iter()
        .copied()
        .zip(truth.iter().copied())
        .collect();
    rows.sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
    rows.chunk_by(|left, right| left.0 == right.0)
        .map(|tied| {
            let positives = tied.iter().filter(|row| row.1).count() as u64;
            (positives, tied.len() as u64 - positives, tied[0].0)
        })
        .collect()
}

/// Returns at most `most` points of the ROC curve from (0, 0) to (1, 1), evenly spaced along it.
pub(super) fn curve(truth: &[bool], probabilities: &[f64], most: usize) -> Vec<Point> {
    let (all, n_rows) = (truth.iter().filter(|row| **row).count(), truth.len());
    if all == 0 || all == n_rows {
        return Vec::new();
    }
    let point = |positives: u64, negatives: u64, threshold: f64| Point {
        threshold,
        false_positive_rate: negatives as f64 / (n_rows - all) as f64,
        true_positive_rate: positives as f64 / all as f64,
        precision: match positives + negatives {
            0 => 1.0,
            called => positives as f64 / called as f64,
        },
    };
    let mut points = vec![point(0, 0, 1.0)];
    let (mut positives, mut negatives) = (0, 0);
    for (more_positives, more_negatives, threshold) in steps(truth, probabilities) {
        positives += more_positives;
        negatives += more_negatives;
        points.push(point(positives, negatives, threshold));
    }
    let last = points.len() - 1;
    if last < most {
        return points;
    }
    (0..most)
        .map(|step| points[step * last / (most - 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of scikit-learn's `roc_auc_score` page, and the same with ties.
    #[test]
    fn the_area_counts_ties_as_half() {
        let truth = [false, false, true, true];
        assert_eq!(roc_auc(&truth, &[0.1, 0.4, 0.35, 0.8]), Some(0.75));
        assert_eq!(roc_auc(&truth, &[0.5, 0.5, 0.5, 0.5]), Some(0.5));
        assert_eq!(roc_auc(&truth, &[0.1, 0.4, 0.4, 0.8]), Some(0.875));
        assert_eq!(roc_auc(&[true, true], &[0.1, 0.4]), None);
    }

    #[test]
    fn measures_follow_from_the_confusion() {
        let truth = [true, true, true, false, false];
        let found = all(&truth, &[0.9, 0.8, 0.2, 0.7, 0.1]);
        let of = |name: &str| found.iter().find(|(own, _)| *own == name).unwrap().1;
        assert_eq!(of("accuracy"), 0.6);
        assert_eq!(of("precision"), 2.0 / 3.0);
        assert_eq!(of("recall"), 2.0 / 3.0);
        assert_eq!(of("f1"), 2.0 / 3.0);
        let logs = 0.9f64.ln() + 0.8f64.ln() + 0.2f64.ln() + 0.3f64.ln() + 0.9f64.ln();
        assert!((of("log_loss") + logs / 5.0).abs() < 1e-15);
    }

    #[test]
    fn a_half_is_not_called_positive() {
        let counts = Confusion::of(&[true], &[0.5]);
        assert_eq!(counts.false_negative, 1);
    }

    #[test]
    fn the_curve_runs_from_corner_to_corner_in_few_points() {
        let truth: Vec<bool> = (0..1000).map(|row| row % 3 == 0).collect();
        let probabilities: Vec<f64> = (0..1000).map(|row| f64::from(row * 7 % 1000)).collect();
        let points = curve(&truth, &probabilities, 50);
        let corner = |point: &Point| (point.false_positive_rate, point.true_positive_rate);
        assert_eq!(points.len(), 50);
        assert_eq!(corner(&points[0]), (0.0, 0.0));
        assert_eq!(corner(&points[49]), (1.0, 1.0));
        assert!(points.is_sorted_by(|left, right| corner(left) <= corner(right)));
    }
}
