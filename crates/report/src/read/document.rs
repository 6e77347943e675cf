//! Reading a study back from its `results.json`, the inverse of [`crate::results()`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use sweep_study::{
    Curve, Metrics, Network, Outcome, Pace, Past, Point, Rest, SECONDS, Span, StepTime, Study, StudyRecord,
    Trial,
};

/// Why a document is not a study.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It declares another format or a later version.
    #[error("this is not a results.json of this version of sweep: format {format}, version {version}")]
    Foreign {
        /// The value of `format`.
        format: String,
        /// The value of `version`.
        version: String,
    },
    /// It lacks a required part.
    #[error("this results.json cannot be read: {0}")]
    Content(#[from] serde_json::Error),
}

/// The whole document, without what is derived from the rest.
#[derive(Deserialize)]
struct Document {
    study: Value,
    trials: Vec<Written>,
    timing: Timing,
}

#[derive(Deserialize)]
struct Planned {
    planned: u64,
    #[serde(default = "first")]
    looks: u32,
}

#[derive(Deserialize)]
struct Written {
    number: u64,
    params: Point,
    replicate: u32,
    seed: u64,
    outcome: String,
    stuck: bool,
    diverged_at: Option<u64>,
    reason: Option<String>,
    steps: Option<u64>,
    epochs: f64,
    metrics: Map<String, Value>,
    curve: Vec<Map<String, Value>>,
    #[serde(default)]
    rests: Vec<Rest>,
    #[serde(default)]
    audited: bool,
    #[serde(default)]
    past: Vec<Past>,
    #[serde(default)]
    changed: bool,
}

#[derive(Default, Deserialize)]
struct Timing {
    #[serde(default)]
    trials: Vec<Timed>,
    timeline: Option<Drawn>,
    #[serde(default)]
    step_times: Vec<StepTime>,
    #[serde(default)]
    network: Network,
}

/// When trials ran, in seconds from `begun` on.
#[derive(Deserialize)]
struct Drawn {
    begun: f64,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Timed {
    number: u64,
    seconds: Option<f64>,
    curve: Vec<Option<f64>>,
}

/// The record of the study in `document`.
///
/// # Errors
/// A document of another kind or version, or one that lacks a required part.
pub fn read(document: &Value) -> Result<StudyRecord, ReadError> {
    if (&document["format"], &document["version"]) != (&Value::from("sweep-results"), &Value::from(1)) {
        let (format, version) = (document["format"].to_string(), document["version"].to_string());
        return Err(ReadError::Foreign { format, version });
    }
    let Document { study, trials, timing } = Document::deserialize(document)?;
    let Planned { planned, looks } = Planned::deserialize(&study)?;
    let study = Study::deserialize(study)?;
    let timed: BTreeMap<u64, &Timed> = timing.trials.iter().map(|timed| (timed.number, timed)).collect();
    let trials =
        trials.into_iter().map(|written| trial(&study, &written, timed.get(&written.number).copied()));
    let trials = trials.collect();
    let spans = timing.timeline.map_or_else(Vec::new, |timeline| {
        let since = |at: f64| timeline.begun + at;
        let span = |span: Span| Span { start: since(span.start), end: since(span.end), ..span };
        timeline.spans.into_iter().map(span).collect()
    });
    let pace = Pace { steps: timing.step_times, network: timing.network };
    Ok(StudyRecord { planned, looks, spans, pace, ..StudyRecord::new(study, trials) })
}

/// Files without this field were looked at once.
fn first() -> u32 {
    1
}

fn trial(study: &Study, written: &Written, timed: Option<&Timed>) -> Trial {
    let reason = || written.reason.clone().unwrap_or_default();
    let outcome = match written.outcome.as_str() {
        "complete" => Outcome::Complete { stuck: written.stuck },
        "pruned" => Outcome::Pruned,
        "ended_early" => Outcome::EndedEarly,
        "diverged" => Outcome::Diverged { step: written.diverged_at.unwrap_or(0) },
        "infeasible" => Outcome::Infeasible { reason: reason() },
        _ => Outcome::Failed { reason: reason() },
    };
    let mut point = written.params.clone();
    let drawn = |name: &String| study.derived.iter().all(|derived| derived.name() != name);
    point.0.retain(|name, _| drawn(name));
    let mut past = written.past.clone();
    past.iter_mut().for_each(|past| past.point.0.retain(|name, _| drawn(name)));
    let mut metrics = numbers(&written.metrics);
    let mut curve = Curve::default();
    for (index, reading) in written.curve.iter().enumerate() {
        let mut row = numbers(reading);
        let (step, epoch) = (row.remove("step"), row.remove("epoch"));
        if let Some(seconds) = timed.and_then(|timed| *timed.curve.get(index)?) {
            row.insert(SECONDS.to_owned(), seconds);
        }
        curve.push(step.unwrap_or(0.0) as u64, epoch.unwrap_or(f64::NAN), &row);
    }
    if let Some(seconds) = timed.and_then(|timed| timed.seconds) {
        metrics.insert(SECONDS.to_owned(), seconds);
    }
    Trial {
        number: written.number,
        point,
        replicate: written.replicate,
        seed: written.seed,
        outcome,
        steps: written.steps.unwrap_or(curve.step.last().copied().unwrap_or(0)),
        counted: written.steps.is_none(),
        epochs: written.epochs,
        metrics,
        curve,
        rests: written.rests.clone(),
        audited: written.audited,
        past,
        changed: written.changed,
    }
}

/// The numbers of an object: null is not a number, unless the reason beside it gives one.
fn numbers(object: &Map<String, Value>) -> Metrics {
    let number = |name: &str, value: &Value| match value {
        Value::Null => match object.get(&format!("{name}_reason")).and_then(Value::as_str)? {
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => Some(f64::NAN),
        },
        value => value.as_f64(),
    };
    object.iter().filter_map(|(name, value)| Some((name.clone(), number(name, value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::studies;
    use serde_json::json;

    #[test]
    fn what_is_read_equals_what_was_written() {
        for (name, record) in studies() {
            let document = |record: &StudyRecord| {
                serde_json::to_value(crate::results(record, &crate::facts(record), json!({}))).unwrap()
            };
            let written = document(&record);
            let read = read(&written).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(read.trials.len(), record.trials.len(), "{name}");
            assert_eq!(document(&read), written, "{name}");
        }
    }

    #[test]
    fn other_documents_are_refused() {
        let refused = |document: Value| read(&document).unwrap_err().to_string();
        assert!(refused(json!({ "format": "sweep-results", "version": 2 })).contains("version 2"));
        assert!(refused(json!({ "format": "sweep-results", "version": 1 })).contains("cannot be read"));
    }
}
