//! `sweep transfer`: predicts the best learning rate for a batch size, training length or width that was not run.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_core::catalogue;
use sweep_report::Facts;
use sweep_report::decide::transfer::{self, Destination, Length, Transfer};
use sweep_settings::names;
use sweep_study::StudyRecord;

use super::args::PlaceArgs;
use super::course;
use crate::output;
use crate::refusal::refuse;
use crate::study::record;

/// Predicts the best learning rate for settings that a study did not run.
#[derive(Args)]
#[command(after_help = "\
For a batch size, the rate follows the ridge: the fit of the best rate against batch size. A training length needs a study \
with three or more lengths (epochs=1,3,10 is an axis); a width needs one under μP (parametrization=mup). Another schedule \
of the same length takes no run: a bound on the last iterate gives its peak. If the study cannot support a prediction, the \
command lists the runs that would.

Examples:
  sweep transfer mnist-mlp --batch 512
  sweep transfer mnist-mlp --schedule cosine
  sweep transfer script-study --from wsd:decay=20% --schedule linear")]
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
    /// Schedule of the same length, such as cosine or wsd:decay=20%
    #[arg(long, value_name = "SCHEDULE[:NAME=VALUE,…]")]
    schedule: Option<String>,
    /// The schedule of the study [default: its own, if it says one]
    #[arg(long, value_name = "SCHEDULE[:NAME=VALUE,…]", requires = names::SCHEDULE)]
    from: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl TransferStudy {
    /// Prints the learning rate with its interval and its basis.
    pub fn run(self) -> Result<ExitCode> {
        if self.batch.is_none() && self.steps.is_none() && self.width.is_none() && self.schedule.is_none() {
            return refuse(
                "nothing to predict for; give --batch 512, --steps x10, --width 1024 or --schedule cosine",
            );
        }
        let (_, record, facts) = record::read(&self.place.results, self.study.as_deref())?;
        let batch = self.batch.map(|batch| batch as f64);
        let to = Destination { batch, length: self.steps, width: self.width };
        let mut predicted = match transfer::facts(&record, &facts, to) {
            Ok(predicted) => predicted,
            Err(refused) => return refuse(transfer::refusal(&refused)),
        };
        if let Some(to) = &self.schedule {
            let from = match &self.from {
                Some(from) => from.clone(),
                None => own(&record, &facts)?,
            };
            predicted = carry(predicted, (&from, to), steps(&record, &facts))?;
        }
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

/// How many steps the courses of two schedules are compared over where the study does not say its own.
const STEPS: u64 = 20_000;

/// The steps of the best trial of a study, and those of an epoch.
fn steps(record: &StudyRecord, facts: &Facts) -> (u64, Option<u64>) {
    let number = facts.best.as_ref().and_then(|best| best.trials.first());
    let trial = record.trials.iter().find(|trial| Some(&trial.number) == number);
    match trial.filter(|trial| trial.steps > 1) {
        Some(trial) => (
            trial.steps,
            Some((trial.steps as f64 / trial.epochs).round() as u64).filter(|_| trial.epochs > 0.0),
        ),
        None => (STEPS, None),
    }
}

/// The learning rate of one schedule carried to another.
fn carry(
    predicted: Transfer,
    (from, to): (&str, &str),
    (steps, per_epoch): (u64, Option<u64>),
) -> Result<Transfer> {
    let [old, new] = [course::named(from, steps, per_epoch)?, course::named(to, steps, per_epoch)?];
    let carried = course::carried((from, &old), (to, &new))?;
    Ok(transfer::to_schedule(predicted, from, to, carried))
}

/// The schedule of the best point of a study, as it would be typed.
fn own(record: &StudyRecord, facts: &Facts) -> Result<String> {
    let setting = |name: &str| {
        let best = facts.best_cell()?;
        record.study.setting(&best.params, name).map(|value| value.to_string())
    };
    let Some(scheduler) = setting(names::SCHEDULE) else {
        return refuse(
            "the study does not say its schedule; name it with --from, such as --from wsd:decay=20%",
        );
    };
    let of_it = |name: &&str| *name == names::WARMUP || name.starts_with(&format!("{}.", names::SCHEDULE));
    let settings = catalogue::settings().map(|setting| setting.name).filter(of_it);
    let given: Vec<String> = settings.filter_map(|name| Some(format!("{name}={}", setting(name)?))).collect();
    Ok(if given.is_empty() { scheduler } else { format!("{scheduler}:{}", given.join(",")) })
}
