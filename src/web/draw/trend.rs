//! How something went over time, in the height of a line of text.

use maud::{Markup, html};

use super::n;

/// Pixels.
const TICK: f64 = 7.0;
const HEIGHT: f64 = 20.0;
const WIDTH: f64 = 120.0;

/// A tick a moment, oldest first: its status, and what it says on hover.
pub(in crate::web) fn ticks(moments: &[(String, String)]) -> Markup {
    let width = n(moments.len() as f64 * TICK);
    html! {
        svg.spark width=(width) height=(n(HEIGHT)) viewBox=(format!("0 0 {width} {}", n(HEIGHT))) role="img" aria-label="The last results, oldest first" {
            @for (at, (status, said)) in moments.iter().enumerate() {
                rect class={ "fill s-" (status) } x=(n(at as f64 * TICK)) y="2" width="5" height=(n(HEIGHT - 4.0)) rx="1" {
                    title { (said) }
                }
            }
        }
    }
}

/// A line through values, oldest first, from zero.
pub(in crate::web) fn line(values: &[f64], said: &str) -> Markup {
    let most = values.iter().copied().fold(0.0, f64::max);
    let step = WIDTH / (values.len().max(2) - 1) as f64;
    let scaled = |value: f64| match most > 0.0 {
        true => HEIGHT - 2.0 - (HEIGHT - 4.0) * value / most,
        false => HEIGHT - 2.0,
    };
    let point =
        |(at, value): (usize, &f64)| format!("{},{}", n(at as f64 * step), n(scaled(*value)));
    let points: Vec<String> = values.iter().enumerate().map(point).collect();
    html! {
        @if values.len() > 1 {
            svg.spark width=(n(WIDTH)) height=(n(HEIGHT)) viewBox=(format!("0 0 {} {}", n(WIDTH), n(HEIGHT))) role="img" aria-label=(said) {
                title { (said) }
                line x1="0" x2=(n(WIDTH)) y1=(n(HEIGHT - 1.0)) y2=(n(HEIGHT - 1.0)) {}
                polyline points=(points.join(" ")) {}
            }
        }
    }
}
