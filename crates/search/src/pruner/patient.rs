//! Ending what no longer gets better.

use super::percentile::even;
use super::{Field, Pruner, Standing, Verdict};

/// Ends a trial whose loss has not fallen by more than `delta` below its least for `patience` rungs.
pub struct Patient {
    patience: usize,
    delta: f64,
    rungs: Vec<f64>,
}

impl Patient {
    /// The pruner at `count` even rungs.
    pub fn new(patience: usize, delta: f64, count: usize) -> Patient {
        Patient { patience, delta, rungs: even(count) }
    }
}

impl Pruner for Patient {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn judge(&self, trial: &Standing, _: &Field<'_>) -> Verdict {
        let Some(before) = trial.losses.len().checked_sub(self.patience).filter(|before| *before > 0) else {
            return Verdict::Continue;
        };
        let least = |losses: &[f64]| losses.iter().copied().fold(f64::INFINITY, f64::min);
        let (earlier, recent) = trial.losses.split_at(before);
        if least(recent) < least(earlier) - self.delta { Verdict::Continue } else { Verdict::Stop }
    }
}
