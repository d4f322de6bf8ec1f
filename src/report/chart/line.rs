//! Lines through values, along time, numbers or categories; a missing value is a gap.

use super::axes::{
    Categories, NARROW, SMALL, Values, crisp, dash, drawing_height, extent, foot, head, nothing,
    numbers, padding, reference,
};
use super::palette::{Ink, N_COLOURS};
use super::scale::{Linear, Ticks};
use super::svg::{Anchor, Area, Svg, Type};
use super::text::width;
use super::{Kind, Spec, Style, time};
use crate::diagnostic::{Diagnostic, Result};
use crate::report::format::Format;
use crate::report::frame::Cell;

/// More lines than this are not told apart: each colour plain and dashed.
const MOST_SERIES: usize = 2 * N_COLOURS;

/// Lines through values.
#[derive(Debug)]
pub(super) struct Line;

/// What the first axis measures.
#[derive(Debug, PartialEq)]
enum Along {
    Time,
    Number,
    Category(Vec<String>),
}

/// One line; points from left to right, `None` where the value is missing.
#[derive(Debug)]
struct Series {
    name: String,
    points: Vec<Point>,
}

#[derive(Debug, Clone)]
struct Point {
    x: f64,
    y: Option<f64>,
    label: String,
}

impl Kind for Line {
    fn name(&self) -> &'static str {
        "line"
    }

    fn about(&self) -> &'static str {
        "follows a value along time or numbers"
    }

    fn options(&self) -> &'static [&'static str] {
        &["y", "series", "reference", "reference_label"]
    }

    fn draw(&self, spec: &Spec, style: &Style) -> Result<String> {
        if spec.data.rows.is_empty() {
            return Ok(nothing(spec, style));
        }
        let (column, values) = spec.values(self)?;
        let (along, positions) = along(spec)?;
        let series = series_of(spec, &positions, &values)?;
        let points = || series.iter().flat_map(|line| &line.points);
        let (Some(ys), Some(xs)) = (
            extent(points().filter_map(|p| p.y)),
            extent(points().map(|p| p.x)),
        ) else {
            return Ok(nothing(spec, style));
        };
        let ys = spec
            .reference
            .map_or(ys, |value| (ys.0.min(value), ys.1.max(value)));
        let chart = Lines {
            spec,
            style,
            series: &series,
            missing: positions.iter().filter(|x| x.is_none()).count(),
            y_title: spec.y_title(column),
        };
        Ok(chart.draw(&along, xs, ys))
    }
}

/// Returns what the first axis measures and each row's position on it; rows without one are `None`.
fn along(spec: &Spec) -> Result<(Along, Vec<Option<f64>>)> {
    let position = spec.position(&spec.x)?;
    let cells = || spec.data.cells(position);
    let known = || cells().filter(|cell| **cell != Cell::Null);
    if known().next().is_some() && known().all(|cell| cell.instant().is_some()) {
        return Ok((Along::Time, cells().map(Cell::instant).collect()));
    }
    if known().next().is_some() && known().all(|cell| cell.number().is_some()) {
        return Ok((Along::Number, cells().map(Cell::number).collect()));
    }
    let mut names: Vec<String> = Vec::new();
    let mut numbers = std::collections::BTreeMap::new();
    let mut positions = Vec::new();
    for label in spec.labels(&spec.x)? {
        let number = *numbers.entry(label.clone()).or_insert(names.len());
        if number == names.len() {
            names.push(label);
        }
        positions.push(Some(number as f64));
    }
    Ok((Along::Category(names), positions))
}

/// Splits the rows into lines, in the order in which their names appear.
fn series_of(
    spec: &Spec,
    positions: &[Option<f64>],
    values: &[Option<f64>],
) -> Result<Vec<Series>> {
    let names = match &spec.series {
        Some(column) => spec.labels(column)?,
        None => vec![String::new(); values.len()],
    };
    let x_labels = spec.labels(&spec.x)?;
    let mut series: Vec<Series> = Vec::new();
    for (row, name) in names.into_iter().enumerate() {
        let Some(x) = positions[row] else { continue };
        let point = Point {
            x,
            y: values[row].map(|value| value.clamp(-1e300, 1e300)),
            label: x_labels[row].clone(),
        };
        match series.iter().position(|line| line.name == name) {
            Some(line) => series[line].points.push(point),
            None if series.len() == MOST_SERIES => return Err(too_many(spec)),
            None => series.push(Series {
                name,
                points: vec![point],
            }),
        }
    }
    for line in &mut series {
        line.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    Ok(series)
}

fn too_many(spec: &Spec) -> anyhow::Error {
    let column = spec.series.as_deref().unwrap_or_default();
    Diagnostic::data(format!(
        "column `{column}` has more than {MOST_SERIES} values, too many lines to tell apart"
    ))
    .hint("keep the most important ones in the query, and sum up the others")
    .into()
}

/// What is drawn.
struct Lines<'a> {
    spec: &'a Spec,
    style: &'a Style,
    series: &'a [Series],
    missing: usize,
    y_title: String,
}

