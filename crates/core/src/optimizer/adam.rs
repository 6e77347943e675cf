//! Adam (Kingma & Ba 2015), AMSGrad (Reddi et al. 2018) and AdamW (Loshchilov & Hutter 2019), as PyTorch computes
//! them: θ ← θ − η/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε).

use std::ops::Range;

use libm::pow;
use sweep_settings::{Kind, Setting, SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, WEIGHT_DECAY, betas, eps, weight_decay};

const AMSGRAD: Setting =
    Setting::new("amsgrad", Kind::Flag, "divide by the largest second moment so far").or("false");

pub(super) const ADAM: Entry<Adam> = Entry {
    name: "adam",
    settings: &[BETA1, BETA2, BETAS, EPS, AMSGRAD],
    by_sign: Some(true),
    read: |settings| read(settings, false, weight_decay(settings)?),
};

pub(super) const ADAMW: Entry<Adam> = Entry {
    name: "adamw",
    read: |settings| read(settings, true, settings.number(&WEIGHT_DECAY)?.unwrap_or(0.01)),
    ..ADAM
};

fn read(settings: &Settings, decoupled: bool, weight_decay: f64) -> Result<Adam, SettingError> {
    let (beta1, beta2) = betas(settings, 0.999)?;
    let (eps, amsgrad) = (eps(settings, 1e-8)?, settings.flag(&AMSGRAD)?);
    Ok(Adam { beta1, beta2, eps, weight_decay, decoupled, amsgrad })
}

/// Hyperparameters of Adam's kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adam {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
    /// Decay the weights themselves (AdamW) rather than add λθ to the gradient.
    pub decoupled: bool,
    /// Divide by the largest v so far.
    pub amsgrad: bool,
}

/// Adam's numbers of one update, in f32.
#[derive(Clone, Copy)]
struct Numbers {
    beta1: f32,
    beta2: f32,
    keep: f32,
    coupled: f32,
    size: f32,
    root: f32,
    eps: f32,
}

impl Numbers {
    /// Renews the moments of one parameter and returns the second.
    #[inline(always)]
    fn moments(self, p: f32, g: f32, m: &mut f32, v: &mut f32) -> f32 {
        let g = g + self.coupled * p;
        *m = flush(self.beta1 * *m + (1.0 - self.beta1) * g);
        *v = flush(self.beta2 * *v + (1.0 - self.beta2) * g * g);
        *v
    }

    /// The parameter after the update.
    #[inline(always)]
    fn moved(self, p: f32, m: f32, v: f32) -> f32 {
        flush(self.keep * p - self.size * m / (v.sqrt() * self.root + self.eps))
    }
}

impl UpdateRule for Adam {
    fn buffers(&self) -> usize {
        if self.amsgrad { 3 } else { 2 }
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
        let decay = if self.decoupled { rate * self.weight_decay } else { 0.0 };
        let numbers = Numbers {
            beta1: self.beta1 as f32,
            beta2: self.beta2 as f32,
            keep: (1.0 - decay) as f32,
            coupled: if self.decoupled { 0.0 } else { self.weight_decay as f32 },
            size: (rate / (1.0 - pow(self.beta1, t))) as f32,
            root: (1.0 / (1.0 - pow(self.beta2, t)).sqrt()) as f32,
            eps: self.eps as f32,
        };
        if self.amsgrad {
            let [m, v, largest] = memory.split();
            for ((((p, g), m), v), largest) in
                params.iter_mut().zip(gradient.iter()).zip(m).zip(v).zip(largest)
            {
                *largest = largest.max(numbers.moments(*p, *g, m, v));
                *p = numbers.moved(*p, *m, *largest);
            }
        } else {
            let [m, v] = memory.split();
            for (((p, g), m), v) in params.iter_mut().zip(gradient.iter()).zip(m).zip(v) {
                numbers.moments(*p, *g, m, v);
                *p = numbers.moved(*p, *m, *v);
            }
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
