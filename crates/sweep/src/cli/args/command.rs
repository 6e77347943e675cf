//! Options that set the command of a trial.

use anyhow::Result;
use clap::Args;
use sweep_study::{CommandFile, Cwd, SpecFile};

/// The command of a trial, and how parameters and metrics pass between them.
#[derive(Args, Clone)]
#[command(next_help_heading = "A command as the trial")]
pub struct CommandArgs {
    /// How to pass parameters without a placeholder: flags (--lr 0.1), hydra (lr=0.1) or env (SWEEP_PARAMS) [default:
    /// flags]
    #[arg(long, value_name = "STYLE")]
    style: Option<String>,
    /// The command's names of parameters, such as lr=learning_rate,batch=per_device_train_batch_size
    #[arg(long, value_name = "NAME=ITS", value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// Parameters that are the learning rate and the batch size, such as lr=alpha,batch=bs
    #[arg(long, value_name = "ROLE=NAME", value_delimiter = ',', value_parser = pair)]
    roles: Vec<(String, String)>,
    /// Pattern of a metric in the command's output, such as 'val_loss=([0-9.eE+-]+)' or 'acc=Accuracy: ([0-9.]+)%'
    #[arg(long, value_name = "METRIC=PATTERN", value_parser = pattern)]
    read: Vec<(String, String)>,
    /// Effective batch size, used by the report, such as 'per_device*gpus*accumulate'; gpus is --gpus-per-trial
    #[arg(long, value_name = "EXPRESSION")]
    batch_is: Option<String>,
    /// What ends a trial as diverged, such as 'train_loss is nan or val_loss > 20' [default: the ranked metric or a
    /// training loss is not finite]
    #[arg(long, value_name = "CONDITIONS")]
    diverged_if: Option<String>,
    /// Optimizer steps of an epoch, where the command reports epochs alone
    #[arg(long, value_name = "N")]
    steps_per_epoch: Option<u64>,
    /// Training examples of an epoch, likewise
    #[arg(long, value_name = "N")]
    examples_per_epoch: Option<u64>,
    /// Start each trial in its own folder, where relative outputs then go; files that the command names are still found
    #[arg(long)]
    in_trial_dir: bool,
    /// Program and arguments; {lr}, {batch}, {seed}, {budget}, {trial_dir} and {checkpoint_dir} are filled in
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl CommandArgs {
    /// Takes the words of the command that were typed.
    pub fn take_words(&mut self) -> Vec<String> {
        std::mem::take(&mut self.command)
    }

    /// The typed command; what was not typed is taken from `base`.
    pub fn over(self, mut base: SpecFile) -> SpecFile {
        let typed = self.style.is_some()
            || self.batch_is.is_some()
            || self.diverged_if.is_some()
            || self.steps_per_epoch.is_some()
            || self.examples_per_epoch.is_some()
            || self.in_trial_dir
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
        command.diverged_if = self.diverged_if.or(command.diverged_if);
        command.steps_per_epoch = self.steps_per_epoch.or(command.steps_per_epoch);
        command.examples_per_epoch = self.examples_per_epoch.or(command.examples_per_epoch);
        if self.in_trial_dir {
            command.cwd = Some(Cwd::Trial.word().to_owned());
        }
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

/// The name is the text before the first `=`, or the word that the pattern begins with.
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
