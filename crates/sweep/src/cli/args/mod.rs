//! Arguments that subcommands share, and the plain options that they become.

mod cluster;
pub mod command;
mod launch;
pub mod spec;

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::Args;

use crate::options::{ReportOptions, RunOptions, StopOptions};
use launch::LaunchArgs;

/// How a study is run; no part of its specification.
#[derive(Args)]
pub struct RunArgs {
    /// Trials at once [default: all cores]; one of several workers spreads over cores that others leave
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// Start anew beside a study of the same name
    #[arg(long)]
    fresh: bool,
    /// Run failed trials again
    #[arg(long)]
    retry_failed: bool,
    /// Keep the weights of the best trial as a NumPy archive, best.npz in the study's folder
    #[arg(long)]
    save_best: bool,
    /// Print the plan, its time and its memory, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Refuse points that, with all jobs at work, would need more memory than this, such as 2GB
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<ByteSize>,
    /// Refuse studies of more trials than this
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

/// When to look no further; no part of the specification.
#[derive(Args)]
pub struct StopArgs {
    /// End the study when the last N trials brought nothing better
    #[arg(long, value_name = "N")]
    patience: Option<u64>,
    /// Start nothing more after this time, as in 90s, 10m or 2h
    #[arg(long, value_name = "TIME")]
    timeout: Option<humantime::Duration>,
    /// End the study when a trial reaches a value, as in val_loss=0.1
    #[arg(long, value_name = "METRIC=VALUE")]
    stop_at: Option<String>,
    #[arg(long, value_name = "PERCENT", help = format!(
        "End the study when the sampler's surrogate ({}) expects nothing better by more than this part of the best value, as in 0.5%",
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

/// Where results go and how they are told.
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

/// Where studies are, and for whom to print.
#[derive(Args)]
pub struct PlaceArgs {
    /// The folder that holds the studies
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
