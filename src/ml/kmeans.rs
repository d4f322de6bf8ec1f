//! K-Means: examples in k groups around their means.

use std::sync::Arc;

use arrow::array::{Float64Array, Int32Array, StringArray};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde_json::json;

use super::params;
use super::silhouette::{silhouette, squared_distance};
use super::{Algorithm, Cluster, Column, Examples, Fitted};
use crate::diagnostic::{Diagnostic, Kind, Result, nearest};
use crate::project::yaml::Fields;

/// `algorithm: kmeans`.
///
/// Lloyd's iteration (Lloyd 1982, "Least squares quantization in PCM") from centres chosen by k-means++ (Arthur
/// and Vassilvitskii 2007, "k-means++: the advantages of careful seeding"), `n_init` times, of which the one
/// with the smallest inertia is kept. Inertia is the sum of squared distances of the examples to their centres.
pub(super) struct KMeans;

impl Algorithm for KMeans {
    fn name(&self) -> &'static str {
        "kmeans"
    }

    fn about(&self) -> &'static str {
        "groups rows around k centres (K-Means)"
    }

    fn check(&self, features: &[String], options: &Fields<'_>) -> Result<()> {
        read(features, options).map(drop)
    }

    fn fit(&self, examples: &Examples, options: &Fields<'_>) -> Result<Fitted> {
        let (params, naming) = read(&examples.features, options)?;
        if examples.len() < params.k {
            let rows = if examples.len() == 1 { "row" } else { "rows" };
            let what = format!(
                "`{}` has {} {rows}, fewer than the {} clusters of `k`",
                examples.relation,
                examples.len(),
                params.k
            );
            return Err(Diagnostic::data(what).into());
        }
        let found = best_of_runs(examples, &params)?.ranked(naming.rank_by);
        if let Some(empty) = found.sizes().iter().position(|&size| size == 0) {
            let what = format!(
                "`{}` has too few different rows for the {} clusters of `k`",
                examples.relation, params.k
            );
            return Err(Diagnostic::data(what)
                .note(format!("cluster {empty} is empty"))
                .hint("lower `k`")
                .into());
        }
        Ok(found.describe(examples, &params, naming))
    }
}

fn read(features: &[String], options: &Fields<'_>) -> Result<(Params, Naming)> {
    let params = Params::read(options)?;
    let naming = Naming::read(options, features, params.k)?;
    options.finish()?;
    Ok((params, naming))
}

/// `params:`.
struct Params {
    k: usize,
    n_init: usize,
    seed: u64,
    max_iter: u64,
    tolerance: f64,
}

impl Params {
    fn read(options: &Fields<'_>) -> Result<Self> {
        let Some(doc) = options.get("params") else {
            return Err(Diagnostic::project(
                "K-Means needs `params` with `k`, the number of clusters",
            )
            .hint("add for example `params: {k: 2, seed: 42}`")
            .into());
        };
        let fields = doc.fields("`params`")?;
        let params = Self {
            k: usize::try_from(params::whole(&fields, "k", None, 2..=10_000)?)?,
            n_init: usize::try_from(params::whole(&fields, "n_init", Some(10), 1..=10_000)?)?,
            seed: params::whole(&fields, "seed", Some(42), 0..=i64::MAX as u64)?,
            max_iter: params::whole(&fields, "max_iter", Some(300), 1..=1_000_000)?,
            tolerance: params::positive(&fields, "tolerance", 1e-6)?,
        };
        fields.finish()?;
        Ok(params)
    }
}

/// `label:`: the order of the clusters and what they are called.
struct Naming {
    /// The feature by which clusters are ordered, the largest mean first.
    rank_by: usize,
    /// A name a cluster, in that order.
    names: Vec<String>,
}

