//! Reduction on a plateau, exactly as in PyTorch's `ReduceLROnPlateau`, with all its parameters.
//!
//! The only part of a schedule with a state. A reading is better than the best so far if it improves on it by the
//! threshold; after more than `patience` readings in a row that are not better, the change is applied, and none of the
//! next `cooldown` readings counts as bad. A NaN is never better.

use sweep_settings::{Kind, Setting, SettingError};

use super::course::{At, Course};
use super::reader::{READINGS, Reader, entry};

const UNDER: &[&str] = &["plateau"];
/// What the plateau watch controls: the learning rate or the batch size.
const BOTH: &[&str] = &["plateau", "batch_plateau"];

/// Whether a plateau waits for lower or for higher readings.
pub const MODE: Setting = entry(
    "schedule.plateau.mode",
    Kind::Choice(&["min", "max"]),
    Some("min"),
    BOTH,
    "whether lower or higher readings are better",
);
const FACTOR: Setting = entry(
    "schedule.plateau.factor",
    Kind::Float { low: 0.0, high: 1.0, closed: (false, false) },
    Some("0.1"),
    UNDER,
    "factor applied to the rate at each reduction",
);
const PATIENCE: Setting = entry(
    "schedule.plateau.patience",
    READINGS,
    Some("10"),
    BOTH,
    "readings without improvement that are tolerated; the next one triggers the change",
);
const THRESHOLD: Setting = entry(
    "schedule.plateau.threshold",
    Kind::FROM_ZERO,
    Some("1e-4"),
    BOTH,
    "smallest improvement that counts",
);
const THRESHOLD_MODE: Setting = entry(
    "schedule.plateau.threshold_mode",
    Kind::Choice(&["rel", "abs"]),
    Some("rel"),
    BOTH,
    "whether the threshold is relative to the best reading (rel) or a difference from it (abs)",
);
const COOLDOWN: Setting = entry(
    "schedule.plateau.cooldown",
    READINGS,
    Some("0"),
    BOTH,
    "readings after a change that do not count as bad",
);
const MIN_LR: Setting =
    entry("schedule.plateau.min_lr", Kind::FROM_ZERO, Some("0"), UNDER, "lower limit of the rate");
const EPS: Setting =
    entry("schedule.plateau.eps", Kind::FROM_ZERO, Some("1e-8"), UNDER, "smallest reduction that is applied");

pub(super) const SETTINGS: &[Setting] =
    &[MODE, FACTOR, PATIENCE, THRESHOLD, THRESHOLD_MODE, COOLDOWN, MIN_LR, EPS];

/// Watches readings and detects when they have stalled.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub higher_is_better: bool,
    pub threshold: f64,
    pub relative: bool,
    pub patience: f64,
    pub cooldown: f64,
    /// The best reading so far.
    pub best: f64,
    /// Readings since then, or since the last change.
    pub bad: f64,
    /// Readings left of the cooldown.
    pub cooling: f64,
}

impl Watch {
    /// A watch with PyTorch's defaults before any reading.
    pub fn new(higher_is_better: bool) -> Watch {
        let best = if higher_is_better { f64::NEG_INFINITY } else { f64::INFINITY };
        let (threshold, patience) = (1e-4, 10.0);
        Watch {
            higher_is_better,
            threshold,
            relative: true,
            patience,
            cooldown: 0.0,
            best,
            bad: 0.0,
            cooling: 0.0,
        }
    }

    pub fn read(read: &Reader) -> Result<Watch, SettingError> {
        Ok(Watch {
            threshold: read.number(&THRESHOLD)?,
            relative: read.choice(&THRESHOLD_MODE, &[("rel", true), ("abs", false)])?,
            patience: read.number(&PATIENCE)?,
            cooldown: read.number(&COOLDOWN)?,
            ..Watch::new(read.choice(&MODE, &[("min", false), ("max", true)])?)
        })
    }

    fn better(&self, reading: f64) -> bool {
        match (self.higher_is_better, self.relative) {
            (false, true) => reading < self.best * (1.0 - self.threshold),
            (false, false) => reading < self.best - self.threshold,
            (true, true) => reading > self.best * (self.threshold + 1.0),
            (true, false) => reading > self.best + self.threshold,
        }
    }

    /// Takes a reading; returns whether the change is due.
    pub fn stalled(&mut self, reading: f64) -> bool {
        if self.better(reading) {
            self.best = reading;
            self.bad = 0.0;
        } else {
            self.bad += 1.0;
        }
        if self.cooling > 0.0 {
            self.cooling -= 1.0;
            self.bad = 0.0;
        }
        let stalled = self.bad > self.patience;
        if stalled {
            self.cooling = self.cooldown;
            self.bad = 0.0;
        }
        stalled
    }

    /// Best reading, bad readings, readings left of the cooldown.
    pub fn memory(&self) -> [f64; 3] {
        [self.best, self.bad, self.cooling]
    }

    /// Restores the result of [`Watch::memory`].
    pub fn recall(&mut self, [best, bad, cooling]: [f64; 3]) {
        (self.best, self.bad, self.cooling) = (best, bad, cooling);
    }
}

/// A learning rate that is reduced each time the readings stall.
#[derive(Clone, Debug)]
pub(super) struct Plateau {
    pub watch: Watch,
    /// The rate in force.
    pub rate: f64,
    pub factor: f64,
    pub min_lr: f64,
    pub eps: f64,
}

impl Course for Plateau {
    fn rate(&self, _lr: f64, _at: At<'_>) -> f64 {
        self.rate
    }

    /// Reduces the rate when the change is due.
    fn observe(&mut self, reading: f64) {
        if self.watch.stalled(reading) {
            let reduced = (self.rate * self.factor).max(self.min_lr);
            if self.rate - reduced > self.eps {
                self.rate = reduced;
            }
        }
    }

    fn state(&self) -> Vec<f64> {
        let [best, bad, cooling] = self.watch.memory();
        vec![self.rate, best, bad, cooling]
    }

    fn restore(&mut self, state: &[f64]) -> bool {
        let &[rate, best, bad, cooling] = state else { return false };
        self.rate = rate;
        self.watch.recall([best, bad, cooling]);
        true
    }
}

/// Reads `schedule=plateau`.
pub(super) fn read(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    Ok(Box::new(Plateau {
        watch: Watch::read(read)?,
        rate: read.lr,
        factor: read.number(&FACTOR)?,
        min_lr: read.number(&MIN_LR)?,
        eps: read.number(&EPS)?,
    }))
}
