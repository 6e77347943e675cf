//! Schedule-free SGD and AdamW (Defazio et al. 2024, "The road less scheduled", algorithm 1), as the authors'
//! `schedulefree` computes them. The gradient is taken at y = (1−β)z + βx, where z makes the steps and x, their
//! weighted mean, is what is evaluated. The parameters hold y and the memory holds z; x = y + (1−1/β)(z−y).

use std::ops::Range;

use libm::pow;
use sweep_settings::{Kind, Setting, SettingError, Settings};

use super::arithmetic::{copy, flush};
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, betas, eps, weight_decay};

const POWER: Setting = Setting::new(
    "optimizer.schedule_free.weight_lr_power",
    Kind::FROM_ZERO,
    "power of the rate in the weight of a step in the mean",
)
.or("2");

const STEP_POWER: Setting = Setting::new(
    "optimizer.schedule_free.r",
    Kind::FROM_ZERO,
    "power of the step's number in its weight in the mean",
)
.or("0");

pub(super) const SGD: Entry<ScheduleFree> = Entry {
    name: "schedule_free_sgd",
    settings: &[BETA1, POWER, STEP_POWER],
    by_sign: None,
    read: |settings| read(settings, false),
};

pub(super) const ADAMW: Entry<ScheduleFree> = Entry {
    name: "schedule_free_adamw",
    settings: &[BETA1, BETA2, BETAS, EPS, POWER, STEP_POWER],
    by_sign: None,
    read: |settings| read(settings, true),
};

fn read(settings: &Settings, divides: bool) -> Result<ScheduleFree, SettingError> {
    let (beta, beta2) = betas(settings, 0.999)?;
    if beta == 0.0 {
        let why = "must be above 0: the mean of the weights is part of where the gradient is taken";
        return Err(settings.error(&BETA1, why));
    }
    let divisor = Divisor { beta2, eps: eps(settings, 1e-8)? };
    Ok(ScheduleFree {
        beta,
        weight_decay: weight_decay(settings)?,
        weight_lr_power: settings.required(&POWER)?,
        r: settings.required(&STEP_POWER)?,
        divisor: divides.then_some(divisor),
    })
}

/// Hyperparameters of the schedule-free rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScheduleFree {
    /// β, the share of the mean in the point where the gradient is taken.
    pub beta: f64,
    pub weight_decay: f64,
    /// The power of the largest rate so far in the weight of a step.
    pub weight_lr_power: f64,
    /// The power of the step's number in its weight.
    pub r: f64,
    /// AdamW's divisor, where there is one.
    pub divisor: Option<Divisor>,
}

/// What divides the gradient: √v̂ + ε.
#[derive(Clone, Copy, Debug)]
pub(super) struct Divisor {
    pub beta2: f64,
    pub eps: f64,
}

impl ScheduleFree {
    /// The share of this step in the mean. Keeps the sum of the weights and the largest rate so far.
    fn share(&self, memory: &mut Memory, rate: f64) -> f64 {
        let [sum, largest, _] = &mut memory.numbers;
        *largest = largest.max(rate);
        let weight = pow(memory.step as f64, self.r) * pow(*largest, self.weight_lr_power);
        *sum += weight;
        if *sum > 0.0 { weight / *sum } else { 0.0 }
    }
}

impl UpdateRule for ScheduleFree {
    fn buffers(&self) -> usize {
        // z, then v.
        1 + usize::from(self.divisor.is_some())
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
        let share = self.share(memory, rate);
        let of_y = (rate * (self.beta * (1.0 - share) - 1.0)) as f32;
        let (share, rate, decay) = (share as f32, rate as f32, self.weight_decay as f32);
        let (first, t) = (memory.first(), memory.step as f64);
        let [z, v] = memory.split();
        if first {
            copy(params, z);
        }
        let Some(Divisor { beta2, eps }) = self.divisor else {
            for ((y, g), z) in params.iter_mut().zip(gradient.iter()).zip(z) {
                let g = g + decay * *y;
                *y = flush(*y + share * (*z - *y) + of_y * g);
                *z = flush(*z - rate * g);
            }
            return;
        };
        let root = (1.0 / (1.0 - pow(beta2, t)).sqrt()) as f32;
        let (beta2, eps) = (beta2 as f32, eps as f32);
        for (((y, g), z), v) in params.iter_mut().zip(gradient.iter()).zip(z).zip(v) {
            *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
            let g = g / (v.sqrt() * root + eps) + decay * *y;
            *y = flush(*y + share * (*z - *y) + of_y * g);
            *z = flush(*z - rate * g);
        }
    }

    fn evaluates_mean(&self) -> bool {
        true
    }

    fn mean(&self, memory: &Memory, params: &[f32], mean: &mut Vec<f32>) {
        mean.clear();
        let weight = (1.0 - 1.0 / self.beta) as f32;
        mean.extend(params.iter().zip(memory.first_buffer()).map(|(y, z)| y + weight * (z - y)));
    }
}