impl Naming {
    fn read(options: &Fields<'_>, features: &[String], k: usize) -> Result<Self> {
        let Some(doc) = options.get("label") else {
            return Ok(Self {
                rank_by: 0,
                names: (0..k).map(|cluster| cluster.to_string()).collect(),
            });
        };
        let fields = doc.fields("`label`")?;
        let feature = fields.required("rank_by")?;
        let names = fields.texts("names")?;
        let at = |key: &str| fields.get(key).map_or_else(|| fields.at(), |doc| doc.at());
        let Some(rank_by) = features.iter().position(|name| *name == feature) else {
            let hint = match nearest(&feature, features.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("features are: {}", features.join(", ")),
            };
            let what = format!("`rank_by` names `{feature}`, which is no feature of the model");
            return Err(Diagnostic::project(what)
                .at(&at("rank_by"))
                .hint(hint)
                .into());
        };
        if names.len() != k {
            let what = format!("`label` has {} `names` for {k} clusters", names.len());
            return Err(Diagnostic::project(what).at(&at("names")).into());
        }
        fields.finish()?;
        Ok(Self { rank_by, names })
    }
}

/// Runs `n_init` times, each from a stretch of random numbers of its own, and returns the best; of equals the first.
fn best_of_runs(examples: &Examples, params: &Params) -> Result<Found> {
    let mut rng = Xoshiro256Plus::seed_from_u64(params.seed);
    let rngs: Vec<_> = (0..params.n_init)
        .map(|_| {
            let own = rng.clone();
            rng.jump();
            own
        })
        .collect();
    let better = |left: (usize, Found), right: (usize, Found)| {
        let order = left.1.inertia().total_cmp(&right.1.inertia());
        if order.then(left.0.cmp(&right.0)).is_le() {
            left
        } else {
            right
        }
    };
    let best = rngs
        .into_par_iter()
        .enumerate()
        .map(|(number, rng)| Ok::<_, anyhow::Error>((number, run(examples, params, rng)?)))
        .try_reduce_with(|left, right| Ok(better(left, right)));
    match best {
        Some(best) => Ok(best?.1),
        None => Err(Diagnostic::new(Kind::Bug, "K-Means ran without a run").into()),
    }
}

/// One run: starting centres by linfa, then Lloyd's iteration.
///
/// Linfa is asked for one step only: it counts the old centre among the examples of its cluster, so its
/// centres near the means of their examples without reaching them, at some ten times the cost of a step here.
fn run(examples: &Examples, params: &Params, rng: Xoshiro256Plus) -> Result<Found> {
    let width = examples.features.len();
    let observations = ArrayView2::from_shape((examples.len(), width), &examples.values)?;
    let start = linfa_clustering::KMeans::params_with_rng(params.k, rng)
        .n_runs(1)
        .max_n_iterations(1)
        .fit(&DatasetBase::from(observations))
        .map_err(|err| {
            Diagnostic::new(Kind::Bug, "K-Means does not take its parameters").because(err)
        })?;
    let mut found = Found {
        width,
        centers: start.centroids().iter().copied().collect(),
        nearest: vec![(usize::MAX, f64::INFINITY); examples.len()],
    };
    found.settle(&examples.values, params);
    Ok(found)
}

/// Centres and the examples around them.
struct Found {
    /// Values in a row.
    width: usize,
    /// Centres one after the other, `width` values each.
    centers: Vec<f64>,
    /// Each example's cluster and squared distance to its centre.
    nearest: Vec<(usize, f64)>,
}

/// What the examples of each cluster add up to.
struct Totals {
    /// Sums of the features, cluster after cluster.
    sums: Vec<f64>,
    /// Number of examples.
    sizes: Vec<usize>,
    /// Whether an example is in another cluster than before.
    moved: bool,
}

/// Rows that one thread takes at a time. Sums are added in the order of these parts, so that they do not
/// depend on the number of threads.
const PART: usize = 8_192;

impl Found {
    /// Moves each centre to the mean of its examples until no example changes its cluster, or the centres
    /// together move by less than `tolerance`, at most `max_iter` times.
    fn settle(&mut self, values: &[f64], params: &Params) {
        let mut totals = self.assign(values);
        for _ in 0..params.max_iter {
            let centers = self.means(&totals);
            let shift = squared_distance(&centers, &self.centers).sqrt();
            self.centers = centers;
            totals = self.assign(values);
            if !totals.moved || shift < params.tolerance {
                break;
            }
        }
    }

