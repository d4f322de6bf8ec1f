//! The order of vertices within their layers such that few edges cross.

use super::layers::Layered;

/// Sweeps over all layers; the best order seen is kept.
const SWEEPS: usize = 24;

/// Orders each layer by the barycentres of its neighbours, from left and right in turn.
pub(super) fn improve(graph: &mut Layered) {
    let mut best = graph.layers.clone();
    let mut fewest = crossings(graph);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let n_layers = graph.layers.len();
        for at in 1..n_layers {
            match sweep.is_multiple_of(2) {
                true => sort(graph, at, at - 1),
                false => sort(graph, n_layers - 1 - at, n_layers - at),
            }
        }
        let crossings = crossings(graph);
        if crossings < fewest {
            fewest = crossings;
            best.clone_from(&graph.layers);
        }
    }
    graph.layers = best;
}

/// Sorts a layer by where its neighbours in the layer beside it stand; what has none keeps its place.
fn sort(graph: &mut Layered, at: usize, beside: usize) {
    let place = places(&graph.layers[beside], graph.left.len());
    let neighbours = if beside < at {
        &graph.left
    } else {
        &graph.right
    };
    let centre = |own: usize, vertex: usize| {
        let near = &neighbours[vertex];
        match near.len() {
            0 => own as f64,
            n => near.iter().map(|other| place[*other] as f64).sum::<f64>() / n as f64,
        }
    };
    let mut keyed: Vec<(f64, usize)> = graph.layers[at]
        .iter()
        .enumerate()
        .map(|(own, vertex)| (centre(own, *vertex), *vertex))
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    graph.layers[at] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
}

fn places(layer: &[usize], n: usize) -> Vec<usize> {
    let mut place = vec![0; n];
    for (at, vertex) in layer.iter().enumerate() {
        place[*vertex] = at;
    }
    place
}

/// Counts the pairs of edges that cross. O(e²) a layer at worst, e being the edges between two layers.
fn crossings(graph: &Layered) -> usize {
    let between = |pair: &[Vec<usize>]| {
        let place = places(&pair[1], graph.left.len());
        let ends: Vec<usize> = pair[0]
            .iter()
            .flat_map(|vertex| {
                let mut ends: Vec<usize> = graph.right[*vertex]
                    .iter()
                    .map(|other| place[*other])
                    .collect();
                ends.sort_unstable();
                ends
            })
            .collect();
        inversions(&ends)
    };
    graph.layers.windows(2).map(between).sum()
}

/// Counts the pairs that stand in the wrong order.
fn inversions(ends: &[usize]) -> usize {
    let mut sorted: Vec<usize> = Vec::with_capacity(ends.len());
    let mut n = 0;
    for end in ends {
        let at = sorted.partition_point(|other| other <= end);
        n += sorted.len() - at;
        sorted.insert(at, *end);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::super::layers::{Gaps, lay_out};
    use super::*;

    #[test]
    fn pairs_in_the_wrong_order_are_counted() {
        assert_eq!(inversions(&[0, 1, 2]), 0);
        assert_eq!(inversions(&[2, 1, 0]), 3);
        assert_eq!(inversions(&[1, 1]), 0);
    }

    #[test]
    fn edges_that_need_not_cross_do_not() {
        let gaps = Gaps {
            layer: 1.0,
            node: 1.0,
            edge: 1.0,
        };
        let layout = lay_out(6, &[(0, 5), (1, 4), (2, 3)], gaps);
        let y = |node: usize| layout.nodes[node].1;
        assert_eq!((y(0) < y(1)), (y(5) < y(4)));
        assert_eq!((y(1) < y(2)), (y(4) < y(3)));
    }
}
