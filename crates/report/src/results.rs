//! `results.json`: the whole study as one document, its schema in `schema/results.schema.json`.
//!
//! JSON has no NaN and no infinity. One rule holds throughout: a number that is not finite is null, and beside it, in
//! the same object, is `<name>_reason` with `nan`, `inf` or `-inf`. A number that was never measured is null without a
//! reason. Figures from a clock or a machine are in `timing`; without it, equal studies give equal documents.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use sweep_settings::names;
use sweep_study::{COOLED, Curve, Outcome, Past, SECONDS, Study, StudyRecord, Trial};

use crate::budget_unit::BudgetUnit;
use crate::facts::{Best, Facts, equal_budget, scaling, throughput, timeline, wall_clock};
use crate::verdict::{Sentence, sentences};

/// The metrics that every trial lists, measured or not.
const METRICS: [&str; 5] = ["train_loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy"];

/// The metrics that every reading of a curve lists, measured or not.
const READINGS: [&str; 4] = [names::LR, "train_loss", "val_loss", "val_accuracy"];

/// The document `results.json`. Its trials are written one by one: a large study would not fit into memory twice.
#[derive(Serialize)]
pub struct Results<'a> {
    format: &'static str,
    version: u32,
    study: Value,
    trials: Trials<'a>,
    best: &'a Option<Best>,
    facts: FactsAndVerdict<'a>,
    timing: Value,
}

/// The facts, and what they mean in sentences.
#[derive(Serialize)]
struct FactsAndVerdict<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    verdicts: Vec<Sentence>,
}

struct Trials<'a> {
    study: &'a Study,
    trials: Vec<&'a Trial>,
}

impl Serialize for Trials<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.trials.iter().map(|trial| self::trial(self.study, trial)))
    }
}

