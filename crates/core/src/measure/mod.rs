//! Measurements of the loss's shape that a run may take on its way: the gradient noise scale and the sharpness.
//!
//! They do not change the run: with or without them, it trains to the same bits.

mod noise;
mod sharpness;

use sweep_settings::{Kind, Length, Setting, SettingError, Settings};

use crate::learner::Learner;
use crate::reading::Metrics;
use crate::room::Room;
use crate::schedule::Horizon;
use crate::state::{Reader, StateMismatch, Writer};

use noise::Noise;
use sharpness::Sharpness;

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[NOISE_SCALE, SHARPNESS];

const NOISE_SCALE: Setting = Setting::new(
    "noise_scale",
    Kind::Length,
    "interval at which the gradient noise scale tr(covariance) / |gradient|^2 is measured, such as 50st; a metric",
);

const SHARPNESS: Setting = Setting::new(
    "sharpness",
    Kind::Length,
    "interval at which the largest eigenvalue of the loss's Hessian is measured, such as 100st; a metric",
);

/// Which measurements a run takes, and how often.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeasureSpec {
    noise: Option<Length>,
    sharpness: Option<Length>,
}

impl MeasureSpec {
    /// The measurements in `settings`; `separate` means that each example has its own gradient.
    ///
    /// # Errors
    /// A length of 0; a learner whose examples have no separate gradients.
    pub fn read(settings: &Settings, separate: bool) -> Result<MeasureSpec, SettingError> {
        let every = |setting: &Setting| -> Result<Option<Length>, SettingError> {
            let length = settings.length(setting)?;
            if length.is_some_and(Length::is_zero) {
                return Err(settings.error(setting, "must be longer than 0: write 50st (steps)"));
            }
            if length.is_some() && !separate {
                let why = "needs a data set whose examples have separate gradients (not norm=batch)";
                return Err(settings.error(setting, why));
            }
            Ok(length)
        };
        Ok(MeasureSpec { noise: every(&NOISE_SCALE)?, sharpness: every(&SHARPNESS)? })
    }

    /// Counts their memory in `room`, for a network of `size` parameters.
    pub(crate) fn count(&self, size: usize, room: &mut Room) {
        if self.noise.is_some() {
            room.count_floats(Noise::floats(size));
        }
        if self.sharpness.is_some() {
            room.count_floats(Sharpness::floats(size));
        }
    }

    /// The measurements of a network of `size` parameters in a run of the length `horizon`; `seed` feeds the streams
    /// `noise` and `sharpness`.
    pub(crate) fn build(&self, size: usize, horizon: &Horizon, seed: u64) -> Measures {
        let steps = |length: Length| length.steps(horizon.total_steps, horizon.steps_per_epoch).max(1);
        Measures {
            noise: self.noise.map(|every| (steps(every), Noise::new(size, seed))),
            sharpness: self.sharpness.map(|every| (steps(every), Sharpness::new(size, seed))),
        }
    }
}

/// The measurements of one run.
#[derive(Default)]
pub(crate) struct Measures {
    noise: Option<(u64, Noise)>,
    sharpness: Option<(u64, Sharpness)>,
}

impl Measures {
    /// Takes the measurements that are due after `step`.
    pub fn take(&mut self, step: u64, learner: &mut dyn Learner, parameters: &[f32]) {
        if let Some((every, noise)) = &mut self.noise
            && step.is_multiple_of(*every)
        {
            learner.probe(&mut |probe| noise.measure(probe, parameters));
        }
        if let Some((every, sharpness)) = &mut self.sharpness
            && step.is_multiple_of(*every)
        {
            learner.probe(&mut |probe| sharpness.measure(probe, parameters));
        }
    }

    /// The metrics available by now.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::new();
        if let Some((scale, deviation)) = self.noise.as_ref().and_then(|(_, noise)| noise.estimate()) {
            metrics.push(("noise_scale".to_owned(), scale));
            metrics.push(("noise_scale_stderr".to_owned(), deviation));
        }
        if let Some(value) = self.sharpness.as_ref().and_then(|(_, sharpness)| sharpness.value()) {
            metrics.push(("sharpness".to_owned(), value));
        }
        metrics
    }

    pub fn write(&self, state: &mut Writer) {
        if let Some((_, noise)) = &self.noise {
            noise.write(state);
        }
        if let Some((_, sharpness)) = &self.sharpness {
            sharpness.write(state);
        }
    }

    pub fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        if let Some((_, noise)) = &mut self.noise {
            noise.read(state)?;
        }
        if let Some((_, sharpness)) = &mut self.sharpness {
            sharpness.read(state)?;
        }
        Ok(())
    }
}

/// |v|².
fn square(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
}
