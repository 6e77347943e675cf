//! `sweep schedule`: print or draw a schedule before using it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use sweep_report::decide::transfer::Carried;
use sweep_report::{Format, Rates};
use sweep_settings::{Value, names, round_significant};

use super::course;
use crate::{files, output};

/// Prints or draws a schedule.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep schedule cosine lr=0.1 warmup=10% --steps 60
  sweep schedule step gamma=0.5 size=20st --steps 60 --png step.png
  sweep schedule onecycle max_lr=0.4 total_steps=60 --json        PyTorch's names; bare numbers are steps
  sweep schedule batch_growth batch=32 factor=2 --steps 90 --csv
  sweep schedule cosine --from wsd:decay=20% --lr 1e-3      the peak that suits cosine where 1e-3 suits wsd")]
pub struct Schedule {
    /// Schedule, such as cosine
    scheduler: String,
    /// Settings by sweep's names, or by those of PyTorch or Keras, where bare numbers are steps
    #[arg(value_name = "NAME=VALUE")]
    values: Vec<String>,
    /// Number of steps [default: total_steps if given, else 60]
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Steps per epoch, for lengths in epochs [default: all steps]
    #[arg(long, value_name = "N")]
    steps_per_epoch: Option<u64>,
    /// Schedule of the same length whose best peak is known; the peak of the other follows from it
    #[arg(long, value_name = "SCHEDULE[:NAME=VALUE,…]", requires = names::LR)]
    from: Option<String>,
    /// The best peak of --from
    #[arg(long, value_name = "RATE", requires = "from", value_parser = rate)]
    lr: Option<f64>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Print comma-separated rows
    #[arg(long)]
    csv: bool,
    /// Draw the schedule to this file
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

impl Schedule {
    /// Prints or draws it.
    pub fn run(self) -> Result<ExitCode> {
        let pairs = self.pairs()?;
        let given =
            pairs.iter().find(|(name, _)| name == "total_steps").and_then(|(_, value)| value.parse().ok());
        let steps = self.steps.or(given).unwrap_or(60).clamp(1, 10_000_000);
        let mut rates = course::rates(&self.scheduler, &pairs, steps, self.steps_per_epoch)?;
        let carried = self.carry(&mut rates, steps)?;
        if let Some(file) = &self.png {
            let name = format!("{} {}", self.scheduler, self.values.join(" "));
            files::write(file, &sweep_report::schedule(name.trim(), &rates, Format::Png)?)?;
            output::eprintln(&file.display().to_string());
            if !self.json && !self.csv {
                return Ok(ExitCode::SUCCESS);
            }
        }
        if self.json {
            let batch = (!rates.batch.is_empty()).then_some(&rates.batch);
            let mut document =
                json!({ (names::SCHEDULE): self.scheduler, (names::LR): rates.lr, (names::BATCH): batch });
            if let Some(Peak { lr, error }) = carried {
                document["peak"] = json!({ "estimate": lr, "low": lr / error, "high": lr * error });
            }
            output::println(&document.to_string());
        } else {
            output::println(&table(&rates, if self.csv { "," } else { "  " }));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn pairs(&self) -> Result<Vec<(String, String)>> {
        self.values.iter().map(|text| course::pair(text)).collect()
    }

    /// Sets the peak of the rates to the one that follows from another schedule, and says so.
    fn carry(&self, rates: &mut Rates, steps: u64) -> Result<Option<Peak>> {
        let Some((from, lr)) = self.from.as_ref().zip(self.lr) else { return Ok(None) };
        let other = course::named(from, steps, self.steps_per_epoch)?;
        let Carried { ratio, error } = course::carried((from, &other), (&self.scheduler, rates))?;
        let peak = rates.lr.iter().copied().fold(0.0, f64::max);
        let best = lr * ratio;
        rates.lr.iter_mut().for_each(|rate| *rate *= best / peak);
        let shown = |rate: f64| Value::Float(round_significant(rate, 3)).to_string();
        output::eprintln(&format!(
            "peak η = {} ({} to {}), where {} is best for {from}: by the bound on the last iterate (Schaipp et al. 2025), \
             for one length of training",
            shown(best),
            shown(best / error),
            shown(best * error),
            Value::Float(lr)
        ));
        Ok(Some(Peak { lr: best, error }))
    }
}

/// A carried peak.
struct Peak {
    lr: f64,
    /// By which factor it may be off either way.
    error: f64,
}

/// A rate as typed.
fn rate(text: &str) -> Result<f64, String> {
    let read = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    read.ok_or_else(|| "write a positive number, such as 1e-3".to_owned())
}

fn table(rates: &Rates, separator: &str) -> String {
    let mut text = format!("step{separator}lr");
    if !rates.batch.is_empty() {
        text += &format!("{separator}batch");
    }
    for (step, lr) in rates.lr.iter().enumerate() {
        text += &format!("\n{step:<4}{separator}{lr:e}");
        if let Some(batch) = rates.batch.get(step) {
            text += &format!("{separator}{batch}");
        }
    }
    text
}
