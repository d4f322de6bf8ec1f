//! How well clusters are told apart.

use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// Rows compared with each other at most; beyond that, as many are drawn at random. The cost grows with the
/// square: 25 million distances.
pub(super) const MOST_ROWS: usize = 5_000;

/// Returns the mean silhouette of `values` (row by row, `width` a row) in the clusters `clusters` (one a row, from 0).
///
/// A row's silhouette is `(b - a) / max(a, b)`: `a` is its mean Euclidean distance to the others of its cluster,
/// `b` that to the nearest other cluster; 0 for a row alone in its cluster. From -1 to 1, larger is better
/// (Rousseeuw 1987, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis").
/// Beyond [`MOST_ROWS`] rows, the mean over that many drawn with `seed`, compared with each other only. `None`
/// where fewer than two clusters have rows.
pub(super) fn silhouette(
    values: &[f64],
    width: usize,
    clusters: &[usize],
    seed: u64,
) -> Option<f64> {
    let rows = sample(clusters.len(), MOST_ROWS, seed);
    let values: Vec<f64> = rows
        .iter()
        .flat_map(|&row| values[row * width..][..width].iter().copied())
        .collect();
    let clusters: Vec<usize> = rows.iter().map(|&row| clusters[row]).collect();
    let mut sizes = vec![0_usize; clusters.iter().max()? + 1];
    for &cluster in &clusters {
        sizes[cluster] += 1;
    }
    if sizes.iter().filter(|&&size| size > 0).count() < 2 {
        return None;
    }
    let each: Vec<f64> = values
        .par_chunks_exact(width)
        .zip(&clusters)
        .map(|(row, &own)| {
            let mut sums = vec![0.0; sizes.len()];
            for (other, &cluster) in values.chunks_exact(width).zip(&clusters) {
                sums[cluster] += squared_distance(row, other).sqrt();
            }
            of_row(own, &sums, &sizes)
        })
        .collect();
    Some(each.iter().sum::<f64>() / each.len() as f64)
}

/// Returns one row's silhouette from the sums of its distances to each cluster, its own 0 to itself included.
fn of_row(own: usize, sums: &[f64], sizes: &[usize]) -> f64 {
    if sizes[own] < 2 {
        return 0.0;
    }
    let inside = sums[own] / (sizes[own] - 1) as f64;
    let outside = (0..sizes.len())
        .filter(|&cluster| cluster != own && sizes[cluster] > 0)
        .map(|cluster| sums[cluster] / sizes[cluster] as f64)
        .fold(f64::INFINITY, f64::min);
    match inside.max(outside) {
        0.0 => 0.0,
        larger => (outside - inside) / larger,
    }
}

/// Returns the squared Euclidean distance of two rows of equal length.
pub(super) fn squared_distance(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(l, r)| (l - r) * (l - r)).sum()
}

/// Returns `wanted` of the numbers below `n`, ascending and equally likely; all when there are no more
/// (Knuth, "The Art of Computer Programming" 2, 3.4.2, algorithm S).
fn sample(n: usize, wanted: usize, seed: u64) -> Vec<usize> {
    if n <= wanted {
        return (0..n).collect();
    }
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut left = wanted;
    let mut take = |number: &usize| {
        let uniform = (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let taken = ((n - number) as f64) * uniform < left as f64;
        left -= usize::from(taken);
        taken
    };
    (0..n).filter(|number| take(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pairs_on_a_line_have_the_silhouette_of_the_closed_form() {
        // At 0, 1 | 10, 11: a = 1; b = 10.5 for the outer two, 9.5 for the inner two.
        let expected = (2.0 * (9.5 / 10.5) + 2.0 * (8.5 / 9.5)) / 4.0;
        let found = silhouette(&[0.0, 1.0, 10.0, 11.0], 1, &[0, 0, 1, 1], 1).unwrap();
        assert!((found - expected).abs() < 1e-15, "{found}");
    }

    #[test]
    fn a_row_alone_in_its_cluster_counts_0() {
        let found = silhouette(&[0.0, 0.0, 5.0], 1, &[0, 0, 1], 1).unwrap();
        assert!((found - 2.0 / 3.0).abs() < 1e-15, "{found}");
    }

    #[test]
    fn one_cluster_has_no_silhouette() {
        assert_eq!(silhouette(&[1.0, 2.0], 1, &[0, 0], 1), None);
        assert_eq!(silhouette(&[], 1, &[], 1), None);
    }

    #[test]
    fn a_sample_has_the_size_asked_for_and_reaches_every_part() {
        let rows = sample(100_000, 5_000, 7);
        assert_eq!(rows.len(), 5_000);
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        // Half of them are expected in each half, with a standard deviation of 35.
        let lower = rows.iter().filter(|&&row| row < 50_000).count();
        assert!(lower.abs_diff(2_500) < 200, "{lower}");
        assert_eq!(rows, sample(100_000, 5_000, 7));
    }

    #[test]
    fn a_sample_of_many_rows_is_close_to_all_of_them() {
        // Two even segments of length 1 at 0 and 10; both halves look alike, so any sample gives nearly the same.
        let n = 2 * MOST_ROWS;
        let at = |i: usize| {
            (i % MOST_ROWS) as f64 / MOST_ROWS as f64 + if i < MOST_ROWS { 0.0 } else { 10.0 }
        };
        let values: Vec<f64> = (0..n).map(at).collect();
        let clusters: Vec<usize> = (0..n).map(|i| usize::from(i >= MOST_ROWS)).collect();
        let sampled = silhouette(&values, 1, &clusters, 1).unwrap();
        // The mean distance within a segment is 1/3, to the other 10.
        assert!((sampled - (1.0 - 1.0 / 30.0)).abs() < 2e-3, "{sampled}");
    }
}
