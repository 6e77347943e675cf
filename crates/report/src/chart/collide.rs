//! No text of any chart of any kind of study covers another one or leaves the picture, on either sheet.

use super::charts;
use super::draw::labels::collisions;
use super::draw::scene::Shape;
use super::draw::sheet::Sheet;
use crate::facts::facts;
use crate::fixtures::studies;

/// The least size of a text on a narrow sheet: 11 pixels where the sheet is shown 360 pixels wide.
const LEAST: f64 = 19.0;

#[test]
fn labels_never_collide() {
    let mut found = Vec::new();
    for (name, record) in studies() {
        let facts = facts(&record);
        for chart in charts(&record, &facts) {
            for sheet in [Sheet::Wide, Sheet::Narrow] {
                let scene = (chart.scene)(&record, &facts, sheet);
                let collided = collisions(&scene);
                found.extend(
                    collided.into_iter().map(|texts| format!("{name} {} {sheet:?}: {texts}", chart.name)),
                );
                let small = scene
                    .shapes
                    .iter()
                    .any(|shape| matches!(shape, Shape::Text { size, .. } if *size < LEAST));
                if small && sheet == Sheet::Narrow {
                    found.push(format!("{name} {}: small text", chart.name));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} collisions\n{}", found.len(), found.join("\n"));
}
