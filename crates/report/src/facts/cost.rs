//! Values as costs: numbers on a scale where lower is better, differences add up and noise is even.

use sweep_stats::compare::Paired;
use sweep_study::Direction;

use super::estimate::{CONFIDENCE, Estimate, Status};
use super::measure::{Kind, Measure};
use super::noise::LAST_RESORT;

impl Measure {
    /// The cost of a value: the logarithm of a loss above its floor or of the share of wrong answers, else the value
    /// itself, its sign changed where higher is better. `None` where it has no logarithm.
    pub fn cost(&self, value: f64) -> Option<f64> {
        let log = |x: f64| (x > 0.0).then(|| x.ln());
        match (self.kind, self.direction) {
            (Kind::Loss, Direction::Minimize) => log(value - self.floor),
            (Kind::Accuracy, Direction::Maximize) => log(1.0 - value),
            (_, Direction::Minimize) => Some(value),
            (_, Direction::Maximize) => Some(-value),
        }
    }

    /// The value that has a cost, the inverse of [`Measure::cost`].
    pub fn value(&self, cost: f64) -> f64 {
        match (self.kind, self.direction) {
            (Kind::Loss, Direction::Minimize) => self.floor + cost.exp(),
            (Kind::Accuracy, Direction::Maximize) => 1.0 - cost.exp(),
            (_, Direction::Minimize) => cost,
            (_, Direction::Maximize) => -cost,
        }
    }

    /// Whether costs are logarithms, so that their differences are ratios.
    pub fn logarithmic(&self) -> bool {
        matches!(
            (self.kind, self.direction),
            (Kind::Loss, Direction::Minimize) | (Kind::Accuracy, Direction::Maximize)
        )
    }

    /// The cost of each replicate; `None` unless all have a value and a cost.
    pub fn costs(&self, values: &[Option<f64>]) -> Option<Vec<f64>> {
        values.iter().map(|value| self.cost((*value)?)).collect()
    }

    /// By how much the metric changes at `value` per unit of cost.
    pub fn slope(&self, value: f64) -> f64 {
        match (self.kind, self.direction) {
            (Kind::Loss, Direction::Minimize) => value - self.floor,
            (Kind::Accuracy, Direction::Maximize) => 1.0 - value,
            _ => 1.0,
        }
    }

    /// A cost that exceeds `base` by `more`, as it is reported: the ratio of the two losses or shares of wrong answers,
    /// less 1, else the difference in the unit of the metric.
    pub fn difference(&self, base: f64, more: f64) -> f64 {
        if !self.logarithmic() {
            return more;
        }
        let excess = base.exp();
        more.exp_m1() * if self.floor == 0.0 { 1.0 } else { excess / (self.floor + excess) }
    }

    /// The difference of costs that counts where a study tells nothing of its noise: 5 %, of the loss, of the share of
    /// wrong answers or of the size of `best`.
    pub fn last_resort(&self, best: f64) -> f64 {
        match (self.kind, self.logarithmic()) {
            (Kind::Loss, true) => (LAST_RESORT * best / (best - self.floor)).ln_1p(),
            (_, true) => LAST_RESORT.ln_1p(),
            _ => (LAST_RESORT * best.abs()).max(f64::MIN_POSITIVE),
        }
    }
}

/// An interval of a ratio less one that holds both of these says nothing, and is left out: from half as good to twice as
/// good.
const LEAST_TELLING: f64 = -0.5;
const MOST_TELLING: f64 = 1.0;

/// The unit in which differences of costs are reported.
pub fn unit(logarithmic: bool) -> &'static str {
    if logarithmic { "ratio less 1" } else { "metric" }
}

/// By how much `costs` exceed those of `base` on average, as [`Measure::difference`] reports it; with an interval where
/// the replicates share seeds and are enough for one that says something.
pub fn excess(costs: &[f64], base: &[f64], measure: &Measure) -> Estimate {
    let from = mean(base);
    let none = Estimate::none(unit(measure.logarithmic()), costs.len(), Status::Ok);
    let plain = Estimate { estimate: Some(measure.difference(from, mean(costs) - from)), ..none };
    let Some(pair) = Paired::of(costs, base) else { return plain };
    let interval = pair.interval(CONFIDENCE);
    if measure.logarithmic() && interval.low.exp_m1() < LEAST_TELLING && interval.high.exp_m1() > MOST_TELLING
    {
        return plain;
    }
    let (low, high) = (measure.difference(from, interval.low), measure.difference(from, interval.high));
    let (low, high) = (Some(low), Some(high));
    Estimate { low, high, confidence: Some(CONFIDENCE), ..plain }
}

/// The mean of costs.
pub fn mean(costs: &[f64]) -> f64 {
    costs.iter().sum::<f64>() / costs.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::Goal;

    #[test]
    fn costs_fall_as_values_improve() {
        let of = |metric: &str, direction| Measure::of(&Goal { metric: metric.into(), direction });
        let loss = of("val_loss", Direction::Minimize);
        assert_eq!((loss.cost(1.0), loss.cost(0.0)), (Some(0.0), None));
        let steps = of("steps_to_target", Direction::Minimize);
        assert!((steps.cost(100.0).unwrap() - 100f64.ln()).abs() < 1e-12);
        let accuracy = of("val_accuracy", Direction::Maximize);
        assert!(accuracy.cost(0.98) < accuracy.cost(0.97));
        let floored = Measure { floor: 2.0, ..loss };
        let base = floored.cost(2.4).unwrap();
        assert!((floored.value(base) - 2.4).abs() < 1e-12 && floored.cost(2.0).is_none());
        assert!((floored.difference(base, 2f64.ln()) - 0.4 / 2.4).abs() < 1e-12);
        assert!((loss.difference(0.0, 2f64.ln()) - 1.0).abs() < 1e-12);
        assert!((floored.value(base + floored.last_resort(2.4)) / 2.4 - 1.05).abs() < 1e-12);
        let reward = of("reward", Direction::Maximize);
        assert_eq!((reward.cost(3.0), reward.last_resort(-200.0)), (Some(-3.0), 10.0));
    }
}
