//! Schedules: the learning rate η and the batch size B as functions of how far a run has come.
//!
//! Every length is resolved to steps once, in [`Schedule::build`]; from then on [`Schedule::rate`] is a pure
//! function of [`Progress`], so a run can be resumed at any step. The setting `lr` is the largest rate that a
//! schedule reaches. A warmup of w steps uses the rates lr·(t+1)/w, t = 0 … w−1; the schedule proper follows from
//! its own t = 0 over the steps that are left. A decay "to 0" reaches 0 at the end of the run, one step after the
//! last update, so that no update is wasted. Only what reacts to readings (`plateau`, `batch_plateau`) has a
//! memory, see [`Schedule::state`]. Powers and cosines are those of `libm`, the same on every machine.

mod batch;
mod cosine;
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
#[cfg(test)]
mod tests;
mod warmup;
mod wsd;

pub use frameworks::{FRAMEWORK_SCHEDULERS, from_framework_names};
pub(crate) use plateau::MODE as PLATEAU_MODE;
pub use progress::{Horizon, Progress};

use crate::settings::{Kind, Setting};
use crate::state::StateMismatch;
use crate::{SettingError, Settings};
use batch::BatchGrowth;
use cosine::Cosine;
use cyclic::Cyclic;
use decay::Decay;
use onecycle::OneCycle;
use piecewise::Piecewise;
use plateau::Plateau;
use reader::Reader;
use warmup::Warmup;
use wsd::Wsd;

/// The schedules by name.
pub const NAMES: &[&str] = &[
    "constant",
    "step",
    "multistep",
    "exponential",
    "inverse_time",
    "polynomial",
    "linear",
    "cosine",
    "cosine_restarts",
    "onecycle",
    "cyclic",
    "wsd",
    "inverse_sqrt",
    "noam",
    "piecewise",
    "plateau",
    "batch_growth",
    "batch_linear",
    "batch_plateau",
];

pub(crate) const SCHEDULE: Setting = Setting {
    name: "schedule",
    kind: Kind::Choice(NAMES),
    scale: None,
    default: Some("constant"),
    when: None,
    help: "how the learning rate (or, under batch_…, the batch size) changes over the run",
};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[
    SCHEDULE,
    warmup::WARMUP,
    decay::STEP_SIZE,
    decay::STEP_GAMMA,
    decay::MILESTONES,
    decay::MULTISTEP_GAMMA,
    decay::EXPONENTIAL_GAMMA,
    decay::EXPONENTIAL_EVERY,
    decay::EXPONENTIAL_END,
    decay::EXPONENTIAL_STAIRCASE,
    decay::INVERSE_RATE,
    decay::INVERSE_EVERY,
    decay::INVERSE_END,
    decay::INVERSE_STAIRCASE,
    decay::POLYNOMIAL_POWER,
    decay::POLYNOMIAL_END,
    decay::POLYNOMIAL_HORIZON,
    decay::POLYNOMIAL_CYCLE,
    decay::LINEAR_END,
    decay::LINEAR_HORIZON,
    cosine::COSINE_END,
    cosine::COSINE_HORIZON,
    cosine::RESTARTS_FIRST,
    cosine::RESTARTS_MULT,
    cosine::RESTARTS_DECAY,
    cosine::RESTARTS_END,
    onecycle::PCT_START,
    onecycle::DIV_FACTOR,
    onecycle::FINAL_DIV_FACTOR,
    onecycle::ANNEAL,
    onecycle::THREE_PHASE,
    onecycle::CYCLE_MOMENTUM,
    onecycle::BASE_MOMENTUM,
    onecycle::MAX_MOMENTUM,
    cyclic::BASE,
    cyclic::UP,
    cyclic::DOWN,
    cyclic::MODE,
    cyclic::GAMMA,
    wsd::DECAY,
    wsd::FORM,
    wsd::END,
    decay::INVERSE_SQRT_TIMESCALE,
    piecewise::AT,
    piecewise::FACTOR,
    piecewise::BATCH,
    piecewise::MOMENTUM,
    plateau::MODE,
    plateau::FACTOR,
    plateau::PATIENCE,
    plateau::THRESHOLD,
    plateau::THRESHOLD_MODE,
    plateau::COOLDOWN,
    plateau::MIN_LR,
    plateau::EPS,
    batch::GROWTH_FACTOR,
    batch::GROWTH_AT,
    batch::LINEAR_FACTOR,
    batch::PLATEAU_FACTOR,
    batch::MAX,
];

