//! Runs that other programs made, read as a study: tables, Optuna studies, Hydra and Ray Tune folders.
//!
//! Each format has a file that reads it into [`Runs`]; [`study()`] makes one study of them. Nothing is trained, and what the
//! runs do not tell (steps, seeds) is said rather than guessed.

mod axis;
mod csv;
mod folder;
mod hydra;
mod journal;
mod json;
mod optuna;
mod ray;
mod sqlite;
mod study;
mod table;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use sweep_study::{Goal, Metrics, Value};

use crate::refusal::refuse;
pub use study::{Study, study};

/// What was asked about the runs.
#[derive(Clone, Debug, Default)]
pub struct Asked {
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

/// The runs in a file or a folder, whose format is told by what is in it.
///
/// # Errors
/// A format that is none of those known, or content that contradicts it.
pub fn read(path: &Path, asked: &Asked) -> Result<Runs> {
    let shown = path.display();
    if path.is_dir() {
        let folders = folder::below(path)?;
        if folders.iter().any(|folder| hydra::is(folder)) {
            return hydra::read(&folders, asked);
        }
        if folders.iter().any(|folder| ray::is(folder)) {
            return ray::read(&folders, asked);
        }
        return refuse(format!(
            "{shown} is no study and holds no runs: none of its folders has .hydra/overrides.yaml (Hydra) or params.json (Ray Tune)"
        ));
    }
    if sqlite::is(path)? {
        return sqlite::read(path, asked);
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let Ok(text) = String::from_utf8(bytes) else {
        return refuse(format!(
            "{shown} is no text and no SQLite file; give a CSV table, JSON lines or an Optuna file"
        ));
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return refuse(format!("{shown} is empty"));
    }
    if journal::is(text) {
        return journal::read(&shown.to_string(), text, asked);
    }
    let table = if json::is(text) {
        json::table(&shown.to_string(), text)?
    } else {
        csv::table(&shown.to_string(), text)?
    };
    table::runs(&table, asked)
}
