//! What charts with two axes share: the head above the drawing, the axis of values, and labels below it.

use super::palette::{Ink, N_COLOURS, Theme};
use super::scale::{Linear, Ticks};
use super::svg::{Anchor, Area, Svg, Type};
use super::text::{cut, cut_middle, widest, width, wrap};
use super::{Spec, Style};
use crate::report::format::Format;

/// Font size of axis labels and values, in pixels.
pub(super) const SMALL: f64 = 12.0;
/// Charts of at most this width have less room for everything.
pub(super) const NARROW: f64 = 500.0;
const TITLE: f64 = 17.0;
const EDGE: f64 = 4.0;
const SLANT: f64 = 40.0;
const SLANTED_ROOM: f64 = 120.0;

/// Padding around a chart that is a file of its own; in the page the page has its own.
pub(super) fn padding(style: &Style) -> f64 {
    match style.theme {
        Theme::Page => EDGE,
        Theme::Paper => 20.0,
    }
}

/// Draws title, legend and the title of the axis of values, and returns where the drawing may begin.
pub(super) fn head(
    svg: &mut Svg,
    spec: &Spec,
    style: &Style,
    legend: &[String],
    values: &str,
) -> f64 {
    let edge = padding(style);
    let room = style.width - 2.0 * edge;
    let mut y = edge;
    if style.theme == Theme::Paper && !spec.title.is_empty() {
        for line in wrap(&spec.title, room * 0.94, TITLE) {
            y += TITLE * 1.25;
            svg.text((edge, y - 4.0), &line, Type::new(TITLE, Ink::Text).bold());
        }
        y += 8.0;
    }
    let mut keys = legend
        .iter()
        .map(|name| (name.clone(), true))
        .collect::<Vec<_>>();
    keys.extend(
        spec.reference
            .map(|value| (reference_name(spec, value), false)),
    );
    if !keys.is_empty() {
        y = draw_legend(svg, &keys, (edge, y), room);
    }
    y += SMALL + 2.0;
    svg.text(
        (edge, y),
        &cut(values, room, SMALL),
        Type::new(SMALL, Ink::Muted),
    );
    y + 18.0
}

/// Draws the key of each series, and of the reference, which is none, and returns where it ends.
fn draw_legend(svg: &mut Svg, keys: &[(String, bool)], at: (f64, f64), room: f64) -> f64 {
    let (edge, top) = at;
    let (mut x, mut y) = (edge, top + SMALL);
    for (number, (name, is_series)) in keys.iter().enumerate() {
        let name = cut(name, (room - 40.0).min(220.0), SMALL);
        let needed = 26.0 + width(&name, SMALL);
        if x > edge && x + needed > edge + room {
            (x, y) = (edge, y + 20.0);
        }
        let (from, to) = ((x + 1.0, y - 4.0), (x + 19.0, y - 4.0));
        match is_series {
            true => svg.path(&[from, to], Ink::Series(number), dash(number)),
            false => svg.dashes(from, to),
        }
        svg.text((x + 26.0, y), &name, Type::new(SMALL, Ink::Text));
        x += needed + 18.0;
    }
    y + 10.0
}

/// Series beyond the colours repeat them with dashes.
pub(super) fn dash(series: usize) -> &'static str {
    match series / N_COLOURS {
        0 => "",
        1 => "7 5",
        _ => "2 5",
    }
}

/// The axis of values, at the left, with its labels measured.
#[derive(Debug)]
pub(super) struct Values {
    ticks: Ticks,
    labels: Vec<String>,
    /// Where the drawing begins: right of the labels.
    pub(super) left: f64,
}

impl Values {
    /// Covers `low` to `high`.
    pub(super) fn new(format: &Format, style: &Style, low: f64, high: f64) -> Self {
        let ticks = Ticks::nice(low, high, 5);
        let labels = format.ticks(&ticks.marks(), ticks.step);
        let left = padding(style) + widest(labels.iter().map(String::as_str), SMALL).ceil() + 10.0;
        Self {
            ticks,
            labels,
            left,
        }
    }

    /// Draws grid and labels and returns the line from value to height.
    pub(super) fn draw(&self, svg: &mut Svg, area: Area) -> Linear {
        let scale = Linear::new((self.ticks.low, self.ticks.high), (area.bottom, area.top));
        for (mark, label) in self.ticks.marks().iter().zip(&self.labels) {
            let y = crisp(scale.at(*mark));
            let ink = if *mark == 0.0 { Ink::Axis } else { Ink::Grid };
            svg.line((area.left, y), (area.right, y), ink);
            let style = Type::new(SMALL, Ink::Muted).anchor(Anchor::End);
            svg.text((area.left - 8.0, y + 4.0), label, style);
        }
        scale
    }
}

/// Lines of one pixel are sharp between pixels.
pub(super) fn crisp(position: f64) -> f64 {
    position.floor() + 0.5
}

/// Labels of categories below the drawing: level where they fit, else slanted, else every so many.
#[derive(Debug, PartialEq)]
pub(super) struct Categories {
    is_slanted: bool,
    every: usize,
    /// Width that one label may have, in pixels.
    room: f64,
    /// Height they need, in pixels.
    pub(super) height: f64,
}

