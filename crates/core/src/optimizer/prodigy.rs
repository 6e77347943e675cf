//! Prodigy (Mishchenko & Defazio 2024, algorithm 4), as the authors' `prodigyopt` computes it: AdamW that finds its
//! own rate. The distance D to the solution is estimated from below by d, and the rate is d·`lr`, with `lr` = 1.
//!
//! The first moves are a millionth of the parameters, where θ₀ − θ in f32 would be rounding error and the estimate
//! with it. So the way gone so far has a buffer of its own, and θ is θ₀ plus that.

use std::ops::Range;

use libm::pow;
use sweep_settings::{Kind, Scale, Setting, SettingError, Settings};

use super::arithmetic::{copy, flush, sum};
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{BETA1, BETA2, BETAS, EPS, betas, eps, weight_decay};

const BETA3: Setting = Setting::new(
    "optimizer.prodigy.beta3",
    Kind::BELOW_ONE,
    "decay of the sums that the rate is estimated from; the root of beta2 unless given",
);

const D0: Setting = Setting::new("optimizer.prodigy.d0", Kind::POSITIVE, "first estimate of the rate")
    .or("1e-6")
    .on(Scale::Log);

const D_COEF: Setting =
    Setting::new("optimizer.prodigy.d_coef", Kind::POSITIVE, "factor on the estimate").or("1").on(Scale::Log);

const GROWTH: Setting = Setting::new(
    "optimizer.prodigy.growth_rate",
    Kind::Float { low: 1.0, high: f64::INFINITY, closed: (false, false) },
    "largest factor by which the estimate grows in a step; any unless given",
);

const CORRECTION: Setting =
    Setting::new("optimizer.prodigy.use_bias_correction", Kind::Flag, "Adam's correction of the first steps")
        .or("false");

const SAFEGUARD: Setting =
    Setting::new("optimizer.prodigy.safeguard_warmup", Kind::Flag, "keep a warmup out of the estimate")
        .or("false");

pub(super) const PRODIGY: Entry<Prodigy> = Entry {
    name: "prodigy",
    settings: &[BETA1, BETA2, BETAS, EPS, BETA3, D0, D_COEF, GROWTH, CORRECTION, SAFEGUARD],
    by_sign: None,
    read,
};

fn read(settings: &Settings) -> Result<Prodigy, SettingError> {
    let (beta1, beta2) = betas(settings, 0.999)?;
    Ok(Prodigy {
        beta1,
        beta2,
        beta3: settings.number(&BETA3)?.unwrap_or(beta2.sqrt()),
        eps: eps(settings, 1e-8)?,
        weight_decay: weight_decay(settings)?,
        d0: settings.required(&D0)?,
        d_coef: settings.required(&D_COEF)?,
        growth: settings.number(&GROWTH)?.unwrap_or(f64::INFINITY),
        bias_correction: settings.flag(&CORRECTION)?,
        safeguard_warmup: settings.flag(&SAFEGUARD)?,
    })
}

/// Hyperparameters of Prodigy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prodigy {
    pub beta1: f64,
    pub beta2: f64,
    /// The decay of the sums that d is estimated from; √β₂ as a rule.
    pub beta3: f64,
    pub eps: f64,
    pub weight_decay: f64,
    /// The first d.
    pub d0: f64,
    /// A factor on the estimate of d.
    pub d_coef: f64,
    /// The largest factor by which d grows in a step.
    pub growth: f64,
    pub bias_correction: bool,
    /// Leave `lr` out of the denominator of the estimate, for warmups.
    pub safeguard_warmup: bool,
}

impl Prodigy {
    /// Adam's moments of d·g, and the sum of gradients.
    #[inline(always)]
    fn moments(&self, gradient: &[f32], [m, v, s]: [&mut [f32]; 3], (d, of_sum): (f64, f64)) {
        let (beta1, beta2, beta3) = (self.beta1 as f32, self.beta2 as f32, self.beta3 as f32);
        let of_first = (d * (1.0 - self.beta1)) as f32;
        let of_second = (d * d * (1.0 - self.beta2)) as f32;
        let of_sum = of_sum as f32;
        for (((g, m), v), s) in gradient.iter().zip(m).zip(v).zip(s) {
            *m = flush(beta1 * *m + of_first * g);
            *v = flush(beta2 * *v + of_second * g * g);
            *s = flush(beta3 * *s + of_sum * g);
        }
    }
}

impl UpdateRule for Prodigy {
    fn buffers(&self) -> usize {
        // First moment, second moment, the sum s of gradients, θ₀, and the way θ − θ₀.
        5
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
        let (first, [d, d_max, numerator]) = (memory.first(), memory.numbers);
        let (d, d_max) = if first { (self.d0, self.d0) } else { (d, d_max) };
        let [m, v, s, start, way] = memory.split();
        if first {
            copy(params, start);
        }
        let correction = (1.0 - pow(self.beta2, t)).sqrt() / (1.0 - pow(self.beta1, t));
        let size = d * rate * if self.bias_correction { correction } else { 1.0 };
        let product = -sum([gradient, way], |[g, way]| g * way);
        let numerator = self.beta3 * numerator + d / self.d0 * size * product;
        let of_sum = d / self.d0 * if self.safeguard_warmup { d } else { size };
        self.moments(gradient, [&mut *m, &mut *v, &mut *s], (d, of_sum));
        let denominator = sum([s], |[s]| s.abs());
        // Without a gradient there has been no progress and there is no estimate.
        if denominator == 0.0 {
            memory.step -= 1;
            return;
        }
        let estimate = self.d_coef * numerator / denominator;
        let larger = d_max.max(estimate);
        let grown = if d == self.d0 { d.max(estimate) } else { d };
        let next = larger.min(grown * self.growth);
        let (size, decay, eps) = (size as f32, (self.weight_decay * size) as f32, (next * self.eps) as f32);
        for ((((p, m), v), start), way) in params.iter_mut().zip(m).zip(v).zip(start).zip(way) {
            *way = flush(*way - size * *m / (v.sqrt() + eps) - decay * *p);
            *p = flush(*start + *way);
        }
        memory.numbers = [next, larger, numerator];
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.beta1 = momentum;
    }
}
