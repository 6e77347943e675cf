//! The time and memory that a study will take, for `--dry-run`, measured on a few updates.

use std::time::{Duration, Instant};

use anyhow::Result;
use sweep_core::{Cost, Flow, Observer, Reading, Run};

use crate::event::Planned;
use crate::executor::Executor;
use crate::executor::native::Native;

/// Longest time spent on one shape of trial.
const PROBE: Duration = Duration::from_millis(150);

/// Time and memory of `trials` on `jobs` threads, in words. Each distinct number of updates, examples and bytes is
/// tried for a moment, so the figure holds for this machine as loaded now.
///
/// # Errors
/// A trial that cannot start.
pub fn describe(executor: &Native, trials: &[Planned], jobs: usize) -> Result<String> {
    let mut known: Vec<(Cost, f64)> = Vec::new();
    let mut seconds = Vec::new();
    let mut bytes = 0;
    for trial in trials {
        let needs = executor.needs(&trial.point);
        bytes = needs.bytes.max(bytes);
        let took = match known.iter().find(|(other, _)| *other == needs) {
            Some((_, took)) => *took,
            None => {
                let took = probe(executor, trial)? * needs.steps as f64;
                known.push((needs, took));
                took
            }
        };
        seconds.push(took);
    }
    let (total, longest) = (seconds.iter().sum::<f64>(), seconds.iter().copied().fold(0.0, f64::max));
    let wall = (total / jobs as f64).max(longest);
    let memory = (executor.data_bytes() + bytes * jobs as u64) as f64 / 1e6;
    Ok(format!("about {} on {jobs} jobs (trial by trial {}), {memory:.0} MB", clock(wall), clock(total)))
}

/// The least time that is worth saying before a study starts, in seconds.
const LONG: f64 = 60.0;

/// The cost up to which a study of any network ends within that time, see [`Executor::cost`].
const SHORT: f64 = 50_000.0;

/// About how long `count` trials like those of `sample` will take on `jobs` threads, where that is more than a minute;
/// measured on the costliest of them.
///
/// # Errors
/// A trial that cannot start.
pub fn long(executor: &Native, sample: &[Planned], count: usize, jobs: usize) -> Result<Option<String>> {
    let costs = sample.iter().map(|trial| executor.cost(trial) as f64);
    let total = costs.clone().sum::<f64>() * count as f64 / sample.len().max(1) as f64;
    let Some((trial, cost)) = sample.iter().zip(costs).max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Ok(None);
    };
    if total < SHORT {
        return Ok(None);
    }
    let took = probe(executor, trial)? * executor.needs(&trial.point).steps as f64;
    let wall = (took * total / cost / jobs as f64).max(took);
    Ok((wall > LONG).then(|| format!("about {} for {count} trials on {jobs} jobs", clock(wall))))
}

/// Seconds an update of `trial` takes, readings left out.
fn probe(executor: &Native, trial: &Planned) -> Result<f64> {
    let mut run = executor.begin(&trial.point, trial.seed)?;
    let mut watch = Probe { end: Instant::now() + PROBE, steps: 0 };
    let start = Instant::now();
    run.advance(&mut watch);
    Ok(start.elapsed().as_secs_f64() / watch.steps.max(1) as f64)
}

struct Probe {
    end: Instant,
    steps: u64,
}

impl Observer for Probe {
    fn reading(&mut self, _: &Reading, _: &Run) -> Flow {
        Flow::Stop
    }

    fn step(&mut self, step: u64) -> Flow {
        self.steps = step;
        if Instant::now() >= self.end { Flow::Stop } else { Flow::Continue }
    }
}

/// Seconds in a readable unit.
pub fn clock(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.1} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
