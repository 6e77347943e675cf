//! The checked specification of one run.

use std::sync::Arc;

use crate::data::{Dataset, Part, Task};
use crate::learner::{self, Pace, WORKERS};
use crate::measure::Measures;
use crate::optimizer::Optimizer;
use crate::reading::ReportEvery;
use crate::schedule::{Horizon, Progress, Schedule};
use crate::settings::{Kind, Scale, Setting, error};
use crate::{SettingError, Settings, Target, parametrization};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[LR, BATCH, EPOCHS, STEPS, EXAMPLES, REPORT_EVERY];

const LR: Setting = Setting {
    name: "lr",
    kind: Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, false) },
    scale: Some(Scale::Log),
    default: Some("0.01"),
    when: None,
    help: "learning rate: the largest that the schedule reaches",
};

const BATCH: Setting = Setting {
    name: "batch",
    kind: Kind::Batch,
    scale: Some(Scale::Pow2),
    default: Some("32"),
    when: None,
    help: "examples an update, from 1 (stochastic gradient descent) to full (gradient descent)",
};

const EPOCHS: Setting = Setting {
    name: "epochs",
    kind: Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, false) },
    scale: None,
    default: None,
    when: None,
    help: "budget in passes over the training data (3 where no budget is given)",
};

const STEPS: Setting = Setting {
    name: "steps",
    kind: Kind::Int { low: 1, high: i64::MAX },
    scale: None,
    default: None,
    when: None,
    help: "budget in updates",
};

const EXAMPLES: Setting = Setting {
    name: "examples",
    kind: Kind::Int { low: 1, high: i64::MAX },
    scale: None,
    default: None,
    when: None,
    help: "budget in training examples; a run ends with the first update that reaches it",
};

const REPORT_EVERY: Setting = Setting {
    name: "report_every",
    kind: Kind::List,
    scale: None,
    default: Some("1ep"),
    when: None,
    help: "when readings are taken: 1ep, 100st, 10%, or x1.05 for steps growing by 5 %",
};

/// Epochs of a run that is given no budget.
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

/// What a run will take, before it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Updates.
    pub steps: u64,
    /// Training examples.
    pub examples: u64,
    /// Memory of the run beside the shared data, in bytes: parameters, gradient, optimizer state, buffers.
    pub bytes: u64,
}

/// One run, checked: nothing downstream needs to look at the settings again.
#[derive(Clone, Debug)]
pub struct TrainSpec {
    settings: Settings,
    /// The largest learning rate.
    pub lr: f64,
    /// Examples an update, at the start.
    pub batch: usize,
    /// How long it trains.
    pub budget: Budget,
    /// The target at whose first reading it ends, where it has one; the budget is then the most that it may take.
    pub until: Option<Target>,
    /// When readings are taken.
    pub report_every: ReportEvery,
    /// The budget in steps and examples at the starting batch size, against which schedules measure lengths.
    pub horizon: Horizon,
    pace: Pace,
    cost: Cost,
}

impl TrainSpec {
    /// The run that `settings` describe on `data`.
    ///
    /// # Errors
    /// A value that is out of range, contradicts another or does not go with the data, named with its reason.
    pub fn build(settings: &Settings, data: &Arc<Dataset>) -> Result<TrainSpec, SettingError> {
        let lr = settings.number(&LR)?.unwrap_or_default();
        let count = data.count(Part::Train);
        let batch = batch(settings, data)?;
        let budget = budget(settings)?;
        let until = Target::build(settings)?;
        let text = settings.text(&REPORT_EVERY).unwrap_or_default();
        let report_every = text.parse().map_err(|why| error(&REPORT_EVERY, text, why))?;
        let mut learner = learner::build(settings, data, batch, 0)?;
        let pace = learner.pace();
        let horizon = horizon(budget, batch as u64, count as u64, pace);
        begins(settings, budget, &horizon, pace)?;

        let measures = Measures::build(settings, learner.as_mut(), &horizon, 0)?;
        let blocks: Vec<_> = learner.blocks().iter().map(|block| block.range.clone()).collect();
        let schedule = Schedule::build(settings, lr, &horizon)?;
        let optimizer = Optimizer::build(settings, &blocks)?;
        let rates = usize::from(parametrization::factors(settings, learner.blocks())?.is_some());
        // Parameters, gradient, the optimizer's state, the result.
        let floats = (3 + optimizer.buffers() + rates) * learner.size() + measures.floats();
        let bytes = (4 * floats + learner.bytes()) as u64;
        let cost = Cost { steps: horizon.total_steps, examples: horizon.total_examples, bytes };
        let settings = settings.clone();
        let mut spec = TrainSpec { settings, lr, batch, budget, until, report_every, horizon, pace, cost };
        if schedule.changes_batch() {
            spec.count_out(&schedule);
        }
        Ok(spec)
    }

