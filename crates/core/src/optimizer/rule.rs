//! What every update rule does, and what its file says of it.

use std::ops::Range;

use sweep_settings::{Setting, SettingError, Settings};

use super::memory::Memory;

/// An optimizer by its name, as the file of its rule describes it.
pub(super) struct Entry<R> {
    /// Its name, such as `adamw`.
    pub name: &'static str,
    /// Its settings, beside those that every optimizer has.
    pub settings: &'static [Setting],
    /// Whether the size of its updates is independent of the gradient's; `None` where neither holds.
    pub by_sign: Option<bool>,
    /// Reads its hyperparameters.
    pub read: fn(&Settings) -> Result<R, SettingError>,
}

/// An update rule with its hyperparameters.
pub(super) trait UpdateRule {
    /// Buffers as long as the parameters that the rule needs.
    fn buffers(&self) -> usize;

    /// One update of `params` along `gradient`, which it may overwrite; `memory.step` counts it already. The
    /// parameter tensors lie at `blocks`.
    fn step(
        &self,
        memory: &mut Memory,
        blocks: &[Range<usize>],
        params: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
    );

    /// What every buffer holds before the first update.
    fn initial(&self) -> f32 {
        0.0
    }

    /// Sets the momentum (or the first β); rules without one stay as they are.
    fn set_momentum(&mut self, _momentum: f64) {}

    /// Whether an update is θ ← θ − η·∇ and nothing else.
    fn plain(&self) -> bool {
        false
    }

    /// Whether a mean of the weights is evaluated instead of the weights.
    fn evaluates_mean(&self) -> bool {
        false
    }

    /// Writes that mean into `mean`.
    fn mean(&self, _memory: &Memory, _params: &[f32], _mean: &mut Vec<f32>) {}
}
