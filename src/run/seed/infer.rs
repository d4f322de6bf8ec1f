//! The SQL type of a seed's column, as dbt infers it from the column's text.
//!
//! dbt tries whole numbers, numbers, dates, times and truth values in that order and takes the first that fits all cells; the
//! details (null words, currency signs, precision) are those of the library that it reads files with.

/// Digits a number may have before its decimals are no longer counted.
const PRECISION: i64 = 28;

/// Signs of currencies, which do not keep a text from being a number.
const CURRENCIES: [char; 19] = [
    '؋', '$', 'ƒ', '៛', '¥', '₡', '₱', '£', '€', '¢', '﷼', '₪', '₩', '₭', '₮', '₦', '฿', '₤', '₫',
];

/// What the cells of one column have in common so far.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Whether the column has no cell yet.
    is_empty: bool,
    may_be: [bool; 5],
    whole_places: i64,
    decimal_places: i64,
}

/// Whether a text is of a kind, and the kind's SQL type.
type Kind = (fn(&str) -> bool, &'static str);

/// The kinds tried, in order of preference; text is what is left.
const KINDS: [Kind; 5] = [
    (|text| number(text).is_some(), "integer"),
    (is_date, "date"),
    (is_time, "timestamp without time zone"),
    (is_iso_time, "timestamp without time zone"),
    (is_truth, "boolean"),
];

impl Column {
    pub(super) fn new() -> Self {
        Self {
            is_empty: true,
            may_be: [true; 5],
            whole_places: 1,
            decimal_places: 0,
        }
    }

    /// Takes a further cell into account.
    pub(super) fn see(&mut self, cell: &str) {
        self.is_empty = false;
        let text = cell.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("null") {
            return;
        }
        for (may_be, (fits, _)) in self.may_be.iter_mut().zip(KINDS).skip(1) {
            *may_be = *may_be && fits(text);
        }
        if !self.may_be[0] {
            return;
        }
        match number(text) {
            None => self.may_be[0] = false,
            Some(Places::None) => {}
            Some(Places::Some { whole, decimal }) => {
                self.whole_places = self.whole_places.max(whole);
                self.decimal_places = self.decimal_places.max(decimal);
            }
        }
    }

    /// Returns the SQL type.
    pub(super) fn sql_type(&self) -> &'static str {
        if self.is_empty {
            return "integer";
        }
        let found = self.may_be.iter().position(|may_be| *may_be);
        match found {
            Some(0) if self.decimals() != 0 => "float8",
            Some(kind) => KINDS[kind].1,
            None => "text",
        }
    }

    fn decimals(&self) -> i64 {
        match self.whole_places + self.decimal_places > PRECISION {
            true => PRECISION - self.whole_places,
            false => self.decimal_places,
        }
    }
}

/// How many digits a number has before and after its point, zeros at the end not counted.
#[derive(Debug, PartialEq)]
enum Places {
    /// It is infinite or no number.
    None,
    Some {
        whole: i64,
        decimal: i64,
    },
}

/// Reads a number: percent and currency signs around it and commas in it do not count.
fn number(text: &str) -> Option<Places> {
    let text = text.trim_matches('%');
    let mut text = text.strip_prefix('-').unwrap_or(text);
    for sign in CURRENCIES {
        text = text.trim_matches(sign);
    }
    decimal(&text.replace(',', ""))
}

/// Reads a decimal number as Python does.
fn decimal(text: &str) -> Option<Places> {
    let text = text.trim().replace('_', "");
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let lower = unsigned.to_ascii_lowercase();
    let after_nan = lower
        .strip_prefix("snan")
        .or_else(|| lower.strip_prefix("nan"));
    let is_nan = after_nan.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_nan || lower == "inf" || lower == "infinity" {
        return Some(Places::None);
    }
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (lower.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let kept = significant.trim_end_matches('0');
    if kept.is_empty() {
        return Some(Places::Some {
            whole: 1,
            decimal: 0,
        });
    }
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let decimal = length(fraction) - exponent - (length(significant) - length(kept));
    Some(Places::Some {
        whole: length(kept) - decimal,
        decimal,
    })
}

/// Takes `least` to `most` digits from the front of `text` and returns them as a number, with the rest.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let number = text.get(..count)?.parse().ok()?;
    (count >= least).then(|| (number, &text[count..]))
}

/// Takes a date as `2024-1-31` from the front of `text` and returns the rest.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    exists(year, month, day).then_some(rest)
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let small = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
    let year = i16::try_from(year).unwrap_or(i16::MAX);
    year > 0 && jiff::civil::Date::new(year, small(month), small(day)).is_ok()
}

fn is_date(text: &str) -> bool {
    date(text) == Some("")
}