    /// Assigns each example to its nearest centre, of equals the first.
    fn assign(&mut self, values: &[f64]) -> Totals {
        let (width, centers) = (self.width, &self.centers);
        let parts: Vec<Totals> = values
            .par_chunks(PART * width)
            .zip(self.nearest.par_chunks_mut(PART))
            .map(|(rows, nearest)| assign_part(rows, nearest, centers, width))
            .collect();
        let mut all = Totals::none(centers.len(), width);
        for part in parts {
            all.add(&part);
        }
        all
    }

    /// Returns the mean of each cluster; an empty one stays where it is.
    fn means(&self, totals: &Totals) -> Vec<f64> {
        let mean = |(at, sum): (usize, &f64)| match totals.sizes[at / self.width] {
            0 => self.centers[at],
            size => sum / size as f64,
        };
        totals.sums.iter().enumerate().map(mean).collect()
    }

    fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.centers.len() / self.width];
        for (cluster, _) in &self.nearest {
            sizes[*cluster] += 1;
        }
        sizes
    }

    fn inertia(&self) -> f64 {
        self.nearest.iter().map(|(_, squared)| squared).sum()
    }

    fn center(&self, cluster: usize) -> &[f64] {
        &self.centers[cluster * self.width..][..self.width]
    }

    /// Numbers the clusters anew: 0 has the largest mean of the feature `rank_by`; equals by their other means.
    fn ranked(self, rank_by: usize) -> Self {
        let mut order: Vec<usize> = (0..self.centers.len() / self.width).collect();
        order.sort_by(|&left, &right| {
            let (left, right) = (self.center(left), self.center(right));
            let rest = || {
                right
                    .iter()
                    .zip(left)
                    .map(|(r, l)| r.total_cmp(l))
                    .find(|order| order.is_ne())
            };
            right[rank_by]
                .total_cmp(&left[rank_by])
                .then_with(|| rest().unwrap_or(std::cmp::Ordering::Equal))
        });
        let mut rank = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            rank[old] = new;
        }
        Self {
            width: self.width,
            centers: order
                .iter()
                .flat_map(|&old| self.center(old).to_vec())
                .collect(),
            nearest: self
                .nearest
                .into_iter()
                .map(|(old, squared)| (rank[old], squared))
                .collect(),
        }
    }

    fn describe(self, examples: &Examples, params: &Params, naming: Naming) -> Fitted {
        let clusters: Vec<usize> = self.nearest.iter().map(|(cluster, _)| *cluster).collect();
        let (inertia, sizes) = (self.inertia(), self.sizes());
        let silhouette = silhouette(&examples.values, self.width, &clusters, params.seed);
        let counts = naming
            .names
            .iter()
            .zip(&sizes)
            .map(|(name, size)| format!("{name} {size}"));
        let summary = format!(
            "{}; inertia {inertia:.6}",
            counts.collect::<Vec<_>>().join(", ")
        );
        let numbers = clusters
            .iter()
            .map(|&cluster| i32::try_from(cluster).unwrap_or(i32::MAX));
        let column = |name, values| Column { name, values };
        Fitted {
            columns: vec![
                column("cluster", Arc::new(Int32Array::from_iter_values(numbers))),
                column(
                    "label",
                    Arc::new(StringArray::from_iter_values(
                        clusters.iter().map(|&at| &naming.names[at]),
                    )),
                ),
                column(
                    "distance",
                    Arc::new(Float64Array::from_iter_values(
                        self.nearest.iter().map(|(_, squared)| squared.sqrt()),
                    )),
                ),
            ],
            metrics: [("inertia", inertia)]
                .into_iter()
                .chain(silhouette.map(|value| ("silhouette", value)))
                .collect(),
            params: json!({
                "k": params.k, "n_init": params.n_init, "seed": params.seed, "max_iter": params.max_iter,
                "tolerance": params.tolerance, "rank_by": examples.features[naming.rank_by],
            }),
            seed: i64::try_from(params.seed).unwrap_or(i64::MAX),
            summary,
            clusters: (naming.names.into_iter().zip(sizes).enumerate())
                .map(|(cluster, (label, size))| Cluster {
                    label,
                    size,
                    center: self.center(cluster).to_vec(),
                })
                .collect(),
        }
    }
}

