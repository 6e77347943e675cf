//! Cyclic learning rates (Smith 2017, "Cyclical learning rates for training neural networks", §3).

use libm::pow;

use sweep_settings::{Kind, Setting, SettingError};

use super::course::{At, Course};
use super::reader::{Reader, entry};

const UNDER: &[&str] = &["cyclic"];

const BASE: Setting = entry(
    "schedule.cyclic.base",
    Kind::Float { low: 0.0, high: 1.0, closed: (false, false) },
    Some("0.1"),
    UNDER,
    "lowest rate of each cycle, as a share of lr",
);
const UP: Setting = entry(
    "schedule.cyclic.up",
    Kind::Length,
    None,
    UNDER,
    "length of the rise [default: an eighth of the run after the warmup]",
);
const DOWN: Setting = entry(
    "schedule.cyclic.down",
    Kind::Length,
    None,
    UNDER,
    "length of the fall [default: that of the rise]",
);
const MODE: Setting = entry(
    "schedule.cyclic.mode",
    Kind::Choice(&["triangular", "triangular2", "exp_range"]),
    Some("triangular"),
    UNDER,
    "amplitude of the cycles: constant, halved each cycle, or multiplied by gamma each step",
);
const GAMMA: Setting = entry(
    "schedule.cyclic.gamma",
    Kind::FACTOR,
    None,
    UNDER,
    "factor on the amplitude per step under exp_range [default: ends at a tenth]",
);

pub(super) const SETTINGS: &[Setting] = &[BASE, UP, DOWN, MODE, GAMMA];

/// How the amplitude shrinks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Swing {
    /// Not at all.
    Equal,
    /// By half each cycle.
    Halved,
    /// By this factor each step.
    Falling(f64),
}

/// A triangle wave between `base` and 1, as a share of `lr`; lengths in steps.
#[derive(Clone, Debug)]
pub(super) struct Cyclic {
    pub base: f64,
    pub up: f64,
    pub down: f64,
    pub swing: Swing,
    /// The range of the momentum, which moves opposite to the rate, if it changes.
    pub momentum: Option<(f64, f64)>,
}

impl Cyclic {
    /// The share of `lr` at step `t` of the schedule.
    pub fn share(&self, t: f64) -> f64 {
        self.base + (1.0 - self.base) * self.height(t)
    }

    /// The height of the wave at step `t`, 0 at the lowest rate and 1 at a full peak.
    pub fn height(&self, t: f64) -> f64 {
        let total = self.up + self.down;
        let cycle = (t / total).floor();
        let (within, rise) = (t / total - cycle, self.up / total);
        let height = if within <= rise { within / rise } else { (within - 1.0) / (rise - 1.0) };
        match self.swing {
            Swing::Equal => height,
            Swing::Halved => height * pow(0.5, cycle),
            Swing::Falling(gamma) => height * pow(gamma, t),
        }
    }
}

impl Course for Cyclic {
    fn rate(&self, lr: f64, at: At<'_>) -> f64 {
        lr * self.share(at.t)
    }

    fn momentum(&self, at: At<'_>) -> Option<f64> {
        self.momentum.map(|(base, max)| max - (max - base) * self.height(at.t))
    }
}

/// Reads `schedule=cyclic`.
pub(super) fn read(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    // Whole steps, so that the peak is reached.
    let up = read.length(&UP)?.unwrap_or(read.left / 8.0).round().max(1.0);
    let down = read.length(&DOWN)?.unwrap_or(up).round().max(1.0);
    let falling = || match read.given(&GAMMA) {
        true => Ok(Swing::Falling(read.number(&GAMMA)?)),
        false => Ok(Swing::Falling(pow(0.1, 1.0 / read.left))),
    };
    let meanings = [("triangular", Swing::Equal), ("triangular2", Swing::Halved), ("exp_range", falling()?)];
    let swing = read.choice(&MODE, &meanings)?;
    Ok(Box::new(Cyclic { base: read.number(&BASE)?, up, down, swing, momentum: None }))
}
