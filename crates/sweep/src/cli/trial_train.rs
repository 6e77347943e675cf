//! `sweep trial-train`: trains a segment of a trial on another machine, by the trial's folder.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::executor::remote;
use crate::stop::Stop;

/// Trains the segment requested in the folder of an attempt; started by `sweep` itself.
#[derive(Args)]
pub struct TrialTrain {
    /// Folder of the attempt
    folder: PathBuf,
}

impl TrialTrain {
    /// Trains it.
    pub fn run(self) -> Result<ExitCode> {
        remote::train(&self.folder, &Stop::on_signals()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
