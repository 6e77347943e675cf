//! How long a run trains, as given and in steps.

use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use crate::learner::Pace;
use crate::schedule::Horizon;

pub(super) const EPOCHS: Setting = Setting::new(
    names::EPOCHS,
    Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, false) },
    "budget in passes over the training data (3 if no budget is given)",
);

pub(super) const STEPS: Setting =
    Setting::new(names::STEPS, Kind::Int { low: 1, high: i64::MAX }, "budget in updates");

pub(super) const EXAMPLES: Setting = Setting::new(
    names::EXAMPLES,
    Kind::Int { low: 1, high: i64::MAX },
    "budget in training examples; a run ends with the first update that reaches it",
);

/// The default budget in epochs.
const DEFAULT_EPOCHS: f64 = 3.0;

/// How long a run trains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Passes over the training part.
    Epochs(f64),
    /// Updates.
    Steps(u64),
    /// Training examples.
    Examples(u64),
}

/// The budget that was given; three epochs if none was.
///
/// # Errors
/// Two budgets, or one that is out of range.
pub(super) fn read_budget(settings: &Settings) -> Result<Budget, SettingError> {
    let given = [
        settings.number(&EPOCHS)?.map(|epochs| (&EPOCHS, Budget::Epochs(epochs))),
        settings.number(&STEPS)?.map(|steps| (&STEPS, Budget::Steps(steps as u64))),
        settings.number(&EXAMPLES)?.map(|examples| (&EXAMPLES, Budget::Examples(examples as u64))),
    ];
    let mut given = given.into_iter().flatten();
    let Some((first, budget)) = given.next() else { return Ok(Budget::Epochs(DEFAULT_EPOCHS)) };
    if let Some((second, _)) = given.next() {
        return Err(settings.error(second, format!("contradicts {}: give one budget", first.name)));
    }
    Ok(budget)
}

/// Refuses a budget that is used up before the first update.
///
/// # Errors
/// The budget.
pub(super) fn check_beginning(
    settings: &Settings,
    budget: Budget,
    horizon: &Horizon,
    pace: Pace,
) -> Result<(), SettingError> {
    let (setting, examples) = match budget {
        Budget::Steps(_) => return Ok(()),
        Budget::Examples(examples) => (&EXAMPLES, examples),
        Budget::Epochs(epochs) => (&EPOCHS, (epochs * horizon.examples_per_epoch as f64).round() as u64),
    };
    if pace.before == 0 || examples > pace.before {
        return Ok(());
    }
    let why = format!("is used up before the first update, which follows {} environment steps", pace.before);
    Err(settings.error(setting, why))
}

/// The budget in steps and examples for batches of `batch`, with `count` examples per epoch.
pub(super) fn horizon(budget: Budget, batch: u64, count: u64, pace: Pace) -> Horizon {
    let each = pace.each.unwrap_or(batch);
    // The last batch of an epoch may be smaller, so steps and examples convert epoch by epoch; if no batch is
    // shortened, the run counts as one endless epoch.
    let whole = if pace.cut { count } else { u64::MAX };
    let per_whole = whole.div_ceil(each);
    let steps_for = |examples: u64| {
        let examples = examples.saturating_sub(pace.before);
        examples / whole * per_whole + (examples % whole).div_ceil(each)
    };
    let examples_for = |steps: u64| {
        let cut = (steps % per_whole).saturating_mul(each).min(whole);
        (steps / per_whole).saturating_mul(whole).saturating_add(cut).saturating_add(pace.before)
    };
    let total_steps = match budget {
        Budget::Steps(steps) => steps,
        Budget::Examples(examples) => steps_for(examples),
        Budget::Epochs(epochs) => steps_for((epochs * count as f64).round() as u64).max(1),
    };
    Horizon {
        total_steps,
        steps_per_epoch: if pace.cut { per_whole as f64 } else { count as f64 / each as f64 },
        total_examples: examples_for(total_steps),
        examples_per_epoch: count,
        in_steps: matches!(budget, Budget::Steps(_)),
    }
}
