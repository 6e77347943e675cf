//! `sweep tune`: learning rate, batch size and schedule from one command, without ranges.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use sweep_study::SpecFile;
use sweep_study::space::axis::typed_name;
use sweep_study::value::{plain, round_significant};

use super::args::{Running, Spec};
use crate::engine::Ended;
use crate::stop::Stop;
use crate::study::estimate;
use crate::study::lr_range;
use crate::study::prepare::{Prepared, prepare};
use crate::study::run::{self, StudyRun, tell};
use crate::study::tune::Tuning;

/// The share of the time and of the trials that the search may take; the rest is for confirmation.
const SEARCH: f64 = 0.6;

/// The share of the time by which the ranges have been widened.
const WIDEN: f64 = 0.8;

/// Trials, unless the search finds nothing better for [`PATIENCE`] of them before.
const TRIALS: u64 = 200;

/// Points without a better one after which the search ends.
const PATIENCE: u64 = 30;

/// The batch size of the range test.
const TESTED: u64 = 64;

/// The factor by which the range is wider than the one found at that batch size.
const WIDER: f64 = 4.0;

/// Examples of the training part for each of the largest batch at least, so that an epoch has steps enough.
const STEPS_AN_EPOCH: u64 = 16;

/// Answers in a given time.
#[derive(Args)]
#[command(after_help = "\
What is not typed is found: the range of lr by a range test, batch sizes from 8 up, and three schedules; a point proposed by
`ridge` is tried at a time; where a best learning rate or the best batch size is the last tried, others beyond it are; then the
best and its rivals are trained on fresh seeds, which alone the verdict rests on.

Examples:
  sweep tune --time 2m
  sweep tune --time 30m --data reviews.tsv --text review --label stars model=lstm
  sweep tune --time 1h batch=32..512 --minimize val_loss -- python train.py --lr {lr} --batch-size {batch}
The same command goes on where it was stopped.")]
pub struct Tune {
    /// The time it may take, as in 90s, 5m or 2h
    #[arg(long, value_name = "TIME", default_value = "5m")]
    time: humantime::Duration,
    /// Trials at most, three fifths of them for the search
    #[arg(long, value_name = "N", default_value_t = TRIALS, value_parser = clap::value_parser!(u64).range(10..))]
    trials: u64,
    /// Fresh seeds on which the best and its rivals are confirmed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000))]
    confirm: u32,
    #[command(flatten)]
    spec: Spec,
    #[command(flatten)]
    running: Running,
}

impl Tune {
    /// Searches, confirms and reports.
    pub fn run(mut self) -> Result<ExitCode> {
        let begun = Instant::now();
        let time: Duration = self.time.into();
        self.running.limits.patient(PATIENCE);
        let points = (SEARCH * self.trials as f64).round() as u64;
        let base = SpecFile { sampler: Some("ridge".into()), trials: Some(points), ..SpecFile::default() };
        let spec = with_ranges(self.spec.over(base))?;
        let running = &self.running;
        let Some(spec) = with_range_found(spec, running)? else { return Ok(ExitCode::from(3)) };
        let Prepared { mut study, objective, .. } = run::ready(spec, running, Some("tune"))?;
        tell(
            running,
            &format!(
                "Then the search: points proposed by ridge, at most {} of them, or {PATIENCE} in a row without a better one, in at \
             most {} of {}.",
                points,
                estimate::clock(SEARCH * time.as_secs_f64()),
                estimate::clock(time.as_secs_f64())
            ),
        );
        if running.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let (store, folder) = run::open(&mut study, running)?;
        let close = begun.checked_add(time.mul_f64(SEARCH));
        let mut study_run = StudyRun { store, folder: &folder, running, stop: Stop::on_signals()?, close };
        let (ended, executor) = study_run.advance(Some((study.clone(), objective.clone())))?;
        if ended == Ended::Interrupted {
            return study_run.finish(ended, executor.as_ref());
        }
        let mut tuning = Tuning::after(study_run, (study, objective), (ended, executor), self.trials)?;
        tuning.widen(begun.checked_add(time.mul_f64(WIDEN)))?;
        tuning.confirm(self.confirm, begun.checked_add(time))?;
        tuning.settle(self.confirm)?;
        tuning.finish()
    }
}

