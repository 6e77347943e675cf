//! Ending what is worse than a figure.

use super::percentile::even;
use super::{Field, Pruner, Standing, Verdict};

/// Ends a trial whose loss is above a bound at a rung after the share `warmup` of the budget.
pub struct Threshold {
    worst: f64,
    warmup: f64,
    rungs: Vec<f64>,
}

impl Threshold {
    /// The pruner that lets losses up to `worst` go on, at `count` even rungs.
    pub fn new(worst: f64, warmup: f64, count: usize) -> Threshold {
        Threshold { worst, warmup, rungs: even(count) }
    }
}

impl Pruner for Threshold {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn judge(&self, trial: &Standing, _: &Field<'_>) -> Verdict {
        let early =
            trial.rung().and_then(|rung| self.rungs.get(rung)).is_none_or(|share| *share < self.warmup);
        let worse = trial.losses.last().is_some_and(|loss| *loss > self.worst);
        if worse && !early { Verdict::Stop } else { Verdict::Continue }
    }
}
