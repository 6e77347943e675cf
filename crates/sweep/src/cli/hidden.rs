//! Commands that `sweep` starts itself: `sweep supervise` and `sweep confine`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::supervisor;

/// Starts a program with a limit on its memory; started by `sweep` itself.
#[derive(Args)]
pub struct Confine {
    /// Memory limit of each process, in bytes
    #[arg(long, value_name = "BYTES")]
    memory: u64,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    words: Vec<String>,
}

impl Confine {
    /// Becomes the program.
    pub fn run(self) -> Result<ExitCode> {
        supervisor::confine(self.memory, &self.words)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Ends every trial once `sweep` has ended; started by `sweep` itself.
#[derive(Args)]
pub struct Supervise {
    /// Seconds that programs get to end after a signal
    #[arg(long, value_name = "SECONDS")]
    grace: f64,
}

impl Supervise {
    /// Serves until standard input closes.
    pub fn run(self) -> Result<ExitCode> {
        supervisor::serve(Duration::try_from_secs_f64(self.grace)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
