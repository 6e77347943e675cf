//! The objective of a trial: the built-in trainer, or a command.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use sweep_study::{Study, Trial};

use crate::event::Planned;
use crate::executor::Executor;
use crate::executor::command::host::{Host, Local};
use crate::executor::command::{Command, Slots};
use crate::executor::native::Native;
use crate::executor::remote::RemoteTrainer;
use crate::executor::simulated::Simulated;
use crate::executor::slurm::Slurm;
use crate::options::RunOptions;
use crate::refusal::refuse;
use crate::stop::Stop;
use crate::store::Store;
use crate::study::estimate;
use crate::study::memory;
use crate::trial_folder::program;
use crate::trial_folder::provenance::Provenance;
use crate::trial_folder::template::Template;
use crate::wandb::shim;

/// What the trials of a study run, checked and not yet started.
#[derive(Clone)]
pub enum Objective {
    /// The built-in trainer, its data read.
    Native(Arc<Native>),
    /// A command with its placeholders resolved.
    Command(Box<Template>),
}

impl Objective {
    /// What the trials of `study` run.
    ///
    /// # Errors
    /// Missing or unusable data; an invalid placeholder or pattern.
    pub fn open(study: &Study) -> Result<Objective> {
        match &study.command {
            Some(command) => Ok(Objective::Command(Box::new(Template::new(command, study)?))),
            None => Ok(Objective::Native(Arc::new(Native::open(study)?))),
        }
    }

    /// The objective of an existing study.
    ///
    /// # Errors
    /// As [`Objective::open`]; imported runs without a command or model.
    pub fn of_stored(study: &Study) -> Result<Objective> {
        if study.runs() {
            return Objective::open(study);
        }
        refuse(format!(
            "{} holds runs of another program; say what a trial runs, as in: sweep refine {} -- python train.py --lr {{lr}}, or \
             with --model mlp --data mnist",
            study.name, study.name
        ))
    }

    /// The same for another specification of the study.
    ///
    /// # Errors
    /// As [`Objective::open`], but the data is not read again.
    pub fn with(&self, study: &Study) -> Result<Objective> {
        match self {
            Objective::Native(native) => {
                Ok(Objective::Native(Arc::new(native.as_ref().clone().with(study.clone()))))
            }
            Objective::Command(_) => Objective::open(study),
        }
    }

    /// Number of examples in the training part; 0 if unknown.
    pub fn train_examples(&self) -> u64 {
        match self {
            Objective::Native(native) => native.train_examples(),
            Objective::Command(template) => template.examples_per_epoch(),
        }
    }

    /// Refuses a trial that could not start.
    ///
    /// # Errors
    /// The setting at fault and the point that has it.
    pub fn check(&self, trial: &Planned) -> Result<()> {
        let Objective::Native(native) = self else { return Ok(()) };
        match native.specification(&trial.point) {
            Ok(_) => Ok(()),
            Err(error) if trial.point.0.is_empty() => refuse(error.to_string()),
            Err(error) => refuse(format!("{error}\n  at the point {}", trial.point)),
        }
    }

    /// Refuses options that do not apply, a missing program, and trials that need more memory than allowed.
    ///
    /// # Errors
    /// What is refused, and what to give instead.
    pub fn check_running(&self, trials: &[Planned], options: &RunOptions) -> Result<()> {
        match self {
            Objective::Native(native) => {
                options.launch.refuse_for_native()?;
                let submission = options.launch.job_options()?;
                if submission.is_some() {
                    program::find("sbatch")?;
                }
                let together = if submission.is_some() { 1 } else { options.jobs() };
                memory::check(native, trials, together, options.max_memory)
            }
            Objective::Command(_) if options.save_best => refuse(
                "--save-best works only with the built-in trainer; a command must save its own weights",
            ),
            Objective::Command(_) if options.max_memory.is_some() => refuse(
                "--max-memory works only with the built-in trainer; use --memory-per-trial for commands",
            ),
            Objective::Command(template) => {
                if options.launch.job_options()?.is_some() {
                    program::find("sbatch")?;
                }
                program::find(&template.program()).map(drop)
            }
        }
    }

