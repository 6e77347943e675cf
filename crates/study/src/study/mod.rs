//! The study as run: all defaults filled in, all contradictions already refused.

pub mod command;
mod conflict;
mod earlier;
mod extra;
mod lag;
pub mod pruning;
pub mod wandb;

pub use command::{Command, Cwd, Style};
pub use earlier::{Earlier, EarlierTrial};
pub use extra::{Extra, FRESH};
pub use lag::Lag;
pub use pruning::Pruning;
pub use wandb::{Seed, Seeded, Wandb};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sweep_settings::names::BUDGETS;
use sweep_settings::{Catalogue, Direction, Goal, names};

use crate::{Constraint, Derived, Imported, Point, Space, Trial, Value};

/// Which reading of a trial counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// The last one (the default).
    #[default]
    Last,
    /// The best one.
    Best,
}

/// How the data is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Train, validation and test parts; the test part is read only for the recommended point (the default).
    #[default]
    Holdout,
    /// Train on all of the training file and validate on the test set, as tutorials do.
    Textbook,
}

/// A study: its space, data, number of trials and goals.
///
/// ```
/// use sweep_study::{Direction, Domain, Goal, Parameter, Scale, Space, Study};
///
/// let lr = Domain::interval(1e-3, 0.1, Scale::Log, false);
/// let space = Space::new(vec![Parameter { name: "lr".into(), domain: lr, when: None }]);
/// let goal = Goal { metric: "val_loss".into(), direction: Direction::Minimize };
/// let study = Study { sampler: "random".into(), trials: Some(20), ..Study::new(space, goal) };
/// assert_eq!((study.replicates, study.seed), (1, 0));
/// assert_eq!(study.lr(&study.space.cell(0).unwrap()), Some(0.001));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Its name, also the name of its folder.
    pub name: String,
    /// The name of the sampler.
    pub sampler: String,
    /// The data: `mnist`, a folder or a file; for a command its script.
    pub data: String,
    /// The column that holds the label, for tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is made of the label column, `classify` or `regress`, where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The column that holds texts, for tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The unit into which texts are split: `char` or `word`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<String>,
    /// Sequence length in tokens (the maximum for labelled texts).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The command that a trial runs; `None` for the built-in trainer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// The source of its first trials, if another program ran them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
    /// How the data is divided.
    pub split: Split,
    /// Examples in the training part, the size of `batch=full`.
    pub train_examples: u64,
    /// Every setting that no axis varies, defaults filled in.
    pub settings: BTreeMap<String, Value>,
    /// The axes.
    pub space: Space,
    /// The parameters that follow from others by a rule, each after those that it follows from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<Derived>,
    /// How many points are tried; `None` if the sampler ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<u64>,
    /// Which results a proposal may use, for samplers that learn.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lag: Lag,
    /// Which trials end before their budget is used up.
    #[serde(flatten)]
    pub pruning: Pruning,
    /// How often each point is run, with the same seeds at every point.
    pub replicates: u32,
    /// Bounds that a trial must satisfy to be best.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject_to: Vec<Constraint>,
    /// Points that are tried first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enqueue: Vec<Point>,
    /// Trials of other studies that warm-start the sampler.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Earlier>,
    /// Points run in addition to those of the sampler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra>,
    /// The seed of the study; replicate r runs with this seed plus r, unless `seeds` has its own.
    pub seed: u64,
    /// The seeds of the first replicates, where they were listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seeds: Vec<u64>,
    /// The goal of the study.
    pub goal: Goal,
    /// Further metrics, which do not lead the search: points are compared in all of them together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Goal>,
    /// Which reading of a trial counts.
    pub rank: Rank,
    /// The lowest value that a minimized goal can reach, where it is known; values are compared by their excess over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// The settings under which the batch size changes during a trial.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch_growth: Vec<BatchGrowth>,
}

/// A setting under which the batch size changes during a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchGrowth {
    /// Its name.
    pub setting: String,
    /// The setting and the values of it under which it applies; `None` for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<(String, Vec<String>)>,
}

fn is_default(lag: &Lag) -> bool {
    *lag == Lag::default()
}

impl Study {
    /// The grid of `space` with each cell run once and all other fields at their defaults. Use it to fill the other
    /// fields: `..Study::new(space, goal)`.
    pub fn new(space: Space, goal: Goal) -> Study {
        Study { sampler: "grid".to_owned(), space, goal, replicates: 1, ..Study::default() }
    }

    /// Whether a trial satisfies every bound of the study.
    pub fn feasible(&self, trial: &Trial) -> bool {
        self.subject_to.iter().all(|constraint| constraint.kept(trial))
    }

    /// Notes which of its settings change the batch size during a trial, by the `catalogue` that it was typed with.
    pub fn note_batch_growth(&mut self, catalogue: &Catalogue) {
        let named = |name: &str| self.settings.contains_key(name) || self.space.get(name).is_some();
        let growing = catalogue.settings.iter().filter(|setting| setting.grows_batch && named(setting.name));
        self.batch_growth = growing
            .map(|setting| BatchGrowth { setting: setting.name.to_owned(), when: setting.condition() })
            .collect();
    }

    /// Whether the batch size changes during the trial at `point`.
    pub fn grows(&self, point: &Point) -> bool {
        self.batch_growth.iter().any(|growth| {
            let applies = growth.when.as_ref().is_none_or(|(parent, values)| {
                self.setting(point, parent).is_some_and(|value| values.contains(&value.to_string()))
            });
            applies && self.setting(point, &growth.setting).is_some()
        })
    }

