//! The shape of a schedule, after the warmup.

use std::fmt;

use super::Progress;

/// The progress of a run when a shape is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    /// Updates since the warmup.
    pub t: f64,
    /// The whole run.
    pub progress: &'a Progress,
}

/// The shape of a schedule. Only a shape that reacts to readings has a state.
pub(super) trait Course: fmt::Debug + Send + Sync + Copies {
    /// The learning rate for the next update, where `lr` is the largest.
    fn rate(&self, lr: f64, at: At<'_>) -> f64;

    /// The batch size for the next update of a run that began with `start`.
    fn batch(&self, start: usize, _progress: &Progress) -> usize {
        start
    }

    /// The momentum for the next update, if the shape changes it.
    fn momentum(&self, _at: At<'_>) -> Option<f64> {
        None
    }

    /// Whether the batch size changes.
    fn changes_batch(&self) -> bool {
        false
    }

    /// Takes a validation reading.
    fn observe(&mut self, _reading: f64) {}

    /// The state for a checkpoint; empty if readings change nothing.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Restores the result of [`Course::state`]; returns false and changes nothing if it is of another kind.
    fn restore(&mut self, state: &[f64]) -> bool {
        state.is_empty()
    }
}

/// Copies a shape of unknown type.
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

/// The rate stays constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constant;

impl Course for Constant {
    fn rate(&self, lr: f64, _at: At<'_>) -> f64 {
        lr
    }
}
