//! Rates that only fall: step, multistep, exponential, inverse-time, polynomial, linear, inverse square root.
//!
//! Each shape gives the share of `lr` in force at its own step t = 0, 1, 2 …, as PyTorch's and Keras' schedulers
//! define it, in closed form.

use libm::pow;

use sweep_settings::{Kind, Setting, SettingError};

use super::course::{At, Course};
use super::reader::{Reader, entry};

const STEP_SIZE: Setting = entry(
    "schedule.step.size",
    Kind::Length,
    None,
    &["step"],
    "length between two drops [default: a third of the run after the warmup]",
);
const STEP_GAMMA: Setting = entry(
    "schedule.step.gamma",
    Kind::FACTOR,
    Some("0.1"),
    &["step"],
    "factor applied to the rate at each drop",
);
const MILESTONES: Setting = entry(
    "schedule.multistep.milestones",
    Kind::List,
    Some("50%/75%"),
    &["multistep"],
    "points at which the rate drops, measured from the end of the warmup, joined by /, such as 30%/60%",
);
const MULTISTEP_GAMMA: Setting = entry(
    "schedule.multistep.gamma",
    Kind::FACTOR,
    Some("0.1"),
    &["multistep"],
    "factor applied to the rate at each drop",
);

const EXPONENTIAL_GAMMA: Setting = entry(
    "schedule.exponential.gamma",
    Kind::FACTOR,
    None,
    &["exponential"],
    "factor per period [default: the run ends at schedule.exponential.end]",
);
const EXPONENTIAL_EVERY: Setting = entry(
    "schedule.exponential.every",
    Kind::Length,
    Some("1ep"),
    &["exponential"],
    "period over which the rate falls by gamma",
);
const EXPONENTIAL_END: Setting = entry(
    "schedule.exponential.end",
    Kind::FACTOR,
    Some("0.01"),
    &["exponential"],
    "rate at the end of the run, as a share of lr",
);
const EXPONENTIAL_STAIRCASE: Setting = entry(
    "schedule.exponential.staircase",
    Kind::Flag,
    Some("false"),
    &["exponential"],
    "drop once per period instead of at every step",
);

const INVERSE_RATE: Setting = entry(
    "schedule.inverse_time.rate",
    Kind::POSITIVE,
    None,
    &["inverse_time"],
    "r in lr/(1 + r·periods) [default: the run ends at schedule.inverse_time.end]",
);
const INVERSE_EVERY: Setting = entry(
    "schedule.inverse_time.every",
    Kind::Length,
    Some("1ep"),
    &["inverse_time"],
    "length of one period of lr/(1 + r·periods)",
);
const INVERSE_END: Setting = entry(
    "schedule.inverse_time.end",
    Kind::FACTOR,
    Some("0.1"),
    &["inverse_time"],
    "rate at the end of the run, as a share of lr",
);
const INVERSE_STAIRCASE: Setting = entry(
    "schedule.inverse_time.staircase",
    Kind::Flag,
    Some("false"),
    &["inverse_time"],
    "drop once per period instead of at every step",
);

const POLYNOMIAL_POWER: Setting =
    entry("schedule.polynomial.power", Kind::POSITIVE, Some("2"), &["polynomial"], "exponent of the decay");
const POLYNOMIAL_END: Setting = entry(
    "schedule.polynomial.end",
    Kind::BELOW_ONE,
    Some("0"),
    &["polynomial"],
    "rate at the horizon, as a share of lr",
);
const POLYNOMIAL_HORIZON: Setting = entry(
    "schedule.polynomial.horizon",
    Kind::Length,
    None,
    &["polynomial"],
    "length of the decay, after which the rate stays constant [default: the rest of the run after the warmup]",
);
const POLYNOMIAL_CYCLE: Setting = entry(
    "schedule.polynomial.cycle",
    Kind::Flag,
    Some("false"),
    &["polynomial"],
    "past the horizon, extend it to its next multiple instead of keeping the rate constant",
);
const LINEAR_END: Setting = entry(
    "schedule.linear.end",
    Kind::BELOW_ONE,
    Some("0"),
    &["linear"],
    "rate at the horizon, as a share of lr",
);
const LINEAR_HORIZON: Setting = entry(
    "schedule.linear.horizon",
    Kind::Length,
    None,
    &["linear"],
    "length of the decay, after which the rate stays constant [default: the rest of the run after the warmup]",
);

