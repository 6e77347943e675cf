//! Cosine decay, once or with restarts (Loshchilov & Hutter 2017, SGDR, eq. 5).

use std::f64::consts::PI;

use libm::{cos, log, pow};

use sweep_settings::{Kind, Setting, SettingError};

use super::course::{At, Course};
use super::reader::{Reader, entry};

const COSINE_END: Setting = entry(
    "schedule.cosine.end",
    Kind::BELOW_ONE,
    Some("0"),
    &["cosine"],
    "rate at the horizon, as a share of lr",
);
const COSINE_HORIZON: Setting = entry(
    "schedule.cosine.horizon",
    Kind::Length,
    None,
    &["cosine"],
    "length of the decay, after which the rate stays constant [default: the rest of the run after the warmup]",
);
const RESTARTS_FIRST: Setting = entry(
    "schedule.cosine_restarts.first",
    Kind::Length,
    None,
    &["cosine_restarts"],
    "length of the first cycle [default: three cycles fill the run after the warmup]",
);
const RESTARTS_MULT: Setting = entry(
    "schedule.cosine_restarts.mult",
    Kind::FROM_ONE,
    Some("2"),
    &["cosine_restarts"],
    "ratio of the length of each cycle to the previous one",
);
const RESTARTS_DECAY: Setting = entry(
    "schedule.cosine_restarts.decay",
    Kind::FACTOR,
    Some("1"),
    &["cosine_restarts"],
    "factor applied to the peak at each restart",
);
const RESTARTS_END: Setting = entry(
    "schedule.cosine_restarts.end",
    Kind::BELOW_ONE,
    Some("0"),
    &["cosine_restarts"],
    "rate at the end of each cycle, as a share of lr",
);

pub(super) const ONCE: &[Setting] = &[COSINE_END, COSINE_HORIZON];
pub(super) const RESTARTS: &[Setting] = &[RESTARTS_FIRST, RESTARTS_MULT, RESTARTS_DECAY, RESTARTS_END];

/// A cosine as a share of `lr`.
#[derive(Clone, Debug)]
pub(super) enum Cosine {
    /// end + ½(1−end)(1+cos πt/over); past `over` it stays constant, or rises again if `periodic`, as in PyTorch.
    Once { over: f64, end: f64, periodic: bool },
    /// The same in cycles of first·multⁱ steps, with a peak of decayⁱ.
    Restarts { first: f64, mult: f64, decay: f64, end: f64 },
}

impl Cosine {
    /// The share of `lr` at step `t` of the schedule.
    pub fn share(&self, t: f64) -> f64 {
        match *self {
            Cosine::Once { over, end, periodic } => {
                let t = if periodic { t } else { t.min(over) };
                end + (1.0 - end) * 0.5 * (1.0 + cos(PI * t / over))
            }
            Cosine::Restarts { first, mult, decay, end } => {
                let (cycle, within) = cycle_at(t, first, mult);
                end + (1.0 - end) * pow(decay, cycle) * 0.5 * (1.0 + cos(PI * within))
            }
        }
    }
}

impl Course for Cosine {
    fn rate(&self, lr: f64, at: At<'_>) -> f64 {
        lr * self.share(at.t)
    }
}

/// Reads `schedule=cosine`.
pub(super) fn once(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let over = read.length(&COSINE_HORIZON)?.unwrap_or(read.left);
    Ok(Box::new(Cosine::Once { over, end: read.number(&COSINE_END)?, periodic: false }))
}

/// Reads `schedule=cosine_restarts`.
pub(super) fn restarts(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let mult = read.number(&RESTARTS_MULT)?;
    let three = read.left / (1.0 + mult + mult * mult);
    Ok(Box::new(Cosine::Restarts {
        first: read.length(&RESTARTS_FIRST)?.unwrap_or(three),
        mult,
        decay: read.number(&RESTARTS_DECAY)?,
        end: read.number(&RESTARTS_END)?,
    }))
}

/// The number of the cycle that `t` lies in and how far into it, 0 to 1, when the first is `first` steps long and
/// each is `mult` ≥ 1 times the one before.
fn cycle_at(t: f64, first: f64, mult: f64) -> (f64, f64) {
    let cycles = t / first;
    if mult == 1.0 {
        return (cycles.floor(), cycles.fract());
    }
    let start = |cycle: f64| (pow(mult, cycle) - 1.0) / (mult - 1.0);
    let mut cycle = (log(1.0 + cycles * (mult - 1.0)) / log(mult)).floor().max(0.0);
    // The logarithm may round to the wrong side of a restart by one.
    if cycle > 0.0 && start(cycle) > cycles {
        cycle -= 1.0;
    } else if start(cycle + 1.0) <= cycles {
        cycle += 1.0;
    }
    (cycle, (cycles - start(cycle)) / pow(mult, cycle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_fall_on_their_exact_steps() {
        for (first, mult) in [(4.0, 2.0), (7.0, 3.0), (10.0, 1.0)] {
            let (mut start, mut length) = (0.0, first);
            for cycle in 0..12 {
                assert_eq!(cycle_at(start, first, mult), (f64::from(cycle), 0.0), "{first} {mult}");
                let (number, within) = cycle_at(start + length - 1.0, first, mult);
                assert!(number == f64::from(cycle) && within < 1.0);
                start += length;
                length *= mult;
            }
        }
    }
}
