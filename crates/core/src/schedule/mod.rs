//! Schedules: the learning rate η and the batch size B as functions of how far a run has come.
//!
//! Every length is resolved to steps once, in [`Schedule::build`]; from then on [`Schedule::rate`] is a pure
//! function of [`Progress`], so a run can be resumed at any step. The setting `lr` is the largest rate that a
//! schedule reaches. A warmup of w steps uses the rates lr·(t+1)/w, t = 0 … w−1; the schedule proper follows from
//! its own t = 0 over the steps that are left.

use crate::settings::{Kind, Scale, Setting, error};
use crate::{SettingError, Settings};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[SCHEDULE, WARMUP];

const SCHEDULE: Setting = Setting {
    name: "schedule",
    kind: Kind::Choice(&["constant"]),
    scale: None,
    default: Some("constant"),
    when: None,
    help: "how the learning rate or the batch size changes over the run",
};

const WARMUP: Setting = Setting {
    name: "warmup",
    kind: Kind::Length,
    scale: Some(Scale::Linear),
    default: Some("0"),
    when: None,
    help: "length over which the learning rate rises linearly to lr before the schedule begins",
};

/// How far a run has come just before an update, and how far it will go.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Updates done.
    pub step: u64,
    /// Training examples used.
    pub examples: u64,
    /// Passes over the training data, with fractions.
    pub epoch: f64,
    /// Updates that the whole run will do.
    pub total_steps: u64,
    /// Training examples that the whole run will use.
    pub total_examples: u64,
    /// Passes that the whole run will do.
    pub total_epochs: f64,
}

/// What lengths are measured against: the budget of a run and the size of its data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Updates of the whole run at the starting batch size.
    pub total_steps: u64,
    /// Updates an epoch at the starting batch size.
    pub steps_per_epoch: f64,
    /// Training examples of the whole run at the starting batch size.
    pub total_examples: u64,
    /// Training examples an epoch.
    pub examples_per_epoch: u64,
    /// Whether the budget was given in steps; else it is kept in examples. Matters where the batch size changes.
    pub in_steps: bool,
}

/// A learning rate and a batch size for every point of a run.
#[derive(Clone, Debug)]
pub struct Schedule {
    lr: f64,
    warmup: u64,
}

impl Schedule {
    /// The schedule that `settings` describe, whose largest rate is `lr`, for a run of the length `horizon`.
    ///
    /// # Errors
    /// A value that is out of range, has no unit or contradicts another, named with its reason.
    pub fn build(settings: &Settings, lr: f64, horizon: &Horizon) -> Result<Schedule, SettingError> {
        let length = settings.length(&WARMUP)?;
        let warmup = length.map_or(0, |length| length.steps(horizon.total_steps, horizon.steps_per_epoch));
        if warmup > horizon.total_steps {
            let text = settings.text(&WARMUP).unwrap_or_default();
            return Err(error(&WARMUP, text, format!("is longer than the run of {} steps", horizon.total_steps)));
        }
        Ok(Schedule { lr, warmup })
    }

    /// The learning rate η for the update that follows `progress`.
    pub fn rate(&self, progress: &Progress) -> f64 {
        if progress.step < self.warmup {
            return self.lr * ((progress.step + 1) as f64 / self.warmup as f64);
        }
        self.lr
    }

    /// The batch size B for the update that follows `progress`, in a run that began with `start`.
    pub fn batch(&self, start: usize, _progress: &Progress) -> usize {
        start
    }

    /// The momentum for the update that follows `progress`, where the schedule cycles it.
    pub fn momentum(&self, _progress: &Progress) -> Option<f64> {
        None
    }

    /// Tells the schedule a validation reading; only those that react to the loss change.
    pub fn observe(&mut self, _validation_loss: f64) {}
}
