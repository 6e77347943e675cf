//! Two studies as one, whose further axis is the study.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sweep_settings::names;
use sweep_study::{Domain, GIVEN, Parameter, Point, Pruning, Scale, Space, Study, StudyRecord, Trial, Value};

use crate::facts::{STUDY, varies};

/// Why two studies cannot be compared.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CompareError {
    /// They are ranked otherwise or validated on other examples.
    #[error("{names} cannot be compared: {what} is {first} in one and {second} in the other", names = .names.join(" and "))]
    Unlike {
        /// The studies.
        names: [String; 2],
        /// What differs.
        what: &'static str,
        /// How it is in the first.
        first: String,
        /// How it is in the second.
        second: String,
    },
    /// One of them has no trial that ended.
    #[error("no trial of {0} has ended")]
    Empty(String),
}

/// A setting that is fixed otherwise in the two studies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The setting.
    pub name: String,
    /// Its value in each; `None` where it does not exist.
    pub values: [Option<String>; 2],
}

/// Two studies as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The record of both: the axes of either and, before them, the study.
    pub record: StudyRecord,
    /// Their names.
    pub names: [String; 2],
    /// The fixed settings that differ.
    pub differ: Vec<Difference>,
}

/// Both studies as one. What one varies and the other holds fixed is an axis of both.
///
/// # Errors
/// Studies of other metrics, data or parts, or without trials.
pub fn merged(first: &StudyRecord, second: &StudyRecord) -> Result<Compared, CompareError> {
    let both = [&first.study, &second.study];
    let mut names = both.map(|study| study.name.clone());
    if names[0] == names[1] {
        names = ["first", "second"].map(|which| format!("{} ({which})", names[0]));
    }
    comparable(&names, both)?;
    if let Some(empty) = [first, second].into_iter().position(|record| record.trials.is_empty()) {
        return Err(CompareError::Empty(names[empty].clone()));
    }
    let axes = axes(both);
    let mut trials = Vec::new();
    for (record, name) in [first, second].into_iter().zip(&names) {
        for trial in &record.trials {
            let point = point(&record.study, trial, &axes, name);
            trials.push(Trial { number: trials.len() as u64, point, ..trial.clone() });
        }
    }
    let choices = names.iter().map(|name| Value::Text(name.clone())).collect();
    let study = Parameter { name: STUDY.to_owned(), domain: Domain::Choices { values: choices }, when: None };
    let own = axes.iter().map(|name| Parameter {
        name: name.clone(),
        domain: domain(name, both, &trials),
        when: None,
    });
    let space = Space { parameters: std::iter::once(study).chain(own).collect() };
    let differ = differ(both, &axes);
    let [mut settings, others] = both.map(fixed);
    settings.retain(|name, value| others.get(name) == Some(value) && !axes.contains(name));
    let study = Study {
        name: names.join(" and "),
        sampler: GIVEN.to_owned(),
        settings,
        space,
        derived: Vec::new(),
        trials: None,
        pruning: Pruning::default(),
        replicates: both.map(|study| study.replicates).into_iter().max().unwrap_or(1),
        also: Vec::new(),
        extra: None,
        ..first.study.clone()
    };
    Ok(Compared { record: StudyRecord::new(study, trials), names, differ })
}

/// Refuses studies whose values do not mean the same.
fn comparable(names: &[String; 2], [a, b]: [&Study; 2]) -> Result<(), CompareError> {
    let word = |what: &dyn std::fmt::Debug| format!("{what:?}").to_lowercase();
    let native = a.command.is_none() && b.command.is_none();
    let parts = [
        ("the metric", a.goal.metric.clone(), b.goal.metric.clone()),
        ("the better way", word(&a.goal.direction), word(&b.goal.direction)),
        ("the reading that counts", word(&a.rank), word(&b.rank)),
        ("the floor", word(&a.floor), word(&b.floor)),
        ("the split", word(&a.split), word(&b.split)),
        ("the data", a.data.clone(), if native { b.data.clone() } else { a.data.clone() }),
    ];
    match parts.into_iter().find(|(_, first, second)| first != second) {
        None => Ok(()),
        Some((what, first, second)) => {
            Err(CompareError::Unlike { names: names.clone(), what, first, second })
        }
    }
}

