//! Digits of numbers: whole ones in any base, floats in fixed, scientific and general form.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::jinja::decimal::Decimal;
use crate::jinja::errors::problem;
use crate::jinja::value::float;

/// A number as Python's formats take it.
pub(super) enum Number {
    Whole(i128),
    Float(f64),
    Decimal(Decimal),
}

impl Number {
    /// Reads a number or a truth value.
    pub(super) fn of(value: &Value) -> Option<Self> {
        if let Some(decimal) = Decimal::of(value) {
            return Some(Self::Decimal(decimal));
        }
        match value.kind() {
            ValueKind::Bool => Some(Self::Whole(i128::from(value.is_true()))),
            ValueKind::Number if value.is_integer() => {
                i128::try_from(value.clone()).ok().map(Self::Whole)
            }
            ValueKind::Number => f64::try_from(value.clone()).ok().map(Self::Float),
            _ => None,
        }
    }

    pub(super) fn is_negative(&self) -> bool {
        match self {
            Self::Whole(number) => *number < 0,
            Self::Float(number) => number.is_sign_negative() && !number.is_nan(),
            Self::Decimal(number) => number.is_negative(),
        }
    }

    fn float(&self) -> f64 {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "as Python makes a float of an integer"
            )]
            Self::Whole(number) => *number as f64,
            Self::Float(number) => *number,
            Self::Decimal(number) => number.float(),
        }
    }

    /// Returns the whole number towards zero.
    pub(super) fn whole(&self) -> i128 {
        match self {
            Self::Whole(number) => *number,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "what is beyond is no number that a template counts to"
            )]
            Self::Float(number) => *number as i128,
            Self::Decimal(number) => number.whole(),
        }
    }

    /// Writes the number without its sign.
    pub(super) fn digits(
        &self,
        kind: Option<char>,
        precision: Option<usize>,
        alternate: bool,
    ) -> Result<String, Error> {
        let places = precision.unwrap_or(6);
        if let (Self::Decimal(number), None | Some('f' | 'F')) = (self, kind) {
            let rounded = precision.map(|places| number.rounded(places));
            return Ok(rounded.unwrap_or(*number).unsigned());
        }
        let size = self.float().abs();
        Ok(match (self, kind) {
            (Self::Whole(number), None | Some('d' | 'n' | 'i' | 'u')) => {
                number.unsigned_abs().to_string()
            }
            (Self::Whole(number), Some('x')) => format!("{:x}", number.unsigned_abs()),
            (Self::Whole(number), Some('X')) => format!("{:X}", number.unsigned_abs()),
            (Self::Whole(number), Some('o')) => format!("{:o}", number.unsigned_abs()),
            (Self::Whole(number), Some('b')) => format!("{:b}", number.unsigned_abs()),
            (_, Some('f' | 'F')) => fixed(size, places),
            (_, Some('%')) => format!("{}%", fixed(size * 100.0, places)),
            (_, Some('e')) => scientific(size, places),
            (_, Some('E')) => scientific(size, places).to_uppercase(),
            (_, Some('G')) => general(size, places, alternate).to_uppercase(),
            (_, Some('g' | 'n')) => general(size, places, alternate),
            (_, None) => match precision {
                Some(places) => general(size, places, false),
                None => float(size),
            },
            (_, Some(other)) => {
                return Err(problem(format!(
                    "the format `{other}` does not fit a {}",
                    match self {
                        Self::Whole(_) => "whole number",
                        _ => "number with a fraction",
                    }
                )));
            }
        })
    }
}

fn fixed(size: f64, places: usize) -> String {
    match size.is_finite() {
        true => format!("{size:.places$}"),
        false => float(size),
    }
}

fn scientific(size: f64, places: usize) -> String {
    let text = format!("{size:.places$e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return float(size);
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Writes so many significant digits, with an exponent where the number is small or large.
fn general(size: f64, places: usize, keeps_zeros: bool) -> String {
    let places = places.max(1);
    let written = scientific(size, places - 1);
    let Some((digits, exponent)) = written.split_once('e') else {
        return written;
    };
    let trimmed = |digits: &str| match digits.contains('.') && !keeps_zeros {
        true => digits
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => digits.to_owned(),
    };
    let power: i64 = exponent.parse().unwrap_or(0);
    let least = i64::try_from(places).unwrap_or(i64::MAX);
    match (-4..least).contains(&power) {
        true => {
            let places = usize::try_from(least - 1 - power).unwrap_or(0);
            trimmed(&format!("{size:.places$}"))
        }
        false => format!("{}e{exponent}", trimmed(digits)),
    }
}

/// Puts a mark between groups of the digits before the point, after filling them up with zeros to `least` characters.
pub(super) fn grouped(digits: &str, mark: char, every: usize, least: usize) -> String {
    let end = digits
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut whole = whole.to_owned();
    let width = |length: usize| length + length.saturating_sub(1) / every + rest.len();
    while width(whole.len()) < least {
        whole.insert(0, '0');
    }
    let mut out = String::new();
    for (index, c) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % every == 0 {
            out.push(mark);
        }
        out.push(c);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_digits_count_from_the_point() {
        assert_eq!(grouped("1234567.891", ',', 3, 0), "1,234,567.891");
        assert_eq!(grouped("12", ',', 3, 6), "00,012");
        assert_eq!(grouped("123", '_', 3, 0), "123");
    }

    #[test]
    fn general_form_keeps_significant_digits() {
        assert_eq!(general(0.0001, 6, false), "0.0001");
        assert_eq!(general(1e10, 6, false), "1e+10");
        assert_eq!(general(123_456.0, 3, false), "1.23e+05");
    }
}
