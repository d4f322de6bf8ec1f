//! One bar a category, from zero.

use super::axes::{
    Categories, SMALL, Values, drawing_height, extent, foot, head, nothing, padding, reference,
};
use super::palette::Ink;
use super::scale::Linear;
use super::svg::{Anchor, Area, Svg, Type};
use super::text::{cut_middle, widest};
use super::{Kind, Spec, Style};
use crate::diagnostic::Result;

/// One bar a category, standing or lying.
#[derive(Debug)]
pub(super) struct Bar;

/// What both directions draw.
struct Bars<'a> {
    spec: &'a Spec,
    style: &'a Style,
    labels: Vec<String>,
    values: Vec<Option<f64>>,
    value_title: String,
}

impl Kind for Bar {
    fn name(&self) -> &'static str {
        "bar"
    }

    fn about(&self) -> &'static str {
        "compares a value between categories"
    }

    fn options(&self) -> &'static [&'static str] {
        &["y", "horizontal", "reference", "reference_label"]
    }

    fn draw(&self, spec: &Spec, style: &Style) -> Result<String> {
        if spec.data.rows.is_empty() {
            return Ok(nothing(spec, style));
        }
        let (column, values) = spec.values(self)?;
        let bars = Bars {
            spec,
            style,
            labels: spec.labels(&spec.x)?,
            values,
            value_title: spec.y_title(column),
        };
        let Some((low, high)) = extent(bars.values.iter().flatten().copied()) else {
            return Ok(nothing(spec, style));
        };
        let goal = spec.reference.unwrap_or(0.0);
        let range = (low.min(0.0).min(goal), high.max(0.0).max(goal));
        Ok(match spec.horizontal {
            true => bars.lying(range),
            false => bars.standing(range),
        })
    }
}

impl Bars<'_> {
    fn standing(&self, (low, high): (f64, f64)) -> String {
        let (spec, style) = (self.spec, self.style);
        let mut svg = Svg::new(style.theme);
        let top = head(&mut svg, spec, style, &[], &self.value_title) + 2.0;
        let axis = Values::new(&spec.format, style, low, high);
        let area = Area {
            left: axis.left,
            top,
            right: style.width - padding(style),
            bottom: top + drawing_height(spec, style),
        };
        let scale = axis.draw(&mut svg, area);
        let step = area.width() / self.labels.len() as f64;
        let centre = |number: usize| area.left + step * (number as f64 + 0.5);
        let shown = self.short_values();
        let has_room = widest(shown.iter().map(String::as_str), SMALL) + 4.0 <= step;
        let end = |number: usize| scale.at(self.values[number].unwrap_or(0.0));
        let zero = scale.at(0.0);
        let half = thickness(step).min(76.0) / 2.0;
        for number in self.known() {
            let bar = Area {
                left: centre(number) - half,
                top: end(number).min(zero),
                right: centre(number) + half,
                bottom: end(number).max(zero),
            };
            svg.bar(bar, Ink::Series(0), &self.tip(number));
        }
        reference(&mut svg, spec, area, scale);
        for (number, value) in shown.iter().enumerate().filter(|_| has_room) {
            let below = if end(number) > zero { 14.0 } else { -5.0 };
            let style = Type::new(SMALL, Ink::Text).anchor(Anchor::Middle).halo();
            svg.text((centre(number), end(number) + below), value, style);
        }
        let below = Categories::plan(&self.labels, step);
        let labels_top = area.bottom + if has_room && low < 0.0 { 10.0 } else { 0.0 };
        below.draw(&mut svg, &self.labels, centre, labels_top);
        let y = labels_top + below.height;
        let height = foot(&mut svg, &spec.x_title(), area, y, style);
        self.finish(svg, height)
    }

    fn lying(&self, (low, high): (f64, f64)) -> String {
        let (spec, style) = (self.spec, self.style);
        let mut svg = Svg::new(style.theme);
        let edge = padding(style);
        let heading = format!("{} by {}", self.value_title, spec.x_title().to_lowercase());
        let top = head(&mut svg, spec, style, &[], &heading);
        let step = (1400.0 / self.labels.len() as f64).min(28.0);
        let shown = self.short_values();
        let value_room = widest(shown.iter().map(String::as_str), SMALL) + 8.0;
        let label_room =
            widest(self.labels.iter().map(String::as_str), SMALL).min(style.width * 0.36);
        let beside = |has_bars: bool| if has_bars { value_room } else { 0.0 };
        let area = Area {
            left: edge + label_room + 10.0 + beside(low < 0.0),
            top,
            right: style.width - edge - beside(high > 0.0 || low == high),
            bottom: top + step * self.labels.len() as f64,
        };
        let range = if low == high { (0.0, 1.0) } else { (low, high) };
        let scale = Linear::new(range, (area.left, area.right));
        let every = (13.0 / step).ceil().max(1.0) as usize;
        let y = |number: usize| top + step * (number as f64 + 0.5);
        let end = |number: usize| scale.at(self.values[number].unwrap_or(0.0));
        let zero = scale.at(0.0);
        let half = thickness(step) / 2.0;
        for number in self.known() {
            let bar = Area {
                left: end(number).min(zero),
                top: y(number) - half,
                right: end(number).max(zero),
                bottom: y(number) + half,
            };
            svg.bar(bar, Ink::Series(0), &self.tip(number));
        }
        svg.line((zero, area.top), (zero, area.bottom), Ink::Axis);
        if let Some(value) = spec.reference {
            let x = scale.at(value);
            svg.dashes((x, area.top - 2.0), (x, area.bottom + 2.0));
        }
        for number in (0..shown.len()).step_by(every) {
            let (beyond, anchor) = if end(number) < zero {
                (-6.0, Anchor::End)
            } else {
                (6.0, Anchor::Start)
            };
            let value_type = Type::new(SMALL, Ink::Text).anchor(anchor).halo();
            svg.text(
                (end(number) + beyond, y(number) + 4.0),
                &shown[number],
                value_type,
            );
            let label = cut_middle(&self.labels[number], label_room, SMALL);
            let muted = Type::new(SMALL, Ink::Muted).anchor(Anchor::End);
            svg.text((edge + label_room + 2.0, y(number) + 4.0), &label, muted);
        }
        self.finish(svg, area.bottom + 6.0 + edge)
    }

    fn finish(&self, svg: Svg, height: f64) -> String {
        let size = (self.style.width, height);
        svg.finish(
            size,
            &self.style.id,
            &self.spec.name("Bar chart"),
            &self.about(),
        )
    }

    /// The bars that have a value.
    fn known(&self) -> impl Iterator<Item = usize> {
        (0..self.values.len()).filter(|number| self.values[*number].is_some())
    }

    fn short_values(&self) -> Vec<String> {
        let short =
            |value: &Option<f64>| value.map_or("–".into(), |value| self.spec.format.short(value));
        self.values.iter().map(short).collect()
    }

    fn tip(&self, number: usize) -> String {
        let value =
            self.values[number].map_or("–".into(), |value| self.spec.format.number(value));
        format!("{}: {value}", self.labels[number])
    }

    fn about(&self) -> String {
        let known = self
            .values
            .iter()
            .enumerate()
            .filter_map(|(at, value)| value.map(|value| (at, value)));
        let most = known
            .clone()
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        let least = known.reduce(|best, next| if next.1 < best.1 { next } else { best });
        let count = self.labels.len();
        let mut about = format!(
            "Bar chart of {} by {}",
            self.value_title,
            self.spec.x_title()
        );
        if let (Some((most, _)), Some((least, _))) = (most, least) {
            about += &format!(
                ": {count} bars; the most {}, the least {}",
                self.tip(most),
                self.tip(least)
            );
        }
        about + "."
    }
}

