//! How often values of a column fall between round numbers: counted here, or in the query.

use super::axes::{NARROW, Values, drawing_height, extent, foot, head, nothing, numbers, padding};
use super::palette::Ink;
use super::scale::{Linear, Ticks, nice_number};
use super::svg::{Area, Svg};
use super::{Kind, Spec, Style};
use crate::diagnostic::Result;
use crate::report::format::Format;

/// More bins than this are not told apart.
const MOST_BINS: f64 = 200.0;

/// The distribution of one column.
#[derive(Debug)]
pub(super) struct Histogram;

/// Counts of equally wide bins; a bin holds its lower edge, the last one both.
#[derive(Debug, PartialEq)]
struct Bins {
    low: f64,
    width: f64,
    counts: Vec<usize>,
}

impl Kind for Histogram {
    fn name(&self) -> &'static str {
        "histogram"
    }

    fn about(&self) -> &'static str {
        "shows how the values of a column are spread"
    }

    fn options(&self) -> &'static [&'static str] {
        &["bins", "y", "series"]
    }

    fn draw(&self, spec: &Spec, style: &Style) -> Result<String> {
        if spec.data.rows.is_empty() {
            return Ok(nothing(spec, style));
        }
        if let Some(column) = &spec.y {
            return counted(spec, style, column);
        }
        let values = spec.numbers(&spec.x)?;
        let known = values
            .iter()
            .flatten()
            .map(|value| value.clamp(-1e300, 1e300))
            .collect::<Vec<_>>();
        let Some(bins) = Bins::of(known, spec.bins) else {
            return Ok(nothing(spec, style));
        };
        Ok(drawn(spec, style, &bins, values.len()))
    }
}

fn drawn(spec: &Spec, style: &Style, bins: &Bins, n_rows: usize) -> String {
    let count = |number: usize| Format::default().number(number as f64);
    let most = bins.counts.iter().copied().max().unwrap_or_default();
    let mut svg = Svg::new(style.theme);
    let value_title = spec.y_label.clone().unwrap_or_else(|| "Rows".into());
    let top = head(&mut svg, spec, style, &[], &value_title);
    let axis = Values::new(&Format::default(), style, 0.0, most as f64);
    let area = Area {
        left: axis.left,
        top,
        right: style.width - padding(style) - 10.0,
        bottom: top + drawing_height(spec, style),
    };
    let heights = axis.draw(&mut svg, area);
    let across = Linear::new((bins.low, bins.high()), (area.left, area.right));
    for (number, n_values) in bins.counts.iter().enumerate() {
        let from = bins.low + bins.width * number as f64;
        let (left, right) = (across.at(from), across.at(from + bins.width));
        let gap = if right - left > 4.0 { 1.0 } else { 0.0 };
        let bar = Area {
            left,
            top: heights.at(*n_values as f64),
            right: right - gap,
            bottom: area.bottom,
        };
        if *n_values > 0 {
            let [first, last] = [from, from + bins.width].map(|edge| spec.format.number(edge));
            let tip = format!("{first} to {last}: {}", count(*n_values));
            svg.bar(bar, Ink::Series(0), &tip);
        }
    }
    let (marks, step) = bins.marks(if style.width > NARROW { 8 } else { 4 });
    numbers(
        &mut svg,
        area,
        across,
        &marks,
        &spec.format.ticks(&marks, step),
    );
    let n_known = bins.counts.iter().sum::<usize>();
    let x_title = match n_rows - n_known {
        0 => spec.x_title(),
        missing => format!("{} ({} without a value)", spec.x_title(), count(missing)),
    };
    let height = foot(&mut svg, &x_title, area, area.bottom + 25.0, style);
    let [low, high] = [bins.low, bins.high()].map(|edge| spec.format.number(edge));
    let n_known = count(n_known);
    let about = format!("Histogram of {x_title}: {n_known} values from {low} to {high}.");
    svg.finish(
        (style.width, height),
        &style.id,
        &spec.name("Histogram"),
        &about,
    )
}

