//! Options of studies whose trials are commands.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use bytesize::ByteSize;
use clap::Args;
use regex::Regex;
use sweep_study::{CommandFile, SpecFile};

use crate::executor::command::{AttemptOptions, SlotRequest};
use crate::executor::slurm::{JobOptions, Request};
use crate::refusal::refuse;

use super::cluster::Whereabouts;

/// The command of a trial and how it is spoken to.
#[derive(Args, Clone)]
#[command(next_help_heading = "A command as the trial")]
pub struct CommandLine {
    /// How parameters without a placeholder are passed: flags (--lr 0.1), hydra (lr=0.1) or env (SWEEP_PARAMS) [default: flags]
    #[arg(long, value_name = "STYLE")]
    style: Option<String>,
    /// The command's own names of parameters, as in lr=learning_rate,batch=per_device_train_batch_size
    #[arg(long, value_name = "NAME=ITS", value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// Which parameters are the learning rate and the batch size, as in lr=alpha,batch=bs
    #[arg(long, value_name = "ROLE=NAME", value_delimiter = ',', value_parser = pair)]
    roles: Vec<(String, String)>,
    /// A metric in what the command prints, as in 'val_loss=([0-9.eE+-]+)' or 'acc=Accuracy: ([0-9.]+)%'
    #[arg(long, value_name = "METRIC=PATTERN", value_parser = pattern)]
    read: Vec<(String, String)>,
    /// The effective batch size, by which the study is reported, as in 'per_device*gpus*accumulate'; gpus is --gpus-per-trial
    #[arg(long, value_name = "EXPRESSION")]
    batch_is: Option<String>,
    /// The program and its arguments: {lr}, {batch}, {seed}, {budget}, {trial_dir}, {checkpoint_dir} are filled in
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl CommandLine {
    /// The command typed; what was not typed stays as `base` has it.
    pub fn over(self, mut base: SpecFile) -> SpecFile {
        let typed = self.style.is_some()
            || self.batch_is.is_some()
            || !(self.map.is_empty()
                && self.roles.is_empty()
                && self.read.is_empty()
                && self.command.is_empty());
        if !typed {
            return base;
        }
        let mut command: CommandFile = base.command.take().unwrap_or_default();
        if !self.command.is_empty() {
            command.run = self.command;
        }
        command.style = self.style.or(command.style);
        command.batch_is = self.batch_is.or(command.batch_is);
        command.map.extend(self.map);
        command.roles.extend(self.roles);
        command.read.extend(self.read);
        SpecFile { command: Some(command), ..base }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write name=other")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The name is what stands before the first `=`, or the word that the pattern begins with.
fn pattern(text: &str) -> Result<(String, String), String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '/' | '.')).collect()
    };
    let (name, pattern) = match text.split_once('=') {
        Some((name, pattern)) if word(name) == name.trim() => (name.trim().to_owned(), pattern),
        _ => (word(text), text),
    };
    if name.is_empty() { Err("write metric=pattern".to_owned()) } else { Ok((name, pattern.to_owned())) }
}

/// How commands are cared for; no part of the specification.
#[derive(Args)]
#[command(next_help_heading = "Running commands")]
pub struct CommandCare {
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
    pub accept_changes: bool,
    /// Let the programs of a W&B sweep file import W&B's own module, not the stand-in that reports to the study
    #[arg(long)]
    pub real_wandb: bool,
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
    place: Whereabouts,
}

/// What stands for the devices of a trial in its effective batch size.
const GPUS: &str = "gpus";

/// How long a program may take to end, where nothing is said.
const GRACE: Duration = Duration::from_secs(5);

impl CommandCare {
    /// How programs are cared for.
    pub fn care(&self) -> AttemptOptions {
        AttemptOptions {
            timeout: self.trial_timeout,
            grace: self.grace.unwrap_or(GRACE),
            retries: self.retries.unwrap_or(0),
            keep_going: self.keep_going,
            memory: self.memory_per_trial.map(|ByteSize(bytes)| bytes),
            environment: BTreeMap::new(),
        }
    }

    /// What trials are to have for themselves, `jobs` of them at once where that was said.
    pub fn asked(&self, jobs: Option<usize>) -> SlotRequest {
        if self.place.is_slurm() {
            let jobs = Some(self.place.trials_at_once(jobs));
            let (cpus, gpus_per_trial) =
                (Some(self.cpus_per_trial.unwrap_or(1)), self.gpus_per_trial.unwrap_or(0));
            return SlotRequest {
                jobs,
                cpus,
                gpus_per_trial,
                nodes: self.place.nodes(),
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

    /// The specification with the number of devices a trial has for `gpus` in its effective batch size, unless that is a
    /// parameter of its own.
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
        self.place.simulates()
    }

    /// Lets trials run as a study file says, where the command line does not say otherwise.
    ///
    /// # Errors
    /// A value that cannot be meant.
    pub fn take_file(&mut self, options: &[(String, String)]) -> Result<()> {
        self.place.take_file(options)
    }

    /// How jobs are submitted, where trials run on a cluster.
    ///
    /// # Errors
    /// Options of the one place given for the other, or that cannot be meant.
    pub fn submission(&self) -> Result<Option<JobOptions>> {
        if !self.place.is_slurm() {
            if self.gpus_per_trial.is_some() && self.gpus.is_empty() {
                return refuse("--gpus-per-trial needs the devices to share out, as in --gpus 0,1,2,3");
            }
            return self.place.refuse_here().map(|()| None);
        }
        if !self.gpus.is_empty() {
            return refuse(
                "--gpus shares out the devices of this machine; ask Slurm by --gpus-per-trial or, as in --sbatch=--gres=gpu:a100:1, by its own option",
            );
        }
        let (memory, gpus) = (self.memory_per_trial.map(|ByteSize(bytes)| bytes), self.gpus_per_trial);
        let request = Request { cpus: self.cpus_per_trial, gpus, memory, ..self.place.request() };
        JobOptions::read(&request).map(Some)
    }

    /// Refuses what was given, since the trials are no commands; what is for trials on a cluster may stand there.
    ///
    /// # Errors
    /// The first option that was given.
    pub fn refuse_for_native(&self) -> Result<()> {
        let here = !self.place.is_slurm();
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
                refuse(format!("{option} is for trials that are commands; write the command after --"))
            }
            None => Ok(()),
        }
    }
}

/// Starts a program with a limit on its memory; started by `sweep` itself.
#[derive(Args)]
pub struct Confine {
    /// Bytes that each process may have for itself
    #[arg(long, value_name = "BYTES")]
    memory: u64,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    words: Vec<String>,
}

impl Confine {
    /// Becomes the program.
    pub fn run(self) -> Result<std::process::ExitCode> {
        crate::supervisor::confine(self.memory, &self.words)?;
        Ok(std::process::ExitCode::SUCCESS)
    }
}

/// Ends every trial when `sweep` is gone; started by `sweep` itself.
#[derive(Args)]
pub struct Supervise {
    /// Seconds that programs are given to end
    #[arg(long, value_name = "SECONDS")]
    grace: f64,
}

impl Supervise {
    /// Serves until standard input closes.
    pub fn run(self) -> Result<std::process::ExitCode> {
        crate::supervisor::serve(Duration::try_from_secs_f64(self.grace)?)?;
        Ok(std::process::ExitCode::SUCCESS)
    }
}
