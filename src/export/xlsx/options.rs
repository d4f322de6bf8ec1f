//! What a project may say of a workbook and its sheets.

use std::collections::BTreeMap;

use rust_xlsxwriter::TableStyle;
use serde::Deserialize;

use super::super::options::{column, one_or_many};
use super::super::table::Table;
use crate::diagnostic::{Diagnostic, Result};

/// Options of the workbook.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BookOptions {
    /// Title on the cover and in the properties; made of the export's name when it is not given.
    pub(super) title: Option<String>,
    /// Subject in the properties; the description when it is not given.
    pub(super) subject: Option<String>,
    /// Author in the properties and on the cover.
    pub(super) author: Option<String>,
    /// Company in the properties and on the cover.
    pub(super) company: Option<String>,
    /// Whether the first sheet is a cover.
    pub(super) cover: bool,
    /// Colours of all sheets.
    pub(super) style: Style,
}

impl Default for BookOptions {
    fn default() -> Self {
        Self {
            title: None,
            subject: None,
            author: None,
            company: None,
            cover: true,
            style: Style::Blue,
        }
    }
}

/// Options of one sheet.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SheetOptions {
    /// What the sheet shows, for the cover; the node's description when it is not given.
    pub(super) description: Option<String>,
    /// Header texts by column.
    headers: BTreeMap<String, String>,
    /// Formats by column: `currency`, `percent`, `integer`, `number`, `date`, `datetime`, `text` or Excel's own.
    formats: BTreeMap<String, String>,
    /// Widths by column, in characters.
    widths: BTreeMap<String, f64>,
    /// Charts beside the table.
    #[serde(alias = "chart", deserialize_with = "one_or_many")]
    pub(super) charts: Vec<ChartOptions>,
    /// Rows to be marked.
    #[serde(deserialize_with = "one_or_many")]
    pub(super) highlight: Vec<Highlight>,
    /// Colours; the workbook's when not given.
    pub(super) style: Option<Style>,
}

/// A chart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChartOptions {
    /// Its shape.
    pub(super) kind: ChartKind,
    /// The column of its categories.
    pub(super) x: String,
    /// The columns of its values, one series each.
    #[serde(deserialize_with = "one_or_many")]
    pub(super) y: Vec<String>,
    /// Title; made of the columns' headers when not given.
    pub(super) title: Option<String>,
    /// Title of the category axis; the column's header when not given.
    pub(super) x_title: Option<String>,
    /// Title of the value axis; the column's header when not given.
    pub(super) y_title: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub(super) position: Position,
    /// The first rows that are drawn; all, but at most as many as such a chart can show, when not given.
    pub(super) limit: Option<u32>,
}

/// The shape of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChartKind {
    /// Lying bars.
    Bar,
    /// Standing bars.
    Column,
    /// A line a series.
    Line,
    /// A pie of the first series.
    Pie,
    /// Points of two numbers.
    Scatter,
}

impl ChartKind {
    /// Returns how many rows such a chart shows at most: what a reader can tell apart, or Excel's limit.
    pub(super) fn max_rows(self) -> u32 {
        match self {
            Self::Bar | Self::Column => 30,
            Self::Pie => 8,
            Self::Line | Self::Scatter => 32_000,
        }
    }
}

/// Where charts stand; never upon data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Position {
    /// To the right of the last column.
    #[default]
    Right,
    /// Below the last row.
    Below,
}

/// Rows that are marked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Highlight {
    /// The column that is looked at.
    pub(super) column: String,
    /// The value that marks a row.
    pub(super) equals: Scalar,
    /// Background, `#RRGGBB`.
    #[serde(default)]
    pub(super) color: Hex,
}

/// A value in YAML.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A colour, `#RRGGBB`, as 0xRRGGBB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Hex(pub(super) u32);

impl Default for Hex {
    fn default() -> Self {
        Self(0xFF_F2_CC)
    }
}

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('#').unwrap_or(&text);
        match u32::from_str_radix(digits, 16) {
            Ok(color) if digits.len() == 6 => Ok(Self(color)),
            _ => Err(format!("`{text}` is no colour; write it as \"#FFF2CC\"")),
        }
    }
}

/// Colours of a sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Style {
    /// Navy.
    #[default]
    Blue,
    /// Dark green.
    Green,
    /// Burnt orange.
    Orange,
    /// Grey.
    Grey,
}

