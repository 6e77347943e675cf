//! Optuna journal files: one operation a line, whose fold is the studies.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value as Json;
use sweep_study::Direction;

use super::json;
use super::optuna::{self, Kept, State, Trial};
use super::runs::{ImportOptions, Runs};
use super::source::Format;
use crate::refusal::refuse;

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "an Optuna journal file",
    mark: None,
    recognizes: |source| Ok(is_journal(source.text()?)),
    read: |source, options| read(&source.shown(), source.text()?, options),
};

/// Whether `text` is a journal: its first line is an operation.
fn is_journal(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    serde_json::from_str::<Json>(first)
        .is_ok_and(|line| line.get("op_code").is_some() && line.get("worker_id").is_some())
}

/// The runs of the study in a journal.
///
/// # Errors
/// A line that is not an operation, no study or several.
fn read(path: &str, text: &str, options: &ImportOptions) -> Result<Runs> {
    let mut journal = Journal::default();
    for (line, operation) in json::objects(path, text)?.items {
        if journal.apply(&operation).is_none() {
            return refuse(format!(
                "{path}, line {line}: {operation} is not an operation of an Optuna journal"
            ));
        }
    }
    let studies = journal.studies.into_values().map(|(mut study, attributes)| {
        study.names = optuna::names(&attributes);
        study
    });
    optuna::runs(&optuna::chosen(studies.collect(), path, options)?, options)
}

/// The studies so far, by the number in which they came, and for each trial its study and its place there.
#[derive(Default)]
struct Journal {
    studies: BTreeMap<u64, (Kept, BTreeMap<String, Json>)>,
    created: u64,
    trials: Vec<(u64, usize)>,
}

impl Journal {
    /// Applies one operation; `None` where it lacks what it should hold.
    fn apply(&mut self, line: &Json) -> Option<()> {
        match line["op_code"].as_u64()? {
            0 => {
                let directions = line["directions"].as_array()?.iter().map(|way| match way.as_u64() {
                    Some(2) => Direction::Maximize,
                    _ => Direction::Minimize,
                });
                let name = line["study_name"].as_str()?.to_owned();
                let study = Kept { name, directions: directions.collect(), ..Kept::default() };
                self.studies.insert(self.created, (study, BTreeMap::new()));
                self.created += 1;
            }
            1 => drop(self.studies.remove(&line["study_id"].as_u64()?)),
            3 => {
                let (_, attributes) = self.studies.get_mut(&line["study_id"].as_u64()?)?;
                attributes.extend(line["system_attr"].as_object()?.clone());
            }
            4 => {
                let id = line["study_id"].as_u64()?;
                let (study, _) = self.studies.get_mut(&id)?;
                self.trials.push((id, study.trials.len()));
                study.trials.push(created(line));
            }
            5 => {
                let distribution: Json = serde_json::from_str(line["distribution"].as_str()?).ok()?;
                let (name, kept) = (line["param_name"].as_str()?, line["param_value_internal"].as_f64()?);
                self.trial(line)?.params.push((name.to_owned(), kept, distribution));
            }
            6 => {
                let trial = self.trial(line)?;
                trial.state = state(&line["state"]);
                if let Some(values) = line["values"].as_array() {
                    trial.values = values.iter().map(number).collect();
                }
            }
            7 => {
                let (step, value) = (line["step"].as_f64()?, number(&line["intermediate_value"]));
                self.trial(line)?.readings.push((step, value));
            }
            8 => {
                let attributes = line["user_attr"].as_object()?.clone();
                self.trial(line)?.attributes.extend(attributes);
            }
            _ => {}
        }
        Some(())
    }

    fn trial(&mut self, line: &Json) -> Option<&mut Trial> {
        let (study, place) = *self.trials.get(usize::try_from(line["trial_id"].as_u64()?).ok()?)?;
        self.studies.get_mut(&study)?.0.trials.get_mut(place)
    }
}

/// A trial as created; some are recorded complete, such as those added to a study afterwards.
fn created(line: &Json) -> Trial {
    let mut trial = Trial { state: state(&line["state"]), ..Trial::default() };
    let distribution = |name: &str| serde_json::from_str(line["distributions"][name].as_str()?).ok();
    for (name, kept) in line["params"].as_object().into_iter().flatten() {
        if let (Some(kept), Some(distribution)) = (kept.as_f64(), distribution(name)) {
            trial.params.push((name.clone(), kept, distribution));
        }
    }
    let values = line["values"].as_array().map(|values| values.iter().map(number).collect());
    trial.values = values.unwrap_or_else(|| line["value"].as_f64().into_iter().collect());
    for (step, value) in line["intermediate_values"].as_object().into_iter().flatten() {
        trial.readings.extend(step.parse().ok().map(|step| (step, number(value))));
    }
    trial.readings.sort_by(|a, b| a.0.total_cmp(&b.0));
    trial.attributes.extend(line["user_attrs"].as_object().cloned().into_iter().flatten());
    trial
}

/// A number; null, as which NaN is read, is none.
fn number(value: &Json) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn state(code: &Json) -> State {
    match code.as_u64() {
        Some(1) => State::Complete,
        Some(2) => State::Pruned,
        Some(3) => State::Failed,
        _ => State::Open,
    }
}
