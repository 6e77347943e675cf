//! The batch size that reaches the target soonest by the clock.

use serde::Serialize;
use sweep_stats::linear;
use sweep_study::{SECONDS, StudyRecord};

use super::Facts;
use super::critical_batch::CriticalBatch;
use super::step_cost::{StepCost, timed};

/// The soonest that a target is reached on this machine, and with which batch size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Soonest {
    /// The panel; `None` where the schedule is not an axis.
    pub panel: Option<String>,
    /// The batch size.
    pub batch: f64,
    /// Seconds to the target with it.
    pub seconds: f64,
    /// Seconds of a step without its examples.
    pub seconds_a_step: f64,
    /// Seconds that each example adds.
    pub seconds_an_example: f64,
}

/// The batch size of least time and that time, for steps of t₀ + t₁B seconds and S_min (1 + B_crit/B) of them:
/// B = √(B_crit t₀/t₁), taking S_min (√t₀ + √(t₁ B_crit))².
fn soonest(least_steps: f64, critical: f64, step: f64, example: f64) -> (f64, f64) {
    let batch = (critical * step / example).sqrt();
    (batch, least_steps * (step.sqrt() + (example * critical).sqrt()).powi(2))
}

/// The soonest of each panel that has a critical batch size: from steps timed alone, where a single worker's were, else
/// from the seconds that the trials took, their readings included and slowed by whatever ran in parallel.
pub fn wall_clock(record: &StudyRecord, facts: &Facts) -> Vec<Soonest> {
    facts.critical_batch.iter().filter_map(|critical| of(record, facts, critical)).collect()
}

fn of(record: &StudyRecord, facts: &Facts, critical: &CriticalBatch) -> Option<Soonest> {
    let alone = StepCost::each(&timed(record, &facts.cells, critical));
    let (step, example) = match alone.first().filter(|cost| cost.workers == 1) {
        Some(cost) => (cost.step(), cost.example()),
        None => of_trials(record)?,
    };
    let (batch, seconds) = soonest(critical.least_steps?, critical.batch.estimate?, step, example);
    let panel = critical.panel.clone();
    Some(Soonest { panel, batch, seconds, seconds_a_step: step, seconds_an_example: example })
}

/// t₀ and t₁ by the seconds that all trials took.
fn of_trials(record: &StudyRecord) -> Option<(f64, f64)> {
    let (mut rows, mut seconds, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for trial in
        record.trials.iter().filter(|trial| trial.outcome.usable() && !trial.counted && trial.steps > 0)
    {
        let Some(took) = trial.metrics.get(SECONDS).filter(|took| **took > 0.0) else { continue };
        let each = took / trial.steps as f64;
        rows.push(vec![1.0, record.study.batch(&trial.point)?]);
        seconds.push(each);
        // Steps that take long are measured as well as short ones, by ratio.
        weights.push(each.powi(-2));
    }
    let fit = linear::fit(&rows, &seconds, &weights)?;
    let (step, example) = (fit.coefficients[0], fit.coefficients[1]);
    (step > 0.0 && example > 0.0).then_some((step, example))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{timed_alone, until};

    #[test]
    fn the_soonest_batch_balances_steps_and_examples() {
        assert_eq!(soonest(1000.0, 200.0, 100.0, 2.0), (100.0, 900_000.0));
    }

    #[test]
    fn the_seconds_of_the_trials_give_the_cost_of_a_step() {
        let mut record = until(&["batch=8..4096", "lr=0.125,0.25,0.5,1"], 150.0);
        for trial in &mut record.trials {
            let batch = record.study.batch(&trial.point).unwrap();
            trial.metrics.insert(SECONDS.into(), trial.steps as f64 * (3e-4 + 1.2e-5 * batch));
        }
        let facts = crate::facts(&record);
        let found = wall_clock(&record, &facts).remove(0);
        assert!((found.seconds_a_step / 3e-4 - 1.0).abs() < 1e-6, "{found:?}");
        assert!((found.seconds_an_example / 1.2e-5 - 1.0).abs() < 1e-6, "{found:?}");
        let critical = facts.critical_batch[0].batch.estimate.unwrap();
        assert!((found.batch / (critical * 25.0).sqrt() - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn steps_timed_alone_stand_before_what_trials_took() {
        let mut record = until(&["batch=8..4096", "lr=0.125,0.25,0.5,1"], 150.0);
        for trial in &mut record.trials {
            trial.metrics.insert(SECONDS.into(), 60.0);
        }
        let record = timed_alone(record);
        let found = wall_clock(&record, &crate::facts(&record)).remove(0);
        assert!((found.seconds_a_step / 3e-4 - 1.0).abs() < 1e-6, "{found:?}");
    }
}
