//! Reading metrics from the output of programs, in all common formats.

mod hugging_face;
mod in_words;
mod keras;
mod lightning;
mod lines;
mod patterns;
mod printed;
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
    /// The metrics.
    pub metrics: Metrics,
}

impl Report {
    /// Adds a named number: the step, the epoch, the progress, or else a metric.
    fn put(&mut self, name: &str, number: f64) {
        match name {
            // A step or an epoch that is not one is none, and no metric.
            "step" | "global_step" => self.step = Some(number as u64).filter(|_| number >= 0.0).or(self.step),
            "epoch" => self.epoch = Some(number).filter(|epoch| epoch.is_finite()).or(self.epoch),
            "progress" => self.progress = Some(number).filter(|share| share.is_finite()).or(self.progress),
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
