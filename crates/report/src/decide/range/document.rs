//! A range test as one JSON document.

use serde_json::{Value as Json, json};
use sweep_settings::names;

use super::facts::NOTE;
use super::{BatchPlaces, BatchRange, Place, RangeFacts, RangeRecord, SeedRange};

/// The document: what was tested (`test`, as given), the range for a sweep, and for each batch size its places as
/// estimates and the curve of each seed.
pub fn document(record: &RangeRecord, facts: &RangeFacts, test: Json) -> Json {
    let batches: Vec<Json> =
        record.batches.iter().zip(&facts.batches).map(|(batch, places)| of_batch(batch, places)).collect();
    json!({
        "format": "sweep-lr-find",
        "version": 1,
        "test": test,
        "note": NOTE,
        "range": facts.range.map(|(low, high)| json!({ "low": low, "high": high })),
        "batches": batches,
    })
}

fn of_batch(batch: &BatchRange, places: &BatchPlaces) -> Json {
    json!({
        (names::BATCH): batch.batch,
        "ramp_steps": batch.ramp_steps,
        "probe_steps": batch.probe_steps,
        "smallest_useful": places.smallest_useful,
        "steepest": places.steepest,
        "edge": places.edge,
        "refusals": places.refusals,
        "replicates": batch.replicates.iter().map(of_seed).collect::<Vec<Json>>(),
    })
}

fn of_seed(replicate: &SeedRange) -> Json {
    let found = replicate.places.as_ref().ok();
    json!({
        "seed": replicate.seed,
        "smallest_useful": found.map(|places| of_place(places.smallest_useful)),
        "steepest": found.map(|places| of_place(places.steepest)),
        "edge": found.map(|places| of_place(places.edge)),
        "refusal": replicate.places.as_ref().err(),
        "blown_up": replicate.blown_up,
        (names::LR): replicate.lr,
        "loss": replicate.loss,
        "smoothed": replicate.smoothed,
    })
}

/// A rate; where it lies beyond the ramp, the ramp's end under `above` or `below`.
fn of_place(place: Place) -> Json {
    match place {
        Place::At(rate) => json!(rate),
        Place::Above(bound) => json!({ "above": bound }),
        Place::Below(bound) => json!({ "below": bound }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::range::facts;
    use crate::decide::range::fixtures::{record, seed};

    #[test]
    fn the_document_holds_every_number_drawn() {
        let record = record(vec![(16, vec![seed(0.01, 0.1, Place::Above(10.0)), Err("flat".to_owned())])]);
        let document = document(&record, &facts(&record), json!({ "seed": 3 }));
        let batch = &document["batches"][0];
        assert_eq!((&document["test"]["seed"], &document["range"]["high"]), (&json!(3), &json!(10.0)));
        assert_eq!((&batch["edge"]["status"], &batch["edge"]["low"]), (&json!("EDGE"), &json!(10.0)));
        assert_eq!(batch["replicates"][0]["edge"], json!({ "above": 10.0 }));
        assert_eq!(batch["replicates"][1]["refusal"], "flat");
        assert_eq!(batch["replicates"][1]["smoothed"].as_array().unwrap().len(), 49);
    }
}
