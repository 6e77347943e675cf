//! `sweep trial-run`: the attempts at trials of one cluster job.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::executor::slurm;
use crate::stop::Stop;
use crate::trial_folder::task;

/// Runs the attempts of one task of a job array, one after another; submitted by `sweep` itself.
#[derive(Args)]
pub struct TrialRun {
    /// File that lists the tasks of the array
    list: PathBuf,
}

impl TrialRun {
    /// Runs the attempts to their end, on behalf of the job that runs them.
    pub fn run(self) -> Result<ExitCode> {
        let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| "-".to_owned());
        let owner = format!("job {} on {}", variable("SLURM_JOB_ID"), variable("SLURMD_NODENAME"));
        let index = variable("SLURM_ARRAY_TASK_ID");
        let index = index.parse().with_context(|| format!("SLURM_ARRAY_TASK_ID={index} is not a number"))?;
        let stop = Stop::on_signals()?;
        let attempts = slurm::listed(&self.list, index)?;
        // One failing attempt must not keep the others from running.
        let mut runner = task::Runner::new(&owner, &stop);
        let ran: Vec<Result<()>> = attempts.iter().map(|attempt| runner.run(attempt)).collect();
        ran.into_iter().collect::<Result<()>>()?;
        Ok(ExitCode::SUCCESS)
    }
}
