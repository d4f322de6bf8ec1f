//! How a column looks: its kind of cells, header, number format and width, decided from its type, its name and its
//! values. Pure.

use arrow::array::{Array, RecordBatch};
use rust_xlsxwriter::{Format, FormatAlign};

use super::super::table::Column;
use super::cells::{self, Kind, Lane};
use super::options::{SheetOptions, number_format};
use crate::diagnostic::Result;

/// The narrowest and widest column that is chosen, in characters.
const WIDTHS: (f64, f64) = (9.0, 60.0);
/// Rows up to which long texts are wrapped; beyond, rows of one height are easier to read.
const MAX_WRAPPED: usize = 2_000;
/// The room of the filter's button beside a header, in characters.
const BUTTON: f64 = 3.5;

/// How a column looks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// Its name in the warehouse.
    pub(super) name: String,
    /// The text above it.
    pub(super) header: String,
    /// What its cells are.
    pub(super) kind: Kind,
    /// Excel's number format; `None` for text.
    pub(super) number_format: Option<String>,
    /// In characters.
    pub(super) width: f64,
    /// Whether texts longer than that go on in a line below.
    pub(super) is_wrapped: bool,
    /// The smallest and largest number, where there is one.
    pub(super) range: Option<(f64, f64)>,
}

impl Look {
    /// Returns the format of its cells.
    pub(super) fn format(&self) -> Format {
        let format = match &self.number_format {
            Some(code) => Format::new().set_num_format(code),
            None => Format::new(),
        };
        let format = match self.is_wrapped {
            true => format.set_text_wrap(),
            false => format,
        };
        // The top, since a wrapped text makes its row high; a step in, since a number may end just before.
        let format = format.set_align(FormatAlign::Top);
        match self.kind {
            Kind::Bool | Kind::Date | Kind::DateTime | Kind::Time => {
                format.set_align(FormatAlign::Center)
            }
            Kind::Text => format.set_align(FormatAlign::Left).set_indent(1),
            Kind::Number(_) => format,
        }
    }
}

/// What is seen when all values of a column are looked at.
#[derive(Debug, Default)]
struct Seen {
    smallest: Option<f64>,
    largest: Option<f64>,
    /// Digits behind the point that the values need, at most 4.
    n_decimals: usize,
    has_time: bool,
    has_seconds: bool,
    /// Characters of the longest text.
    longest: usize,
}

impl Seen {
    fn number(&mut self, number: f64) {
        self.smallest = Some(self.smallest.map_or(number, |least| least.min(number)));
        self.largest = Some(self.largest.map_or(number, |most| most.max(number)));
        while self.n_decimals < 4 && !is_round(number, self.n_decimals) {
            self.n_decimals += 1;
        }
    }

    fn instant(&mut self, serial: f64) {
        let seconds = (serial.fract() * 86_400.0).round();
        self.has_time |= seconds != 0.0;
        self.has_seconds |= seconds % 60.0 != 0.0;
        self.smallest = Some(self.smallest.map_or(serial, |least| least.min(serial)));
        self.largest = Some(self.largest.map_or(serial, |most| most.max(serial)));
    }

    fn lane(&mut self, lane: &Lane, kind: Kind) {
        if let Lane::Numbers(numbers, _) = lane {
            let finite = numbers.iter().flatten().filter(|number| number.is_finite());
            match kind {
                Kind::Number(_) => finite.for_each(|number| self.number(number)),
                _ => finite.for_each(|serial| self.instant(serial)),
            }
        }
        if !matches!(lane, Lane::Numbers(_, None) | Lane::Bools(_)) {
            let n_rows = match lane {
                Lane::Numbers(numbers, _) => numbers.len(),
                Lane::Bools(bools) => bools.len(),
                Lane::Texts(texts) => texts.len(),
            };
            let texts = (0..n_rows).filter_map(|row| lane.text(row));
            let longest = texts.map(line_length).max().unwrap_or(0);
            self.longest = self.longest.max(longest);
        }
    }

    /// Returns the largest distance from zero.
    fn magnitude(&self) -> f64 {
        let ends = [self.smallest, self.largest];
        ends.into_iter().flatten().map(f64::abs).fold(0.0, f64::max)
    }
}

