//! LARS (You et al. 2017, "Large batch training of convolutional networks"): momentum SGD whose every parameter
//! tensor has its own rate, η·q‖θ‖/(‖g‖ + λ‖θ‖). The decay is coupled and the momentum PyTorch's. A tensor that is
//! all zeros, or has no gradient, moves at η itself.

use std::ops::Range;

use sweep_settings::{Kind, Scale, Setting, SettingError, Settings};

use super::arithmetic::{flush, norm};
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{MOMENTUM, weight_decay};

const TRUST: Setting =
    Setting::new("optimizer.lars.trust", Kind::POSITIVE, "rate of a layer over its norm's ratio")
        .or("0.001")
        .on(Scale::Log);

pub(super) const LARS: Entry<Lars> =
    Entry { name: "lars", settings: &[MOMENTUM, TRUST], by_sign: None, read };

fn read(settings: &Settings) -> Result<Lars, SettingError> {
    let (momentum, trust) = (settings.required(&MOMENTUM)?, settings.required(&TRUST)?);
    Ok(Lars { momentum, weight_decay: weight_decay(settings)?, trust })
}

/// Hyperparameters of LARS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lars {
    pub momentum: f64,
    pub weight_decay: f64,
    /// q, the trust coefficient.
    pub trust: f64,
}

impl UpdateRule for Lars {
    fn buffers(&self) -> usize {
        1
    }

    #[inline(always)]
    fn step(
        &self,
        memory: &mut Memory,
        blocks: &[Range<usize>],
        params: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
    ) {
        let (rate, momentum, decay) = (rate as f32, self.momentum as f32, self.weight_decay as f32);
        let [velocity] = memory.split();
        for block in blocks {
            let own =
                (params.get_mut(block.clone()), gradient.get(block.clone()), velocity.get_mut(block.clone()));
            let (Some(params), Some(gradient), Some(velocity)) = own else { continue };
            let (weight, slope) = (norm(params), norm(gradient));
            let ratio = self.trust * weight / (slope + self.weight_decay * weight);
            let ratio = if weight > 0.0 && slope > 0.0 { ratio as f32 } else { 1.0 };
            for ((p, g), v) in params.iter_mut().zip(gradient.iter()).zip(velocity) {
                *v = flush(momentum * *v + ratio * (g + decay * *p));
                *p = flush(*p - rate * *v);
            }
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.momentum = momentum;
    }
}
