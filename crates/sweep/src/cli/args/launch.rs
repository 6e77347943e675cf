//! Options for studies whose trials run as programs.

use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;

use super::cluster::ClusterArgs;
use crate::executor::command::devices::{self, Devices};
use crate::options::LaunchOptions;

/// How and where trials are started; not part of the specification.
#[derive(Args)]
#[command(next_help_heading = "Running commands")]
pub struct LaunchArgs {
    /// Time limit of a trial, such as 90s or 2h
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    trial_timeout: Option<Duration>,
    /// Time that a program gets to end after a signal before it is killed [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    grace: Option<Duration>,
    /// Number of times to restart a failed program, from its checkpoint if it has one [default: 0]
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// Continue even if the first three trials fail
    #[arg(long)]
    keep_going: bool,
    /// Continue even if the script has changed since the study began
    #[arg(long)]
    accept_changes: bool,
    /// Let the programs of a W&B sweep file import the real wandb module, not the one that reports to the study
    #[arg(long)]
    real_wandb: bool,
    /// Let every trial of a Python script make its imports anew, in a process started for it; by default, trials are
    /// forked from one process that has made the imports at the top of the script, where that is safe
    #[arg(long)]
    no_warm: bool,
    /// Threads per trial, passed as OMP_NUM_THREADS [default: cores divided by jobs]
    #[arg(long, value_name = "N")]
    cpus_per_trial: Option<usize>,
    /// Memory limit of each process of a trial, such as 8GB; also the memory that a cluster job requests
    #[arg(long, value_name = "SIZE")]
    memory_per_trial: Option<ByteSize>,
    /// GPUs to assign to trials: all, auto, numbers such as 0,1, or UUIDs; passed as CUDA_VISIBLE_DEVICES, or as
    /// HIP_VISIBLE_DEVICES for AMD
    #[arg(long, value_name = "LIST", value_parser = devices::read)]
    gpus: Option<Devices>,
    /// GPUs per trial, 0.5 for two trials on one; on a cluster, per node [default: 1 of --gpus]
    #[arg(long, value_name = "N", value_parser = per_trial)]
    gpus_per_trial: Option<PerTrial>,
    /// Number of trials that share a GPU [default: 1]
    #[arg(long, value_name = "N", requires = "gpus")]
    trials_per_gpu: Option<usize>,
    #[command(flatten)]
    cluster: ClusterArgs,
}

/// GPUs of a trial, or trials of a GPU.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PerTrial {
    gpus: usize,
    trials: Option<usize>,
}

/// A whole number of GPUs, or the share of one that a trial has.
fn per_trial(text: &str) -> Result<PerTrial, String> {
    let bad = || format!("`{text}` is no number of GPUs; write 1, 2, or a share such as 0.5");
    let number: f64 = text.trim().parse().map_err(|_| bad())?;
    if number >= 1.0 && number.fract() == 0.0 && number <= 1024.0 {
        return Ok(PerTrial { gpus: number as usize, trials: None });
    }
    if !(number > 0.0 && number < 1.0) {
        return Err(bad());
    }
    // As many as fit: three trials at 0.3.
    Ok(PerTrial { gpus: 1, trials: Some((1.0 / number + 1e-9).floor() as usize) })
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
            no_warm: args.no_warm,
            cpus_per_trial: args.cpus_per_trial,
            memory_per_trial: args.memory_per_trial.map(|ByteSize(bytes)| bytes),
            gpus: args.gpus.unwrap_or_default(),
            gpus_per_trial: args.gpus_per_trial.map(|PerTrial { gpus, .. }| gpus),
            trials_per_gpu: args.trials_per_gpu.or(args.gpus_per_trial.and_then(|share| share.trials)),
            cluster: args.cluster.into(),
        }
    }
}
