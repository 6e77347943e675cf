//! Ends trials that are worse than a given value.

use super::percentile::even;
use super::setting::{EVEN_RUNGS, WARMUP};
use super::{Entry, Field, Pruner, Setting, Standing, Verdict};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "threshold",
    help: "ends a trial that is worse than a given value at a rung",
    command: None,
    asynchronous: false,
    settings: &[
        Setting {
            name: "worst",
            help: "the worst value of the metric with which a trial continues",
            default: None,
            low: f64::MIN,
            high: f64::MAX,
        },
        WARMUP,
        EVEN_RUNGS,
    ],
    new: |values| {
        Box::new(Threshold::new(values.loss("worst"), values.number("warmup"), values.count("rungs")))
    },
};

/// Ends a trial whose loss is above a bound at a rung after the share `warmup` of the budget.
pub struct Threshold {
    worst: f64,
    warmup: f64,
    rungs: Vec<f64>,
}

impl Threshold {
    /// The pruner that lets trials with losses up to `worst` continue, at `count` evenly spaced rungs.
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