impl Lines<'_> {
    fn draw(&self, along: &Along, xs: (f64, f64), ys: (f64, f64)) -> String {
        let (spec, style) = (self.spec, self.style);
        let mut svg = Svg::new(style.theme);
        let legend = match &spec.series {
            Some(_) => self.series.iter().map(|line| line.name.clone()).collect(),
            None => Vec::new(),
        };
        let top = head(&mut svg, spec, style, &legend, &self.y_title);
        // Where the values span most of the way to zero anyway, zero tells more than a cut axis.
        let low = if ys.0 > 0.0 && ys.0 < (ys.1 - ys.0) {
            0.0
        } else {
            ys.0
        };
        let axis = Values::new(&spec.format, style, low, ys.1);
        let area = Area {
            left: axis.left,
            top,
            right: style.width - padding(style) - self.last_room(),
            bottom: top + drawing_height(spec, style),
        };
        let heights = axis.draw(&mut svg, area);
        let (across, below) = self.draw_x_axis(&mut svg, along, xs, area);
        reference(&mut svg, spec, area, heights);
        for (number, line) in self.series.iter().enumerate() {
            let at = |point: &Point| point.y.map(|y| (across.at(point.x), heights.at(y)));
            self.draw_line(&mut svg, number, line, &at);
        }
        let mut title = spec.x_title();
        if self.missing > 0 {
            title += &format!(" ({} rows without a value)", self.missing);
        }
        let height = foot(&mut svg, &title, area, area.bottom + below, style);
        svg.finish(
            (style.width, height),
            &style.id,
            &spec.name("Line chart"),
            &self.about(),
        )
    }

    /// Draws the first axis and returns the line from value to pixel and the height of its labels.
    fn draw_x_axis(
        &self,
        svg: &mut Svg,
        along: &Along,
        xs: (f64, f64),
        area: Area,
    ) -> (Linear, f64) {
        let count = (area.width() / 66.0).floor().max(2.0) as usize;
        let muted = Type::new(SMALL, Ink::Muted).anchor(Anchor::Middle);
        match along {
            Along::Time => {
                let across = Linear::new(xs, (area.left + 8.0, area.right - 8.0));
                let marks = time::marks(xs.0, xs.1, count);
                for mark in &marks {
                    let x = across.at(mark.at);
                    svg.line(
                        (crisp(x), area.bottom),
                        (crisp(x), area.bottom + 5.0),
                        Ink::Axis,
                    );
                    svg.text((x, area.bottom + 19.0), &mark.label, muted);
                    if !mark.below.is_empty() {
                        svg.text((x, area.bottom + 34.0), &mark.below, muted);
                    }
                }
                let has_second = marks.iter().any(|mark| !mark.below.is_empty());
                (across, if has_second { 40.0 } else { 25.0 })
            }
            Along::Number => {
                let ticks = Ticks::nice(xs.0, xs.1, count.min(8));
                let across = Linear::new((ticks.low, ticks.high), (area.left, area.right));
                let labels = Format::default().ticks(&ticks.marks(), ticks.step);
                numbers(svg, area, across, &ticks.marks(), &labels);
                (across, 25.0)
            }
            Along::Category(names) => {
                let step = area.width() / names.len() as f64;
                let ends = (area.left + step / 2.0, area.right - step / 2.0);
                let across = Linear::new((0.0, (names.len() - 1) as f64), ends);
                let labels = Categories::plan(names, step);
                labels.draw(svg, names, |number| across.at(number as f64), area.bottom);
                (across, labels.height)
            }
        }
    }

    fn draw_line(
        &self,
        svg: &mut Svg,
        number: usize,
        line: &Series,
        at: &dyn Fn(&Point) -> Option<(f64, f64)>,
    ) {
        let ink = Ink::Series(number);
        let runs = line
            .points
            .split(|point| point.y.is_none())
            .filter(|run| !run.is_empty());
        let n_dots = if self.style.width > NARROW { 60 } else { 30 };
        for run in runs {
            let way = run.iter().filter_map(at).collect::<Vec<_>>();
            svg.path(&way, ink, dash(number));
            if line.points.len() <= n_dots || run.len() == 1 {
                for (point, place) in run.iter().zip(way) {
                    svg.dot(place, 3.5, ink, &self.tip(line, point));
                }
            }
        }
        if let (Some(text), Some(place)) = (self.last_value(), self.last_point().and_then(at)) {
            svg.text(
                (place.0 + 9.0, place.1 + 4.0),
                &text,
                Type::new(SMALL, Ink::Text).bold(),
            );
        }
    }

    /// The last value of a single line is written beside it.
    fn last_value(&self) -> Option<String> {
        Some(self.spec.format.short(self.last_point()?.y?))
    }

    fn last_point(&self) -> Option<&Point> {
        match self.series {
            [only] => only.points.last(),
            _ => None,
        }
    }

    fn last_room(&self) -> f64 {
        self.last_value()
            .map_or(4.0, |text| width(&text, SMALL) + 6.0)
    }

    fn tip(&self, line: &Series, point: &Point) -> String {
        let value = point.y.map_or("–".into(), |y| self.spec.format.number(y));
        match line.name.is_empty() {
            true => format!("{}: {value}", point.label),
            false => format!("{}, {}: {value}", line.name, point.label),
        }
    }

    fn about(&self) -> String {
        let mut about = format!("Line chart of {} by {}", self.y_title, self.spec.x_title());
        if self.series.len() > 1 {
            about += &format!(", {} lines", self.series.len());
        }
        for line in self.series {
            let mut known = line.points.iter().filter(|point| point.y.is_some());
            if let Some(first) = known.next() {
                let last = known.next_back().unwrap_or(first);
                about += &format!(
                    "; from {} to {}",
                    self.tip(line, first),
                    self.tip(line, last)
                );
            }
        }
        about + "."
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{draw, spec, text};
    use super::*;
    use crate::report::chart::{Theme, find};
    use crate::report::frame::Frame;

    #[test]
    fn a_missing_value_is_a_gap_and_a_lone_point_is_seen() {
        let days = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"];
        let values = [
            Cell::Float(1.0),
            Cell::Float(2.0),
            Cell::Null,
            Cell::Float(3.0),
        ];
        let svg = draw(
            "line",
            &spec(&days.map(text).into_iter().zip(values).collect::<Vec<_>>()),
        );
        assert_eq!(svg.matches("<path").count(), 2, "{svg}");
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("from 2024-01-01: 1 to 2024-04-01: 3."));
    }

    #[test]
    fn dates_are_placed_by_time_and_not_by_row() {
        let days = ["2024-12-01", "2024-01-01", "2024-02-01"];
        let svg = draw("line", &spec(&days.map(|day| (text(day), Cell::Int(1)))));
        let at = |day: &str| {
            let end = svg.find(&format!("<title>{day}")).unwrap();
            let start = svg[..end].rfind("cx=\"").unwrap() + 4;
            svg[start..]
                .split('"')
                .next()
                .unwrap()
                .parse::<f64>()
                .unwrap()
        };
        assert!(at("2024-01-01") < at("2024-02-01"));
        assert!(at("2024-12-01") - at("2024-02-01") > 8.0 * (at("2024-02-01") - at("2024-01-01")));
    }

    #[test]
    fn each_series_is_a_line_of_its_own_with_a_legend() {
        let mut data = Frame::new(["month", "score", "kind"].map(String::from).to_vec());
        for (month, score, kind) in [
            ("2024-01-01", 1, "VIP"),
            ("2024-01-01", 2, "other"),
            ("2024-02-01", 3, "VIP"),
        ] {
            data.rows
                .push(vec![text(month), Cell::Int(score), text(kind)]);
        }
        let mut chart = spec(&[]);
        (chart.data, chart.x, chart.y) = (data, "month".into(), Some("score".into()));
        chart.series = Some("kind".into());
        let svg = draw("line", &chart);
        assert_eq!(
            svg.matches("<path").count(),
            4,
            "two in the legend, two drawn: {svg}"
        );
        assert!(svg.contains(">VIP</text>") && svg.contains("VIP, 2024-02-01: 3"));
    }

    #[test]
    fn more_lines_than_can_be_told_apart_are_refused() {
        let rows = (0..13).map(|n| (text(&format!("s{n}")), Cell::Int(n)));
        let mut chart = spec(&rows.collect::<Vec<_>>());
        chart.series = Some("x".into());
        let style = Style {
            width: 720.0,
            theme: Theme::Page,
            id: "c".into(),
        };
        let err = find("line").unwrap().draw(&chart, &style).unwrap_err();
        assert!(
            err.to_string()
                .starts_with("column `x` has more than 12 values"),
            "{err}"
        );
    }
}
