//! Lays out a directed graph without circles from left to right: layers, order within them, coordinates, routes of edges.
//!
//! After Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981: edges that
//! cross several layers get a place in each, the order is improved by barycentres, and heights are drawn together by
//! least squares under the order (pool adjacent violators).

use std::collections::BTreeMap;

use super::order::improve;

/// Distances in pixels.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct Gaps {
    /// Between the left sides of two layers.
    pub(in crate::web) layer: f64,
    /// Between the middles of two nodes of a layer.
    pub(in crate::web) node: f64,
    /// Between the middles of an edge that passes by and its neighbour.
    pub(in crate::web) edge: f64,
}

/// Where everything stands. Coordinates are of nodes' left sides and middles, from 0.
#[derive(Debug, Default)]
pub(in crate::web) struct Layout {
    /// By node: its layer, and its `y`.
    pub(in crate::web) nodes: Vec<(usize, f64)>,
    /// By edge: a `(layer, y)` for each layer it crosses, its ends included.
    pub(in crate::web) routes: Vec<Vec<(usize, f64)>>,
    /// How many layers there are.
    pub(in crate::web) n_layers: usize,
    /// The greatest `y`.
    pub(in crate::web) height: f64,
}

/// Passes over all layers that draw heights together.
const PASSES: usize = 12;

/// A graph with a vertex for each node, and for each layer that an edge passes by.
pub(super) struct Layered {
    /// Vertices by layer, top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    /// For each vertex, those of the layer to the left that it is joined to.
    pub(super) left: Vec<Vec<usize>>,
    /// For each vertex, those of the layer to the right.
    pub(super) right: Vec<Vec<usize>>,
    n_nodes: usize,
    chains: Vec<Vec<usize>>,
}

/// Lays out `n` nodes joined by `edges` (from, to). O(edges × layers) memory.
pub(in crate::web) fn lay_out(n: usize, edges: &[(usize, usize)], gaps: Gaps) -> Layout {
    if n == 0 {
        return Layout::default();
    }
    let layer = layers(n, edges);
    let mut graph = layered(&layer, edges);
    improve(&mut graph);
    let y = heights(&graph, gaps);
    let of = layer_of(&graph);
    let height = y.iter().copied().fold(0.0, f64::max);
    Layout {
        nodes: (0..n).map(|node| (of[node], y[node])).collect(),
        routes: graph
            .chains
            .iter()
            .map(|chain| {
                chain
                    .iter()
                    .map(|vertex| (of[*vertex], y[*vertex]))
                    .collect()
            })
            .collect(),
        n_layers: graph.layers.len(),
        height,
    }
}

