//! `sweep schedule`: print or draw a schedule before using it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use sweep_core::schedule::NAMES;
use sweep_core::schedule::from_framework_names;
use sweep_core::{Horizon, Progress, Schedule as ScheduleShape, catalogue};
use sweep_report::{Format, Rates};
use sweep_settings::{Kind, Setting, Settings, names};

use crate::refusal::refuse;
use crate::{files, output};

/// Prints or draws a schedule.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep schedule cosine lr=0.1 warmup=10% --steps 60
  sweep schedule step gamma=0.5 size=20st --steps 60 --png step.png
  sweep schedule onecycle max_lr=0.4 total_steps=60 --json        PyTorch's names; bare numbers are steps
  sweep schedule batch_growth batch=32 factor=2 --steps 90 --csv")]
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
        let (course, batch, per_epoch) = self.course(&pairs, steps)?;
        let rates = rates(&course, batch, steps, per_epoch);
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
            output::println(
                &json!({ (names::SCHEDULE): self.scheduler, (names::LR): rates.lr, (names::BATCH): batch })
                    .to_string(),
            );
        } else {
            output::println(&table(&rates, if self.csv { "," } else { "  " }));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn pairs(&self) -> Result<Vec<(String, String)>> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => refuse(format!("`{text}` is not a setting; write name=value, such as warmup=10%")),
        };
        self.values.iter().map(pair).collect()
    }

    /// The schedule, its initial batch size, and the steps per epoch. If every name is one of this program's settings,
    /// they are read as an axis would be; otherwise the names are a framework's.
    fn course(&self, pairs: &[(String, String)], steps: u64) -> Result<(ScheduleShape, usize, u64)> {
        let own: Option<Vec<(&'static str, &String)>> =
            pairs.iter().map(|(name, value)| Some((self.full(name)?, value))).collect();
        let known = NAMES.contains(&self.scheduler.as_str());
        let Some(own) = own.filter(|_| known) else {
            let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            return Ok((from_framework_names(&self.scheduler, pairs)?, 1, steps));
        };
        let mut settings = Settings::default();
        settings.set(names::SCHEDULE, self.scheduler.as_str());
        for (name, value) in own {
            settings.set(name, in_steps(name, value));
        }
        let number = |name: &str| {
            let setting = catalogue::settings().find(|setting| setting.name == name);
            setting.map_or(Ok(None), |setting| settings.number(setting))
        };
        let (lr, batch) = (number(names::LR)?.unwrap_or(0.01), number(names::BATCH)?.unwrap_or(32.0) as u64);
        let per_epoch = self.steps_per_epoch.unwrap_or(steps).max(1);
        let horizon = Horizon {
            total_steps: steps,
            steps_per_epoch: per_epoch as f64,
            total_examples: steps * batch,
            examples_per_epoch: per_epoch * batch,
            in_steps: true,
        };
        Ok((ScheduleShape::read(&settings, lr, &horizon)?, batch as usize, per_epoch))
    }

    /// The full name of a setting that may be written without the name of its schedule.
    fn full(&self, name: &str) -> Option<&'static str> {
        let own = format!("schedule.{}.{name}", self.scheduler);
        let short = format!("schedule.{name}");
        catalogue::settings()
            .map(|setting| setting.name)
            .find(|full| *full == name || *full == own || *full == short)
    }
}

/// The value of the setting `name`; bare lengths are steps, and lists may be written as in Python.
fn in_steps(name: &str, value: &str) -> String {
    let length = |setting: &&Setting| match setting.kind {
        Kind::Length => true,
        Kind::List => setting.name.starts_with("schedule."),
        _ => false,
    };
    if catalogue::settings().find(|setting| setting.name == name).filter(length).is_none() {
        return value.to_owned();
    }
    let item = |item: &str| match item.trim() {
        bare if bare.parse::<f64>().is_ok_and(|number| number != 0.0) => format!("{bare}st"),
        length => length.to_owned(),
    };
    let items: Vec<String> = value.trim_matches(['[', ']']).split([',', '/']).map(item).collect();
    items.join("/")
}

/// Learning rate and batch size at each step.
fn rates(course: &ScheduleShape, start: usize, steps: u64, per_epoch: u64) -> Rates {
    let mut rates = Rates::default();
    let mut examples = 0;
    for step in 0..steps {
        let progress = Progress {
            step,
            examples,
            epoch: step as f64 / per_epoch as f64,
            total_steps: steps,
            total_examples: steps * start as u64,
            total_epochs: steps as f64 / per_epoch as f64,
        };
        let batch = course.batch(start, &progress);
        examples += batch as u64;
        rates.lr.push(course.rate(&progress));
        if course.changes_batch() {
            rates.batch.push(batch as f64);
        }
    }
    rates
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
