//! Pictures of made-up studies of every kind, drawn in tests; with `SWEEP_GALLERY=DIR` they are also written there, to
//! be looked at.

use super::{By, Format, batches, critical_batch, curves, heatmap, importance, losses, regret};
use crate::facts;
use crate::made_up::studies;

#[test]
fn every_kind_of_study_is_drawn_and_equal_records_give_equal_bytes() {
    let folder = std::env::var("SWEEP_GALLERY").ok();
    let only = std::env::var("SWEEP_GALLERY_ONLY").ok();
    for (name, record) in studies() {
        if only.as_ref().is_some_and(|only| !only.split(',').any(|only| only == name)) {
            continue;
        }
        let facts = facts(&record);
        let pictures = [
            ("heatmap.png", heatmap(&record, &facts, Format::Png)),
            ("heatmap.svg", heatmap(&record, &facts, Format::Svg)),
            ("curves.png", curves(&record, &facts, By::Epochs, Format::Png)),
            ("batches.png", batches(&record, &facts, Format::Png)),
            ("losses.png", losses(&record, &facts, Format::Png)),
            ("critical_batch.png", critical_batch(&record, &facts, Format::Png)),
            ("regret.png", regret(&record, &facts, Format::Png)),
            ("importance.png", importance(&record, &facts, Format::Png)),
        ];
        for (kind, bytes) in pictures {
            let bytes = bytes.unwrap();
            assert!(bytes.len() > 1000, "{name} {kind}");
            if let Some(folder) = &folder {
                std::fs::write(format!("{folder}/{name}-{kind}"), &bytes).unwrap();
            }
        }
        if folder.is_some() {
            println!(
                "== {name}\n{}{}",
                crate::verdict(&record, &facts),
                crate::best_table(&record, &facts, 5)
            );
        }
    }
    let draw = || {
        let (_, record) = studies().remove(1);
        heatmap(&record, &facts(&record), Format::Png).unwrap()
    };
    assert_eq!(draw(), draw());
}
