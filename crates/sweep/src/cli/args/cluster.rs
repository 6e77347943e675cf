//! Options that say where trials run.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::options::{ClusterOptions, Place, positive};

/// Where trials run, and what they ask of a cluster.
#[derive(Args)]
pub struct ClusterArgs {
    /// Where trials run [default: here]
    #[arg(long, value_name = "WHERE")]
    on: Option<On>,
    /// Options of sbatch, as in --sbatch='--partition=gpu --time=60'; repeatable
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    /// A file whose lines (#SBATCH, module load …) stand at the head of every batch script
    #[arg(long, value_name = "FILE")]
    sbatch_header: Option<PathBuf>,
    /// Nodes a trial on a cluster; its command, started on the first of them, starts the others, as by srun [default: 1]
    #[arg(long, value_name = "N", value_parser = positive)]
    nodes_per_trial: Option<usize>,
    /// Trials that a job of a cluster runs one after another, so that short ones do not wait for a job each [default: 1]
    #[arg(long, value_name = "N", value_parser = positive)]
    pack: Option<usize>,
}

/// Where trials run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// On this machine
    Here,
    /// As jobs of a Slurm cluster, whose nodes see this folder under the same path
    Slurm,
    /// Nowhere: what they come to is made up, to measure what the program itself needs
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
