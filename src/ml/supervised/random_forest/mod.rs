//! Random forest: many trees, each grown on rows drawn at random, that vote with probabilities.

mod bins;
mod drawn;
mod tree;

use std::ops::Range;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;
use serde_json::json;

use self::bins::{Bins, row_by_row};
use self::drawn::Drawn;
use self::tree::{Node, Rules, Tree, grow};
use super::codec::{Reader, Writer};
use super::design::Design;
use super::split::mix;
use super::{Classifier, Learner, Trained};
use crate::diagnostic::Result;
use crate::ml::params::{self, ClassWeight};
use crate::project::yaml::Fields;

/// `algorithm: random_forest`.
///
/// Breiman 2001, "Random forests": each tree is grown on as many rows as there are, drawn with replacement, and
/// chooses each split among some columns drawn anew. The probability is the mean over the trees of the share of
/// positive rows in the leaf (Malley et al. 2012, "Probability machines"). Columns are cut into at most 256 bins
/// before, at the values between which they differ or at quantiles.
pub(super) struct RandomForest;

impl Classifier for RandomForest {
    fn name(&self) -> &'static str {
        "random_forest"
    }

    fn about(&self) -> &'static str {
        "lets many decision trees vote (random forest)"
    }

    fn importance(&self) -> &'static str {
        "mean decrease in impurity"
    }

    fn read(&self, params: &Fields<'_>) -> Result<Box<dyn Learner>> {
        let whole = |key: &str, default: u64, most: u64| {
            params::whole(params, key, Some(default), 1..=most)
        };
        let max_features = match params.get("max_features") {
            Some(doc) if doc.value.as_str() == Some("sqrt") => None,
            Some(doc) if doc.value.as_str() == Some("all") => Some(usize::MAX),
            Some(doc) => match doc.value.as_u64() {
                Some(count @ 1..) => Some(usize::try_from(count)?),
                _ => {
                    return Err(params::out_of_range(
                        &doc,
                        "max_features",
                        "`sqrt`, `all` or a whole number",
                    ));
                }
            },
            None => None,
        };
        Ok(Box::new(Params {
            n_trees: usize::try_from(whole("n_trees", 300, 100_000)?)?,
            max_depth: match params.get("max_depth") {
                Some(doc) if doc.value.as_str() == Some("none") => None,
                Some(_) => Some(usize::try_from(whole("max_depth", 1, 10_000)?)?),
                None => None,
            },
            min_samples_leaf: u32::try_from(whole("min_samples_leaf", 5, 1 << 30)?)?,
            max_features,
            class_weight: ClassWeight::read(params)?,
            seed: params::whole(params, "seed", Some(42), 0..=i64::MAX as u64)?,
        }))
    }

    fn load(&self, reader: &mut Reader) -> Result<Box<dyn Trained>> {
        Ok(Box::new(Forest {
            edges: reader.list(|reader| reader.list(|reader| Ok(reader.number()? as f32)))?,
            trees: reader.list(|reader| {
                let mut number = 0..;
                let node = |reader: &mut Reader| Node::read(reader, number.next().unwrap_or(0));
                reader.list(node).map(|nodes| Tree {
                    nodes,
                    importances: Vec::new(),
                })
            })?,
            importances: reader.list(Reader::number)?,
        }))
    }
}

/// `params:`.
struct Params {
    n_trees: usize,
    max_depth: Option<usize>,
    /// Different rows in a leaf at least.
    min_samples_leaf: u32,
    /// Columns tried a split; `None` for the square root of their number.
    max_features: Option<usize>,
    class_weight: ClassWeight,
    seed: u64,
}

impl Learner for Params {
    fn params(&self) -> serde_json::Value {
        json!({
            "n_trees": self.n_trees,
            "max_depth": self.max_depth.map_or_else(|| json!("none"), |depth| json!(depth)),
            "min_samples_leaf": self.min_samples_leaf,
            "max_features": match self.max_features {
                None => json!("sqrt"),
                Some(usize::MAX) => json!("all"),
                Some(count) => json!(count),
            },
            "class_weight": self.class_weight.word(),
            "seed": self.seed,
        })
    }

    fn fit(&self, design: &Design<'_>, truth: &[bool]) -> Result<Box<dyn Trained>> {
        let (bins, edges) = Bins::fit(design);
        let width = design.width();
        let wanted = self.max_features.unwrap_or_else(|| width.isqrt());
        let rules = Rules {
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_leaf: self.min_samples_leaf,
            max_features: wanted.clamp(1, width),
            class_weights: self.class_weight.of(truth),
        };
        let tree = |drawn: &mut Drawn, number: usize| {
            let rng = Xoshiro256PlusPlus::seed_from_u64(mix(number as u64, self.seed));
            grow((&bins, truth), &rules, rng, drawn)
        };
        let trees = (0..self.n_trees)
            .into_par_iter()
            .map_init(Drawn::default, tree);
        let trees: Vec<Tree> = trees.collect();
        let mut importances = vec![0.0; width];
        for tree in &trees {
            let sum: f64 = tree.importances.iter().sum();
            if sum > 0.0 {
                importances
                    .iter_mut()
                    .zip(&tree.importances)
                    .for_each(|(all, own)| *all += own / sum);
            }
        }
        let sum: f64 = importances.iter().sum();
        if sum > 0.0 {
            importances.iter_mut().for_each(|value| *value /= sum);
        }
        Ok(Box::new(Forest {
            edges,
            trees,
            importances,
        }))
    }
}

/// A trained forest.
struct Forest {
    /// Where each column is cut, rising.
    edges: Vec<Vec<f32>>,
    trees: Vec<Tree>,
    /// A column each, together 1.
    importances: Vec<f64>,
}

