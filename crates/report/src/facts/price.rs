//! The price of a worse choice in training: how much less of it the best point would have needed to be as good.

use serde::Serialize;
use sweep_study::{StudyRecord, Trial};

use super::best::Best;
use super::measure::Measure;

/// The curve of the best point, by which differences of the metric are priced.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Price {
    /// The shares of its training at which it was read, rising to 1.
    pub share: Vec<f64>,
    /// The best value that it had reached by then, the mean over its runs.
    pub reached: Vec<f64>,
}

impl Price {
    /// The curve of `best`; `None` where its runs kept fewer than two readings, or were read at different steps.
    pub fn of(record: &StudyRecord, best: &Best, measure: &Measure) -> Option<Price> {
        let trials: Vec<&Trial> = best.trials.iter().filter_map(|number| record.trial(*number)).collect();
        let along = |trial: &Trial| -> Vec<f64> {
            let curve = &trial.curve;
            if trial.counted {
                curve.epoch.clone()
            } else {
                curve.step.iter().map(|step| *step as f64).collect()
            }
        };
        let given = along(trials.first()?);
        let last = *given.last().filter(|last| given.len() > 1 && **last > 0.0)?;
        if trials.iter().any(|trial| along(trial) != given) {
            return None;
        }
        let values: Vec<&[f64]> = trials.iter().map(|trial| trial.curve.metric(&best.metric)).collect();
        let mean = |at: usize| {
            let all: Option<Vec<f64>> = values.iter().map(|values| values.get(at).copied()).collect();
            let all = all.filter(|all| all.iter().all(|value| value.is_finite()))?;
            measure.mean(&all).map(|mean| mean.value)
        };
        let mut price = Price { share: Vec::new(), reached: Vec::new() };
        for (at, step) in given.iter().enumerate() {
            let Some(value) = mean(at) else { continue };
            let reached = match price.reached.last() {
                Some(before) if measure.better(*before, value) => *before,
                _ => value,
            };
            price.share.push(step / last);
            price.reached.push(reached);
        }
        (price.share.len() > 1).then_some(price)
    }

    /// How much more training the best point had than it needed to reach `value`, as a share of what it needed: 0.04
    /// means that it was as good after 1/1.04 of its training. Between readings the curve is taken as straight. `None`
    /// for a value better than it ever reached, and for one that it had passed before it was first read.
    pub fn more_training(&self, value: f64, measure: &Measure) -> Option<f64> {
        let met = |reached: &f64| !measure.better(value, *reached);
        let after = self.reached.iter().position(met).filter(|after| *after > 0)?;
        let ((a, before), (b, reached)) =
            ((self.share[after - 1], self.reached[after - 1]), (self.share[after], self.reached[after]));
        let part = if reached == before { 1.0 } else { (value - before) / (reached - before) };
        Some(1.0 / (a + part * (b - a)) - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::facts;
    use crate::fixtures::learning;

    #[test]
    fn a_worse_value_costs_the_training_that_the_best_had_left() {
        let record = learning(&["lr=0.05,0.1,0.2,0.4", "batch=8..512"]);
        let facts = facts(&record);
        let price = facts.price.as_ref().unwrap();
        let (best, measure) = (facts.best.as_ref().unwrap().value, facts.measure);
        assert!((price.reached[price.reached.len() - 1] / best - 1.0).abs() < 1e-9);
        let more = |value: f64| price.more_training(value, &measure);
        assert!(more(best).unwrap().abs() < 1e-9);
        let (little, much) = (more(1.01 * best).unwrap(), more(1.05 * best).unwrap());
        assert!(little > 0.0 && much > little, "{little} {much}");
        assert_eq!((more(0.9 * best), more(1e9)), (None, None));
        let half = Price { share: vec![0.25, 0.5, 1.0], reached: vec![3.0, 2.0, 1.0] };
        assert!((half.more_training(1.5, &measure).unwrap() - 1.0 / 3.0).abs() < 1e-12);
    }
}
