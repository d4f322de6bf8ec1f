//! Logistic regression: the log-odds are a weighted sum of the columns.

use std::ops::Range;

use ndarray::{ArrayView2, linalg::general_mat_mul};
use rayon::prelude::*;
use serde_json::json;

use super::codec::{Reader, Writer};
use super::design::Design;
use super::{Classifier, Learner, Trained};
use crate::diagnostic::{Diagnostic, Result};
use crate::ml::params::{self, ClassWeight};
use crate::project::yaml::Fields;

/// `algorithm: logistic_regression`.
///
/// Minimises `|w|²/2 + C Σ log loss`, the intercept free, as scikit-learn does, by Newton's method with halved steps
/// (Boyd and Vandenberghe 2004, "Convex Optimization", section 9.5), here also known as iteratively reweighted least
/// squares.
pub(super) struct LogisticRegression;

impl Classifier for LogisticRegression {
    fn name(&self) -> &'static str {
        "logistic_regression"
    }

    fn about(&self) -> &'static str {
        "weighs the features up (logistic regression, L2 penalty)"
    }

    fn importance(&self) -> &'static str {
        "standardised coefficient"
    }

    fn read(&self, params: &Fields<'_>) -> Result<Box<dyn Learner>> {
        Ok(Box::new(Params {
            c: params::positive(params, "C", 1.0)?,
            max_iter: params::whole(params, "max_iter", Some(100), 1..=1_000_000)?,
            class_weight: ClassWeight::read(params)?,
        }))
    }

    fn load(&self, reader: &mut Reader) -> Result<Box<dyn Trained>> {
        let columns = reader.list(|reader| {
            Ok(Weight {
                coefficient: reader.number()?,
                mean: reader.number()?,
                deviation: reader.number()?,
            })
        })?;
        Ok(Box::new(Line {
            columns,
            intercept: reader.number()?,
        }))
    }
}

/// `params:`.
struct Params {
    c: f64,
    max_iter: u64,
    class_weight: ClassWeight,
}

/// Newton's decrement, twice the distance to the least value of the objective, at which it is reached.
const ENOUGH: f64 = 1e-10;

/// Rows above which a start is looked for with one block of [`ROWS`] in [`SOME`].
const MANY: usize = 64 * ROWS;
const SOME: usize = 16;

impl Learner for Params {
    fn params(&self) -> serde_json::Value {
        json!({"C": self.c, "max_iter": self.max_iter, "class_weight": self.class_weight.word()})
    }

    fn fit(&self, design: &Design<'_>, truth: &[bool]) -> Result<Box<dyn Trained>> {
        let width = design.width() + 1;
        let weights = self.class_weight.of(truth).map(|weight| weight * self.c);
        let problem = |every| Problem {
            design,
            truth,
            weights: weights.map(|weight| weight * every as f64),
            every,
        };
        // Of many rows, some lead most of the way.
        let mut start = vec![0.0; width];
        if design.n_rows() > MANY
            && let Some(near) = problem(SOME).least(&start, self.max_iter)
        {
            start = near;
        }
        if let Some(at) = problem(1).least(&start, self.max_iter) {
            return Ok(Box::new(Line::new(design, &at)));
        }
        Err(Diagnostic::data(format!(
            "logistic regression has not settled after {} steps",
            self.max_iter
        ))
        .hint("raise `max_iter`, or lower `C` where the classes can be told apart completely")
        .into())
    }
}

/// What is minimised.
struct Problem<'a> {
    design: &'a Design<'a>,
    truth: &'a [bool],
    /// `C` times the weight of a negative and of a positive row.
    weights: [f64; 2],
    /// One block of rows in this many counts.
    every: usize,
}

/// The objective at a point, its slope and its curvature.
struct Look {
    loss: f64,
    gradient: Vec<f64>,
    /// Row by row.
    hessian: Vec<f64>,
}

impl Look {
    fn none(width: usize) -> Self {
        Self {
            loss: 0.0,
            gradient: vec![0.0; width],
            hessian: vec![0.0; width * width],
        }
    }