/// The parameters that vary or follow from others in either study, in the order of the first and then of the second.
fn axes(both: [&Study; 2]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for study in both {
        let varied = study.space.parameters.iter().filter(|axis| varies(axis));
        let varied = varied.map(|axis| axis.name.as_str());
        for name in varied.chain(study.derived.iter().map(|derived| derived.name())) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// The settings of a study and its axes of a single value.
fn fixed(study: &Study) -> BTreeMap<String, Value> {
    let single = study.space.parameters.iter().filter(|axis| !varies(axis));
    let single = single.filter_map(|axis| Some((axis.name.clone(), axis.domain.levels().first()?.clone())));
    study.settings.clone().into_iter().chain(single).collect()
}

fn point(study: &Study, trial: &Trial, axes: &[String], name: &str) -> Point {
    let mut all = study.settings_at(&trial.point);
    let own = axes.iter().filter_map(|axis| all.remove_entry(axis));
    Point(own.chain([(STUDY.to_owned(), Value::Text(name.to_owned()))]).collect())
}

/// The values of an axis of both: an interval where one of them drew from one, else what was run.
fn domain(name: &str, both: [&Study; 2], trials: &[Trial]) -> Domain {
    let domains: Vec<&Domain> =
        both.iter().filter_map(|study| study.space.get(name)).map(|axis| &axis.domain).collect();
    let scale = domains.iter().find_map(|domain| domain.scale());
    let values = values(name, both[0], trials);
    let numbers: Vec<f64> = values.iter().filter_map(Value::number).collect();
    let drawn = both.iter().any(|study| {
        let interval = |axis: &Parameter| matches!(axis.domain, Domain::Interval { .. });
        study.sampler != "grid" && study.space.get(name).is_some_and(interval)
    });
    match scale {
        Some(scale) if drawn && numbers.len() == values.len() => {
            let ends = domains.iter().filter_map(|domain| match domain {
                Domain::Interval { low, high, .. } => Some([*low, *high]),
                _ => None,
            });
            let all = || ends.clone().flatten().chain(numbers.iter().copied());
            let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
            Domain::Interval { low, high, scale, integer: false, grid: values }
        }
        Some(scale) => Domain::Levels { values, scale },
        // A parameter that a rule derives from others is not an axis of either.
        None if numbers.len() == values.len() && domains.is_empty() => {
            let log = numbers.iter().all(|number| *number > 0.0);
            Domain::Levels { values, scale: if log { Scale::Log } else { Scale::Linear } }
        }
        None => Domain::Choices { values },
    }
}

/// The values of an axis that were run, rising where they are numbers, a batch of `full` last.
fn values(name: &str, study: &Study, trials: &[Trial]) -> Vec<Value> {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for value in trials.iter().filter_map(|trial| trial.point.get(name)) {
        values.entry(value.to_string()).or_insert_with(|| value.clone());
    }
    let mut values: Vec<Value> = values.into_values().collect();
    let full = |value: &Value| {
        if name == names::BATCH {
            study.train_examples as f64
        } else {
            value.number().unwrap_or(f64::INFINITY)
        }
    };
    let line = |value: &Value| value.number().unwrap_or_else(|| full(value));
    values.sort_by(|a, b| line(a).total_cmp(&line(b)));
    values
}

/// Settings that no axis varies and that differ.
fn differ([a, b]: [&Study; 2], axes: &[String]) -> Vec<Difference> {
    let both = [a, b].map(fixed);
    let names: BTreeSet<&String> = both.iter().flat_map(BTreeMap::keys).collect();
    let names = names.into_iter().filter(|name| !axes.contains(name));
    let settings = names.map(|name| {
        let values = both.each_ref().map(|fixed| fixed.get(name).map(Value::to_string));
        Difference { name: name.clone(), values }
    });
    let run = |study: &Study| study.command.as_ref().map(|command| command.run.join(" "));
    let command = Difference { name: "command".to_owned(), values: [run(a), run(b)] };
    let seeds =
        Difference { name: "seed".to_owned(), values: [a, b].map(|study| Some(study.seed.to_string())) };
    settings
        .chain([command, seeds])
        .filter(|difference| difference.values[0] != difference.values[1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    fn named(made: Made, name: &str) -> StudyRecord {
        made.with(|study| study.name = name.to_owned()).record()
    }

    #[test]
    fn what_one_fixes_and_the_other_varies_is_an_axis() {
        let one = named(Made::new(&["lr=0.1,1"]).row(&["0.1", "1"], &[0.5, 0.6]), "one");
        let two = Made::new(&["lr=1,10", "momentum=0,0.9"]).with(|study| {
            study.settings.insert("epochs".into(), Value::Float(10.0));
        });
        let two = named(two.trial("lr=1 momentum=0.9", &[0.3]), "two");
        let both = merged(&one, &two).unwrap();
        let study = &both.record.study;
        assert_eq!(study.name, "one and two");
        let axes: Vec<(&str, usize)> = study
            .space
            .parameters
            .iter()
            .map(|axis| (axis.name.as_str(), axis.domain.levels().len()))
            .collect();
        assert_eq!(axes, [("study", 2), ("lr", 2), ("momentum", 2)]);
        assert_eq!(both.record.trials[0].point.to_string(), "lr=0.1 momentum=0 study=one");
        assert_eq!(both.record.trials[2].number, 2);
        assert!(!study.settings.contains_key("epochs") && !study.settings.contains_key("momentum"));
        let epochs = Difference { name: "epochs".into(), values: [Some("3".into()), Some("10".into())] };
        assert_eq!(both.differ, [epochs]);
    }

    #[test]
    fn unlike_studies_are_refused_with_the_reason() {
        let one = named(Made::new(&["lr=0.1,1"]).row(&["0.1"], &[0.5]), "one");
        let other = named(Made::new(&["lr=0.1,1"]).maximize("val_accuracy").row(&["0.1"], &[0.5]), "two");
        let why = merged(&one, &other).unwrap_err().to_string();
        assert_eq!(
            why,
            "one and two cannot be compared: the metric is val_loss in one and val_accuracy in the other"
        );
        let empty = named(Made::new(&["lr=0.1,1"]), "two");
        assert_eq!(merged(&one, &empty), Err(CompareError::Empty("two".into())));
        assert_eq!(merged(&one, &one).unwrap().names, ["one (first)", "one (second)"]);
    }
}
