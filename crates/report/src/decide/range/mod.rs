//! The learning-rate range test: its record as `sweep` provides it, and the facts computed from it.

mod chart;
mod document;
mod facts;
#[cfg(test)]
mod fixtures;
mod text;

pub use chart::chart;
pub use document::document;
pub use facts::{BatchPlaces, CONFIDENCE, NOTE, RangeFacts, facts};
pub use text::table;

/// A finished range test.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeRecord {
    /// What was tested: data, model and what else is fixed.
    pub subject: String,
    /// The first and the last rate of the ramps.
    pub lr: (f64, f64),
    /// The batch sizes, rising.
    pub batches: Vec<BatchRange>,
}

/// The range test of one batch size.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchRange {
    /// Examples an update.
    pub batch: u64,
    /// Updates of a ramp.
    pub ramp_steps: u64,
    /// Updates of a probe at constant η.
    pub probe_steps: u64,
    /// What each seed found.
    pub replicates: Vec<SeedRange>,
}

/// The range test of one batch size and seed.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedRange {
    /// The seed.
    pub seed: u64,
    /// The rate of each update of the ramp.
    pub lr: Vec<f64>,
    /// The mean loss of each batch before its update.
    pub loss: Vec<f64>,
    /// The same smoothed.
    pub smoothed: Vec<f64>,
    /// The rate at which the ramp ended early because the loss diverged.
    pub blown_up: Option<f64>,
    /// The places found; the reason where the curve has no descent.
    pub places: Result<SeedPlaces, String>,
}

/// The places of one curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeedPlaces {
    /// Where the loss has begun to fall.
    pub smallest_useful: Place,
    /// Where it falls fastest in ln η.
    pub steepest: Place,
    /// The edge of stability.
    pub edge: Place,
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
