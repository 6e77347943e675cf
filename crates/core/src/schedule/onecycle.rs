//! One-cycle (Smith & Topin 2018, "Super-convergence"), in the form and with the defaults of PyTorch's
//! `OneCycleLR`: up from lr/div_factor to lr, then down to lr/(div_factor·final_div_factor), in two or three phases.

use std::f64::consts::PI;

use libm::cos;

use sweep_settings::{Kind, Setting, SettingError, Settings};

use super::course::{At, Course};
use super::reader::{Reader, entry};

const UNDER: &[&str] = &["onecycle"];

const PCT_START: Setting = entry(
    "schedule.onecycle.pct_start",
    Kind::Float { low: 0.0, high: 1.0, closed: (false, false) },
    Some("0.3"),
    UNDER,
    "share of the steps in which the rate rises",
);
const DIV_FACTOR: Setting =
    entry("schedule.onecycle.div_factor", Kind::FROM_ONE, Some("25"), UNDER, "ratio of lr to the first rate");
const FINAL_DIV_FACTOR: Setting = entry(
    "schedule.onecycle.final_div_factor",
    Kind::FROM_ONE,
    Some("10000"),
    UNDER,
    "ratio of the first rate to the last",
);
const ANNEAL: Setting = entry(
    "schedule.onecycle.anneal",
    Kind::Choice(&["cos", "linear"]),
    Some("cos"),
    UNDER,
    "shape of the rise and the fall",
);
const THREE_PHASE: Setting = entry(
    "schedule.onecycle.three_phase",
    Kind::Flag,
    Some("false"),
    UNDER,
    "fall to the first rate as fast as the rise, then to the last in a third phase",
);
const CYCLE_MOMENTUM: Setting = entry(
    "schedule.onecycle.cycle_momentum",
    Kind::Flag,
    Some("false"),
    UNDER,
    "lower the momentum as the rate rises and raise it as the rate falls; replaces momentum",
);
const BASE_MOMENTUM: Setting = entry(
    "schedule.onecycle.base_momentum",
    Kind::BELOW_ONE,
    Some("0.85"),
    UNDER,
    "momentum at the largest rate",
);
const MAX_MOMENTUM: Setting = entry(
    "schedule.onecycle.max_momentum",
    Kind::BELOW_ONE,
    Some("0.95"),
    UNDER,
    "momentum at the smallest rate",
);

pub(super) const SETTINGS: &[Setting] = &[
    PCT_START,
    DIV_FACTOR,
    FINAL_DIV_FACTOR,
    ANNEAL,
    THREE_PHASE,
    CYCLE_MOMENTUM,
    BASE_MOMENTUM,
    MAX_MOMENTUM,
];

/// A stretch of the schedule, which ends at step `end`.
#[derive(Clone, Copy, Debug)]
struct Phase {
    end: f64,
    /// Share of `lr` at its start and end.
    rate: (f64, f64),
    /// Position between the lower momentum (0) and the upper (1) at its start and end.
    momentum: (f64, f64),
}

/// The phases in order, and the shape within each.
#[derive(Clone, Debug)]
pub(super) struct OneCycle {
    phases: Vec<Phase>,
    cosine: bool,
}

/// The parameters of a one-cycle; the names are PyTorch's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub total_steps: f64,
    /// Steps of the rise: PyTorch's pct_start·total_steps, which may be fractional.
    pub up: f64,
    pub div_factor: f64,
    pub final_div_factor: f64,
    pub cosine: bool,
    pub three_phase: bool,
}

