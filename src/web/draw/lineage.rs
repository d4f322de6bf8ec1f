//! The graph of a project: a box a node, a curve an edge.

use maud::{Markup, html};

use super::layers::{Gaps, lay_out};
use super::n;
use crate::web::words;

/// A node as it is drawn.
pub(in crate::web) struct Vertex {
    pub(in crate::web) name: String,
    /// Its kind, as in `resource_type:`.
    pub(in crate::web) kind: &'static str,
    /// A few words below the name.
    pub(in crate::web) sub: String,
    /// The word of its last status, when it has one.
    pub(in crate::web) status: Option<&'static str>,
    /// Where a click leads.
    pub(in crate::web) href: String,
    /// Whether the page is about it.
    pub(in crate::web) is_here: bool,
}

/// Pixels.
const WIDTH: f64 = 188.0;
const HEIGHT: f64 = 36.0;
const MARGIN: f64 = 12.0;
const STRIPE: f64 = 5.0;
const GAPS: Gaps = Gaps {
    layer: 232.0,
    node: 46.0,
    edge: 16.0,
};
/// Letters of a name that fit into a box.
const LETTERS: usize = 24;

/// Draws nodes and the edges between them (from, to).
pub(in crate::web) fn lineage(vertices: &[Vertex], edges: &[(usize, usize)]) -> Markup {
    let layout = lay_out(vertices.len(), edges, GAPS);
    let width = MARGIN * 2.0 + GAPS.layer * (layout.n_layers.max(1) - 1) as f64 + WIDTH;
    let height = MARGIN * 2.0 + layout.height + HEIGHT;
    html! {
        svg.lineage width=(n(width)) height=(n(height)) viewBox=(format!("0 0 {} {}", n(width), n(height))) role="group" aria-label="Graph" {
            @for route in &layout.routes { path.edge d=(curve(route)) {} }
            @for (vertex, (layer, y)) in vertices.iter().zip(&layout.nodes) {
                (boxed(vertex, left(*layer), middle(*y)))
            }
        }
    }
}

fn left(layer: usize) -> f64 {
    MARGIN + layer as f64 * GAPS.layer
}

fn middle(y: f64) -> f64 {
    MARGIN + HEIGHT / 2.0 + y
}

/// From the right side of a box to the left side of another; level where it passes a layer.
fn curve(route: &[(usize, f64)]) -> String {
    let mut d = String::new();
    for pair in route.windows(2) {
        let (x, y) = (left(pair[0].0) + WIDTH, middle(pair[0].1));
        let (to_x, to_y) = (left(pair[1].0), middle(pair[1].1));
        let half = (to_x - x) / 2.0;
        d += &match d.is_empty() {
            true => format!("M{} {}", n(x), n(y)),
            false => format!("H{}", n(x)),
        };
        d += &format!(
            "C{} {} {} {} {} {}",
            n(x + half),
            n(y),
            n(to_x - half),
            n(to_y),
            n(to_x),
            n(to_y)
        );
    }
    d
}

fn boxed(vertex: &Vertex, x: f64, y: f64) -> Markup {
    let top = y - HEIGHT / 2.0;
    let status = vertex.status.unwrap_or("not run yet");
    let title = format!(
        "{} ({}): {status}",
        vertex.name,
        vertex.kind.replace('_', " ")
    );
    html! {
        a href=(vertex.href) class=[vertex.is_here.then_some("here")] {
            title { (title) }
            rect.box x=(n(x)) y=(n(top)) width=(n(WIDTH)) height=(n(HEIGHT)) rx="5" {}
            rect class={ "k-" (vertex.kind) } x=(n(x)) y=(n(top)) width=(n(STRIPE)) height=(n(HEIGHT)) rx="2" {}
            text.name x=(n(x + STRIPE + 7.0)) y=(n(y - 2.0)) { (words::shortened(&vertex.name, LETTERS)) }
            text.sub x=(n(x + STRIPE + 7.0)) y=(n(y + 12.0)) { (vertex.sub) }
            @if let Some(status) = vertex.status {
                circle class={ "dot fill s-" (status) } cx=(n(x + WIDTH - 10.0)) cy=(n(top + 10.0)) r="4.5" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_level_where_it_passes_a_layer() {
        let d = curve(&[(0, 0.0), (1, 20.0), (2, 0.0)]);
        assert_eq!(d.matches('M').count(), 1);
        assert_eq!(d.matches('C').count(), 2);
        assert!(d.contains("H432"), "{d}");
    }
}
