//! `sweep report`: rewrites a study's report, at its own budget or at an equal budget in another unit, and reports
//! runs of other programs.

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
    #[command(flatten)]
    runs: OfRuns,
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

/// The meaning of columns in runs of other programs.
#[derive(Args)]
struct OfRuns {
    /// For runs: column names of parameters, such as lr=learning_rate,batch=bs; common names are recognized
    #[arg(long, value_name = "NAME=COLUMN", value_delimiter = ',', visible_alias = "roles")]
    map: Vec<String>,
    /// For runs: columns that are parameters [default: all except metrics and labels]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    params: Vec<String>,
    /// For runs: rank by this metric, lower is better
    #[arg(long, value_name = "METRIC")]
    minimize: Option<String>,
    /// For runs: rank by this metric, higher is better
    #[arg(long, value_name = "METRIC", conflicts_with = "minimize")]
    maximize: Option<String>,
    /// For runs: column of the seed [default: seed]
    #[arg(long, value_name = "COLUMN")]
    replicate_column: Option<String>,
    /// For runs: column of the step or epoch, in a table with one row per reading
    #[arg(long, value_name = "COLUMN")]
    steps_column: Option<String>,
    /// For runs: study to read from an Optuna file that holds several
    #[arg(long = "study", value_name = "NAME")]
    within: Option<String>,
    /// For runs: name of the report's folder [default: the file's name without its extension]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl Report {
    /// Writes the files and prints the verdict; also while the study runs.
    pub fn run(self) -> Result<ExitCode> {
        let to = ReportOptions::from(self.output);
        let results = &to.results;
        if let Some(path) = self.study.as_deref().filter(|name| is_runs(results, name)) {
            return self.runs.report(Path::new(path), self.floor, &to);
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

/// Whether `name` is a file or a folder but not a study.
fn is_runs(results: &Path, name: &str) -> bool {
    let study =
        [results.join(name), PathBuf::from(name)].iter().any(|folder| folder.join(store::FILE).is_file());
    !study && record::document_alone(results, name).is_none() && Path::new(name).exists()
}

impl OfRuns {
    /// The first option that was given.
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

    fn report(&self, path: &Path, floor: Option<f64>, to: &ReportOptions) -> Result<ExitCode> {
        let asked = self.asked(path)?;
        let folder = to.results.join(&asked.name);
        let runs = import::read(path, &asked)?;
        let import::Study { mut record, notes } = import::study(path, runs, &asked)?;
        let trials = record.trials.len() as u64;
        record.study.floor = floor;
        record::suits(&record.study, &record.trials)?;
        record.study.imported = Some(Imported { trials, command: self.command(path, floor), notes });
        let mut store = Store::write(&folder)?;
        store.import(&folder, &record)?;
        Reported::started(&store, &folder)?.write(&folder, to)
    }

    fn asked(&self, path: &Path) -> Result<ImportOptions> {
        let mut map = Vec::new();
        for pair in &self.map {
            match pair.split_once('=') {
                Some((here, there)) if !here.is_empty() && !there.is_empty() => {
                    map.push((here.to_owned(), there.to_owned()));
                }
                _ => {
                    return refuse(format!(
                        "--map {pair} is not NAME=COLUMN; write, for example, lr=learning_rate"
                    ));
                }
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
                "--name {name} is not a valid name: use letters, digits, - _ and . (not first)"
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

    /// The command that reproduces the report.
    fn command(&self, path: &Path, floor: Option<f64>) -> String {
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
            ("--floor", &floor.map(|floor| floor.to_string())),
        ];
        let single = single.into_iter().filter_map(|(option, value)| Some((option, value.clone()?)));
        words.extend(given.chain(single).flat_map(|(option, value)| [option.to_owned(), value]));
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}
