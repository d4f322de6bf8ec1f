//! Python's `Decimal`: what agate makes of numbers with a fraction, so what results of queries hold. Exact, 28 digits in arithmetic.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};

use super::errors::problem;
use super::methods::{bind, unknown, whole};
use super::value::float;

/// Digits that arithmetic keeps.
const PRECISION: u32 = 28;

/// `digits × 10^exponent`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// Reads `-12.50` or `1.5e-7`; none where the text is no number or has more than 38 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let places = i32::try_from(fraction.len()).ok()?;
        Some(Self {
            digits: format!("{whole}{fraction}").parse().ok()?,
            exponent: power.checked_sub(places)?,
        })
    }

    /// Makes a value of the shortest text of a float, as agate does; what is no number stays a float.
    #[must_use]
    pub fn value_of_float(number: f64) -> Value {
        Self::parse(&float(number)).map_or_else(|| Value::from(number), Value::from_object)
    }

    /// Returns the decimal inside a value.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        value.downcast_object_ref::<Self>().copied()
    }

    /// Returns a decimal, or makes one of a whole number.
    fn coerced(value: &Value) -> Option<Self> {
        let whole = |digits: i128| Self {
            digits,
            exponent: 0,
        };
        match value.kind() {
            ValueKind::Number if value.is_integer() => {
                i128::try_from(value.clone()).ok().map(whole)
            }
            ValueKind::Bool => Some(whole(i128::from(value.is_true()))),
            _ => Self::of(value),
        }
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.digits < 0
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits == 0
    }

    pub(crate) fn float(&self) -> f64 {
        format!("{}e{}", self.digits, self.exponent)
            .parse()
            .unwrap_or(f64::NAN)
    }

    /// Cuts the fraction off.
    pub(crate) fn whole(&self) -> i128 {
        match self.exponent {
            0.. => power(self.exponent)
                .and_then(|by| self.digits.checked_mul(by))
                .unwrap_or(i128::MAX),
            _ => power(-self.exponent).map_or(0, |by| self.digits / by),
        }
    }

    pub(crate) fn abs(&self) -> Self {
        Self {
            digits: self.digits.saturating_abs(),
            ..*self
        }
    }

    /// Rounds to so many places after the point, halves to the even digit.
    pub(crate) fn rounded(&self, places: usize) -> Self {
        let wanted = -i32::try_from(places).unwrap_or(i32::MAX);
        self.with_exponent(wanted).unwrap_or(*self)
    }

    /// Returns the number with another exponent, rounded where that has fewer digits; none where it has too many.
    fn with_exponent(&self, exponent: i32) -> Option<Self> {
        let digits = match self.exponent.checked_sub(exponent)? {
            by @ 0.. => self.digits.checked_mul(power(by)?)?,
            by => match power(-by) {
                Some(unit) => half_even(self.digits, unit),
                None => 0,
            },
        };
        Some(Self { digits, exponent })
    }

    /// Rounds to the digits that arithmetic keeps.
    fn limited(self) -> Self {
        let digits = self.digits.unsigned_abs();
        let count = digits.checked_ilog10().unwrap_or(0) + 1;
        match count.checked_sub(PRECISION) {
            None | Some(0) => self,
            Some(over) => {
                let over = i32::try_from(over).unwrap_or(0);
                self.with_exponent(self.exponent + over).unwrap_or(self)
            }
        }
    }

    /// Returns both numbers' digits at the smaller of their exponents.
    fn aligned(&self, other: &Self) -> Option<(i128, i128, i32)> {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (
            self.with_exponent(exponent)?,
            other.with_exponent(exponent)?,
        );
        Some((a.digits, b.digits, exponent))
    }

    /// Returns the number without zeros at its end.
    fn normalized(mut self) -> Self {
        while self.digits != 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent += 1;
        }
        if self.digits == 0 {
            self.exponent = 0;
        }
        self
    }

    fn divided(&self, by: &Self) -> Option<Self> {
        let ideal = self.exponent.checked_sub(by.exponent)?;
        if self.digits == 0 {
            return Some(Self {
                digits: 0,
                exponent: ideal,
            });
        }
        // As many digits more than kept as fit, then rounded once.
        let room = self.digits.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
        let more = i32::try_from(37u32.saturating_sub(room)).ok()?;
        let scaled = self.digits.checked_mul(power(more)?)?;
        let exact = scaled % by.digits == 0;
        let mut result = Self {
            digits: scaled / by.digits,
            exponent: ideal - more,
        };
        if !exact {
            return Some(result.limited());
        }
        while result.exponent < ideal && result.digits % 10 == 0 {
            result.digits /= 10;
            result.exponent += 1;
        }
        Some(result.limited())
    }

    /// Writes the number without its sign.
    pub(crate) fn unsigned(&self) -> String {
        let digits = self.digits.unsigned_abs().to_string();
        let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        let power = self.exponent.saturating_add(length - 1);
        if self.exponent > 0 || power < -6 {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{first}{point}{rest}E{power:+}");
        }
        let places = usize::try_from(-self.exponent).unwrap_or(0);
        if places == 0 {
            return digits;
        }
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        format!("{whole}.{fraction}")
    }

    /// Returns the number as Python's `repr()` writes it.
    pub(crate) fn repr(&self) -> String {
        format!("Decimal('{self}')")
    }
}

