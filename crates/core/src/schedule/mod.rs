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
mod with_warmup;
mod wsd;

pub use frameworks::{FRAMEWORK_SCHEDULERS, from_framework_names};
pub use plateau::MODE as PLATEAU_MODE;
pub use progress::{Horizon, Progress};

pub use table::NAMES;
pub(crate) use table::SCHEDULE;
use table::TABLE;
pub use with_warmup::Schedule;

use sweep_settings::{Setting, SettingError, Settings};

/// The settings of all schedules.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    [&SCHEDULE, &warmup::WARMUP].into_iter().chain(TABLE.iter().flat_map(|entry| entry.settings))
}

/// Whether the schedule of `settings` changes the momentum, so that the optimizer must support one.
///
/// # Errors
/// A flag that is not true or false.
pub(crate) fn moves_momentum(settings: &Settings) -> Result<bool, SettingError> {
    (table::named(settings)?.moves_momentum)(settings)
}
