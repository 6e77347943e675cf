//! A schedule: a warmup, and the course that follows it.

use sweep_settings::{SettingError, Settings};

use super::course::{At, Constant, Course};
use super::progress::{Horizon, Progress};
use super::reader::Reader;
use super::table;
use super::warmup::Warmup;
use crate::state::StateMismatch;

/// A learning rate and a batch size for every point of a run.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub(super) lr: f64,
    pub(super) warmup: Warmup,
    pub(super) course: Box<dyn Course>,
}

impl Schedule {
    /// The schedule that `settings` describe, whose largest rate is `lr`, for a run of the length `horizon`.
    ///
    /// # Errors
    /// A value that is out of range, has no unit or contradicts another, with the reason.
    pub fn read(settings: &Settings, lr: f64, horizon: &Horizon) -> Result<Schedule, SettingError> {
        let entry = table::named(settings)?;
        let mut read = Reader { settings, horizon, lr, warmup: 0, left: 1.0 };
        let warmup = Warmup::read(&read, entry.warms_up)?;
        read.warmup = warmup.steps;
        read.left = horizon.total_steps.saturating_sub(warmup.steps).max(1) as f64;
        Ok(Schedule { lr, warmup, course: (entry.read)(&read)? })
    }

    /// The rate `lr` throughout.
    pub fn constant(lr: f64) -> Schedule {
        Schedule { lr, warmup: Warmup::to_peak(0), course: Box::new(Constant) }
    }

    /// The learning rate η for the update that follows `progress`.
    pub fn rate(&self, progress: &Progress) -> f64 {
        if let Some(share) = self.warmup.share(progress.step) {
            return self.lr * share;
        }
        self.course.rate(self.lr, self.at(progress))
    }

    /// Whether the rate ends low: below half of `lr` at the `last` update. For a schedule that reacts to readings this
    /// is unknown in advance, so the answer is no.
    pub fn decays(&self, last: &Progress) -> bool {
        !self.reacts() && self.rate(last) < 0.5 * self.lr
    }

    /// The batch size B for the update that follows `progress`, in a run that began with `start`.
    pub fn batch(&self, start: usize, progress: &Progress) -> usize {
        self.course.batch(start, progress)
    }

    /// The momentum for the update that follows `progress`, if the schedule changes it.
    pub fn momentum(&self, progress: &Progress) -> Option<f64> {
        self.course.momentum(self.at(progress))
    }

    /// Whether the batch size changes, so that the steps of a run have to be counted one by one.
    pub fn changes_batch(&self) -> bool {
        self.course.changes_batch()
    }

    /// Whether readings change the schedule, so that it must receive them.
    pub fn reacts(&self) -> bool {
        !self.state().is_empty()
    }

    /// Takes a validation reading; only schedules that react to the loss change. Readings during the warmup count too.
    pub fn observe(&mut self, validation_loss: f64) {
        self.course.observe(validation_loss);
    }

    /// The state for a checkpoint; empty except for schedules that react to readings.
    pub fn state(&self) -> Vec<f64> {
        self.course.state()
    }

    /// Restores the result of [`Schedule::state`] in a schedule read from the same settings.
    ///
    /// # Errors
    /// A state of another kind of schedule, in which case nothing changes.
    pub fn restore(&mut self, state: &[f64]) -> Result<(), StateMismatch> {
        if self.course.restore(state) { Ok(()) } else { Err(StateMismatch) }
    }

    /// The progress of a run for the shape, which begins after the warmup.
    fn at<'a>(&self, progress: &'a Progress) -> At<'a> {
        At { t: progress.step.saturating_sub(self.warmup.steps) as f64, progress }
    }
}