/// Returns the characters of the longest line, as far as widths go.
fn line_length(text: &str) -> usize {
    let lines = text.lines().map(|line| line.chars().take(100).count());
    lines.max().unwrap_or(0)
}

fn is_round(number: f64, n_decimals: usize) -> bool {
    const POWERS: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];
    let scaled = number * POWERS[n_decimals.min(4)];
    (scaled - scaled.round()).abs() < 1e-9 * scaled.abs().max(1.0)
}

/// Decides how column `index` of `batches` looks.
///
/// # Errors
/// `Bug` when Arrow cannot cast.
pub(super) fn look(
    batches: &[RecordBatch],
    index: usize,
    column: &Column,
    options: &SheetOptions,
) -> Result<Look> {
    let declared = options.format(&column.name);
    let kind = kind(batches, index, declared)?;
    let n_rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut seen = Seen::default();
    for batch in batches {
        seen.lane(&cells::lane(batch.column(index), kind)?, kind);
    }
    let code = match declared.map(number_format) {
        Some(Ok(code)) => Some(code.to_owned()),
        _ => chosen_format(&column.name, kind, &seen),
    };
    let header = options
        .header(&column.name)
        .unwrap_or(&column.name)
        .to_owned();
    let width = options
        .width(&column.name)
        .unwrap_or_else(|| fitted(&header, code.as_deref(), kind, &seen));
    Ok(Look {
        name: column.name.clone(),
        header,
        kind,
        number_format: code,
        width,
        is_wrapped: kind == Kind::Text && is_longer(seen.longest, width) && n_rows <= MAX_WRAPPED,
        range: seen.smallest.zip(seen.largest),
    })
}

fn is_longer(n_characters: usize, width: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "lengths are small")]
    let longest = n_characters as f64;
    longest > width
}

/// A number that a cell would round makes its whole column text, so that sorting and filtering stay right.
fn kind(batches: &[RecordBatch], index: usize, declared: Option<&str>) -> Result<Kind> {
    let Some(first) = batches.first() else {
        return Ok(Kind::Text);
    };
    if declared.is_some_and(|format| format == "text" || format == "@") {
        return Ok(Kind::Text);
    }
    for batch in batches {
        if !cells::fits_a_number(batch.column(index))? {
            return Ok(Kind::Text);
        }
    }
    Ok(cells::kind_of(first.column(index).data_type()))
}

fn chosen_format(name: &str, kind: Kind, seen: &Seen) -> Option<String> {
    Some(match kind {
        Kind::Text | Kind::Bool => return None,
        Kind::Time => "hh:mm:ss".into(),
        Kind::Date => "yyyy-mm-dd".into(),
        Kind::DateTime => match (seen.has_time, seen.has_seconds) {
            (false, _) => "yyyy-mm-dd".into(),
            (true, false) => "yyyy-mm-dd hh:mm".into(),
            (true, true) => "yyyy-mm-dd hh:mm:ss".into(),
        },
        Kind::Number(scale) => {
            let n_decimals = match scale {
                Some(scale) => usize::try_from(scale).unwrap_or(0).min(6),
                None => seen.n_decimals,
            };
            match n_decimals {
                _ if scale != Some(0) && is_money(name) => "#,##0.00".into(),
                0 if is_label(name) => "0".into(),
                0 => "#,##0".into(),
                _ if scale.is_none() && seen.magnitude() < 0.001 => "0.00E+00".into(),
                _ => format!("#,##0.{}", "0".repeat(n_decimals)),
            }
        }
    })
}