    fn add(mut self, other: &Self) -> Self {
        self.loss += other.loss;
        self.gradient
            .iter_mut()
            .zip(&other.gradient)
            .for_each(|(sum, more)| *sum += more);
        self.hessian
            .iter_mut()
            .zip(&other.hessian)
            .for_each(|(sum, more)| *sum += more);
        self
    }
}

/// Rows whose numbers lie in memory at once, a thread.
const ROWS: usize = 512;
/// Parts at most: sums are added in their order, so that they do not depend on the number of threads.
const PARTS: usize = 64;

impl Problem<'_> {
    /// Returns where the objective is least, from `start` on; `None` when that takes too many steps.
    fn least(&self, start: &[f64], max_iter: u64) -> Option<Vec<f64>> {
        let mut at = start.to_vec();
        let mut here = self.look(&at);
        for _ in 0..max_iter {
            let step = solve(std::mem::take(&mut here.hessian), &here.gradient);
            let decrement = dot(&step, &here.gradient);
            let moved = |share: f64| -> Vec<f64> {
                let pairs = at.iter().zip(&step);
                pairs.map(|(at, step)| at - share * step).collect()
            };
            if decrement < ENOUGH {
                return Some(moved(1.0));
            }
            let mut share = 1.0;
            loop {
                let next = moved(share);
                let there = self.look(&next);
                // A smaller step always gains, but for the last digits of the sum.
                if there.loss <= here.loss - 1e-4 * share * decrement || share < 1e-6 {
                    (at, here) = (next, there);
                    break;
                }
                share /= 2.0;
            }
        }
        None
    }

    fn look(&self, at: &[f64]) -> Look {
        let (n_rows, width) = (self.design.n_rows(), at.len());
        let part = n_rows.div_ceil(PARTS).max(4 * ROWS);
        let starts: Vec<usize> = (0..n_rows).step_by(part).collect();
        let parts: Vec<Look> = starts
            .into_par_iter()
            .map(|start| self.look_at(at, start..n_rows.min(start + part)))
            .collect();
        let mut all = parts.iter().fold(Look::none(width), Look::add);
        for (column, coefficient) in at[..width - 1].iter().enumerate() {
            all.loss += coefficient * coefficient / 2.0;
            all.gradient[column] += coefficient;
            all.hessian[column * (width + 1)] += 1.0;
        }
        all
    }

    fn look_at(&self, at: &[f64], rows: Range<usize>) -> Look {
        let width = at.len();
        let mut look = Look::none(width);
        let mut block = vec![1.0; ROWS * width];
        for start in rows.clone().step_by(ROWS * self.every) {
            let rows = start..rows.end.min(start + ROWS);
            let block = &mut block[..rows.len() * width];
            block
                .iter_mut()
                .skip(width - 1)
                .step_by(width)
                .for_each(|one| *one = 1.0);
            self.design.fill(rows.clone(), width, block);
            for (row, truth) in block.chunks_exact_mut(width).zip(&self.truth[rows]) {
                let weight = self.weights[usize::from(*truth)];
                let odds = dot(row, at);
                let (chance, own) = (logistic(odds), if *truth { odds } else { -odds });
                look.loss += weight * softplus(-own);
                let slope = weight * (chance - f64::from(u8::from(*truth)));
                look.gradient
                    .iter_mut()
                    .zip(&*row)
                    .for_each(|(sum, value)| *sum += slope * value);
                let root = (weight * chance * (1.0 - chance)).sqrt();
                row.iter_mut().for_each(|value| *value *= root);
            }
            add_square(&mut look.hessian, block, width);
        }
        look
    }
}

