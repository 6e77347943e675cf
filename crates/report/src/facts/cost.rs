//! Values as costs: numbers on a scale where lower is better, differences add up and noise is even.

use sweep_stats::compare::Paired;
use sweep_study::Direction;

use super::estimate::{CONFIDENCE, Estimate, Status};
use super::measure::{Kind, Measure};
use super::noise::LAST_RESORT;

impl Measure {
    /// The cost of a value: the logarithm of a loss or of the share of wrong answers, else the value itself, its sign
    /// changed where higher is better. `None` where it has no logarithm.
    pub fn cost(&self, value: f64) -> Option<f64> {
        let log = |x: f64| (x > 0.0).then(|| x.ln());
        match (self.kind, self.direction) {
            (Kind::Loss, Direction::Minimize) => log(value),
            (Kind::Accuracy, Direction::Maximize) => log(1.0 - value),
            (_, Direction::Minimize) => Some(value),
            (_, Direction::Maximize) => Some(-value),
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
            (Kind::Loss, Direction::Minimize) => value,
            (Kind::Accuracy, Direction::Maximize) => 1.0 - value,
            _ => 1.0,
        }
    }

    /// The difference of costs that counts where a study tells nothing of its noise: 5 %, of the loss, of the share of
    /// wrong answers or of the size of `best`.
    pub fn last_resort(&self, best: f64) -> f64 {
        if self.logarithmic() {
            LAST_RESORT.ln_1p()
        } else {
            (LAST_RESORT * best.abs()).max(f64::MIN_POSITIVE)
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

/// By how much `costs` exceed those of `base` on average: the ratio less one where they are logarithms, else their
/// difference; with an interval where the replicates share seeds and are enough for one that says something.
pub fn excess(costs: &[f64], base: &[f64], logarithmic: bool) -> Estimate {
    let difference = |cost: f64| if logarithmic { cost.exp_m1() } else { cost };
    let none = Estimate::none(unit(logarithmic), costs.len(), Status::Ok);
    let plain = Estimate { estimate: Some(difference(mean(costs) - mean(base))), ..none };
    let Some(pair) = Paired::of(costs, base) else { return plain };
    let interval = pair.interval(CONFIDENCE);
    let (low, high) = (difference(interval.low), difference(interval.high));
    if logarithmic && low < LEAST_TELLING && high > MOST_TELLING {
        return plain;
    }
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
        let reward = of("reward", Direction::Maximize);
        assert_eq!((reward.cost(3.0), reward.last_resort(-200.0)), (Some(-3.0), 10.0));
    }
}
