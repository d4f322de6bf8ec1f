//! One decision tree, grown on bins.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::RngCore;

use super::super::codec::{Reader, Writer};
use super::bins::Bins;
use super::drawn::{Cell, Drawn, FIRST_BIN, Rows};
use crate::diagnostic::Result;

/// How many rows, how often they were drawn, and how often the positive ones of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    rows: u32,
    times: u32,
    positives: u32,
}

impl From<Cell> for Counts {
    fn from([rows, times, positives, _]: Cell) -> Self {
        Self {
            rows,
            times,
            positives,
        }
    }
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
    /// Numbers of the nodes for rows up to `bin` and beyond it; of a leaf, its own.
    next: [u32; 2],
    /// Share of positive rows.
    value: f32,
    column: u16,
    /// The last bin of the left side.
    bin: u8,
}

impl Node {
    /// Writes a node; its left side follows it, its right side is at a number, 0 for a leaf.
    pub(super) fn write(writer: &mut Writer, node: &Self) {
        let [left, right] = node.next;
        let right = if left == right { 0 } else { right };
        for part in [
            &right.to_le_bytes()[..],
            &node.column.to_le_bytes(),
            &[node.bin],
            &node.value.to_le_bytes(),
        ] {
            part.iter().for_each(|byte| writer.byte(*byte));
        }
    }

