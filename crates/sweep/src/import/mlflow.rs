//! MLflow's runs: its store of files, and its SQLite file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sweep_study::Value;

use super::base::{self, Sql, rows};
use super::runs::{End, ImportOptions, Readings, Run, Runs};
use super::source::{Format, Source};
use super::table::{number, there_are};
use crate::refusal::refuse;
use crate::yaml;

/// Registered in the table of formats.
pub const FILES: Format = Format {
    name: "a folder of MLflow runs (mlruns)",
    mark: Some("meta.yaml with params and metrics (MLflow)"),
    recognizes: |source| Ok(source.folders.iter().any(|folder| is_run(folder))),
    read: |source, options| runs(&source.shown(), from_files(source)?, options),
};

/// Registered in the table of formats.
pub const BASE: Format = Format {
    name: "an MLflow SQLite file",
    mark: None,
    recognizes: |source| Ok(base::is_one(source) && is_base(&source.path)),
    read: |source, options| {
        let shown = source.shown();
        let logged = from_base(&source.path).or_else(|why| refuse(format!("{shown}: {why}")))?;
        runs(&shown, logged, options)
    },
};

/// A run as MLflow keeps it.
#[derive(Default)]
struct Logged {
    experiment: String,
    status: String,
    params: BTreeMap<String, String>,
    /// Name, step and value of each reading.
    metrics: Vec<(String, i64, f64)>,
}

/// Whether `folder` is that of a run.
fn is_run(folder: &Path) -> bool {
    folder.join("meta.yaml").is_file() && folder.join("metrics").is_dir() && folder.join("params").is_dir()
}

fn from_files(source: &Source) -> Result<Vec<Logged>> {
    source.folders.iter().filter(|folder| is_run(folder)).map(|folder| from_folder(folder)).collect()
}

fn from_folder(folder: &Path) -> Result<Logged> {
    let text = |path: &Path| {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let meta = |folder: &Path| {
        let path = folder.join("meta.yaml");
        yaml::read(&text(&path)?).or_else(|why| refuse(format!("{}: {why}", path.display())))
    };
    let own = meta(folder)?;
    // The store keeps the status as a number.
    let status = match own["status"].as_i64() {
        Some(1 | 2) => "RUNNING",
        Some(4) => "FAILED",
        Some(5) => "KILLED",
        _ => "FINISHED",
    };
    let experiment =
        folder.parent().filter(|parent| parent.join("meta.yaml").is_file()).map(meta).transpose()?;
    let experiment = experiment.and_then(|meta| meta["name"].as_str().map(str::to_owned)).unwrap_or_default();
    let mut logged = Logged { experiment, status: status.to_owned(), ..Logged::default() };
    for (name, path) in files(&folder.join("params")) {
        logged.params.insert(name, text(&path)?.trim().to_owned());
    }
    for (name, path) in files(&folder.join("metrics")) {
        for line in text(&path)?.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, value, rest @ ..] = words.as_slice() else { continue };
            let Some(value) = number(value) else {
                return refuse(format!("{}: `{value}` is not a number", path.display()));
            };
            let step = rest.first().and_then(|step| step.parse().ok()).unwrap_or(0);
            logged.metrics.push((name.clone(), step, value));
        }
    }
    Ok(logged)
}

/// The files below a folder by their names, which may have slashes.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, path)| (format!("{name}/{inner}"), path)));
        } else {
            found.push((name, path));
        }
    }
    found.sort();
    found
}

fn is_base(path: &Path) -> bool {
    base::open(path)
        .and_then(|base| base::has_tables(&base, &["experiments", "runs", "params", "metrics"]))
        .is_ok_and(|found| found)
}

fn from_base(path: &Path) -> Sql<Vec<Logged>> {
    let base = base::open(path)?;
    let mut all: BTreeMap<String, Logged> = BTreeMap::new();
    let mut order = Vec::new();
    let runs = "select r.run_uuid, e.name, r.status from runs r join experiments e on e.experiment_id = r.experiment_id \
                where r.lifecycle_stage = 'active' order by r.start_time, r.run_uuid";
    rows(&base, runs, |row| {
        let id: String = row.get(0)?;
        order.push(id.clone());
        all.insert(id, Logged { experiment: row.get(1)?, status: row.get(2)?, ..Logged::default() });
        Ok(())
    })?;
    rows(&base, "select run_uuid, key, value from params", |row| {
        if let Some(logged) = all.get_mut(&row.get::<_, String>(0)?) {
            logged.params.insert(row.get(1)?, row.get(2)?);
        }
        Ok(())
    })?;
    rows(&base, "select run_uuid, key, step, value, is_nan from metrics order by timestamp", |row| {
        if let Some(logged) = all.get_mut(&row.get::<_, String>(0)?) {
            let value = if row.get(4)? { f64::NAN } else { row.get(3)? };
            logged.metrics.push((row.get(1)?, row.get(2)?, value));
        }
        Ok(())
    })?;
    Ok(order.iter().filter_map(|id| all.remove(id)).collect())
}

/// The runs of one experiment.
fn runs(shown: &str, logged: Vec<Logged>, options: &ImportOptions) -> Result<Runs> {
    let experiments: BTreeSet<String> = logged.iter().map(|logged| logged.experiment.clone()).collect();
    let experiments: Vec<String> = experiments.into_iter().collect();
    let chosen = match (&options.within, experiments.as_slice()) {
        (Some(name), all) if all.contains(name) => name.clone(),
        (Some(name), all) => {
            return refuse(format!("{shown} has no experiment `{name}`; {}", there_are(all)));
        }
        (None, [one]) => one.clone(),
        (None, all) => {
            return refuse(format!(
                "{shown} holds {} experiments; name one with --study; {}",
                all.len(),
                there_are(all)
            ));
        }
    };
    let mut found = Runs { goal: options.goal.clone(), ..Runs::default() };
    let mut waiting = 0;
    for logged in logged.into_iter().filter(|logged| logged.experiment == chosen) {
        if matches!(logged.status.as_str(), "RUNNING" | "SCHEDULED") {
            waiting += 1;
            continue;
        }
        found.runs.push(run(logged, options));
    }
    found.note_open(waiting, "run");
    Ok(found)
}

fn run(logged: Logged, options: &ImportOptions) -> Run {
    let mut run = Run::default();
    for (name, text) in logged.params {
        if options.is_seed(&name) {
            run.seed = Some(text);
        } else {
            run.params.insert(name, Value::read(&text));
        }
    }
    let mut steps: BTreeMap<i64, Vec<(&str, f64)>> = BTreeMap::new();
    for (name, step, value) in &logged.metrics {
        steps.entry(*step).or_default().push((name, *value));
    }
    for (step, figures) in &steps {
        run.readings.push(*step as f64, figures.iter().copied());
    }
    run.close();
    if steps.len() == 1 {
        run.readings = Readings::default();
    }
    if matches!(logged.status.as_str(), "FAILED" | "KILLED") {
        run.end = End::Failed(logged.status.to_lowercase());
    } else if run.metrics.is_empty() {
        run.end = End::Failed("it logged no metric".to_owned());
    }
    run
}
