//! Options that set where trials run.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::options::{ClusterOptions, Place, positive};

/// Where trials run, and the resources they request from a cluster.
#[derive(Args)]
pub struct ClusterArgs {
    /// Where trials run [default: here]
    #[arg(long, value_name = "WHERE")]
    on: Option<On>,
    /// Options for sbatch, such as --sbatch='--partition=gpu --time=60'; repeatable
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    /// File whose lines (#SBATCH, module load …) begin every batch script
    #[arg(long, value_name = "FILE")]
    sbatch_header: Option<PathBuf>,
    /// Nodes per trial on a cluster; the command starts on the first node and must start the others, e.g. with srun
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = positive)]
    nodes_per_trial: Option<usize>,
    /// Number of trials that one cluster job runs in sequence, so that short trials need fewer jobs [default: 1]
    #[arg(long, value_name = "N", value_parser = positive)]
    pack: Option<usize>,
}

/// Where trials run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// On this machine
    Here,
    /// As jobs on a Slurm cluster, whose nodes must see this folder under the same path
    Slurm,
    /// Nowhere: results are made up, to measure the program's own overhead
    #[value(hide = true)]
    Simulated,
}

impl From<ClusterArgs> for ClusterOptions {
    fn from(args: ClusterArgs) -> ClusterOptions {
        ClusterOptions {
            on: args.on.map(Place::from),
            sbatch: args.sbatch,
            sbatch_header: args.sbatch_header,
            nodes_per_trial: args.nodes_per_trial,
            pack: args.pack,
            jobs: None,
        }
    }
}

impl From<On> for Place {
    fn from(on: On) -> Place {
        match on {
            On::Here => Place::Here,
            On::Slurm => Place::Slurm,
            On::Simulated => Place::Simulated,
        }
    }
}