    /// The file of the command that has changed since the last trial began; `None` for the built-in trainer.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn changed(&self, store: &Store, study: &Study) -> Result<Option<String>> {
        let Some(command) = &study.command else { return Ok(None) };
        let last = store.provenance()?.pop();
        let last = last.and_then(|text| serde_json::from_str::<Provenance>(&text).ok());
        Ok(last.and_then(|last| last.changed(&Provenance::current(command)).map(str::to_owned)))
    }

    /// Stores the current state of the command; refuses one whose script has changed.
    ///
    /// # Errors
    /// The file that has changed, or a store that cannot be written.
    pub fn keep_provenance(&self, store: &mut Store, study: &Study, options: &RunOptions) -> Result<()> {
        let Some(command) = &study.command else { return Ok(()) };
        let now = Provenance::current(command);
        let kept = store.provenance()?;
        let read = |text: &String| serde_json::from_str::<Provenance>(text).ok();
        let (first, last) = (kept.first().and_then(read), kept.last().and_then(read));
        if let Some(file) = last.as_ref().and_then(|last| last.changed(&now))
            && !options.launch.accept_changes
        {
            return refuse(format!(
                "{file} has changed since the study {} began; continue with --accept-changes, which marks the trials run from now on, or start a new study with --fresh",
                study.name
            ));
        }
        if first.is_some_and(|first| first.changed(&now).is_some()) {
            store.mark_changed()?;
        }
        if last.is_some_and(|last| last.same(&now)) {
            return Ok(());
        }
        store.add_provenance(&serde_json::to_string(&now.with_machine())?)
    }

    /// The estimated cost of the trials, as text.
    ///
    /// # Errors
    /// A trial that cannot start.
    pub fn estimate(&self, trials: &[Planned], jobs: usize) -> Result<String> {
        match self {
            Objective::Native(native) => estimate::describe(native, trials, jobs),
            Objective::Command(template) => {
                let first = trials.first().map(|trial| template.example(trial)).unwrap_or_default();
                Ok(format!("each trial runs a command, the first one: {first}"))
            }
        }
    }

    /// The executor of `study` in its `folder`, given the `known` trials, which have ended.
    ///
    /// # Errors
    /// Options that contradict each other, a supervisor that cannot be started.
    pub fn executor(
        &self,
        study: &Study,
        folder: &Path,
        known: &[Trial],
        options: &RunOptions,
        stop: &Stop,
    ) -> Result<Arc<dyn Executor>> {
        match self {
            Objective::Native(native) => match options.launch.job_options()? {
                None => Ok(native.clone()),
                Some(submission) => {
                    let care = options.launch.attempt();
                    let host = Box::new(Slurm::start(folder, &submission, care.grace)?);
                    let limits = (care.grace, care.memory);
                    Ok(Arc::new(RemoteTrainer::new(native.clone(), (study, folder), host, limits)))
                }
            },
            Objective::Command(_) if options.launch.simulates() => {
                Ok(Arc::new(Simulated::new(study.clone())))
            }
            Objective::Command(template) => {
                let asked = options.launch.slots(options.jobs);
                let slots = Slots::new(&asked, asked.jobs()?);
                let job = (study.clone(), template.as_ref().clone());
                let mut care = options.launch.attempt();
                if let Some(wandb) = template.wandb().filter(|_| !options.launch.real_wandb) {
                    care.environment = shim::environment(folder, &study.goal.metric, wandb.iterations)?;
                }
                let host: Box<dyn Host> = match options.launch.job_options()? {
                    Some(submission) => Box::new(Slurm::start(folder, &submission, care.grace)?),
                    None => Box::new(Local::start(care.grace)?),
                };
                Ok(Arc::new(Command::new(job, folder, (care, slots, host), known, stop.clone())))
            }
        }
    }
}
