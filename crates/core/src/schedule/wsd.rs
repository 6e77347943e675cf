//! Warmup-stable-decay, the trapezoid (Hu et al. 2024, MiniCPM, §4; Hägele et al. 2024): the rate stays at `lr` and
//! falls only over the last steps.

use std::f64::consts::PI;

use libm::cos;

use sweep_settings::{Kind, Setting, SettingError};

use super::course::{At, Course};
use super::reader::{Reader, entry};

const DECAY: Setting = entry(
    "schedule.wsd.decay",
    Kind::Length,
    Some("20%"),
    &["wsd"],
    "length of the decay at the end of the run",
);
const FORM: Setting = entry(
    "schedule.wsd.form",
    Kind::Choice(&["linear", "sqrt", "cosine"]),
    Some("linear"),
    &["wsd"],
    "shape of the decay; sqrt is 1 − √(share of the decay done)",
);
const END: Setting = entry(
    "schedule.wsd.end",
    Kind::BELOW_ONE,
    Some("0"),
    &["wsd"],
    "rate at the end of the decay, as a share of lr",
);

pub(super) const SETTINGS: &[Setting] = &[DECAY, FORM, END];

/// The shape of the decay.
#[derive(Clone, Copy, Debug)]
enum Form {
    Linear,
    Sqrt,
    Cosine,
}

/// A trapezoid as a share of `lr`: 1 up to step `start`, then falling to `end`, which step start + over would reach.
/// The last update comes one step earlier, so its rate is above `end`.
#[derive(Clone, Debug)]
struct Wsd {
    start: f64,
    over: f64,
    form: Form,
    end: f64,
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
}

impl Course for Wsd {
    fn rate(&self, lr: f64, at: At<'_>) -> f64 {
        lr * self.share(at.t)
    }
}

/// Reads `schedule=wsd`.
pub(super) fn read(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let mut over = read.length(&DECAY)?.unwrap_or(read.left);
    if !read.given(&DECAY) {
        over = over.min(read.left);
    }
    if over > read.left {
        let why = format!("is longer than the {} steps that the warmup leaves", read.left);
        return Err(read.refuse(&DECAY, &why));
    }
    let forms = [("linear", Form::Linear), ("sqrt", Form::Sqrt), ("cosine", Form::Cosine)];
    let form = read.choice(&FORM, &forms)?;
    Ok(Box::new(Wsd { start: read.left - over, over, form, end: read.number(&END)? }))
}
