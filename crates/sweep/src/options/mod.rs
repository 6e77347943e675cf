//! How a study is run, as plain values: not part of its specification, and independent of the command line.

mod cluster;
mod launch;
mod stop;

use std::path::PathBuf;

use crate::output;

pub use cluster::{ClusterOptions, Place, positive};
pub use launch::LaunchOptions;
pub use stop::StopOptions;

/// How a study is run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Number of parallel trials, if given.
    pub jobs: Option<usize>,
    /// Start a new study even if one of this name exists.
    pub fresh: bool,
    /// Run failed trials again.
    pub retry_failed: bool,
    /// Keep the weights of the best trial.
    pub save_best: bool,
    /// Print the plan and run nothing.
    pub dry_run: bool,
    /// Refuse points that would need more bytes than this with all jobs running.
    pub max_memory: Option<u64>,
    /// Refuse studies with more trials than this.
    pub max_trials: u64,
    /// When to stop early.
    pub stop: StopOptions,
    /// Where the report goes.
    pub report: ReportOptions,
    /// How and where trials are started.
    pub launch: LaunchOptions,
}

impl RunOptions {
    /// The number of parallel trials.
    pub fn jobs(&self) -> usize {
        // Devices that contradict each other are refused where the commands are started.
        self.launch.slots(self.jobs).jobs().unwrap_or(1)
    }
}

/// Where a study's report is written, and its output format.
#[derive(Clone, Debug, Default)]
pub struct ReportOptions {
    /// The folder that holds the studies.
    pub results: PathBuf,
    /// Print one JSON document instead of text.
    pub json: bool,
    /// Draw the charts as SVG too.
    pub svg: bool,
    /// Show no progress.
    pub quiet: bool,
}

impl ReportOptions {
    /// Prints `text`: on standard error where a document is printed on standard output.
    pub fn print(&self, text: &str) {
        if self.json { output::eprintln(text) } else { output::println(text) }
    }
}

/// The given number of jobs, else one per core.
pub fn jobs(asked: Option<usize>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(cores).max(1)
}
