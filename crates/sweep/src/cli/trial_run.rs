//! `sweep trial-run`: one attempt at a trial, as a task of a cluster runs it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::command::task;

/// Runs one attempt at a trial by its folder; submitted by `sweep` itself.
#[derive(Args)]
pub struct TrialRun {
    /// The folder of the attempt
    folder: PathBuf,
}

impl TrialRun {
    /// Runs the attempt to its end, in the name of the job that runs it.
    pub fn run(self) -> Result<ExitCode> {
        let of = |name: &str| std::env::var(name).unwrap_or_else(|_| "-".to_owned());
        let owner = format!("job {} on {}", of("SLURM_JOB_ID"), of("SLURMD_NODENAME"));
        task::run(&self.folder, &owner)?;
        Ok(ExitCode::SUCCESS)
    }
}
