//! The exponential moving average of the weights (Polyak & Juditsky 1992; its use in training as in PyTorch's
//! `AveragedModel`): after every update a ← d·a + (1−d)θ; the first a is θ.

use super::arithmetic::{copy, flush};

/// Averaged weights.
#[derive(Clone, Debug)]
pub(super) struct Average {
    /// d, the share of the average that is kept.
    pub decay: f64,
    pub weights: Vec<f32>,
}

impl Average {
    /// Takes the weights after an update, of which `first` is the first.
    #[inline(always)]
    pub fn take(&mut self, params: &[f32], first: bool) {
        if first {
            copy(params, &mut self.weights);
            return;
        }
        let taken = (1.0 - self.decay) as f32;
        for (a, p) in self.weights.iter_mut().zip(params) {
            *a = flush(*a + taken * (p - *a));
        }
    }
}