/// Puts each node right of all it reads, and as far right as what reads it allows when it reads nothing.
fn layers(n: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut layer: Vec<usize> = vec![0; n];
    for _ in 0..n {
        let mut changed = false;
        for (from, to) in edges {
            if layer[*to] <= layer[*from] {
                layer[*to] = layer[*from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let reads: Vec<bool> = (0..n)
        .map(|node| edges.iter().any(|(_, to)| *to == node))
        .collect();
    for node in (0..n).filter(|node| !reads[*node]) {
        let readers = edges.iter().filter(|(from, _)| *from == node);
        if let Some(nearest) = readers.map(|(_, to)| layer[*to]).min() {
            layer[node] = nearest.saturating_sub(1);
        }
    }
    layer
}

/// Cuts edges at each layer they cross.
fn layered(layer: &[usize], edges: &[(usize, usize)]) -> Layered {
    let n_layers = layer.iter().max().map_or(0, |last| last + 1);
    let mut graph = Layered {
        layers: vec![Vec::new(); n_layers],
        left: vec![Vec::new(); layer.len()],
        right: vec![Vec::new(); layer.len()],
        n_nodes: layer.len(),
        chains: Vec::new(),
    };
    for (node, at) in layer.iter().enumerate() {
        graph.layers[*at].push(node);
    }
    // Edges of one node run together until they part.
    let mut passing: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (from, to) in edges {
        let mut chain = vec![*from];
        for at in layer[*from] + 1..layer[*to] {
            let vertex = *passing.entry((*from, at)).or_insert_with(|| {
                graph.left.push(Vec::new());
                graph.right.push(Vec::new());
                graph.layers[at].push(graph.left.len() - 1);
                graph.left.len() - 1
            });
            chain.push(vertex);
        }
        chain.push(*to);
        for pair in chain.windows(2) {
            if !graph.right[pair[0]].contains(&pair[1]) {
                graph.right[pair[0]].push(pair[1]);
                graph.left[pair[1]].push(pair[0]);
            }
        }
        graph.chains.push(chain);
    }
    graph
}

fn layer_of(graph: &Layered) -> Vec<usize> {
    let mut of = vec![0; graph.left.len()];
    for (at, layer) in graph.layers.iter().enumerate() {
        for vertex in layer {
            of[*vertex] = at;
        }
    }
    of
}

/// Gives each vertex a height near its neighbours', in the order of its layer, from 0.
fn heights(graph: &Layered, gaps: Gaps) -> Vec<f64> {
    let mut y = vec![0.0; graph.left.len()];
    let between = |above: usize, below: usize| match (above < graph.n_nodes, below < graph.n_nodes)
    {
        (true, true) => gaps.node,
        (false, false) => gaps.edge,
        _ => (gaps.node + gaps.edge) / 2.0,
    };
    for layer in &graph.layers {
        for pair in layer.windows(2) {
            y[pair[1]] = y[pair[0]] + between(pair[0], pair[1]);
        }
        let middle = layer.last().map_or(0.0, |last| y[*last]) / 2.0;
        layer.iter().for_each(|vertex| y[*vertex] -= middle);
    }
    for pass in 0..PASSES {
        let rightwards = pass.is_multiple_of(2);
        let n_layers = graph.layers.len();
        for at in 0..n_layers {
            let layer = &graph.layers[if rightwards { at } else { n_layers - 1 - at }];
            let wanted: Vec<f64> = layer
                .iter()
                .map(|vertex| wanted(graph, &y, *vertex, pass))
                .collect();
            let offsets: Vec<f64> = std::iter::once(0.0)
                .chain(layer.windows(2).scan(0.0, |sum, pair| {
                    *sum += between(pair[0], pair[1]);
                    Some(*sum)
                }))
                .collect();
            for (vertex, height) in layer.iter().zip(spread(&wanted, &offsets)) {
                y[*vertex] = height;
            }
        }
    }
    let top = y.iter().copied().fold(f64::INFINITY, f64::min);
    y.iter().map(|height| height - top).collect()
}

/// Where a vertex would stand if it were alone: amid its neighbours on the side the pass comes from, at last on both.
fn wanted(graph: &Layered, y: &[f64], vertex: usize, pass: usize) -> f64 {
    let (left, right) = (&graph.left[vertex], &graph.right[vertex]);
    let both = pass + 2 >= PASSES;
    let near: Vec<usize> = match pass.is_multiple_of(2) {
        _ if both => left.iter().chain(right).copied().collect(),
        true => left.clone(),
        false => right.clone(),
    };
    match near.len() {
        0 => y[vertex],
        n => near.iter().map(|other| y[*other]).sum::<f64>() / n as f64,
    }
}

/// Returns heights as near to those wanted as can be, each at least its offset's difference below the one before.
fn spread(wanted: &[f64], offsets: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(offsets) {
        let mut block = (wanted - offset, 1);
        while let Some((mean, n)) = blocks.last().copied()
            && mean > block.0
        {
            blocks.pop();
            let total = n + block.1;
            block = (
                (mean * n as f64 + block.0 * block.1 as f64) / total as f64,
                total,
            );
        }
        blocks.push(block);
    }
    let means = blocks
        .into_iter()
        .flat_map(|(mean, n)| std::iter::repeat_n(mean, n));
    means
        .zip(offsets)
        .map(|(mean, offset)| mean + offset)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAPS: Gaps = Gaps {
        layer: 100.0,
        node: 10.0,
        edge: 4.0,
    };

    #[test]
    fn a_chain_is_a_straight_line() {
        let layout = lay_out(3, &[(0, 1), (1, 2)], GAPS);
        assert_eq!(layout.nodes, [(0, 0.0), (1, 0.0), (2, 0.0)]);
        assert_eq!(layout.n_layers, 3);
    }

    #[test]
    fn what_reads_nothing_stands_right_before_its_first_reader() {
        let layout = lay_out(4, &[(0, 1), (1, 2), (3, 2)], GAPS);
        assert_eq!(layout.nodes[3].0, 1);
    }

    #[test]
    fn an_edge_over_several_layers_passes_through_each() {
        let layout = lay_out(3, &[(0, 1), (1, 2), (0, 2)], GAPS);
        let layers: Vec<usize> = layout.routes[2].iter().map(|(layer, _)| *layer).collect();
        assert_eq!(layers, [0, 1, 2]);
    }

    #[test]
    fn edges_of_one_node_run_together_until_they_part() {
        let layout = lay_out(5, &[(0, 1), (1, 2), (2, 3), (2, 4), (0, 3), (0, 4)], GAPS);
        let shared = |edge: usize| layout.routes[edge][..3].to_vec();
        assert_eq!(shared(4), shared(5));
    }

    #[test]
    fn heights_keep_their_distance_and_move_no_further_than_they_must() {
        assert_eq!(spread(&[0.0, 100.0], &[0.0, 10.0]), [0.0, 100.0]);
        assert_eq!(spread(&[50.0, 50.0], &[0.0, 10.0]), [45.0, 55.0]);
    }

    proptest! {
        #[test]
        fn nodes_never_overlap_and_edges_go_right(edges in prop::collection::vec((0_usize..30, 0_usize..30), 0..80)) {
            let edges: Vec<(usize, usize)> = edges
                .into_iter()
                .filter(|(a, b)| a != b)
                .map(|(a, b)| (a.min(b), a.max(b)))
                .collect();
            let layout = lay_out(30, &edges, GAPS);
            for (from, to) in &edges {
                prop_assert!(layout.nodes[*from].0 < layout.nodes[*to].0);
            }
            for a in 0..30 {
                for b in 0..a {
                    let ((la, ya), (lb, yb)) = (layout.nodes[a], layout.nodes[b]);
                    prop_assert!(la != lb || (ya - yb).abs() >= GAPS.node - 1e-6);
                }
            }
        }
    }
}
