//! How long the trials of a command ran, against the budget that they were given.

use sweep_settings::names::{EPOCHS, STEPS};

use super::{Outcome, Trial};
use crate::Study;

/// How far off its budget a trial that keeps to it may end: epochs may be numbered from 0.
const OFF: f64 = 1.0;

/// The same as a share of the budget, for last readings that are rounded.
const ROUNDED: f64 = 0.01;

/// Whether an end at `used` of a budget of `amount` keeps to it.
pub fn keeps(used: f64, amount: f64) -> bool {
    (used - amount).abs() <= OFF.max(ROUNDED * amount)
}

/// What the trials of a command made of their budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lengths {
    /// At least half of those that completed kept to it, or nothing else is known.
    Kept,
    /// Most did not, as where the script sets its own length: the least and the most that they used.
    Own(f64, f64),
}

impl Study {
    /// What a trial used of its budget and how much that was, in the unit of the budget; `None` where either is unknown.
    pub fn used(&self, trial: &Trial) -> Option<(f64, f64)> {
        let (unit, _) = self.budget();
        let amount = self.setting(&trial.point, unit)?.number()?;
        let used = match unit {
            EPOCHS => Some(trial.epochs).filter(|epochs| *epochs > 0.0),
            STEPS => (!trial.counted).then_some(trial.steps as f64),
            _ => (self.train_examples > 0).then_some(trial.epochs * self.train_examples as f64),
        };
        Some((used?, amount))
    }

    /// How long its trials ran.
    pub fn lengths(&self, trials: &[Trial]) -> Lengths {
        if self.command.is_none() || self.target().is_some() {
            return Lengths::Kept;
        }
        let ended = |trial: &&Trial| matches!(trial.outcome, Outcome::Complete { .. } | Outcome::EndedEarly);
        let ended = trials.iter().filter(ended);
        let used: Vec<(f64, f64)> = ended.filter_map(|trial| self.used(trial)).collect();
        let kept = used.iter().filter(|(used, amount)| keeps(*used, *amount)).count();
        if 2 * kept >= used.len() {
            return Lengths::Kept;
        }
        let ends = used.iter().map(|(used, _)| *used);
        Lengths::Own(ends.clone().fold(f64::INFINITY, f64::min), ends.fold(0.0, f64::max))
    }

    /// Marks the trials that ended without an error before the end of a budget that most of the others kept: they are
    /// not comparable with those.
    pub fn mark_ended_early(&self, trials: &mut [Trial]) {
        if self.lengths(trials) != Lengths::Kept || self.command.is_none() || self.target().is_some() {
            return;
        }
        for trial in trials {
            let short = |(used, amount): (f64, f64)| used < amount && !keeps(used, amount);
            if trial.outcome.usable() && self.used(trial).is_some_and(short) {
                trial.outcome = Outcome::EndedEarly;
            }
        }
    }
}
