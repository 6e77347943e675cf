//! Commands as objectives: what a trial runs instead of the built-in trainer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Wandb;

/// How parameters without placeholders are passed to a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Appended as `--lr 0.01` (the default).
    #[default]
    Flags,
    /// Appended as `lr=0.01`.
    Hydra,
    /// Not appended: the command reads them from its environment.
    Env,
}

/// The folder in which the program of a trial starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cwd {
    /// The one in which the study was started (the default).
    #[default]
    Start,
    /// One of the trial's own.
    Trial,
}

impl Cwd {
    /// Its word in a study file.
    pub fn word(self) -> &'static str {
        match self {
            Cwd::Start => "start",
            Cwd::Trial => "trial",
        }
    }
}

/// A command that can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The program and its arguments, with placeholders.
    pub run: Vec<String>,
    /// How parameters without placeholders are passed.
    pub style: Style,
    /// The command's own names of parameters that the study names differently.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// Patterns by metric name, see [`crate::CommandFile::read`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<(String, String)>,
    /// What ends a trial as diverged, as typed; `None` for a ranked metric or a training loss that is not finite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_if: Option<String>,
    /// Optimizer steps of an epoch, where they were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_per_epoch: Option<u64>,
    /// Training examples of an epoch, where they were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples_per_epoch: Option<u64>,
    /// Whether `batch` is the effective batch size, which follows from other parameters and is not passed on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub batch_is: bool,
    /// Where a trial's program starts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cwd: Cwd,
    /// Whether every trial of a Python script makes its imports anew.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_warm: bool,
    /// The command's name of the parameter that is the seed of a replicate; `None` where it takes it as `{seed}` or not at
    /// all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// How a W&B sweep passes parameters on, if the command belongs to one: its words then contain W&B's macros instead
    /// of placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wandb: Option<Wandb>,
}

impl Command {
    /// The command's name of a parameter.
    pub fn name<'a>(&'a self, parameter: &'a str) -> &'a str {
        self.map.get(parameter).map_or(parameter, String::as_str)
    }

    /// A short name of what runs: the script, or the program if no argument looks like a script.
    pub fn script(&self) -> &str {
        let suffixes = [".py", ".sh", ".jl", ".R", ".js", ".rb", ".pl"];
        let script = |word: &&String| suffixes.iter().any(|suffix| word.ends_with(suffix));
        self.run.iter().find(script).or(self.run.first()).map_or("command", String::as_str)
    }
}

fn is_default(cwd: &Cwd) -> bool {
    *cwd == Cwd::default()
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