/// Adds the product of a block of rows with itself, transposed.
fn add_square(into: &mut [f64], block: &[f64], width: usize) {
    let rows = ArrayView2::from_shape((block.len() / width, width), block);
    let sums = ndarray::ArrayViewMut2::from_shape((width, width), into);
    if let (Ok(rows), Ok(mut sums)) = (rows, sums) {
        general_mat_mul(1.0, &rows.t(), &rows, 1.0, &mut sums);
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}

fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// `ln(1 + eˣ)` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Solves `matrix · x = right` for a symmetric positive definite matrix (Cholesky's decomposition).
///
/// A column that others add up to gives no pivot; it is given none of the step.
fn solve(mut matrix: Vec<f64>, right: &[f64]) -> Vec<f64> {
    let n = right.len();
    for column in 0..n {
        let (above, below) = matrix.split_at_mut((column + 1) * n);
        let own = &mut above[column * n..];
        let pivot = own[column] - own[..column].iter().map(|value| value * value).sum::<f64>();
        let is_free = pivot > 1e-12 * own[column].abs().max(1e-300);
        own[column] = if is_free { pivot.sqrt() } else { f64::INFINITY };
        for row in below.chunks_exact_mut(n) {
            row[column] = (row[column] - dot(&row[..column], &own[..column])) / own[column];
        }
    }
    let mut x = right.to_vec();
    for row in 0..n {
        let known = dot(&matrix[row * n..][..row], &x[..row]);
        x[row] = (x[row] - known) / matrix[row * n + row];
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n)
            .map(|below| matrix[below * n + row] * x[below])
            .sum();
        x[row] = (x[row] - known) / matrix[row * n + row];
    }
    x
}

/// A trained model.
struct Line {
    columns: Vec<Weight>,
    intercept: f64,
}

/// A column's coefficient, and its mean and standard deviation in the rows it was learnt from.
struct Weight {
    coefficient: f64,
    mean: f64,
    deviation: f64,
}

impl Line {
    fn new(design: &Design<'_>, at: &[f64]) -> Self {
        let columns = design.encoder.columns().zip(at);
        Self {
            columns: columns
                .map(|(column, coefficient)| Weight {
                    coefficient: *coefficient,
                    mean: column.scaled_mean(),
                    deviation: column.scaled_deviation(),
                })
                .collect(),
            intercept: at[at.len() - 1],
        }
    }
}

impl Trained for Line {
    fn write(&self, writer: &mut Writer) {
        writer.list(&self.columns, |writer, column| {
            for value in [column.coefficient, column.mean, column.deviation] {
                writer.number(value);
            }
        });
        writer.number(self.intercept);
    }

    fn predict(&self, design: &Design<'_>, rows: Range<usize>) -> Vec<f64> {
        let mut odds = vec![self.intercept; rows.len()];
        for (column, weight) in self.columns.iter().enumerate() {
            let values = design.column(column, rows.clone());
            odds.iter_mut()
                .zip(values)
                .for_each(|(odds, value)| *odds += weight.coefficient * value);
        }
        odds.into_iter().map(logistic).collect()
    }

    /// In log-odds: the coefficient times how far the value is from the mean.
    fn explain(&self, design: &Design<'_>, rows: Range<usize>) -> (Vec<f64>, Vec<f32>) {
        let found = self.predict(design, rows.clone());
        let width = self.columns.len();
        let mut values = vec![0.0; rows.len() * width];
        design.fill(rows, width, &mut values);
        let weights = self.columns.iter().cycle();
        let part =
            |(value, weight): (f64, &Weight)| (weight.coefficient * (value - weight.mean)) as f32;
        (found, values.into_iter().zip(weights).map(part).collect())
    }