/// What is drawn where the query has counted: the heights of bins that begin at each value of `x`, a series beside the other.
struct Counted {
    names: Vec<String>,
    /// Lower edge, number of the series, height.
    bars: Vec<(f64, usize, f64)>,
    width: f64,
}

impl Counted {
    /// Reads `x` as the lower edges of bins of one width, which is the least distance between two.
    fn of(spec: &Spec, column: &str) -> Result<Self> {
        let (edges, heights) = (spec.numbers(&spec.x)?, spec.numbers(column)?);
        let series = match &spec.series {
            Some(column) => spec.labels(column)?,
            None => vec![String::new(); edges.len()],
        };
        let mut names: Vec<String> = Vec::new();
        let mut bars = Vec::new();
        for ((edge, height), name) in edges.iter().zip(heights).zip(series) {
            let number = names.iter().position(|known| *known == name);
            let number = number.unwrap_or(names.len());
            if number == names.len() {
                names.push(name);
            }
            if let (Some(edge), Some(height)) = (edge, height) {
                bars.push((edge.clamp(-1e300, 1e300), number, height.clamp(0.0, 1e300)));
            }
        }
        let mut sorted: Vec<f64> = bars.iter().map(|(edge, ..)| *edge).collect();
        sorted.sort_by(f64::total_cmp);
        let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
        let size = sorted
            .iter()
            .fold(0.0, |most: f64, edge| most.max(edge.abs()));
        let least = gaps
            .filter(|gap| *gap > size * 1e-9)
            .fold(f64::INFINITY, f64::min);
        let width = if least.is_finite() {
            least
        } else {
            (size / 10.0).max(1e-9)
        };
        Ok(Self { names, bars, width })
    }
}

fn counted(spec: &Spec, style: &Style, column: &str) -> Result<String> {
    let found = Counted::of(spec, column)?;
    let Some((low, high)) = extent(found.bars.iter().map(|(edge, ..)| *edge)) else {
        return Ok(nothing(spec, style));
    };
    let high = high + found.width;
    let most = found
        .bars
        .iter()
        .map(|(.., height)| *height)
        .fold(0.0, f64::max);
    let mut svg = Svg::new(style.theme);
    let legend = if spec.series.is_some() {
        found.names.clone()
    } else {
        Vec::new()
    };
    let top = head(&mut svg, spec, style, &legend, &spec.y_title(column));
    let axis = Values::new(&spec.format, style, 0.0, most);
    let area = Area {
        left: axis.left,
        top,
        right: style.width - padding(style) - 10.0,
        bottom: top + drawing_height(spec, style),
    };
    let heights = axis.draw(&mut svg, area);
    let across = Linear::new((low, high), (area.left, area.right));
    let wide = (across.at(low + found.width) - area.left) / found.names.len() as f64;
    let gap = if wide > 4.0 { 1.0 } else { 0.0 };
    let plain = Format::default();
    for (edge, series, height) in &found.bars {
        let left = across.at(*edge) + wide * *series as f64;
        let bar = Area {
            left,
            top: heights.at(*height),
            right: left + wide - gap,
            bottom: area.bottom,
        };
        let [first, last] = [*edge, edge + found.width].map(|edge| plain.number(edge));
        let name = match found.names[*series].as_str() {
            "" => String::new(),
            name => format!("{name}, "),
        };
        let tip = format!("{name}{first} to {last}: {}", spec.format.number(*height));
        svg.bar(bar, Ink::Series(*series), &tip);
    }
    let ticks = Ticks::nice(low, high, if style.width > NARROW { 8 } else { 4 });
    let inside = |mark: &f64| (low - found.width * 1e-6..=high + found.width * 1e-6).contains(mark);
    let marks: Vec<f64> = ticks.marks().into_iter().filter(inside).collect();
    numbers(
        &mut svg,
        area,
        across,
        &marks,
        &plain.ticks(&marks, ticks.step),
    );
    let height = foot(&mut svg, &spec.x_title(), area, area.bottom + 25.0, style);
    let [low, high] = [low, high].map(|edge| plain.number(edge));
    let about = format!("Histogram of {} from {low} to {high}.", spec.x_title());
    Ok(svg.finish(
        (style.width, height),
        &style.id,
        &spec.name("Histogram"),
        &about,
    ))
}

