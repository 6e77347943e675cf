//! Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): θ ← (1−ηλ)θ − η·sign(β₁m + (1−β₁)g),
//! m ← β₂m + (1−β₂)g.

use super::arithmetic::flush;
use super::memory::Memory;

/// Hyperparameters of Lion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lion {
    pub beta1: f64,
    pub beta2: f64,
    pub weight_decay: f64,
}

impl Lion {
    #[inline(always)]
    pub fn step(&self, memory: &mut Memory, params: &mut [f32], gradient: &[f32], rate: f64) {
        let keep = (1.0 - rate * self.weight_decay) as f32;
        let (rate, beta1, beta2) = (rate as f32, self.beta1 as f32, self.beta2 as f32);
        let [m] = memory.split();
        for ((p, g), m) in params.iter_mut().zip(gradient).zip(m) {
            let blend = beta1 * *m + (1.0 - beta1) * g;
            // No direction where the blend is 0; a NaN goes through.
            let step = if blend == 0.0 { blend } else { rate.copysign(blend) + 0.0 * blend };
            *p = flush(keep * *p - step);
            *m = flush(beta2 * *m + (1.0 - beta2) * g);
        }
    }
}
