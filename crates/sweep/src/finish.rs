//! The end of a study: its test figures, the weights of its best, and its report.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rayon::prelude::*;
use sweep_report::Facts;
use sweep_report::facts::{Cell, Measure};
use sweep_study::{Metrics, Parameter, Point, StudyRecord, Trial};

use crate::cli::args::Running;
use crate::engine::{Ended, Stop};
use crate::executor::Executor;
use crate::report::{Reported, recommended};
use crate::store::Store;
use crate::{files, output};

/// The axes along which a step takes the same time: learning rates, their schedules, and how long a run is.
const SAME_STEP: [&str; 9] =
    ["lr", "batch", "schedule", "warmup", "weight_decay", "epochs", "steps", "examples", "clip_norm"];

/// Reads the test set for the recommended point, writes the report and tells the verdict; for an interrupted study
/// writes what is there and tells how to go on.
///
/// # Errors
/// Files that cannot be written.
pub fn finish(
    store: &mut Store,
    folder: &Path,
    ended: Ended,
    executor: &dyn Executor,
    stop: &Stop,
    running: &Running,
) -> Result<ExitCode> {
    if ended == Ended::Finished {
        store.drop_checkpoints()?;
    }
    let mut study = Reported::of(store, folder)?;
    if ended != Ended::Interrupted {
        test_recommended(&study, store, executor, stop, running.jobs())?;
        study.take(store.tests()?);
        time_alone(&mut study, store, executor, stop)?;
        if running.save_best {
            save_best(&study, folder, executor, stop)?;
        }
    }
    let to = &running.output;
    let code = study.write(folder, to)?;
    if let Some(why) = executor.gave_up() {
        output::complain(&format!(
            "stopped: {why}\n--keep-going goes on all the same; --retry-failed runs those again"
        ));
        return Ok(code);
    }
    let name = crate::place::stem(folder).unwrap_or_default();
    let place = to.place.results.display().to_string();
    let place = if place == "results" { String::new() } else { format!(" --results {place}") };
    let (why, code) = match ended {
        Ended::Finished => return Ok(code),
        Ended::TimedOut => ("the time is up", code),
        Ended::Interrupted => ("interrupted", ExitCode::from(130)),
    };
    output::complain(&format!("{why}; everything finished is kept. Go on with: sweep resume {name}{place}"));
    Ok(code)
}

/// Times a step of each batch size that has no figure yet, one after the other, now that no trial runs, and keeps the figures
/// in the store.
fn time_alone(study: &mut Reported, store: &mut Store, executor: &dyn Executor, stop: &Stop) -> Result<()> {
    let mut points = alike(&study.record, &study.facts);
    points.retain(|(batch, _)| study.record.paces.iter().all(|pace| pace.batch != *batch));
    for (_, point) in points {
        if let Some(pace) = executor.pace(&point, &|| stop.requested()) {
            store.add_pace(&pace)?;
        }
    }
    study.record.paces = store.paces()?;
    Ok(())
}

/// The best point of each batch size, where a step costs the same at all points of a batch size: no axis but those below
/// varies, and no batch grows.
fn alike(record: &StudyRecord, facts: &Facts) -> Vec<(f64, Point)> {
    let examples = |trial: &Trial| trial.epochs * record.study.train_examples as f64;
    let grown = |trial: &Trial| {
        let batch = record.study.batch(&trial.point).unwrap_or(f64::INFINITY);
        examples(trial) > 1.5 * batch * trial.steps as f64
    };
    let named = |axis: &Parameter| {
        SAME_STEP.iter().any(|name| axis.name == *name || axis.name.starts_with(&format!("{name}.")))
    };
    if !record.study.space.parameters.iter().all(named) || record.trials.iter().any(grown) {
        return Vec::new();
    }
    let measure = Measure::of(&record.study.goal);
    let mut best: Vec<&Cell> = facts.cells.iter().filter(|cell| cell.value.is_some()).collect();
    best.sort_by(|a, b| measure.order(a.value, b.value));
    let mut points: Vec<(f64, Point)> = Vec::new();
    for cell in best {
        if let Some(batch) = cell.batch.filter(|batch| points.iter().all(|(known, _)| known != batch)) {
            points.push((batch, cell.params.clone()));
        }
    }
    points
}

/// Writes the weights of the best point's first trial to `best.npz` in the study's folder.
fn save_best(study: &Reported, folder: &Path, executor: &dyn Executor, stop: &Stop) -> Result<()> {
    let best = study.facts.best.as_ref().and_then(|best| best.trials.first());
    let trial = best.and_then(|number| study.record.trials.iter().find(|trial| trial.number == *number));
    let Some(trial) = trial else { return Ok(()) };
    if let Some(weights) = executor.weights(trial, &|| stop.requested())? {
        files::write(&folder.join("best.npz"), &weights)?;
    }
    Ok(())
}

/// Reads the test set for the recommended trials that have no figures yet, as many at once as there are jobs, and keeps the
/// figures in the store.
fn test_recommended(
    study: &Reported,
    store: &mut Store,
    executor: &dyn Executor,
    stop: &Stop,
    jobs: usize,
) -> Result<()> {
    let known: Vec<u64> = store.tests()?.iter().map(|(number, _)| *number).collect();
    let recommended = recommended(&study.facts);
    let wanted = |trial: &&Trial| recommended.contains(&trial.number) && !known.contains(&trial.number);
    let trials: Vec<&Trial> = study.record.trials.iter().filter(wanted).collect();
    let test = |trial: &&Trial| (trial.number, executor.test(trial, &|| stop.requested()));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
    let figures: Vec<(u64, Metrics)> = pool.install(|| trials.par_iter().map(test).collect());
    for (number, metrics) in figures {
        if !metrics.is_empty() {
            store.add_test(number, &metrics)?;
        }
    }
    Ok(())
}