impl Categories {
    /// Plans labels that stand `step` pixels apart.
    pub(super) fn plan(labels: &[String], step: f64) -> Self {
        let widest = widest(labels.iter().map(String::as_str), SMALL);
        let level = |every: usize| Self {
            is_slanted: false,
            every,
            room: step * every as f64 - 6.0,
            height: 22.0,
        };
        if widest + 8.0 <= step {
            return level(1);
        }
        if step < 16.0 && widest <= 64.0 {
            return level(round_count((widest + 12.0) / step));
        }
        Self {
            is_slanted: true,
            every: round_count(16.0 / step),
            room: SLANTED_ROOM,
            height: widest.min(SLANTED_ROOM) * SLANT.to_radians().sin() + 22.0,
        }
    }

    /// Draws each label under its position, below `y`.
    pub(super) fn draw(&self, svg: &mut Svg, labels: &[String], at: impl Fn(usize) -> f64, y: f64) {
        for (number, label) in labels.iter().enumerate().step_by(self.every) {
            let (x, style) = (at(number), Type::new(SMALL, Ink::Muted));
            if self.is_slanted {
                // The first labels reach to the edge of the chart.
                let room = self.room.min(x / SLANT.to_radians().cos());
                let label = cut_middle(label, room, SMALL);
                svg.text(
                    (x + 4.0, y + 14.0),
                    &label,
                    style.anchor(Anchor::End).slant(SLANT),
                );
            } else {
                let label = cut_middle(label, self.room, SMALL);
                svg.text((x, y + 17.0), &label, style.anchor(Anchor::Middle));
            }
        }
    }
}

/// Returns the first of 1, 2, 5, 10, 20, 50 … that is at least `least`: labels of a series of numbers stay round.
fn round_count(least: f64) -> usize {
    let mut decade = 1;
    loop {
        for count in [decade, 2 * decade, 5 * decade] {
            if count as f64 >= least || count >= 1_000_000 {
                return count;
            }
        }
        decade *= 10;
    }
}

/// Draws marks and labels of numbers below the drawing, as many as there is room for.
pub(super) fn numbers(svg: &mut Svg, area: Area, across: Linear, marks: &[f64], labels: &[String]) {
    let room = widest(labels.iter().map(String::as_str), SMALL) + 10.0;
    let every = (room * marks.len() as f64 / area.width()).ceil().max(1.0) as usize;
    for (mark, label) in marks.iter().zip(labels).step_by(every) {
        let x = across.at(*mark);
        svg.line(
            (crisp(x), area.bottom),
            (crisp(x), area.bottom + 5.0),
            Ink::Axis,
        );
        let style = Type::new(SMALL, Ink::Muted).anchor(Anchor::Middle);
        svg.text((x, area.bottom + 19.0), label, style);
    }
}

/// Returns how high the drawing is, without what stands around it.
pub(super) fn drawing_height(spec: &Spec, style: &Style) -> f64 {
    let wide = spec.height.map_or(260.0, |height| height as f64);
    let narrow = if style.width > NARROW {
        1.0
    } else {
        21.0 / 26.0
    };
    (wide * narrow).round()
}

/// Draws the title of the axis below the drawing and returns the height of the whole chart.
pub(super) fn foot(svg: &mut Svg, spec_title: &str, area: Area, y: f64, style: &Style) -> f64 {
    let title = cut(spec_title, area.width(), SMALL);
    let centre = f64::midpoint(area.left, area.right);
    svg.text(
        (centre, y + 14.0),
        &title,
        Type::new(SMALL, Ink::Muted).anchor(Anchor::Middle),
    );
    y + 20.0 + padding(style)
}

/// Draws the value that others are compared with as a level line.
pub(super) fn reference(svg: &mut Svg, spec: &Spec, area: Area, heights: Linear) {
    if let Some(value) = spec.reference {
        let y = heights.at(value);
        svg.dashes((area.left, y), (area.right, y));
    }
}

fn reference_name(spec: &Spec, value: f64) -> String {
    let value = spec.format.short(value);
    match &spec.reference_label {
        Some(label) => format!("{label} {value}"),
        None => value,
    }
}

/// Draws a chart that has nothing to show.
pub(super) fn nothing(spec: &Spec, style: &Style) -> String {
    let mut svg = Svg::new(style.theme);
    let top = head(&mut svg, spec, style, &[], "");
    let centre = (style.width / 2.0, top + 40.0);
    svg.text(
        centre,
        "no data",
        Type::new(14.0, Ink::Muted).anchor(Anchor::Middle),
    );
    svg.finish(
        (style.width, top + 90.0),
        &style.id,
        &spec.name("Chart"),
        "There are no data.",
    )
}

/// Returns the least and the largest of the values that are there.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(count: usize, text: &str) -> Vec<String> {
        (0..count).map(|n| format!("{text}{n}")).collect()
    }

    #[test]
    fn labels_are_level_then_slanted_then_fewer() {
        let plan = |count, text, step| Categories::plan(&labels(count, text), step);
        assert!(!plan(5, "P10", 120.0).is_slanted);
        assert_eq!(plan(5, "P10", 120.0).every, 1);
        let slanted = plan(20, "a product of ours ", 30.0);
        assert!(slanted.is_slanted && slanted.every == 1 && slanted.height > 40.0);
        let fewer = plan(500, "a product of ours ", 1.3);
        assert!(fewer.is_slanted && fewer.every >= 12, "{fewer:?}");
        let short = plan(500, "", 1.3);
        assert!(!short.is_slanted && short.every >= 15, "{short:?}");
    }

    #[test]
    fn the_extent_of_nothing_is_none() {
        assert_eq!(extent([]), None);
        assert_eq!(extent([3.0, -1.0, 2.0]), Some((-1.0, 3.0)));
    }
}
