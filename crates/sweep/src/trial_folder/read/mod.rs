//! Reading metrics out of what programs write, in every form that is common.

mod hugging_face;
mod keras;
mod lightning;
mod lines;
mod patterns;
mod sources;
mod tensorboard;

use sweep_study::Metrics;

pub use patterns::Patterns;
pub use sources::{Place, Sources};

/// One thing that a program told of its progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Optimizer steps done, where it says so.
    pub step: Option<u64>,
    /// Epochs done, where it says so.
    pub epoch: Option<f64>,
    /// The share of its budget that is used, where it says so.
    pub progress: Option<f64>,
    /// The metrics; NaN where it says that there is none.
    pub metrics: Metrics,
}

impl Told {
    /// Takes a named number: the step, the epoch, the progress, or else a metric.
    fn put(&mut self, name: &str, number: f64) {
        match name {
            "step" | "global_step" if number >= 0.0 => self.step = Some(number as u64),
            "epoch" if number.is_finite() => self.epoch = Some(number),
            "progress" if number.is_finite() => self.progress = Some(number),
            _ => {
                self.metrics.insert(name.to_owned(), number);
            }
        }
    }

    /// Itself, unless it holds no metric.
    fn some(self) -> Option<Told> {
        (!self.metrics.is_empty()).then_some(self)
    }
}
