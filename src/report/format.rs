//! Numbers and dates as people read them, named as in `format='money'`. Knows no locale but English's separators.

use super::frame::{Cell, parse_instant};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// What a missing value looks like.
pub const MISSING: &str = "–";

/// The formats that `format=` knows; `number`, `percent` and `money` may end in a number of decimals.
pub static NAMES: &[&str] = &[
    "auto", "number", "percent", "money", "date", "month", "text",
];

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// As many digits as say something.
    Auto,
    /// A fixed number of decimals; `None` means as many as needed, at most two.
    Number(Option<usize>),
    /// A share, 0 to 1, as a percentage; one decimal unless given.
    Percent(Option<usize>),
    /// An amount; two decimals unless given.
    Money(Option<usize>),
    /// `1 March 2024`.
    Date,
    /// `March 2024`.
    Month,
    /// As it is.
    Text,
}

/// A notation and the currency its amounts are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// How a value is written.
    pub notation: Notation,
    /// A sign, written before the amount (`$`), or a code, written after it (`EUR`).
    pub currency: String,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            notation: Notation::Auto,
            currency: "$".into(),
        }
    }
}

impl Format {
    /// Reads a format's name: `money`, `money0`, `percent1`, `number2`, `date` …
    ///
    /// # Errors
    /// `Project` when there is no such format.
    pub fn parse(name: &str, currency: &str) -> Result<Self> {
        let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let decimals = name[word.len()..]
            .parse::<usize>()
            .ok()
            .filter(|digits| *digits <= 12);
        let has_digits = word.len() < name.len();
        let notation = match word {
            "number" if decimals.is_some() == has_digits => Notation::Number(decimals),
            "percent" if decimals.is_some() == has_digits => Notation::Percent(decimals),
            "money" if decimals.is_some() == has_digits => Notation::Money(decimals),
            "auto" if !has_digits => Notation::Auto,
            "date" if !has_digits => Notation::Date,
            "month" if !has_digits => Notation::Month,
            "text" if !has_digits => Notation::Text,
            _ => return Err(unknown(name, word)),
        };
        Ok(Self {
            notation,
            currency: currency.into(),
        })
    }

    /// Writes a value in full.
    #[must_use]
    pub fn cell(&self, cell: &Cell) -> String {
        match cell {
            Cell::Null => MISSING.into(),
            Cell::Bool(true) => "yes".into(),
            Cell::Bool(false) => "no".into(),
            Cell::Int(value) if self.notation == Notation::Text => value.to_string(),
            Cell::Float(value) if self.notation == Notation::Text => value.to_string(),
            Cell::Int(value) => self.number(*value as f64),
            Cell::Float(value) => self.number(*value),
            Cell::Text(text) => self.text(text),
        }
    }

    /// Writes a number in full: `$1,250.00`, `41.3%`, `−0.05`.
    #[must_use]
    pub fn number(&self, value: f64) -> String {
        match self.notation {
            Notation::Percent(decimals) => self.dress(
                value * 100.0,
                &fixed(value.abs() * 100.0, decimals.unwrap_or(1)),
            ),
            Notation::Money(decimals) => {
                self.dress(value, &fixed(value.abs(), decimals.unwrap_or(2)))
            }
            Notation::Number(Some(decimals)) => self.dress(value, &fixed(value.abs(), decimals)),
            _ => self.dress(value, &plain(value.abs())),
        }
    }

    /// Writes a number in little room: `$47.8k`, `1.25M`, `41.3%`; small numbers keep the decimals asked for.
    #[must_use]
    pub fn short(&self, value: f64) -> String {
        if let Notation::Percent(_) = self.notation {
            return self.number(value);
        }
        let size = value.abs();
        match self.notation {
            Notation::Number(Some(_)) if size < 10_000.0 => return self.number(value),
            Notation::Money(_) if size < 1_000.0 && size.fract() != 0.0 => {
                return self.number(value);
            }
            _ => {}
        }
        let (unit, suffix) = unit_of(if size < 9_999.5 { 0.0 } else { size });
        let scaled = size / unit;
        if !size.is_finite() || scaled >= 9_999.5 {
            return self.dress(value, &plain(size));
        }
        if scaled < 0.01 {
            return self.dress(value, &plain(size));
        }
        let decimals = (2 - scaled.log10().floor() as i32).clamp(0, 4) as usize;
        let digits = trimmed(fixed(scaled, decimals));
        self.dress(value, &format!("{digits}{suffix}"))
    }

