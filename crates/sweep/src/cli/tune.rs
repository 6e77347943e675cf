//! `sweep tune`: learning rate, batch size and schedule from one command, without ranges.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use crate::study::tune::{TunePlan, tune};

/// Trials, unless the search finds nothing better for a while.
const TRIALS: u64 = 200;

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
    spec: SpecArgs,
    #[command(flatten)]
    running: RunArgs,
}

impl Tune {
    /// Searches, confirms and reports.
    pub fn run(self) -> Result<ExitCode> {
        let plan = TunePlan { time: self.time.into(), trials: self.trials, confirm: self.confirm };
        tune(plan, |base| self.spec.over(base), self.running.into())
    }
}
