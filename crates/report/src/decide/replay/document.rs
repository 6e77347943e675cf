//! Replays as one JSON document, its schema in `schema/replay.schema.json`.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use super::{ReplayFacts, ReplayRecord, SamplerFacts};
use crate::facts::Facts;

/// The document: how the searches were replayed, the true value of every cell, and what each sampler found. Figures
/// that depend on measured seconds are in `timing`. A missing regret is null.
pub fn document(study: &StudyRecord, facts: &Facts, record: &ReplayRecord, replays: &ReplayFacts) -> Json {
    let cells = facts
        .cells
        .iter()
        .map(|cell| json!({ "params": study.study.params(&cell.params), "value": cell.value, "state": cell.state }));
    json!({
        "format": "sweep-replay",
        "version": 1,
        "study": study.study.name,
        "metric": facts.metric,
        "repeats": record.samplers.first().map_or(0, |sampler| sampler.repeats.len()),
        "trials": record.trials,
        "lag": record.lag,
        "seed": record.seed,
        "within": record.within,
        "best": facts.best,
        "facts": replays,
        "cells": cells.collect::<Vec<Json>>(),
        "timing": { "samplers": replays.samplers.iter().map(timing).collect::<Vec<Json>>() },
    })
}

fn timing(sampler: &SamplerFacts) -> Json {
    json!({ "name": sampler.name, "seconds": sampler.seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::replay;
    use crate::decide::replay::fixtures::{grid, record};

    #[test]
    fn the_document_follows_the_schema() {
        let schema: Json = serde_json::from_str(include_str!("../../../schema/replay.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let (study, facts) = grid();
        let record = record(vec![("random", vec![vec![3, 1, 0], vec![1, 1, 1]]), ("ridge", vec![vec![2]])]);
        let replays = replay::facts(&record, &facts).unwrap();
        let mut document = document(&study, &facts, &record, &replays);
        let faults: Vec<String> = validator.iter_errors(&document).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
        assert_eq!(document["facts"]["samplers"][0]["regret"]["median"][0], Json::Null, "of one diverged");
        assert_eq!(document["cells"][3]["state"], "diverged");
        assert_eq!(document["timing"]["samplers"][1]["name"], "ridge");
        document["facts"]["samplers"][0]["trials"]["status"] = json!("FINE");
        assert!(!validator.is_valid(&document));
    }
}
