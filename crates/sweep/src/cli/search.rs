//! `sweep grid`, `sweep random`, `sweep search` and `sweep run`: studies.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use sweep_study::SpecFile;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use crate::options::RunOptions;
use crate::study::run;
use crate::{output, wandb};

/// A study whose sampler the subcommand names.
#[derive(Args)]
pub struct SearchArgs {
    /// Points to try, for samplers that draw [default: 30]
    #[arg(long, value_name = "N")]
    trials: Option<u64>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    running: RunArgs,
}

impl SearchArgs {
    /// Runs the study with `sampler`.
    pub fn run(self, sampler: &str) -> Result<ExitCode> {
        let base = SpecFile { sampler: Some(sampler.to_owned()), trials: self.trials, ..SpecFile::default() };
        run::start(&self.spec.over(base), &self.running.into())
    }
}

impl SearchArgs {
    /// Runs the study of random points with `pruner`.
    pub fn pruned(mut self, pruner: &str) -> Result<ExitCode> {
        self.spec.pruner.get_or_insert_with(|| pruner.to_owned());
        self.run("random")
    }
}

/// A study whose sampler is an option.
#[derive(Args)]
pub struct Search {
    /// Where to look: grid, random, sobol, tpe, gp, cmaes, genetic or ridge
    #[arg(long, value_name = "NAME", default_value = "random")]
    sampler: String,
    #[command(flatten)]
    named: SearchArgs,
}

impl Search {
    /// Runs the study.
    pub fn run(self) -> Result<ExitCode> {
        self.named.run(&own(&self.sampler))
    }
}

/// The sampler's own name, or what was typed where there is none.
fn own(typed: &str) -> String {
    sweep_search::named(typed).unwrap_or(typed).to_owned()
}

/// A study from a file; options given here replace those of the file.
#[derive(Args)]
pub struct RunFile {
    /// The study file (TOML), or a sweep file of W&B (YAML), run as it is and offline
    file: PathBuf,
    #[command(flatten)]
    named: SearchArgs,
}

impl RunFile {
    /// Runs the study, named after its file unless it says otherwise.
    pub fn run(self) -> Result<ExitCode> {
        let mut options = RunOptions::from(self.named.running);
        let shown = self.file.display().to_string();
        let text = std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {shown}"));
        let text = text.or_else(|error| crate::refusal::refuse(format!("{error:#}")))?;
        let mut base = if wandb::is(&self.file) {
            let sweep = wandb::read(&self.file, &text).with_context(|| shown.clone())?;
            if !sweep.remarks.is_empty() {
                output::eprintln(&format!("{shown}, otherwise than W&B: {}", sweep.remarks.join("; ")));
            }
            options.stop.stop_at = options.stop.stop_at.or(sweep.target);
            sweep.spec
        } else {
            SpecFile::from_toml(&text).with_context(|| shown.clone())?
        };
        if base.name.is_none() {
            base.name = self.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        }
        base.sampler = base.sampler.as_deref().map(own);
        base.trials = self.named.trials.or(base.trials);
        if let Some(table) = base.slurm.take() {
            options.launch.take_file(&table).with_context(|| shown.clone())?;
        }
        let spec = self.named.spec.over(base);
        run::start(&spec, &options).with_context(|| shown.clone())
    }
}
