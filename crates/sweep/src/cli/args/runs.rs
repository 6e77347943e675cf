//! Options that say what the columns of other programs' runs mean.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use sweep_study::{Direction, Goal};

use crate::import::ImportOptions;
use crate::refusal::refuse;
use crate::shell::quoted;
use crate::store;
use crate::study::record;

/// The meaning of columns in runs of other programs.
#[derive(Args)]
pub struct RunsArgs {
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
    /// For runs: only those with these values, such as model=llama
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_delimiter = ',')]
    only: Vec<String>,
    /// For runs: column that says whether a run diverged
    #[arg(long, value_name = "COLUMN")]
    diverged: Option<String>,
    /// For runs: those whose metric ends above this diverged
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    diverged_above: Option<f64>,
    /// For runs: column of the rung, such as budget; runs that stopped below the highest are not compared with the rest
    #[arg(long, value_name = "COLUMN", conflicts_with = "steps_column")]
    rung: Option<String>,
    /// For runs: column of the steps that a run took to its target; gives the critical batch size
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["minimize", "maximize", "steps_column", "rung"])]
    steps_to_target: Option<String>,
    /// For runs: column of the seed [default: seed]
    #[arg(long, value_name = "COLUMN", visible_alias = "replicates")]
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

impl RunsArgs {
    /// The first option that was given.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("map", !self.map.is_empty()),
            ("params", !self.params.is_empty()),
            ("minimize", self.minimize.is_some()),
            ("maximize", self.maximize.is_some()),
            ("where", !self.only.is_empty()),
            ("diverged", self.diverged.is_some()),
            ("diverged-above", self.diverged_above.is_some()),
            ("steps-to-target", self.steps_to_target.is_some()),
            ("rung", self.rung.is_some()),
            ("replicate-column", self.replicate_column.is_some()),
            ("steps-column", self.steps_column.is_some()),
            ("study", self.within.is_some()),
            ("name", self.name.is_some()),
        ];
        given.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }

    /// The options for reading the runs at `path`.
    ///
    /// # Errors
    /// A pair without `=`, a name that is no file's.
    pub fn asked(&self, path: &Path) -> Result<ImportOptions> {
        let map = pairs("--map", &self.map, "lr=learning_rate")?;
        let only = pairs("--where", &self.only, "model=llama")?;
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
            groups: Vec::new(),
            parted: Vec::new(),
            only,
            diverged: self.diverged.clone(),
            diverged_above: self.diverged_above,
            rung: self.rung.clone(),
            steps_to_target: self.steps_to_target.clone(),
            goal,
            replicates: self.replicate_column.clone(),
            steps: self.steps_column.clone(),
            within: self.within.clone(),
            name,
        })
    }

    /// The command that reproduces the report.
    pub fn command(&self, path: &Path, floor: Option<f64>) -> String {
        let mut words = vec!["sweep".to_owned(), "report".to_owned(), path.display().to_string()];
        let lists = [
            ("--map", self.map.join(",")),
            ("--params", self.params.join(",")),
            ("--where", self.only.join(",")),
        ];
        let given = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let single = [
            ("--minimize", &self.minimize),
            ("--maximize", &self.maximize),
            ("--diverged", &self.diverged),
            ("--diverged-above", &self.diverged_above.map(|value| value.to_string())),
            ("--rung", &self.rung),
            ("--steps-to-target", &self.steps_to_target),
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

/// The halves of `NAME=VALUE`.
fn pairs(option: &str, given: &[String], example: &str) -> Result<Vec<(String, String)>> {
    let halves = |pair: &String| match pair.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => refuse(format!("{option} {pair} is not NAME=VALUE; write, for example, {example}")),
    };
    given.iter().map(halves).collect()
}

/// Whether `name` is a file or a folder but not a study.
pub fn is_runs(results: &Path, name: &str) -> bool {
    let study =
        [results.join(name), PathBuf::from(name)].iter().any(|folder| folder.join(store::FILE).is_file());
    !study && record::document_alone(results, name).is_none() && Path::new(name).exists()
}
