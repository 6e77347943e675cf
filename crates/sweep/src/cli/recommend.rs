//! `sweep recommend`: the settings for the least loss, examples, seconds or memory.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use sweep_report::decide::recommend::{self, Aim};

use super::args::PlaceArgs;
use crate::output;
use crate::study::record;

/// Prints the point to use for a goal, how certain that is, and what the second best would cost.
#[derive(Args)]
#[command(after_help = "\
Each batch size is shown with its best measured learning rate. Examples and seconds count up to the study's target, or up \
to the metric that every batch size reached; if the study has a critical batch size, seconds are steps times the fitted \
seconds per step. The least memory is that measured, of the points that cannot be told from the best.

Example:
  sweep recommend --for seconds,memory")]
pub struct Recommend {
    /// Name or folder of the study [default: the latest]
    study: Option<String>,
    /// Quantities to minimize
    #[arg(
        long = "for",
        value_name = "GOALS",
        value_enum,
        value_delimiter = ',',
        default_value = "loss,examples,seconds,memory"
    )]
    aims: Vec<Least>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// A goal as typed.
#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Loss,
    Examples,
    Seconds,
    Memory,
}

impl Recommend {
    /// Prints one row per goal.
    pub fn run(self) -> Result<ExitCode> {
        let (_, record, facts) = record::read(&self.place.results, self.study.as_deref())?;
        let aim = |least: &Least| match least {
            Least::Loss => Aim::Loss,
            Least::Examples => Aim::Examples,
            Least::Seconds => Aim::Seconds,
            Least::Memory => Aim::Memory,
        };
        let rows: Vec<_> =
            self.aims.iter().map(|least| recommend::facts(&record, &facts, aim(least))).collect();
        if self.place.json {
            let document = recommend::document(&record, &facts, &rows);
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            output::println(recommend::table(&record, &facts, &rows).trim_end());
        }
        Ok(ExitCode::SUCCESS)
    }
}
