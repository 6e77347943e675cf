//! What follows the warmup: the shape of a schedule.

use std::fmt;

use super::Progress;

/// Where a run stands when a shape is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    /// Updates since the warmup.
    pub t: f64,
    /// The whole run.
    pub progress: &'a Progress,
}

/// The shape of a schedule. Only what reacts to readings has a state.
pub(super) trait Course: fmt::Debug + Send + Sync + Copies {
    /// The learning rate for the next update, where `lr` is the largest.
    fn rate(&self, lr: f64, at: At<'_>) -> f64;

    /// The batch size for the next update of a run that began with `start`.
    fn batch(&self, start: usize, _progress: &Progress) -> usize {
        start
    }

    /// The momentum for the next update, where the shape moves it.
    fn momentum(&self, _at: At<'_>) -> Option<f64> {
        None
    }

    /// Whether the batch size changes.
    fn changes_batch(&self) -> bool {
        false
    }

    /// Takes a validation reading.
    fn observe(&mut self, _reading: f64) {}

    /// What a checkpoint has to keep; empty where readings change nothing.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Takes back what [`Course::state`] gave; false, and nothing changed, where it is not of this kind.
    fn restore(&mut self, state: &[f64]) -> bool {
        state.is_empty()
    }
}

/// Copies a shape whose type is not known.
pub(super) trait Copies {
    /// A copy.
    fn copy(&self) -> Box<dyn Course>;
}

impl<T: Course + Clone + 'static> Copies for T {
    fn copy(&self) -> Box<dyn Course> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Course> {
    fn clone(&self) -> Box<dyn Course> {
        self.as_ref().copy()
    }
}

/// The rate stays as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant;

impl Course for Constant {
    fn rate(&self, lr: f64, _at: At<'_>) -> f64 {
        lr
    }
}
