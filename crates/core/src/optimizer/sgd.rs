//! Stochastic gradient descent with momentum, Nesterov's momentum, dampening and coupled weight decay, as PyTorch
//! defines them: v ← μv + (1−τ)(g + λθ), θ ← θ − ηv; the first v is g + λθ whatever the dampening.

use std::ops::Range;

use sweep_settings::{Kind, Setting, SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{MOMENTUM, has_momentum, weight_decay};

const NESTEROV: Setting =
    Setting::new("nesterov", Kind::Flag, "Nesterov's momentum, which looks ahead").or("false");

const DAMPENING: Setting =
    Setting::new("dampening", Kind::BELOW_ONE, "share of the gradient that momentum leaves out").or("0");

pub(super) const SGD: Entry<Sgd> =
    Entry { name: "sgd", settings: &[MOMENTUM, NESTEROV, DAMPENING], by_sign: Some(false), read };

fn read(settings: &Settings) -> Result<Sgd, SettingError> {
    let rule = Sgd {
        momentum: settings.required(&MOMENTUM)?,
        dampening: settings.required(&DAMPENING)?,
        nesterov: settings.flag(&NESTEROV)?,
        weight_decay: weight_decay(settings)?,
        buffered: has_momentum(settings)?,
    };
    if rule.nesterov && (!rule.buffered || rule.dampening > 0.0) {
        return Err(settings.error(&NESTEROV, "needs a momentum above 0 and no dampening"));
    }
    Ok(rule)
}

/// Hyperparameters of SGD.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sgd {
    pub momentum: f64,
    pub dampening: f64,
    pub nesterov: bool,
    pub weight_decay: f64,
    /// Whether there is a buffer; without one the momentum stays 0.
    pub buffered: bool,
}

impl UpdateRule for Sgd {
    fn buffers(&self) -> usize {
        usize::from(self.buffered)
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
        if !self.buffered {
            for (p, g) in params.iter_mut().zip(gradient.iter()) {
                *p = flush(*p - rate * (g + decay * *p));
            }
            return;
        }
        let taken = if memory.first() { 1.0 } else { (1.0 - self.dampening) as f32 };
        let momentum = self.momentum as f32;
        let [velocity] = memory.split();
        if self.nesterov {
            for ((p, g), v) in params.iter_mut().zip(gradient.iter()).zip(velocity) {
                let g = g + decay * *p;
                *v = flush(momentum * *v + taken * g);
                *p = flush(*p - rate * (g + momentum * *v));
            }
        } else {
            for ((p, g), v) in params.iter_mut().zip(gradient.iter()).zip(velocity) {
                let g = g + decay * *p;
                *v = flush(momentum * *v + taken * g);
                *p = flush(*p - rate * *v);
            }
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.momentum = momentum;
    }

    fn plain(&self) -> bool {
        !self.buffered && self.weight_decay == 0.0
    }
}
