//! Charts: a description and rows in, SVG out. A kind of chart is one file and one line of [`KINDS`].
//!
//! Knows no template, no file and no warehouse, so that every page `wh` writes can draw the same charts.

mod axes;
mod bar;
mod boxes;
mod heatmap;
mod histogram;
mod line;
mod palette;
mod png;
mod scale;
mod svg;
mod text;
mod time;

pub use self::palette::{Theme, ink, variables};
pub use self::png::{options, png};
pub use self::text::{cut, escape, title_of, width, wrap};
use super::format::Format;
use super::frame::{Cell, Frame};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// What a chart shows.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    /// The rows.
    pub data: Frame,
    /// Heading; may be empty.
    pub title: String,
    /// Column along the first axis: categories, dates, or numbers.
    pub x: String,
    /// Column of values; `None` where the kind counts rows.
    pub y: Option<String>,
    /// Column of the values of pairs of `x` and `y`.
    pub value: Option<String>,
    /// Column that splits the rows into lines.
    pub series: Option<String>,
    /// Title of the first axis; the column's name when `None`.
    pub x_label: Option<String>,
    /// Title of the axis of values; the column's name when `None`.
    pub y_label: Option<String>,
    /// How the values are written.
    pub format: Format,
    /// Whether bars lie.
    pub horizontal: bool,
    /// A value that the others are compared with, drawn across; finite.
    pub reference: Option<f64>,
    /// What that value is.
    pub reference_label: Option<String>,
    /// Height of the drawing without what stands around it, in pixels of a wide chart; the kind's own when `None`.
    pub height: Option<usize>,
    /// About how many bins; chosen from the data when `None`.
    pub bins: Option<usize>,
}

/// How and where a chart is drawn.
#[derive(Debug, Clone)]
pub struct Style {
    /// Width in pixels; the height follows from it.
    pub width: f64,
    /// Where it will be seen; a file of its own also carries its title.
    pub theme: Theme,
    /// Makes the document's names unique within a page: letters, digits, `-`.
    pub id: String,
}

/// A kind of chart.
pub trait Kind: Sync {
    /// The word used in `chart('…')`; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line of what it is for.
    fn about(&self) -> &'static str;
    /// The options it takes beyond `data`, `x`, titles, labels and format.
    fn options(&self) -> &'static [&'static str];
    /// Draws it and returns an SVG document.
    ///
    /// # Errors
    /// `Project` when a column is missing, unknown, or of the wrong type; `Data` when there is too much to draw.
    fn draw(&self, spec: &Spec, style: &Style) -> Result<String>;
}

/// A comment in every chart that is a file of its own, by which its writer knows it again.
pub const WRITTEN_BY: &str = "<!-- written by wh -->";

/// All kinds, in the order in which messages list them.
pub static KINDS: &[&dyn Kind] = &[
    &bar::Bar,
    &line::Line,
    &histogram::Histogram,
    &boxes::Boxes,
    &heatmap::Heatmap,
];

/// Returns the kind of a name.
///
/// # Errors
/// `Project` when there is none, with the nearest.
pub fn find(name: &str) -> Result<&'static dyn Kind> {
    if let Some(kind) = KINDS.iter().find(|kind| kind.name() == name) {
        return Ok(*kind);
    }
    let names = KINDS.iter().map(|kind| kind.name());
    let hint = match nearest(name, names.clone()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the kinds are {}", names.collect::<Vec<_>>().join(", ")),
    };
    Err(Diagnostic::project(format!("there is no chart `{name}`"))
        .hint(hint)
        .into())
}

impl Spec {
    /// Returns the position of a column of the data.
    ///
    /// # Errors
    /// `Project` when there is none, with the nearest.
    fn position(&self, column: &str) -> Result<usize> {
        self.data
            .position(column)
            .ok_or_else(|| unknown_column(&self.data, column))
    }

