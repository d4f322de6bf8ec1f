//! One decision tree, grown on bins.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::RngCore;

use super::super::codec::{Reader, Writer};
use super::bins::Bins;
use crate::diagnostic::Result;

/// A row that was drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) row: u32,
    pub(super) counts: Counts,
}

/// How many rows, how often they were drawn, and how often the positive ones of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) rows: u32,
    pub(super) times: u32,
    pub(super) positives: u32,
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            times: self.times + other.times,
            positives: self.positives + other.positives,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            rows: self.rows - other.rows,
            times: self.times - other.times,
            positives: self.positives - other.positives,
        }
    }
}

/// When to stop and what to try.
pub(super) struct Rules {
    pub(super) max_depth: usize,
    /// Different rows in a leaf at least.
    pub(super) min_samples_leaf: u32,
    pub(super) max_features: usize,
    /// Of a negative and of a positive row.
    pub(super) class_weights: [f64; 2],
}

/// A split or a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// Number of the node for rows beyond `bin`, the node after this one being for the others; 0 for a leaf.
    right: u32,
    column: u16,
    /// The last bin of the left side.
    bin: u8,
    /// Share of positive rows.
    pub(super) value: f32,
}

impl Node {
    pub(super) fn write(writer: &mut Writer, node: &Self) {
        for part in [
            &node.right.to_le_bytes()[..],
            &node.column.to_le_bytes(),
            &[node.bin],
            &node.value.to_le_bytes(),
        ] {
            part.iter().for_each(|byte| writer.byte(*byte));
        }
    }

    pub(super) fn read(reader: &mut Reader) -> Result<Self> {
        let mut bytes = [0; 11];
        for byte in &mut bytes {
            *byte = reader.byte()?;
        }
        let [r0, r1, r2, r3, c0, c1, bin, v0, v1, v2, v3] = bytes;
        Ok(Self {
            right: u32::from_le_bytes([r0, r1, r2, r3]),
            column: u16::from_le_bytes([c0, c1]),
            bin,
            value: f32::from_le_bytes([v0, v1, v2, v3]),
        })
    }
}

/// A grown tree, its nodes each before those below it, the left side first.
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// By how much each column's splits lower the impurity, in drawn rows; empty when it was read.
    pub(super) importances: Vec<f64>,
}

impl Tree {
    /// Returns the leaf of a row by its bins; tells `split(column, change of the share)` on the way.
    pub(super) fn leaf(&self, bins: &[u8], mut split: impl FnMut(usize, f32)) -> &Node {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            if node.right == 0 {
                return node;
            }
            let column = usize::from(node.column);
            at = match bins[column] <= node.bin {
                true => at + 1,
                false => node.right as usize,
            };
            split(column, self.nodes[at].value - node.value);
        }
    }
}

/// Returns a random number from 0 to `n` - 1, `n` below 2³² (Lemire 2019, without the rejection: the bias is below n / 2⁶⁴).
pub(super) fn below(rng: &mut Xoshiro256PlusPlus, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// Samples that are still to become a node.
struct Todo {
    start: usize,
    end: usize,
    depth: usize,
    /// The split whose right side it is.
    right_of: Option<usize>,
}

/// The best split found.
struct Split {
    column: usize,
    bin: u8,
    /// By how much it lowers the impurity, in weighted rows.
    gain: f64,
}

struct Grower<'a> {
    bins: &'a Bins,
    rules: &'a Rules,
    rng: Xoshiro256PlusPlus,
    /// The columns in a random order, shuffled further for each split.
    columns: Vec<usize>,
    /// Counts by bin; all zero but while a column is counted.
    histogram: [Counts; 256],
    /// The bins that have samples, in order, with their counts.
    filled: Vec<(u8, Counts)>,
}

/// Grows a tree on `samples`.
pub(super) fn grow(
    bins: &Bins,
    mut samples: Vec<Sample>,
    rules: &Rules,
    rng: Xoshiro256PlusPlus,
) -> Tree {
    let mut grower = Grower {
        bins,
        rules,
        rng,
        columns: (0..bins.width()).collect(),
        histogram: [Counts::default(); 256],
        filled: Vec::with_capacity(256),
    };
    let mut tree = Tree {
        nodes: Vec::new(),
        importances: vec![0.0; bins.width()],
    };
    let mut todo = vec![Todo {
        start: 0,
        end: samples.len(),
        depth: 0,
        right_of: None,
    }];
    while let Some(next) = todo.pop() {
        let number = tree.nodes.len();
        if let Some(parent) = next.right_of {
            tree.nodes[parent].right = number as u32;
        }
        let own = &mut samples[next.start..next.end];
        let counts = own
            .iter()
            .fold(Counts::default(), |sum, sample| sum.plus(sample.counts));
        let mut node = Node {
            right: 0,
            column: 0,
            bin: 0,
            value: grower.share(counts),
        };
        if next.depth < rules.max_depth
            && let Some(split) = grower.best_split(own, counts)
        {
            (node.column, node.bin) = (split.column as u16, split.bin);
            tree.importances[split.column] += split.gain;
            let column = bins.column(split.column);
            let middle =
                next.start + partition(own, |sample| column[sample.row as usize] <= split.bin);
            let depth = next.depth + 1;
            todo.push(Todo {
                start: middle,
                end: next.end,
                depth,
                right_of: Some(number),
            });
            todo.push(Todo {
                start: next.start,
                end: middle,
                depth,
                right_of: None,
            });
        }
        tree.nodes.push(node);
    }
    tree
}

