//! Batch sizes that grow while the learning rate stays ("Don't decay the learning rate, increase the batch size",
//! Smith et al. 2018): in steps, linearly, or each time the validation readings stall.
//!
//! If the batch size changes, the step number does not measure the progress of a run, so shares of the budget are
//! measured in the unit of the budget: steps or examples.

use libm::pow;

use sweep_settings::{Kind, Length, Setting, SettingError};

use super::course::{At, Course};
use super::plateau::Watch;
use super::reader::{Reader, entry};
use super::{Horizon, Progress};

/// A factor above 1.
const LARGER: Kind = Kind::Float { low: 1.0, high: f64::INFINITY, closed: (false, false) };

const GROWTH_FACTOR: Setting = entry(
    "schedule.batch_growth.factor",
    LARGER,
    Some("4"),
    &["batch_growth"],
    "factor by which the batch grows at each point",
)
.growing_batch();
const GROWTH_AT: Setting = entry(
    "schedule.batch_growth.at",
    Kind::List,
    None,
    &["batch_growth"],
    "points at which the batch grows, joined by /, such as 30%/60% [default: each third of the run]",
);
const LINEAR_FACTOR: Setting = entry(
    "schedule.batch_linear.factor",
    Kind::FROM_ONE,
    Some("16"),
    &["batch_linear"],
    "ratio of the batch size at the end of the run to that at its start",
)
.growing_batch();
const PLATEAU_FACTOR: Setting = entry(
    "schedule.batch_plateau.factor",
    LARGER,
    Some("2"),
    &["batch_plateau"],
    "factor by which the batch grows when readings stop improving (see schedule.plateau)",
)
.growing_batch();
const MAX: Setting = entry(
    "batch_max",
    Kind::Int { low: 1, high: i64::MAX },
    None,
    &["batch_growth", "batch_linear", "batch_plateau"],
    "upper limit of a growing batch size [default: the training set]",
);

pub(super) const GROWTH: &[Setting] = &[GROWTH_FACTOR, GROWTH_AT, MAX];
pub(super) const LINEAR: &[Setting] = &[LINEAR_FACTOR];
pub(super) const PLATEAU: &[Setting] = &[PLATEAU_FACTOR];

/// How the batch grows.
#[derive(Clone, Debug)]
enum Rule {
    /// By `factor` at each of the points passed.
    Steps { factor: f64, at: Vec<Length> },
    /// To `factor` times its start at the end of the run.
    Linear { factor: f64 },
    /// By `factor` each time readings stall; `grown` is the total factor so far.
    Plateau { factor: f64, watch: Watch, grown: f64 },
}

/// A batch size that grows, never beyond `max`.
#[derive(Clone, Debug)]
struct BatchGrowth {
    rule: Rule,
    max: f64,
    in_steps: bool,
}

impl Course for BatchGrowth {
    fn rate(&self, lr: f64, _at: At<'_>) -> f64 {
        lr
    }

    fn batch(&self, start: usize, progress: &Progress) -> usize {
        let growth = match &self.rule {
            Rule::Steps { factor, at } => {
                let passed = at.iter().filter(|point| progress.passed(**point, self.in_steps)).count();
                pow(*factor, passed as f64)
            }
            Rule::Linear { factor } => 1.0 + (factor - 1.0) * progress.done(self.in_steps),
            Rule::Plateau { grown, .. } => *grown,
        };
        let start = start as f64;
        // The starting batch size is used as given, even if it is above the limit of growth.
        (start * growth).round().min(self.max.max(start)) as usize
    }

    fn changes_batch(&self) -> bool {
        true
    }

    fn observe(&mut self, reading: f64) {
        if let Rule::Plateau { factor, watch, grown } = &mut self.rule
            && watch.stalled(reading)
        {
            *grown *= *factor;
        }
    }

    fn state(&self) -> Vec<f64> {
        match &self.rule {
            Rule::Plateau { watch, grown, .. } => {
                let [best, bad, cooling] = watch.memory();
                vec![*grown, best, bad, cooling]
            }
            _ => Vec::new(),
        }
    }

    fn restore(&mut self, state: &[f64]) -> bool {
        match (&mut self.rule, state) {
            (Rule::Plateau { watch, grown, .. }, &[factor, best, bad, cooling]) => {
                *grown = factor;
                watch.recall([best, bad, cooling]);
                true
            }
            (Rule::Plateau { .. }, _) => false,
            (_, state) => state.is_empty(),
        }
    }
}

/// Reads `schedule=batch_growth`.
pub(super) fn growth(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let thirds = || vec![Length::Share(1.0 / 3.0), Length::Share(2.0 / 3.0)];
    let at = read.rising(&GROWTH_AT)?.unwrap_or_else(thirds);
    built(read, Rule::Steps { factor: read.number(&GROWTH_FACTOR)?, at })
}

/// Reads `schedule=batch_linear`.
pub(super) fn linear(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    built(read, Rule::Linear { factor: read.number(&LINEAR_FACTOR)? })
}

/// Reads `schedule=batch_plateau`.
pub(super) fn plateau(read: &Reader) -> Result<Box<dyn Course>, SettingError> {
    let factor = read.number(&PLATEAU_FACTOR)?;
    built(read, Rule::Plateau { factor, watch: Watch::read(read)?, grown: 1.0 })
}

fn built(read: &Reader, rule: Rule) -> Result<Box<dyn Course>, SettingError> {
    let Horizon { examples_per_epoch, in_steps, .. } = *read.horizon;
    let all = examples_per_epoch.max(1) as f64;
    let max = read.settings.number(&MAX)?.unwrap_or(all).min(all);
    Ok(Box::new(BatchGrowth { rule, max, in_steps }))
}
