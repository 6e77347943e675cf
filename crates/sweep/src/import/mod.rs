//! Runs that other programs made, read as a study: tables, Optuna studies, Hydra and Ray Tune folders.
//!
//! Each format has a file that reads it into [`Runs`] and a line in [`TABLE`]; [`study()`] makes one study of them.
//! Nothing is trained, and what the runs do not record (steps, seeds) is reported, not guessed.

mod alike;
mod axis;
mod base;
mod csv;
mod determined;
mod folder;
mod hydra;
mod journal;
mod json;
mod keras_tuner;
mod mlflow;
mod optuna;
mod ray;
mod roles;
mod rows;
mod runs;
mod source;
mod sqlite;
mod study;
mod table;
mod wandb;
pub mod words;

use std::path::Path;

use anyhow::Result;

use crate::refusal::refuse;
pub use runs::{ImportOptions, Runs};
use source::{Format, Source};
pub use study::{Study, study};

/// Every format, in the order in which they are tried: the first that recognises a source reads it.
const TABLE: [&Format; 10] = [
    &hydra::FORMAT,
    &ray::FORMAT,
    &mlflow::FILES,
    &keras_tuner::FORMAT,
    &wandb::FORMAT,
    &mlflow::BASE,
    &sqlite::FORMAT,
    &journal::FORMAT,
    &json::FORMAT,
    &csv::FORMAT,
];

/// The runs in a file or a folder, whose format is recognised by its content.
///
/// # Errors
/// A format that is none of those known, or content that contradicts it.
pub fn read(path: &Path, options: &ImportOptions) -> Result<Runs> {
    let source = Source::open(path)?;
    let folder = !source.folders.is_empty();
    for format in TABLE.iter().filter(|format| format.mark.is_some() == folder) {
        if (format.recognizes)(&source)? {
            return (format.read)(&source, options);
        }
    }
    let marks: Vec<&str> = TABLE.iter().filter_map(|format| format.mark).collect();
    refuse(format!(
        "{} is neither a study nor a folder of runs: none of its folders has {}; tables of readings are read as one file \
         with a row per reading, a column for each parameter, and --steps-column",
        path.display(),
        marks.join(" or ")
    ))
}

/// What can be read, for the help.
pub fn formats() -> String {
    TABLE.map(|format| format.name).join(", ")
}