impl Style {
    /// Returns the colour of headers and of the cover's band.
    pub(super) fn dark(self) -> u32 {
        match self {
            Self::Blue => 0x1F_3A_5F,
            Self::Green => 0x1E_52_3A,
            Self::Orange => 0x8A_3F_12,
            Self::Grey => 0x3A_3F_47,
        }
    }

    /// Returns Excel's own table style that goes with it.
    pub(super) fn table(self) -> TableStyle {
        match self {
            Self::Blue => TableStyle::Medium2,
            Self::Green => TableStyle::Medium4,
            Self::Orange => TableStyle::Medium7,
            Self::Grey => TableStyle::Medium1,
        }
    }

    /// Returns the colours of a chart's series, in order.
    pub(super) fn series(self) -> [u32; 6] {
        let mut colors = [
            0x2F_5D_8C, 0xE0_7B_39, 0x2A_9D_8F, 0xC9_A2_27, 0x8E_55_72, 0x6C_75_7D,
        ];
        let first = match self {
            Self::Blue => 0,
            Self::Green => 2,
            Self::Orange => 1,
            Self::Grey => 5,
        };
        colors.swap(0, first);
        colors
    }
}

impl SheetOptions {
    /// Checks that every column named exists in `table`.
    ///
    /// # Errors
    /// `Project` with the table's place and the nearest column.
    pub(super) fn check(&self, table: &Table) -> Result<()> {
        let named = self
            .headers
            .keys()
            .chain(self.formats.keys())
            .chain(self.widths.keys());
        let marked = self.highlight.iter().map(|highlight| &highlight.column);
        let drawn = self
            .charts
            .iter()
            .flat_map(|chart| chart.y.iter().chain([&chart.x]));
        for name in named.chain(marked).chain(drawn) {
            column(table, name)?;
        }
        for chart in &self.charts {
            if chart.y.is_empty() {
                return Err(
                    Diagnostic::project(format!("a chart of `{}` has no `y`", table.name))
                        .at(&table.at)
                        .into(),
                );
            }
        }
        for format in self.formats.values() {
            number_format(format).map_err(|problem| problem.at(&table.at))?;
        }
        Ok(())
    }

    /// Returns the header declared for a column.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        lookup(&self.headers, name).map(String::as_str)
    }

    /// Returns the width declared for a column, in characters.
    pub(super) fn width(&self, name: &str) -> Option<f64> {
        lookup(&self.widths, name).copied()
    }

    /// Returns the word or number format declared for a column.
    pub(super) fn format(&self, name: &str) -> Option<&str> {
        lookup(&self.formats, name).map(String::as_str)
    }
}

fn lookup<'a, T>(by_column: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    let found = by_column
        .iter()
        .find(|(column, _)| column.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// Returns Excel's number format for a word of ours; Excel's own formats are returned as they are.
///
/// # Errors
/// `Project` for a word that is neither.
pub(super) fn number_format(word: &str) -> Result<&str, Diagnostic> {
    const WORDS: [(&str, &str); 7] = [
        ("currency", "#,##0.00"),
        ("percent", "0.0%"),
        ("integer", "#,##0"),
        ("number", "#,##0.00"),
        ("date", "yyyy-mm-dd"),
        ("datetime", "yyyy-mm-dd hh:mm"),
        ("text", "@"),
    ];
    if let Some((_, format)) = WORDS.iter().find(|(name, _)| *name == word) {
        return Ok(format);
    }
    let is_date = |c: char| "ymdhs".contains(c.to_ascii_lowercase());
    if word.is_empty() || (word.chars().all(char::is_alphabetic) && !word.chars().all(is_date)) {
        let names = WORDS.map(|(name, _)| format!("`{name}`")).join(", ");
        return Err(
            Diagnostic::project(format!("`{word}` is no number format")).hint(format!(
                "use {names}, or a format of Excel's such as `#,##0.0`"
            )),
        );
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_becomes_a_number_format_and_excels_own_stay() {
        assert_eq!(number_format("currency").unwrap(), "#,##0.00");
        assert_eq!(number_format("mmm yyyy").unwrap(), "mmm yyyy");
        assert_eq!(number_format("yyyy").unwrap(), "yyyy");
        assert!(number_format("curency").is_err());
    }

    #[test]
    fn a_colour_has_six_digits() {
        assert_eq!(Hex::try_from("#FFF2CC".to_owned()), Ok(Hex::default()));
        assert!(Hex::try_from("yellow".to_owned()).is_err());
        assert!(Hex::try_from("#FFF".to_owned()).is_err());
    }
}
