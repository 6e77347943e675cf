//! `sweep report`: rewrites a study's report, at its own budget or at an equal budget in another unit, and reports
//! runs of other programs.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use sweep_report::BudgetUnit;
use sweep_report::decide::groups;
use sweep_study::{Imported, Network, StudyRecord};

use super::args::{OutputArgs, RunsArgs, is_runs};
use super::network;
use crate::files;
use crate::import;
use crate::options::ReportOptions;
use crate::output;
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::record;
use crate::study::report::Reported;

/// Rewrites the report of a study, or reports runs of other programs.
#[derive(Args)]
#[command(after_help = help())]
pub struct Report {
    /// Study, or a file or folder of runs [default: the latest study]
    study: Option<String>,
    /// Compare the trials at an equal budget in this unit, in a subfolder of the report; the best batch size depends on
    /// the unit
    #[arg(long, value_enum, value_name = "UNIT")]
    by: Option<Unit>,
    /// Lowest value that the minimized metric can reach; from now on the study's values are compared by their excess over
    /// it
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    floor: Option<f64>,
    /// Rate and latency of the network, to predict the time of data-parallel workers on several machines
    #[arg(long, value_name = "RATE,LATENCY", default_value = "10Gbit/s,20us", value_parser = network::read)]
    network: Network,
    /// A part for each value of these columns or axes, such as N,D, and what serves them all
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    group: Vec<String>,
    /// With --group and steps to a target: the batch size than which a fifth more examples are too many [default: the
    /// smallest]
    #[arg(long, value_name = "BATCH", requires = "group")]
    overhead_than: Option<f64>,
    #[command(flatten)]
    runs: RunsArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
The report is written to results/<name of the file>; nothing is trained. `sweep extend` and `sweep refine` continue from \
there with a command or a model. A study without its study.sqlite is read from its results.json.

Examples:
  sweep report
  sweep report runs.csv --map lr=learning_rate,batch=bs --minimize val_loss --replicate-column seed
  sweep report history.csv --minimize val_loss --steps-column step
  sweep report optuna.db
  sweep report multirun/ --maximize accuracy";

/// The formats that can be read, and examples.
fn help() -> String {
    format!("Runs of other programs: {}. {EXAMPLES}", import::formats())
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unit {
    /// Optimizer steps
    Steps,
    /// Training examples
    Examples,
    /// Seconds of training on the study's machine
    Seconds,
    /// Passes over the training data
    Epochs,
}

impl From<Unit> for BudgetUnit {
    fn from(unit: Unit) -> BudgetUnit {
        match unit {
            Unit::Steps => BudgetUnit::Steps,
            Unit::Examples => BudgetUnit::Examples,
            Unit::Seconds => BudgetUnit::Seconds,
            Unit::Epochs => BudgetUnit::Epochs,
        }
    }
}

impl Report {
    /// Writes the files and prints the verdict; also while the study runs.
    pub fn run(self) -> Result<ExitCode> {
        let to = ReportOptions::from(self.output);
        let results = &to.results;
        if let Some(path) = self.study.as_deref().filter(|name| is_runs(results, name)) {
            return report(&self.runs, Path::new(path), self.floor, (&self.group, self.overhead_than), &to);
        }
        if let Some(option) = self.runs.given() {
            return refuse(match &self.study {
                Some(name) => {
                    format!("--{option} works only with a file or folder of runs, and {name} is neither")
                }
                None => format!("--{option} works only with a file or folder of runs; name one"),
            });
        }
        if let Some(floor) = self.floor {
            record::set_floor(results, self.study.as_deref(), floor)?;
        }
        let (folder, mut study) = record::reported(results, self.study.as_deref())?;
        study.record.pace.network = self.network;
        if !self.group.is_empty() {
            let command = format!("{} && sweep report", study.command);
            return grouped(&study.record, (&self.group, self.overhead_than), &folder, &command, &to);
        }
        let Some(unit) = self.by else { return study.write(&folder, &to) };
        let by = BudgetUnit::from(unit);
        let record = match sweep_report::at_equal_budget(&study.record, by) {
            Ok(record) => record,
            Err(error) => return refuse(error.to_string()),
        };
        let folder = folder.join(format!("by-{}", by.unit()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let facts = sweep_report::facts(&record);
        let command = format!("{} && sweep report --by {}", study.command, by.unit());
        Reported { record, facts, command, by: Some(by), provenance: Vec::new(), ..study }.write(&folder, &to)
    }
}

/// Imports runs and reports them.
fn report(
    of: &RunsArgs,
    path: &Path,
    floor: Option<f64>,
    (group, than): (&[String], Option<f64>),
    to: &ReportOptions,
) -> Result<ExitCode> {
    let mut asked = of.asked(path)?;
    asked.parted = group.to_vec();
    let folder = to.results.join(&asked.name);
    let runs = import::read(path, &asked)?;
    let import::Study { mut record, notes } = import::study(path, runs, &asked)?;
    let trials = record.trials.len() as u64;
    record.study.floor = floor;
    record::suits(&record.study, &record.trials)?;
    let command = of.command(path, floor);
    if !group.is_empty() {
        notes.iter().for_each(|note| output::eprintln(note));
    }
    record.study.imported = Some(Imported { trials, command: command.clone(), notes });
    let mut store = Store::write(&folder)?;
    store.import(&folder, &record)?;
    if !group.is_empty() {
        return grouped(&record, (group, than), &folder, &command, to);
    }
    Reported::started(&store, &folder)?.write(&folder, to)
}

/// Prints what is best in each group, and writes it as a page, a chart and a document; `command` is that of the whole study.
fn grouped(
    record: &StudyRecord,
    (by, than): (&[String], Option<f64>),
    folder: &Path,
    command: &str,
    to: &ReportOptions,
) -> Result<ExitCode> {
    for name in by {
        if record.study.space.get(name).is_none() {
            let axes = record.study.space.parameters.iter().map(|axis| axis.name.as_str());
            let axes: Vec<&str> = axes.collect();
            return refuse(format!(
                "--group {name}: no column or axis of this name varies; there are {}",
                axes.join(", ")
            ));
        }
    }
    let than_words = than.map(|than| format!(" --overhead-than {than}")).unwrap_or_default();
    let command = format!("{command} --group {}{than_words}", by.join(","));
    let facts = groups::facts(record, by, than);
    let document = groups::document(&facts);
    let mut written =
        files::write_drawn(folder, "groups", &document, |format| groups::chart(&facts, format))?;
    let page = folder.join("groups.html");
    files::write(&page, sweep_report::groups_page(&facts, &command, env!("CARGO_PKG_VERSION"))?.as_bytes())?;
    written.push(page);
    if to.json {
        output::println(&serde_json::to_string_pretty(&document)?);
        return Ok(ExitCode::SUCCESS);
    }
    groups::lines(&facts).iter().for_each(|line| output::println(line));
    output::println("");
    written.iter().for_each(|path| output::println(&path.display().to_string()));
    Ok(ExitCode::SUCCESS)
}
