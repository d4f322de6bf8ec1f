//! Columns cut into at most 256 bins, a byte a value.

use std::ops::Range;

use rayon::prelude::*;

use super::super::design::Design;

/// Bins of a column at most: what a byte counts.
const MOST: usize = 256;

/// Rows that are looked at to choose where a column is cut, evenly spaced among all.
const SAMPLE: usize = 1 << 17;

/// The bins of some rows, column by column.
pub(super) struct Bins {
    columns: Vec<Vec<u8>>,
}

impl Bins {
    /// Chooses where to cut the columns of `design`, and cuts its rows.
    pub(super) fn fit(design: &Design<'_>) -> (Self, Vec<Vec<f32>>) {
        let columns = (0..design.width()).into_par_iter().map(|column| {
            let values: Vec<f32> = design
                .column(column, 0..design.n_rows())
                .map(|value| value as f32)
                .collect();
            let edges = edges(&values);
            (cut(values.into_iter(), &edges), edges)
        });
        let (columns, edges): (Vec<_>, Vec<_>) = columns.unzip();
        (Self { columns }, edges)
    }

    /// Returns the number of columns.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Returns the bins of one column.
    pub(super) fn column(&self, column: usize) -> &[u8] {
        &self.columns[column]
    }
}

/// Cuts some rows of `design` at known edges, and returns the bins row by row.
pub(super) fn row_by_row(design: &Design<'_>, edges: &[Vec<f32>], rows: Range<usize>) -> Vec<u8> {
    let width = edges.len();
    let mut bins = vec![0; rows.len() * width];
    for (column, edges) in edges.iter().enumerate() {
        let values = design
            .column(column, rows.clone())
            .map(|value| value as f32);
        let places = bins[column..].iter_mut().step_by(width);
        places
            .zip(cut(values, edges))
            .for_each(|(place, bin)| *place = bin);
    }
    bins
}

/// The bin of a value is the number of edges below it.
fn cut(values: impl Iterator<Item = f32>, edges: &[f32]) -> Vec<u8> {
    let bin = |value| edges.partition_point(|edge| *edge < value) as u8;
    values.map(bin).collect()
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
        assert_eq!(cut(values.into_iter(), &[1.5, 2.5]), [2, 0, 0, 1]);
    }

    #[test]
    fn many_values_have_bins_of_about_the_same_size() {
        let values: Vec<f32> = (0..100_000).map(|row| (row % 10_007) as f32).collect();
        let edges = edges(&values);
        assert_eq!(edges.len(), MOST - 1);
        let mut counts = [0; MOST];
        for bin in cut(values.into_iter(), &edges) {
            counts[usize::from(bin)] += 1;
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
        assert_eq!(cut([0.0, 0.6, 1.0].into_iter(), &edges)[0], 0);
    }
}
