//! `sweep grid`, `sweep random`, `sweep search` and `sweep run`: run a study.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use sweep_search::{pruner, sampler};
use sweep_study::SpecFile;

use super::args::RunArgs;
use super::args::spec::SpecArgs;
use super::choices;
use crate::options::RunOptions;
use crate::study::run;
use crate::{output, wandb};

/// A study whose sampler is the subcommand's.
#[derive(Args)]
pub struct SearchArgs {
    /// Number of points to try, for samplers other than grids [default: 30]
    #[arg(long, value_name = "N")]
    trials: Option<u64>,
    #[command(flatten)]
    spec: SpecArgs,
    #[command(flatten)]
    running: RunArgs,
}

impl SearchArgs {
    /// Runs the study with `sampler`; one that is not named is called after `command`.
    fn run(self, sampler: &str, command: &str) -> Result<ExitCode> {
        let base = SpecFile { sampler: Some(sampler.to_owned()), trials: self.trials, ..SpecFile::default() };
        run::start(&self.spec.over(base), &self.running.into(), Some(command))
    }
}

/// A subcommand named after a sampler or a pruner: one per sampler, and one per pruner that is often used with random
/// points.
pub struct SearchBy {
    search: NamedSearch,
    args: SearchArgs,
}

/// The meaning of such a subcommand.
struct NamedSearch {
    /// The subcommand.
    name: &'static str,
    help: &'static str,
    sampler: &'static str,
    pruner: Option<&'static str>,
}

/// The subcommands, from the tables of samplers and pruners.
fn named_searches() -> impl Iterator<Item = NamedSearch> {
    let by_sampler = sampler::TABLE.iter().map(|entry| NamedSearch {
        name: entry.aliases.first().unwrap_or(&entry.name),
        help: entry.help,
        sampler: entry.name,
        pruner: None,
    });
    let by_pruner = pruner::TABLE.iter().filter_map(|entry| {
        let help = entry.command?;
        Some(NamedSearch { name: entry.name, help, sampler: "random", pruner: Some(entry.name) })
    });
    by_sampler.chain(by_pruner)
}

/// The names of these subcommands.
pub fn search_commands() -> impl Iterator<Item = &'static str> {
    named_searches().map(|search| search.name)
}

impl SearchBy {
    /// Runs the study.
    pub fn run(mut self) -> Result<ExitCode> {
        if let Some(pruner) = self.search.pruner {
            self.args.spec.plan.pruner.get_or_insert_with(|| pruner.to_owned());
        }
        self.args.run(self.search.sampler, self.search.name)
    }
}

impl Subcommand for SearchBy {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        named_searches().fold(command, |command, search| {
            // The options set a text about themselves, which this one replaces.
            let own = SearchArgs::augment_args(clap::Command::new(search.name));
            command.subcommand(own.about(search.help).after_help(crate::catalogue::help()))
        })
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        search_commands().any(|own| own == name)
    }
}

impl FromArgMatches for SearchBy {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(ErrorKind::MissingSubcommand);
        let (name, matches) = matches.subcommand().ok_or_else(missing)?;
        let search = named_searches().find(|search| search.name == name).ok_or_else(missing)?;
        Ok(SearchBy { search, args: SearchArgs::from_arg_matches(matches)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = SearchBy::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A study whose sampler is an option.
#[derive(Args)]
pub struct Search {
    /// Sampler, which proposes the points
    #[arg(long, value_name = "NAME", default_value = "random", value_parser = choices::samplers())]
    sampler: String,
    #[command(flatten)]
    named: SearchArgs,
}

impl Search {
    /// Runs the study.
    pub fn run(self) -> Result<ExitCode> {
        let sampler = own(&self.sampler);
        self.named.run(&sampler, &sampler)
    }
}

/// The sampler's own name, or the typed name if there is no such sampler.
fn own(typed: &str) -> String {
    sampler::find(typed).map_or(typed, |entry| entry.name).to_owned()
}

/// A study from a file; options given here replace those of the file.
#[derive(Args)]
pub struct RunFile {
    /// Study file (TOML), or a W&B sweep file (YAML), which runs unchanged and offline
    file: PathBuf,
    #[command(flatten)]
    named: SearchArgs,
}

impl RunFile {
    /// Runs the study, named after its file unless the file sets a name.
    pub fn run(mut self) -> Result<ExitCode> {
        let mut options = RunOptions::from(self.named.running);
        let shown = self.file.display().to_string();
        let text = std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {shown}"));
        let text = text.or_else(|error| crate::refusal::refuse(format!("{error:#}")))?;
        let mut base = if wandb::is_sweep_file(&self.file) {
            let typed = self.named.spec.take_command();
            let sweep = wandb::read(&self.file, &text, typed).with_context(|| shown.clone())?;
            if !sweep.remarks.is_empty() {
                output::eprintln(&format!("{shown}, differences from W&B: {}", sweep.remarks.join("; ")));
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
        run::start(&spec, &options, None).with_context(|| shown.clone())
    }
}
