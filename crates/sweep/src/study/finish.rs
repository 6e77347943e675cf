//! The end of a study: its test results, the weights of its best trial, and its report.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rayon::prelude::*;
use sweep_report::facts::untimed;
use sweep_study::{Metrics, Trial};

use crate::engine::Ended;
use crate::executor::Executor;
use crate::options::{ReportOptions, RunOptions};
use crate::stop::Stop;
use crate::store::Store;
use crate::study::report::{Reported, recommended};
use crate::{files, output};

/// Reads the test set for the recommended point, writes the report and tells the verdict; for an interrupted study
/// writes what is there and tells how to continue.
///
/// # Errors
/// Files that cannot be written.
pub fn finish(
    store: &mut Store,
    folder: &Path,
    ended: Ended,
    executor: &dyn Executor,
    stop: &Stop,
    options: &RunOptions,
) -> Result<ExitCode> {
    if ended == Ended::Finished {
        store.drop_checkpoints()?;
    }
    let mut study = Reported::started(store, folder)?;
    if ended != Ended::Interrupted {
        test_recommended(&study, store, executor, stop, options.jobs())?;
        study.take(store.tests()?);
        if ended == Ended::Finished {
            time_steps(&mut study, store, executor, stop)?;
        }
        if options.save_best {
            save_best(&study, folder, executor, stop)?;
        }
    }
    let to = &options.report;
    let code = study.write(folder, to)?;
    if let Some(why) = executor.gave_up() {
        output::eprintln(&format!(
            "stopped: {why}\nits output: sweep logs {}{}\nmend the script and run the same command: the failed trials run again; or continue with --keep-going",
            files::stem(folder).unwrap_or_default(),
            elsewhere(to)
        ));
        return Ok(code);
    }
    let name = files::stem(folder).unwrap_or_default();
    let place = elsewhere(to);
    let (why, code) = match ended {
        Ended::Finished => return Ok(code),
        Ended::TimedOut => ("the time limit is reached", code),
        Ended::Interrupted => ("interrupted", ExitCode::from(130)),
    };
    output::eprintln(&format!("{why}; finished trials are kept. Continue with: sweep resume {name}{place}"));
    Ok(code)
}

/// The option that names the folder of studies, where it is not the usual one.
fn elsewhere(to: &ReportOptions) -> String {
    let place = to.results.display().to_string();
    if place == "results" { String::new() } else { format!(" --results {place}") }
}

/// Times the steps that the facts use, one shape after the other with nothing running in parallel, and stores the
/// times.
fn time_steps(study: &mut Reported, store: &mut Store, executor: &dyn Executor, stop: &Stop) -> Result<()> {
    for number in untimed(&study.record, &study.facts) {
        let trial = study.record.trial(number);
        if let Some(time) = trial.and_then(|trial| executor.step_time(trial, &|| stop.requested())) {
            store.add_step_time(&time)?;
            study.record.pace.steps.push(time);
        }
    }
    Ok(())
}

/// Writes the weights of the best point's first trial to `best.npz` in the study's folder.
fn save_best(study: &Reported, folder: &Path, executor: &dyn Executor, stop: &Stop) -> Result<()> {
    let best = study.facts.best.as_ref().and_then(|best| best.trials.first());
    let trial = best.and_then(|number| study.record.trial(*number));
    let Some(trial) = trial else { return Ok(()) };
    if let Some(weights) = executor.weights(trial, &|| stop.requested())? {
        files::write(&folder.join("best.npz"), &weights)?;
    }
    Ok(())
}

/// Reads the test set for the recommended trials that have no figures yet, as many at once as there are jobs, and keeps
/// the figures in the store.
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
