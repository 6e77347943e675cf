//! W&B sweep files, run unchanged and offline
//! (<https://docs.wandb.ai/guides/sweeps/sweep-config-keys>).

mod distribution;
mod parameters;
pub mod shim;
mod terminate;

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value as Json};
use sweep_settings::names::BUDGETS;
use sweep_study::{CommandFile, SpecFile, Wandb};

use crate::refusal::refuse;
use crate::trial_folder::python;
use crate::yaml;

/// A sweep file as a study.
pub struct Sweep {
    /// The study.
    pub spec: SpecFile,
    /// The value at which no new runs are started, such as `val_loss=0.1`.
    pub target: Option<String>,
    /// Differences from W&B, one sentence each.
    pub remarks: Vec<String>,
}

/// Errors and differences found while reading a file.
#[derive(Default)]
struct Notes {
    refused: Vec<String>,
    remarks: Vec<String>,
}

impl Notes {
    fn refuse(&mut self, why: impl Into<String>) {
        self.refused.push(why.into());
    }

    fn remark(&mut self, what: impl Into<String>) {
        self.remarks.push(what.into());
    }
}

/// Keys that set where W&B shows a sweep, or how it is controlled; they have no effect offline.
const ONLINE: [&str; 4] = ["entity", "project", "description", "controller"];

/// Keys that are read.
const READ: [&str; 8] =
    ["program", "command", "method", "metric", "parameters", "early_terminate", "run_cap", "name"];

/// The default command.
const COMMAND: [&str; 4] = ["${env}", "${interpreter}", "${program}", ARGS];

/// The macro of the parameters.
const ARGS: &str = "${args}";

/// Whether the file at `path` is a W&B sweep file, which is YAML.
pub fn is_sweep_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Reads the text of the sweep file at `path`; where words of a command are `typed`, they stand in place of its own,
/// and are given the parameters at their end unless a macro among them places these.
///
/// # Errors
/// Text that is not a sweep file, or everything in it that is not supported, in one message.
pub fn read(path: &Path, text: &str, typed: Vec<String>) -> Result<Sweep> {
    let file = yaml::read(text).or_else(refuse)?;
    let Some(file) = file.as_object().filter(|file| file.contains_key("parameters")) else {
        return refuse(
            "this is not a W&B sweep file: it has no parameters; other study files are TOML and end in .toml",
        );
    };
    let mut notes = Notes::default();
    for key in file.keys().map(String::as_str) {
        if !READ.contains(&key) && !ONLINE.contains(&key) {
            notes.remark(format!("{key} has no effect and is ignored"));
        }
    }
    let mut spec = SpecFile { name: name(file), ..SpecFile::default() };
    method(file, &mut spec, &mut notes);
    let target = metric(file, &mut spec, &mut notes);
    let mut wandb = Wandb { file: path.display().to_string(), typed, ..Wandb::default() };
    parameters::read(&file["parameters"], &mut spec, &mut wandb, &mut notes);
    if let Some(rule) = file.get("early_terminate") {
        wandb.iterations = terminate::read(rule, &mut spec, &mut notes);
    }
    if let Some(iterations) = wandb.iterations.filter(|_| !spec.names().any(|name| BUDGETS.contains(&name))) {
        spec.settings.push(("epochs".to_owned(), iterations.to_string()));
        notes.remark(format!(
            "each report of the metric counts as an epoch, and {iterations} of them as a full run"
        ));
    }
    let run = if wandb.typed.is_empty() { command(file, &mut notes) } else { typed_command(&wandb.typed) };
    spec.command = Some(CommandFile { run, wandb: Some(wandb), ..CommandFile::default() });
    if notes.refused.is_empty() {
        Ok(Sweep { spec, target, remarks: notes.remarks })
    } else {
        refuse(notes.refused.join("\n"))
    }
}

/// The sweep's name, with `-` for what the name of a folder cannot have.
fn name(file: &Map<String, Json>) -> Option<String> {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
    let name: String = file.get("name")?.as_str()?.chars().map(plain).collect();
    let name = name.trim_matches(['-', '.']).to_owned();
    (!name.is_empty()).then_some(name)
}

fn method(file: &Map<String, Json>, spec: &mut SpecFile, notes: &mut Notes) {
    let cap = match file.get("run_cap").map(|cap| (cap, cap.as_u64().filter(|cap| *cap > 0))) {
        Some((cap, None)) => {
            notes.refuse(format!("run_cap: {cap} must be a whole number from 1"));
            None
        }
        cap => cap.and_then(|(_, cap)| cap),
    };
    let method = file.get("method").map(python::text).unwrap_or_default();
    match method.as_str() {
        "grid" => spec.cap = cap,
        "random" | "bayes" => {
            spec.trials = cap;
            if cap.is_none() {
                notes.remark(format!(
                    "there is no run_cap, so W&B would run {method} until it is stopped; sweep runs {} trials, or set --trials N",
                    sweep_study::spec::DEFAULT_TRIALS
                ));
            }
        }
        "" => notes.refuse("method is missing; write grid, random or bayes"),
        other => notes.refuse(format!("method: {other} is not one of grid, random and bayes")),
    }
    spec.sampler = sweep_search::sampler::find(&method).ok().map(|entry| entry.name.to_owned());
}

/// Sets the goal of the study; returns the value that ends it.
fn metric(file: &Map<String, Json>, spec: &mut SpecFile, notes: &mut Notes) -> Option<String> {
    let metric = file.get("metric")?;
    let Some(name) = metric["name"].as_str() else {
        notes.refuse(format!("metric: {metric} has no name"));
        return None;
    };
    match metric["goal"].as_str() {
        None | Some("minimize") => spec.minimize = Some(name.to_owned()),
        Some("maximize") => spec.maximize = Some(name.to_owned()),
        Some(other) => notes.refuse(format!("metric.goal: {other} is neither minimize nor maximize")),
    }
    metric.get("target").map(|target| format!("{name}={target}"))
}

/// The words that were typed, followed by the parameters unless a macro among them stands for these.
fn typed_command(typed: &[String]) -> Vec<String> {
    let places = typed.iter().any(|word| word.starts_with("${args"));
    typed.iter().cloned().chain((!places).then(|| ARGS.to_owned())).collect()
}

/// The words of the command, those macros expanded that are the same for every run.
fn command(file: &Map<String, Json>, notes: &mut Notes) -> Vec<String> {
    let program = file.get("program").and_then(Json::as_str);
    let words: Vec<String> = match file.get("command") {
        None => COMMAND.map(str::to_owned).to_vec(),
        Some(Json::Array(words)) => words.iter().map(python::text).collect(),
        Some(Json::String(line)) => shlex::split(line).unwrap_or_default(),
        Some(_) => Vec::new(),
    };
    if words.is_empty() {
        notes.refuse("command must be a list of words");
    }
    let mut run = Vec::with_capacity(words.len());
    for word in words {
        match (word.as_str(), program) {
            ("${env}", _) => run.push("/usr/bin/env".to_owned()),
            ("${interpreter}", _) => run.push("python".to_owned()),
            ("${program}", Some(program)) => run.push(program.to_owned()),
            ("${program}", None) => notes.refuse("program, the training script to run, is missing; add it to the file, or type the command: -- python train.py"),
            _ => run.push(word),
        }
    }
    run
}
