//! RMSprop (Hinton's lecture 6e; centered: Graves 2013), as PyTorch computes it: s ← αs + (1−α)g², and
//! θ ← θ − η·g/(√s + ε), or with momentum through b ← μb + g/(√s + ε).

use std::ops::Range;

use sweep_settings::{Kind, Scale, Setting, SettingError, Settings};

use super::arithmetic::flush;
use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::{EPS, MOMENTUM, eps, has_momentum, weight_decay};

const ALPHA: Setting = Setting::new("optimizer.rmsprop.alpha", Kind::BELOW_ONE, "decay of the mean square")
    .or("0.99")
    .on(Scale::OneMinus);

const CENTERED: Setting =
    Setting::new("centered", Kind::Flag, "divide by the deviation from the mean gradient").or("false");

pub(super) const RMSPROP: Entry<Rmsprop> =
    Entry { name: "rmsprop", settings: &[MOMENTUM, EPS, CENTERED, ALPHA], by_sign: None, read };

fn read(settings: &Settings) -> Result<Rmsprop, SettingError> {
    Ok(Rmsprop {
        alpha: settings.required(&ALPHA)?,
        eps: eps(settings, 1e-8)?,
        weight_decay: weight_decay(settings)?,
        momentum: settings.required(&MOMENTUM)?,
        centered: settings.flag(&CENTERED)?,
        buffered: has_momentum(settings)?,
    })
}

/// Hyperparameters of RMSprop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rmsprop {
    pub alpha: f64,
    pub eps: f64,
    pub weight_decay: f64,
    pub momentum: f64,
    /// Subtract the square of the mean gradient.
    pub centered: bool,
    /// Whether there is a buffer for the momentum.
    pub buffered: bool,
}

/// RMSprop's numbers of one update, in f32.
#[derive(Clone, Copy)]
struct Numbers {
    alpha: f32,
    eps: f32,
    decay: f32,
    momentum: f32,
    rate: f32,
}

impl Numbers {
    /// The gradient over its root mean square.
    #[inline(always)]
    fn scaled(self, p: f32, g: f32, square: &mut f32) -> f32 {
        let g = g + self.decay * p;
        *square = flush(self.alpha * *square + (1.0 - self.alpha) * g * g);
        g / (square.sqrt() + self.eps)
    }

    /// The gradient over its standard deviation, which rounding must not make the root of a negative number.
    #[inline(always)]
    fn centered(self, p: f32, g: f32, square: &mut f32, mean: &mut f32) -> f32 {
        let g = g + self.decay * p;
        *square = flush(self.alpha * *square + (1.0 - self.alpha) * g * g);
        *mean = flush(self.alpha * *mean + (1.0 - self.alpha) * g);
        let variance = *square - *mean * *mean;
        let variance = if variance < 0.0 { 0.0 } else { variance };
        g / (variance.sqrt() + self.eps)
    }

    #[inline(always)]
    fn moved(self, p: f32, scaled: f32, velocity: &mut f32) -> f32 {
        *velocity = flush(self.momentum * *velocity + scaled);
        flush(p - self.rate * *velocity)
    }
}

impl UpdateRule for Rmsprop {
    fn buffers(&self) -> usize {
        // Squares, then means, then momentum.
        1 + usize::from(self.centered) + usize::from(self.buffered)
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
        let numbers = Numbers {
            alpha: self.alpha as f32,
            eps: self.eps as f32,
            decay: self.weight_decay as f32,
            momentum: self.momentum as f32,
            rate: rate as f32,
        };
        let pairs = params.iter_mut().zip(gradient.iter());
        match (self.centered, self.buffered) {
            (false, false) => {
                let [square] = memory.split();
                for ((p, g), s) in pairs.zip(square) {
                    *p = flush(*p - numbers.rate * numbers.scaled(*p, *g, s));
                }
            }
            (false, true) => {
                let [square, velocity] = memory.split();
                for (((p, g), s), v) in pairs.zip(square).zip(velocity) {
                    *p = numbers.moved(*p, numbers.scaled(*p, *g, s), v);
                }
            }
            (true, false) => {
                let [square, mean] = memory.split();
                for (((p, g), s), mean) in pairs.zip(square).zip(mean) {
                    *p = flush(*p - numbers.rate * numbers.centered(*p, *g, s, mean));
                }
            }
            (true, true) => {
                let [square, mean, velocity] = memory.split();
                for ((((p, g), s), mean), v) in pairs.zip(square).zip(mean).zip(velocity) {
                    *p = numbers.moved(*p, numbers.centered(*p, *g, s, mean), v);
                }
            }
        }
    }

    fn set_momentum(&mut self, momentum: f64) {
        self.momentum = momentum;
    }
}
