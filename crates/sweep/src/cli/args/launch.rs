//! Options of studies whose trials are started as programs.

use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;

use super::cluster::ClusterArgs;
use crate::options::LaunchOptions;

/// How and where trials are started; no part of the specification.
#[derive(Args)]
#[command(next_help_heading = "Running commands")]
pub struct LaunchArgs {
    /// End a trial that takes longer, such as 90s or 2h
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    trial_timeout: Option<Duration>,
    /// How long a program may take to end when it is asked to [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    grace: Option<Duration>,
    /// Start a program that failed again, this often, from its checkpoint if it has one [default: 0]
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// Go on though the first three trials fail
    #[arg(long)]
    keep_going: bool,
    /// Go on though the script has changed since the study began
    #[arg(long)]
    accept_changes: bool,
    /// Let the programs of a W&B sweep file import W&B's own module, not the stand-in that reports to the study
    #[arg(long)]
    real_wandb: bool,
    /// Threads a trial may use, told as OMP_NUM_THREADS [default: the cores shared among the jobs]
    #[arg(long, value_name = "N")]
    cpus_per_trial: Option<usize>,
    /// The most memory that each process of a trial may have for itself, such as 8GB; on a cluster also what a job asks for
    #[arg(long, value_name = "SIZE")]
    memory_per_trial: Option<ByteSize>,
    /// Devices to share out, told as CUDA_VISIBLE_DEVICES, such as 0,1,2,3
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    gpus: Vec<String>,
    /// Devices a trial; on a cluster, on each of its nodes [default: 1 of --gpus]
    #[arg(long, value_name = "N")]
    gpus_per_trial: Option<usize>,
    /// Trials that share a device [default: 1]
    #[arg(long, value_name = "N", requires = "gpus")]
    trials_per_gpu: Option<usize>,
    #[command(flatten)]
    cluster: ClusterArgs,
}

impl From<LaunchArgs> for LaunchOptions {
    fn from(args: LaunchArgs) -> LaunchOptions {
        LaunchOptions {
            trial_timeout: args.trial_timeout,
            grace: args.grace,
            retries: args.retries,
            keep_going: args.keep_going,
            accept_changes: args.accept_changes,
            real_wandb: args.real_wandb,
            cpus_per_trial: args.cpus_per_trial,
            memory_per_trial: args.memory_per_trial.map(|ByteSize(bytes)| bytes),
            gpus: args.gpus,
            gpus_per_trial: args.gpus_per_trial,
            trials_per_gpu: args.trials_per_gpu,
            cluster: args.cluster.into(),
        }
    }
}
