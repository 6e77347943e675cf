//! `sweep transfer`: predicts the best learning rate for a batch size, training length or width that was not run.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide::transfer::{self, Destination, Length};

use super::args::PlaceArgs;
use crate::output;
use crate::refusal::refuse;
use crate::study::record;

/// Predicts the best learning rate for settings that a study did not run.
#[derive(Args)]
#[command(after_help = "\
For a batch size, the rate follows the ridge: the fit of the best rate against batch size. A training length needs a study \
with three or more lengths (epochs=1,3,10 is an axis); a width needs one under μP (parametrization=mup). If the study \
cannot support a prediction, the command lists the runs that would.

Example:
  sweep transfer mnist-mlp --batch 512")]
pub struct TransferStudy {
    /// Name or folder of the study [default: the latest]
    study: Option<String>,
    /// Batch size [default: that of the best point]
    #[arg(long, value_name = "B", value_parser = clap::value_parser!(u64).range(1..))]
    batch: Option<u64>,
    /// Training length: x10 for ten times the study's longest, or an amount in the unit of its budget
    #[arg(long, value_name = "LENGTH", visible_aliases = ["epochs", "examples"], value_parser = length)]
    steps: Option<Length>,
    /// Width of the hidden layers
    #[arg(long, value_name = "WIDTH", value_parser = clap::value_parser!(u64).range(1..))]
    width: Option<u64>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl TransferStudy {
    /// Prints the learning rate with its interval and its basis.
    pub fn run(self) -> Result<ExitCode> {
        if self.batch.is_none() && self.steps.is_none() && self.width.is_none() {
            return refuse("nothing to predict for; give --batch 512, --steps x10 or --width 1024");
        }
        let (_, record, facts) = record::read(&self.place.results, self.study.as_deref())?;
        let batch = self.batch.map(|batch| batch as f64);
        let to = Destination { batch, length: self.steps, width: self.width };
        let predicted = match transfer::facts(&record, &facts, to) {
            Ok(predicted) => predicted,
            Err(refused) => return refuse(transfer::refusal(&refused)),
        };
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&transfer::document(&record, &predicted))?);
        } else {
            transfer::lines(&record, &predicted).iter().for_each(|line| output::println(line));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A length as typed: `x10` or an amount.
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
