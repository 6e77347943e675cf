//! The learning-rate range test (Smith 2017, arXiv 1506.01186, §3.3): where learning begins, where it is fastest, and
//! where it breaks.
//!
//! A ramp raises η exponentially, with one update at each rate, on a separate network; the curve of batch losses over
//! log η gives the smallest useful rate and the steepest descent. The rate at which a ramp blows up says little about
//! the largest stable one, because one or two updates at each rate are too few for an instability to grow. So the edge
//! of stability is found by bisection, with short runs at constant η from the same initial network.
//!
//! Everything depends only on the settings, the data and the seed; each ramp and each probe starts from a newly drawn
//! network.

mod curve;
mod edge;
mod ramp;
mod smooth;

use std::sync::Arc;

use sweep_settings::{SettingError, Settings, names};

use crate::data::Dataset;
use crate::spec::{LearnerSpec, TrainSpec};
use crate::train::{Ending, Run, train};

pub use curve::{NoDescent, Places, places};
pub use edge::PRECISION;
pub use ramp::{Curve, Ramp};

/// Settings that a range test chooses itself: the rate, its schedule, and the length of training.
pub const OWN_SETTINGS: [&str; 7] = [
    names::LR,
    names::SCHEDULE,
    names::WARMUP,
    names::EPOCHS,
    names::STEPS,
    names::EXAMPLES,
    names::REPORT_EVERY,
];

/// A range test of one network at one batch size.
#[derive(Clone)]
pub struct RangeTest {
    spec: TrainSpec,
    ramp: Ramp,
    probe_steps: u64,
}

/// A place on the axis of learning rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Here.
    At(f64),
    /// Beyond the last rate of the ramp, this one.
    Above(f64),
    /// Below the first rate of the ramp, this one.
    Below(f64),
}

/// The places that one seed found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The places on the ramp.
    pub ramp: Places,
    /// The edge of stability: a run at constant η is stable below and diverges or stays stuck above.
    pub edge: Place,
}

/// The result of one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicate {
    /// The ramp.
    pub curve: Curve,
    /// The places on its curve; the reason if it has no descent, in which case nothing is probed.
    pub found: Result<Found, NoDescent>,
}

impl RangeTest {
    /// The range test, over rates from `range.0` to `range.1`, of the network that `settings` describe, ignoring those
    /// of [`OWN_SETTINGS`]. The default numbers of steps of ramps and probes are [`Ramp::default_steps`] and
    /// [`default_probe_steps`].
    ///
    /// # Errors
    /// A value that is out of range or does not fit the data; a learner whose loss does not measure its performance.
    pub fn read(
        settings: &Settings,
        data: &Arc<Dataset>,
        range: (f64, f64),
        ramp_steps: Option<u64>,
        probe_steps: Option<u64>,
    ) -> Result<RangeTest, SettingError> {
        let mut settings = settings.clone();
        OWN_SETTINGS.iter().for_each(|name| settings.remove(name));
        let spec = TrainSpec::read(&settings, data)?;
        let batch = spec.batch;
        if matches!(spec.learner, LearnerSpec::Agent(_)) {
            let why = "has no range test: a ramp reads the loss, and the loss of an agent does not measure how well it acts";
            return Err(SettingError {
                name: names::BATCH.into(),
                value: batch.to_string(),
                why: why.into(),
            });
        }
        let steps = ramp_steps.unwrap_or_else(|| Ramp::default_steps(range, batch)).max(1);
        let ramp = Ramp { low: range.0, high: range.1, steps };
        let probe_steps = probe_steps.unwrap_or_else(|| default_probe_steps(batch)).max(1);
        Ok(RangeTest { spec, ramp, probe_steps })
    }

    /// Its ramp.
    pub fn ramp(&self) -> Ramp {
        self.ramp
    }

    /// Updates of a probe.
    pub fn probe_steps(&self) -> u64 {
        self.probe_steps
    }

    /// Examples per update.
    pub fn batch(&self) -> usize {
        self.spec.batch
    }

    /// Ramps and, where the curve has a descent, probes for the edge of stability, all from the network of `seed`.
    pub fn replicate(&self, seed: u64) -> Replicate {
        let mut run = Run::new(&self.spec.at_constant_rate(self.ramp.low, self.ramp.steps), seed);
        let curve = self.ramp.run(&mut run, self.spec.batch);
        let ramp = match places(&curve) {
            Ok(places) => places,
            Err(reason) => return Replicate { curve, found: Err(reason) },
        };
        let bracket = (ramp.steepest, curve.blown_up.unwrap_or(self.ramp.high));
        let stable = &mut |lr| self.stable(lr, seed, ramp.half_way);
        let edge = edge::bisect(bracket, (self.ramp.low, self.ramp.high), stable);
        let limit = match edge {
            Place::At(edge) | Place::Below(edge) => edge,
            Place::Above(_) => f64::INFINITY,
        };
        // A single update at each rate may still learn where a run at that rate does not.
        let found = curve::places_up_to(&curve, limit).map(|ramp| Found { ramp, edge });
        Replicate { curve, found }
    }

    /// Whether a probe at constant `lr` neither diverges nor stays stuck above the loss `half_way` down the ramp, which
    /// a rate that learns reaches in far fewer steps. A loss that hovers just below chance does not count as stable.
    fn stable(&self, lr: f64, seed: u64, half_way: f64) -> bool {
        let trained = train(&self.spec.at_constant_rate(lr, self.probe_steps), seed, &mut ());
        let loss = trained.readings.last().map_or(f64::NAN, |reading| reading.metric("val_loss"));
        trained.ending == Ending::Complete { stuck: false } && loss < half_way
    }
}

/// Updates of a probe at batch size `batch`: a hundred, or as many more as a small batch needs for 16,384 examples.
///
/// On MNIST a run at a large batch diverges within twenty updates or not at all in three epochs, while at B = 8 it
/// takes a thousand to distinguish a rate that hovers at chance from one that learns.
pub fn default_probe_steps(batch: usize) -> u64 {
    (16_384 / batch.max(1) as u64).max(100)
}
