//! `sweep extend` and `sweep resume`: continue a study.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::RunArgs;
use super::as_trial::AsTrial;
use crate::options::RunOptions;
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::{extend, run, study_dir};

/// Widens the axes of a study.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep extend                  widen the axes on whose border the latest study's best point lies
  sweep extend quick lr=..1     extend lr up to 1, in its own steps
  sweep extend quick batch=256  add a batch size
  sweep extend runs lr=..1 -- python train.py --lr {lr} --bs {batch}   runs imported by `sweep report runs.csv`
Only missing cells are run. A study whose sampler learns keeps its axes; points beyond their borders are added.")]
pub struct Extend {
    /// Study and axes to widen [default: the latest study, and the axes that its verdict names]
    #[arg(value_name = "STUDY | NAME=VALUES")]
    words: Vec<String>,
    #[command(flatten)]
    trial: AsTrial,
    #[command(flatten)]
    running: RunArgs,
}

impl Extend {
    /// Widens the study and runs what is missing.
    pub fn run(self) -> Result<ExitCode> {
        let (axes, names): (Vec<String>, Vec<String>) =
            self.words.into_iter().partition(|word| word.contains('='));
        if names.len() > 1 {
            return refuse(format!("extend takes one study, not {}", names.join(" and ")));
        }
        let name = names.first().map(String::as_str);
        extend::extend(name, axes, &|base| self.trial.over(base), &self.running.into())
    }
}

/// Continues an interrupted study.
#[derive(Args)]
pub struct Resume {
    /// Study [default: the latest]
    study: Option<String>,
    #[command(flatten)]
    running: RunArgs,
}

impl Resume {
    /// Runs the remaining trials.
    pub fn run(self) -> Result<ExitCode> {
        let options = RunOptions::from(self.running);
        let folder = study_dir::find(&options.report.results, self.study.as_deref())?;
        run::resume(Store::write(&folder)?, &folder, None, &options)
    }
}
