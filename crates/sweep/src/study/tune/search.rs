//! A tuning run: finding ranges, a search, then confirmation on fresh seeds.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use sweep_study::SpecFile;

use super::Tuning;
use super::ranges::{with_range_found, with_ranges};
use crate::engine::Ended;
use crate::options::RunOptions;
use crate::stop::Stop;
use crate::study::estimate;
use crate::study::prepare::Prepared;
use crate::study::run::{self, StudyRun};

/// The share of the time and of the trials that the search may take; the rest is for confirmation.
const SEARCH: f64 = 0.6;

/// The share of the time by which the ranges have been widened.
const WIDEN: f64 = 0.8;

/// Number of points without improvement after which the search ends.
const PATIENCE: u64 = 30;

/// The limits of a tuning run.
#[derive(Clone, Copy, Debug)]
pub struct TunePlan {
    /// Time limit.
    pub time: Duration,
    /// Largest number of trials.
    pub trials: u64,
    /// Number of fresh seeds that confirm the best point and its rivals.
    pub confirm: u32,
}

/// Searches the space of the specification that `typed` puts over a base, confirms the best point and reports.
///
/// # Errors
/// A specification that cannot be meant, a store that cannot be written.
pub fn tune(
    plan: TunePlan,
    typed: impl FnOnce(SpecFile) -> SpecFile,
    mut options: RunOptions,
) -> Result<ExitCode> {
    let begun = Instant::now();
    options.stop.patience.get_or_insert(PATIENCE);
    let options = &options;
    let TunePlan { time, trials, confirm } = plan;
    let points = (SEARCH * trials as f64).round() as u64;
    let base = SpecFile { sampler: Some("ridge".into()), trials: Some(points), ..SpecFile::default() };
    let spec = with_ranges(typed(base))?;
    let Some(spec) = with_range_found(spec, options)? else { return Ok(ExitCode::from(3)) };
    let Prepared { mut study, objective, .. } = run::ready(spec, options, Some("tune"))?;
    options.report.print(&format!(
            "Then the search: points proposed by ridge, at most {} of them, or {PATIENCE} in a row without a better one, in at \
         most {} of {}.",
            points,
            estimate::clock(SEARCH * time.as_secs_f64()),
            estimate::clock(time.as_secs_f64())
        ),
    );
    if options.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let (store, folder) = run::open(&mut study, options)?;
    let close = begun.checked_add(time.mul_f64(SEARCH));
    let mut study_run = StudyRun { store, folder: &folder, options, stop: Stop::on_signals()?, close };
    let (ended, executor) = study_run.advance(Some((study.clone(), objective.clone())))?;
    if ended == Ended::Interrupted {
        return study_run.finish(ended, executor.as_ref());
    }
    let mut tuning = Tuning::after(study_run, (study, objective), (ended, executor), trials)?;
    tuning.widen(begun.checked_add(time.mul_f64(WIDEN)))?;
    tuning.confirm(confirm, begun.checked_add(time))?;
    tuning.settle(confirm)?;
    tuning.finish()
}
