//! Columns cut into at most 256 bins, a byte a value.

use std::ops::Range;

use rayon::prelude::*;

use super::super::design::Design;
use super::drawn::FIRST_BIN;

/// Bins of a column at most: what a byte counts.
const MOST: usize = 256;

/// Rows that are cut at a time.
const BLOCK: usize = 1 << 13;

/// Rows that are looked at to choose where a column is cut, evenly spaced among all.
const SAMPLE: usize = 1 << 17;

/// Bins side by side, as many as a processor moves at least.
pub(super) type Line = [u8; 8];

/// The bins of some rows, row by row: what a tree asks of a row lies side by side.
pub(super) struct Bins {
    /// Row by row, `stride` each, the bins from [`FIRST_BIN`]; the last one of a row may have room for more columns.
    lines: Vec<Line>,
    stride: usize,
    /// How many bins each column has, 1 to 256.
    counts: Vec<usize>,
}

impl Bins {
    /// Chooses where to cut the columns of `design`, and cuts its rows.
    pub(super) fn fit(design: &Design<'_>) -> (Self, Vec<Vec<f32>>) {
        let edges: Vec<Vec<f32>> = (0..design.width())
            .into_par_iter()
            .map(|column| {
                let values = design.column(column, 0..design.n_rows());
                edges(&values.map(|value| value as f32).collect::<Vec<_>>())
            })
            .collect();
        let stride = (FIRST_BIN + design.width()).div_ceil(size_of::<Line>());
        let mut lines = vec![Line::default(); design.n_rows() * stride];
        let parts = lines.par_chunks_mut(BLOCK * stride).enumerate();
        parts.for_each(|(number, part)| {
            let start = number * BLOCK;
            let rows = start..start + part.len() / stride;
            let bins = &mut part.as_flattened_mut()[FIRST_BIN..];
            cut_into(bins, stride * size_of::<Line>(), design, (&edges, rows));
        });
        let counts = edges.iter().map(|edges| edges.len() + 1).collect();
        let bins = Self {
            lines,
            stride,
            counts,
        };
        (bins, edges)
    }

    /// Returns the number of columns.
    pub(super) fn width(&self) -> usize {
        self.counts.len()
    }

    /// Returns how many bins a column has.
    pub(super) fn count(&self, column: usize) -> usize {
        self.counts[column]
    }

    /// Returns how many lines a row has.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Returns the bins of one row.
    pub(super) fn lines(&self, row: usize) -> &[Line] {
        &self.lines[row * self.stride..(row + 1) * self.stride]
    }
}

/// Cuts some rows of `design` at known edges, and returns the bins row by row.
pub(super) fn row_by_row(design: &Design<'_>, edges: &[Vec<f32>], rows: Range<usize>) -> Vec<u8> {
    let mut bins = vec![0; rows.len() * edges.len()];
    cut_into(&mut bins, edges.len(), design, (edges, rows));
    bins
}

fn cut_into(
    bins: &mut [u8],
    width: usize,
    design: &Design<'_>,
    (edges, rows): (&[Vec<f32>], Range<usize>),
) {
    for (column, edges) in edges.iter().enumerate() {
        let values = design.column(column, rows.clone());
        let places = bins[column..].iter_mut().step_by(width);
        for (place, value) in places.zip(values) {
            *place = cut(value as f32, edges);
        }
    }
}

/// The bin of a value is the number of edges below it.
fn cut(value: f32, edges: &[f32]) -> u8 {
    edges.partition_point(|edge| *edge < value) as u8
}

/// Returns where to cut: between any two values when they are few, else at quantiles.
fn edges(values: &[f32]) -> Vec<f32> {
    let step = values.len().div_ceil(SAMPLE).max(1);
    let mut sorted: Vec<f32> = values.iter().copied().step_by(step).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup();
    let mut edges: Vec<f32> = if distinct.len() <= MOST {
        distinct
            .windows(2)
            .map(|pair| between(pair[0], pair[1]))
            .collect()
    } else {
        (1..MOST)
            .map(|bin| sorted[bin * sorted.len() / MOST])
            .filter_map(|value| {
                let next = distinct.partition_point(|other| *other <= value);
                Some(between(value, *distinct.get(next)?))
            })
            .collect()
    };
    edges.dedup();
    edges
}

/// Returns a value at or above `low` and below `high`.
fn between(low: f32, high: f32) -> f32 {
    let middle = low + (high - low) / 2.0;
    if middle < high { middle } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_bin_each() {
        let values = [3.0, 1.0, 1.0, 2.0];
        assert_eq!(edges(&values), [1.5, 2.5]);
        assert_eq!(
            values.map(|value| cut(value, &edges(&values))),
            [2, 0, 0, 1]
        );
    }

    #[test]
    fn many_values_have_bins_of_about_the_same_size() {
        let values: Vec<f32> = (0..100_000).map(|row| (row % 10_007) as f32).collect();
        let edges = edges(&values);
        assert_eq!(edges.len(), MOST - 1);
        let mut counts = [0; MOST];
        for value in values {
            counts[usize::from(cut(value, &edges))] += 1;
        }
        assert!(
            counts.iter().all(|count| (300..480).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn a_value_that_most_rows_have_takes_one_bin() {
        let mut values = vec![0.0; 90_000];
        values.extend((0..10_000).map(|row| row as f32));
        let edges = edges(&values);
        assert!(edges.is_sorted() && edges.len() < MOST);
        assert_eq!(cut(0.0, &edges), 0);
    }
}