/// Returns the words of a name: `totalRevenue_USD` has `total`, `revenue`, `usd`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && was_lower);
        if starts {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether whole numbers of that name are labels rather than amounts: `sale_id`, `year`.
fn is_label(name: &str) -> bool {
    const LAST: [&str; 12] = [
        "id", "key", "code", "number", "no", "nr", "zip", "postcode", "phone", "year", "sku",
        "line",
    ];
    words(name)
        .last()
        .is_some_and(|word| LAST.contains(&word.as_str()))
}

/// Whether numbers of that name are amounts of money.
fn is_money(name: &str) -> bool {
    const ANY: [&str; 24] = [
        "price", "amount", "revenue", "cost", "costs", "sales", "spend", "spent", "spending",
        "income", "profit", "tax", "fee", "fees", "balance", "budget", "payment", "payments",
        "salary", "turnover", "expense", "expenses", "discount", "value",
    ];
    words(name).iter().any(|word| ANY.contains(&word.as_str()))
}

fn fitted(header: &str, code: Option<&str>, kind: Kind, seen: &Seen) -> f64 {
    let cells = match kind {
        Kind::Text => seen.longest,
        Kind::Bool => 6,
        Kind::Date | Kind::DateTime | Kind::Time => code.map_or(0, str::len).max(seen.longest),
        Kind::Number(_) => {
            number_length(seen.magnitude(), code.unwrap_or_default()).max(seen.longest)
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "lengths are small")]
    let (cells, header) = (cells as f64 + 2.5, header.chars().count() as f64 + BUTTON);
    cells.max(header).clamp(WIDTHS.0, WIDTHS.1)
}

/// Returns how many characters a number of that magnitude takes in a format, with a sign.
fn number_length(magnitude: f64, code: &str) -> usize {
    let mut n_digits = 1;
    let mut rest = magnitude;
    while rest >= 10.0 && n_digits < 20 {
        rest /= 10.0;
        n_digits += 1;
    }
    let separators = match code.contains(',') {
        true => (n_digits - 1) / 3,
        false => 0,
    };
    let behind = code
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len() + 1);
    n_digits + separators + behind + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(name: &str, kind: Kind, numbers: &[f64]) -> String {
        let mut seen = Seen::default();
        for number in numbers {
            seen.number(*number);
        }
        chosen_format(name, kind, &seen).unwrap()
    }

    #[test]
    fn a_name_has_words() {
        assert_eq!(words("totalRevenue_USD"), ["total", "revenue", "usd"]);
        assert_eq!(words("sale id"), ["sale", "id"]);
    }

    #[test]
    fn money_counts_labels_and_scores_have_formats_of_their_own() {
        let float = Kind::Number(None);
        assert_eq!(
            format_of("total_revenue", float, &[150.0, 75.5]),
            "#,##0.00"
        );
        assert_eq!(
            format_of("total_revenue", float, &[150.0, 75.0]),
            "#,##0.00"
        );
        assert_eq!(
            format_of("total_revenue", Kind::Number(Some(0)), &[150.0, 75.0]),
            "#,##0"
        );
        assert_eq!(
            format_of("sentiment_score", float, &[0.25, 0.5]),
            "#,##0.00"
        );
        assert_eq!(format_of("share", float, &[1.0 / 3.0]), "#,##0.0000");
        assert_eq!(format_of("error", float, &[0.000_01]), "0.00E+00");
        assert_eq!(
            format_of("n_orders", Kind::Number(Some(0)), &[1e6]),
            "#,##0"
        );
        assert_eq!(format_of("sale_id", Kind::Number(Some(0)), &[1e6]), "0");
        assert_eq!(
            format_of("weight", Kind::Number(Some(3)), &[1.5]),
            "#,##0.000"
        );
    }

    #[test]
    fn a_width_has_room_for_the_longest_number() {
        assert_eq!(
            number_length(1_234_567.0, "#,##0.00"),
            "-1,234,567.00".len()
        );
        assert_eq!(number_length(0.5, "0"), "-0".len());
    }

    #[test]
    fn a_timestamp_without_times_looks_like_a_date() {
        let mut seen = Seen::default();
        seen.instant(45_000.0);
        assert_eq!(
            chosen_format("at", Kind::DateTime, &seen).unwrap(),
            "yyyy-mm-dd"
        );
        seen.instant(45_000.5);
        assert_eq!(
            chosen_format("at", Kind::DateTime, &seen).unwrap(),
            "yyyy-mm-dd hh:mm"
        );
        seen.instant(45_000.0 + 1.0 / 86_400.0);
        assert_eq!(
            chosen_format("at", Kind::DateTime, &seen).unwrap(),
            "yyyy-mm-dd hh:mm:ss"
        );
    }
}
