//! Pruners: how long to look. One trait, one file each, one line in [`TABLE`].
//!
//! A trial under a pruner pauses at rungs, shares of its budget. At each the pruner says whether it goes on, waits or
//! has ended. Early losses are confounded with η and B: at a tenth of the budget a large batch has taken few steps, and
//! a schedule that decays has not begun to. So a trial is compared with trials of its own batch size (by octaves) and
//! schedule, at the same share of the budget and thus at the same phase of the schedule, and never with one of another
//! schedule before the end.
//!
//! Of schedules that end low, such as a cosine, that is care but no cure: at a rung the rate still is high, and of two
//! rates the larger shows the noise that its own decay would have removed. In the noisy quadratic model (Zhang et al.
//! 2019; curvatures i^−1.5, gradient variances 4·i^−1.5, 1,250 steps at B = 16, 40 rates from 0.001 to 2) the rate that
//! is best in the end is, by its loss at a third of the budget, the 21st; after a cool-down of a quarter of the steps so
//! far it is the 5th. So under asha and hyperband a trial of the built-in trainer whose schedule decays is judged at a
//! rung by what a cool-down branched off there reaches, and goes on from before it ([`Pruner::cool_down`]; `--pruner-set
//! cool_down=0` judges by the loss as it is).
//!
//! Everything else is judged by the loss as it is: trials of a command or of ask-tell, which cannot be branched; tables
//! in a replay; the pruners of many rungs (median, percentile, patient, threshold, pbt), where a cool-down at each would
//! cost more than it saves; and schedules that react to readings (plateau), whose end nobody knows. With a decaying
//! schedule begin late there (fewer `rungs`, a later `warmup`), or have the command report a loss after a cool-down of
//! its own; and let an audit measure how often pruning was wrong.

mod halving;
#[cfg(test)]
mod laws;
mod none;
mod patient;
mod percentile;
mod population;
mod setting;
mod table;
mod threshold;
mod wilcoxon;

use std::sync::Arc;

use crate::Stratum;
pub use population::Exploit;
pub use setting::{Setting, SettingsError, Values};
pub use table::{Entry, find, for_study, help, names};

/// The pruners there are, in the order in which help lists them.
pub const TABLE: &[Entry] = &[
    none::ENTRY,
    percentile::MEDIAN,
    percentile::PERCENTILE,
    halving::ASHA,
    halving::ASHA_ASYNC,
    halving::HYPERBAND,
    patient::ENTRY,
    threshold::ENTRY,
    wilcoxon::ENTRY,
    population::ENTRY,
];

/// What becomes of a trial that rests at a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on to the next rung now.
    Continue,
    /// It waits: it may go on when more is known.
    Pause,
    /// It has ended.
    Stop,
}

/// A trial as a pruner knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The number of its point.
    pub point: u64,
    /// What it may be compared within.
    pub stratum: Arc<Stratum>,
    /// The first rung at which it pauses.
    pub first: usize,
    /// Its loss at each rung from the first on; lower is better, infinite at a rung that it did not reach because it ran
    /// away.
    pub losses: Vec<f64>,
}

impl Standing {
    /// The loss at a rung, if the trial has come so far.
    pub fn at(&self, rung: usize) -> Option<f64> {
        self.losses.get(rung.checked_sub(self.first)?).copied()
    }

    /// The rung that it reached last.
    pub fn rung(&self) -> Option<usize> {
        Some(self.first + self.losses.len().checked_sub(1)?)
    }
}

/// All trials that a verdict may look at.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// The trials, in any order, the judged one among them.
    pub standings: &'a [Standing],
    /// Whether anything more will be known: points to try, or trials under way.
    pub more: bool,
}

/// Trials that a stratum needs at a rung before they are compared.
pub const ENOUGH: usize = 4;

impl Field<'_> {
    /// The losses with which that of `trial` at `rung` is compared, its own among them: those of its stratum where it has
    /// four there; else none while more is to come, and in the end those of every batch size at the same phase.
    pub fn rivals(&self, trial: &Standing, rung: usize) -> Option<Vec<f64>> {
        let there = |other: &&Standing| other.first == trial.first && other.at(rung).is_some();
        let all = || self.standings.iter().filter(there);
        let own: Vec<f64> =
            all().filter(|other| other.stratum == trial.stratum).filter_map(|other| other.at(rung)).collect();
        if own.len() >= ENOUGH {
            return Some(own);
        }
        let in_phase = |other: &&Standing| other.stratum.in_phase(&trial.stratum);
        (!self.more).then(|| all().filter(in_phase).filter_map(|other| other.at(rung)).collect())
    }
}

/// Decides how long to look.
///
/// A verdict depends on its arguments alone. Of two trials of one stratum that rest at the same rung a pruner never lets
/// the worse go on and the better wait.
pub trait Pruner: Send {
    /// The rungs: shares of the budget at which trials pause, rising, the last 1, the end.
    fn rungs(&self) -> &[f64];

    /// The first rung at which the trials of a point pause (0 for the first of all).
    fn first(&self, _point: u64) -> usize {
        0
    }

    /// What becomes of `trial`, which rests at the rung that it reached last.
    fn judge(&self, trial: &Standing, field: &Field<'_>) -> Verdict;

    /// How long the cool-down is after which a trial whose schedule decays is judged at a rung, as a share of its steps so
    /// far; 0 for none.
    fn cool_down(&self) -> f64 {
        0.0
    }

    /// Whether replicates of a point are run one after the other, each asked for by [`Pruner::another`].
    fn replicates(&self) -> bool {
        false
    }

    /// How a population of trials learns from its best, where the trials are one: they pause at each rung together, and
    /// nothing is judged one by one.
    fn population(&self) -> Option<Exploit> {
        None
    }

    /// How many trials a study of so many points has, without replicates.
    fn trials(&self, points: u64) -> u64 {
        points
    }

    /// Whether a point with the losses `own` by replicate gets another replicate, where the best point so far has `best`.
    fn another(&self, _own: &[f64], _best: &[f64]) -> bool {
        true
    }
}
