//! Ending what is worse than most at the same share of the budget.

use super::{Field, Pruner, Standing, Verdict};

/// The percentile rule; with 50 it is the median stopping rule (Golovin et al. 2017, KDD, §3.2.2, on losses instead of
/// their running means).
pub struct Percentile {
    kept: f64,
    warmup: f64,
    rungs: Vec<f64>,
}

/// Rungs at even distances.
pub fn even(count: usize) -> Vec<f64> {
    (1..=count).map(|rung| rung as f64 / count as f64).collect()
}

impl Percentile {
    /// The pruner that ends a trial outside the best `kept` percent of the others, at `count` even rungs but those before
    /// the share `warmup` of the budget.
    pub fn new(kept: f64, warmup: f64, count: usize) -> Percentile {
        Percentile { kept, warmup, rungs: even(count) }
    }
}

impl Pruner for Percentile {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn judge(&self, trial: &Standing, field: &Field<'_>) -> Verdict {
        let Some((rung, loss)) = trial.rung().zip(trial.losses.last()) else { return Verdict::Continue };
        let early = self.rungs.get(rung).is_none_or(|share| *share < self.warmup);
        // In the end there is nothing to save by a comparison across batch sizes.
        let Some(rivals) = field.rivals(trial, rung).filter(|rivals| !early && rivals.len() >= super::ENOUGH)
        else {
            return Verdict::Continue;
        };
        let better = rivals.iter().filter(|other| *other < loss).count() as f64;
        let share = better / (rivals.len() - 1) as f64;
        if loss.is_finite() && share <= self.kept / 100.0 { Verdict::Continue } else { Verdict::Stop }
    }
}
