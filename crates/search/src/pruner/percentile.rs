//! Ends trials that are worse than most others at the same share of the budget.

use super::setting::{EVEN_RUNGS, WARMUP};
use super::{Entry, Field, Pruner, Setting, Standing, Verdict};

/// The table entry of the median rule.
pub const MEDIAN: Entry = Entry {
    name: "median",
    help: "ends a trial that is worse than the median of the others at a rung",
    command: None,
    asynchronous: false,
    settings: &[WARMUP, EVEN_RUNGS],
    new: |values| Box::new(Percentile::new(50.0, values.number("warmup"), values.count("rungs"))),
};

/// The table entry of the percentile rule.
pub const PERCENTILE: Entry = Entry {
    name: "percentile",
    help: "ends a trial outside the best percent of the others at a rung",
    command: None,
    asynchronous: false,
    settings: &[
        Setting {
            name: "kept",
            help: "a trial continues if it is among this best percentage of the others",
            default: Some(25.0),
            low: 0.0,
            high: 100.0,
        },
        WARMUP,
        EVEN_RUNGS,
    ],
    new: |values| {
        Box::new(Percentile::new(values.number("kept"), values.number("warmup"), values.count("rungs")))
    },
};

/// The percentile rule; with 50 it is the median stopping rule (Golovin et al. 2017, KDD, §3.2.2, on losses instead of
/// their running means).
pub struct Percentile {
    kept: f64,
    warmup: f64,
    rungs: Vec<f64>,
}

/// Evenly spaced rungs.
pub fn even(count: usize) -> Vec<f64> {
    (1..=count).map(|rung| rung as f64 / count as f64).collect()
}

impl Percentile {
    /// The pruner that ends a trial outside the best `kept` percent of the others, at `count` evenly spaced rungs,
    /// except those before the share `warmup` of the budget.
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
        // At the end a comparison across batch sizes saves nothing.
        let Some(rivals) = field.rivals(trial, rung).filter(|rivals| !early && rivals.len() >= super::ENOUGH)
        else {
            return Verdict::Continue;
        };
        let better = rivals.iter().filter(|other| *other < loss).count() as f64;
        let share = better / (rivals.len() - 1) as f64;
        if loss.is_finite() && share <= self.kept / 100.0 { Verdict::Continue } else { Verdict::Stop }
    }
}
