//! LAMB (You et al. 2020, "Large batch optimization for deep learning", algorithm 2): Adam's direction with
//! decoupled decay, r = m̂/(√v̂ + ε) + λθ, scaled in every parameter tensor by ‖θ‖/‖r‖ (1 where either is 0).

use std::ops::Range;

use libm::pow;
use sweep_settings::{SettingError, Settings};

use super::arithmetic::{flush, norm};
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, betas, eps, weight_decay};

pub(super) const LAMB: Entry<Lamb> =
    Entry { name: "lamb", settings: &[BETA1, BETA2, BETAS, EPS], by_sign: None, read };

fn read(settings: &Settings) -> Result<Lamb, SettingError> {
    let (beta1, beta2) = betas(settings, 0.999)?;
    Ok(Lamb { beta1, beta2, eps: eps(settings, 1e-6)?, weight_decay: weight_decay(settings)? })
}

/// Hyperparameters of LAMB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lamb {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
}

impl UpdateRule for Lamb {
    fn buffers(&self) -> usize {
        2
    }

    // `gradient` is left as the direction r.
    #[inline(always)]
    fn step(
        &self,
        memory: &mut Memory,
        blocks: &[Range<usize>],
        params: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
    ) {
        let t = memory.step as f64;
        let size = (1.0 / (1.0 - pow(self.beta1, t))) as f32;
        let root = (1.0 / (1.0 - pow(self.beta2, t)).sqrt()) as f32;
        let (beta1, beta2, eps) = (self.beta1 as f32, self.beta2 as f32, self.eps as f32);
        let decay = self.weight_decay as f32;
        let [m, v] = memory.split();
        for (((p, g), m), v) in params.iter().zip(gradient.iter_mut()).zip(m).zip(v) {
            *m = flush(beta1 * *m + (1.0 - beta1) * *g);
            *v = flush(beta2 * *v + (1.0 - beta2) * *g * *g);
            *g = size * *m / (v.sqrt() * root + eps) + decay * p;
        }
        for block in blocks {
            let own = (params.get_mut(block.clone()), gradient.get(block.clone()));
            let (Some(params), Some(direction)) = own else { continue };
            let (weight, length) = (norm(params), norm(direction));
            let trust = if weight > 0.0 && length > 0.0 { weight / length } else { 1.0 };
            let rate = (rate * trust) as f32;
            for (p, r) in params.iter_mut().zip(direction) {
                *p = flush(*p - rate * r);
            }
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
