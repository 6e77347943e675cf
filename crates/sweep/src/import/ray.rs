//! Ray Tune folders: each trial's `params.json`, and one line per report in its `result.json`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value as Json;
use sweep_settings::names;

use super::runs::{End, ImportOptions, Run, Runs};
use super::source::Format;
use super::{folder, json};
use crate::lenient;
use crate::refusal::refuse;

/// The file that makes a folder a trial's.
const PARAMS: &str = "params.json";

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a folder of Ray Tune trials",
    mark: Some("params.json (Ray Tune)"),
    recognizes: |source| Ok(source.folders.iter().any(|folder| is_run(folder))),
    read: |source, options| read(&source.folders, options),
};

/// Whether `folder` is that of a trial.
fn is_run(folder: &Path) -> bool {
    folder.join(PARAMS).is_file()
}

/// What Ray adds to each report for itself.
const OWN: [&str; 12] = [
    "timestamp",
    "done",
    "pid",
    "trial_id",
    "date",
    "node_ip",
    "hostname",
    "time_this_iter_s",
    "time_since_restore",
    "iterations_since_restore",
    "should_checkpoint",
    "episodes_total",
];

/// The trials in those of `folders` that are of Ray Tune.
///
/// # Errors
/// Parameters or reports that are no JSON.
fn read(folders: &[PathBuf], options: &ImportOptions) -> Result<Runs> {
    let mut found = Runs { goal: options.goal.clone(), ..Runs::default() };
    for folder in folders.iter().filter(|folder| is_run(folder)) {
        let path = folder.join(PARAMS);
        let shown = path.display();
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        let params: Json =
            serde_json::from_str(&lenient::plain(&text)).or_else(|why| refuse(format!("{shown}: {why}")))?;
        let mut run = Run::default();
        for (name, value) in json::flat(&params) {
            let Some(value) = value else { continue };
            if names::is_seed(&name) || options.replicates.as_deref() == Some(name.as_str()) {
                run.seed = Some(value.to_string());
            } else {
                run.params.insert(name, value);
            }
        }
        let result = folder.join("result.json");
        if result.is_file() {
            folder::add(&mut run, &result, options.steps.as_deref())?;
        }
        run.metrics.retain(|name, _| !OWN.contains(&name.as_str()));
        run.readings
            .iter_mut()
            .for_each(|(_, figures)| figures.retain(|name, _| !OWN.contains(&name.as_str())));
        if folder.join("error.txt").is_file() {
            run.end = End::Failed("see error.txt".to_owned());
        } else if run.metrics.is_empty() {
            run.end = End::Failed("it reported nothing".to_owned());
        }
        found.runs.push(run);
    }
    Ok(found)
}
