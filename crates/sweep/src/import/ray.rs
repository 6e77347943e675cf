//! Folders of trials with a file of parameters each: Ray Tune's `params.json`, AlgoPerf's `hparams.json`; the figures lie in
//! a file beside it.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::runs::{End, ImportOptions, Run, Runs, counted};
use super::source::Format;
use super::{folder, json};

/// The files that make a folder a trial's.
const PARAMS: [&str; 2] = ["params.json", "hparams.json"];

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a folder of Ray Tune or AlgoPerf trials",
    mark: Some("params.json (Ray Tune) or hparams.json (AlgoPerf)"),
    recognizes: |source| Ok(source.folders.iter().any(|folder| is_run(folder))),
    read: |source, options| read(&source.folders, options),
};

/// Whether `folder` is that of a trial.
fn is_run(folder: &Path) -> bool {
    params(folder).is_some()
}

fn params(folder: &Path) -> Option<PathBuf> {
    PARAMS.iter().map(|name| folder.join(name)).find(|path| path.is_file())
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
    for folder in folders {
        let Some(path) = params(folder) else { continue };
        let mut run = Run::default();
        for (name, value) in json::flat(&json::file(&path)?) {
            let Some(value) = value else { continue };
            if options.is_seed(&name) {
                run.seed = Some(value.to_string());
            } else {
                run.params.insert(name, value);
            }
        }
        // A results.json beside it is that of another program.
        let result = Some(folder.join("result.json")).filter(|path| path.is_file());
        if let Some(result) = result.or_else(|| folder::table_in(folder)) {
            folder::add(&mut run, &result, options.steps.as_deref(), &OWN)?;
        }
        if folder.join("error.txt").is_file() {
            run.end = End::Failed("see error.txt".to_owned());
        } else if run.metrics.is_empty() {
            run.end = End::Failed("it reported nothing".to_owned());
        }
        found.runs.push(run);
    }
    found.notes.extend(without_metric(&mut found.runs, options));
    Ok(found)
}

/// Leaves out runs that measured other metrics than the one that ranks, as those of other workloads do.
fn without_metric(runs: &mut Vec<Run>, options: &ImportOptions) -> Option<String> {
    let metric = &options.goal.as_ref()?.metric;
    if !runs.iter().any(|run| run.metrics.contains_key(metric)) {
        return None;
    }
    let before = runs.len();
    runs.retain(|run| run.metrics.is_empty() || run.metrics.contains_key(metric));
    let left = before - runs.len();
    let runs = counted(left, "run");
    (left > 0).then(|| format!("{runs} without {metric}, which measured other metrics, left out."))
}
