//! Arguments shared by subcommands, and their conversion into plain options.

mod cluster;
pub mod command;
mod launch;
mod runs;
pub mod spec;

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::Args;

use super::choices;
use crate::options::{ReportOptions, RunOptions, StopOptions};
use launch::LaunchArgs;
pub use runs::{RunsArgs, is_runs};

/// How a study is run; not part of its specification.
#[derive(Args)]
pub struct RunArgs {
    /// Number of trials to run in parallel [default: number of cores]; trials with several workers use idle cores
    #[arg(long, short, value_name = "N", value_parser = choices::jobs)]
    jobs: Option<usize>,
    /// Start a new study even if one of this name exists
    #[arg(long)]
    fresh: bool,
    /// Run failed trials again
    #[arg(long)]
    retry_failed: bool,
    /// Save the weights of the best trial as the NumPy archive best.npz in the study's folder
    #[arg(long)]
    save_best: bool,
    /// Print the plan with its estimated time and memory, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Refuse points that would need more memory than this with all jobs running, such as 2GB
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<ByteSize>,
    /// Refuse studies with more trials than this
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    max_trials: u64,
    #[command(flatten)]
    stop: StopArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    launch: LaunchArgs,
}

impl From<RunArgs> for RunOptions {
    fn from(args: RunArgs) -> RunOptions {
        RunOptions {
            jobs: args.jobs,
            fresh: args.fresh,
            retry_failed: args.retry_failed,
            save_best: args.save_best,
            dry_run: args.dry_run,
            max_memory: args.max_memory.map(|ByteSize(bytes)| bytes),
            max_trials: args.max_trials,
            stop: args.stop.into(),
            report: args.output.into(),
            launch: args.launch.into(),
        }
    }
}

/// When to stop the search; not part of the specification.
#[derive(Args)]
pub struct StopArgs {
    /// End the study when N trials in a row bring no improvement
    #[arg(long, value_name = "N")]
    patience: Option<u64>,
    /// Start no more trials after this time, such as 90s, 10m or 2h
    #[arg(long, value_name = "TIME")]
    timeout: Option<humantime::Duration>,
    /// End the study when a trial reaches this value, such as val_loss=0.1
    #[arg(long, value_name = "METRIC=VALUE")]
    stop_at: Option<String>,
    #[arg(long, value_name = "PERCENT", help = format!(
        "End the study when the sampler's surrogate model ({}) expects an improvement of at most this part of the best value, such as 0.5%",
        sweep_search::sampler::bounding_regret().join(", ")
    ))]
    stop_regret: Option<String>,
}

impl From<StopArgs> for StopOptions {
    fn from(args: StopArgs) -> StopOptions {
        StopOptions {
            patience: args.patience,
            timeout: args.timeout.map(Into::into),
            stop_at: args.stop_at,
            stop_regret: args.stop_regret,
        }
    }
}

/// Where results are written and what is printed.
#[derive(Args)]
pub struct OutputArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Draw the charts as SVG too
    #[arg(long)]
    svg: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Where studies are stored, and the output format.
#[derive(Args)]
pub struct PlaceArgs {
    /// Folder that holds the studies
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}

impl From<OutputArgs> for ReportOptions {
    fn from(args: OutputArgs) -> ReportOptions {
        let PlaceArgs { results, json } = args.place;
        ReportOptions { results, json, svg: args.svg, quiet: args.quiet }
    }
}
