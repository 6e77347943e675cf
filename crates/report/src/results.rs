//! `results.json`: the whole study as one document, its schema in `schema/results.schema.json`.
//!
//! JSON has no NaN and no infinity. One rule holds throughout: a number that is not finite is null, and beside it, in
//! the same object, stands `<name>_reason` with `nan`, `inf` or `-inf`. A number that was never measured is null
//! without a reason. Whatever comes from a clock or a machine stands in `timing`; without it, equal studies give
//! equal documents.

use serde_json::{Map, Value, json};
use sweep_study::{Curve, Outcome, SECONDS, StudyRecord, Trial};

use crate::facts::Facts;

/// The metrics that every trial lists, measured or not.
const METRICS: [&str; 5] = ["train_loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy"];

/// The metrics that every reading of a curve lists, measured or not.
const READINGS: [&str; 4] = ["lr", "train_loss", "val_loss", "val_accuracy"];

/// The document `results.json`.
///
/// `timing` is what the engine knows of clocks and machines, an object; to it are added, as `trials`, the seconds that
/// each trial and each of its readings took, where they were measured. Null means that there is nothing to say.
pub fn results(record: &StudyRecord, facts: &Facts, timing: Value) -> Value {
    let mut study = to_value(&record.study);
    if let Value::Object(study) = &mut study {
        study.insert("planned".to_owned(), json!(record.planned));
        study.insert("program_version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    }
    let mut trials: Vec<&Trial> = record.trials.iter().collect();
    trials.sort_by_key(|trial| trial.number);
    json!({
        "format": "sweep-results",
        "version": 1,
        "study": study,
        "trials": trials.iter().map(|trial| self::trial(trial)).collect::<Vec<_>>(),
        "best": to_value(&facts.best),
        "facts": to_value(facts),
        "timing": self::timing(&trials, timing),
    })
}

/// One trial as an object, without anything from a clock.
pub fn trial(trial: &Trial) -> Value {
    let (stuck, diverged_at, reason) = match &trial.outcome {
        Outcome::Complete { stuck } => (*stuck, None, None),
        Outcome::Diverged { step } => (false, Some(*step), None),
        Outcome::Infeasible { reason } | Outcome::Failed { reason } => (false, None, Some(reason)),
        Outcome::Pruned => (false, None, None),
    };
    json!({
        "number": trial.number,
        "params": to_value(&trial.point),
        "replicate": trial.replicate,
        "seed": trial.seed,
        "outcome": trial.outcome.name(),
        "stuck": stuck,
        "diverged_at": diverged_at,
        "reason": reason,
        "steps": trial.steps,
        "epochs": trial.epochs,
        "metrics": metrics(trial),
        "curve": curve(&trial.curve),
    })
}

fn metrics(trial: &Trial) -> Map<String, Value> {
    let mut object = Map::new();
    let more =
        trial.metrics.keys().map(String::as_str).filter(|name| !METRICS.contains(name) && *name != SECONDS);
    for name in METRICS.into_iter().chain(more) {
        put(&mut object, name, trial.metrics.get(name).copied());
    }
    object
}

fn curve(curve: &Curve) -> Vec<Value> {
    let more =
        curve.metrics.keys().map(String::as_str).filter(|name| !READINGS.contains(name) && *name != SECONDS);
    let names: Vec<&str> = READINGS.into_iter().chain(more).collect();
    let reading = |(index, (step, epoch)): (usize, (&u64, &f64))| {
        let mut object = Map::new();
        object.insert("step".to_owned(), json!(step));
        put(&mut object, "epoch", Some(*epoch));
        for name in &names {
            put(&mut object, name, curve.metric(name).get(index).copied());
        }
        Value::Object(object)
    };
    curve.step.iter().zip(&curve.epoch).enumerate().map(reading).collect()
}

/// Adds a number to an object; one that is not finite as null with the reason beside it.
fn put(object: &mut Map<String, Value>, name: &str, number: Option<f64>) {
    object.insert(name.to_owned(), json!(number));
    let reason = match number {
        Some(number) if number.is_nan() => "nan",
        Some(f64::INFINITY) => "inf",
        Some(f64::NEG_INFINITY) => "-inf",
        _ => return,
    };
    object.insert(format!("{name}_reason"), json!(reason));
}

/// What comes from clocks: `given` by the engine, and the seconds of the trials.
fn timing(trials: &[&Trial], given: Value) -> Value {
    let mut object = match given {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        other => Map::from_iter([("given".to_owned(), other)]),
    };
    let timed = trials.iter().filter_map(|trial| {
        let curve = trial.curve.metric(SECONDS);
        let total = trial.metrics.get(SECONDS).or(curve.last())?;
        Some(json!({ "number": trial.number, "seconds": total, "curve": curve }))
    });
    object.insert("trials".to_owned(), timed.collect());
    Value::Object(object)
}

/// What serialises without fail: maps with string keys, and numbers.
fn to_value(what: &impl serde::Serialize) -> Value {
    serde_json::to_value(what).unwrap_or_default()
}
