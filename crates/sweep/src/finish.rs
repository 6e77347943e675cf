//! What a study leaves: its test figures, its files, and what it says.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde_json::{Value as Json, json};
use sweep_report::facts::{BatchBest, Status};
use sweep_report::{By, Facts, Format};
use sweep_study::{Metrics, Outcome, StudyRecord, Trial};

use crate::cli::args::{Output, Running};
use crate::engine::{Ended, Stop};
use crate::executor::Executor;
use crate::refusal::refuse;
use crate::store::Store;
use crate::{files, output, run};

/// The trials of the recommended point: the best, unless its learning rate lies on the border of what was tried, for
/// then there is nothing to recommend yet.
fn recommended(facts: &Facts) -> Vec<u64> {
    let Some(best) = &facts.best else { return Vec::new() };
    let at_edge = |row: &BatchBest| row.cell == Some(best.cell) && row.lr.status == Status::Edge;
    if facts.best_per_batch.iter().any(at_edge) { Vec::new() } else { best.trials.clone() }
}

/// Writes the weights of the best point's first trial to `best.npz` in the study's folder.
fn save_best(store: &Store, folder: &Path, executor: &dyn Executor, stop: &Stop) -> Result<()> {
    let Some(record) = load(store)? else { return Ok(()) };
    let best = sweep_report::facts(&record).best.and_then(|best| best.trials.first().copied());
    let Some(trial) = best.and_then(|number| record.trials.iter().find(|trial| trial.number == number))
    else {
        return Ok(());
    };
    if let Some(weights) = executor.weights(trial, &|| stop.requested())? {
        files::write(&folder.join("best.npz"), &weights)?;
    }
    Ok(())
}

/// Rows of the table of the best points.
const BEST_ROWS: usize = 5;

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
    if ended != Ended::Interrupted {
        test_recommended(store, executor, stop, running.jobs())?;
        if running.save_best {
            save_best(store, folder, executor, stop)?;
        }
    }
    let to = &running.output;
    let code = report(store, folder, to)?;
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

/// Writes the report of the study in `folder` and tells what it says.
///
/// # Errors
/// Files that cannot be written, a study that was never started.
pub fn report(store: &Store, folder: &Path, to: &Output) -> Result<ExitCode> {
    let Some(record) = load(store)? else {
        return refuse(format!("the study in {} was never started", folder.display()));
    };
    let facts = sweep_report::facts(&record);
    let results = sweep_report::results(&record, &facts, timing(&record));
    let mut written = vec![
        ("results.json".to_owned(), pretty(&results)?),
        ("trials.csv".to_owned(), sweep_report::csv(&record).into_bytes()),
    ];
    let formats: &[Format] = if to.svg { &[Format::Png, Format::Svg] } else { &[Format::Png] };
    for format in formats {
        written.extend(pictures(&record, &facts, *format)?);
    }
    for (name, bytes) in &written {
        files::write(&folder.join(name), bytes)?;
    }
    if to.place.json {
        output::say(&serde_json::to_string_pretty(&results)?);
    } else {
        output::say(&spoken(&record, &facts));
        for (name, _) in &written {
            output::say(&folder.join(name).display().to_string());
        }
    }
    Ok(code(&record))
}

/// The pictures of a study by file name; none before a trial has ended with a curve.
fn pictures(record: &StudyRecord, facts: &Facts, format: Format) -> Result<Vec<(String, Vec<u8>)>> {
    let drawable =
        |trial: &Trial| matches!(trial.outcome, Outcome::Complete { .. } | Outcome::Diverged { .. });
    if !record.trials.iter().any(drawable) {
        return Ok(Vec::new());
    }
    let ending = match format {
        Format::Png => "png",
        Format::Svg => "svg",
    };
    // A command may tell steps alone.
    let by = if record.trials.iter().any(|trial| trial.epochs > 0.0) { By::Epochs } else { By::Steps };
    let mut drawn = vec![
        (format!("heatmap.{ending}"), sweep_report::heatmap(record, facts, format)?),
        (format!("curves.{ending}"), sweep_report::curves(record, facts, by, format)?),
    ];
    let mut batches: Vec<_> = facts.cells.iter().filter_map(|cell| cell.batch).collect();
    batches.dedup();
    if batches.len() > 1 {
        drawn.push((format!("batches.{ending}"), sweep_report::batches(record, facts, format)?));
    }
    if facts.axes.lr {
        drawn.push((format!("losses.{ending}"), sweep_report::losses(record, facts, format)?));
    }
    if !facts.critical_batch.is_empty() {
        drawn
            .push((format!("critical_batch.{ending}"), sweep_report::critical_batch(record, facts, format)?));
    }
    if !facts.regret.is_empty() {
        drawn.push((format!("regret.{ending}"), sweep_report::regret(record, facts, format)?));
    }
    if facts.importance.is_some() {
        drawn.push((format!("importance.{ending}"), sweep_report::importance(record, facts, format)?));
    }
    Ok(drawn)
}

/// The verdict and the best trials as text.
pub fn spoken(record: &StudyRecord, facts: &Facts) -> String {
    format!(
        "\n{}\n{}",
        sweep_report::verdict(record, facts),
        sweep_report::best_table(record, facts, BEST_ROWS)
    )
}

/// The study's record with the test figures of its recommended trials.
///
/// # Errors
/// The store cannot be read.
pub fn load(store: &Store) -> Result<Option<StudyRecord>> {
    let stored = store.load()?;
    let Some(mut record) = run::record(&stored)? else { return Ok(None) };
    let recommended = recommended(&sweep_report::facts(&record));
    for (number, metrics) in stored.tests {
        let trial = record.trials.iter_mut().find(|trial| trial.number == number);
        if let (Some(trial), true) = (trial, recommended.contains(&number)) {
            trial.metrics.extend(metrics);
        }
    }
    Ok(Some(record))
}

/// Reads the test set for the recommended trials that have no figures yet, as many at once as there are jobs.
fn test_recommended(store: &mut Store, executor: &dyn Executor, stop: &Stop, jobs: usize) -> Result<()> {
    let stored = store.load()?;
    let Some(record) = run::record(&stored)? else { return Ok(()) };
    let known: Vec<u64> = stored.tests.iter().map(|(number, _)| *number).collect();
    let recommended = recommended(&sweep_report::facts(&record));
    let wanted = |trial: &&Trial| recommended.contains(&trial.number) && !known.contains(&trial.number);
    let trials: Vec<&Trial> = record.trials.iter().filter(wanted).collect();
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

/// What comes from the machine; the report adds each trial's seconds.
fn timing(_: &StudyRecord) -> Json {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    json!({ "cores": cores, "os": std::env::consts::OS, "arch": std::env::consts::ARCH })
}

fn pretty(results: &Json) -> Result<Vec<u8>> {
    let mut text = serde_json::to_string(results).context("results do not serialise")?;
    text.push('\n');
    Ok(text.into_bytes())
}

/// 0, or 3 where no trial ended complete, pruned or diverged.
pub fn code(record: &StudyRecord) -> ExitCode {
    let finished = |outcome: &Outcome| {
        matches!(outcome, Outcome::Complete { .. } | Outcome::Pruned | Outcome::Diverged { .. })
    };
    ExitCode::from(if record.trials.iter().any(|trial| finished(&trial.outcome)) { 0 } else { 3 })
}
