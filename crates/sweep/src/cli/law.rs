//! `sweep law`: how the best learning rate and batch size move with model size, data and the like.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide::law;
use sweep_study::StudyRecord;

use super::args::{PlaceArgs, RunsArgs, is_runs};
use crate::import;
use crate::output;
use crate::refusal::refuse;
use crate::study::record;

/// Fits power laws of the best learning rate and batch size over groups of runs.
#[derive(Args)]
#[command(after_help = "\
Each group (one value of each column of --group) is read as a study of its own: the best learning rate of each batch size with \
its interval, and the batch size at which these are lowest. The laws go through these, weighted by their errors, and are tried \
on the groups left out for each value of the first column. A loss surface over learning rate, batch size and the columns goes \
through the runs near the best of their group. It is tried in the same way, and --predict gives its loss where it is believed.

Examples:
  sweep law runs.csv --group N,D --minimize loss
  sweep law runs.csv --group N,D --minimize loss --predict N=7e9,D=1.4e11 --against published
  sweep law steps.csv --group model --steps-to-target steps        the critical batch size over model sizes such as 85M
  sweep law width --group hidden")]
pub struct Law {
    /// A file or folder of runs, or a study
    runs: String,
    /// Columns that make the groups: numbers such as model size and tokens
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', required = true)]
    group: Vec<String>,
    /// Predict batch size and learning rate at these values, such as N=7e9,D=1.4e11
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',', value_parser = value)]
    predict: Vec<(String, f64)>,
    /// How far beyond the groups a prediction may lie, as a factor
    #[arg(long, value_name = "FACTOR", default_value = "10")]
    beyond: f64,
    /// Print the published laws too
    #[arg(long, value_name = "WHAT", value_parser = ["published"])]
    against: Option<String>,
    /// For steps to a target: the batch size than which a fifth more examples are too many [default: the smallest]
    #[arg(long, value_name = "BATCH")]
    overhead_than: Option<f64>,
    #[command(flatten)]
    of: RunsArgs,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Law {
    /// Prints the laws.
    pub fn run(self) -> Result<ExitCode> {
        let record = self.record()?;
        if law::is_critical(&record) {
            return self.critical(&record);
        }
        let facts = match law::facts(&record, &self.group) {
            Ok(facts) => facts,
            Err(refused) => return refuse(law::refusal(&refused)),
        };
        let found = match self.predict.as_slice() {
            [] => None,
            at => match law::predict(&facts, at, self.beyond) {
                Ok(found) => Some(found),
                Err(refused) => return refuse(law::refusal(&refused)),
            },
        };
        if self.place.json {
            let document = law::document(&record, &facts, found.as_ref());
            output::println(&serde_json::to_string_pretty(&document)?);
            return Ok(ExitCode::SUCCESS);
        }
        let mut lines = law::lines(&facts, self.against.is_some());
        lines.extend(found.iter().flat_map(|found| law::prediction(&facts, found)));
        lines.iter().for_each(|line| output::println(line));
        Ok(ExitCode::SUCCESS)
    }

    /// Prints the laws of the critical batch size.
    fn critical(&self, record: &StudyRecord) -> Result<ExitCode> {
        let facts = match law::critical(record, &self.group, self.overhead_than) {
            Ok(facts) => facts,
            Err(refused) => return refuse(law::refusal(&refused)),
        };
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&law::critical_document(record, &facts))?);
        } else {
            law::critical_lines(&facts).iter().for_each(|line| output::println(line));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn record(&self) -> Result<StudyRecord> {
        if !is_runs(&self.place.results, &self.runs) {
            return Ok(record::read(&self.place.results, Some(&self.runs))?.1);
        }
        let path = Path::new(&self.runs);
        let mut asked = self.of.asked(path)?;
        asked.groups.clone_from(&self.group);
        let runs = import::read(path, &asked)?;
        let import::Study { record, notes } = import::study(path, runs, &asked)?;
        notes.iter().for_each(|note| output::eprintln(note));
        Ok(record)
    }
}

/// `N=7e9`.
fn value(text: &str) -> Result<(String, f64), String> {
    let read = text.split_once('=').and_then(|(name, value)| {
        let value = value.trim().parse::<f64>().ok().filter(|value| value.is_finite() && *value > 0.0)?;
        Some((name.trim().to_owned(), value))
    });
    read.ok_or_else(|| "write a name and a positive number, such as N=7e9".to_owned())
}
