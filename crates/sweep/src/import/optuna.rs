//! Common to Optuna's two kinds of files: distributions, trials, and converting a trial to a run.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value as Json;
use sweep_settings::names;
use sweep_study::{Direction, Goal, Metrics, SECONDS, Value};

use super::json;
use super::runs::{End, ImportOptions, Range, Run, Runs};
use crate::refusal::refuse;

/// How a trial ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It has not.
    #[default]
    Open,
    /// It returned its values.
    Complete,
    /// A pruner ended it.
    Pruned,
    /// It raised an exception, or returned NaN.
    Failed,
}

/// A trial as Optuna keeps it.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// How it ended.
    pub state: State,
    /// The name of each parameter, the number kept for it and its distribution.
    pub params: Vec<(String, f64, Json)>,
    /// The values of its objectives.
    pub values: Vec<f64>,
    /// Intermediate values by step.
    pub readings: Vec<(f64, f64)>,
    /// User attributes.
    pub attributes: Vec<(String, Json)>,
    /// Seconds from start to end, if both are recorded.
    pub seconds: Option<f64>,
}

/// A study as Optuna keeps it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Which way each objective is better.
    pub directions: Vec<Direction>,
    /// The names of the objectives, where they were given.
    pub names: Vec<String>,
    /// Its trials.
    pub trials: Vec<Trial>,
}

/// The study that is meant among those of a file.
///
/// # Errors
/// None, several without a name, or none of that name.
pub fn chosen(studies: Vec<Kept>, path: &str, options: &ImportOptions) -> Result<Kept> {
    let names: Vec<String> = studies.iter().map(|study| study.name.clone()).collect();
    let there = format!("{path} holds the studies {}", names.join(", "));
    let mut studies = studies;
    match &options.within {
        None if studies.len() > 1 => refuse(format!("{there}; name one: --study {}", names[0])),
        None => studies.pop().map_or_else(|| refuse(format!("{path} holds no study")), Ok),
        Some(name) => match studies.into_iter().find(|study| study.name == *name) {
            Some(study) => Ok(study),
            None => refuse(format!("{there}, not `{name}`")),
        },
    }
}

/// The runs of a study.
///
/// # Errors
/// Several objectives of which none is named, a distribution that is not known.
pub fn runs(study: &Kept, options: &ImportOptions) -> Result<Runs> {
    let count = study.directions.len();
    let objective = |index: usize| match study.names.get(index) {
        Some(name) => name.clone(),
        None if count > 1 => format!("value_{index}"),
        None => "value".to_owned(),
    };
    let goal = match &options.goal {
        Some(goal) => goal.clone(),
        None if count > 1 => {
            let names: Vec<String> = (0..count).map(objective).collect();
            return refuse(format!(
                "the study {} has {count} objectives; name one: --minimize or --maximize {}",
                study.name,
                names.join(" | ")
            ));
        }
        None => {
            let direction = study.directions.first().copied().unwrap_or(Direction::Minimize);
            Goal { metric: objective(0), direction }
        }
    };
    let mut found = Runs { goal: Some(goal), ..Runs::default() };
    let open = study.trials.iter().filter(|trial| trial.state == State::Open).count();
    found.note_open(open, "trial");
    for trial in study.trials.iter().filter(|trial| trial.state != State::Open) {
        let mut run = Run::default();
        for (name, kept, distribution) in &trial.params {
            run.params.insert(name.clone(), param(name, *kept, distribution)?);
            if let Some(range) = range(distribution) {
                found.ranges.insert(name.clone(), range);
            }
        }
        let figures = trial.values.iter().enumerate().map(|(index, value)| (objective(index), *value));
        let attributes =
            trial.attributes.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
        let (seeds, others): (Vec<_>, Vec<_>) = attributes.partition(|(name, _)| names::is_seed(name));
        run.seed = seeds.first().map(|(_, seed)| Value::Float(*seed).to_string());
        let kept: Metrics = figures.chain(others).collect();
        let first = objective(0);
        for (step, value) in &trial.readings {
            run.readings.push(*step, std::iter::once((first.as_str(), *value)));
        }
        run.close();
        run.metrics.extend(kept);
        run.metrics.extend(trial.seconds.map(|seconds| (SECONDS.to_owned(), seconds)));
        let diverged = trial.readings.last().is_some_and(|(_, value)| !value.is_finite());
        run.end = match trial.state {
            State::Pruned => End::Pruned,
            // A trial that returned NaN counts as failed there; here it diverged.
            State::Failed if !diverged => End::Failed("marked FAIL by Optuna".to_owned()),
            _ => End::Complete,
        };
        found.runs.push(run);
    }
    Ok(found)
}

/// The value of a parameter: of a categorical one the choice of which an index is kept.
fn param(name: &str, kept: f64, distribution: &Json) -> Result<Value> {
    let unknown = || refuse(format!("parameter {name}: {distribution} is not an Optuna distribution"));
    match distribution["name"].as_str() {
        Some("CategoricalDistribution") => {
            let choice = distribution["attributes"]["choices"].get(kept as usize);
            choice.map_or_else(unknown, |choice| {
                Ok(json::value(choice).unwrap_or_else(|| Value::Text("None".into())))
            })
        }
        Some("IntDistribution" | "IntUniformDistribution" | "IntLogUniformDistribution") => {
            Ok(Value::Int(kept as i64))
        }
        Some(name) if name.ends_with("Distribution") => Ok(Value::Float(kept)),
        _ => unknown(),
    }
}

fn range(distribution: &Json) -> Option<Range> {
    let attributes = &distribution["attributes"];
    let (low, high) = (attributes["low"].as_f64()?, attributes["high"].as_f64()?);
    Some(Range { low, high, log: attributes["log"].as_bool().unwrap_or(false) })
}

/// The names of the objectives in the system attributes of a study.
pub fn names(attributes: &BTreeMap<String, Json>) -> Vec<String> {
    let names = attributes.get("study:metric_names").and_then(Json::as_array);
    names.into_iter().flatten().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}
