//! Rows of a frame as an algorithm sees them.

use std::ops::Range;

use super::encoder::{Encoder, Feature, Form};
use super::frame::{Frame, MISSING, Values};
use crate::diagnostic::{Diagnostic, Result};

/// A feature and its values in a frame.
pub(super) struct Bound<'a> {
    feature: &'a Feature,
    values: &'a Values,
    /// As of [`Form::codes`].
    codes: Vec<i32>,
}

impl<'a> Bound<'a> {
    /// Looks at the values of one feature.
    pub(super) fn new(feature: &'a Feature, values: &'a Values) -> Self {
        let codes = match values {
            Values::Numbers(_) => Vec::new(),
            Values::Words { words, .. } => feature.form.codes(words),
        };
        Self {
            feature,
            values,
            codes,
        }
    }

    /// Returns the value of one of the feature's columns, not scaled.
    pub(super) fn value(&self, column: usize, row: usize) -> f64 {
        match self.values {
            Values::Numbers(numbers) => self.feature.form.number(numbers[row]),
            Values::Words { codes, .. } => self.feature.form.level(column, self.level(codes[row])),
        }
    }

    fn level(&self, code: u16) -> i32 {
        let last = self.codes.len() - 1;
        self.codes[if code == MISSING {
            last
        } else {
            usize::from(code)
        }]
    }
}

/// Some rows of a frame as an algorithm sees them: columns of finite numbers, made as they are asked for.
pub struct Design<'a> {
    bound: Vec<Bound<'a>>,
    rows: &'a [u32],
    /// Number of the feature and of the column in it.
    places: Vec<(usize, usize)>,
    pub(super) encoder: &'a Encoder,
}

impl<'a> Design<'a> {
    /// Looks at `rows` of `frame` through `encoder`.
    ///
    /// # Errors
    /// `Data` when one of the rows lacks a value that nothing fills; `relation` is where they come from.
    pub(super) fn new(
        encoder: &'a Encoder,
        frame: &'a Frame,
        rows: &'a [u32],
        relation: &str,
    ) -> Result<Self> {
        for (feature, values) in encoder.features.iter().zip(&frame.columns) {
            let (fills, is_missing): (bool, &dyn Fn(usize) -> bool) = match (&feature.form, values)
            {
                (Form::Number { fill, .. }, Values::Numbers(numbers)) => {
                    (fill.is_some(), &|row| numbers[row].is_nan())
                }
                (Form::Levels { fill, .. }, Values::Words { codes, .. }) => {
                    (fill.is_some(), &|row| codes[row] == MISSING)
                }
                _ => {
                    let what = format!(
                        "`{}` of `{relation}` is of another type than the model has learnt",
                        feature.name
                    );
                    return Err(Diagnostic::data(what).hint("train the model again").into());
                }
            };
            let missing = if fills {
                0
            } else {
                rows.iter().filter(|row| is_missing(**row as usize)).count()
            };
            if missing > 0 {
                let rows = if missing == 1 {
                    "1 row".into()
                } else {
                    format!("{missing} rows")
                };
                let what = format!(
                    "{rows} of `{relation}` without a value in `{}`",
                    feature.name
                );
                return Err(Diagnostic::data(what)
                    .hint("add `{impute: median}` to `preprocess`, or fill the gap in SQL")
                    .into());
            }
        }
        let bound = encoder.features.iter().zip(&frame.columns);
        let places = encoder.features.iter().enumerate();
        Ok(Self {
            bound: bound
                .map(|(feature, values)| Bound::new(feature, values))
                .collect(),
            rows,
            places: places
                .flat_map(|(number, feature)| {
                    (0..feature.columns.len()).map(move |column| (number, column))
                })
                .collect(),
            encoder,
        })
    }

    /// Returns the number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Returns the number of columns.
    pub(super) fn width(&self) -> usize {
        self.places.len()
    }

    /// Returns the values of one column in some of the rows.
    pub(super) fn column(&self, column: usize, rows: Range<usize>) -> impl Iterator<Item = f64> {
        let (feature, own) = self.places[column];
        let (bound, scale) = (
            &self.bound[feature],
            &self.bound[feature].feature.columns[own],
        );
        self.rows[rows]
            .iter()
            .map(move |row| scale.scaled(bound.value(own, *row as usize)))
    }

    /// Writes some of the rows one after the other, each of `stride` numbers, the first of which are the columns.
    pub(super) fn fill(&self, rows: Range<usize>, stride: usize, into: &mut [f64]) {
        for (column, (feature, own)) in self.places.iter().enumerate() {
            let bound = &self.bound[*feature];
            let (form, scale) = (&bound.feature.form, &bound.feature.columns[*own]);
            let places = into[column..].iter_mut().step_by(stride);
            let rows = places.zip(&self.rows[rows.clone()]);
            match bound.values {
                Values::Numbers(numbers) => rows.for_each(|(place, row)| {
                    *place = scale.scaled(form.number(numbers[*row as usize]));
                }),
                Values::Words { codes, .. } => {
                    // Of a level only two values come of most columns.
                    let [off, on] = [0.0, 1.0].map(|value| scale.scaled(value));
                    match form.only_level(*own) {
                        Some(only) => rows.for_each(|(place, row)| {
                            let is_on = bound.level(codes[*row as usize]) == only;
                            *place = if is_on { on } else { off };
                        }),
                        None => rows.for_each(|(place, row)| {
                            let level = bound.level(codes[*row as usize]);
                            *place = scale.scaled(form.level(*own, level));
                        }),
                    }
                }
            }
        }
    }
}