const INVERSE_SQRT_TIMESCALE: Setting = entry(
    "schedule.inverse_sqrt.timescale",
    Kind::Length,
    None,
    &["inverse_sqrt", "noam"],
    "τ in lr·√(τ/(τ+t)) [default: the warmup, or 10% of the run without one]",
);

pub(super) const STEP: &[Setting] = &[STEP_SIZE, STEP_GAMMA];
pub(super) const MULTISTEP: &[Setting] = &[MILESTONES, MULTISTEP_GAMMA];
pub(super) const EXPONENTIAL: &[Setting] =
    &[EXPONENTIAL_GAMMA, EXPONENTIAL_EVERY, EXPONENTIAL_END, EXPONENTIAL_STAIRCASE];
pub(super) const INVERSE_TIME: &[Setting] = &[INVERSE_RATE, INVERSE_EVERY, INVERSE_END, INVERSE_STAIRCASE];
pub(super) const POLYNOMIAL: &[Setting] =
    &[POLYNOMIAL_POWER, POLYNOMIAL_END, POLYNOMIAL_HORIZON, POLYNOMIAL_CYCLE];
pub(super) const LINEAR: &[Setting] = &[LINEAR_END, LINEAR_HORIZON];
pub(super) const INVERSE_SQRT: &[Setting] = &[INVERSE_SQRT_TIMESCALE];

/// A falling rate as a share of `lr`.
#[derive(Clone, Debug)]
pub(super) enum Decay {
    /// γ^⌊t/size⌋.
    Step { size: f64, gamma: f64 },
    /// `shares[k]`, where k points of `at` are ≤ t.
    Piecewise { at: Vec<f64>, shares: Vec<f64> },
    /// γ^(t/every), the exponent rounded down under `staircase`.
    Exponential { gamma: f64, every: f64, staircase: bool },
    /// 1/(1 + rate·t/every), the fraction rounded down under `staircase`.
    InverseTime { rate: f64, every: f64, staircase: bool },
    /// (1−end)(1−t/over)^power + end up to `over`; `cycle` stretches `over` to its next multiple instead.
    Polynomial { over: f64, end: f64, power: f64, cycle: bool },
    /// From one share to another in equal differences, then staying.
    Linear { from: f64, to: f64, over: f64 },
    /// √(scale/(scale + t + ahead)).
    InverseSqrt { scale: f64, ahead: f64 },
}

impl Decay {
    /// The share of `lr` at step `t` of the schedule.
    pub fn share(&self, t: f64) -> f64 {
        let periods = |every: f64, staircase: bool| if staircase { (t / every).floor() } else { t / every };
        match *self {
            Decay::Step { size, gamma } => pow(gamma, (t / size).floor()),
            Decay::Piecewise { ref at, ref shares } => {
                let passed = at.partition_point(|point| *point <= t);
                shares.get(passed).or(shares.last()).copied().unwrap_or(1.0)
            }
            Decay::Exponential { gamma, every, staircase } => pow(gamma, periods(every, staircase)),
            Decay::InverseTime { rate, every, staircase } => 1.0 / (1.0 + rate * periods(every, staircase)),
            Decay::Polynomial { over, end, power, cycle } => {
                let over = if cycle { over * (t / over).ceil().max(1.0) } else { over };
                (1.0 - end) * pow(1.0 - t.min(over) / over, power) + end
            }
            Decay::Linear { from, to, over } => from + (to - from) * (t.min(over) / over),
            Decay::InverseSqrt { scale, ahead } => (scale / (scale + t + ahead)).sqrt(),
        }
    }
}