impl OneCycle {
    /// The phases of `form`. The rise ends at step up − 1, so a whole number of steps reaches the peak exactly.
    pub fn new(form: Form) -> OneCycle {
        let first = 1.0 / form.div_factor;
        let last = first / form.final_div_factor;
        let up = form.up - 1.0;
        let mut phases = vec![Phase { end: up, rate: (first, 1.0), momentum: (1.0, 0.0) }];
        let end = form.total_steps - 1.0;
        if form.three_phase {
            phases.push(Phase { end: 2.0 * up, rate: (1.0, first), momentum: (0.0, 1.0) });
            phases.push(Phase { end, rate: (first, last), momentum: (1.0, 1.0) });
        } else {
            phases.push(Phase { end, rate: (1.0, last), momentum: (0.0, 1.0) });
        }
        OneCycle { phases, cosine: form.cosine }
    }

    /// The share of `lr` at step `t` of the schedule; past the end it stays constant.
    pub fn share(&self, t: f64) -> f64 {
        self.at(t, |phase| phase.rate)
    }

    /// The momentum at step `t`, between `base` (at the peak of the rate) and `max`.
    pub fn momentum(&self, t: f64, (base, max): (f64, f64)) -> f64 {
        self.at(t, |phase| {
            let level = |share: f64| base + (max - base) * share;
            (level(phase.momentum.0), level(phase.momentum.1))
        })
    }

    fn at(&self, t: f64, ends: impl Fn(&Phase) -> (f64, f64)) -> f64 {
        let mut start = 0.0;
        let mut value = 1.0;
        for phase in &self.phases {
            let (from, to) = ends(phase);
            // A phase without length is a jump: its end is reached at once.
            let within = if phase.end > start { ((t - start) / (phase.end - start)).min(1.0) } else { 1.0 };
            value = if self.cosine {
                to + (from - to) / 2.0 * (1.0 + cos(PI * within))
            } else {
                from + (to - from) * within
            };
            if t <= phase.end {
                break;
            }
            start = phase.end;
        }
        value
    }
}

/// One-cycle, and the range of the momentum, if it changes.
#[derive(Clone, Debug)]
pub(super) struct OneCycleCourse {
    pub cycle: OneCycle,
    pub momentum: Option<(f64, f64)>,
}

impl Course for OneCycleCourse {
    fn rate(&self, lr: f64, at: At<'_>) -> f64 {
        lr * self.cycle.share(at.t)
    }

    fn momentum(&self, at: At<'_>) -> Option<f64> {
        self.momentum.map(|ends| self.cycle.momentum(at.t, ends))
    }
}

/// Reads `schedule=onecycle`. If pct_start gives a fraction of a step, the rise is rounded to whole steps, so that the
/// peak is `lr`; PyTorch skips the peak.
pub(super) fn read(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let pct_start = read.number(&PCT_START)?;
    let three_phase = read.settings.flag(&THREE_PHASE)?;
    if three_phase && pct_start > 0.5 {
        let why = "leaves no steps for the fall: three phases need at most 0.5";
        return Err(read.refuse(&PCT_START, why));
    }
    let cycle = OneCycle::new(Form {
        total_steps: read.left,
        up: (pct_start * read.left).round().max(1.0),
        div_factor: read.number(&DIV_FACTOR)?,
        final_div_factor: read.number(&FINAL_DIV_FACTOR)?,
        cosine: read.choice(&ANNEAL, &[("cos", true), ("linear", false)])?,
        three_phase,
    });
    Ok(Box::new(OneCycleCourse { cycle, momentum: read_momentum(read)? }))
}

/// Whether the settings change the momentum.
pub(super) fn moves_momentum(settings: &Settings) -> Result<bool, SettingError> {
    settings.flag(&CYCLE_MOMENTUM)
}

/// The range of the momentum, if it is cycled.
fn read_momentum(read: &Reader) -> Result<Option<(f64, f64)>, SettingError> {
    if !moves_momentum(read.settings)? {
        return Ok(None);
    }
    let (base, max) = (read.number(&BASE_MOMENTUM)?, read.number(&MAX_MOMENTUM)?);
    if base > max {
        return Err(read.refuse(&BASE_MOMENTUM, &format!("is above max_momentum={max}")));
    }
    Ok(Some((base, max)))
}
