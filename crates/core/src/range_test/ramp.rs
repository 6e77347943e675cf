//! The ramp: one update at each of a series of rising learning rates.

use std::collections::VecDeque;

use super::curve::REACH;
use super::smooth::smooth;
use crate::train::Run;

/// A ramp ends when its mean loss exceeds this many times the lowest one before (as in fastai's `LRFinder`).
const LIMIT: f64 = 4.0;

/// The minimum number of examples over which the loss is averaged to decide whether the ramp ends.
const WINDOW: usize = 256;

/// Minimum number of steps per decade of η.
const STEPS_A_DECADE: f64 = 8.0;

/// Minimum number of examples per decade of η.
const EXAMPLES_A_DECADE: f64 = 384.0;

/// Minimum number of steps of a ramp.
const FEWEST: f64 = 24.0;

/// How η rises: by a constant factor per step, from `low` in the first to `high` in the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// The first rate.
    pub low: f64,
    /// The last rate.
    pub high: f64,
    /// Number of updates.
    pub steps: u64,
}

/// The losses of a ramp, in order, without non-finite ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The rate of each update.
    pub lr: Vec<f64>,
    /// The mean loss of its batch before the update.
    pub loss: Vec<f64>,
    /// The rate at which the ramp ended early, because the loss was not finite or its mean over the last max(256, B)
    /// examples above four times the lowest such mean; `None` if the ramp completed.
    pub blown_up: Option<f64>,
}

impl Curve {
    /// The losses smoothed on ln η, for display.
    pub fn smoothed(&self) -> Vec<f64> {
        let x: Vec<f64> = self.lr.iter().map(|lr| lr.ln()).collect();
        smooth(&x, &self.loss, REACH.0).iter().map(|fit| fit.value).collect()
    }
}

impl Ramp {
    /// The default range of a ramp.
    pub const RANGE: (f64, f64) = (1e-5, 10.0);

    /// The default number of steps of a ramp from `low` to `high`: eight per decade, or as many more as a small batch
    /// needs for 384 examples per decade, and at least 24 in total.
    ///
    /// The number matters: with more steps per decade, more is learned before a rate is reached, and the whole curve
    /// moves to lower rates. So a ramp is as short as the noise of its batches allows.
    pub fn default_steps((low, high): (f64, f64), batch: usize) -> u64 {
        let each = STEPS_A_DECADE.max(EXAMPLES_A_DECADE / batch as f64);
        ((high / low).log10() * each).ceil().max(FEWEST) as u64
    }

    /// The rate of update `step`, from 0.
    pub fn rate(&self, step: u64) -> f64 {
        let share = step as f64 / (self.steps.max(2) - 1) as f64;
        self.low * libm::pow(self.high / self.low, share)
    }

    /// Ramps `run`, whose batch size is `batch`, from its current state.
    pub(super) fn run(&self, run: &mut Run, batch: usize) -> Curve {
        let mut curve = Curve { lr: Vec::new(), loss: Vec::new(), blown_up: None };
        let wanted = WINDOW.div_ceil(batch).max(1);
        let mut window = VecDeque::with_capacity(wanted + 1);
        let mut best = f64::INFINITY;
        for step in 0..self.steps {
            let rate = self.rate(step);
            let loss = run.step_at(rate);
            if loss.is_finite() {
                curve.lr.push(rate);
                curve.loss.push(loss);
                window.push_back(loss);
            }
            if window.len() > wanted {
                window.pop_front();
            }
            let mean = window.iter().sum::<f64>() / window.len() as f64;
            if window.len() == wanted {
                best = best.min(mean);
            }
            if !loss.is_finite() || mean > LIMIT * best {
                curve.blown_up = Some(rate);
                break;
            }
        }
        curve
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_rises_by_a_constant_factor_from_end_to_end() {
        let ramp = Ramp { low: 1e-4, high: 1.0, steps: 5 };
        for (step, rate) in [1e-4, 1e-3, 1e-2, 1e-1, 1.0].into_iter().enumerate() {
            assert!((ramp.rate(step as u64) / rate - 1.0).abs() < 1e-12);
        }
        assert_eq!(Ramp { low: 0.1, high: 1.0, steps: 1 }.rate(0), 0.1);
    }

    #[test]
    fn small_batches_take_more_steps() {
        let steps = |batch| Ramp::default_steps((1e-5, 10.0), batch);
        assert_eq!([1, 8, 32, 64, 4096].map(steps), [2304, 288, 72, 48, 48]);
        assert_eq!(Ramp::default_steps((0.1, 1.0), 64), 24);
    }
}