impl Course for Decay {
    fn rate(&self, lr: f64, at: At<'_>) -> f64 {
        lr * self.share(at.t)
    }
}

type Built = Result<Box<dyn Course>, SettingError>;

fn built(decay: Decay) -> Built {
    Ok(Box::new(decay))
}

/// Reads `schedule=step`.
pub(super) fn step(read: &Reader) -> Built {
    let size = read.length(&STEP_SIZE)?.unwrap_or(read.left / 3.0);
    built(Decay::Step { size, gamma: read.number(&STEP_GAMMA)? })
}

/// Reads `schedule=multistep`.
pub(super) fn multistep(read: &Reader) -> Built {
    let gamma = read.number(&MULTISTEP_GAMMA)?;
    let milestones = read.rising(&MILESTONES)?.unwrap_or_default();
    let at: Vec<f64> = milestones.into_iter().map(|length| read.steps(length)).collect();
    let shares = (0..=at.len()).map(|drops| pow(gamma, drops as f64)).collect();
    built(Decay::Piecewise { at, shares })
}

/// Reads `schedule=exponential`.
pub(super) fn exponential(read: &Reader) -> Built {
    let every = read.length(&EXPONENTIAL_EVERY)?.unwrap_or(1.0);
    let gamma = if read.given(&EXPONENTIAL_GAMMA) {
        exclusive(read, &EXPONENTIAL_GAMMA, &EXPONENTIAL_END)?;
        read.number(&EXPONENTIAL_GAMMA)?
    } else {
        pow(read.number(&EXPONENTIAL_END)?, every / read.left)
    };
    let staircase = read.settings.flag(&EXPONENTIAL_STAIRCASE)?;
    built(Decay::Exponential { gamma, every, staircase })
}

/// Reads `schedule=inverse_time`.
pub(super) fn inverse_time(read: &Reader) -> Built {
    let every = read.length(&INVERSE_EVERY)?.unwrap_or(1.0);
    let rate = if read.given(&INVERSE_RATE) {
        exclusive(read, &INVERSE_RATE, &INVERSE_END)?;
        read.number(&INVERSE_RATE)?
    } else {
        (1.0 / read.number(&INVERSE_END)? - 1.0) * every / read.left
    };
    let staircase = read.settings.flag(&INVERSE_STAIRCASE)?;
    built(Decay::InverseTime { rate, every, staircase })
}

/// Reads `schedule=polynomial`.
pub(super) fn polynomial(read: &Reader) -> Built {
    built(Decay::Polynomial {
        over: read.length(&POLYNOMIAL_HORIZON)?.unwrap_or(read.left),
        end: read.number(&POLYNOMIAL_END)?,
        power: read.number(&POLYNOMIAL_POWER)?,
        cycle: read.settings.flag(&POLYNOMIAL_CYCLE)?,
    })
}

/// Reads `schedule=linear`.
pub(super) fn linear(read: &Reader) -> Built {
    let over = read.length(&LINEAR_HORIZON)?.unwrap_or(read.left);
    built(Decay::Linear { from: 1.0, to: read.number(&LINEAR_END)?, over })
}

/// Vaswani et al. 2017, §5.3, scaled so that its peak is `lr`: after a warmup of w steps the rate of update s
/// (counted from 1) is lr·√(w/s).
pub(super) fn inverse_sqrt(read: &Reader) -> Built {
    let warmup = read.warmup;
    let own = if warmup > 0 { warmup as f64 } else { 0.1 * read.horizon.total_steps.max(1) as f64 };
    let scale = read.length(&INVERSE_SQRT_TIMESCALE)?.unwrap_or(own);
    built(Decay::InverseSqrt { scale, ahead: if warmup > 0 { 1.0 } else { 0.0 } })
}

/// Refuses `other` together with `of`, because both set how fast the rate falls.
fn exclusive(read: &Reader, of: &Setting, other: &Setting) -> Result<(), SettingError> {
    if read.given(other) {
        return Err(
            read.refuse(of, &format!("and {} both set how fast the rate falls; give one", other.name))
        );
    }
    Ok(())
}
