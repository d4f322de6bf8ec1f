//! Trains every candidate, judges each on rows it has not seen, and says which is best.

use rayon::prelude::*;

use super::declaration::{Candidate, Declaration};
use super::design::Design;
use super::encoder::Encoder;
use super::frame::Frame;
use super::measure::{self, Confusion, Point};
use super::model::{Classes, Model, predict};
use super::steps::Plan;
use super::{Trained, split};
use crate::diagnostic::{Diagnostic, Result};

/// Points of a curve that are kept.
const MOST_POINTS: usize = 201;

/// The rows a model learns from, and their answers.
pub(super) struct Lesson<'a> {
    pub(super) relation: &'a str,
    pub(super) features: &'a [String],
    pub(super) frame: &'a Frame,
    pub(super) truth: &'a [bool],
    pub(super) hashes: &'a [u64],
    /// Which rows are kept for the test.
    pub(super) is_test: &'a [bool],
    pub(super) classes: &'a Classes,
}

/// A value of a measure.
pub(super) struct Measured {
    /// `validation` or `test`.
    pub(super) split: &'static str,
    /// Number of the fold, from 1, of a validation.
    pub(super) fold: Option<i32>,
    pub(super) metric: &'static str,
    pub(super) value: f64,
}

/// A candidate after training.
pub(super) struct Judged {
    pub(super) name: String,
    pub(super) algorithm: &'static str,
    pub(super) params: serde_json::Value,
    pub(super) bytes: Vec<u8>,
    pub(super) measured: Vec<Measured>,
    pub(super) curve: Vec<Point>,
    pub(super) confusion: Confusion,
    /// What the importances are.
    pub(super) importance: &'static str,
    /// A column and its importance.
    pub(super) importances: Vec<(String, f64)>,
}

impl Judged {
    /// Returns the mean over the folds of a measure, of the test rows where there are no folds; `None` when it is
    /// not defined.
    fn score(&self, metric: &str) -> Option<f64> {
        let of = |split: &str| -> Option<f64> {
            let own = self
                .measured
                .iter()
                .filter(|one| one.metric == metric && one.split == split);
            let values: Vec<f64> = own.map(|one| one.value).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        of("validation").or_else(|| of("test"))
    }
}

/// All candidates after training.
pub(super) struct Learnt {
    pub(super) candidates: Vec<Judged>,
    /// The number of the best.
    pub(super) best: usize,
    /// The preprocessing that was fitted on all training rows.
    pub(super) encoder: Encoder,
    pub(super) n_train: usize,
    pub(super) n_test: usize,
}

/// Trains and judges every candidate.
///
/// # Errors
/// `Data` when there are too few rows of a class, or nothing can be learnt from them.
pub(super) fn learn(
    declaration: &Declaration,
    lesson: &Lesson<'_>,
    plans: &[Plan],
) -> Result<Learnt> {
    let (test, train): (Vec<u32>, Vec<u32>) = split::numbers(lesson.truth.len())
        .into_iter()
        .partition(|row| lesson.is_test[*row as usize]);
    check(declaration, lesson, &train)?;
    let encoder = Encoder::fit(lesson.features, lesson.frame, &train, plans)?;
    let (validated, candidates) = rayon::join(
        || validate(declaration, lesson, &train, plans),
        || {
            let candidates = declaration.candidates.par_iter();
            candidates
                .map(|candidate| judge(candidate, lesson, (&encoder, &train, &test)))
                .collect::<Result<Vec<_>>>()
        },
    );
    let (mut candidates, validated) = (candidates?, validated?);
    for (candidate, measured) in candidates.iter_mut().zip(validated) {
        candidate.measured.splice(0..0, measured);
    }
    Ok(Learnt {
        best: best(declaration, &candidates),
        candidates,
        encoder,
        n_train: train.len(),
        n_test: test.len(),
    })
}

/// Judges every candidate on each fold after learning from the others; what is measured, a list a candidate.
///
/// Folds are independent of each other, so all cores work on them at once; the result is in the order of the folds.
fn validate(
    declaration: &Declaration,
    lesson: &Lesson<'_>,
    train: &[u32],
    plans: &[Plan],
) -> Result<Vec<Vec<Measured>>> {
    let seeded = (declaration.folds, declaration.seed());
    let fold = match declaration.folds {
        0 => Vec::new(),
        _ => split::folds(train, lesson.truth, lesson.hashes, seeded),
    };
    let part = |number: usize| {
        let (own, others): (Vec<_>, Vec<_>) = train
            .iter()
            .zip(&fold)
            .partition(|(_, fold)| **fold == number);
        let rows =
            |rows: Vec<(&u32, &usize)>| rows.into_iter().map(|(row, _)| *row).collect::<Vec<_>>();
        let (own, others) = (rows(own), rows(others));
        let encoder = Encoder::fit(lesson.features, lesson.frame, &others, plans)?;
        let one = |candidate: &Candidate| {
            let trained = fit(candidate, lesson, &encoder, &others)?;
            let found = lesson.predict(trained.as_ref(), &encoder, &own)?;
            let fold = i32::try_from(number + 1)?;
            Ok(values("validation", Some(fold), &lesson.truth(&own), &found).collect())
        };
        declaration.candidates.par_iter().map(one).collect()
    };
    let parts: Result<Vec<Vec<Vec<Measured>>>> =
        (0..declaration.folds).into_par_iter().map(part).collect();
    let mut measured: Vec<Vec<Measured>> =
        declaration.candidates.iter().map(|_| Vec::new()).collect();
    for part in parts? {
        for (all, own) in measured.iter_mut().zip(part) {
            all.extend(own);
        }
    }
    Ok(measured)
}

/// Refuses lessons in which a class, or a fold of it, is missing.
fn check(declaration: &Declaration, lesson: &Lesson<'_>, train: &[u32]) -> Result<()> {
    let least = declaration.folds.max(1);
    let positives = train
        .iter()
        .filter(|row| lesson.truth[**row as usize])
        .count();
    let classes = [
        (&lesson.classes.positive, positives),
        (&lesson.classes.negative, train.len() - positives),
    ];
    for (class, count) in classes {
        if count < least {
            let what = format!(
                "`{}` has {count} training rows whose `{}` is `{class}`, fewer than the {least} that are needed",
                lesson.relation, declaration.target
            );
            return Err(Diagnostic::data(what)
                .hint("lower `folds` of `cross_validation`, or give more rows")
                .into());
        }
    }
    Ok(())
}

impl Lesson<'_> {
    fn truth(&self, rows: &[u32]) -> Vec<bool> {
        rows.iter().map(|row| self.truth[*row as usize]).collect()
    }

