//! The checked specification of one run.

mod budget;
mod learner;

use std::fmt;
use std::sync::Arc;

use sweep_settings::{Kind, Length, Scale, Setting, SettingError, Settings, Target, names};

use crate::data::{Dataset, Part, Task};
use crate::learner::Pace;
use crate::measure::MeasureSpec;
use crate::optimizer::OptimizerSpec;
use crate::parametrization::Parametrization;
use crate::reading::ReportEvery;
use crate::room::Room;
use crate::schedule::{Horizon, Progress, Schedule};

pub use budget::Budget;
pub use learner::LearnerSpec;

/// The settings of this module.
pub const SETTINGS: &[Setting] =
    &[LR, BATCH, budget::EPOCHS, budget::STEPS, budget::EXAMPLES, REPORT_EVERY, UNTIL];

const LR: Setting = Setting::new(
    names::LR,
    Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, false) },
    "learning rate: the largest value that the schedule reaches",
)
.or("0.01")
.on(Scale::Log);

const BATCH: Setting = Setting::new(
    names::BATCH,
    Kind::Batch,
    "examples per update, from 1 (stochastic gradient descent) to full (gradient descent)",
)
.or("32")
.on(Scale::Pow2);

const REPORT_EVERY: Setting = Setting::new(
    names::REPORT_EVERY,
    Kind::List,
    "interval between readings: 1ep, 100st, 10%, or x1.05 for steps growing by 5 %",
)
.or("1ep");

const UNTIL: Setting = Setting::new(
    names::UNTIL,
    Kind::List,
    "target that ends a run early, such as val_loss=0.15; the budget is then the upper limit",
);

/// The estimated cost of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Updates.
    pub steps: u64,
    /// Training examples.
    pub examples: u64,
    /// Memory of the run without the shared data, in bytes: parameters, gradient, optimizer state, buffers.
    pub bytes: u64,
}

/// One run, checked and typed: later code does not read settings again.
///
/// ```
/// use sweep_core::{Settings, TrainSpec, data};
///
/// let data = data::open("mnist", &data::Options::default())?;
/// let mut settings = Settings::default();
/// settings.set("lr", "0.1");
/// settings.set("batch", "32");
/// settings.set("epochs", "1");
/// let spec = TrainSpec::read(&settings, &data)?;
/// assert_eq!((spec.batch, spec.cost().steps), (32, spec.cost().examples.div_ceil(32)));
///
/// settings.set("batch", "0");
/// let error = TrainSpec::read(&settings, &data).unwrap_err();
/// assert_eq!(error.to_string(), "batch=0 must be a whole number of examples from 1, or full");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TrainSpec {
    /// The training data.
    pub data: Arc<Dataset>,
    /// The largest learning rate.
    pub lr: f64,
    /// Examples per update, at the start.
    pub batch: usize,
    /// How long it trains.
    pub budget: Budget,
    /// The target, if any: the run ends at the first reading that reaches it, and the budget is then the upper limit.
    pub until: Option<Target>,
    /// When readings are taken.
    pub report_every: ReportEvery,
    /// The budget in steps and examples at the starting batch size; schedules measure lengths against it.
    pub horizon: Horizon,
    /// The learner, which provides the gradients.
    pub learner: LearnerSpec,
    /// The optimizer, which applies the gradients.
    pub optimizer: OptimizerSpec,
    /// The learning rate and the batch size over the run.
    pub schedule: Schedule,
    /// The measurements during the run.
    pub measures: MeasureSpec,
    /// How weights and rates depend on the width of the network.
    pub parametrization: Parametrization,
    pace: Pace,
    cost: Cost,
}

