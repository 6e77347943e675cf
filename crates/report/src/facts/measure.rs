//! How values of the study's metric compare: which is better, by how much, and what counts as noise.

use std::cmp::Ordering;

use serde::Serialize;
use sweep_stats::Mean;
use sweep_study::{Direction, Goal, STEPS_TO_TARGET};

/// The kind of a metric, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A positive loss, or steps to a target: compared by ratio, averaged on its logarithm.
    Loss,
    /// A share of right answers in [0, 1]: compared by its distance from 1.
    Accuracy,
    /// Anything else: compared by difference.
    Other,
}

/// The mean over replicates in one metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The mean, on the logarithm for a loss.
    pub value: f64,
    /// Its standard error; `None` without replicates.
    pub stderr: Option<f64>,
}

/// How the values of one metric compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// The kind of the metric.
    pub kind: Kind,
    /// Which way is better.
    pub direction: Direction,
    /// What a loss cannot fall below: the excess over it is what is compared by ratio.
    pub floor: f64,
}

impl Measure {
    /// The measure of counts and seconds, of which fewer are better.
    pub const RATIO: Measure = Measure { kind: Kind::Loss, direction: Direction::Minimize, floor: 0.0 };

    /// The measure of a study's goal: names ending in `loss` are losses, in `accuracy` accuracies.
    pub fn of(goal: &Goal) -> Measure {
        let kind = if goal.metric.ends_with("loss") || goal.metric == STEPS_TO_TARGET {
            Kind::Loss
        } else if goal.metric.ends_with("accuracy") {
            Kind::Accuracy
        } else {
            Kind::Other
        };
        Measure { kind, direction: goal.direction, floor: 0.0 }
    }

    /// This measure where all of `values` have a cost, else the one by plain differences.
    pub fn allowing(self, mut values: impl Iterator<Item = f64>) -> Measure {
        if values.all(|value| self.cost(value).is_some()) {
            self
        } else {
            Measure { kind: Kind::Other, ..self }
        }
    }

    /// The mean over replicates, on the logarithm of the excess over its floor for a loss.
    pub fn mean(&self, values: &[f64]) -> Option<Mean> {
        sweep_stats::mean(values, (self.kind == Kind::Loss).then_some(self.floor))
    }

    /// Whether `a` is better than `b`.
    pub fn better(&self, a: f64, b: f64) -> bool {
        match self.direction {
            Direction::Minimize => a < b,
            Direction::Maximize => a > b,
        }
    }

    /// The order of two values, the better first; one that there is before one that there is not.
    pub fn order(&self, a: Option<f64>, b: Option<f64>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.better(a, b) => Ordering::Less,
            (Some(a), Some(b)) if self.better(b, a) => Ordering::Greater,
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(metric: &str, direction: Direction) -> Measure {
        Measure::of(&Goal { metric: metric.into(), direction })
    }

    #[test]
    fn what_is_better_depends_on_the_direction() {
        assert!(measure("val_loss", Direction::Minimize).better(0.1, 0.2));
        assert!(measure("val_accuracy", Direction::Maximize).better(0.9, 0.8));
    }

    #[test]
    fn losses_are_averaged_on_the_logarithm_of_their_excess() {
        let loss = Measure { floor: 1.0, ..measure("val_loss", Direction::Minimize) };
        assert!((loss.mean(&[1.1, 1.4]).unwrap().value - 1.2).abs() < 1e-12);
        assert_eq!(measure("score", Direction::Maximize).mean(&[1.0, 2.0]).unwrap().value, 1.5);
    }
}
