//! The features of a table in memory: a column a feature, numbers or words.

use std::collections::HashMap;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::Float64Type;

use crate::diagnostic::{Diagnostic, Kind, Result};

/// The word of a value that is missing.
pub(super) const MISSING: u16 = u16::MAX;

/// Different words a feature may have.
const MOST_WORDS: usize = MISSING as usize - 1;

/// The values of one feature, one a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Numbers; NaN where there is none.
    Numbers(Vec<f32>),
    /// Numbers of words, [`MISSING`] where there is none.
    Words {
        /// For each row the number of its word.
        codes: Vec<u16>,
        /// Words in the order of their first row.
        words: Vec<String>,
    },
}

/// The features of a table's rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Frame {
    /// Number of rows.
    pub(super) n_rows: usize,
    /// A column a feature, each `n_rows` long.
    pub(super) columns: Vec<Values>,
}

impl Values {
    /// Returns the number of rows without a value.
    pub(super) fn n_missing(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.iter().filter(|number| number.is_nan()).count(),
            Self::Words { codes, .. } => codes.iter().filter(|code| **code == MISSING).count(),
        }
    }

    /// Returns the values of the given rows as bytes, in which equal columns are equal.
    pub(super) fn digest(&self, into: &mut impl FnMut(&[u8])) {
        match self {
            Self::Numbers(numbers) => numbers
                .iter()
                .for_each(|number| into(&number.to_le_bytes())),
            Self::Words { codes, words } => {
                codes.iter().for_each(|code| into(&code.to_le_bytes()));
                for word in words {
                    into(&(word.len() as u64).to_le_bytes());
                    into(word.as_bytes());
                }
            }
        }
    }
}

/// Gathers one feature batch by batch.
pub(super) enum Gather {
    Numbers(Vec<f32>),
    Words {
        codes: Vec<u16>,
        words: Vec<String>,
        known: HashMap<String, u16>,
    },
}

impl Gather {
    /// Begins a feature of numbers or of words.
    pub(super) fn new(is_number: bool) -> Self {
        if is_number {
            return Self::Numbers(Vec::new());
        }
        Self::Words {
            codes: Vec::new(),
            words: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Adds the values of a column of 64-bit floating-point numbers, or of text.
    ///
    /// # Errors
    /// `Data` for a feature of too many different words; `Bug` for a column of another type.
    pub(super) fn add(&mut self, feature: &str, column: &ArrayRef) -> Result<()> {
        let wrong = || Diagnostic::new(Kind::Bug, format!("`{feature}` was read as another type"));
        match self {
            Self::Numbers(numbers) => {
                let column = column.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?;
                numbers.extend(column.iter().map(|value| narrow(value.unwrap_or(f64::NAN))));
            }
            Self::Words {
                codes,
                words,
                known,
            } => {
                let column = column.as_string_opt::<i32>().ok_or_else(wrong)?;
                for word in column {
                    codes.push(match word {
                        None => MISSING,
                        Some(word) => match known.get(word) {
                            Some(code) => *code,
                            None if words.len() == MOST_WORDS => {
                                return Err(too_many(feature).into());
                            }
                            None => {
                                let code = words.len() as u16;
                                known.insert(word.into(), code);
                                words.push(word.into());
                                code
                            }
                        },
                    });
                }
            }
        }
        Ok(())
    }

    /// Returns the values gathered.
    pub(super) fn finish(self) -> Values {
        match self {
            Self::Numbers(numbers) => Values::Numbers(numbers),
            Self::Words { codes, words, .. } => Values::Words { codes, words },
        }
    }
}

/// What is not finite is no value.
fn narrow(value: f64) -> f32 {
    let value = value as f32;
    if value.is_finite() { value } else { f32::NAN }
}

fn too_many(feature: &str) -> Diagnostic {
    Diagnostic::data(format!(
        "feature `{feature}` has more than 65,000 different values"
    ))
    .hint(
        "a column that tells rows apart teaches nothing about new ones: take it out of `features`",
    )
}
