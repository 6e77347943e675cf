//! Reading metrics from the output of programs, in all common formats.

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

/// One report of a program on its progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Optimizer steps done, if reported.
    pub step: Option<u64>,
    /// Epochs done, if reported.
    pub epoch: Option<f64>,
    /// Fraction of its budget used, if reported.
    pub progress: Option<f64>,
    /// The metrics; NaN if reported as missing.
    pub metrics: Metrics,
}

impl Report {
    /// Adds a named number: the step, the epoch, the progress, or else a metric.
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
    fn some(self) -> Option<Report> {
        (!self.metrics.is_empty()).then_some(self)
    }
}
