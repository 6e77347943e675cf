//! Adadelta (Zeiler 2012), as PyTorch computes it: s ← ρs + (1−ρ)g², δ = √(d+ε)/√(s+ε)·g, d ← ρd + (1−ρ)δ²,
//! θ ← θ − ηδ.

use super::arithmetic::flush;
use super::memory::Memory;

/// Hyperparameters of Adadelta.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adadelta {
    pub rho: f64,
    pub eps: f64,
    pub weight_decay: f64,
}

impl Adadelta {
    #[inline(always)]
    pub fn step(&self, memory: &mut Memory, params: &mut [f32], gradient: &[f32], rate: f64) {
        let (rate, decay) = (rate as f32, self.weight_decay as f32);
        let (rho, eps) = (self.rho as f32, self.eps as f32);
        let [square, delta] = memory.split();
        for (((p, g), s), d) in params.iter_mut().zip(gradient).zip(square).zip(delta) {
            let g = g + decay * *p;
            *s = flush(rho * *s + (1.0 - rho) * g * g);
            let change = (*d + eps).sqrt() / (*s + eps).sqrt() * g;
            *d = flush(rho * *d + (1.0 - rho) * change * change);
            *p = flush(*p - rate * change);
        }
    }
}