/// The specification with axes for what it does not name itself.
fn with_ranges(mut spec: SpecFile) -> Result<SpecFile> {
    let open = spec.command.is_some();
    let catalogue = crate::catalogue::of(&spec)?;
    let named = |spec: &SpecFile, full: &str| {
        spec.names().any(|name| catalogue.find(name).is_some_and(|entry| entry.name == full))
    };
    if !named(&spec, "batch") {
        let largest = if open { 512 } else { largest_batch(&spec)? };
        spec.axes.push(format!("batch=8..{largest}"));
    }
    if !named(&spec, "lr") {
        let range = if open || varies(&spec, &["batch", "schedule", "lr"]) { "1e-5..10" } else { "@find" };
        spec.axes.push(format!("lr={range}"));
    }
    if !open && !named(&spec, "schedule") {
        spec.axes.push("schedule=constant,linear,cosine".to_owned());
    }
    Ok(spec)
}

/// The specification with the range of lr by a range test at one batch size, wide enough for all others; `None`, the reason
/// told, where the test finds none.
fn with_range_found(mut spec: SpecFile, running: &Running) -> Result<Option<SpecFile>> {
    if !lr_range::asked(&spec) {
        return Ok(Some(spec));
    }
    tell(running, &format!("First the range of lr, by a range test at B={TESTED}."));
    let mut one = spec.clone();
    one.axes.retain(|axis| typed_name(axis) != "batch");
    one.settings.retain(|(name, _)| name != "batch");
    one.axes.push(format!("batch={TESTED}"));
    let Some(found) = lr_range::filled_in(&one, running)? else { return Ok(None) };
    let range = found.axes.iter().find_map(|axis| axis.strip_prefix("lr="));
    let Some(axis) = range.and_then(widened) else { return Ok(Some(found)) };
    spec.axes.retain(|axis| typed_name(axis) != "lr");
    spec.axes.push(axis);
    Ok(Some(spec))
}

/// The axis of a range as typed, `low..high` and its suffixes, with its ends further apart.
fn widened(range: &str) -> Option<String> {
    let (low, rest) = range.split_once("..")?;
    let (high, suffixes) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
    let wide = |end: f64| plain(round_significant(end, 2));
    let (low, high) = (wide(low.parse::<f64>().ok()? / WIDER), wide(high.parse::<f64>().ok()? * WIDER));
    Some(format!("lr={low}..{high}{suffixes}"))
}

/// Whether anything but the axes named varies, so that there is not one network to make a range test of.
fn varies(spec: &SpecFile, but: &[&str]) -> bool {
    spec.axes.iter().any(|axis| !but.contains(&typed_name(axis)) && axis.contains([',', '.']))
}

/// The largest batch size worth trying on the data: a power of two.
fn largest_batch(spec: &SpecFile) -> Result<u64> {
    let probe = SpecFile {
        axes: vec!["lr=0.1".into()],
        trials: Some(1),
        sampler: Some("random".into()),
        ..spec.clone()
    };
    let examples = prepare(&probe, u64::MAX)?.study.train_examples;
    let most = (examples / STEPS_AN_EPOCH).clamp(16, 2048);
    Ok(1 << most.ilog2())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_range_keeps_its_suffixes_when_it_is_widened() {
        assert_eq!(super::widened("0.01..1").as_deref(), Some("lr=0.0025..4"));
        assert_eq!(super::widened("0.01..1:9:log").as_deref(), Some("lr=0.0025..4:9:log"));
        assert_eq!(super::widened("0.01,1"), None);
    }
}
