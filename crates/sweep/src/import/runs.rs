//! Runs as found in a source, and the options for reading them.

use std::collections::BTreeMap;

use sweep_settings::names;
use sweep_study::{Goal, Metrics, Value};

/// Options for reading runs.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Names of parameters here and in the source: `lr`, `learning_rate`.
    pub map: Vec<(String, String)>,
    /// The parameters, by their names in the source; if empty, all columns that are not metrics.
    pub params: Vec<String>,
    /// Columns that part the runs into groups: of a table, only these, the mapped ones and those named as a learning rate
    /// or a batch size are parameters, unless `params` says otherwise.
    pub groups: Vec<String>,
    /// Columns by which the study will be parted: parameters, as others are.
    pub parted: Vec<String>,
    /// Only runs with these values: columns of the source, each with its value.
    pub only: Vec<(String, String)>,
    /// The column that says whether a run diverged.
    pub diverged: Option<String>,
    /// Runs whose last value of the ranked metric lies above this diverged.
    pub diverged_above: Option<f64>,
    /// The column of the rung at which a run was measured, which is its step or epoch: runs that stopped below the
    /// highest one are not compared with the rest.
    pub rung: Option<String>,
    /// The column of the steps that a run took to its target, by which runs are then ranked.
    pub steps_to_target: Option<String>,
    /// The metric that ranks the runs, if given.
    pub goal: Option<Goal>,
    /// The column that holds the seed.
    pub replicates: Option<String>,
    /// The column that holds the step or the epoch of a reading.
    pub steps: Option<String>,
    /// The study of an Optuna file that holds several.
    pub within: Option<String>,
    /// The name that the study is given.
    pub name: String,
}

impl ImportOptions {
    /// Whether a parameter is the seed, by its name or as asked for.
    pub fn is_seed(&self, name: &str) -> bool {
        names::is_seed(name) || self.replicates.as_deref() == Some(name)
    }
}

/// `1 run`, `3 runs`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Runs as they were found.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// The runs, in the order of the source.
    pub runs: Vec<Run>,
    /// The metric that ranks them in the source.
    pub goal: Option<Goal>,
    /// The ranges from which parameters were drawn, if the source records them.
    pub ranges: BTreeMap<String, Range>,
    /// Whether readings are counted in epochs rather than in steps.
    pub epochs: bool,
    /// What was left out or interpreted, in sentences.
    pub notes: Vec<String>,
}

impl Runs {
    /// Notes that so many runs have not ended, which the source calls by `noun`.
    pub fn note_open(&mut self, count: usize, noun: &str) {
        if count > 0 {
            let have = if count == 1 { "has" } else { "have" };
            self.notes.push(format!("{} {have} not ended and been left out.", counted(count, noun)));
        }
    }
}

/// A range from which numbers were drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether its logarithm was drawn evenly.
    pub log: bool,
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its parameters, by their names in the source.
    pub params: BTreeMap<String, Value>,
    /// Its seed, if recorded.
    pub seed: Option<String>,
    /// The last values, by metric.
    pub metrics: Metrics,
    /// Its readings.
    pub readings: Readings,
    /// How it ended.
    pub end: End,
}

/// The readings of a run, a column a metric, since there may be millions.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// The step or the epoch of each.
    pub at: Vec<f64>,
    /// The values by metric, NaN where a reading has none.
    pub metrics: BTreeMap<String, Vec<f64>>,
    /// The value of each metric in its last reading, and when that was.
    last: BTreeMap<String, (f64, f64)>,
}

impl Readings {
    /// Adds a reading.
    pub fn push<'a>(&mut self, at: f64, figures: impl Iterator<Item = (&'a str, f64)>) {
        let before = self.at.len();
        self.at.push(at);
        for (name, value) in figures {
            if !self.metrics.contains_key(name) {
                self.metrics.insert(name.to_owned(), Vec::new());
                self.last.insert(name.to_owned(), (at, value));
            }
            if let Some(column) = self.metrics.get_mut(name) {
                column.resize(before, f64::NAN);
                column.push(value);
            }
            if let Some(last) = self.last.get_mut(name).filter(|last| at >= last.0) {
                *last = (at, value);
            }
        }
    }

    /// Puts the readings in order.
    fn sort(&mut self) {
        self.metrics.values_mut().for_each(|column| column.resize(self.at.len(), f64::NAN));
        if self.at.is_sorted() {
            return;
        }
        let mut order: Vec<usize> = (0..self.at.len()).collect();
        order.sort_by(|a, b| self.at[*a].total_cmp(&self.at[*b]));
        let sorted = |column: &[f64]| order.iter().map(|index| column[*index]).collect::<Vec<f64>>();
        self.metrics.values_mut().for_each(|column| *column = sorted(column));
        self.at = sorted(&self.at);
    }

    /// Keeps `most` readings, evenly, the last one among them.
    pub fn thin(&mut self, most: usize) {
        let count = self.at.len();
        if count <= most {
            return;
        }
        let kept = |column: &[f64]| -> Vec<f64> {
            (1..=most).map(|index| column[index * count / most - 1]).collect()
        };
        self.metrics.values_mut().for_each(|column| *column = kept(column));
        self.at = kept(&self.at);
    }
}

impl Run {
    /// Puts the readings in order and takes the last figure of each metric for its own.
    pub fn close(&mut self) {
        self.readings.sort();
        let last = self.readings.last.iter().map(|(name, (_, value))| (name.clone(), *value));
        self.metrics.extend(last);
    }
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// By itself.
    #[default]
    Complete,
    /// By a pruner.
    Pruned,
    /// It diverged.
    Diverged,
    /// By an error.
    Failed(String),
}
