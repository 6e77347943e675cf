//! RAdam (Liu et al. 2020), as PyTorch computes it: Adam without its divisor until the variance of that divisor is
//! bounded (ρ > 5), then with the rectification r.

use std::ops::Range;

use libm::pow;
use sweep_settings::{SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, betas, eps, weight_decay};

pub(super) const RADAM: Entry<Radam> =
    Entry { name: "radam", settings: &[BETA1, BETA2, BETAS, EPS], by_sign: Some(true), read };

fn read(settings: &Settings) -> Result<Radam, SettingError> {
    let (beta1, beta2) = betas(settings, 0.999)?;
    Ok(Radam { beta1, beta2, eps: eps(settings, 1e-8)?, weight_decay: weight_decay(settings)? })
}

/// Hyperparameters of RAdam.
#[derive(Clone, Copy, Debug)]
pub(super) struct Radam {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
}

impl UpdateRule for Radam {
    fn buffers(&self) -> usize {
        2
    }

    #[inline(always)]
    fn step(
        &self,
        memory: &mut Memory,
        _blocks: &[Range<usize>],
        params: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
    ) {
        let t = memory.step as f64;
        let power = pow(self.beta2, t);
        let limit = 2.0 / (1.0 - self.beta2) - 1.0;
        let rho = limit - 2.0 * t * power / (1.0 - power);
        let size = rate / (1.0 - pow(self.beta1, t));
        let (beta1, beta2, eps) = (self.beta1 as f32, self.beta2 as f32, self.eps as f32);
        let decay = self.weight_decay as f32;
        let [m, v] = memory.split();
        let moments = params.iter_mut().zip(gradient.iter()).zip(m).zip(v);
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

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
