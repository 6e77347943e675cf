//! Pictures of made-up studies of every kind, drawn in tests; with `SWEEP_GALLERY=DIR` they are also written there, to
//! be looked at.

use super::{Format, charts, heatmap};
use crate::facts;
use crate::fixtures::studies;

#[test]
fn every_kind_of_study_is_drawn_and_equal_records_give_equal_bytes() {
    let folder = std::env::var("SWEEP_GALLERY").ok();
    let only = std::env::var("SWEEP_GALLERY_ONLY").ok();
    for (name, record) in studies() {
        if only.as_ref().is_some_and(|only| !only.split(',').any(|only| only == name)) {
            continue;
        }
        let facts = facts(&record);
        for chart in charts(&record, &facts) {
            for (ending, format) in [("png", Format::Png), ("svg", Format::Svg)] {
                // Vectors of one chart are proof of them all.
                if format == Format::Svg && chart.name != heatmap::CHART.name {
                    continue;
                }
                let drawn = chart.draw(&record, &facts, format).unwrap();
                assert!(drawn.bytes.len() > 1000, "{name} {}", chart.name);
                if let Some(folder) = &folder {
                    let path = format!("{folder}/{name}-{}.{ending}", chart.name);
                    std::fs::write(path, &drawn.bytes).unwrap();
                }
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
        heatmap::CHART.draw(&record, &facts(&record), Format::Png).unwrap()
    };
    assert_eq!(draw(), draw());
}

#[test]
fn the_heatmap_tells_where_its_cells_lie() {
    let (_, record) = studies().remove(1);
    let facts = facts(&record);
    let drawn = heatmap::CHART.draw(&record, &facts, Format::Svg).unwrap();
    assert_eq!(drawn.cells.len(), facts.cells.len());
    let place = |lr: f64| {
        let index =
            facts.cells.iter().position(|cell| cell.lr == Some(lr) && cell.batch == Some(16.0)).unwrap();
        drawn.cells.iter().find(|(cell, _)| *cell == index).unwrap().1
    };
    assert!(place(0.001).right <= place(0.1).left && place(0.1).right < drawn.size.0);
}
