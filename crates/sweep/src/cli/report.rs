//! `sweep report`: the files of a study, written again, as it was run or as if its trials had had another budget.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use sweep_report::By;

use super::args::Output;
use super::loaded;
use crate::place;
use crate::refusal::refuse;
use crate::report::Reported;

/// Writes the report of a study again.
#[derive(Args)]
pub struct Report {
    /// The study [default: the latest]
    study: Option<String>,
    /// Read the study where all its trials had been given equally much of this, into a folder of its own beside the
    /// report: which batch size is best depends on it
    #[arg(long, value_enum, value_name = "UNIT")]
    by: Option<Unit>,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unit {
    /// Optimizer steps
    Steps,
    /// Training examples
    Examples,
    /// Seconds of training on the machine on which the study ran
    Seconds,
    /// Passes over the training data
    Epochs,
}

impl From<Unit> for By {
    fn from(unit: Unit) -> By {
        match unit {
            Unit::Steps => By::Steps,
            Unit::Examples => By::Examples,
            Unit::Seconds => By::Seconds,
            Unit::Epochs => By::Epochs,
        }
    }
}

impl Report {
    /// Writes the files and prints the verdict; also while the study runs.
    pub fn run(self) -> Result<ExitCode> {
        let study = loaded(&self.output.place, self.study.as_deref())?;
        let folder = place::find(&self.output.place.results, self.study.as_deref())?;
        let Some(unit) = self.by else { return study.write(&folder, &self.output) };
        let by = By::from(unit);
        let record = match sweep_report::read_by(&study.record, by) {
            Ok(record) => record,
            Err(error) => return refuse(error.to_string()),
        };
        let folder = folder.join(format!("by-{}", by.unit()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let facts = sweep_report::facts(&record);
        let command = format!("{} && sweep report --by {}", study.command, by.unit());
        Reported { record, facts, command, by: Some(by) }.write(&folder, &self.output)
    }
}
