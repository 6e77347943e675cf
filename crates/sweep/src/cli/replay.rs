//! `sweep replay`: would a search have saved time on a finished grid?

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide;
use sweep_search::sampler;

use super::args::PlaceArgs;
use super::choices;
use crate::options::jobs;
use crate::refusal::refuse;
use crate::study::record;
use crate::study::replay::{COMPARED, Replay};
use crate::{files, output};

/// Replays searches on a finished grid, looking trials up instead of running them.
#[derive(Args)]
#[command(after_help = "\
The true value of a cell is the mean over its replicates; a replay draws one of them per trial and always chooses the \
cell with the best value drawn so far. Files written to the study's folder: replay.json, replay.png, replay.svg.

Example:
  sweep replay table --samplers random,ridge --repeats 100")]
pub struct ReplayStudy {
    /// Name or folder of a finished grid
    study: String,
    /// Samplers to compare
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = COMPARED)]
    #[arg(value_parser = choices::samplers())]
    samplers: Vec<String>,
    /// Number of replays per sampler
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    repeats: u64,
    /// Largest number of trials per replay [default: every cell of the grid]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    trials: Option<u64>,
    /// Proposal n may use the results of trials up to n − N
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    lag: u64,
    /// Seed of the first replay; each further replay adds 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Success: the true value of the chosen cell is within this fraction of the best [default: the smallest difference
    /// that matters in this study]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    within: Option<f64>,
    /// Number of replays to run in parallel [default: number of cores]
    #[arg(long, short, value_name = "N", value_parser = choices::jobs)]
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
                return refuse(format!("the sampler {known} is listed twice"));
            }
            samplers.push(known);
        }
        let (folder, record, facts) = record::read(&self.place.results, Some(&self.study))?;
        let Self { repeats, trials, lag, seed, .. } = self;
        let within = self.within.unwrap_or_else(|| decide::replay::margin(&facts));
        let replay = Replay { repeats, trials, lag, seed, within };
        let replayed = replay.run(&record, &facts, &samplers, (jobs(self.jobs), self.quiet))?;
        let Some(findings) = decide::replay::facts(&replayed, &facts) else {
            return refuse("no point of the grid completed, so there is nothing to find");
        };
        let document = decide::replay::document(&record, &facts, &replayed, &findings);
        let draw = |format| decide::replay::chart(&record, &facts, &replayed, &findings, format);
        let written = files::write_drawn(&folder, "replay", &document, draw)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            output::println(&decide::replay::table(&facts, &replayed, &findings));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A percentage with its sign, such as `3%`, as a fraction.
fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match number {
        Some(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => Err("write a percentage of the best value, such as 3%".to_owned()),
    }
}
