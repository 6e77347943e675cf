//! Measurements of the loss's shape that a run may take on its way: the gradient noise scale and the sharpness.
//!
//! They look at the run and change nothing of it: with them and without, it trains to the same bits.

mod noise;
mod sharpness;

use crate::learner::Learner;
use crate::length::Length;
use crate::reading::Metrics;
use crate::schedule::Horizon;
use crate::settings::{Kind, Setting, error};
use crate::state::{Reader, StateMismatch, Writer};
use crate::{SettingError, Settings};

use noise::Noise;
use sharpness::Sharpness;

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[NOISE_SCALE, SHARPNESS];

const NOISE_SCALE: Setting = Setting {
    name: "noise_scale",
    kind: Kind::Length,
    scale: None,
    default: None,
    when: None,
    help: "how often the gradient noise scale tr(covariance) / |gradient|^2 is measured, as in 50st: a metric",
};

const SHARPNESS: Setting = Setting {
    name: "sharpness",
    kind: Kind::Length,
    scale: None,
    default: None,
    when: None,
    help: "how often the largest eigenvalue of the loss's Hessian is measured, as in 100st: a metric",
};

/// Gradients of chosen examples, which leave no trace in the learner.
pub trait Probe {
    /// The rows of the training part.
    fn rows(&self) -> &[u32];

    /// Replaces `gradient` by that of the mean loss of `rows` at `parameters`.
    fn gradient_of(&mut self, parameters: &[f32], rows: &[u32], gradient: &mut [f32]);
}

/// The measurements of one run.
#[derive(Default)]
pub(crate) struct Measures {
    noise: Option<(u64, Noise)>,
    sharpness: Option<(u64, Sharpness)>,
}

impl Measures {
    /// What `settings` ask for, of a network of `size` parameters; `seed` feeds the streams `noise` and `sharpness`.
    ///
    /// # Errors
    /// A length of nothing; a learner whose examples have no gradients of their own.
    pub fn build(
        settings: &Settings,
        learner: &mut dyn Learner,
        horizon: &Horizon,
        seed: u64,
    ) -> Result<Measures, SettingError> {
        let every = |of: &Setting| -> Result<Option<u64>, SettingError> {
            let Some(length) = settings.length(of)? else { return Ok(None) };
            let text = settings.text(of).unwrap_or_default();
            if let Length::Steps(length) | Length::Epochs(length) | Length::Share(length) = length
                && length <= 0.0
            {
                return Err(error(of, text, "must be longer than nothing: write 50st (steps)".into()));
            }
            Ok(Some(length.steps(horizon.total_steps, horizon.steps_per_epoch).max(1)))
        };
        let (noise, sharpness) = (every(&NOISE_SCALE)?, every(&SHARPNESS)?);
        let size = learner.size();
        for (of, asked) in [(&NOISE_SCALE, noise), (&SHARPNESS, sharpness)] {
            let mut found = false;
            if asked.is_some() {
                learner.probe(&mut |_| found = true);
            }
            if asked.is_some() && !found {
                let why =
                    "goes with examples of a data set, each with a gradient of its own (not norm=batch)";
                return Err(error(of, settings.text(of).unwrap_or_default(), why.into()));
            }
        }
        Ok(Measures {
            noise: noise.map(|every| (every, Noise::new(size, seed))),
            sharpness: sharpness.map(|every| (every, Sharpness::new(size, seed))),
        })
    }

    /// Floats that the measurements hold.
    pub fn floats(&self) -> usize {
        self.noise.as_ref().map_or(0, |(_, noise)| noise.floats())
            + self.sharpness.as_ref().map_or(0, |(_, sharpness)| sharpness.floats())
    }

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

    /// What is known by now; nothing of what is not.
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
