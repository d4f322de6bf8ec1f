//! One cell a pair of categories, the darker the further its value is from zero; values below zero have another colour.

use super::axes::{Categories, SMALL, foot, head, nothing, padding};
use super::palette::Ink;
use super::svg::{Anchor, Area, Svg, Type};
use super::text::{cut_middle, widest, width};
use super::{Kind, Spec, Style};
use crate::diagnostic::{Diagnostic, Result};

/// A grid of coloured cells.
#[derive(Debug)]
pub(super) struct Heatmap;

/// What is drawn: values by row and column of the grid.
struct Grid {
    across: Vec<String>,
    down: Vec<String>,
    values: Vec<(usize, usize, f64)>,
    /// The largest distance from zero.
    most: f64,
}

impl Kind for Heatmap {
    fn name(&self) -> &'static str {
        "heatmap"
    }

    fn about(&self) -> &'static str {
        "shows a value for each pair of categories, such as correlations"
    }

    fn options(&self) -> &'static [&'static str] {
        &["y", "value"]
    }

    fn draw(&self, spec: &Spec, style: &Style) -> Result<String> {
        if spec.data.rows.is_empty() {
            return Ok(nothing(spec, style));
        }
        let (Some(y), Some(value)) = (&spec.y, &spec.value) else {
            let missing = if spec.y.is_none() { "y" } else { "value" };
            return Err(
                Diagnostic::project(format!("chart `heatmap` is given no `{missing}`"))
                    .hint("name the columns: x='…', y='…', value='…'")
                    .into(),
            );
        };
        let values = spec.numbers(value)?;
        let (across, columns) = numbered(spec.labels(&spec.x)?);
        let (down, rows) = numbered(spec.labels(y)?);
        let known = values.iter().enumerate();
        let known = known.filter_map(|(at, value)| Some((rows[at], columns[at], (*value)?)));
        let values: Vec<_> = known.collect();
        let most = values
            .iter()
            .map(|(.., value)| value.abs())
            .fold(0.0, f64::max);
        if values.is_empty() {
            return Ok(nothing(spec, style));
        }
        let grid = Grid {
            across,
            down,
            values,
            most,
        };
        Ok(drawn(spec, style, &grid))
    }
}

/// Returns the distinct labels in the order in which they appear, and each label's number.
fn numbered(labels: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let mut names: Vec<String> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    let mut numbers = Vec::new();
    for label in labels {
        let number = *known.entry(label.clone()).or_insert(names.len());
        if number == names.len() {
            names.push(label);
        }
        numbers.push(number);
    }
    (names, numbers)
}

fn drawn(spec: &Spec, style: &Style, grid: &Grid) -> String {
    let mut svg = Svg::new(style.theme);
    let edge = padding(style);
    let top = head(&mut svg, spec, style, &[], "") - 14.0;
    let room = widest(grid.down.iter().map(String::as_str), SMALL).min(style.width * 0.3);
    let left = edge + room + 10.0;
    let wide = (style.width - edge - left) / grid.across.len() as f64;
    let high = (wide * 0.6).clamp(14.0, 34.0);
    let area = Area {
        left,
        top,
        right: style.width - edge,
        bottom: top + high * grid.down.len() as f64,
    };
    for (row, column, value) in &grid.values {
        let cell = Area {
            left: left + wide * *column as f64,
            top: top + high * *row as f64,
            right: left + wide * (*column as f64 + 1.0) - 1.0,
            bottom: top + high * (*row as f64 + 1.0) - 1.0,
        };
        let strength = match grid.most > 0.0 {
            true => value.abs() / grid.most,
            false => 0.0,
        };
        let tip = format!(
            "{}, {}: {}",
            grid.down[*row],
            grid.across[*column],
            spec.format.number(*value)
        );
        let ink = Ink::Series(usize::from(*value < 0.0));
        svg.shade(cell, ink, (strength * 0.85).clamp(0.04, 0.85), &tip);
        write_value(&mut svg, cell, &spec.format.short(*value), strength);
    }
    for (number, label) in grid.down.iter().enumerate() {
        let label = cut_middle(label, room, SMALL);
        let at = (left - 8.0, top + high * (number as f64 + 0.5) + 4.0);
        svg.text(at, &label, Type::new(SMALL, Ink::Muted).anchor(Anchor::End));
    }
    let below = Categories::plan(&grid.across, wide);
    let centre = |number: usize| left + wide * (number as f64 + 0.5);
    below.draw(&mut svg, &grid.across, centre, area.bottom);
    let height = foot(
        &mut svg,
        spec.x_label.as_deref().unwrap_or_default(),
        area,
        area.bottom + below.height,
        style,
    );
    let about = format!(
        "Heat map of {} rows and {} columns; the furthest from zero is {}.",
        grid.down.len(),
        grid.across.len(),
        spec.format.number(grid.most)
    );
    svg.finish(
        (style.width, height),
        &style.id,
        &spec.name("Heat map"),
        &about,
    )
}

/// Writes a value into its cell, where there is room.
fn write_value(svg: &mut Svg, cell: Area, shown: &str, strength: f64) {
    if width(shown, 10.5) + 4.0 > cell.width() || cell.bottom - cell.top < 13.0 {
        return;
    }
    let ink = if strength > 0.72 {
        Ink::Paper
    } else {
        Ink::Text
    };
    let middle = f64::midpoint(cell.top, cell.bottom) + 3.8;
    let at = (f64::midpoint(cell.left, cell.right), middle);
    svg.text(at, shown, Type::new(10.5, ink).anchor(Anchor::Middle));
}

#[cfg(test)]
mod tests {
    use super::super::tests::{draw, spec, text};
    use crate::report::frame::{Cell, Frame};

    #[test]
    fn cells_are_coloured_by_sign_and_distance_from_zero() {
        let mut chart = spec(&[]);
        chart.data = Frame::new(vec!["x".into(), "y".into(), "r".into()]);
        let row = |x: &str, y: &str, r: f64| vec![text(x), text(y), Cell::Float(r)];
        chart.data.rows = vec![row("a", "a", 1.0), row("a", "b", -0.5), row("b", "b", 0.0)];
        chart.value = Some("r".into());
        let svg = draw("heatmap", &chart);
        assert!(svg.contains("b, a: −0.5"), "{svg}");
        assert!(
            svg.contains("fill-opacity=\"0.85\"") && svg.contains("#d55e00"),
            "{svg}"
        );
    }
}
