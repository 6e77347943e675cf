//! One axis of numbers: its ends, and how numbers lie between them.

use sweep_stats::quantile;
use sweep_study::Direction;

use crate::facts::Facts;

/// How many interquartile ranges from the quartiles a number is far out, and the largest share of numbers that may be.
const FAR: f64 = 3.0;
const FEW: f64 = 0.1;

/// Whether the metric of a study has a logarithmic axis: one that is minimized, as losses and steps are. Accuracies and
/// returns have a linear one.
pub fn logarithmic(facts: &Facts) -> bool {
    facts.direction == Direction::Minimize
}

/// One axis of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Whether equal ratios take equal room.
    pub log: bool,
}

impl Range {
    /// A range around numbers, with a little room; logarithmic only if asked for and all are positive. Numbers that
    /// are all alike get room as well.
    pub fn around(numbers: impl Iterator<Item = f64>, log: bool) -> Range {
        let (low, high) = numbers
            .filter(|number| number.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
                (low.min(number), high.max(number))
            });
        if low > high {
            return Range { low: 0.0, high: 1.0, log: false };
        }
        if log && low > 0.0 {
            let pad = (high / low).powf(0.06).max(1.03);
            return Range { low: low / pad, high: high * pad, log };
        }
        let pad = 0.06 * (high - low).max(1e-9 + 0.1 * high.abs() * f64::from(u8::from(high == low)));
        Range { low: low - pad, high: high + pad, log: false }
    }

    /// A range around most numbers: where a few lie far beyond the others on one side (three interquartile ranges, Tukey
    /// 1977), it ends at the last one before them, so that they do not press the others together. They are drawn as
    /// triangles on the border.
    pub fn around_most(numbers: impl Iterator<Item = f64>, log: bool) -> Range {
        let mut sorted: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let log = log && sorted.first().is_some_and(|least| *least > 0.0);
        let line = |number: f64| if log { number.ln() } else { number };
        let quartile = |share: f64| quantile(&sorted, share).map(line);
        let (Some(low), Some(high)) = (quartile(0.25), quartile(0.75)) else {
            return Range::around(sorted.into_iter(), log);
        };
        let reach = FAR * (high - low);
        let near = |number: &f64| (low - reach..=high + reach).contains(&line(*number));
        let kept: Vec<f64> = sorted.iter().copied().filter(near).collect();
        let few = (sorted.len() - kept.len()) as f64 <= FEW * sorted.len() as f64;
        Range::around(if few { kept } else { sorted }.into_iter(), log)
    }

    /// The range of how much trials were given: from nothing on, or logarithmic where they ended at amounts that differ
    /// more than fourfold. `xs` are the amounts at their readings, `ends` those at their last ones.
    pub fn given(xs: impl Iterator<Item = f64>, ends: impl Iterator<Item = f64>) -> Range {
        let (low, high) = ends.fold((f64::INFINITY, 0f64), |(low, high), x| (low.min(x), high.max(x)));
        let mut xs = xs.filter(|x| *x > 0.0).peekable();
        if high > 4.0 * low && xs.peek().is_some() {
            return Range::around(xs, true);
        }
        let most = xs.fold(0f64, f64::max);
        Range { low: 0.0, high: if most > 0.0 { 1.03 * most } else { 1.0 }, log: false }
    }

    /// The range with its lower end moved down by a share of its length.
    pub fn lowered(self, share: f64) -> Range {
        let low = if self.log {
            self.low * (self.low / self.high).powf(share)
        } else {
            self.low - share * (self.high - self.low)
        };
        Range { low, ..self }
    }

    /// Where `number` lies, as a share of the range.
    pub fn share(&self, number: f64) -> f64 {
        if self.log {
            (number / self.low).ln() / (self.high / self.low).ln()
        } else {
            (number - self.low) / (self.high - self.low)
        }
    }

    /// Whether `number` lies within it.
    pub fn holds(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }

    /// Whether some of these lie beyond its ends.
    pub fn leaves_out(&self, mut numbers: impl Iterator<Item = f64>) -> bool {
        numbers.any(|number| number.is_finite() && !self.holds(number))
    }

    /// The name of an axis of this range.
    pub fn named(&self, words: &str) -> String {
        if self.log { format!("{words} (log scale)") } else { words.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_their_numbers() {
        let range = Range::around([0.1, 10.0].into_iter(), true);
        assert!(range.log && range.low < 0.1 && range.high > 10.0);
        assert!((range.share(1.0) - 0.5).abs() < 1e-12);
        assert!((range.lowered(1.0).share(range.low) - 0.5).abs() < 1e-12);
        let range = Range::around([0.0, 10.0].into_iter(), true);
        assert!(!range.log && range.low < 0.0);
        let range = Range::around([3.0, f64::NAN].into_iter(), false);
        assert!(range.low < 3.0 && range.high > 3.0);
        let given = |ends: [f64; 2]| Range::given([0.0, 1.0, 10.0].into_iter(), ends.into_iter());
        assert!(given([2.0, 10.0]).log && given([2.0, 10.0]).low > 0.5);
        assert_eq!((given([5.0, 10.0]).log, given([5.0, 10.0]).low), (false, 0.0));
        let most = Range::around_most((0..40).map(|at| 1.0 + 0.01 * f64::from(at)).chain([900.0]), true);
        assert!(
            most.high < 1.5 && most.leaves_out([900.0].into_iter()) && !most.leaves_out([1.2].into_iter())
        );
        assert!(Range::around_most([1.0, 2.0, 30.0].into_iter(), true).holds(30.0), "a third is not a few");
        assert_eq!(Range::around(std::iter::empty(), true), Range { low: 0.0, high: 1.0, log: false });
    }
}
