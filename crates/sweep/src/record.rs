//! The record of a study, from its store or from what its report left.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value as Json;
use sweep_report::Facts;
use sweep_study::StudyRecord;

use crate::place;
use crate::refusal::refuse;
use crate::report::Reported;
use crate::store::{self, Store};

/// The document of a study's report, from which it is read where its store is not at hand.
const RESULTS: &str = "results.json";

/// The folder, the record and the facts of the study `name` or of the one in the folder of that name: from its store, else from its
/// `results.json`; of the latest study where no name is given.
///
/// # Errors
/// There is neither, or it cannot be read.
pub fn read(results: &Path, name: Option<&str>) -> Result<(PathBuf, StudyRecord, Facts)> {
    for folder in name.into_iter().flat_map(|name| [results.join(name), name.into()]) {
        let document = folder.join(RESULTS);
        if !folder.join(store::FILE).is_file() && document.is_file() {
            let shown = document.display();
            let text = std::fs::read_to_string(&document).with_context(|| format!("cannot read {shown}"))?;
            let json: Json = serde_json::from_str(&text).or_else(|why| refuse(format!("{shown}: {why}")))?;
            let record = sweep_report::read(&json).or_else(|why| refuse(format!("{shown}: {why}")))?;
            let facts = sweep_report::facts(&record);
            return Ok((folder, record, facts));
        }
    }
    let folder = place::find(results, name)?;
    let study = Reported::of(&Store::read(&folder)?, &folder)?;
    Ok((folder, study.record, study.facts))
}
