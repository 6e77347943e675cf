//! Hydra multirun folders: each run's overrides in `.hydra/overrides.yaml`, its figures in a file beside it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sweep_study::Value;

use super::folder;
use super::runs::{End, ImportOptions, Run, Runs};
use super::source::Format;
use crate::refusal::refuse;
use crate::yaml;

/// The file that makes a folder a run's.
const OVERRIDES: &str = ".hydra/overrides.yaml";

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a folder of Hydra multiruns",
    mark: Some(".hydra/overrides.yaml (Hydra)"),
    recognizes: |source| Ok(source.folders.iter().any(|folder| is_run(folder))),
    read: |source, options| read(&source.folders, options),
};

/// Whether `folder` is that of a run.
fn is_run(folder: &Path) -> bool {
    folder.join(OVERRIDES).is_file()
}

/// The runs in those of `folders` that are of Hydra.
///
/// # Errors
/// Overrides that are no list of words, figures that cannot be read.
fn read(folders: &[PathBuf], options: &ImportOptions) -> Result<Runs> {
    let mut found = Runs { goal: options.goal.clone(), ..Runs::default() };
    for folder in folders.iter().filter(|folder| is_run(folder)) {
        let path = folder.join(OVERRIDES);
        let shown = path.display();
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        let read = yaml::read(&text).or_else(|why| refuse(format!("{shown}: {why}")))?;
        let overrides: Vec<String> = serde_json::from_value(read)
            .or_else(|_| refuse(format!("{shown} must be a list of words, name=value")))?;
        let mut run = Run::default();
        for word in &overrides {
            let Some((name, value)) = word.split_once('=') else { continue };
            let name = name.trim_start_matches('+');
            if options.is_seed(name) {
                run.seed = Some(value.to_owned());
            } else if !name.starts_with("hydra") && !name.starts_with('~') {
                run.params.insert(name.to_owned(), Value::read(value.trim_matches(['\'', '"'])));
            }
        }
        match folder::figures(folder) {
            Some(path) => found.epochs |= folder::add(&mut run, &path, options.steps.as_deref(), &[])?,
            None => run.end = End::Failed("it left no file of metrics".to_owned()),
        }
        found.runs.push(run);
    }
    if found.runs.iter().all(|run| run.metrics.is_empty()) {
        return refuse(
            "no run has a metrics file: metrics.jsonl, metrics.json, metrics.csv, or the same named results or log",
        );
    }
    Ok(found)
}
