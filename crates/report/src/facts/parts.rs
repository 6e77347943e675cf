//! A study parted by the values on some of its axes.

use std::cmp::Ordering;

use sweep_settings::size;
use sweep_study::{StudyRecord, Trial, Value};

/// The trials that share their values on some axes, as a study without these.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The values, in the order of the names.
    pub at: Vec<Value>,
    /// The trials.
    pub record: StudyRecord,
}

/// The study parted by the values on the axes of these names, numbers and sizes such as 85M in rising order and before words; empty where one of
/// them is no axis. Values at which no trial has ended are left out.
pub fn parts(record: &StudyRecord, names: &[&str]) -> Vec<Part> {
    let known = |name: &&str| record.study.space.get(name).is_some();
    if !names.iter().all(known) {
        return Vec::new();
    }
    let place = |trial: &Trial| -> Option<Vec<Value>> {
        names.iter().map(|name| trial.point.get(name).cloned()).collect()
    };
    let mut places: Vec<Vec<Value>> = record.trials.iter().filter_map(place).collect();
    let key = |value: &Value| size(&value.to_string()).unwrap_or(f64::INFINITY);
    let order = |a: &Value, b: &Value| {
        key(a).total_cmp(&key(b)).then_with(|| match size(&a.to_string()) {
            Some(_) => Ordering::Equal,
            None => a.to_string().cmp(&b.to_string()),
        })
    };
    places.sort_by(|a, b| a.iter().zip(b).map(|(a, b)| order(a, b)).fold(Ordering::Equal, Ordering::then));
    places.dedup_by(|a, b| a.iter().zip(b.iter()).all(|(a, b)| order(a, b) == Ordering::Equal));
    places.into_iter().map(|at| part(record, names, at)).collect()
}

fn part(record: &StudyRecord, names: &[&str], at: Vec<Value>) -> Part {
    let mut study = record.study.clone();
    let mut trials: Vec<Trial> = record.trials.clone();
    for (name, at) in names.iter().zip(&at) {
        let same = |value: &Value| value == at || (value.number().is_some() && value.number() == at.number());
        trials.retain(|trial| trial.point.get(name).is_some_and(same));
        study.settings.insert((*name).to_owned(), at.clone());
    }
    study.space.parameters.retain(|axis| !names.contains(&axis.name.as_str()));
    trials.iter_mut().for_each(|trial| names.iter().for_each(|name| drop(trial.point.0.remove(*name))));
    let StudyRecord { planned, looks, .. } = *record;
    Part { at, record: StudyRecord { planned, looks, ..StudyRecord::new(study, trials) } }
}