/// Whether the schedule of `settings` moves the momentum, so that an optimizer must be ready for one.
///
/// # Errors
/// A flag that is neither true nor false.
pub(crate) fn cycles_momentum(settings: &Settings) -> Result<bool, SettingError> {
    match settings.text(&SCHEDULE) {
        Some("onecycle") => settings.flag(&onecycle::CYCLE_MOMENTUM),
        Some("piecewise") => Ok(piecewise::moves_momentum(settings)),
        _ => Ok(false),
    }
}

/// What follows the warmup. The shapes give the share of `lr` in force at their own step.
#[derive(Clone, Debug)]
enum Course {
    Constant,
    Decay(Decay),
    Cosine(Cosine),
    OneCycle { cycle: OneCycle, momentum: Option<(f64, f64)> },
    Cyclic { cycle: Cyclic, momentum: Option<(f64, f64)> },
    Wsd(Wsd),
    Piecewise(Piecewise),
    Plateau(Plateau),
    Batch(BatchGrowth),
}

/// A learning rate and a batch size for every point of a run.
#[derive(Clone, Debug)]
pub struct Schedule {
    lr: f64,
    warmup: Warmup,
    course: Course,
}

impl Schedule {
    /// The schedule that `settings` describe, whose largest rate is `lr`, for a run of the length `horizon`.
    ///
    /// # Errors
    /// A value that is out of range, has no unit or contradicts another, named with its reason.
    pub fn build(settings: &Settings, lr: f64, horizon: &Horizon) -> Result<Schedule, SettingError> {
        let mut read = Reader { settings, horizon, left: 1.0 };
        let name = read.choice(&SCHEDULE)?.to_owned();
        let warmup = Warmup::read(&read, name == "noam")?;
        read.left = horizon.total_steps.saturating_sub(warmup.steps).max(1) as f64;
        let course = match name.as_str() {
            "step" => Course::Decay(Decay::step(&read)?),
            "multistep" => Course::Decay(Decay::multistep(&read)?),
            "exponential" => Course::Decay(Decay::exponential(&read)?),
            "inverse_time" => Course::Decay(Decay::inverse_time(&read)?),
            "polynomial" => Course::Decay(Decay::polynomial(&read)?),
            "linear" => Course::Decay(Decay::linear(&read)?),
            "inverse_sqrt" | "noam" => Course::Decay(Decay::inverse_sqrt(&read, warmup.steps)?),
            "cosine" => Course::Cosine(Cosine::once(&read)?),
            "cosine_restarts" => Course::Cosine(Cosine::restarts(&read)?),
            "onecycle" => {
                Course::OneCycle { cycle: OneCycle::read(&read)?, momentum: OneCycle::read_momentum(&read)? }
            }
            "cyclic" => Course::Cyclic { cycle: Cyclic::read(&read)?, momentum: None },
            "wsd" => Course::Wsd(Wsd::read(&read)?),
            "piecewise" => Course::Piecewise(Piecewise::read(&read)?),
            "plateau" => Course::Plateau(Plateau::read(&read, lr)?),
            "batch_growth" => Course::Batch(BatchGrowth::steps(&read)?),
            "batch_linear" => Course::Batch(BatchGrowth::linear(&read)?),
            "batch_plateau" => Course::Batch(BatchGrowth::plateau(&read)?),
            _ => Course::Constant,
        };
        Ok(Schedule { lr, warmup, course })
    }

