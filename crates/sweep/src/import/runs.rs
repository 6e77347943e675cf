//! Runs as found in a source, and the options for reading them.

use std::collections::BTreeMap;

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
    /// Its readings: the step or the epoch, and the metrics.
    pub readings: Vec<(f64, Metrics)>,
    /// How it ended.
    pub end: End,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// By itself.
    #[default]
    Complete,
    /// By a pruner.
    Pruned,
    /// By an error.
    Failed(String),
}