    /// Writes the marks of one axis, `step` apart, in one unit and with equally many decimals.
    #[must_use]
    pub fn ticks(&self, marks: &[f64], step: f64) -> Vec<String> {
        let percent = matches!(self.notation, Notation::Percent(_));
        let factor = if percent { 100.0 } else { 1.0 };
        let largest = marks
            .iter()
            .fold(0.0_f64, |most, mark| most.max(mark.abs()));
        let (unit, suffix) = unit_of(if largest < 10_000.0 { 0.0 } else { largest });
        let outside = largest > 0.0 && (largest / unit >= 10_000.0 || largest < 1e-4);
        let decimals = (-(step * factor / unit).log10() - 1e-9)
            .ceil()
            .clamp(0.0, 12.0) as usize;
        let write = |mark: &f64| {
            if *mark == 0.0 && outside {
                return self.dress(0.0, "0");
            }
            if outside {
                return self.dress(*mark, &scientific(mark.abs()));
            }
            let size = mark.abs() * factor / unit;
            let suffix = if *mark == 0.0 { "" } else { suffix };
            self.dress(*mark, &format!("{}{suffix}", fixed(size, decimals)))
        };
        marks.iter().map(write).collect()
    }

    /// Adds sign, currency and per cent to digits.
    fn dress(&self, value: f64, digits: &str) -> String {
        let is_zero =
            !digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) && value.is_finite();
        let minus = if value < 0.0 && !is_zero { "−" } else { "" };
        match self.notation {
            Notation::Percent(_) => format!("{minus}{digits}%"),
            Notation::Money(_) if self.currency.chars().all(char::is_alphabetic) => {
                format!("{minus}{digits}\u{a0}{}", self.currency)
            }
            Notation::Money(_) => format!("{minus}{}{digits}", self.currency),
            _ => format!("{minus}{digits}"),
        }
    }

    fn text(&self, text: &str) -> String {
        let pattern = match self.notation {
            Notation::Date => "%-d %B %Y",
            Notation::Month => "%B %Y",
            _ => return text.into(),
        };
        date(text, pattern).unwrap_or_else(|| text.into())
    }
}

/// Writes an ISO date or timestamp by a `strftime` pattern, or returns `None` when `text` is neither or the
/// pattern is not one.
#[must_use]
pub fn date(text: &str, pattern: &str) -> Option<String> {
    let seconds = parse_instant(text)?;
    let instant = jiff::Timestamp::from_second(seconds.floor() as i64).ok()?;
    jiff::fmt::strtime::format(
        pattern,
        instant.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
    )
    .ok()
}

fn unknown(name: &str, word: &str) -> anyhow::Error {
    let hint = match nearest(word, NAMES.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the formats are {}", NAMES.join(", ")),
    };
    Diagnostic::project(format!("there is no format `{name}`"))
        .hint(hint)
        .into()
}

/// Returns the divisor and letter for numbers as large as `largest`.
fn unit_of(largest: f64) -> (f64, &'static str) {
    match largest {
        size if size >= 1e12 => (1e12, "T"),
        size if size >= 1e9 => (1e9, "B"),
        size if size >= 1e6 => (1e6, "M"),
        size if size >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    }
}

/// Writes a number of at least 0 with separators and a fixed number of decimals.
fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() || value >= 1e15 {
        return scientific(value);
    }
    // Halves are rounded up, as people do; formatting alone would round them to even.
    let factor = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    let exact = value * factor < 9e15;
    let rounded = if exact {
        (value * factor).round() / factor
    } else {
        value
    };
    let text = format!("{rounded:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// Writes a number of at least 0 with two decimals at most, or the first three digits that are not zero.
fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value < 1e-6 {
        return scientific(value);
    }
    let decimals = if value < 0.1 {
        (2.0 - value.log10().floor()) as usize
    } else {
        2
    };
    trimmed(fixed(value, decimals))
}

