//! A study parted by the values on some of its axes.

use sweep_study::{StudyRecord, Trial, Value};

/// The trials that share their values on some axes, as a study without these.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The values, in the order of the names.
    pub at: Vec<f64>,
    /// The trials.
    pub record: StudyRecord,
}

/// The study parted by the values on the axes of these names, in rising order; empty where one of them is no axis. Values
/// that are no numbers are left out, and so are those at which no trial has ended.
pub fn parts(record: &StudyRecord, names: &[&str]) -> Vec<Part> {
    let known = |name: &&str| record.study.space.get(name).is_some();
    if !names.iter().all(known) {
        return Vec::new();
    }
    let place = |trial: &Trial| -> Option<Vec<f64>> {
        names.iter().map(|name| trial.point.get(name).and_then(Value::number)).collect()
    };
    let mut places: Vec<Vec<f64>> = record.trials.iter().filter_map(place).collect();
    places.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    places.dedup();
    places.into_iter().map(|at| part(record, names, at)).collect()
}

fn part(record: &StudyRecord, names: &[&str], at: Vec<f64>) -> Part {
    let mut study = record.study.clone();
    let mut trials: Vec<Trial> = record.trials.clone();
    for (name, at) in names.iter().zip(&at) {
        trials.retain(|trial| trial.point.get(name).and_then(Value::number) == Some(*at));
        let value = trials.first().and_then(|trial| trial.point.get(name)).cloned();
        study.settings.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    study.space.parameters.retain(|axis| !names.contains(&axis.name.as_str()));
    trials.iter_mut().for_each(|trial| names.iter().for_each(|name| drop(trial.point.0.remove(*name))));
    let StudyRecord { planned, looks, .. } = *record;
    Part { at, record: StudyRecord { planned, looks, ..StudyRecord::new(study, trials) } }
}