/// Returns 10 to a power that is not negative; none above 10^38.
fn power(exponent: i32) -> Option<i128> {
    10i128.checked_pow(u32::try_from(exponent).ok()?)
}

fn half_even(digits: i128, unit: i128) -> i128 {
    let (quotient, rest) = (digits / unit, (digits % unit).unsigned_abs());
    let unit = unit.unsigned_abs();
    let up = match rest.cmp(&(unit - rest)) {
        Ordering::Less => false,
        Ordering::Equal => quotient % 2 != 0,
        Ordering::Greater => true,
    };
    quotient + if up { digits.signum() } else { 0 }
}

/// Calculates where a side is a decimal; none where none is.
pub(crate) fn operate(sign: &str, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    if Decimal::of(left).is_none() && Decimal::of(right).is_none() {
        return None;
    }
    let (a, b) = (Decimal::coerced(left)?, Decimal::coerced(right)?);
    if b.is_zero() && matches!(sign, "/" | "//" | "%") {
        return Some(Err(problem(format!("`{sign}` by zero"))));
    }
    let result = calculate(sign, &a, &b).map(Decimal::limited);
    let too_large = || problem(format!("{a} {sign} {b} has too many digits"));
    Some(result.map(Value::from_object).ok_or_else(too_large))
}

fn calculate(sign: &str, a: &Decimal, b: &Decimal) -> Option<Decimal> {
    let made = |digits: i128, exponent: i32| Decimal { digits, exponent };
    Some(match sign {
        "*" => made(
            a.digits.checked_mul(b.digits)?,
            a.exponent.checked_add(b.exponent)?,
        ),
        "/" => a.divided(b)?,
        _ => {
            let (left, right, exponent) = a.aligned(b)?;
            match sign {
                "+" => made(left.checked_add(right)?, exponent),
                "-" => made(left.checked_sub(right)?, exponent),
                // As in Python, both cut towards zero.
                "//" => made(left.checked_div(right)?, 0),
                "%" => made(left.checked_rem(right)?, exponent),
                _ => return None,
            }
        }
    })
}

/// Compares where a side is a decimal and the other any number; none where they are something else.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (Decimal::of(left), Decimal::of(right)) {
        (None, None) => None,
        (Some(a), Some(b)) => Some(order(&a, &b)),
        (a, b) => match (Decimal::coerced(left), Decimal::coerced(right)) {
            (Some(a), Some(b)) => Some(order(&a, &b)),
            _ => {
                let size = |own: Option<Decimal>, value: &Value| match own {
                    Some(own) => Some(own.float()),
                    None if value.is_number() => f64::try_from(value.clone()).ok(),
                    None => None,
                };
                size(a, left)?.partial_cmp(&size(b, right)?)
            }
        },
    }
}

fn order(a: &Decimal, b: &Decimal) -> Ordering {
    match a.aligned(b) {
        Some((a, b, _)) => a.cmp(&b),
        None => a.float().total_cmp(&b.float()),
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        write!(f, "{sign}{}", self.unsigned())
    }
}

const METHODS: &[&str] = &[
    "is_zero",
    "normalize",
    "quantize",
    "to_integral",
    "to_integral_value",
];

impl Object for Decimal {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.is_zero()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(order(self, other.downcast_ref::<Self>()?))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Ok(match method {
            "normalize" => Value::from_object(self.normalized()),
            "is_zero" => Value::from(self.is_zero()),
            "to_integral" | "to_integral_value" => Value::from_object(self.rounded(0)),
            "quantize" => {
                let to = bind(method, &["exp"], 1, args)?;
                let to = to[0].as_ref().and_then(Self::coerced);
                let places = to.map_or(0, |to| -i64::from(to.exponent));
                let places = whole(method, Some(&Value::from(places.max(0))))?.unwrap_or(0);
                Value::from_object(self.rounded(usize::try_from(places).unwrap_or(0)))
            }
            _ => return Err(unknown("decimal", method, METHODS)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Decimal::parse(text).map(Value::from_object).unwrap()
    }

    fn result(left: &str, sign: &str, right: &str) -> String {
        let result = operate(sign, &value(left), &value(right)).unwrap().unwrap();
        Decimal::of(&result).unwrap().to_string()
    }

    #[test]
    fn arithmetic_is_that_of_python() {
        assert_eq!(result("2.50", "+", "1"), "3.50");
        assert_eq!(result("1.1", "*", "2.20"), "2.420");
        assert_eq!(result("1", "/", "3"), "0.3333333333333333333333333333");
        assert_eq!(result("10", "/", "4"), "2.5");
        assert_eq!(result("-7", "//", "2"), "-3");
        assert_eq!(result("-7", "%", "2"), "-1");
    }

    #[test]
    fn texts_are_those_of_python() {
        for text in ["2.50", "-0.001", "1E+16", "1E-7", "0.000001", "12345"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Decimal::parse("2.675").unwrap().rounded(2).to_string(),
            "2.68"
        );
        assert_eq!(Decimal::parse("2.5").unwrap().rounded(0).to_string(), "2");
    }

    #[test]
    fn numbers_of_all_kinds_compare() {
        assert_eq!(
            compare(&value("2.50"), &Value::from(2.5)),
            Some(Ordering::Equal)
        );
        assert_eq!(
            compare(&Value::from(3), &value("2.9")),
            Some(Ordering::Greater)
        );
        assert_eq!(compare(&value("1"), &Value::from("1")), None);
    }
}