    /// The settings that determine the time per step at `point`: all except rates, schedules, readings and the end of a
    /// trial.
    pub fn shape(&self, point: &Point) -> Point {
        let mut settings = self.settings_at(point);
        settings.retain(|name, _| !names::leaves_step_time(name));
        Point(settings)
    }

    /// All metrics of the study's goals, first the one that ranks trials.
    pub fn goals(&self) -> impl Iterator<Item = &Goal> {
        std::iter::once(&self.goal).chain(&self.also)
    }

    /// The budget's name and, unless it is an axis, its value.
    pub fn budget(&self) -> (&'static str, Option<&Value>) {
        let named = |name: &&&str| self.settings.contains_key(**name) || self.space.get(name).is_some();
        let name = BUDGETS.iter().find(named).copied().unwrap_or(BUDGETS[0]);
        (name, self.settings.get(name))
    }

    /// All settings that `point` runs with: the fixed ones, its own, and those that follow from them.
    pub fn settings_at(&self, point: &Point) -> BTreeMap<String, Value> {
        let mut settings = self.settings.clone();
        settings.extend(point.0.clone());
        for derived in &self.derived {
            let value = derived.value(&|name| self.number(name, settings.get(name)?));
            settings.extend(value.map(|value| (derived.name().to_owned(), value)));
        }
        settings
    }

    /// What `point` sets: its own values and those that follow from them.
    pub fn params(&self, point: &Point) -> Point {
        if self.derived.is_empty() {
            return point.clone();
        }
        let mut settings = self.settings_at(point);
        settings.retain(|name, _| !self.settings.contains_key(name));
        Point(settings)
    }

    /// The value of a setting at `point`, be it an axis, derived or fixed.
    pub fn setting(&self, point: &Point, name: &str) -> Option<Value> {
        if self.derived.iter().any(|derived| derived.name() == name) {
            return self.settings_at(point).remove(name);
        }
        point.get(name).or_else(|| self.settings.get(name)).cloned()
    }

    /// A setting's value as a number (a batch of `full` is all of the training part).
    fn number(&self, name: &str, value: &Value) -> Option<f64> {
        match value {
            Value::Text(word) if name == names::BATCH && word == "full" => Some(self.train_examples as f64),
            value => value.number(),
        }
    }

    /// The batch size at `point` as a number of examples (`full` is all of the training part).
    pub fn batch(&self, point: &Point) -> Option<f64> {
        self.number(names::BATCH, &self.setting(point, names::BATCH)?)
    }

    /// The learning rate at `point`.
    pub fn lr(&self, point: &Point) -> Option<f64> {
        self.setting(point, names::LR)?.number()
    }

    /// The seed of a replicate, the same at every point.
    pub fn replicate_seed(&self, replicate: u32) -> u64 {
        if let Some(seed) = self.seeds.get(replicate as usize) {
            return *seed;
        }
        // Further ones are none of those listed.
        let listed = self.seeds.len() as u64;
        let first = self.seeds.iter().max().map_or(self.seed, |last| last.wrapping_add(1));
        first.wrapping_add(u64::from(replicate) - listed)
    }

    /// Whether it is known what a trial runs; for imported runs only after the user has said so.
    pub fn runs(&self) -> bool {
        self.imported.is_none() || self.command.is_some() || self.train_examples > 0
    }

    /// Whether trial `number` was run by another program.
    pub fn is_imported(&self, number: u64) -> bool {
        self.imported.as_ref().is_some_and(|imported| number < imported.trials)
    }

    /// What makes a trial the same trial: all its settings and its seed, as canonical text.
    pub fn identity(&self, point: &Point, seed: u64) -> String {
        format!("{} seed={seed}", Point(self.settings_at(point)).key())
    }

    /// The value that ranks a trial: the last or the best reading of the goal's metric, NaN if it has none.
    pub fn value(&self, trial: &Trial) -> f64 {
        let last = trial.metrics.get(&self.goal.metric).copied().unwrap_or(f64::NAN);
        match self.rank {
            Rank::Last => last,
            Rank::Best => trial.curve.metric(&self.goal.metric).iter().copied().fold(last, |best, value| {
                let better = match self.goal.direction {
                    Direction::Minimize => value < best,
                    Direction::Maximize => value > best,
                };
                if better || best.is_nan() { value } else { best }
            }),
        }
    }

    /// A name made of what is studied: sampler, data, model, and eight hex digits of the whole specification. For
    /// studies that warm-start it only their names count, not their results.
    pub fn default_name(&self) -> String {
        let mut nameless = Study { name: String::new(), ..self.clone() };
        nameless.from.iter_mut().for_each(|earlier| earlier.trials.clear());
        // A study holds only finite numbers and string keys, which always serialise.
        let text = serde_json::to_string(&nameless).unwrap_or_default();
        let digits: String =
            Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let data =
            std::path::Path::new(&self.data).file_stem().map_or("data".into(), |stem| stem.to_string_lossy());
        let data: String = data
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        if self.command.is_some() {
            return format!("{}-{data}-{digits}", self.sampler);
        }
        let model = self.settings.get("model").map_or("models".to_owned(), Value::to_string);
        format!("{}-{data}-{model}-{digits}", self.sampler)
    }
}
