//! One box a category, in colours of their own where `series` is given: the middle half of the values, their median, and how far the others reach.
//!
//! John W. Tukey, "Exploratory Data Analysis", 1977: whiskers reach to the last value within 1.5 interquartile ranges of the box.

use super::axes::{SMALL, crisp, extent, foot, head, nothing, numbers, padding};
use super::palette::Ink;
use super::scale::{Linear, Ticks};
use super::svg::{Anchor, Area, Svg, Type};
use super::text::{cut_middle, widest};
use super::{Kind, Spec, Style};
use crate::diagnostic::{Diagnostic, Result};
use crate::report::format::Format;

/// Height of a box and the space around it, in pixels.
const STEP: f64 = 40.0;

/// Columns of rows that hold the numbers of a box rather than values.
const SUMMARY: [&str; 5] = ["low", "q1", "median", "q3", "high"];

/// Boxes that lie one below the other.
#[derive(Debug)]
pub(super) struct Boxes;

/// The numbers of one box, in ascending order.
#[derive(Debug, Clone, PartialEq)]
struct Summary {
    label: String,
    low: f64,
    q1: f64,
    median: f64,
    q3: f64,
    high: f64,
}

impl Kind for Boxes {
    fn name(&self) -> &'static str {
        "box"
    }

    fn about(&self) -> &'static str {
        "compares how values are spread between categories"
    }

    fn options(&self) -> &'static [&'static str] {
        &["y", "series", "reference", "reference_label"]
    }

    fn draw(&self, spec: &Spec, style: &Style) -> Result<String> {
        if spec.data.rows.is_empty() {
            return Ok(nothing(spec, style));
        }
        let boxes = match &spec.y {
            Some(column) => of_values(&spec.labels(&spec.x)?, &spec.numbers(column)?),
            None => of_summaries(spec)?,
        };
        let ends = boxes.iter().flat_map(|found| [found.low, found.high]);
        let Some((low, high)) = extent(ends.chain(spec.reference)) else {
            return Ok(nothing(spec, style));
        };
        Ok(drawn(spec, style, &boxes, (low, high)))
    }
}

/// Reads rows that hold the numbers of a box each; a row that lacks one has no box.
fn of_summaries(spec: &Spec) -> Result<Vec<Summary>> {
    let labels = spec.labels(&spec.x)?;
    if let Some(missing) = SUMMARY
        .iter()
        .find(|name| spec.data.position(name).is_none())
    {
        return Err(Diagnostic::project(format!(
            "chart `box` is given no `y`, and its data have no column `{missing}`"
        ))
        .hint("name the column of values: y='…', or query low, q1, median, q3 and high")
        .into());
    }
    let columns = SUMMARY.map(|name| spec.numbers(name));
    let mut found = Vec::new();
    for column in columns {
        found.push(column?);
    }
    let at = |column: usize, row: usize| found[column][row].map(|value| value.clamp(-1e300, 1e300));
    let summary = |(row, label): (usize, String)| {
        Some(Summary {
            label,
            low: at(0, row)?,
            q1: at(1, row)?,
            median: at(2, row)?,
            q3: at(3, row)?,
            high: at(4, row)?,
        })
    };
    Ok(labels.into_iter().enumerate().filter_map(summary).collect())
}

/// Sums up values by category, in the order in which the categories appear; quartiles are interpolated.
fn of_values(labels: &[String], values: &[Option<f64>]) -> Vec<Summary> {
    let mut groups: Vec<(String, Vec<f64>)> = Vec::new();
    for (label, value) in labels.iter().zip(values) {
        let Some(value) = value.map(|value| value.clamp(-1e300, 1e300)) else {
            continue;
        };
        match groups.iter_mut().find(|(name, _)| name == label) {
            Some((_, group)) => group.push(value),
            None => groups.push((label.clone(), vec![value])),
        }
    }
    let summary = |(label, mut values): (String, Vec<f64>)| {
        values.sort_by(f64::total_cmp);
        let quantile = |share: f64| {
            let place = (values.len() - 1) as f64 * share;
            let (below, above) = (
                values[place.floor() as usize],
                values[place.ceil() as usize],
            );
            below + (above - below) * place.fract()
        };
        let (q1, median, q3) = (quantile(0.25), quantile(0.5), quantile(0.75));
        let reach = 1.5 * (q3 - q1);
        let inside = |value: &&f64| (q1 - reach..=q3 + reach).contains(*value);
        Summary {
            label,
            low: values.iter().find(inside).map_or(q1, |low| low.min(q1)),
            q1,
            median,
            q3,
            high: values
                .iter()
                .rev()
                .find(inside)
                .map_or(q3, |high| high.max(q3)),
        }
    };
    groups.into_iter().map(summary).collect()
}

