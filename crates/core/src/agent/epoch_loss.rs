//! The mean loss since the epoch began.

use crate::schedule::Progress;
use crate::state::{Reader, StateMismatch, Writer};

/// A mean that restarts with each epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct EpochLoss {
    epoch: u64,
    loss: f64,
    examples: u64,
}

impl EpochLoss {
    /// Adds the summed `loss` of `examples` from the update that follows `progress`.
    pub fn add(&mut self, progress: &Progress, loss: f64, examples: usize) {
        let epoch = progress.epoch as u64;
        if epoch != self.epoch {
            *self = EpochLoss { epoch, ..EpochLoss::default() };
        }
        self.loss += loss;
        self.examples += examples as u64;
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.loss / self.examples as f64
    }

    pub fn write(&self, state: &mut Writer) {
        state.number(self.epoch);
        state.float(self.loss);
        state.number(self.examples);
    }

    pub fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        *self = EpochLoss { epoch: state.number()?, loss: state.float()?, examples: state.number()? };
        Ok(())
    }
}
