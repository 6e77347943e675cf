//! `sweep fit-batch`: the largest batch size of a command that fits into memory.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use sweep_study::SpecFile;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use crate::study::fit_batch::{SizeSearch, fit_batch};

/// Doubles the batch size until the command runs out of memory, then halves what lies between.
#[derive(Args)]
#[command(after_help = "\
A batch size does not fit where the program ends with a message of CUDA, XLA or the like that memory is used up, or with
exit code 137. One that ends well, or still runs after --enough, fits; where it fails otherwise, the search ends.

Examples:
  sweep fit-batch --enough 60s -- python train.py --batch-size {batch}
  sweep fit-batch lr=0.1 --smallest 32 --largest 4096 --exact --json -- python train.py")]
pub struct FitBatch {
    /// The first batch size
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    smallest: u64,
    /// The largest batch size to try
    #[arg(long, value_name = "N", default_value_t = 65_536, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    largest: u64,
    /// Find the size to the last example, not to an eighth of a power of two
    #[arg(long)]
    exact: bool,
    /// Take a size for fitting once it has run so long, as in 60s [default: to its end]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    enough: Option<Duration>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    running: RunArgs,
}

impl FitBatch {
    /// Searches, and prints what was found. Exit code 3 where no size fits or a program fails otherwise.
    pub fn run(self) -> Result<ExitCode> {
        let Self { smallest, largest, exact, enough, .. } = self;
        let sizes = SizeSearch { smallest, largest, exact, enough };
        fit_batch(sizes, self.spec.over(SpecFile::default()), self.running.into())
    }
}