    /// The learning rate η for the update that follows `progress`.
    pub fn rate(&self, progress: &Progress) -> f64 {
        if let Some(share) = self.warmup.share(progress.step) {
            return self.lr * share;
        }
        let t = self.own_step(progress);
        match &self.course {
            Course::Constant | Course::Batch(_) => self.lr,
            Course::Decay(decay) => self.lr * decay.share(t),
            Course::Cosine(cosine) => self.lr * cosine.share(t),
            Course::OneCycle { cycle, .. } => self.lr * cycle.share(t),
            Course::Cyclic { cycle, .. } => self.lr * cycle.share(t),
            Course::Wsd(wsd) => self.lr * wsd.share(t),
            Course::Piecewise(piecewise) => self.lr * piecewise.share(progress),
            Course::Plateau(plateau) => plateau.rate,
        }
    }

    /// Whether the rate ends low: below half of `lr` at the `last` update. Of a schedule that reacts to readings nobody
    /// knows beforehand, so it does not.
    pub fn decays(&self, last: &Progress) -> bool {
        !self.reacts() && self.rate(last) < 0.5 * self.lr
    }

    /// The batch size B for the update that follows `progress`, in a run that began with `start`.
    pub fn batch(&self, start: usize, progress: &Progress) -> usize {
        match &self.course {
            Course::Batch(growth) => growth.batch(start, progress),
            Course::Piecewise(piecewise) => piecewise.batch(progress).unwrap_or(start),
            _ => start,
        }
    }

    /// The momentum for the update that follows `progress`, where the schedule cycles it.
    pub fn momentum(&self, progress: &Progress) -> Option<f64> {
        let t = self.own_step(progress);
        match &self.course {
            Course::OneCycle { cycle, momentum } => momentum.map(|ends| cycle.momentum(t, ends)),
            Course::Cyclic { cycle, momentum } => {
                momentum.map(|(base, max)| max - (max - base) * cycle.height(t))
            }
            Course::Piecewise(piecewise) => piecewise.momentum(progress),
            _ => None,
        }
    }

    /// Whether the batch size changes, so that the number of steps of a run has to be counted out.
    pub fn changes_batch(&self) -> bool {
        match &self.course {
            Course::Batch(_) => true,
            Course::Piecewise(piecewise) => piecewise.changes_batch(),
            _ => false,
        }
    }

    /// Whether readings change the schedule, so that it must be told them.
    pub fn reacts(&self) -> bool {
        !self.state().is_empty()
    }

    /// Tells the schedule a validation reading; only those that react to the loss change. Readings during the
    /// warmup count too.
    pub fn observe(&mut self, validation_loss: f64) {
        match &mut self.course {
            Course::Plateau(plateau) => plateau.observe(validation_loss),
            Course::Batch(growth) => growth.observe(validation_loss),
            _ => {}
        }
    }

    /// What a checkpoint has to keep; empty for all but the schedules that react to readings.
    pub fn state(&self) -> Vec<f64> {
        match &self.course {
            Course::Plateau(plateau) => {
                let [best, bad, cooling] = plateau.watch.memory();
                vec![plateau.rate, best, bad, cooling]
            }
            Course::Batch(growth) => growth.memory(),
            _ => Vec::new(),
        }
    }

    /// Takes back what [`Schedule::state`] gave, in a schedule built from the same settings.
    ///
    /// # Errors
    /// A state of another kind of schedule; nothing is changed then.
    pub fn restore(&mut self, state: &[f64]) -> Result<(), StateMismatch> {
        let taken = match (&mut self.course, state) {
            (Course::Plateau(plateau), &[rate, best, bad, cooling]) => {
                plateau.rate = rate;
                plateau.watch.recall([best, bad, cooling]);
                true
            }
            (Course::Plateau(_), _) => false,
            (Course::Batch(growth), state) => growth.recall(state),
            (_, state) => state.is_empty(),
        };
        if taken { Ok(()) } else { Err(StateMismatch) }
    }

    /// The schedule's own step: updates since the warmup.
    fn own_step(&self, progress: &Progress) -> f64 {
        progress.step.saturating_sub(self.warmup.steps) as f64
    }
}
