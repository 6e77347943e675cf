//! `sweep train`: one training run.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_study::SpecFile;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use crate::study::train::train;

/// Trains once; nothing is stored unless --name is given.
#[derive(Args)]
pub struct Train {
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    running: RunArgs,
    /// Print N tokens that a language model generates after the beginning of the validation text
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
}

impl Train {
    /// Trains and prints each reading, then the test results.
    pub fn run(self) -> Result<ExitCode> {
        let spec = self.spec.over(SpecFile { sampler: Some("grid".to_owned()), ..SpecFile::default() });
        train(&spec, self.sample, &self.running.into())
    }
}
