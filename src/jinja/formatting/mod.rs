//! Values as text in Python's two languages of formats: `'%05d' % x` and `'{:>5}'.format(x)`.

mod braces;
mod numbers;
mod percent;

pub(crate) use self::braces::format;
pub(crate) use self::percent::percent;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use self::numbers::{Number, grouped};
use super::errors::problem;
use super::methods::kind_name;
use super::value::text;

/// How one value is written: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spec {
    fill: Option<char>,
    /// `<`, `>`, `^`, or `=`: fill between sign and digits.
    align: Option<char>,
    /// `-`, `+` or a space: what stands before a number that is not negative.
    sign: Option<char>,
    /// Whether numbers say their base and keep their point.
    alternate: bool,
    width: usize,
    /// What stands between groups of digits.
    group: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// Most characters that a format fills up to.
const MAX_WIDTH: usize = 1_000_000;

impl Spec {
    /// Fills a text up to the width.
    fn pad(&self, own: &str, sign: &str, align: char) -> String {
        let (fill, align) = (self.fill.unwrap_or(' '), self.align.unwrap_or(align));
        let length = own.chars().count() + sign.chars().count();
        let missing = self.width.min(MAX_WIDTH).saturating_sub(length);
        let (before, between, after) = match align {
            '<' => (0, 0, missing),
            '^' => (missing / 2, 0, missing - missing / 2),
            '=' => (0, missing, 0),
            _ => (missing, 0, 0),
        };
        let filled = |count: usize| fill.to_string().repeat(count);
        format!(
            "{}{sign}{}{own}{}",
            filled(before),
            filled(between),
            filled(after)
        )
    }

    /// Writes a text, cut to the precision.
    fn text(&self, own: &str) -> String {
        let own: String = match self.precision {
            Some(most) => own.chars().take(most).collect(),
            None => own.to_owned(),
        };
        self.pad(&own, "", '<')
    }

    /// Writes a number by the type of the format.
    fn number(&self, number: &Number) -> Result<String, Error> {
        let digits = number.digits(self.kind, self.precision, self.alternate)?;
        let sign = match (number.is_negative(), self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        };
        let prefix = match (self.alternate, self.kind) {
            (true, Some('x')) => "0x",
            (true, Some('X')) => "0X",
            (true, Some('o')) => "0o",
            (true, Some('b')) => "0b",
            _ => "",
        };
        let before = format!("{sign}{prefix}");
        let digits = match self.group {
            Some(mark) => {
                let every = if matches!(self.kind, Some('x' | 'X' | 'o' | 'b')) {
                    4
                } else {
                    3
                };
                // Zeros that fill up are in groups, too.
                let least = match (self.fill, self.align) {
                    (Some('0'), Some('=')) => {
                        self.width.min(MAX_WIDTH).saturating_sub(before.len())
                    }
                    _ => 0,
                };
                grouped(&digits, mark, every, least)
            }
            None => digits,
        };
        Ok(self.pad(&digits, &before, '>'))
    }
}

/// Reads a value as a number.
fn number(value: &Value, kind: char) -> Result<Number, Error> {
    Number::of(value).ok_or_else(|| {
        problem(format!(
            "the format `{kind}` takes a number, not {}",
            kind_name(value)
        ))
    })
}

/// Returns the character that `c` writes: of a number, or the string itself.
fn character(value: &Value) -> Result<String, Error> {
    let of_code = |code: i64| u32::try_from(code).ok().and_then(char::from_u32);
    match value.kind() {
        ValueKind::String if text(value).chars().count() == 1 => Ok(text(value)),
        ValueKind::Number => value
            .as_i64()
            .and_then(of_code)
            .map(String::from)
            .ok_or_else(|| problem("the format `c` takes the number of a character")),
        _ => Err(problem(format!(
            "the format `c` takes one character, not {}",
            super::value::repr(value)
        ))),
    }
}