impl Bins {
    fn high(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }

    /// Returns about `count` round marks that are not outside, and the distance between them.
    fn marks(&self, count: usize) -> (Vec<f64>, f64) {
        let ticks = Ticks::nice(self.low, self.high(), count);
        let slack = self.width * 1e-6;
        let inside = |mark: &f64| (self.low - slack..=self.high() + slack).contains(mark);
        (
            ticks.marks().into_iter().filter(inside).collect(),
            ticks.step,
        )
    }

    /// Sorts `values` into about `count` bins, or `None` when there are no values.
    ///
    /// Without a count the width is that of Freedman and Diaconis, "On the histogram as a density estimator", 1981:
    /// twice the interquartile range over the cube root of the number of values; where the quartiles are
    /// equal, Sturges' rule (1926) takes its place. The width is then rounded to a nice number.
    fn of(mut values: Vec<f64>, count: Option<usize>) -> Option<Self> {
        let (least, most) = extent(values.iter().copied())?;
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let range = most - least;
        let quartile = |share: f64| values[((n - 1.0) * share).round() as usize];
        let width = match count {
            Some(count) => range / count.max(1) as f64,
            None => match 2.0 * (quartile(0.75) - quartile(0.25)) / n.cbrt() {
                width if width > 0.0 => width,
                _ => range / (n.log2().ceil() + 1.0),
            },
        };
        let width = match range > most.abs().max(least.abs()) * 1e-9 {
            true => nice_number(width.max(range / MOST_BINS)),
            false => nice_number((most.abs() / 10.0).max(f64::MIN_POSITIVE * 1e20)),
        };
        let low = (least / width).floor() * width;
        let n_bins = (((most - low) / width).ceil() as usize).clamp(1, 2 * MOST_BINS as usize);
        let mut counts = vec![0; n_bins];
        for value in values {
            let number = ((value - low) / width).floor().max(0.0) as usize;
            counts[number.min(n_bins - 1)] += 1;
        }
        // One bin alone would fill the chart: its empty neighbours give it a width.
        if n_bins == 1 {
            return Some(Self {
                low: low - width,
                width,
                counts: vec![0, counts[0], 0],
            });
        }
        Some(Self { low, width, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_bin_and_the_edges_are_round() {
        let values = (1..=100).map(f64::from).collect::<Vec<_>>();
        let bins = Bins::of(values, Some(10)).unwrap();
        assert_eq!((bins.low, bins.width), (0.0, 10.0));
        assert_eq!(bins.counts, [9, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
    }

    #[test]
    fn bins_that_the_query_counted_are_drawn_a_series_beside_the_other() {
        use super::super::tests::{draw, spec, text};
        use crate::report::frame::{Cell, Frame};
        let mut chart = spec(&[]);
        chart.data = Frame::new(vec!["x".into(), "y".into(), "s".into()]);
        let row = |x: f64, y: f64, s: &str| vec![Cell::Float(x), Cell::Float(y), text(s)];
        chart.data.rows = vec![
            row(0.0, 3.0, "no"),
            row(5.0, 1.0, "no"),
            row(0.0, 2.0, "yes"),
        ];
        chart.series = Some("s".into());
        let svg = draw("histogram", &chart);
        for wanted in ["no, 0 to 5: 3", "no, 5 to 10: 1", "yes, 0 to 5: 2"] {
            assert!(svg.contains(wanted), "{wanted} in {svg}");
        }
    }

    #[test]
    fn equal_values_fill_one_bin() {
        for value in [0.0, 7.0, -7.0, 1e300] {
            let bins = Bins::of(vec![value; 5], None).unwrap();
            assert_eq!(bins.counts.iter().sum::<usize>(), 5);
            assert!(bins.counts.len() <= 3, "{value}: {bins:?}");
        }
        assert_eq!(Bins::of(Vec::new(), None), None);
    }

    #[test]
    fn an_outlier_does_not_make_more_bins_than_can_be_seen() {
        let mut values = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        values.push(1e12);
        assert!(Bins::of(values, None).unwrap().counts.len() <= 400);
    }
}
