//! The report of a paused or ended trial to the planner.

use sweep_search::{Evidence, TrialReport};
use sweep_study::{Outcome, STEPS_TO_TARGET, Study, Trial};

/// Two fractions of a budget that differ by less are the same rung.
const SAME: f64 = 1e-9;

/// The trial as it was when it paused at a fraction of its budget; `None` if it never did.
pub fn paused_at(trial: &Trial, share: f64) -> Option<Trial> {
    let rest = trial.rests.iter().find(|rest| (rest.share - share).abs() < SAME)?;
    let mut paused = Trial { outcome: Outcome::Pruned, steps: rest.step, ..trial.clone() };
    let readings = trial.curve.step.partition_point(|step| *step <= rest.step);
    paused.curve.truncate(readings);
    paused.metrics = trial.curve.row(readings.checked_sub(1)?);
    Some(paused)
}

/// The report of `trial`: to the sampler about its point, to the pruner about the rung that it reached.
///
/// Trials that run to a target are compared by the target's metric until they reach it. A trial that has reached the
/// target is better than any that has not.
pub fn trial_report(study: &Study, trial: &Trial) -> TrialReport {
    let evidence = Evidence::from_trial(study, trial);
    let over = trial.outcome != Outcome::Pruned;
    let reached = trial.metrics.contains_key(STEPS_TO_TARGET);
    let loss = match (study.target(), evidence) {
        (_, Evidence::Diverged) if over => Some(f64::INFINITY),
        (Some(_), _) if reached => Some(f64::NEG_INFINITY),
        (Some(target), _) => {
            let last = || trial.metrics.get(&target.metric).copied();
            let cooled = trial.cooled(&target.metric).filter(|_| !over);
            let value = cooled.or_else(last).unwrap_or(f64::NAN);
            Evidence::from_metric(value, target.direction()).loss()
        }
        (None, evidence) => evidence.loss(),
    };
    TrialReport { evidence, loss, over }
}