fn scientific(value: f64) -> String {
    if value.is_nan() {
        return "not a number".into();
    }
    if value.is_infinite() {
        return "∞".into();
    }
    let text = format!("{value:.2e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{}", trimmed(digits.into()), power.replace('-', "−")),
        None => text,
    }
}

fn trimmed(text: String) -> String {
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(name: &str) -> Format {
        Format::parse(name, "$").unwrap()
    }

    #[test]
    fn amounts_shares_and_numbers_are_written_as_people_read_them() {
        assert_eq!(format("money").number(47_797.5), "$47,797.50");
        assert_eq!(format("money0").number(-1_250.0), "−$1,250");
        assert_eq!(format("money0").number(196_198.5), "$196,199");
        assert_eq!(format("percent").number(0.4131), "41.3%");
        assert_eq!(format("percent0").number(0.0), "0%");
        assert_eq!(format("number2").number(1_234_567.0), "1,234,567.00");
        assert_eq!(format("auto").number(0.000_123_4), "0.000123");
        assert_eq!(format("auto").number(-0.001), "−0.001");
        assert_eq!(format("number").number(999.999), "1,000");
        assert_eq!(format("number2").number(-0.001), "0.00");
        assert_eq!(format("auto").number(f64::INFINITY), "∞");
        assert_eq!(format("auto").number(2.5e20), "2.5e20");
        assert_eq!(
            Format::parse("money", "EUR").unwrap().number(3.0),
            "3.00\u{a0}EUR"
        );
    }

    #[test]
    fn short_numbers_keep_three_digits() {
        assert_eq!(format("money").short(47_797.5), "$47.8k");
        assert_eq!(format("auto").short(1_250_000.0), "1.25M");
        assert_eq!(format("auto").short(4.5), "4.5");
        assert_eq!(format("number2").short(3.7), "3.70");
        assert_eq!(format("money").short(-2.5), "−$2.50");
        assert_eq!(format("money").short(3.0), "$3");
        assert_eq!(format("auto").short(-9_999.0), "−9,999");
        assert_eq!(format("auto").short(0.0), "0");
        assert_eq!(format("percent").short(0.256), "25.6%");
        assert_eq!(format("auto").short(1e300), "1e300");
    }

    #[test]
    fn the_marks_of_an_axis_share_unit_and_decimals() {
        let marks =
            |name: &str, marks: &[f64], step: f64| format(name).ticks(marks, step).join(" ");
        assert_eq!(
            marks("money", &[0.0, 10_000.0, 20_000.0], 10_000.0),
            "$0 $10k $20k"
        );
        assert_eq!(marks("auto", &[0.0, 0.5, 1.0], 0.5), "0.0 0.5 1.0");
        assert_eq!(marks("percent", &[0.0, 0.2, 0.4], 0.2), "0% 20% 40%");
        assert_eq!(marks("auto", &[-1e18, 0.0, 1e18], 1e18), "−1e18 0 1e18");
        assert_eq!(
            marks("auto", &[0.0, 5_000.0, 10_000.0], 5_000.0),
            "0 5k 10k"
        );
    }

    #[test]
    fn dates_are_written_out_and_other_text_is_left_alone() {
        let text = |name: &str, text: &str| format(name).cell(&Cell::Text(text.into()));
        assert_eq!(text("date", "2024-03-01"), "1 March 2024");
        assert_eq!(text("month", "2024-03-01T00:00:00"), "March 2024");
        assert_eq!(text("date", "soon"), "soon");
        assert_eq!(text("date", "1969-12-31"), "31 December 1969");
        assert_eq!(format("auto").cell(&Cell::Null), MISSING);
    }

    #[test]
    fn an_unknown_format_is_answered_with_the_nearest() {
        let err = Format::parse("mony", "$").unwrap_err();
        assert_eq!(
            err.to_string(),
            "there is no format `mony`\nhint: did you mean `money`?"
        );
        assert!(Format::parse("date3", "$").is_err());
    }
}
