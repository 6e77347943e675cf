//! Starting a trial's program: its arguments, its environment and its folder.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Map, Value as Json, json};
use sweep_study::{Cwd, Value};

use super::Command;
use super::host::{Job, Start};
use super::slots::Slot;
use crate::event::Planned;
use crate::files;
use crate::supervisor::Program;
use crate::trial_folder::folder::{Attempt, Folder};
use crate::trial_folder::{own_cwd, template};

/// Where Python looks for modules before those that are installed.
const PYTHONPATH: &str = "PYTHONPATH";

/// Another attempt's folder, with `trial.json` beside.
pub fn fresh(command: &Command, trial: &Planned, folder: &Folder, slot: &Slot<'_>) -> Result<Attempt> {
    let budget = command.budget(trial);
    let attempt = folder.begin()?;
    let document = json!({
        "number": trial.number,
        "params": parameters(command, trial),
        "replicate": trial.replicate,
        "seed": trial.seed,
        "budget": { "unit": budget.unit, "amount": budget.amount },
        "command": words(command, trial, &attempt, slot),
    });
    folder.describe(&document)?;
    if command.template.names_a_file() {
        files::write(&json_file(&attempt), document["params"].to_string().as_bytes())?;
    }
    Ok(attempt)
}

/// The file of a W&B sweep's parameters.
fn json_file(attempt: &Attempt) -> PathBuf {
    attempt.path().join("args.json")
}

/// Starts the program of an attempt, which continues from the checkpoint of the one before where it `continues`.
pub fn launch(
    command: &Command,
    trial: &Planned,
    attempt: &Attempt,
    slot: &Slot<'_>,
    continues: bool,
) -> Box<dyn Job> {
    let path = |path: PathBuf| path.display().to_string();
    let mut environment: BTreeMap<String, String> = [
        ("SWEEP_TRIAL_ID", trial.number.to_string()),
        ("SWEEP_TRIAL_DIR", attempt.path().display().to_string()),
        ("SWEEP_CHECKPOINT_DIR", path(attempt.checkpoint())),
        ("SWEEP_START_DIR", std::env::current_dir().map_or_else(|_| String::new(), path)),
        ("SWEEP_SEED", trial.seed.to_string()),
        ("SWEEP_BUDGET", amount(command, trial)),
        ("SWEEP_PARAMS", Json::Object(parameters(command, trial)).to_string()),
        ("OMP_NUM_THREADS", slot.cpus().to_string()),
        // Python would keep back what it prints to a file.
        ("PYTHONUNBUFFERED", "1".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    environment.extend(command.options.environment.clone());
    if let Some(devices) = slot.devices() {
        environment.insert(slot.variable().to_owned(), devices);
    }
    let words = words(command, trial, attempt, slot);
    let cwd = starts_in(command, attempt);
    if let (Some(_), Ok(start)) = (&cwd, std::env::current_dir()) {
        let set = environment.get(PYTHONPATH).map(OsString::from).or_else(|| std::env::var_os(PYTHONPATH));
        let path = own_cwd::python_path(&words, set.as_deref(), &start);
        environment.extend(path.map(|path| (PYTHONPATH.to_owned(), path)));
    }
    let program = Program {
        words,
        environment,
        cwd,
        stdout: attempt.stdout(),
        stderr: attempt.stderr(),
        memory: command.options.memory,
        warm: command.options.warm && command.template.may_be_warm(),
    };
    command.host.start(Start { attempt, program, continues })
}

/// The settings of a trial, as passed to its program.
fn parameters(command: &Command, trial: &Planned) -> Map<String, Json> {
    command.template.parameters(trial, &command.study.settings_at(&trial.point))
}

fn amount(command: &Command, trial: &Planned) -> String {
    command.budget(trial).amount.map_or_else(String::new, |amount| Value::Float(amount).to_string())
}

fn words(command: &Command, trial: &Planned, attempt: &Attempt, slot: &Slot<'_>) -> Vec<String> {
    let own = |name: &str| match name {
        "trial_id" => trial.number.to_string(),
        "trial_dir" => attempt.path().display().to_string(),
        "checkpoint_dir" => attempt.checkpoint().display().to_string(),
        template::JSON_FILE => json_file(attempt).display().to_string(),
        "seed" => trial.seed.to_string(),
        "budget" => amount(command, trial),
        "nodes" => slot.nodes().to_string(),
        _ => slot.gpus().to_string(),
    };
    let mut words = command.template.words(trial, &command.study.settings_at(&trial.point), &own);
    if let (Some(_), Ok(start)) = (starts_in(command, attempt), std::env::current_dir()) {
        own_cwd::locate(&mut words, &start);
    }
    words
}

/// The folder of its own in which an attempt's program starts, where that was asked for.
fn starts_in(command: &Command, attempt: &Attempt) -> Option<PathBuf> {
    (command.template.cwd() == Cwd::Trial).then(|| attempt.path().to_owned())
}
