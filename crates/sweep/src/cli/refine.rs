//! `sweep refine`: more runs where the result is least certain, and confirmation of the winner on fresh seeds.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::RunArgs;
use super::as_trial::AsTrial;
use crate::study::refine;

/// Adds runs to a study.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep refine                     more learning rates near the best of each batch size, in the latest study
  sweep refine quick --confirm 5   the best point and its rivals again, each on five fresh seeds
  sweep refine runs -- python train.py --lr {lr} --bs {batch}   near the best of runs imported by `sweep report runs.csv`
After --confirm the verdict uses only the fresh seeds.")]
pub struct Refine {
    /// Study [default: the latest]
    study: Option<String>,
    /// Run the best point and every rival not significantly worse (at most eight) on this many fresh seeds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    confirm: Option<u32>,
    #[command(flatten)]
    trial: AsTrial,
    #[command(flatten)]
    running: RunArgs,
}

impl Refine {
    /// Adds the runs and reports the study.
    pub fn run(self) -> Result<ExitCode> {
        let typed = |base| self.trial.over(base);
        refine::refine(self.study.as_deref(), self.confirm, &typed, &self.running.into())
    }
}
