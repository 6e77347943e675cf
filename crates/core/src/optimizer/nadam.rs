//! NAdam (Dozat 2016), as PyTorch computes it: Adam whose momentum looks ahead, with μₜ = β₁(1 − ½·0.96^(tψ)).

use std::ops::Range;

use libm::pow;
use sweep_settings::{Kind, Setting, SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, betas, eps, weight_decay};

const MOMENTUM_DECAY: Setting =
    Setting::new("optimizer.nadam.momentum_decay", Kind::FROM_ZERO, "how fast the momentum rises to beta1")
        .or("0.004");

pub(super) const NADAM: Entry<Nadam> =
    Entry { name: "nadam", settings: &[BETA1, BETA2, BETAS, EPS, MOMENTUM_DECAY], by_sign: Some(true), read };

fn read(settings: &Settings) -> Result<Nadam, SettingError> {
    let (beta1, beta2) = betas(settings, 0.999)?;
    let momentum_decay = settings.required(&MOMENTUM_DECAY)?;
    Ok(Nadam {
        beta1,
        beta2,
        eps: eps(settings, 1e-8)?,
        weight_decay: weight_decay(settings)?,
        momentum_decay,
    })
}

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

impl UpdateRule for Nadam {
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
        for (((p, g), m), v) in params.iter_mut().zip(gradient.iter()).zip(m).zip(v) {
            let g = g + decay * *p;
            *m = flush(beta1 * *m + (1.0 - beta1) * g);
            *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
            *p = flush(*p - (of_gradient * g + of_moment * *m) / (v.sqrt() * root + eps));
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
