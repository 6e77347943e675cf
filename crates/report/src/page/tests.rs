use sweep_study::{Curve, Metrics, Trial, Value};

use super::*;
use crate::fixtures::{Made, studies};

const GIVEN: Given<'static> =
    Given { command: "sweep search lr=0.1,1 --sampler grid", version: "0.0.0", by: None };

fn made(name: &str) -> (StudyRecord, String) {
    let (_, record) = studies().into_iter().find(|(own, _)| *own == name).unwrap();
    let page = page(&record, &crate::facts(&record), &GIVEN).unwrap();
    (record, page)
}

/// The object that the page carries for its script.
fn carried(page: &str) -> serde_json::Value {
    let from = page.split("<script id=\"data\" type=\"application/json\">").nth(1).unwrap();
    serde_json::from_str(from.split("</script>").next().unwrap()).unwrap()
}

#[test]
fn every_kind_of_study_has_a_page() {
    let folder = std::env::var("SWEEP_GALLERY").ok();
    for (name, record) in studies() {
        let facts = crate::facts(&record);
        let page = page(&record, &facts, &GIVEN).unwrap();
        let data = carried(&page);
        assert_eq!(data["rows"].as_array().unwrap().len(), record.trials.len(), "{name}");
        for verdict in &crate::verdict::sentences(&record, &facts) {
            // The best of each batch size stands in the table instead.
            let tabled = verdict.topic == crate::verdict::Topic::Best && !facts.best_per_batch.is_empty();
            let text = verdict
                .text
                .replace(" %", "\u{a0}%")
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            assert!(
                tabled || page.contains(&text) || page.contains(&text.replace('\u{a0}', " ")),
                "{name}: {text}"
            );
        }
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{name}.html"), &page).unwrap();
        }
    }
}

#[test]
fn the_verdict_comes_before_the_charts_the_trials_the_methods_and_the_command() {
    let (_, page) = made("wide");
    let at = |id: &str| page.find(&format!("<section id=\"{id}\"")).unwrap();
    assert!(at("verdict") < at("charts") && at("charts") < at("table"));
    assert!(at("table") < at("methods") && at("methods") < at("again"));
    assert!(page[at("again")..].contains(GIVEN.command));
}

#[test]
fn nothing_is_loaded_from_outside() {
    let (_, page) = made("schedules");
    let fetched = ["src=", "url(", "@import", "<link rel=\"stylesheet\"", "fetch(", "XMLHttpRequest"];
    for word in fetched {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn names_cannot_break_the_page() {
    let (_, mut record) = studies().remove(0);
    record.study.name = "</script><b>".to_owned();
    record.study.goal.metric = "</script>loss".to_owned();
    let page = page(&record, &crate::facts(&record), &GIVEN).unwrap();
    assert!(!page.contains("<b>") && page.contains("&lt;/script&gt;"));
    assert_eq!(carried(&page)["metric"], "</script>loss");
}

#[test]
fn what_is_drawn_can_be_pointed_at() {
    let (record, page) = made("wide");
    let data = carried(&page);
    let tiles = data["tiles"].as_array().unwrap();
    assert_eq!(tiles.len() as u128, record.study.space.cells());
    let (cell, left) = (tiles[0][0].as_u64().unwrap() as usize, tiles[0][1][0].as_f64().unwrap());
    assert!((0.0..100.0).contains(&left));
    let rows = data["cells"][cell][1].as_array().unwrap();
    assert_eq!(data["rows"][rows[0].as_u64().unwrap() as usize][0], record.trials[cell].number);
}

/// Ten thousand trials at random, each read forty times.
fn large() -> StudyRecord {
    let mut record = Made::new(&["lr=1e-4..1", "batch=8..512"])
        .sampler("random")
        .trial("lr=0.1 batch=32", &[0.1])
        .record();
    let pattern = record.trials.remove(0);
    for number in 0..10_000 {
        let share = (number as f64 * 0.618_033_988_75).fract();
        let mut trial = Trial { number, curve: Curve::default(), ..pattern.clone() };
        trial.point.0.insert("lr".into(), Value::Float(10f64.powf(4.0 * (share - 1.0))));
        trial.point.0.insert("batch".into(), Value::Int(8 << (number % 7)));
        trial.metrics.insert("val_loss".into(), 0.1 + (share - 0.7).powi(2));
        for reading in 1..=40_u32 {
            let loss = 0.1 + share / f64::from(reading);
            trial.curve.push(
                reading.into(),
                f64::from(reading) / 40.0,
                &Metrics::from([("val_loss".into(), loss)]),
            );
        }
        record.trials.push(trial);
    }
    record.planned = 10_000;
    record
}

#[test]
fn a_large_study_has_a_page_of_at_most_five_megabytes_that_names_what_it_left_out() {
    let record = large();
    let page = page(&record, &crate::facts(&record), &GIVEN).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert!(page.contains("at most 13 of up to 40 readings"));
    assert_eq!(carried(&page)["curves"][0][0].as_array().unwrap().len(), 13);
}