    /// Reads the node of a number.
    pub(super) fn read(reader: &mut Reader, number: u32) -> Result<Self> {
        let mut bytes = [0; 11];
        for byte in &mut bytes {
            *byte = reader.byte()?;
        }
        let [r0, r1, r2, r3, c0, c1, bin, v0, v1, v2, v3] = bytes;
        let next = match u32::from_le_bytes([r0, r1, r2, r3]) {
            0 => [number; 2],
            right => [number + 1, right],
        };
        Ok(Self {
            next,
            value: f32::from_le_bytes([v0, v1, v2, v3]),
            column: u16::from_le_bytes([c0, c1]),
            bin,
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
    /// Leads rows, given by their bins, to their leaves; tells `split(row, column, change of the share)` on the way and
    /// `leaf(row, share)` at the end.
    ///
    /// Several rows walk side by side, so that none waits for another's memory.
    pub(super) fn walk(
        &self,
        bins: &[u8],
        width: usize,
        mut split: impl FnMut(usize, usize, f32),
        mut leaf: impl FnMut(usize, f32),
    ) {
        const ABREAST: usize = 16;
        for (number, bins) in bins.chunks(width * ABREAST).enumerate() {
            let first = number * ABREAST;
            let mut at = [0; ABREAST];
            let at = &mut at[..bins.len() / width];
            let mut is_moving = true;
            while is_moving {
                is_moving = false;
                for (row, (at, bins)) in at.iter_mut().zip(bins.chunks_exact(width)).enumerate() {
                    let node = &self.nodes[*at as usize];
                    let column = usize::from(node.column);
                    let next = node.next[usize::from(bins[column] > node.bin)];
                    is_moving |= next != *at;
                    split(
                        first + row,
                        column,
                        self.nodes[next as usize].value - node.value,
                    );
                    *at = next;
                }
            }
            for (row, at) in at.iter().enumerate() {
                leaf(first + row, self.nodes[*at as usize].value);
            }
        }
    }
}

/// Returns a random number from 0 to `n` - 1, `n` below 2³² (Lemire 2019, without the rejection: the bias is below n / 2⁶⁴).
pub(super) fn below(rng: &mut Xoshiro256PlusPlus, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// Columns that are counted in one pass over the samples: their histograms fit the nearest cache together, and a bin
/// that follows itself does not wait for itself.
const TOGETHER: usize = 8;

fn add(sum: &mut Cell, cell: &Cell) {
    for (sum, number) in sum.iter_mut().zip(cell) {
        *sum += number;
    }
}

/// Counts by bin.
type Histogram = [Cell; 256];

/// Samples that are still to become a node.
struct Todo {
    rows: Rows,
    counts: Counts,
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
    /// What is on the left side.
    left: Counts,
}

struct Grower<'a> {
    bins: &'a Bins,
    drawn: &'a mut Drawn,
    /// What a row adds to a sum.
    cells: Box<[Cell; 256]>,
    rules: &'a Rules,
    rng: Xoshiro256PlusPlus,
    /// The columns in a random order, shuffled further for each split.
    columns: Vec<usize>,
    /// Counts of the columns that are counted together; all zero but while they are.
    histograms: Box<[Histogram; TOGETHER]>,
    /// The bins that have samples, in order, with their counts.
    filled: Vec<(u8, Counts)>,
}

/// Grows a tree on rows that are drawn with replacement.
pub(super) fn grow(
    (bins, truth): (&Bins, &[bool]),
    rules: &Rules,
    mut rng: Xoshiro256PlusPlus,
    drawn: &mut Drawn,
) -> Tree {
    let rows = drawn.draw(bins, truth, &mut rng);
    let mut grower = Grower {
        bins,
        drawn,
        cells: Drawn::cells(),
        rules,
        rng,
        columns: (0..bins.width()).collect(),
        histograms: Box::new([[Cell::default(); 256]; TOGETHER]),
        filled: Vec::with_capacity(256),
    };
    let mut tree = Tree {
        nodes: Vec::new(),
        importances: vec![0.0; bins.width()],
    };
    let mut todo = vec![Todo {
        counts: grower.sum(&rows),
        rows,
        depth: 0,
        right_of: None,
    }];
    while let Some(node) = todo.pop() {
        let number = tree.nodes.len();
        if let Some(parent) = node.right_of {
            tree.nodes[parent].next[1] = number as u32;
        }
        tree.nodes.push(Node {
            next: [number as u32; 2],
            value: grower.share(node.counts),
            column: 0,
            bin: 0,
        });
        if node.depth < rules.max_depth
            && let Some(split) = grower.best_split(&node)
        {
            let own = &mut tree.nodes[number];
            (own.column, own.bin, own.next[0]) =
                (split.column as u16, split.bin, number as u32 + 1);
            tree.importances[split.column] += split.gain;
            let [left, right] = grower.drawn.part(&node.rows, split.column, split.bin);
            let depth = node.depth + 1;
            todo.push(Todo {
                rows: right,
                counts: node.counts.minus(split.left),
                depth,
                right_of: Some(number),
            });
            todo.push(Todo {
                rows: left,
                counts: split.left,
                depth,
                right_of: None,
            });
        }
    }
    tree
}

impl Grower<'_> {
    fn sum(&self, rows: &Rows) -> Counts {
        let mut sum = Cell::default();
        for row in self.drawn.rows(rows) {
            add(&mut sum, &self.cells[usize::from(row[0])]);
        }
        Counts::from(sum)
    }

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
    fn best_split(&mut self, node: &Todo) -> Option<Split> {
        let counts = node.counts;
        let is_pure = counts.positives == 0 || counts.positives == counts.times;
        if is_pure || counts.rows < 2 * self.rules.min_samples_leaf {
            return None;
        }
        let mut best: Option<Split> = None;
        let (mut drawn, mut tried, width) = (0, 0, self.columns.len());
        while tried < self.rules.max_features && drawn < width {
            let wanted = (self.rules.max_features - tried)
                .min(width - drawn)
                .min(TOGETHER);
            for at in drawn..drawn + wanted {
                let chosen = at + below(&mut self.rng, width - at);
                self.columns.swap(at, chosen);
            }
            let mut columns = [0; TOGETHER];
            columns[..wanted].copy_from_slice(&self.columns[drawn..drawn + wanted]);
            let columns = &columns[..wanted];
            drawn += wanted;
            self.count(columns, &node.rows);
            for (place, column) in columns.iter().enumerate() {
                self.fill(place, *column, &node.rows);
                if self.filled.len() < 2 {
                    continue;
                }
                tried += 1;
                if let Some(split) = self.best_bin(*column, counts)
                    && best.as_ref().is_none_or(|best| split.gain > best.gain)
                {
                    best = Some(split);
                }
            }
        }
        best
    }

    /// Counts the samples in each bin of some columns.
    fn count(&mut self, columns: &[usize], rows: &Rows) {
        match columns {
            [a] => self.count_together([*a], rows),
            [a, b] => self.count_together([*a, *b], rows),
            [a, b, c] => self.count_together([*a, *b, *c], rows),
            [a, b, c, d] => self.count_together([*a, *b, *c, *d], rows),
            [a, b, c, d, e] => self.count_together([*a, *b, *c, *d, *e], rows),
            [a, b, c, d, e, f] => self.count_together([*a, *b, *c, *d, *e, *f], rows),
            [a, b, c, d, e, f, g] => self.count_together([*a, *b, *c, *d, *e, *f, *g], rows),
            [a, b, c, d, e, f, g, h, ..] => {
                self.count_together([*a, *b, *c, *d, *e, *f, *g, *h], rows);
            }
            [] => {}
        }
    }

    fn count_together<const N: usize>(&mut self, columns: [usize; N], rows: &Rows) {
        for row in self.drawn.rows(rows) {
            let cell = self.cells[usize::from(row[0])];
            for (histogram, column) in self.histograms.iter_mut().zip(columns) {
                add(&mut histogram[usize::from(row[FIRST_BIN + column])], &cell);
            }
        }
    }

    /// Gathers the bins of a column that have samples, in order, and clears its histogram.
    ///
    /// Cost: the bins of the column, or the samples where they are far fewer.
    fn fill(&mut self, place: usize, column: usize, rows: &Rows) {
        let histogram = &mut self.histograms[place];
        let n_bins = self.bins.count(column);
        self.filled.clear();
        let mut take = |bin: usize| {
            let cell = std::mem::take(&mut histogram[bin]);
            if cell[0] > 0 {
                self.filled.push((bin as u8, Counts::from(cell)));
            }
        };
        if rows.len() * 4 >= n_bins {
            (0..n_bins).for_each(take);
            return;
        }
        let mut has = [0u64; 4];
        for row in self.drawn.rows(rows) {
            let bin = row[FIRST_BIN + column];
            has[usize::from(bin / 64)] |= 1 << (bin % 64);
        }
        for (word, mut left) in has.into_iter().enumerate() {
            while left != 0 {
                take(word * 64 + left.trailing_zeros() as usize);
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
                best = Some(Split {
                    column,
                    bin,
                    gain,
                    left,
                });
            }
        }
        best
    }
}
