//! `sweep fit-batch`: the largest batch size at which a command fits into memory.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use sweep_study::SpecFile;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use crate::study::fit_batch::{SizeSearch, fit_batch};

/// Doubles the batch size until the command runs out of memory, then bisects.
#[derive(Args)]
#[command(after_help = "\
A batch size does not fit if the program exits with code 137 or prints an out-of-memory message of CUDA, XLA or the like.
It fits if the program completes or still runs after --enough. Any other failure ends the search.

Examples:
  sweep fit-batch --enough 60s -- python train.py --batch-size {batch}
  sweep fit-batch lr=0.1 --smallest 32 --largest 4096 --exact --json -- python train.py")]
pub struct FitBatch {
    /// First batch size to try
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    smallest: u64,
    /// Largest batch size to try
    #[arg(long, value_name = "N", default_value_t = 65_536, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    largest: u64,
    /// Find the exact size [default: to an eighth of a power of two]
    #[arg(long)]
    exact: bool,
    /// Count a batch size as fitting once it has run for this long, such as 60s [default: until it completes]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    enough: Option<Duration>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    running: RunArgs,
}

impl FitBatch {
    /// Searches and prints the result. Exit code 3 if no size fits or a program fails for another reason.
    pub fn run(self) -> Result<ExitCode> {
        let Self { smallest, largest, exact, enough, .. } = self;
        let sizes = SizeSearch { smallest, largest, exact, enough };
        fit_batch(sizes, self.spec.over(SpecFile::default()), self.running.into())
    }
}
