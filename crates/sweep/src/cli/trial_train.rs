//! `sweep trial-train`: a segment of a trial by its folder, as another machine trains it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::executor::remote;
use crate::stop::Stop;

/// Trains what is ordered in the folder of an attempt; started by `sweep` itself.
#[derive(Args)]
pub struct TrialTrain {
    /// The folder of the attempt
    folder: PathBuf,
}

impl TrialTrain {
    /// Trains it.
    pub fn run(self) -> Result<ExitCode> {
        remote::train(&self.folder, &Stop::on_signals()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