    /// How many workers share a batch.
    pub fn workers(&self) -> usize {
        // Checked where the learner was built.
        self.settings.number(&WORKERS).ok().flatten().map_or(1, |count| count as usize)
    }

    /// The settings as they were given.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the run will take. Under a batch size that grows with the readings, what it takes if it never grows.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Whether a run is over after `step` updates with `examples` examples.
    pub fn complete(&self, step: u64, examples: u64) -> bool {
        if self.horizon.in_steps { step >= self.cost.steps } else { examples >= self.horizon.total_examples }
    }

    /// How far a run has come after `step` updates with `examples` examples.
    pub fn progress(&self, step: u64, examples: u64) -> Progress {
        let count = self.horizon.examples_per_epoch as f64;
        // A budget of examples is what was asked for, even if the last batch takes a run beyond it.
        let total = if self.horizon.in_steps { self.cost.examples } else { self.horizon.total_examples };
        Progress {
            step,
            examples,
            epoch: examples as f64 / count,
            total_steps: self.cost.steps,
            total_examples: total,
            total_epochs: total as f64 / count,
        }
    }

    /// Counts steps and examples of a run whose batch size changes, as the training loop will.
    fn count_out(&mut self, schedule: &Schedule) {
        let count = self.horizon.examples_per_epoch;
        let (mut step, mut examples) = (0, self.pace.before);
        while !self.complete(step, examples) && step < LONGEST_COUNT {
            let batch = schedule.batch(self.batch, &self.progress(step, examples)) as u64;
            step += 1;
            let used = self.pace.each.unwrap_or(batch.clamp(1, count));
            examples += if self.pace.cut { used.min(count - examples % count) } else { used };
        }
        if step < LONGEST_COUNT {
            self.cost = Cost { steps: step, examples, ..self.cost };
        }
    }
}

/// Steps after which counting a run out takes seconds, and an estimate has to do.
const LONGEST_COUNT: u64 = 100_000_000;

/// The batch size: a number of examples, or all of them, where there is an end to them.
fn batch(settings: &Settings, data: &Dataset) -> Result<usize, SettingError> {
    let text = settings.text(&BATCH).unwrap_or_default();
    let (count, endless) = (data.count(Part::Train), matches!(data.task(), Task::Control { .. }));
    match (text, text.parse::<usize>()) {
        ("full", _) if endless => {
            Err(error(&BATCH, text, format!("has no end in data={}: give a number", data.name())))
        }
        ("full", _) => Ok(count),
        (_, Ok(0) | Err(_)) => {
            Err(error(&BATCH, text, "is no batch size: it is a whole number from 1, or full".into()))
        }
        (_, Ok(batch)) if batch > count => {
            let why = match endless {
                true => format!("is more than the {count} environment steps that are called an epoch"),
                false => format!("is more than the {count} training examples; batch=full takes them all"),
            };
            Err(error(&BATCH, text, why))
        }
        (_, Ok(batch)) => Ok(batch),
    }
}

/// The one budget that was given.
fn budget(settings: &Settings) -> Result<Budget, SettingError> {
    let given = [
        settings.number(&EPOCHS)?.map(|epochs| (&EPOCHS, Budget::Epochs(epochs))),
        settings.number(&STEPS)?.map(|steps| (&STEPS, Budget::Steps(steps as u64))),
        settings.number(&EXAMPLES)?.map(|examples| (&EXAMPLES, Budget::Examples(examples as u64))),
    ];
    let mut given = given.into_iter().flatten();
    let Some((first, budget)) = given.next() else { return Ok(Budget::Epochs(DEFAULT_EPOCHS)) };
    if let Some((second, _)) = given.next() {
        let text = settings.text(second).unwrap_or_default();
        return Err(error(second, text, format!("contradicts {}: give one budget", first.name)));
    }
    Ok(budget)
}

/// Refuses a budget that is used up before the first update.
fn begins(settings: &Settings, budget: Budget, horizon: &Horizon, pace: Pace) -> Result<(), SettingError> {
    let (setting, examples) = match budget {
        Budget::Steps(_) => return Ok(()),
        Budget::Examples(examples) => (&EXAMPLES, examples),
        Budget::Epochs(epochs) => (&EPOCHS, (epochs * horizon.examples_per_epoch as f64).round() as u64),
    };
    if pace.before == 0 || examples > pace.before {
        return Ok(());
    }
    let why = format!("is used up before the first update, which follows {} environment steps", pace.before);
    Err(error(setting, settings.text(setting).unwrap_or_default(), why))
}

/// The budget in steps and examples for batches of `batch`, with `count` examples an epoch.
fn horizon(budget: Budget, batch: u64, count: u64, pace: Pace) -> Horizon {
    let each = pace.each.unwrap_or(batch);
    // The last batch of an epoch may be smaller, so steps and examples convert epoch by epoch; where none is cut, there
    // is as it were one epoch without an end.
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
