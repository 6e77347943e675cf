//! `sweep replay`: would a search have paid on a grid that is there already?

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide;
use sweep_report::facts::Measure;
use sweep_search::sampler;

use super::args::PlaceArgs;
use super::choices;
use crate::options::jobs;
use crate::refusal::refuse;
use crate::study::record;
use crate::study::replay::Replay;
use crate::{files, output};

/// Replays searches on a finished grid, looking trials up instead of running them.
#[derive(Args)]
#[command(after_help = "\
The true value of a cell is the mean over its replicates; a replay draws one of them for each trial, and at any time \
chooses the cell of the best value it has drawn. Written to the study's folder: replay.json, replay.png, replay.svg.

Example:
  sweep replay table --samplers random,tpe,gp,ridge --repeats 100")]
pub struct ReplayStudy {
    /// A finished grid, by its name or its folder
    study: String,
    /// The samplers to compare
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "random,tpe,gp,ridge")]
    #[arg(value_parser = choices::samplers())]
    samplers: Vec<String>,
    /// Replays of each sampler
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    repeats: u64,
    /// The most trials of a replay [default: every cell of the table]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    trials: Option<u64>,
    /// Which trials a proposal knows of: of all but the last N
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    lag: u64,
    /// The seed of the first replay; the others follow it
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// What counts as found: a true value that falls short of the best by at most so much of it
    #[arg(long, value_name = "SHARE", default_value = "3%", value_parser = share)]
    within: f64,
    /// Replays at once [default: all cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

impl ReplayStudy {
    /// Replays, prints the table, and writes document and charts.
    pub fn run(self) -> Result<ExitCode> {
        let mut samplers = Vec::new();
        for name in &self.samplers {
            let known = sampler::find(name)?.name;
            if samplers.contains(&known) {
                return refuse(format!("the sampler {known} is named twice"));
            }
            samplers.push(known);
        }
        let (folder, record, facts) = record::read(&self.place.results, Some(&self.study))?;
        let Self { repeats, trials, lag, seed, within, .. } = self;
        let replay = Replay { repeats, trials, lag, seed, within };
        let replayed = replay.run(&record, &facts, &samplers, (jobs(self.jobs), self.quiet))?;
        let measure = Measure::of(&record.study.goal);
        let Some(said) = decide::replay::facts(&replayed, &facts, &measure) else {
            return refuse("no point of the grid ended well, so there is nothing to find");
        };
        let document = decide::replay::document(&record, &facts, &replayed, &said);
        let draw = |format| decide::replay::chart(&record, &facts, &replayed, &said, format);
        let written = files::write_drawn(&folder, "replay", &document, draw)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            output::println(&decide::replay::table(&facts, &replayed, &said));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A share typed with its sign, such as `3%`.
fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match number {
        Some(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => Err("write a share of the best value in percent, such as 3%".to_owned()),
    }
}
