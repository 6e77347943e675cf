//! Pruners: how long to look. One trait, one file each, one line in [`TABLE`].
//!
//! A trial under a pruner pauses at rungs, which are shares of its budget. At each rung the pruner decides whether it
//! continues, waits or ends. Early losses are confounded with η and B: at a tenth of the budget a large batch has taken
//! few steps, and a decaying schedule has hardly decayed. So a trial is compared only with trials of its own batch size
//! (by octaves) and schedule, at the same share of the budget and thus at the same phase of the schedule. It is never
//! compared with a trial of another schedule before the end.
//!
//! For schedules that end low, such as a cosine, this is not enough: at a rung the rate is still high, and the larger
//! of two rates shows noise that its decay would have removed later. In the noisy quadratic model (Zhang et al. 2019;
//! curvatures i^−1.5, gradient variances 4·i^−1.5, 1,250 steps at B = 16, 40 rates from 0.001 to 2) the rate that is
//! best at the end ranks 21st by its loss at a third of the budget, and 5th after a cool-down of a quarter of the steps
//! so far. So under asha and hyperband a trial of the built-in trainer whose schedule decays is compared at a rung by
//! the loss after a cool-down that branches off there, and continues from before the cool-down ([`Pruner::cool_down`];
//! `--pruner-set cool_down=0` compares the plain loss).
//!
//! Everything else is compared by the plain loss: trials of a command or of ask-tell, which cannot be branched; tables
//! in a replay; pruners with many rungs (median, percentile, patient, threshold, pbt), where a cool-down at each rung
//! would cost more than it saves; and schedules that react to readings (plateau), whose end is unknown. There, with a
//! decaying schedule, start pruning late (fewer `rungs`, a later `warmup`), or let the command report a loss after its
//! own cool-down. An audit measures how often pruning was wrong.

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

/// All pruners, in the order in which help lists them.
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

/// What happens to a trial that is paused at a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It continues to the next rung now.
    Continue,
    /// It waits: it may continue when more results are known.
    Pause,
    /// It ends.
    Stop,
}

/// A trial as a pruner knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The number of its point.
    pub point: u64,
    /// The group of trials that it may be compared with.
    pub stratum: Arc<Stratum>,
    /// The first rung at which it pauses.
    pub first: usize,
    /// Its loss at each rung from the first on; lower is better, infinite at a rung that it did not reach because it
    /// diverged.
    pub losses: Vec<f64>,
}

impl Standing {
    /// The loss at a rung, if the trial has reached it.
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
    /// Whether more results will come: points to try, or trials running.
    pub more: bool,
}

/// Trials that a stratum needs at a rung before they are compared.
pub const ENOUGH: usize = 4;

impl Field<'_> {
    /// The losses with which that of `trial` at `rung` is compared, including its own: those of its stratum if there
    /// are at least four. Otherwise none while more results will come, and at the end those of every batch size at the
    /// same phase.
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
/// A verdict depends only on its arguments. If two trials of one stratum are paused at the same rung, a pruner never
/// lets the worse one continue while the better one waits.
pub trait Pruner: Send {
    /// The rungs: shares of the budget at which trials pause, rising, the last 1, the end.
    fn rungs(&self) -> &[f64];

    /// The first rung at which the trials of a point pause (0 for the first of all).
    fn first(&self, _point: u64) -> usize {
        0
    }

    /// What happens to `trial`, which is paused at the rung that it reached last.
    fn judge(&self, trial: &Standing, field: &Field<'_>) -> Verdict;

    /// Length of the cool-down after which a trial whose schedule decays is compared at a rung, as a share of its steps
    /// so far; 0 for none.
    fn cool_down(&self) -> f64 {
        0.0
    }

    /// Whether replicates of a point run one after the other, each requested by [`Pruner::another`].
    fn replicates(&self) -> bool {
        false
    }

    /// How a population copies its best members, if the trials form a population: they pause at each rung together, and
    /// no trial is judged alone.
    fn population(&self) -> Option<Exploit> {
        None
    }

    /// How many trials a study of that many points has, without replicates.
    fn trials(&self, points: u64) -> u64 {
        points
    }

    /// Whether a point with the losses `own` by replicate gets another replicate, given the losses `best` of the best
    /// point so far.
    fn another(&self, _own: &[f64], _best: &[f64]) -> bool {
        true
    }
}
