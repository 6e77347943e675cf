//! Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): θ ← (1−ηλ)θ − η·sign(β₁m + (1−β₁)g),
//! m ← β₂m + (1−β₂)g.

use std::ops::Range;

use sweep_settings::{SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, betas, weight_decay};

pub(super) const LION: Entry<Lion> =
    Entry { name: "lion", settings: &[BETA1, BETA2, BETAS], by_sign: Some(true), read };

fn read(settings: &Settings) -> Result<Lion, SettingError> {
    let (beta1, beta2) = betas(settings, 0.99)?;
    Ok(Lion { beta1, beta2, weight_decay: weight_decay(settings)? })
}

/// Hyperparameters of Lion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lion {
    pub beta1: f64,
    pub beta2: f64,
    pub weight_decay: f64,
}

impl UpdateRule for Lion {
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
        let keep = (1.0 - rate * self.weight_decay) as f32;
        let (rate, beta1, beta2) = (rate as f32, self.beta1 as f32, self.beta2 as f32);
        let [m] = memory.split();
        for ((p, g), m) in params.iter_mut().zip(gradient.iter()).zip(m) {
            let blend = beta1 * *m + (1.0 - beta1) * g;
            // No direction where the blend is 0; a NaN goes through.
            let step = if blend == 0.0 { blend } else { rate.copysign(blend) + 0.0 * blend };
            *p = flush(keep * *p - step);
            *m = flush(beta2 * *m + (1.0 - beta2) * g);
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
