//! Drawings as SVG: where things stand is computed here, how they look is in the page's CSS.

pub(super) mod gantt;
pub(super) mod layers;
pub(super) mod lineage;
pub(super) mod order;
pub(super) mod trend;

/// Writes a coordinate with one decimal at most.
pub(super) fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.into(),
        None => text,
    }
}
