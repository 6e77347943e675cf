//! The batch size that reaches the target soonest by the clock.

use serde::Serialize;
use sweep_study::stats::linear;
use sweep_study::{SECONDS, StudyRecord};

use super::critical_batch::CriticalBatch;

/// The soonest that a target is reached on this machine, and with which batch size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Soonest {
    /// The panel; `None` where the schedule is no axis.
    pub panel: Option<String>,
    /// The batch size.
    pub batch: f64,
    /// Seconds to the target with it.
    pub seconds: f64,
    /// Seconds that a step takes beside its examples.
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

/// The soonest of each panel that has a critical batch size, from what a step of each batch size takes alone. Where that was
/// not measured, from the seconds that the trials took, their readings included: what ran beside them slowed them all, so it
/// is a figure of this machine as it was loaded.
pub fn wall_clock(record: &StudyRecord, critical: &[CriticalBatch]) -> Vec<Soonest> {
    critical.iter().filter_map(|critical| of(record, critical)).collect()
}

fn of(record: &StudyRecord, critical: &CriticalBatch) -> Option<Soonest> {
    let measured = if record.paces.len() > 2 { alone(record) } else { as_it_ran(record)? };
    let rows: Vec<Vec<f64>> = measured.iter().map(|(batch, _)| vec![1.0, *batch]).collect();
    let seconds: Vec<f64> = measured.iter().map(|(_, seconds)| *seconds).collect();
    // Steps that take long are measured as well as short ones, by ratio.
    let weights: Vec<f64> = seconds.iter().map(|seconds| seconds.powi(-2)).collect();
    let fit = linear::fit(&rows, &seconds, &weights)?;
    let (step, example) = (fit.coefficients[0], fit.coefficients[1]);
    let (batch, seconds) = soonest(critical.least_steps?, critical.batch.estimate?, step, example);
    let panel = critical.panel.clone();
    (step > 0.0 && example > 0.0).then_some(Soonest {
        panel,
        batch,
        seconds,
        seconds_a_step: step,
        seconds_an_example: example,
    })
}

/// Batch sizes and the seconds that a step of them takes alone.
fn alone(record: &StudyRecord) -> Vec<(f64, f64)> {
    record.paces.iter().map(|pace| (pace.batch, pace.seconds)).collect()
}

/// Batch sizes and the seconds that a step took in each trial; `None` where the batch size is not known.
fn as_it_ran(record: &StudyRecord) -> Option<Vec<(f64, f64)>> {
    let ended = record.trials.iter().filter(|trial| trial.outcome.usable() && trial.steps > 0);
    let timed =
        ended.filter_map(|trial| Some((trial, *trial.metrics.get(SECONDS).filter(|took| **took > 0.0)?)));
    timed.map(|(trial, took)| Some((record.study.batch(&trial.point)?, took / trial.steps as f64))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::until;
    use sweep_study::Pace;

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
        let found = wall_clock(&record, &facts.critical_batch).remove(0);
        assert!((found.seconds_a_step / 3e-4 - 1.0).abs() < 1e-6, "{found:?}");
        assert!((found.seconds_an_example / 1.2e-5 - 1.0).abs() < 1e-6, "{found:?}");
        let critical = facts.critical_batch[0].batch.estimate.unwrap();
        assert!((found.batch / (critical * 25.0).sqrt() - 1.0).abs() < 1e-6, "{found:?}");
        // Alone each step takes half as long, and that is what counts.
        for batch in (3..13).map(|power| 2f64.powi(power)) {
            let seconds = 0.5 * (3e-4 + 1.2e-5 * batch);
            record.paces.push(Pace { batch, seconds, low: seconds, high: seconds, steps: 200, bytes: 1 });
        }
        let alone = wall_clock(&record, &facts.critical_batch).remove(0);
        assert!((alone.seconds / found.seconds - 0.5).abs() < 1e-6, "{alone:?}");
    }
}
