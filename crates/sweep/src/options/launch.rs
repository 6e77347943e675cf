//! How trials are started.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use regex::Regex;
use sweep_study::SpecFile;

use super::ClusterOptions;
use crate::executor::command::{AttemptOptions, SlotRequest};
use crate::executor::slurm::{JobOptions, Request};
use crate::refusal::refuse;

/// How and where trials are started.
#[derive(Clone, Debug, Default)]
pub struct LaunchOptions {
    /// End a trial that takes longer.
    pub trial_timeout: Option<Duration>,
    /// How long a program may take to end when it is asked to.
    pub grace: Option<Duration>,
    /// How often a program that failed is started again.
    pub retries: Option<u32>,
    /// Continue though the first trials fail.
    pub keep_going: bool,
    /// Continue though the script has changed since the study began.
    pub accept_changes: bool,
    /// Let programs import W&B's own module.
    pub real_wandb: bool,
    /// Threads per trial.
    pub cpus_per_trial: Option<usize>,
    /// The most bytes that each process of a trial may have.
    pub memory_per_trial: Option<u64>,
    /// The names of the devices to share out.
    pub gpus: Vec<String>,
    /// Devices per trial.
    pub gpus_per_trial: Option<usize>,
    /// Trials that share a device.
    pub trials_per_gpu: Option<usize>,
    /// Where trials run.
    pub cluster: ClusterOptions,
}

/// What stands for the devices of a trial in its effective batch size.
const GPUS: &str = "gpus";

/// How long a program may take to end, where nothing is said.
const GRACE: Duration = Duration::from_secs(5);

impl LaunchOptions {
    /// How the program of a trial is run.
    pub fn attempt(&self) -> AttemptOptions {
        AttemptOptions {
            timeout: self.trial_timeout,
            grace: self.grace.unwrap_or(GRACE),
            retries: self.retries.unwrap_or(0),
            keep_going: self.keep_going,
            memory: self.memory_per_trial,
            environment: BTreeMap::new(),
        }
    }

    /// What trials are to have for themselves, `jobs` of them at once where that was said.
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
            gpus: self.gpus.clone(),
            gpus_per_trial: if self.gpus.is_empty() { 0 } else { self.gpus_per_trial.unwrap_or(1) },
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

    /// Whether trials are not run but made up.
    pub fn simulates(&self) -> bool {
        self.cluster.simulates()
    }

    /// Lets trials run as a study file says, where the command line does not say otherwise.
    ///
    /// # Errors
    /// A value that cannot be meant.
    pub fn take_file(&mut self, options: &[(String, String)]) -> Result<()> {
        self.cluster.take_file(options)
    }

    /// How jobs are submitted, where trials run on a cluster.
    ///
    /// # Errors
    /// Options of the one place given for the other, or that cannot be meant.
    pub fn job_options(&self) -> Result<Option<JobOptions>> {
        if !self.cluster.is_slurm() {
            if self.gpus_per_trial.is_some() && self.gpus.is_empty() {
                return refuse("--gpus-per-trial needs the GPUs to assign, such as --gpus 0,1,2,3");
            }
            return self.cluster.refuse_here().map(|()| None);
        }
        if !self.gpus.is_empty() {
            return refuse(
                "--gpus assigns the GPUs of this machine; on Slurm use --gpus-per-trial or its own option, such as --sbatch=--gres=gpu:a100:1",
            );
        }
        let (memory, gpus) = (self.memory_per_trial, self.gpus_per_trial);
        let request = Request { cpus: self.cpus_per_trial, gpus, memory, ..self.cluster.request() };
        JobOptions::read(&request).map(Some)
    }

    /// Refuses what was given, since the trials are no commands; what is for trials on a cluster may stand there.
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
            ("--gpus", !self.gpus.is_empty()),
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