    fn importances(&self) -> Vec<f64> {
        self.columns
            .iter()
            .map(|column| column.coefficient * column.deviation)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::ml::supervised::encoder::Encoder;
    use crate::ml::supervised::frame::{Frame, Values};
    use crate::ml::supervised::steps::Plan;
    use crate::project::yaml::{Doc, parse};

    fn fitted(columns: &[Vec<f32>], truth: &[bool], params: &str) -> Vec<f64> {
        let frame = Frame {
            n_rows: truth.len(),
            columns: columns
                .iter()
                .map(|column| Values::Numbers(column.clone()))
                .collect(),
        };
        let names: Vec<String> = (0..columns.len())
            .map(|number| format!("x{number}"))
            .collect();
        let rows: Vec<u32> = (0..truth.len() as u32).collect();
        let plans = vec![Plan::default(); columns.len()];
        let encoder = Encoder::fit(&names, &frame, &rows, &plans).unwrap();
        let design = Design::new(&encoder, &frame, &rows, "t").unwrap();
        let file = Path::new("models/ml.yml");
        let value = parse(file, params).unwrap();
        let doc = Doc {
            value: &value,
            file,
        };
        let learner = LogisticRegression
            .read(&doc.fields("`params`").unwrap())
            .unwrap();
        let model = learner.fit(&design, truth).unwrap();
        let mut writer = Writer::default();
        model.write(&mut writer);
        let mut reader = Reader::new(&writer.finish().unwrap()).unwrap();
        let same = LogisticRegression.load(&mut reader).unwrap();
        assert_eq!(
            same.predict(&design, 0..truth.len()),
            model.predict(&design, 0..truth.len())
        );
        let mut reader = {
            let mut writer = Writer::default();
            same.write(&mut writer);
            Reader::new(&writer.finish().unwrap()).unwrap()
        };
        let mut found = reader
            .list(|reader| {
                let value = reader.number()?;
                reader.number()?;
                reader.number()?;
                Ok(value)
            })
            .unwrap();
        found.push(reader.number().unwrap());
        found
    }

    const X: [[f32; 10]; 2] = [
        [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0],
        [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0],
    ];
    const Y: [bool; 10] = [
        false, false, true, false, false, false, false, true, true, true,
    ];

    fn close(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    /// scikit-learn 1.9.1, `LogisticRegression(C=…, class_weight=…, tol=1e-12, max_iter=10000)` on the same ten rows:
    /// the coefficients, then the intercept.
    #[test]
    fn coefficients_are_those_of_scikit_learn() {
        let columns = X.map(Vec::from);
        let one = |params| fitted(&columns, &Y, params);
        close(&one("{}"), &[0.76485867, 0.06222919, -2.65412864]);
        close(&one("{C: 0.1}"), &[0.26954999, 0.00433758, -1.16376016]);
        close(
            &one("{C: 2.0, class_weight: balanced}"),
            &[0.83577253, 0.19674510, -2.55152601],
        );
    }

    /// The start that some of the rows lead to changes nothing but the time.
    #[test]
    fn many_rows_end_where_their_sums_say() {
        let n_rows = MANY + 1000;
        let x: Vec<f32> = (0..n_rows).map(|row| (row % 2) as f32).collect();
        let truth: Vec<bool> = (0..n_rows)
            .map(|row| row % 2 == 1 && row % 3 == 0 || row % 10 == 0)
            .collect();
        let found = fitted(std::slice::from_ref(&x), &truth, "{C: 1.0e9}");
        let odds = |of: f32| {
            let own = truth.iter().zip(&x).filter(|(_, x)| **x == of);
            let (all, positives) = own.fold((0.0, 0.0), |(all, positives), (truth, _)| {
                (all + 1.0, positives + f64::from(u8::from(*truth)))
            });
            (positives / (all - positives)).ln()
        };
        close(&found, &[odds(1.0) - odds(0.0), odds(0.0)]);
    }

    /// Without features, the intercept alone is the log-odds of the share of positives.
    #[test]
    fn a_constant_column_leaves_the_share_of_positives() {
        let truth: Vec<bool> = (0..8).map(|row| row < 2).collect();
        let found = fitted(&[vec![0.0; 8]], &truth, "{}");
        close(&found, &[0.0, (2.0f64 / 6.0).ln()]);
    }

    #[test]
    fn a_system_of_equations_is_solved() {
        let x = solve(vec![4.0, 2.0, 2.0, 3.0], &[8.0, 7.0]);
        close(&x, &[1.25, 1.5]);
    }
}