impl Forest {
    fn means(&self, sums: Vec<f64>) -> Vec<f64> {
        let n_trees = self.trees.len() as f64;
        sums.into_iter().map(|sum| sum / n_trees).collect()
    }
}

impl Trained for Forest {
    fn write(&self, writer: &mut Writer) {
        writer.list(&self.edges, |writer, edges| {
            writer.list(edges, |writer, edge| writer.number(f64::from(*edge)));
        });
        writer.list(&self.trees, |writer, tree| {
            writer.list(&tree.nodes, Node::write);
        });
        writer.list(&self.importances, |writer, value| writer.number(*value));
    }

    fn predict(&self, design: &Design<'_>, rows: Range<usize>) -> Vec<f64> {
        let mut sums = vec![0.0; rows.len()];
        let bins = row_by_row(design, &self.edges, rows);
        for tree in &self.trees {
            let leaf = |row: usize, share| sums[row] += f64::from(share);
            tree.walk(&bins, design.width(), |_, _, _| {}, leaf);
        }
        self.means(sums)
    }

    /// In probability: what each split on the way to the leaf adds to the share of positives (Saabas 2014,
    /// "Interpreting random forests"), averaged over the trees. With the mean share they add up to the prediction.
    fn explain(&self, design: &Design<'_>, rows: Range<usize>) -> (Vec<f64>, Vec<f32>) {
        let width = design.width();
        let mut sums = vec![0.0; rows.len()];
        let mut parts = vec![0.0; rows.len() * width];
        let bins = row_by_row(design, &self.edges, rows);
        for tree in &self.trees {
            let split = |row: usize, column, change| parts[row * width + column] += change;
            let leaf = |row: usize, share| sums[row] += f64::from(share);
            tree.walk(&bins, width, split, leaf);
        }
        parts
            .iter_mut()
            .for_each(|part| *part /= self.trees.len() as f32);
        (self.means(sums), parts)
    }

    fn importances(&self) -> Vec<f64> {
        self.importances.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ml::supervised::encoder::Encoder;
    use crate::ml::supervised::frame::{Frame, Values};
    use crate::ml::supervised::measure::roc_auc;
    use crate::ml::supervised::split::hash;
    use crate::ml::supervised::steps::Plan;

    /// Rows of three random columns, of which the first two decide.
    fn frame(n_rows: usize) -> (Frame, Vec<bool>) {
        let value = |row: usize, column: usize| {
            (mix(hash(&row.to_string()), column as u64 + 1) % 1000) as f32
        };
        let columns: Vec<Vec<f32>> = (0..3)
            .map(|column| (0..n_rows).map(|row| value(row, column)).collect())
            .collect();
        let truth = (0..n_rows)
            .map(|row| (columns[0][row] > 600.0) ^ (columns[1][row] > 600.0))
            .collect();
        (
            Frame {
                n_rows,
                columns: columns.into_iter().map(Values::Numbers).collect(),
            },
            truth,
        )
    }

    fn params(n_trees: usize) -> Params {
        Params {
            n_trees,
            max_depth: None,
            min_samples_leaf: 1,
            max_features: None,
            class_weight: ClassWeight::None,
            seed: 42,
        }
    }

    fn bytes(model: &dyn Trained) -> Vec<u8> {
        let mut writer = Writer::default();
        model.write(&mut writer);
        writer.finish().unwrap()
    }

    fn with_design<T>(n_rows: usize, work: impl FnOnce(&Design<'_>, &[bool]) -> T) -> T {
        let (frame, truth) = frame(n_rows);
        let rows: Vec<u32> = (0..n_rows as u32).collect();
        let names = ["a".into(), "b".into(), "c".into()];
        let plans = vec![Plan::default(); 3];
        let encoder = Encoder::fit(&names, &frame, &rows[..n_rows / 2], &plans).unwrap();
        let design = Design::new(&encoder, &frame, &rows, "t").unwrap();
        work(&design, &truth)
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
        with_design(2000, |design, truth| {
            let fit = || bytes(params(20).fit(design, truth).unwrap().as_ref());
            let pool = |threads| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap()
            };
            let one = pool(1).install(fit);
            assert!(one == pool(3).install(fit));
            let other = Params {
                seed: 43,
                ..params(20)
            };
            assert!(one != bytes(other.fit(design, truth).unwrap().as_ref()));
        });
    }

    #[test]
    fn what_no_line_separates_is_learnt_and_what_does_not_matter_is_told() {
        with_design(4000, |design, truth| {
            let rows: Vec<u32> = (0..2000).collect();
            let (frame, _) = frame(4000);
            let half = Design::new(design.encoder, &frame, &rows, "t").unwrap();
            let model = params(50).fit(&half, &truth[..2000]).unwrap();
            let found = model.predict(design, 2000..4000);
            assert!(roc_auc(&truth[2000..], &found).unwrap() > 0.99);
            let importances = model.importances();
            assert!(
                importances[2] < 0.1 && importances[0] > 0.3 && importances[1] > 0.3,
                "{importances:?}"
            );
            assert!((importances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        });
    }

    #[test]
    fn contributions_add_up_to_the_prediction() {
        with_design(500, |design, truth| {
            let model = params(30).fit(design, truth).unwrap();
            let model = RandomForest
                .load(&mut Reader::new(&bytes(model.as_ref())).unwrap())
                .unwrap();
            let (found, parts) = model.explain(design, 0..500);
            assert_eq!(found, model.predict(design, 0..500));
            let rest: Vec<f64> = found
                .iter()
                .zip(parts.chunks_exact(3))
                .map(|(found, parts)| {
                    found - parts.iter().map(|part| f64::from(*part)).sum::<f64>()
                })
                .collect();
            assert!(rest.iter().all(|own| (own - rest[0]).abs() < 1e-5));
        });
    }
}
