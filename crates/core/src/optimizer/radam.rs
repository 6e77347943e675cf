//! RAdam (Liu et al. 2020), as PyTorch computes it: Adam without its divisor until the variance of that divisor is
//! bounded (ρ > 5), then with the rectification r.

use libm::pow;

use super::arithmetic::flush;
use super::memory::Memory;

/// Hyperparameters of RAdam.
#[derive(Clone, Copy, Debug)]
pub(super) struct Radam {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
}

impl Radam {
    #[inline(always)]
    pub fn step(&self, memory: &mut Memory, params: &mut [f32], gradient: &[f32], rate: f64) {
        let t = memory.step as f64;
        let power = pow(self.beta2, t);
        let limit = 2.0 / (1.0 - self.beta2) - 1.0;
        let rho = limit - 2.0 * t * power / (1.0 - power);
        let size = rate / (1.0 - pow(self.beta1, t));
        let (beta1, beta2, eps) = (self.beta1 as f32, self.beta2 as f32, self.eps as f32);
        let decay = self.weight_decay as f32;
        let [m, v] = memory.split();
        let moments = params.iter_mut().zip(gradient).zip(m).zip(v);
        if rho > 5.0 {
            let above = (rho - 4.0) * (rho - 2.0) * limit;
            let rectified = (above / ((limit - 4.0) * (limit - 2.0) * rho)).sqrt();
            let size = (size * rectified * (1.0 - power).sqrt()) as f32;
            for (((p, g), m), v) in moments {
                let g = g + decay * *p;
                *m = flush(beta1 * *m + (1.0 - beta1) * g);
                *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
                *p = flush(*p - size * *m / (v.sqrt() + eps));
            }
        } else {
            let size = size as f32;
            for (((p, g), m), v) in moments {
                let g = g + decay * *p;
                *m = flush(beta1 * *m + (1.0 - beta1) * g);
                *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
                *p = flush(*p - size * *m);
            }
        }
    }
}
