//! From values to positions: ticks at round numbers, and the line between value and pixel.

/// A range that begins and ends at a multiple of `step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ticks {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) step: f64,
}

impl Ticks {
    /// Covers `low` to `high` with about `count` round marks.
    ///
    /// Paul S. Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990, `loose_label`, but for the range, which
    /// is not rounded up before it is divided: the marks then end closer to the data.
    /// Equal ends are spread apart first, so that there is always a range.
    pub(super) fn nice(low: f64, high: f64, count: usize) -> Self {
        let (low, high) = spread(low, high);
        let step = nice_number((high - low) / (count.max(2) - 1) as f64);
        Self {
            low: (low / step).floor() * step,
            high: (high / step).ceil() * step,
            step,
        }
    }

    /// Returns the marks, in order; multiples of the step, so that zero is exactly zero.
    pub(super) fn marks(&self) -> Vec<f64> {
        let first = (self.low / self.step).round();
        let count = ((self.high - self.low) / self.step)
            .round()
            .clamp(0.0, 200.0) as usize;
        (0..=count)
            .map(|at| (first + at as f64) * self.step)
            .collect()
    }
}

/// Equal values have no range, and values that differ in their last digits none that can be labelled.
fn spread(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = (low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300));
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 {
        return (low, high);
    }
    match size {
        0.0 => (0.0, 1.0),
        _ => (low - size * 0.1, high + size * 0.1),
    }
}

/// Returns the nearest of 1, 2, 5 and 10 times a power of ten. Heckbert 1990, `nicenum`. `value` is above 0.
pub(super) fn nice_number(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let nice = match value / power {
        fraction if fraction < 1.5 => 1.0,
        fraction if fraction < 3.0 => 2.0,
        fraction if fraction < 7.0 => 5.0,
        _ => 10.0,
    };
    nice * power
}

/// A straight line from values to pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Linear {
    values: (f64, f64),
    pixels: (f64, f64),
}

impl Linear {
    /// Maps the first value to the first pixel and the second to the second.
    pub(super) fn new(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self { values, pixels }
    }

    /// Returns the pixel of a value; the middle when the values do not differ.
    pub(super) fn at(&self, value: f64) -> f64 {
        let (from, to) = self.pixels;
        let range = self.values.1 - self.values.0;
        if range == 0.0 {
            return f64::midpoint(from, to);
        }
        from + (value - self.values.0) / range * (to - from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heckbert's own example: 105 to 543 in five marks is labelled 100 to 600 by 100.
    #[test]
    fn ticks_are_heckberts() {
        let ticks = Ticks::nice(105.0, 543.0, 5);
        assert_eq!((ticks.low, ticks.high, ticks.step), (100.0, 600.0, 100.0));
    }

    #[test]
    fn every_range_is_covered_by_few_marks() {
        let ranges = [
            (0.0, 0.0),
            (5.0, 5.0),
            (-3.0, -3.0),
            (0.0, 1e-12),
            (-1e308, 1e308),
            (1e15, 1e15 + 1.0),
            (-7.0, 93.0),
            (0.91, 0.93),
            (1e-300, 2e-300),
        ];
        for (low, high) in ranges {
            let ticks = Ticks::nice(low, high, 5);
            let marks = ticks.marks();
            assert!((2..=12).contains(&marks.len()), "{low}..{high}: {marks:?}");
            let (low, high) = (low.max(-1e300), high.min(1e300));
            assert!(
                ticks.low <= low && high <= ticks.high,
                "{low}..{high}: {ticks:?}"
            );
            assert!(marks.iter().all(|mark| mark.is_finite()), "{marks:?}");
        }
    }

    #[test]
    fn a_value_without_range_stands_in_the_middle() {
        assert_eq!(Linear::new((3.0, 3.0), (0.0, 10.0)).at(3.0), 5.0);
        assert_eq!(Linear::new((0.0, 4.0), (100.0, 0.0)).at(1.0), 75.0);
    }
}
