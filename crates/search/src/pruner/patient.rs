//! Ends trials that no longer improve.

use super::percentile::even;
use super::setting::EVEN_RUNGS;
use super::{Entry, Field, Pruner, Setting, Standing, Verdict};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "patient",
    help: "ends a trial whose loss no longer falls",
    command: None,
    asynchronous: false,
    settings: &[
        Setting {
            name: "patience",
            help: "rungs without a better loss that are tolerated",
            default: Some(3.0),
            low: 1.0,
            high: 1000.0,
        },
        Setting {
            name: "delta",
            help: "smallest improvement of the loss that counts",
            default: Some(0.0),
            low: 0.0,
            high: f64::MAX,
        },
        EVEN_RUNGS,
    ],
    new: |values| {
        Box::new(Patient::new(values.count("patience"), values.number("delta"), values.count("rungs")))
    },
};

/// Ends a trial whose loss has not fallen by more than `delta` below its least for `patience` rungs.
pub struct Patient {
    patience: usize,
    delta: f64,
    rungs: Vec<f64>,
}

impl Patient {
    /// The pruner at `count` evenly spaced rungs.
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
