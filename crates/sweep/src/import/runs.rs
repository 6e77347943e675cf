//! Runs as they are found in a source, and what is to be read from them.

use std::collections::BTreeMap;

use sweep_study::{Goal, Metrics, Value};

/// What is to be read from the runs.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The name that a parameter has here, and the one that it has there: `lr`, `learning_rate`.
    pub map: Vec<(String, String)>,
    /// The parameters, by their names there; all that are no metric where empty.
    pub params: Vec<String>,
    /// By what runs are ranked, where it was said.
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
    /// By what they were ranked there.
    pub goal: Option<Goal>,
    /// The ranges from which parameters were drawn, where the source tells them.
    pub ranges: BTreeMap<String, Range>,
    /// Whether readings are counted in epochs rather than in steps.
    pub epochs: bool,
    /// What was left out or taken for something, in sentences.
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
    /// What it set, by the names there.
    pub params: BTreeMap<String, Value>,
    /// Its seed, where it is told.
    pub seed: Option<String>,
    /// The last figures, by metric.
    pub metrics: Metrics,
    /// Its readings on the way: the step or the epoch, and the figures.
    pub readings: Vec<(f64, Metrics)>,
    /// How it ended.
    pub end: End,
}

/// How a run ended, apart from its figures.
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