    /// Returns the column of values, which `kind` cannot do without.
    fn values(&self, kind: &dyn Kind) -> Result<(&str, Vec<Option<f64>>)> {
        let Some(column) = &self.y else {
            return Err(
                Diagnostic::project(format!("chart `{}` is given no `y`", kind.name()))
                    .hint("name the column of values: y='…'")
                    .into(),
            );
        };
        Ok((column, self.numbers(column)?))
    }

    /// Returns a column as numbers, `None` for NULL and for what is not finite.
    fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>> {
        let position = self.position(column)?;
        match self.data.cells(position).find(|cell| !cell.is_numeric()) {
            Some(cell) => {
                let value = Format::default().cell(cell);
                Err(Diagnostic::project(format!(
                    "column `{column}` holds `{value}`, which is no number"
                ))
                .hint("cast it in the query, or choose another column")
                .into())
            }
            None => Ok(self.data.cells(position).map(Cell::number).collect()),
        }
    }

    /// Returns a column as texts for labels.
    fn labels(&self, column: &str) -> Result<Vec<String>> {
        let position = self.position(column)?;
        let format = Format::default();
        Ok(self
            .data
            .cells(position)
            .map(|cell| label_of(cell, &format))
            .collect())
    }

    fn x_title(&self) -> String {
        self.x_label.clone().unwrap_or_else(|| title_of(&self.x))
    }

    fn y_title(&self, column: &str) -> String {
        self.y_label.clone().unwrap_or_else(|| title_of(column))
    }

    /// Returns what a reader who cannot see the chart is told first.
    fn name(&self, fallback: &str) -> String {
        match self.title.is_empty() {
            true => fallback.into(),
            false => self.title.clone(),
        }
    }
}

/// A whole number used as a label is a key, not an amount: no separators.
fn label_of(cell: &Cell, format: &Format) -> String {
    match cell {
        Cell::Null => "(no value)".into(),
        Cell::Int(value) => value.to_string(),
        Cell::Text(text) => text.strip_suffix("T00:00:00").unwrap_or(text).into(),
        other => format.cell(other),
    }
}

