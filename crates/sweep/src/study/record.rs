//! The record of a study, from its store or from what its report left.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value as Json;
use sweep_report::Facts;
use sweep_study::{Direction, Study, StudyRecord, Trial};

use crate::refusal::refuse;
use crate::store::{self, Store};
use crate::study::report::Reported;
use crate::study::study_dir;

/// The document of a study's report, from which it is read where its store is not at hand.
const RESULTS: &str = "results.json";

/// The folder and the report of the study `name` or of the one in the folder of that name: from its store, else from
/// its `results.json`; of the latest study where no name is given.
///
/// # Errors
/// There is neither, or it cannot be read.
pub fn reported(results: &Path, name: Option<&str>) -> Result<(PathBuf, Reported)> {
    if let Some(folder) = name.and_then(|name| document_alone(results, name)) {
        let document = folder.join(RESULTS);
        let shown = document.display();
        let text = std::fs::read_to_string(&document).with_context(|| format!("cannot read {shown}"))?;
        let json: Json = serde_json::from_str(&text).or_else(|why| refuse(format!("{shown}: {why}")))?;
        let study = Reported::from_document(&json).or_else(|why| refuse(format!("{shown}: {why}")))?;
        return Ok((folder, study));
    }
    let folder = study_dir::find(results, name)?;
    let study = Reported::started(&Store::read(&folder)?, &folder)?;
    Ok((folder, study))
}

/// Compares the values of a study by their excess over `floor` from now on.
///
/// # Errors
/// There is no such study, its store cannot be written, or the floor does not suit its values: see [`suits`].
pub fn set_floor(results: &Path, name: Option<&str>, floor: f64) -> Result<()> {
    let folder = study_dir::find(results, name)?;
    let record = Reported::started(&Store::read(&folder)?, &folder)?.record;
    let study = Study { floor: Some(floor), ..record.study.clone() };
    suits(&study, &record.trials)?;
    Store::write(&folder)?.add_revision(&study)
}

/// Refuses a floor that is not a number, of a metric that is maximized, or not below all values of `trials`.
pub fn suits(study: &Study, trials: &[Trial]) -> Result<()> {
    let Some(floor) = study.floor else { return Ok(()) };
    let metric = &study.goal.metric;
    if study.goal.direction == Direction::Maximize {
        return refuse(format!(
            "--floor {floor} is for a metric that is minimized, and {metric} is maximized"
        ));
    }
    let values = trials.iter().map(|trial| study.value(trial)).filter(|value| value.is_finite());
    match values.reduce(f64::min) {
        Some(lowest) if floor.is_nan() || floor >= lowest => {
            refuse(format!("--floor {floor} is not below the lowest {metric}, {lowest}; give one that is"))
        }
        _ => Ok(()),
    }
}

/// The folder of a study of which only the report is left.
pub fn document_alone(results: &Path, name: &str) -> Option<PathBuf> {
    let alone = |folder: &PathBuf| !folder.join(store::FILE).is_file() && folder.join(RESULTS).is_file();
    [results.join(name), name.into()].into_iter().find(alone)
}

/// The folder, the record and the facts of a study.
///
/// # Errors
/// As [`reported`].
pub fn read(results: &Path, name: Option<&str>) -> Result<(PathBuf, StudyRecord, Facts)> {
    let (folder, study) = reported(results, name)?;
    Ok((folder, study.record, study.facts))
}
