//! The critical batch size, and whether the noise scale agrees.

use crate::facts::{CriticalBatch, Facts, Status};
use crate::format::{brief, interval};

/// The critical batch size, and whether the noise scale agrees.
pub fn critical_batch(facts: &Facts) -> Vec<String> {
    let mut texts: Vec<String> = facts.critical_batch.iter().map(critical).collect();
    if let Some(scale) = facts.noise_scale.iter().find(|scale| scale.disagrees) {
        texts.push(format!(
            "The gradient noise scale measured in the runs, {} at B={}, differs from the critical batch size by more \
             than a factor of three: trust the critical batch size.",
            brief(scale.scale.estimate.unwrap_or(f64::NAN)),
            brief(scale.batch.unwrap_or(f64::NAN))
        ));
    }
    texts
}

fn critical(critical: &CriticalBatch) -> String {
    let name = critical.panel.as_ref().map_or(String::new(), |panel| format!("{panel}: "));
    let batch = &critical.batch;
    match (batch.status, batch.estimate, batch.low, batch.high) {
        (Status::Ok, Some(estimate), ..) => format!(
            "{name}The critical batch size is {}{}: a run there takes twice the minimum of {} steps and twice the \
             minimum of {} examples.",
            brief(estimate),
            interval(batch),
            brief(critical.least_steps.unwrap_or(f64::NAN)),
            brief(estimate * critical.least_steps.unwrap_or(f64::NAN))
        ),
        (Status::Bound, _, Some(low), _) => format!(
            "{name}The critical batch size is above {}; to determine it, try larger batch sizes.",
            brief(low)
        ),
        (Status::Bound, _, _, Some(high)) => format!(
            "{name}The critical batch size is below {}; to determine it, try smaller batch sizes.",
            brief(high)
        ),
        _ => format!("{name}Too few batch sizes reached the target to estimate the critical batch size."),
    }
}