/// Says that there is no such column, with the nearest or all names.
pub(super) fn unknown_column(data: &Frame, column: &str) -> anyhow::Error {
    let names = data.columns.iter().map(String::as_str);
    let hint = match nearest(column, names.clone()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("its columns are {}", names.collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::project(format!("the data have no column `{column}`"))
        .hint(hint)
        .into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A spec of two columns, `x` and `y`.
    pub(in super::super) fn spec(rows: &[(Cell, Cell)]) -> Spec {
        let mut data = Frame::new(vec!["x".into(), "y".into()]);
        data.rows = rows
            .iter()
            .map(|(x, y)| vec![x.clone(), y.clone()])
            .collect();
        Spec {
            data,
            title: "A title".into(),
            x: "x".into(),
            y: Some("y".into()),
            ..Spec::default()
        }
    }

    pub(in super::super) fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    pub(in super::super) fn draw(kind: &str, spec: &Spec) -> String {
        let style = Style {
            width: 720.0,
            theme: Theme::Paper,
            id: "c".into(),
        };
        find(kind).unwrap().draw(spec, &style).unwrap()
    }

    /// The data a chart may meet, each by its name.
    fn edge_cases() -> Vec<(&'static str, Spec)> {
        let floats = |values: &[f64]| {
            let rows = values.iter().enumerate();
            spec(
                &rows
                    .map(|(x, y)| (Cell::Int(x as i64), Cell::Float(*y)))
                    .collect::<Vec<_>>(),
            )
        };
        let many = (0..500).map(|n| {
            (
                text(&format!("category {n}")),
                Cell::Float(f64::from(n) - 100.0),
            )
        });
        let long =
            "a label with <markup> & a great many words that nobody would want to read ".repeat(4);
        vec![
            ("no rows", spec(&[])),
            ("one point", floats(&[5.0])),
            ("zero", floats(&[0.0])),
            ("all equal", floats(&[7.0, 7.0, 7.0])),
            ("negatives", floats(&[-5.0, -1.0, 3.0])),
            ("only negatives", floats(&[-5.0, -1.0])),
            ("huge", floats(&[1e300, -1e300, 1e-300])),
            (
                "beyond floats",
                floats(&[f64::MAX, f64::MIN, f64::INFINITY, f64::NAN]),
            ),
            ("small", floats(&[1e-9, 3e-9])),
            (
                "all missing",
                spec(&[(text("a"), Cell::Null), (text("b"), Cell::Null)]),
            ),
            (
                "some missing",
                spec(&[(text("a"), Cell::Null), (Cell::Null, Cell::Int(3))]),
            ),
            ("many", spec(&many.collect::<Vec<_>>())),
            (
                "long labels",
                spec(&[(text(&long), Cell::Int(1)), (text(&long), Cell::Int(2))]),
            ),
            ("one date", spec(&[(text("2024-03-01"), Cell::Int(1))])),
        ]
    }

    #[test]
    fn every_kind_draws_every_edge_case_as_valid_svg_without_stray_numbers() {
        for kind in KINDS {
            for (case, mut spec) in edge_cases() {
                for horizontal in [false, true] {
                    spec.horizontal = horizontal;
                    match kind.name() {
                        "histogram" => {
                            spec.x = "y".into();
                            spec.y = None;
                        }
                        "heatmap" => {
                            spec.y = Some("x".into());
                            spec.value = Some("y".into());
                        }
                        _ => {}
                    }
                    for width in [720.0, 340.0] {
                        let style = Style {
                            width,
                            theme: Theme::Paper,
                            id: "c".into(),
                        };
                        let svg = kind.draw(&spec, &style).unwrap();
                        let about = format!("{} of {case} at {width}:\n{svg}", kind.name());
                        resvg::usvg::roxmltree::Document::parse(&svg).expect(&about);
                        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{about}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_chart_without_values_says_so() {
        for kind in KINDS {
            let mut empty = spec(&[]);
            empty.data.columns = vec!["x".into(), "y".into()];
            assert!(
                draw(kind.name(), &empty).contains("no data"),
                "{}",
                kind.name()
            );
        }
    }

    #[test]
    fn names_of_kinds_are_unique_and_said_in_words() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert_eq!(find(kind.name()).unwrap().name(), kind.name());
            assert_eq!(kind.name(), kind.name().to_lowercase());
            assert!(!kind.about().is_empty());
            assert!(
                KINDS[at + 1..]
                    .iter()
                    .all(|other| other.name() != kind.name())
            );
        }
    }

    #[test]
    fn an_unknown_kind_or_column_is_answered_with_the_nearest() {
        let message = |err: anyhow::Error| err.to_string();
        let kind = find("bra").map(Kind::name).map_err(message);
        assert_eq!(
            kind,
            Err("there is no chart `bra`\nhint: did you mean `bar`?".into())
        );
        let mut wrong = spec(&[(text("a"), Cell::Int(1))]);
        wrong.data.columns[1] = "revenue".into();
        wrong.y = Some("revenu".into());
        let style = Style {
            width: 720.0,
            theme: Theme::Page,
            id: "c".into(),
        };
        let err = find("line").unwrap().draw(&wrong, &style).map_err(message);
        assert_eq!(
            err,
            Err("the data have no column `revenu`\nhint: did you mean `revenue`?".into())
        );
    }

    #[test]
    fn a_column_of_text_is_no_column_of_values() {
        let wrong = spec(&[(text("a"), text("P101"))]);
        let style = Style {
            width: 720.0,
            theme: Theme::Page,
            id: "c".into(),
        };
        let err = find("bar").unwrap().draw(&wrong, &style).unwrap_err();
        assert!(
            err.to_string()
                .starts_with("column `y` holds `P101`, which is no number"),
            "{err}"
        );
    }
}
