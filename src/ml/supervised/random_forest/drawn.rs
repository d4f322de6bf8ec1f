//! The rows a tree was given. They are moved from split to split, so that those of a node lie side by side.

use std::ops::Range;

use rand_xoshiro::Xoshiro256PlusPlus;

use super::bins::{Bins, Line};
use super::tree::below;

/// Sums over drawn rows: how many, how often they were drawn, how often the positive ones, and nothing; side by side,
/// so that a processor adds all at once.
pub(super) type Cell = [u32; 4];

/// Where a row's bins begin, after what [`Drawn::cells`] says of it.
pub(super) const FIRST_BIN: usize = 1;

/// How often a row can be drawn at most; that any is drawn more often does not happen (its chance is below 1 / 127!).
const MOST_TIMES: u32 = 127;

/// Drawn rows with their bins.
#[derive(Default)]
pub(super) struct Drawn {
    /// Twice the rows, `stride` lines each: those of a node are in one half, and its split moves them to the other.
    halves: [Vec<Line>; 2],
    stride: usize,
    times: Vec<u8>,
}

/// Some rows, in one of the halves.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    half: usize,
    range: Range<usize>,
}

impl Rows {
    /// Returns how many they are.
    pub(super) fn len(&self) -> usize {
        self.range.len()
    }
}

impl Drawn {
    /// Draws as many rows as there are, with replacement.
    pub(super) fn draw(
        &mut self,
        bins: &Bins,
        truth: &[bool],
        rng: &mut Xoshiro256PlusPlus,
    ) -> Rows {
        self.times.clear();
        self.times.resize(truth.len(), 0);
        for _ in 0..truth.len() {
            let times = &mut self.times[below(rng, truth.len())];
            *times += u8::from(u32::from(*times) < MOST_TIMES);
        }
        self.stride = bins.stride();
        let [lines, other] = &mut self.halves;
        lines.clear();
        for (row, (times, is_positive)) in self.times.iter().zip(truth).enumerate() {
            if *times > 0 {
                let at = lines.len();
                lines.extend_from_slice(bins.lines(row));
                lines[at][0] = times * 2 + u8::from(*is_positive);
            }
        }
        other.resize(lines.len(), Line::default());
        Rows {
            half: 0,
            range: 0..lines.len() / self.stride,
        }
    }

    /// Returns what a row adds to a sum, by its first byte.
    pub(super) fn cells() -> Box<[Cell; 256]> {
        let mut cells = [Cell::default(); 256];
        for (code, cell) in (0u32..).zip(&mut cells) {
            let (times, is_positive) = (code / 2, code % 2);
            *cell = [1, times, times * is_positive, 0];
        }
        Box::new(cells)
    }

    /// Returns some rows; the bins begin at [`FIRST_BIN`].
    #[inline]
    pub(super) fn rows(&self, rows: &Rows) -> std::slice::ChunksExact<'_, u8> {
        let lines = rows.range.start * self.stride..rows.range.end * self.stride;
        let bytes = self.halves[rows.half][lines].as_flattened();
        bytes.chunks_exact(self.stride * size_of::<Line>())
    }

    /// Moves the rows whose bin in a column is at most `bin` before the others, and returns both.
    pub(super) fn part(&mut self, rows: &Rows, column: usize, bin: u8) -> [Rows; 2] {
        let at = FIRST_BIN + column;
        let n_left = match self.stride {
            1 => self.part_lines::<1>(rows, at, bin),
            2 => self.part_lines::<2>(rows, at, bin),
            3 => self.part_lines::<3>(rows, at, bin),
            4 => self.part_lines::<4>(rows, at, bin),
            5 => self.part_lines::<5>(rows, at, bin),
            6 => self.part_lines::<6>(rows, at, bin),
            7 => self.part_lines::<7>(rows, at, bin),
            8 => self.part_lines::<8>(rows, at, bin),
            _ => self.part_any(rows, at, bin),
        };
        let half = 1 - rows.half;
        let middle = rows.range.start + n_left;
        let left = rows.range.start..middle;
        let right = middle..rows.range.end;
        [left, right].map(|range| Rows { half, range })
    }

    /// Returns the rows, and the place they are moved to.
    fn lines(&mut self, rows: &Rows) -> (&[Line], &mut [Line]) {
        let [first, second] = &mut self.halves;
        let (from, to) = match rows.half {
            0 => (first, second),
            _ => (second, first),
        };
        let lines = rows.range.start * self.stride..rows.range.end * self.stride;
        (&from[lines.clone()], &mut to[lines])
    }

    /// Writes each row to both sides and moves on at one of them: which one is not to be guessed.
    fn part_lines<const N: usize>(&mut self, rows: &Rows, at: usize, bin: u8) -> usize {
        let (from, to) = self.lines(rows);
        let (from, _) = from.as_chunks::<N>();
        let (to, _) = to.as_chunks_mut::<N>();
        let (mut left, mut right) = (0, to.len());
        for line in from {
            let is_left = usize::from(line.as_flattened()[at] <= bin);
            to[left] = *line;
            to[right - 1] = *line;
            left += is_left;
            right -= 1 - is_left;
        }
        left
    }

    fn part_any(&mut self, rows: &Rows, at: usize, bin: u8) -> usize {
        let stride = self.stride;
        let (from, to) = self.lines(rows);
        let (mut left, mut right) = (0, rows.len());
        for line in from.chunks_exact(stride) {
            let place = if line.as_flattened()[at] <= bin {
                left += 1;
                left - 1
            } else {
                right -= 1;
                right
            };
            to[place * stride..(place + 1) * stride].copy_from_slice(line);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_are_parted() {
        for stride in 1..11 {
            let line = |row: u8| (0..stride).map(move |_| [row * 37 % 100; size_of::<Line>()]);
            let lines: Vec<Line> = (0..100).flat_map(line).collect();
            let mut drawn = Drawn {
                halves: [lines.clone(), lines],
                stride,
                times: Vec::new(),
            };
            let rows = Rows {
                half: 0,
                range: 10..90,
            };
            let found = |drawn: &Drawn, rows: &Rows| {
                let mut bins: Vec<u8> = drawn.rows(rows).map(|bins| bins[0]).collect();
                bins.sort_unstable();
                bins
            };
            let last = stride * size_of::<Line>() - 1 - FIRST_BIN;
            let both = drawn.part(&rows, last, 49);
            let (left, right): (Vec<u8>, Vec<u8>) =
                found(&drawn, &rows).into_iter().partition(|bin| *bin <= 49);
            assert_eq!(
                [left.len(), right.len()],
                both.clone().map(|rows| rows.len())
            );
            assert_eq!(found(&drawn, &both[0]), left);
            assert_eq!(found(&drawn, &both[1]), right);
        }
    }
}
