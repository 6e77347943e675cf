//! Adamax (Kingma & Ba 2015, §7.1), as PyTorch computes it: u ← max(β₂u, |g| + ε), θ ← θ − η/(1−β₁ᵗ)·m/u.

use std::ops::Range;

use libm::pow;
use sweep_settings::{SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, betas, eps, weight_decay};

pub(super) const ADAMAX: Entry<Adamax> =
    Entry { name: "adamax", settings: &[BETA1, BETA2, BETAS, EPS], by_sign: Some(true), read };

fn read(settings: &Settings) -> Result<Adamax, SettingError> {
    let (beta1, beta2) = betas(settings, 0.999)?;
    Ok(Adamax { beta1, beta2, eps: eps(settings, 1e-8)?, weight_decay: weight_decay(settings)? })
}

/// Hyperparameters of Adamax.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adamax {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
}

impl UpdateRule for Adamax {
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
        let size = (rate / (1.0 - pow(self.beta1, memory.step as f64))) as f32;
        let (beta1, beta2, eps) = (self.beta1 as f32, self.beta2 as f32, self.eps as f32);
        let decay = self.weight_decay as f32;
        let [m, u] = memory.split();
        for (((p, g), m), u) in params.iter_mut().zip(gradient.iter()).zip(m).zip(u) {
            let g = g + decay * *p;
            *m = flush(beta1 * *m + (1.0 - beta1) * g);
            *u = (beta2 * *u).max(g.abs() + eps);
            *p = flush(*p - size * *m / *u);
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