fn drawn(spec: &Spec, style: &Style, boxes: &[Summary], (low, high): (f64, f64)) -> String {
    let mut svg = Svg::new(style.theme);
    let edge = padding(style);
    let value_title = match (&spec.y_label, &spec.y) {
        (Some(label), _) => label.clone(),
        (None, Some(column)) => spec.y_title(column),
        (None, None) => String::new(),
    };
    let top = head(&mut svg, spec, style, &[], "");
    let room = widest(boxes.iter().map(|found| found.label.as_str()), SMALL).min(style.width * 0.3);
    let area = Area {
        left: edge + room + 12.0,
        top: top - 14.0,
        right: style.width - edge - 10.0,
        bottom: top - 14.0 + STEP * boxes.len() as f64,
    };
    let ticks = Ticks::nice(low, high, if style.width > 500.0 { 7 } else { 4 });
    let across = Linear::new((ticks.low, ticks.high), (area.left, area.right));
    for mark in ticks.marks() {
        let x = crisp(across.at(mark));
        svg.line((x, area.top), (x, area.bottom), Ink::Grid);
    }
    for (number, found) in boxes.iter().enumerate() {
        let y = area.top + STEP * (number as f64 + 0.5);
        let ink = Ink::Series(if spec.series.is_some() { number } else { 0 });
        draw_box(&mut svg, (spec, found), ink, (&across, y));
        let label = cut_middle(&found.label, room, SMALL);
        let muted = Type::new(SMALL, Ink::Muted).anchor(Anchor::End);
        svg.text((area.left - 10.0, y + 4.0), &label, muted);
    }
    if let Some(value) = spec.reference {
        let x = across.at(value);
        svg.dashes((x, area.top), (x, area.bottom));
    }
    let marks = ticks.marks();
    let labels = spec.format.ticks(&marks, ticks.step);
    numbers(&mut svg, area, across, &marks, &labels);
    let height = foot(&mut svg, &value_title, area, area.bottom + 25.0, style);
    let about = boxes.iter().map(|found| tip(spec, found));
    let about = format!("Box plot. {}.", about.collect::<Vec<_>>().join("; "));
    svg.finish(
        (style.width, height),
        &style.id,
        &spec.name("Box plot"),
        &about,
    )
}

fn draw_box(
    svg: &mut Svg,
    (spec, found): (&Spec, &Summary),
    ink: Ink,
    (across, y): (&Linear, f64),
) {
    let half = STEP * 0.27;
    let [low, q1, median, q3, high] =
        [found.low, found.q1, found.median, found.q3, found.high].map(|value| across.at(value));
    for (from, to) in [(low, q1), (q3, high)] {
        svg.line((from, crisp(y)), (to, crisp(y)), Ink::Axis);
    }
    for end in [low, high] {
        let x = crisp(end);
        svg.line((x, y - half * 0.6), (x, y + half * 0.6), Ink::Axis);
    }
    let area = Area {
        left: q1,
        top: y - half,
        right: q3.max(q1 + 1.0),
        bottom: y + half,
    };
    svg.bar(area, ink, &tip(spec, found));
    let middle = Area {
        left: median - 1.25,
        right: median + 1.25,
        ..area
    };
    svg.bar(middle, Ink::Paper, &tip(spec, found));
}

fn tip(spec: &Spec, found: &Summary) -> String {
    let format: &Format = &spec.format;
    let [low, q1, median, q3, high] =
        [found.low, found.q1, found.median, found.q3, found.high].map(|value| format.number(value));
    format!(
        "{}: median {median}, half between {q1} and {q3}, whiskers {low} to {high}",
        found.label
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{draw, spec, text};
    use super::*;
    use crate::report::frame::{Cell, Frame};

    /// R's `quantile(1:9, type = 7)` and `boxplot.stats` of the same values with an outlier.
    #[test]
    fn boxes_are_tukeys() {
        let mut values: Vec<Option<f64>> = (1..=9).map(|value| Some(f64::from(value))).collect();
        values.push(Some(100.0));
        let found = of_values(&vec!["a".to_owned(); 10], &values);
        let wanted = Summary {
            label: "a".into(),
            low: 1.0,
            q1: 3.25,
            median: 5.5,
            q3: 7.75,
            high: 9.0,
        };
        assert_eq!(found, [wanted]);
    }

    #[test]
    fn a_box_is_drawn_from_its_numbers_too() {
        let columns = ["x", "low", "q1", "median", "q3", "high"].map(str::to_owned);
        let mut chart = spec(&[]);
        chart.y = None;
        chart.data = Frame::new(columns.to_vec());
        let row = [1.0, 2.0, 3.0, 4.0, 5.0].map(Cell::Float);
        chart.data.rows = vec![[vec![text("stayed")], row.to_vec()].concat()];
        let svg = draw("box", &chart);
        assert!(
            svg.contains("stayed: median 3, half between 2 and 4, whiskers 1 to 5"),
            "{svg}"
        );
    }
}
