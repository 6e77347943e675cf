//! `sweep report`: the files of a study, written again.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::Output;
use crate::store::Store;
use crate::{finish, place};

/// Writes the report of a study again.
#[derive(Args)]
pub struct Report {
    /// The study [default: the latest]
    study: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Report {
    /// Writes the files and prints the verdict; also while the study runs.
    pub fn run(self) -> Result<ExitCode> {
        let folder = place::find(&self.output.place.results, self.study.as_deref())?;
        finish::report(&Store::read(&folder)?, &folder, &self.output)
    }
}
