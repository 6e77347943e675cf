//! `sweep transfer`: the learning rate for a batch size, training length or width that was not run.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide::transfer::{self, Destination, Length};

use super::args::PlaceArgs;
use crate::output;
use crate::refusal::refuse;
use crate::study::record;

/// Carries the best learning rate of a study to where it did not train.
#[derive(Args)]
#[command(after_help = "\
A batch size is read off the ridge through the others; a training length takes a study of three or more (epochs=1,3,10 is \
an axis), a width one under μP (parametrization=mup). What the study does not support is refused, with the runs that would.

Example:
  sweep transfer mnist-mlp --batch 512")]
pub struct TransferStudy {
    /// The study, by its name or its folder [default: the latest]
    study: Option<String>,
    /// The batch size [default: that of the best point]
    #[arg(long, value_name = "B", value_parser = clap::value_parser!(u64).range(1..))]
    batch: Option<u64>,
    /// The training length: x10 for ten times the longest of the study, or an amount of its budget
    #[arg(long, value_name = "LENGTH", visible_aliases = ["epochs", "examples"], value_parser = length)]
    steps: Option<Length>,
    /// The width of the hidden layers
    #[arg(long, value_name = "WIDTH", value_parser = clap::value_parser!(u64).range(1..))]
    width: Option<u64>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl TransferStudy {
    /// Prints the learning rate with its interval and what it rests on.
    pub fn run(self) -> Result<ExitCode> {
        if self.batch.is_none() && self.steps.is_none() && self.width.is_none() {
            return refuse("where to? Give --batch 512, --steps x10 or --width 1024");
        }
        let (_, record, facts) = record::read(&self.place.results, self.study.as_deref())?;
        let batch = self.batch.map(|batch| batch as f64);
        let to = Destination { batch, length: self.steps, width: self.width };
        let carried = match transfer::facts(&record, &facts, to) {
            Ok(carried) => carried,
            Err(refused) => return refuse(transfer::refusal(&refused)),
        };
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&transfer::document(&record, &carried))?);
        } else {
            transfer::lines(&record, &carried).iter().for_each(|line| output::println(line));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A length as typed: `x10`, or an amount.
fn length(text: &str) -> Result<Length, String> {
    let (times, number) = match text.strip_prefix('x') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => {
            Ok(if times { Length::Times(number) } else { Length::Amount(number) })
        }
        _ => Err("write x10 for ten times the longest, or an amount such as 5000".to_owned()),
    }
}