impl Totals {
    /// Sums of no examples, for centres of `n_values` values, `width` each.
    fn none(n_values: usize, width: usize) -> Self {
        Self {
            sums: vec![0.0; n_values],
            sizes: vec![0; n_values / width],
            moved: false,
        }
    }

    fn add(&mut self, other: &Self) {
        self.moved |= other.moved;
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
        for (size, more) in self.sizes.iter_mut().zip(&other.sizes) {
            *size += more;
        }
    }
}

fn assign_part(
    rows: &[f64],
    nearest: &mut [(usize, f64)],
    centers: &[f64],
    width: usize,
) -> Totals {
    let mut totals = Totals::none(centers.len(), width);
    for (row, nearest) in rows.chunks_exact(width).zip(nearest) {
        let mut best = (0, f64::INFINITY);
        for (cluster, center) in centers.chunks_exact(width).enumerate() {
            let squared = squared_distance(row, center);
            if squared < best.1 {
                best = (cluster, squared);
            }
        }
        totals.moved |= best.0 != nearest.0;
        totals.sizes[best.0] += 1;
        for (sum, value) in totals.sums[best.0 * width..].iter_mut().zip(row) {
            *sum += value;
        }
        *nearest = best;
    }
    totals
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use arrow::array::AsArray;
    use arrow::datatypes::{Float64Type, Int32Type};

    use super::*;
    use crate::engine::Relation;
    use crate::ml::preprocess::Scale;
    use crate::project::yaml::{Doc, parse};

    fn fit(rows: &[f64], width: usize, options: &str) -> Result<Fitted> {
        let features: Vec<_> = ["x", "y", "z"][..width]
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let examples = Examples::new(
            &Relation::new("main", "points"),
            &features,
            rows.to_vec(),
            Scale::None,
        );
        let file = Path::new("models/ml.yml");
        let value = parse(file, options)?;
        KMeans.fit(
            &examples,
            &Doc {
                value: &value,
                file,
            }
            .fields("ml model `m`")?,
        )
    }

    fn metric(fitted: &Fitted, name: &str) -> f64 {
        fitted
            .metrics
            .iter()
            .find(|(metric, _)| *metric == name)
            .unwrap()
            .1
    }

    fn message(result: Result<Fitted>) -> String {
        match result {
            Ok(_) => "no error".into(),
            Err(err) => err.to_string(),
        }
    }

    /// Numbers from 0 to 1 that look random and are the same everywhere.
    fn uniform(n: usize) -> Vec<f64> {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn two_pairs_on_a_line_have_the_centres_distances_and_inertia_of_the_closed_form() {
        let options = "{params: {k: 2}, label: {rank_by: x, names: [high, low]}}";
        let fitted = fit(&[0.0, 10.0, 1.0, 11.0], 1, options).unwrap();
        assert_eq!(fitted.clusters[0].center, [10.5]);
        assert_eq!(fitted.clusters[1].center, [0.5]);
        assert_eq!(fitted.clusters[0].label, "high");
        assert_eq!(metric(&fitted, "inertia"), 1.0);
        assert_eq!(
            fitted.columns[0]
                .values
                .as_primitive::<Int32Type>()
                .values(),
            &[1, 0, 1, 0]
        );
        assert_eq!(
            fitted.columns[2]
                .values
                .as_primitive::<Float64Type>()
                .values(),
            &[0.5; 4]
        );
        assert_eq!(fitted.summary, "high 2, low 2; inertia 1.000000");
    }

    #[test]
    fn on_a_line_no_partition_is_better() {
        // On a line the best clusters are intervals, so every pair of cuts can be tried.
        let mut points = uniform(60);
        points.sort_by(f64::total_cmp);
        let inertia = |part: &[f64]| {
            let mean = part.iter().sum::<f64>() / part.len() as f64;
            part.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
        };
        let mut best = f64::INFINITY;
        for first in 1..points.len() - 1 {
            for second in first + 1..points.len() {
                let parts = [&points[..first], &points[first..second], &points[second..]];
                best = best.min(parts.iter().map(|part| inertia(part)).sum());
            }
        }
        let fitted = fit(&points, 1, "{params: {k: 3, n_init: 50}}").unwrap();
        // Sums in another order: 60 terms of at most 1, so a few units in the last place of 1.
        assert!((metric(&fitted, "inertia") - best).abs() < 1e-13, "{best}");
    }

    #[test]
    fn centres_are_the_means_of_their_examples() {
        let points = uniform(3_000);
        for k in [2, 4, 30] {
            let fitted = fit(
                &points,
                3,
                &format!("{{params: {{k: {k}, tolerance: 1e-15}}}}"),
            )
            .unwrap();
            let numbers = fitted.columns[0].values.as_primitive::<Int32Type>();
            for (cluster, found) in fitted.clusters.iter().enumerate() {
                let rows = points.chunks(3).zip(numbers.values());
                let own: Vec<_> = rows
                    .filter(|(_, number)| **number == cluster as i32)
                    .map(|(row, _)| row)
                    .collect();
                assert_eq!(own.len(), found.size);
                let mean = own.iter().map(|row| row[1]).sum::<f64>() / own.len() as f64;
                assert!((mean - found.center[1]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
        let points = uniform(30_000);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let fitted = pool
                .install(|| fit(&points, 3, "{params: {k: 5, seed: 7}}"))
                .unwrap();
            let centers: Vec<_> = fitted
                .clusters
                .iter()
                .flat_map(|cluster| cluster.center.clone())
                .collect();
            (centers, fitted.metrics)
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn without_labels_clusters_are_called_by_their_numbers_and_ordered_by_the_first_feature() {
        let fitted = fit(&[0.0, 10.0, 1.0, 11.0, 12.0], 1, "{params: {k: 2}}").unwrap();
        let labels: Vec<_> = fitted
            .clusters
            .iter()
            .map(|cluster| (cluster.label.as_str(), cluster.size))
            .collect();
        assert_eq!(labels, [("0", 3), ("1", 2)]);
    }

    #[test]
    fn too_few_rows_or_too_few_different_ones_are_refused() {
        let few = message(fit(&[1.0], 1, "{params: {k: 2}}"));
        assert_eq!(few, "`points` has 1 row, fewer than the 2 clusters of `k`");
        let same = message(fit(&[1.0, 1.0, 1.0], 1, "{params: {k: 2}}"));
        assert!(
            same.starts_with("`points` has too few different rows for the 2 clusters of `k`"),
            "{same}"
        );
    }

    #[test]
    fn a_wrong_option_is_answered_with_its_place() {
        let rows = [0.0, 10.0, 1.0, 11.0];
        for (options, expected) in [
            (
                "{}",
                "K-Means needs `params` with `k`, the number of clusters",
            ),
            (
                "params: {n_init: 3}",
                "`params` has no `k`\n  --> models/ml.yml:1:9",
            ),
            (
                "params: {k: 1}",
                "`k` is 1, where a whole number from 2 to 10000 belongs\n  --> models/ml.yml:1:13",
            ),
            (
                "params: {k: 2, tolerance: 0}",
                "`tolerance` is 0, where a number above 0 belongs\n  --> models/ml.yml:1:27",
            ),
            (
                "params: {k: 2, n_inits: 3}",
                "`params` does not take `n_inits`\n  --> models/ml.yml:1:16\nhint: did you mean `n_init`?",
            ),
            (
                "params: {k: 2}\nlables: {}",
                "ml model `m` does not take `lables`\n  --> models/ml.yml:2:1\nhint: did you mean `label`?",
            ),
            (
                "params: {k: 2}\nlabel: {rank_by: w, names: [a, b]}",
                "`rank_by` names `w`, which is no feature of the model\n  --> models/ml.yml:2:18\nhint: did you mean `x`?",
            ),
            (
                "params: {k: 2}\nlabel: {rank_by: x, names: [a]}",
                "`label` has 1 `names` for 2 clusters\n  --> models/ml.yml:2:28",
            ),
        ] {
            let found = message(fit(&rows, 1, options));
            assert!(found.starts_with(expected), "{options}\n{found}");
        }
    }
}
