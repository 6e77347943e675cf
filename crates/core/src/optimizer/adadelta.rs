//! Adadelta (Zeiler 2012), as PyTorch computes it: s ← ρs + (1−ρ)g², δ = √(d+ε)/√(s+ε)·g, d ← ρd + (1−ρ)δ²,
//! θ ← θ − ηδ.

use std::ops::Range;

use sweep_settings::{Kind, Scale, Setting, SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{EPS, eps, weight_decay};

const RHO: Setting = Setting::new("optimizer.adadelta.rho", Kind::BELOW_ONE, "decay of both mean squares")
    .or("0.9")
    .on(Scale::OneMinus);

pub(super) const ADADELTA: Entry<Adadelta> =
    Entry { name: "adadelta", settings: &[EPS, RHO], by_sign: None, read };

fn read(settings: &Settings) -> Result<Adadelta, SettingError> {
    let rho = settings.required(&RHO)?;
    Ok(Adadelta { rho, eps: eps(settings, 1e-6)?, weight_decay: weight_decay(settings)? })
}

/// Hyperparameters of Adadelta.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adadelta {
    pub rho: f64,
    pub eps: f64,
    pub weight_decay: f64,
}

impl UpdateRule for Adadelta {
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
        let (rate, decay) = (rate as f32, self.weight_decay as f32);
        let (rho, eps) = (self.rho as f32, self.eps as f32);
        let [square, delta] = memory.split();
        for (((p, g), s), d) in params.iter_mut().zip(gradient.iter()).zip(square).zip(delta) {
            let g = g + decay * *p;
            *s = flush(rho * *s + (1.0 - rho) * g * g);
            let change = (*d + eps).sqrt() / (*s + eps).sqrt() * g;
            *d = flush(rho * *d + (1.0 - rho) * change * change);
            *p = flush(*p - rate * change);
        }
    }
}
