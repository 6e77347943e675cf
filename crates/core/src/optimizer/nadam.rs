//! NAdam (Dozat 2016), as PyTorch computes it: Adam whose momentum looks ahead, with μₜ = β₁(1 − ½·0.96^(tψ)).

use libm::pow;

use super::arithmetic::flush;
use super::memory::Memory;

/// Hyperparameters of NAdam.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nadam {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
    /// ψ, how fast the momentum rises to β₁.
    pub momentum_decay: f64,
}

impl Nadam {
    #[inline(always)]
    pub fn step(&self, memory: &mut Memory, params: &mut [f32], gradient: &[f32], rate: f64) {
        let t = memory.step as f64;
        let mu = |t: f64| self.beta1 * (1.0 - 0.5 * pow(0.96, t * self.momentum_decay));
        let (now, next) = (mu(t), mu(t + 1.0));
        // The product of all μ so far.
        let product = if memory.first() { now } else { memory.numbers[0] * now };
        memory.numbers[0] = product;
        let of_gradient = (rate * (1.0 - now) / (1.0 - product)) as f32;
        let of_moment = (rate * next / (1.0 - product * next)) as f32;
        let root = (1.0 / (1.0 - pow(self.beta2, t)).sqrt()) as f32;
        let (beta1, beta2, eps) = (self.beta1 as f32, self.beta2 as f32, self.eps as f32);
        let decay = self.weight_decay as f32;
        let [m, v] = memory.split();
        for (((p, g), m), v) in params.iter_mut().zip(gradient).zip(m).zip(v) {
            let g = g + decay * *p;
            *m = flush(beta1 * *m + (1.0 - beta1) * g);
            *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
            *p = flush(*p - (of_gradient * g + of_moment * *m) / (v.sqrt() * root + eps));
        }
    }
}
