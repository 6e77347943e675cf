//! Stochastic gradient descent with momentum, Nesterov's momentum, dampening and coupled weight decay, as PyTorch
//! defines them: v ← μv + (1−τ)(g + λθ), θ ← θ − ηv; the first v is g + λθ whatever the dampening.

use super::arithmetic::flush;
use super::memory::Memory;

/// Hyperparameters of SGD.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sgd {
    pub momentum: f64,
    pub dampening: f64,
    pub nesterov: bool,
    pub weight_decay: f64,
    /// Whether there is a buffer; without one the momentum stays 0.
    pub buffered: bool,
}

impl Sgd {
    #[inline(always)]
    pub fn step(&self, memory: &mut Memory, params: &mut [f32], gradient: &[f32], rate: f64) {
        let (rate, decay) = (rate as f32, self.weight_decay as f32);
        if !self.buffered {
            for (p, g) in params.iter_mut().zip(gradient) {
                *p = flush(*p - rate * (g + decay * *p));
            }
            return;
        }
        let taken = if memory.first() { 1.0 } else { (1.0 - self.dampening) as f32 };
        let momentum = self.momentum as f32;
        let [velocity] = memory.split();
        if self.nesterov {
            for ((p, g), v) in params.iter_mut().zip(gradient).zip(velocity) {
                let g = g + decay * *p;
                *v = flush(momentum * *v + taken * g);
                *p = flush(*p - rate * (g + momentum * *v));
            }
        } else {
            for ((p, g), v) in params.iter_mut().zip(gradient).zip(velocity) {
                let g = g + decay * *p;
                *v = flush(momentum * *v + taken * g);
                *p = flush(*p - rate * *v);
            }
        }
    }
}