/// The document of a study, to be serialised.
///
/// `timing` is what the engine measured of clocks and machines, an object; to it are added, as `trials`, the seconds
/// that each trial and each of its readings took, where they were measured. Null means that there is nothing to report.
pub fn results<'a>(record: &'a StudyRecord, facts: &'a Facts, timing: Value) -> Results<'a> {
    let mut study = to_value(&record.study);
    if let Value::Object(study) = &mut study {
        study.insert("planned".to_owned(), json!(record.planned));
        study.insert("looks".to_owned(), json!(record.looks));
        study.insert("program_version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    }
    let mut trials: Vec<&Trial> = record.trials.iter().collect();
    trials.sort_by_key(|trial| trial.number);
    Results {
        format: "sweep-results",
        version: 1,
        study,
        best: &facts.best,
        facts: FactsAndVerdict { facts, verdicts: sentences(record, facts) },
        timing: self::timing(&trials, timing, record, facts),
        trials: Trials { study: &record.study, trials },
    }
}

/// One trial as an object, without anything from a clock.
pub fn trial(study: &Study, trial: &Trial) -> Value {
    let (stuck, diverged_at, reason) = match &trial.outcome {
        Outcome::Complete { stuck } => (*stuck, None, None),
        Outcome::Diverged { step } => (false, Some(*step), None),
        Outcome::Infeasible { reason } | Outcome::Failed { reason } => (false, None, Some(reason)),
        Outcome::Pruned | Outcome::EndedEarly => (false, None, None),
    };
    let mut object = json!({
        "number": trial.number,
        "params": to_value(&study.params(&trial.point)),
        "replicate": trial.replicate,
        "seed": trial.seed,
        "outcome": trial.outcome.name(),
        "stuck": stuck,
        "diverged_at": diverged_at,
        "reason": reason,
        "steps": (!trial.counted).then_some(trial.steps),
        "epochs": trial.epochs,
        "metrics": metrics(trial),
        "curve": curve(&trial.curve),
    });
    if let (Value::Object(object), true) = (&mut object, study.is_imported(trial.number)) {
        object.insert("imported".to_owned(), json!(true));
    }
    if let (Value::Object(object), false) = (&mut object, trial.past.is_empty()) {
        let past = |past: &Past| json!({ "number": past.number, "params": to_value(&study.params(&past.point)), "until": past.until });
        object.insert("past".to_owned(), trial.past.iter().map(past).collect());
    }
    if let (Value::Object(object), true) = (&mut object, trial.changed) {
        object.insert("changed".to_owned(), json!(true));
    }
    if let (Value::Object(object), false) = (&mut object, trial.rests.is_empty()) {
        object.insert("rests".to_owned(), to_value(&trial.rests));
        object.insert("audited".to_owned(), json!(trial.audited));
    }
    object
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
            let number = curve.metric(name).get(index).copied();
            // Only rungs have a cool-down.
            if !name.starts_with(COOLED) || number.is_some_and(f64::is_finite) {
                put(&mut object, name, number);
            }
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

/// What comes from clocks: `given` by the engine, the seconds of the trials, the batch size that is soonest, the batch
/// sizes at equal seconds, how fast each went through its examples, when trials ran, how long steps take alone and what
/// the prediction for more workers, and the Pareto front of a study that weighs seconds.
fn timing(trials: &[&Trial], given: Value, record: &StudyRecord, facts: &Facts) -> Value {
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
    if let Some(equal) = equal_budget(record, BudgetUnit::Seconds) {
        object.insert("equal_seconds".to_owned(), to_value(&equal));
    }
    if let Some(timeline) = timeline(record) {
        object.insert("timeline".to_owned(), to_value(&timeline));
    }
    let throughput = throughput(record);
    if !throughput.is_empty() {
        object.insert("throughput".to_owned(), to_value(&throughput));
    }
    if let Some(pareto) = facts.pareto.as_ref().filter(|pareto| pareto.timed()) {
        object.insert("pareto".to_owned(), to_value(pareto));
    }
    let soonest = wall_clock(record, facts);
    if !soonest.is_empty() {
        object.insert("soonest".to_owned(), to_value(&soonest));
    }
    if !record.pace.steps.is_empty() {
        object.insert("step_times".to_owned(), to_value(&record.pace.steps));
        object.insert("network".to_owned(), to_value(&record.pace.network));
    }
    let scaling = scaling(record, facts);
    if !scaling.is_empty() {
        object.insert("scaling".to_owned(), to_value(&scaling));
    }
    Value::Object(object)
}

/// What serialises without fail: maps with string keys, and numbers.
fn to_value(what: &impl Serialize) -> Value {
    serde_json::to_value(what).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged, studies};
    use sweep_study::{Earlier, EarlierTrial};

    fn document(record: &StudyRecord) -> Value {
        to_value(&results(record, &crate::facts(record), json!({ "jobs": 2 })))
    }

    #[test]
    fn every_kind_of_study_follows_the_schema() {
        let schema: Value = serde_json::from_str(include_str!("../schema/results.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for (name, record) in studies() {
            let document = document(&record);
            let faults: Vec<String> = validator
                .iter_errors(&document)
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{name}: {faults:#?}");
            // A file read back is the document: no float loses a digit.
            assert_eq!(serde_json::from_str::<Value>(&document.to_string()).unwrap(), document, "{name}");
        }
        let mut begun = studies()[0].1.clone();
        let known = |value| EarlierTrial { point: begun.trials[0].point.clone(), value };
        begun.study.from =
            vec![Earlier { study: "quick".into(), trials: vec![known(Some(0.5)), known(None)] }];
        assert!(validator.is_valid(&document(&begun)));
        let mut wrong = document(&studies()[0].1);
        wrong["trials"][0]["outcome"] = json!("exploded");
        assert!(!validator.is_valid(&wrong));
    }

    #[test]
    fn numbers_that_are_not_finite_are_null_with_the_reason_beside_them() {
        let record = Made::new(&["lr=0.1,1"])
            .trial("lr=0.1", &[0.5])
            .outcomes("lr=1", vec![diverged(7)])
            .change(|trial| {
                if trial.number == 1 {
                    trial.metrics.insert("train_loss".into(), f64::INFINITY);
                    trial.metrics.insert("grad_norm".into(), f64::NEG_INFINITY);
                }
            })
            .record();
        let trials = &document(&record)["trials"];
        let (good, bad) = (&trials[0]["metrics"], &trials[1]["metrics"]);
        assert_eq!((good["val_loss"].as_f64(), good.get("val_loss_reason")), (Some(0.5), None));
        assert_eq!((&good["test_loss"], good.get("test_loss_reason")), (&Value::Null, None));
        assert_eq!((&bad["val_loss"], &bad["val_loss_reason"]), (&Value::Null, &json!("nan")));
        assert_eq!((&bad["train_loss_reason"], &bad["grad_norm_reason"]), (&json!("inf"), &json!("-inf")));
        assert_eq!((&trials[1]["diverged_at"], &trials[1]["outcome"]), (&json!(7), &json!("diverged")));
    }

    #[test]
    fn clocks_speak_in_timing_alone() {
        let record = |factor: f64| {
            let slower = move |trial: &mut Trial| {
                if let Some(seconds) = trial.metrics.get_mut(SECONDS) {
                    *seconds *= factor;
                }
                for seconds in trial.curve.metrics.get_mut(SECONDS).into_iter().flatten() {
                    *seconds *= factor;
                }
            };
            Made::new(&["lr=0.1,1"]).row(&["0.1", "1"], &[0.5, 0.6]).change(slower).record()
        };
        let (mut fast, mut slow) = (document(&record(1.0)), document(&record(2.0)));
        assert_ne!(fast, slow);
        assert_eq!(fast["timing"]["jobs"], json!(2));
        assert_eq!(fast["timing"]["trials"][1]["curve"].as_array().unwrap().len(), 3);
        fast["timing"].take();
        slow["timing"].take();
        assert_eq!(fast.to_string(), slow.to_string());
        assert!(!fast.to_string().contains(SECONDS));
    }

    #[test]
    fn keys_stand_in_the_order_of_the_schema() {
        let document = document(&studies()[0].1);
        let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["format", "version", "study", "trials", "best", "facts", "timing"]);
        assert_eq!(document["study"]["settings"]["epochs"], json!(3.0));
        assert_eq!(document["facts"]["best_per_batch"][0]["status"], json!("EDGE"));
        assert_eq!(document["best"]["metric"], json!("val_loss"));
    }

    #[test]
    fn the_order_of_trials_does_not_matter() {
        for (name, record) in studies() {
            let mut turned = record.clone();
            turned.trials.reverse();
            assert!(document(&turned) == document(&record), "{name}");
        }
    }
}
