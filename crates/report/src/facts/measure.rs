//! How values of the study's metric compare: which is better, by how much, and what counts as noise.

use std::cmp::Ordering;

use serde::Serialize;
use sweep_stats::Mean;
use sweep_study::{Direction, Goal, STEPS_TO_TARGET};

use super::noise::LAST_RESORT;

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
}

impl Measure {
    /// The measure of a study's goal: names ending in `loss` are losses, in `accuracy` accuracies.
    pub fn of(goal: &Goal) -> Measure {
        let kind = if goal.metric.ends_with("loss") || goal.metric == STEPS_TO_TARGET {
            Kind::Loss
        } else if goal.metric.ends_with("accuracy") {
            Kind::Accuracy
        } else {
            Kind::Other
        };
        Measure { kind, direction: goal.direction }
    }

    /// The mean over replicates, on the logarithm for a loss.
    pub fn mean(&self, values: &[f64]) -> Option<Mean> {
        sweep_stats::mean(values, self.kind == Kind::Loss)
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

    /// How far `value` falls short of `best`, never negative: the ratio for a minimized loss (1 is level), else the
    /// difference (0 is level).
    pub fn shortfall(&self, value: f64, best: f64) -> f64 {
        match (self.by_ratio(best), self.direction) {
            (true, _) => (value / best).max(1.0),
            (false, Direction::Minimize) => (value - best).max(0.0),
            (false, Direction::Maximize) => (best - value).max(0.0),
        }
    }

    /// Whether points compare with `best` by ratio: a positive loss that is minimized.
    pub fn by_ratio(&self, best: f64) -> bool {
        self.kind == Kind::Loss && self.direction == Direction::Minimize && best > 0.0
    }

    /// Whether `value` is within noise of `best`: their difference is at most two standard errors of it where both
    /// are replicated, else at most 5 % (of the best loss; of 1 − the best accuracy; of the best value's size).
    pub fn tied(&self, value: Figure, best: Figure) -> bool {
        let gap = (value.value - best.value).abs();
        match (value.stderr, best.stderr) {
            (Some(a), Some(b)) => gap <= 2.0 * a.hypot(b),
            _ => {
                let size = match self.kind {
                    Kind::Accuracy if (0.0..1.0).contains(&best.value) => 1.0 - best.value,
                    _ => best.value.abs(),
                };
                gap <= LAST_RESORT * size
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, stderr: Option<f64>) -> Figure {
        Figure { value, stderr }
    }

    fn measure(metric: &str, direction: Direction) -> Measure {
        Measure::of(&Goal { metric: metric.into(), direction })
    }

    #[test]
    fn losses_compare_by_ratio_and_the_rest_by_difference() {
        let loss = measure("val_loss", Direction::Minimize);
        assert!(loss.better(0.1, 0.2));
        assert_eq!(loss.shortfall(0.3, 0.1), 0.3 / 0.1);
        assert_eq!(loss.shortfall(0.05, 0.1), 1.0);
        let accuracy = measure("val_accuracy", Direction::Maximize);
        assert!(accuracy.better(0.9, 0.8));
        assert!((accuracy.shortfall(0.8, 0.9) - 0.1).abs() < 1e-12);
        assert_eq!(measure("return", Direction::Maximize).shortfall(-3.0, 2.0), 5.0);
    }

    #[test]
    fn noise_is_five_percent_or_two_standard_errors() {
        let loss = measure("val_loss", Direction::Minimize);
        assert!(loss.tied(figure(0.1049, None), figure(0.1, None)));
        assert!(!loss.tied(figure(0.1051, None), figure(0.1, None)));
        assert!(loss.tied(figure(0.12, Some(0.008)), figure(0.1, Some(0.007))));
        assert!(!loss.tied(figure(0.12, Some(0.004)), figure(0.1, Some(0.004))));
        // 95 % right leaves 5 % wrong, and a twentieth of that is 0.25 %.
        let accuracy = measure("val_accuracy", Direction::Maximize);
        assert!(accuracy.tied(figure(0.948, None), figure(0.95, None)));
        assert!(!accuracy.tied(figure(0.947, None), figure(0.95, None)));
    }
}