/// Moves the samples that are `left` before the others and returns how many they are.
fn partition(samples: &mut [Sample], left: impl Fn(&Sample) -> bool) -> usize {
    let mut count = 0;
    for at in 0..samples.len() {
        if left(&samples[at]) {
            samples.swap(count, at);
            count += 1;
        }
    }
    count
}

impl Grower<'_> {
    /// Returns the weight of negative and of positive rows.
    fn weights(&self, counts: Counts) -> [f64; 2] {
        let [negative, positive] = self.rules.class_weights;
        let negatives = counts.times - counts.positives;
        [
            f64::from(negatives) * negative,
            f64::from(counts.positives) * positive,
        ]
    }

    fn share(&self, counts: Counts) -> f32 {
        let [negatives, positives] = self.weights(counts);
        (positives / (negatives + positives)) as f32
    }

    /// The sum of squares that Gini's impurity (Breiman et al. 1984) of a node is lower for the greater it is.
    fn purity(&self, counts: Counts) -> f64 {
        let [negatives, positives] = self.weights(counts);
        (negatives * negatives + positives * positives) / (negatives + positives)
    }

    /// Returns the split that lowers the impurity most, among `max_features` columns that are not the same in all
    /// samples; `None` when there is none, or the samples are too few or of one class.
    fn best_split(&mut self, samples: &[Sample], counts: Counts) -> Option<Split> {
        let is_pure = counts.positives == 0 || counts.positives == counts.times;
        if is_pure || counts.rows < 2 * self.rules.min_samples_leaf {
            return None;
        }
        let mut best: Option<Split> = None;
        let (mut tried, width) = (0, self.columns.len());
        for at in 0..width {
            if tried == self.rules.max_features {
                break;
            }
            let chosen = at + below(&mut self.rng, width - at);
            self.columns.swap(at, chosen);
            let column = self.columns[at];
            self.count(column, samples);
            if self.filled.len() < 2 {
                continue;
            }
            tried += 1;
            if let Some(split) = self.best_bin(column, counts)
                && best.as_ref().is_none_or(|best| split.gain > best.gain)
            {
                best = Some(split);
            }
        }
        best
    }

    /// Counts the samples in each bin of a column that has any. Cost: the samples, then the bins they are in.
    fn count(&mut self, column: usize, samples: &[Sample]) {
        let bins = self.bins.column(column);
        let mut has = [0u64; 4];
        for sample in samples {
            let bin = usize::from(bins[sample.row as usize]);
            self.histogram[bin] = self.histogram[bin].plus(sample.counts);
            has[bin / 64] |= 1 << (bin % 64);
        }
        self.filled.clear();
        for (word, mut left) in has.into_iter().enumerate() {
            while left != 0 {
                let bin = word * 64 + left.trailing_zeros() as usize;
                let counts = std::mem::take(&mut self.histogram[bin]);
                self.filled.push((bin as u8, counts));
                left &= left - 1;
            }
        }
    }

    /// Returns the best place to cut the column that was counted last.
    fn best_bin(&self, column: usize, counts: Counts) -> Option<Split> {
        let least = self.rules.min_samples_leaf;
        let before = self.purity(counts);
        let mut best: Option<Split> = None;
        let mut left = Counts::default();
        for pair in self.filled.windows(2) {
            left = left.plus(pair[0].1);
            let right = counts.minus(left);
            if left.rows < least || right.rows < least {
                continue;
            }
            let gain = self.purity(left) + self.purity(right) - before;
            if gain > 1e-9 && best.as_ref().is_none_or(|best| gain > best.gain) {
                // Half way through the bins that no sample has.
                let bin = pair[0].0 + (pair[1].0 - pair[0].0 - 1) / 2;
                best = Some(Split { column, bin, gain });
            }
        }
        best
    }
}
