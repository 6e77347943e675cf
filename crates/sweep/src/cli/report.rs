//! `sweep report`: the files of a study, written again, as it was run or as if its trials had had another budget, or those
//! of runs that other programs made.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use sweep_report::BudgetUnit;
use sweep_study::{Direction, Goal, Imported, Network};

use super::args::OutputArgs;
use super::network;
use crate::import::{self, ImportOptions};
use crate::options::ReportOptions;
use crate::refusal::refuse;
use crate::shell::quoted;
use crate::store;
use crate::store::Store;
use crate::study::record;
use crate::study::report::Reported;

/// Writes the report of a study again, or of runs that are there already.
#[derive(Args)]
#[command(after_help = help())]
pub struct Report {
    /// The study [default: the latest], or a file or folder of runs
    study: Option<String>,
    /// Read the study where all its trials had been given equally much of this, into a folder of its own beside the
    /// report: which batch size is best depends on it
    #[arg(long, value_enum, value_name = "UNIT")]
    by: Option<Unit>,
    /// The network by which the time of workers on many machines is predicted: a rate and a latency
    #[arg(long, value_name = "RATE,LATENCY", default_value = "10Gbit/s,20us", value_parser = network::read)]
    network: Network,
    #[command(flatten)]
    runs: OfRuns,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
The report goes to results/<name of the file>; nothing is trained. `sweep extend` and `sweep refine` go on from there with a \
command or a model. Of a study whose study.sqlite is not there its results.json is enough.

Examples:
  sweep report
  sweep report runs.csv --map lr=learning_rate,batch=bs --minimize val_loss --replicate-column seed
  sweep report history.csv --minimize val_loss --steps-column step
  sweep report optuna.db
  sweep report multirun/ --maximize accuracy";

/// What can be read, and examples.
fn help() -> String {
    format!("Runs of other programs: {}. {EXAMPLES}", import::formats())
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

/// What is what in runs of other programs.
#[derive(Args)]
struct OfRuns {
    /// Of runs: the names that parameters have there, as in lr=learning_rate,batch=bs; customary names are known
    #[arg(long, value_name = "NAME=COLUMN", value_delimiter = ',', visible_alias = "roles")]
    map: Vec<String>,
    /// Of runs: the columns that are parameters [default: all that are no metric and no label]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    params: Vec<String>,
    /// Of runs: rank by a metric of which lower is better
    #[arg(long, value_name = "METRIC")]
    minimize: Option<String>,
    /// Of runs: rank by a metric of which higher is better
    #[arg(long, value_name = "METRIC", conflicts_with = "minimize")]
    maximize: Option<String>,
    /// Of runs: the column that holds the seed [default: one called seed]
    #[arg(long, value_name = "COLUMN")]
    replicate_column: Option<String>,
    /// Of runs: the column that holds the step or epoch, in a table of a row a reading
    #[arg(long, value_name = "COLUMN")]
    steps_column: Option<String>,
    /// Of runs: the study of an Optuna file that holds several
    #[arg(long = "study", value_name = "NAME")]
    within: Option<String>,
    /// Of runs: the name of the report's folder [default: the file's name without its ending]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl Report {
    /// Writes the files and prints the verdict; also while the study runs.
    pub fn run(self) -> Result<ExitCode> {
        let to = ReportOptions::from(self.output);
        let results = &to.results;
        if let Some(path) = self.study.as_deref().filter(|name| is_runs(results, name)) {
            return self.runs.report(Path::new(path), &to);
        }
        if let Some(option) = self.runs.given() {
            return refuse(match &self.study {
                Some(name) => {
                    format!("--{option} is for files and folders of runs, and there is none called {name}")
                }
                None => format!("--{option} is for files and folders of runs; name one"),
            });
        }
        let (folder, mut study) = record::reported(results, self.study.as_deref())?;
        study.record.pace.network = self.network;
        let Some(unit) = self.by else { return study.write(&folder, &to) };
        let by = BudgetUnit::from(unit);
        let record = match sweep_report::at_equal_budget(&study.record, by) {
            Ok(record) => record,
            Err(error) => return refuse(error.to_string()),
        };
        let folder = folder.join(format!("by-{}", by.unit()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let facts = sweep_report::facts(&record);
        let command = format!("{} && sweep report --by {}", study.command, by.unit());
        Reported { record, facts, command, by: Some(by), provenance: Vec::new(), ..study }.write(&folder, &to)
    }
}

/// Whether `name` is a file or a folder, and no study.
fn is_runs(results: &Path, name: &str) -> bool {
    let study =
        [results.join(name), PathBuf::from(name)].iter().any(|folder| folder.join(store::FILE).is_file());
    !study && record::document_alone(results, name).is_none() && Path::new(name).exists()
}

impl OfRuns {
    /// The first of the options that was given.
    fn given(&self) -> Option<&'static str> {
        let given = [
            ("map", !self.map.is_empty()),
            ("params", !self.params.is_empty()),
            ("minimize", self.minimize.is_some()),
            ("maximize", self.maximize.is_some()),
            ("replicate-column", self.replicate_column.is_some()),
            ("steps-column", self.steps_column.is_some()),
            ("study", self.within.is_some()),
            ("name", self.name.is_some()),
        ];
        given.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }

    fn report(&self, path: &Path, to: &ReportOptions) -> Result<ExitCode> {
        let asked = self.asked(path)?;
        let folder = to.results.join(&asked.name);
        let runs = import::read(path, &asked)?;
        let import::Study { mut record, notes } = import::study(path, runs, &asked)?;
        let trials = record.trials.len() as u64;
        record.study.imported = Some(Imported { trials, command: self.command(path), notes });
        let mut store = Store::write(&folder)?;
        store.import(&folder, &record)?;
        Reported::of(&store, &folder)?.write(&folder, to)
    }

    fn asked(&self, path: &Path) -> Result<ImportOptions> {
        let mut map = Vec::new();
        for pair in &self.map {
            match pair.split_once('=') {
                Some((here, there)) if !here.is_empty() && !there.is_empty() => {
                    map.push((here.to_owned(), there.to_owned()));
                }
                _ => return refuse(format!("--map {pair} must be NAME=COLUMN, as in lr=learning_rate")),
            }
        }
        let goal = |metric: &Option<String>, direction| Some(Goal { metric: metric.clone()?, direction });
        let goal = goal(&self.minimize, Direction::Minimize).or(goal(&self.maximize, Direction::Maximize));
        let name = match &self.name {
            Some(name) => name.clone(),
            None => {
                let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                let stem =
                    whole.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                stem.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
            }
        };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return refuse(format!(
                "--name {name} cannot be used: a name is letters, digits, - _ and . (not first)"
            ));
        }
        Ok(ImportOptions {
            map,
            params: self.params.clone(),
            goal,
            replicates: self.replicate_column.clone(),
            steps: self.steps_column.clone(),
            within: self.within.clone(),
            name,
        })
    }

    /// The command that makes the report again.
    fn command(&self, path: &Path) -> String {
        let mut words = vec!["sweep".to_owned(), "report".to_owned(), path.display().to_string()];
        let lists = [("--map", self.map.join(",")), ("--params", self.params.join(","))];
        let given = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let single = [
            ("--minimize", &self.minimize),
            ("--maximize", &self.maximize),
            ("--replicate-column", &self.replicate_column),
            ("--steps-column", &self.steps_column),
            ("--study", &self.within),
            ("--name", &self.name),
        ];
        let single = single.into_iter().filter_map(|(option, value)| Some((option, value.clone()?)));
        words.extend(given.chain(single).flat_map(|(option, value)| [option.to_owned(), value]));
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}