    fn predict(&self, trained: &dyn Trained, encoder: &Encoder, rows: &[u32]) -> Result<Vec<f64>> {
        predict(trained, encoder, (self.frame, rows), self.relation)
    }
}

fn fit(
    candidate: &Candidate,
    lesson: &Lesson<'_>,
    encoder: &Encoder,
    rows: &[u32],
) -> Result<Box<dyn Trained>> {
    let design = Design::new(encoder, lesson.frame, rows, lesson.relation)?;
    let begun = std::time::Instant::now();
    let trained = candidate.learner.fit(&design, &lesson.truth(rows));
    tracing::debug!(candidate = %candidate.name, rows = rows.len(), ms = begun.elapsed().as_millis(), "fit");
    trained
}

fn values(
    split: &'static str,
    fold: Option<i32>,
    truth: &[bool],
    found: &[f64],
) -> impl Iterator<Item = Measured> + use<> {
    let values = if truth.is_empty() {
        Vec::new()
    } else {
        measure::all(truth, found)
    };
    values.into_iter().map(move |(metric, value)| Measured {
        split,
        fold,
        metric,
        value,
    })
}

fn judge(
    candidate: &Candidate,
    lesson: &Lesson<'_>,
    (encoder, train, test): (&Encoder, &[u32], &[u32]),
) -> Result<Judged> {
    let trained = fit(candidate, lesson, encoder, train)?;
    let (truth, found) = (
        lesson.truth(test),
        lesson.predict(trained.as_ref(), encoder, test)?,
    );
    let measured = values("test", None, &truth, &found).collect();
    let names = encoder.columns().map(|column| column.name.clone());
    let importances = names.zip(trained.importances()).collect();
    let model = Model {
        classifier: candidate.classifier,
        classes: lesson.classes.clone(),
        encoder: encoder.clone(),
        trained,
    };
    Ok(Judged {
        name: candidate.name.clone(),
        algorithm: candidate.classifier.name(),
        params: candidate.learner.params(),
        bytes: model.bytes()?,
        measured,
        curve: measure::curve(&truth, &found, MOST_POINTS),
        confusion: Confusion::of(&truth, &found),
        importance: candidate.classifier.importance(),
        importances,
    })
}

/// Returns the number of the best candidate, of equals the first.
fn best(declaration: &Declaration, candidates: &[Judged]) -> usize {
    let sign = if declaration.by.falls { -1.0 } else { 1.0 };
    let score = |one: &Judged| {
        one.score(declaration.by.name)
            .map_or(f64::NEG_INFINITY, |score| sign * score)
    };
    let mut best = 0;
    for (number, candidate) in candidates.iter().enumerate() {
        if score(candidate) > score(&candidates[best]) {
            best = number;
        }
    }
    best
}
