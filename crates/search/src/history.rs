//! The history of a sampler: finished trials, as evidence about their points.

use sweep_study::{Direction, Outcome, Point, Space, Study, Trial};

use crate::cube;

/// The evidence that a finished trial gives about its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// It ended with this loss: finite, lower is better (a metric to maximize has its sign changed).
    Loss(f64),
    /// It diverged or could not run: no better than the worst of the others, by an unknown amount.
    Diverged,
    /// It failed with an error that is unrelated to its point.
    Nothing,
}

impl Evidence {
    /// The evidence of a metric's value; a value that is not finite is a divergence.
    pub fn from_metric(value: f64, direction: Direction) -> Evidence {
        let loss = match direction {
            Direction::Minimize => value,
            Direction::Maximize => -value,
        };
        // Adding 0 makes −0 an ordinary zero.
        if loss.is_finite() { Evidence::Loss(loss + 0.0) } else { Evidence::Diverged }
    }

    /// The evidence of a trial of `study`. A pruned trial counts with its last reading, after the cool-down if there
    /// was one. A stuck trial counts with its loss, and so does one that ended of itself before its budget. A trial that violates a bound of the study counts as one that could
    /// not run.
    pub fn from_trial(study: &Study, trial: &Trial) -> Evidence {
        match &trial.outcome {
            Outcome::Complete { .. } | Outcome::EndedEarly if !study.feasible(trial) => Evidence::Diverged,
            Outcome::Complete { .. } | Outcome::EndedEarly => {
                Evidence::from_metric(study.value(trial), study.goal.direction)
            }
            Outcome::Pruned => {
                let value = trial.cooled(&study.goal.metric).unwrap_or_else(|| study.value(trial));
                if value.is_finite() {
                    Evidence::from_metric(value, study.goal.direction)
                } else {
                    Evidence::Nothing
                }
            }
            Outcome::Diverged { .. } | Outcome::Infeasible { .. } => Evidence::Diverged,
            Outcome::Failed { .. } => Evidence::Nothing,
        }
    }

    /// The loss, if there is one.
    pub fn loss(self) -> Option<f64> {
        match self {
            Evidence::Loss(loss) => Some(loss),
            Evidence::Diverged | Evidence::Nothing => None,
        }
    }
}

/// A finished trial as a sampler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The trial's number.
    pub number: u64,
    /// What was tried.
    pub point: Point,
    /// Where the point lies in the unit cube: a coordinate for each parameter of the space, in its order; `None` if the
    /// parameter does not apply.
    pub units: Vec<Option<f64>>,
    /// Its result.
    pub evidence: Evidence,
}

impl Observation {
    /// The observation of `evidence` at `point`, a point of `space`.
    pub fn new(space: &Space, number: u64, point: Point, evidence: Evidence) -> Observation {
        let units = cube::units(space, &point);
        Observation { number, point, units, evidence }
    }

    /// The observation of a finished trial of `study`.
    pub fn from_trial(study: &Study, trial: &Trial) -> Observation {
        Observation::new(&study.space, trial.number, trial.point.clone(), Evidence::from_trial(study, trial))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_minimised_and_finite() {
        assert_eq!(Evidence::from_metric(2.0, Direction::Maximize), Evidence::Loss(-2.0));
        assert_eq!(Evidence::from_metric(f64::NAN, Direction::Minimize), Evidence::Diverged);
        assert_eq!(Evidence::from_metric(f64::INFINITY, Direction::Maximize), Evidence::Diverged);
        let Evidence::Loss(zero) = Evidence::from_metric(-0.0, Direction::Minimize) else { panic!("a loss") };
        assert!(zero.is_sign_positive());
    }
}
