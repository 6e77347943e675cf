//! What is laid over a heatmap of η × B: the ridge of the best learning rates with their intervals, and the edge beyond
//! which training diverges.

use sweep_settings::names;

use super::layout::INTERVAL;
use super::panel::Panel;
use crate::chart::draw::scene::{INK, Place, Rect, Rgb, Scene, WHITE};
use crate::chart::draw::view::View;
use crate::facts::{BatchBest, Facts};

/// The colour of the edge of stability.
pub const EDGE: Rgb = Rgb(200, 40, 40);

/// Whether a view is one that a ridge can be laid over: learning rates across, batch sizes up.
pub fn fits(view: &View) -> bool {
    view.across.name.as_deref() == Some(names::LR) && view.up.name.as_deref() == Some(names::BATCH)
}

/// Whether a ridge is drawn anywhere.
pub fn has_ridge(facts: &Facts, view: &View) -> bool {
    fits(view) && facts.best_per_batch.iter().filter(|row| row.lr.low.is_some()).count() > 1
}

/// Whether an edge is drawn anywhere.
pub fn has_edge(facts: &Facts, view: &View) -> bool {
    fits(view) && facts.divergence.per_batch.iter().filter(|row| onset(row).is_some()).count() > 1
}

/// Draws the ridge and the edge of one panel.
pub fn ridge(scene: &mut Scene, panel: &Panel<'_>) {
    let &Panel { facts, view, .. } = panel;
    let own = view.panels.get(panel.index).cloned().flatten();
    if has_edge(facts, view) {
        edge(scene, panel, &own);
    }
    if has_ridge(facts, view) {
        let rows: Vec<&BatchBest> = facts.best_per_batch.iter().filter(|row| row.panel == own).collect();
        whiskers(scene, panel, &rows);
    }
}

/// A bar for each interval, under the values of its batch size so that these stay legible; without values in the middle
/// of the row, with a line through the bests.
fn whiskers(scene: &mut Scene, panel: &Panel<'_>, rows: &[&BatchBest]) {
    let &Panel { view, layout, rect, .. } = panel;
    let Some(scale) = view.across.scale else { return };
    let x = |lr: f64| layout.place(&rect, scale.line(lr), 0.0).0.clamp(rect.left, rect.right);
    let mut line: Vec<Place> = Vec::new();
    let written = layout.text.is_some();
    for row in rows {
        let up = view.spots.iter().find(|spot| Some(spot.cell) == row.cell).map(|spot| spot.up);
        let estimate = row.lr.estimate.zip(row.lr.low).zip(row.lr.high);
        let Some((up, ((estimate, low), high))) = up.zip(estimate) else { continue };
        let tile = panel.tile(0, up);
        let y = tile.bottom - if written { INTERVAL / 2.0 } else { 0.5 * tile.height() };
        for (colour, width) in [(WHITE, 6.0), (INK, 3.0)] {
            scene.line(&[(x(low), y), (x(high), y)], colour, width);
        }
        line.push((x(estimate), y));
    }
    // Where values are written, a line through the bests would cross them.
    for (colour, width) in [(WHITE, 4.0), (INK, 2.0)].into_iter().filter(|_| !written) {
        scene.line(&line, colour, width);
    }
    for place in line {
        scene.disc(place, 7.5, WHITE);
        scene.disc(place, 5.5, INK);
    }
}

/// The widest gap, as a ratio, between a learning rate that never diverged and one that did in which an edge is drawn.
const WIDEST_GAP: f64 = 10.0;

/// The learning rate at which divergence begins: half way, in ratios, between the last that never diverged and the
/// first that did. Where these are further apart, as random draws may be, the edge is unknown.
fn onset(row: &crate::facts::Stability) -> Option<f64> {
    let (stable, diverged) = (row.highest_stable?, row.lowest_diverged?);
    (diverged <= WIDEST_GAP * stable).then(|| (stable * diverged).sqrt())
}

/// A staircase along the rows.
fn edge(scene: &mut Scene, panel: &Panel<'_>, own: &Option<String>) {
    let &Panel { facts, view, layout, rect, .. } = panel;
    let Some(scale) = view.across.scale else { return };
    let own = facts.divergence.per_batch.iter().filter(|row| row.panel == *own);
    let mut steps: Vec<(f64, Rect)> = own
        .filter_map(|row| {
            let spot = view.spots.iter().find(|spot| {
                facts
                    .cells
                    .get(spot.cell)
                    .is_some_and(|cell| cell.batch == row.batch && cell.panel == row.panel)
            })?;
            let x = layout.place(&rect, scale.line(onset(row)?), 0.0).0;
            Some((x, panel.tile(0, spot.up)))
        })
        .collect();
    steps.sort_by(|a, b| b.1.top.total_cmp(&a.1.top));
    let mut run: Vec<Place> = Vec::new();
    for (x, tile) in steps {
        if run.last().is_some_and(|(_, y)| (y - tile.bottom).abs() > 1.5) {
            scene.line(&run, EDGE, 4.0);
            run.clear();
        }
        run.extend([(x, tile.bottom), (x, tile.top)]);
    }
    scene.line(&run, EDGE, 4.0);
}
