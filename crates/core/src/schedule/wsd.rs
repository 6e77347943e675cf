//! Warmup-stable-decay, the trapezoid (Hu et al. 2024, MiniCPM, §4; Hägele et al. 2024): the rate stays at `lr` and
//! falls over the last steps only.

use std::f64::consts::PI;

use libm::cos;

use super::reader::{Reader, SHARE, entry};
use crate::SettingError;
use crate::settings::{Kind, Setting};

pub(super) const DECAY: Setting = entry(
    "schedule.wsd.decay",
    Kind::Length,
    Some("20%"),
    &["wsd"],
    "length of the decay at the end of the run",
);
pub(super) const FORM: Setting = entry(
    "schedule.wsd.form",
    Kind::Choice(&["linear", "sqrt", "cosine"]),
    Some("linear"),
    &["wsd"],
    "form of the decay; sqrt is 1 − √(share of the decay done)",
);
pub(super) const END: Setting =
    entry("schedule.wsd.end", SHARE, Some("0"), &["wsd"], "share of lr that the decay leads to");

/// The form of the decay.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Linear,
    Sqrt,
    Cosine,
}

/// A trapezoid as a share of `lr`: 1 up to step `start`, then down to `end`, which step start + over would reach.
/// The last update comes one step earlier, so its rate is above `end`.
#[derive(Clone, Debug)]
pub(super) struct Wsd {
    pub start: f64,
    pub over: f64,
    pub form: Form,
    pub end: f64,
}

impl Wsd {
    /// The share of `lr` at step `t` of the schedule.
    pub fn share(&self, t: f64) -> f64 {
        let done = ((t - self.start) / self.over).clamp(0.0, 1.0);
        let height = match self.form {
            Form::Linear => 1.0 - done,
            Form::Sqrt => 1.0 - done.sqrt(),
            Form::Cosine => 0.5 * (1.0 + cos(PI * done)),
        };
        self.end + (1.0 - self.end) * height
    }

    pub fn read(read: &Reader) -> Result<Wsd, SettingError> {
        let mut over = read.length(&DECAY)?.unwrap_or(read.left);
        if !read.given(&DECAY) {
            over = over.min(read.left);
        }
        if over > read.left {
            let why = format!("is longer than the {} steps that the warmup leaves", read.left);
            return Err(read.refuse(&DECAY, &why));
        }
        let form = match read.choice(&FORM)? {
            "sqrt" => Form::Sqrt,
            "cosine" => Form::Cosine,
            _ => Form::Linear,
        };
        Ok(Wsd { start: read.left - over, over, form, end: read.number(&END)? })
    }
}
