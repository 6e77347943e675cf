//! Adagrad (Duchi et al. 2011), as PyTorch computes it: s ← s + g², θ ← θ − η/(1+(t−1)δ)·g/(√s + ε).

use std::ops::Range;

use sweep_settings::{Kind, Setting, SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{EPS, eps, weight_decay};

const LR_DECAY: Setting =
    Setting::new("optimizer.adagrad.lr_decay", Kind::FROM_ZERO, "the rate at step t is lr/(1 + lr_decay·t)")
        .or("0");

const INITIAL: Setting = Setting::new(
    "optimizer.adagrad.initial_accumulator_value",
    Kind::FROM_ZERO,
    "what the sum of squares begins with",
)
.or("0");

pub(super) const ADAGRAD: Entry<Adagrad> =
    Entry { name: "adagrad", settings: &[EPS, LR_DECAY, INITIAL], by_sign: None, read };

fn read(settings: &Settings) -> Result<Adagrad, SettingError> {
    Ok(Adagrad {
        eps: eps(settings, 1e-10)?,
        weight_decay: weight_decay(settings)?,
        lr_decay: settings.required(&LR_DECAY)?,
        initial: settings.required(&INITIAL)?,
    })
}

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

impl UpdateRule for Adagrad {
    fn buffers(&self) -> usize {
        1
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
        let rate = (rate / (1.0 + (memory.step as f64 - 1.0) * self.lr_decay)) as f32;
        let (eps, decay) = (self.eps as f32, self.weight_decay as f32);
        let [sum] = memory.split();
        for ((p, g), s) in params.iter_mut().zip(gradient.iter()).zip(sum) {
            let g = g + decay * *p;
            *s = flush(*s + g * g);
            *p = flush(*p - rate * g / (s.sqrt() + eps));
        }
    }

    fn initial(&self) -> f32 {
        self.initial as f32
    }
}
