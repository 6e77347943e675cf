//! Keras Tuner's projects: a folder a trial with `trial.json`.

use anyhow::Result;
use serde_json::Value as Json;
use sweep_study::Direction;

use super::json;
use super::runs::{End, ImportOptions, Run, Runs};
use super::source::{Format, Source};

/// The file that makes a folder a trial's.
const TRIAL: &str = "trial.json";

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "a folder of Keras Tuner trials",
    mark: Some("trial.json (Keras Tuner)"),
    recognizes: |source| Ok(source.folders.iter().any(|folder| folder.join(TRIAL).is_file())),
    read,
};

/// The trials in a folder.
///
/// # Errors
/// A file that is no JSON.
fn read(source: &Source, options: &ImportOptions) -> Result<Runs> {
    let mut found = Runs { goal: options.goal.clone(), ..Runs::default() };
    let mut waiting = 0;
    for path in source.folders.iter().map(|folder| folder.join(TRIAL)).filter(|path| path.is_file()) {
        let trial = json::file(&path)?;
        match trial["status"].as_str() {
            Some("RUNNING" | "IDLE") => waiting += 1,
            status => found.runs.push(run(&trial, status)),
        }
        if found.goal.is_none()
            && let Some((metric, direction)) = only_validated(&trial)
        {
            found.goal = Some(sweep_study::Goal { metric, direction });
        }
    }
    found.note_open(waiting, "trial");
    Ok(found)
}

fn run(trial: &Json, status: Option<&str>) -> Run {
    let mut run = Run::default();
    let values = json::flat(&trial["hyperparameters"]["values"]).into_iter();
    // What it adds for Hyperband.
    let own = |name: &str| name.starts_with("tuner/");
    run.params =
        values.filter(|(name, _)| !own(name)).filter_map(|(name, value)| Some((name, value?))).collect();
    for (name, metric) in metrics(trial) {
        for observation in metric["observations"].as_array().into_iter().flatten() {
            // Executions of one trial are averaged, as it does.
            let values = observation["value"].as_array().into_iter().flatten();
            let values: Vec<f64> = values.map(|value| value.as_f64().unwrap_or(f64::NAN)).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            run.metrics.insert(name.clone(), mean);
        }
    }
    run.end = match status {
        Some("COMPLETED" | "STOPPED") if !run.metrics.is_empty() => End::Complete,
        Some(status) => End::Failed(status.to_lowercase()),
        None => End::Failed("it has no status".to_owned()),
    };
    run
}

fn metrics(trial: &Json) -> impl Iterator<Item = (&String, &Json)> {
    trial["metrics"]["metrics"].as_object().into_iter().flatten()
}

/// The only validated metric, which is then the objective, and which way it is better.
fn only_validated(trial: &Json) -> Option<(String, Direction)> {
    let mut all = metrics(trial).filter(|(name, _)| name.starts_with("val_"));
    let (name, metric) = all.next().filter(|_| all.next().is_none())?;
    let direction = if metric["direction"] == "max" { Direction::Maximize } else { Direction::Minimize };
    Some((name.clone(), direction))
}