/// A date, space, and a time of day with seconds.
fn is_time(text: &str) -> bool {
    let clock = |text: &str| {
        let (hour, rest) = digits(text, 1, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
        let (second, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
        Some(hour < 24 && minute < 60 && second < 60 && rest.is_empty())
    };
    let rest = date(text).filter(|rest| rest.starts_with(char::is_whitespace));
    rest.and_then(|rest| clock(rest.trim_start())) == Some(true)
}

/// A date and a time of day as ISO 8601 writes them, with `T` between.
fn is_iso_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    iso_date(date).is_some() && iso_clock(time).is_some()
}

/// Reads `2024-01-31`, `20240131`, `2024-031`, `2024031`, `2024-W05-3` or `2024W053`.
fn iso_date(text: &str) -> Option<()> {
    let (year, rest) = digits(text, 4, 4)?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let is_good = if let Some(week) = rest.strip_prefix('W') {
        let (week, rest) = digits(week, 2, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-').unwrap_or(rest), 1, 1)?;
        (1..=53).contains(&week) && (1..=7).contains(&day) && rest.is_empty()
    } else if rest.len() == 3 {
        let (day, _) = digits(rest, 3, 3)?;
        (1..=366).contains(&day)
    } else {
        let (month, rest) = digits(rest, 2, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-').unwrap_or(rest), 2, 2)?;
        exists(year, month, day) && rest.is_empty()
    };
    is_good.then_some(())
}

/// Reads `10:30:00.5`, `103000`, `10:30`, `1030` or `10`, then nothing, `Z` or an offset such as `+02:00`.
fn iso_clock(text: &str) -> Option<()> {
    let (hour, mut rest) = digits(text, 2, 2)?;
    let mut is_good = hour < 25;
    for _ in 0..2 {
        let next = rest.strip_prefix(':').unwrap_or(rest);
        let Some((number, after)) = digits(next, 2, 2) else {
            break;
        };
        is_good = is_good && number < 60;
        rest = after;
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        is_good = is_good && rest.len() < fraction.len();
    }
    let is_zone = match rest.strip_prefix(['+', '-']) {
        None => rest.is_empty() || rest == "Z",
        Some(offset) => {
            let (_, rest) = digits(offset, 2, 2)?;
            let rest = rest.strip_prefix(':').unwrap_or(rest);
            rest.is_empty() || digits(rest, 2, 2)?.1.is_empty()
        }
    };
    (is_good && is_zone).then_some(())
}

fn is_truth(text: &str) -> bool {
    let text = text.replace(',', "");
    let text = text.trim();
    ["true", "false", "null", ""]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(cells: &[&str]) -> &'static str {
        let mut column = Column::new();
        cells.iter().for_each(|cell| column.see(cell));
        column.sql_type()
    }

    #[test]
    fn numbers_are_whole_unless_a_decimal_counts() {
        assert_eq!(inferred(&["1", "", "null", " 3 "]), "integer");
        assert_eq!(inferred(&["1.0", "2.00"]), "integer");
        assert_eq!(inferred(&["1.5", "2"]), "float8");
        assert_eq!(inferred(&["$1,000", "5%", "-3"]), "integer");
        assert_eq!(inferred(&["1e3", "Infinity", "nan"]), "integer");
        assert_eq!(inferred(&["1e-3"]), "float8");
        assert_eq!(inferred(&["1", "one"]), "text");
        assert_eq!(inferred(&["0.0"]), "integer");
    }

    #[test]
    fn a_column_of_nothing_is_whole_numbers() {
        assert_eq!(inferred(&[]), "integer");
        assert_eq!(inferred(&["", "NULL"]), "integer");
    }

    #[test]
    fn dates_and_times_are_read_as_python_does() {
        assert_eq!(inferred(&["2024-02-29", "2024-1-5"]), "date");
        assert_eq!(inferred(&["2023-02-29"]), "text");
        assert_eq!(
            inferred(&["2024-01-01 10:00:00"]),
            "timestamp without time zone"
        );
        assert_eq!(
            inferred(&["2024-01-01T10:00:00Z", "20240101T1000+02:00"]),
            "timestamp without time zone"
        );
        assert_eq!(inferred(&["2024-01-01", "2024-01-01 10:00:00"]), "text");
        assert_eq!(inferred(&["2024-01-01 10:00"]), "text");
        assert_eq!(inferred(&["2024-01-01 10:00:00.5"]), "text");
    }

    #[test]
    fn truth_values_are_two_words() {
        assert_eq!(inferred(&["true", "False", ""]), "boolean");
        assert_eq!(inferred(&["yes", "no"]), "text");
    }
}
