//! Cyclic learning rates (Smith 2017, "Cyclical learning rates for training neural networks", §3).

use libm::pow;

use super::reader::{FACTOR, Reader, entry};
use crate::SettingError;
use crate::settings::{Kind, Setting};

const UNDER: &[&str] = &["cyclic"];

pub(super) const BASE: Setting = entry(
    "schedule.cyclic.base",
    Kind::Float { low: 0.0, high: 1.0, closed: (false, false) },
    Some("0.1"),
    UNDER,
    "share of lr at the foot of each cycle",
);
pub(super) const UP: Setting = entry(
    "schedule.cyclic.up",
    Kind::Length,
    None,
    UNDER,
    "length of the way up; an eighth of what is left after the warmup unless given",
);
pub(super) const DOWN: Setting = entry(
    "schedule.cyclic.down",
    Kind::Length,
    None,
    UNDER,
    "length of the way down; as the way up unless given",
);
pub(super) const MODE: Setting = entry(
    "schedule.cyclic.mode",
    Kind::Choice(&["triangular", "triangular2", "exp_range"]),
    Some("triangular"),
    UNDER,
    "equal cycles, each swing half the one before, or swings falling by gamma a step",
);
pub(super) const GAMMA: Setting = entry(
    "schedule.cyclic.gamma",
    FACTOR,
    None,
    UNDER,
    "factor on the swing a step under exp_range; such that it ends at a tenth unless given",
);

/// How the swing shrinks.
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
}

impl Cyclic {
    /// The share of `lr` at step `t` of the schedule.
    pub fn share(&self, t: f64) -> f64 {
        self.base + (1.0 - self.base) * self.height(t)
    }

    /// The height of the wave at step `t`, 0 at the foot and 1 at a full peak.
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

    pub fn read(read: &Reader) -> Result<Cyclic, SettingError> {
        // Whole steps, so that the peak is reached.
        let up = read.length(&UP)?.unwrap_or(read.left / 8.0).round().max(1.0);
        let down = read.length(&DOWN)?.unwrap_or(up).round().max(1.0);
        let swing = match read.choice(&MODE)? {
            "triangular2" => Swing::Halved,
            "exp_range" if read.given(&GAMMA) => Swing::Falling(read.number(&GAMMA)?),
            "exp_range" => Swing::Falling(pow(0.1, 1.0 / read.left)),
            _ => Swing::Equal,
        };
        Ok(Cyclic { base: read.number(&BASE)?, up, down, swing })
    }
}