/// Bars leave gaps unless they are too thin for them.
fn thickness(step: f64) -> f64 {
    if step < 4.0 { step } else { step * 0.72 }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{draw, spec, text};
    use crate::report::frame::Cell;

    #[test]
    fn bars_begin_at_zero_and_carry_their_values() {
        let mut chart = spec(&[
            (text("P104"), Cell::Float(47_797.5)),
            (text("P101"), Cell::Float(-42_313.5)),
        ]);
        chart.format = crate::report::format::Format::parse("money", "$").unwrap();
        for horizontal in [false, true] {
            chart.horizontal = horizontal;
            let svg = draw("bar", &chart);
            for wanted in [
                "P104: $47,797.50",
                "P101: −$42,313.50",
                ">$47.8k<",
                ">−$42.3k<",
            ] {
                assert!(svg.contains(wanted), "{wanted} in {svg}");
            }
        }
        assert!(
            draw("bar", &chart).contains("the most P104: $47,797.50, the least P101: −$42,313.50.")
        );
    }

    #[test]
    fn a_reference_is_drawn_across_and_named() {
        let mut chart = spec(&[(text("a"), Cell::Int(1)), (text("b"), Cell::Int(2))]);
        chart.reference = Some(30.0);
        chart.reference_label = Some("average".into());
        for horizontal in [false, true] {
            chart.horizontal = horizontal;
            let svg = draw("bar", &chart);
            assert!(
                svg.contains("stroke-dasharray") && svg.contains(">average 30</text>"),
                "{svg}"
            );
        }
    }

    #[test]
    fn a_missing_value_has_a_label_and_no_bar() {
        let svg = draw(
            "bar",
            &spec(&[(text("a"), Cell::Null), (text("b"), Cell::Int(2))]),
        );
        assert_eq!(
            svg.matches("<rect").count(),
            2,
            "the paper and one bar: {svg}"
        );
        assert!(svg.contains(">–<"));
    }
}
