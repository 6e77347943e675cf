//! How trials are started.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use regex::Regex;
use sweep_study::SpecFile;

use super::ClusterOptions;
use crate::executor::command::devices::Devices;
use crate::executor::command::{AttemptOptions, SlotRequest};
use crate::executor::slurm::{JobOptions, Request};
use crate::refusal::refuse;

/// How and where trials are started.
#[derive(Clone, Debug, Default)]
pub struct LaunchOptions {
    /// Time limit of a trial.
    pub trial_timeout: Option<Duration>,
    /// Time that a program gets to end after a signal.
    pub grace: Option<Duration>,
    /// Number of restarts of a failed program.
    pub retries: Option<u32>,
    /// Continue even if the first trials fail.
    pub keep_going: bool,
    /// Continue even if the script has changed since the study began.
    pub accept_changes: bool,
    /// Let programs import the real wandb module.
    pub real_wandb: bool,
    /// Let every trial of a Python script make its imports anew.
    pub no_warm: bool,
    /// Threads per trial.
    pub cpus_per_trial: Option<usize>,
    /// Memory limit of each process of a trial, in bytes.
    pub memory_per_trial: Option<u64>,
    /// The GPUs to assign.
    pub gpus: Devices,
    /// GPUs per trial.
    pub gpus_per_trial: Option<usize>,
    /// Number of trials that share a GPU.
    pub trials_per_gpu: Option<usize>,
    /// Where trials run.
    pub cluster: ClusterOptions,
}

/// The name of the number of GPUs in an expression of the effective batch size.
const GPUS: &str = "gpus";

/// Default time that a program gets to end after a signal.
const GRACE: Duration = Duration::from_secs(5);

impl LaunchOptions {
    /// Settings for running the program of a trial.
    pub fn attempt(&self) -> AttemptOptions {
        AttemptOptions {
            timeout: self.trial_timeout,
            grace: self.grace.unwrap_or(GRACE),
            retries: self.retries.unwrap_or(0),
            keep_going: self.keep_going,
            memory: self.memory_per_trial,
            warm: !self.no_warm,
            environment: BTreeMap::new(),
        }
    }

    /// The resources of each trial, with `jobs` of them in parallel if that was given.
    pub fn slots(&self, jobs: Option<usize>) -> SlotRequest {
        if self.cluster.is_slurm() {
            let jobs = Some(self.cluster.trials_at_once(jobs));
            let (cpus, gpus_per_trial) =
                (Some(self.cpus_per_trial.unwrap_or(1)), self.gpus_per_trial.unwrap_or(0));
            return SlotRequest {
                jobs,
                cpus,
                gpus_per_trial,
                nodes: self.cluster.nodes(),
                ..SlotRequest::default()
            };
        }
        SlotRequest {
            jobs,
            cpus: self.cpus_per_trial,
            gpus: self.gpus.names.clone(),
            variable: self.gpus.variable,
            gpus_per_trial: if self.gpus.names.is_empty() { 0 } else { self.gpus_per_trial.unwrap_or(1) },
            trials_per_gpu: self.trials_per_gpu.unwrap_or(1),
            nodes: 1,
        }
    }

    /// The specification with the number of devices a trial has for `gpus` in its effective batch size, unless that is
    /// a parameter of its own.
    pub fn with_gpus(&self, mut spec: SpecFile) -> SpecFile {
        let own = spec.names().any(|name| name == GPUS);
        let expression = spec.command.as_mut().and_then(|command| command.batch_is.as_mut()).filter(|_| !own);
        if let (Some(expression), Ok(word)) = (expression, Regex::new(&format!(r"\b{GPUS}\b"))) {
            let count = self.gpus_per_trial.unwrap_or(1).to_string();
            *expression = word.replace_all(expression, count.as_str()).into_owned();
        }
        spec
    }

    /// Whether the results of trials are made up.
    pub fn simulates(&self) -> bool {
        self.cluster.simulates()
    }

    /// Applies the settings of a study file that the command line does not set.
    ///
    /// # Errors
    /// An invalid value.
    pub fn take_file(&mut self, options: &[(String, String)]) -> Result<()> {
        self.cluster.take_file(options)
    }

    /// The options for submitting jobs, if trials run on a cluster.
    ///
    /// # Errors
    /// Options that do not apply to the place, or are invalid.
    pub fn job_options(&self) -> Result<Option<JobOptions>> {
        if !self.cluster.is_slurm() {
            if self.gpus_per_trial.is_some() && self.gpus.names.is_empty() {
                return refuse("--gpus-per-trial needs the GPUs to assign, such as --gpus 0,1,2,3");
            }
            return self.cluster.refuse_here().map(|()| None);
        }
        if !self.gpus.names.is_empty() {
            return refuse(
                "--gpus assigns the GPUs of this machine; on Slurm use --gpus-per-trial or its own option, such as --sbatch=--gres=gpu:a100:1",
            );
        }
        let (memory, gpus) = (self.memory_per_trial, self.gpus_per_trial);
        let request = Request { cpus: self.cpus_per_trial, gpus, memory, ..self.cluster.request() };
        JobOptions::read(&request).map(Some)
    }

    /// Refuses options for commands, since the trials are not commands; options for a cluster are allowed there.
    ///
    /// # Errors
    /// The first option that was given.
    pub fn refuse_for_native(&self) -> Result<()> {
        let here = !self.cluster.is_slurm();
        let given = [
            ("--trial-timeout", self.trial_timeout.is_some()),
            ("--grace", here && self.grace.is_some()),
            ("--retries", self.retries.is_some()),
            ("--keep-going", self.keep_going),
            ("--accept-changes", self.accept_changes),
            ("--cpus-per-trial", here && self.cpus_per_trial.is_some()),
            ("--memory-per-trial", here && self.memory_per_trial.is_some()),
            ("--real-wandb", self.real_wandb),
            ("--no-warm", self.no_warm),
            ("--gpus", !self.gpus.names.is_empty()),
            ("--gpus-per-trial", self.gpus_per_trial.is_some()),
            ("--on simulated", self.simulates()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                refuse(format!("{option} works only with commands as trials; write the command after --"))
            }
            None => Ok(()),
        }
    }
}
