//! LARS (You et al. 2017, "Large batch training of convolutional networks"): momentum SGD whose every parameter
//! tensor has its own rate, η·q‖θ‖/(‖g‖ + λ‖θ‖). The decay is coupled and the momentum PyTorch's. A tensor that is
//! all zeros, or has no gradient, moves at η itself.

use std::ops::Range;

use super::arithmetic::{flush, norm};
use super::memory::Memory;

/// Hyperparameters of LARS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lars {
    pub momentum: f64,
    pub weight_decay: f64,
    /// q, the trust coefficient.
    pub trust: f64,
}

impl Lars {
    #[inline(always)]
    pub fn step(
        &self,
        memory: &mut Memory,
        blocks: &[Range<usize>],
        params: &mut [f32],
        gradient: &[f32],
        rate: f64,
    ) {
        let (rate, momentum, decay) = (rate as f32, self.momentum as f32, self.weight_decay as f32);
        let [velocity] = memory.split();
        for block in blocks {
            let own =
                (params.get_mut(block.clone()), gradient.get(block.clone()), velocity.get_mut(block.clone()));
            let (Some(params), Some(gradient), Some(velocity)) = own else { continue };
            let (weight, slope) = (norm(params), norm(gradient));
            let ratio = self.trust * weight / (slope + self.weight_decay * weight);
            let ratio = if weight > 0.0 && slope > 0.0 { ratio as f32 } else { 1.0 };
            for ((p, g), v) in params.iter_mut().zip(gradient).zip(velocity) {
                *v = flush(momentum * *v + ratio * (g + decay * *p));
                *p = flush(*p - rate * *v);
            }
        }
    }
}