impl fmt::Debug for TrainSpec {
    /// All fields except the examples of the data and derived fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainSpec")
            .field("data", &self.data.name())
            .field("lr", &self.lr)
            .field("batch", &self.batch)
            .field("budget", &self.budget)
            .field("learner", &self.learner)
            .field("optimizer", &self.optimizer)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

impl TrainSpec {
    /// The run that `settings` describe on `data`.
    ///
    /// # Errors
    /// A value that is out of range, contradicts another or does not fit the data, with the reason.
    pub fn read(settings: &Settings, data: &Arc<Dataset>) -> Result<TrainSpec, SettingError> {
        let lr = settings.required(&LR)?;
        let batch = read_batch(settings, data)?;
        let budget = budget::read_budget(settings)?;
        let until = settings.value(&UNTIL).map(|value| value.to_string().parse()).transpose();
        let until = until.map_err(|why: String| settings.error(&UNTIL, why))?;
        let report_every = settings.text(&REPORT_EVERY).parse();
        let report_every = report_every.map_err(|why: String| settings.error(&REPORT_EVERY, why))?;
        let learner = LearnerSpec::read(settings, data, batch)?;
        let mut room = Room::counting();
        let network = learner.build(data, 0, &mut room);
        let (pace, size) = (network.pace(), network.size());
        let horizon = budget::horizon(budget, batch as u64, data.count(Part::Train) as u64, pace);
        budget::check_beginning(settings, budget, &horizon, pace)?;
        let measures = MeasureSpec::read(settings, learner.separates_examples())?;
        let optimizer = OptimizerSpec::read(settings)?;
        let schedule = Schedule::read(settings, lr, &horizon)?;
        let parametrization = Parametrization::read(settings, &optimizer)?;
        // Parameters, gradient, the optimizer's state, the parameters to keep.
        let rates = usize::from(parametrization.scales_rates());
        room.count_floats((3 + optimizer.buffers() + rates) * size);
        measures.count(size, &mut room);
        let spec = TrainSpec {
            data: Arc::clone(data),
            lr,
            batch,
            budget,
            until,
            report_every,
            schedule,
            parametrization,
            horizon,
            learner,
            optimizer,
            measures,
            pace,
            cost: Cost { steps: 0, examples: 0, bytes: room.bytes() as u64 },
        };
        Ok(spec.counted())
    }

    /// The same run over `steps` updates at the constant rate `lr`, with a reading only at the end.
    pub fn at_constant_rate(&self, lr: f64, steps: u64) -> TrainSpec {
        let budget = Budget::Steps(steps);
        let count = self.horizon.examples_per_epoch;
        let spec = TrainSpec {
            lr,
            budget,
            report_every: ReportEvery::Length(Length::Share(1.0)),
            schedule: Schedule::constant(lr),
            horizon: budget::horizon(budget, self.batch as u64, count, self.pace),
            ..self.clone()
        };
        spec.counted()
    }

    /// The same with the steps and examples of its cost; its memory depends on neither budget nor rate.
    fn counted(mut self) -> TrainSpec {
        (self.cost.steps, self.cost.examples) = (self.horizon.total_steps, self.horizon.total_examples);
        if self.schedule.changes_batch() {
            self.count_out();
        }
        self
    }

    /// How many workers share a batch.
    pub fn workers(&self) -> usize {
        self.learner.workers()
    }

    /// The cost of the run. If the batch size grows with the readings, the cost without growth.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Whether a run is over after `step` updates with `examples` examples.
    pub fn complete(&self, step: u64, examples: u64) -> bool {
        if self.horizon.in_steps { step >= self.cost.steps } else { examples >= self.horizon.total_examples }
    }

    /// The progress of a run after `step` updates with `examples` examples.
    pub fn progress(&self, step: u64, examples: u64) -> Progress {
        let count = self.horizon.examples_per_epoch as f64;
        // A budget in examples counts as given, even if the last batch exceeds it.
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
    fn count_out(&mut self) {
        let count = self.horizon.examples_per_epoch;
        let (mut step, mut examples) = (0, self.pace.before);
        while !self.complete(step, examples) && step < LONGEST_COUNT {
            let batch = self.schedule.batch(self.batch, &self.progress(step, examples)) as u64;
            step += 1;
            let used = self.pace.each.unwrap_or(batch.clamp(1, count));
            examples += if self.pace.cut { used.min(count - examples % count) } else { used };
        }
        if step < LONGEST_COUNT {
            self.cost = Cost { steps: step, examples, ..self.cost };
        }
    }
}

/// Steps beyond which exact counting would take seconds, so that an estimate is used.
const LONGEST_COUNT: u64 = 100_000_000;

/// The batch size: a number of examples, or all of them, if the data are finite.
fn read_batch(settings: &Settings, data: &Dataset) -> Result<usize, SettingError> {
    let (count, endless) = (data.count(Part::Train), matches!(data.task(), Task::Control { .. }));
    let value = settings.checked(&BATCH)?;
    let Some(batch) = value.and_then(|value| value.number()) else {
        if endless {
            let why = format!("is not possible with data={}, which is endless: give a number", data.name());
            return Err(settings.error(&BATCH, why));
        }
        return Ok(count);
    };
    if batch <= count as f64 {
        return Ok(batch as usize);
    }
    let why = match endless {
        true => format!("is more than the {count} environment steps of an epoch"),
        false => format!("is more than the {count} training examples; batch=full uses them all"),
    };
    Err(settings.error(&BATCH, why))
}
