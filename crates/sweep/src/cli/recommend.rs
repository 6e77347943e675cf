//! `sweep recommend`: what to use for the least loss, examples, seconds or memory.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use sweep_report::decide::recommend::{self, Aim};

use super::args::PlaceArgs;
use crate::output;
use crate::study::record;

/// Says which point to use for a goal, how sure that is, and what the second best would cost.
#[derive(Args)]
#[command(after_help = "\
Each batch size stands with its best learning rate measured. Examples and seconds are those to the study's target, or to \
the metric that every batch size reached; where the study has a critical batch size, seconds are steps times the fitted \
seconds of a step. The least memory is that of the smallest batch size not told apart from the best.

Example:
  sweep recommend --for seconds,memory")]
pub struct Recommend {
    /// The study, by its name or its folder [default: the latest]
    study: Option<String>,
    /// What is to be least
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
    /// Prints a row a goal.
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
