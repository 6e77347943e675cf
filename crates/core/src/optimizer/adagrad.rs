//! Adagrad (Duchi et al. 2011), as PyTorch computes it: s ← s + g², θ ← θ − η/(1+(t−1)δ)·g/(√s + ε).

use super::arithmetic::flush;
use super::memory::Memory;

/// Hyperparameters of Adagrad.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adagrad {
    pub eps: f64,
    pub weight_decay: f64,
    /// δ, the decay of the rate itself.
    pub lr_decay: f64,
    /// What s begins with.
    pub initial: f64,
}

impl Adagrad {
    #[inline(always)]
    pub fn step(&self, memory: &mut Memory, params: &mut [f32], gradient: &[f32], rate: f64) {
        let rate = (rate / (1.0 + (memory.step as f64 - 1.0) * self.lr_decay)) as f32;
        let (eps, decay) = (self.eps as f32, self.weight_decay as f32);
        let [sum] = memory.split();
        for ((p, g), s) in params.iter_mut().zip(gradient).zip(sum) {
            let g = g + decay * *p;
            *s = flush(*s + g * g);
            *p = flush(*p - rate * g / (s.sqrt() + eps));
        }
    }
}
