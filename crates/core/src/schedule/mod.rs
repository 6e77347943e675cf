//! Schedules: the learning rate η and the batch size B as functions of the progress of a run.
//!
//! Every length is resolved to steps once, in [`Schedule::read`]; from then on [`Schedule::rate`] is a pure function of
//! [`Progress`], so a run can be resumed at any step. The setting `lr` is the largest rate that a schedule reaches. A
//! warmup of w steps uses the rates lr·(t+1)/w, t = 0 … w−1; the schedule proper follows from its own t = 0 over the
//! steps that are left. A decay "to 0" reaches 0 at the end of the run, one step after the last update, so that no
//! update is wasted. Only schedules that react to readings (`plateau`, `batch_plateau`) have a state, see
//! [`Schedule::state`]. Powers and cosines are those of `libm`, the same on every machine.

mod batch;
mod cosine;
mod course;
mod cyclic;
mod decay;
mod frameworks;
#[cfg(test)]
mod laws;
mod onecycle;
mod piecewise;
mod plateau;
mod progress;
#[cfg(test)]
mod quadratic;
mod reader;
mod table;
#[cfg(test)]
mod tests;
mod warmup;
mod wsd;

pub use frameworks::{FRAMEWORK_SCHEDULERS, from_framework_names};
pub use plateau::MODE as PLATEAU_MODE;
pub use progress::{Horizon, Progress};

use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use crate::state::StateMismatch;
use course::{At, Constant, Course};
use reader::Reader;
pub use table::NAMES;
use table::TABLE;
use warmup::Warmup;

pub(crate) const SCHEDULE: Setting = Setting::new(
    names::SCHEDULE,
    Kind::Choice(NAMES),
    "how the learning rate (or, under batch_…, the batch size) changes over the run",
)
.or("constant");

/// The settings of all schedules.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    [&SCHEDULE, &warmup::WARMUP].into_iter().chain(TABLE.iter().flat_map(|entry| entry.settings))
}

/// The schedule that `settings` name.
fn entry(settings: &Settings) -> Result<&'static table::Entry, SettingError> {
    settings.checked(&SCHEDULE)?;
    let name = settings.text(&SCHEDULE);
    Ok(TABLE.iter().find(|entry| entry.name == name).unwrap_or(&TABLE[0]))
}

/// Whether the schedule of `settings` changes the momentum, so that the optimizer must support one.
///
/// # Errors
/// A flag that is not true or false.
pub(crate) fn moves_momentum(settings: &Settings) -> Result<bool, SettingError> {
    (entry(settings)?.moves_momentum)(settings)
}

/// A learning rate and a batch size for every point of a run.
#[derive(Clone, Debug)]
pub struct Schedule {
    lr: f64,
    warmup: Warmup,
    course: Box<dyn Course>,
}

impl Schedule {
    /// The schedule that `settings` describe, whose largest rate is `lr`, for a run of the length `horizon`.
    ///
    /// # Errors
    /// A value that is out of range, has no unit or contradicts another, with the reason.
    pub fn read(settings: &Settings, lr: f64, horizon: &Horizon) -> Result<Schedule, SettingError> {
        let entry = entry(settings)?;
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
