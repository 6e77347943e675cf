//! `sweep tune`: finds learning rate, batch size and schedule in one command, without ranges.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use crate::study::tune::{TunePlan, tune};

/// Default limit on the number of trials.
const TRIALS: u64 = 200;

/// Searches and confirms within a given time.
#[derive(Args)]
#[command(after_help = "\
Defaults for what is not typed: the range of lr comes from a range test, batch sizes start at 8, and three schedules are
tried. The sampler `ridge` proposes one point at a time. If a best learning rate or the best batch size is the last one
tried, values beyond it are tried too. Then the best point and its rivals are trained on fresh seeds; the verdict uses
only these.

Examples:
  sweep tune --time 2m
  sweep tune --time 30m --data reviews.tsv --text review --label stars model=lstm
  sweep tune --time 1h batch=32..512 --minimize val_loss -- python train.py --lr {lr} --batch-size {batch}
The same command resumes an interrupted run.")]
pub struct Tune {
    /// Time limit, such as 90s, 5m or 2h
    #[arg(long, value_name = "TIME", default_value = "5m")]
    time: humantime::Duration,
    /// Largest number of trials; three fifths of them are for the search
    #[arg(long, value_name = "N", default_value_t = TRIALS, value_parser = clap::value_parser!(u64).range(10..))]
    trials: u64,
    /// Number of fresh seeds that confirm the best point and its rivals
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
