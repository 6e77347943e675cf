//! Points drawn at random, each at its measured place.

use super::panel::Panel;
use crate::chart::draw::marks;
use crate::chart::draw::scene::{GREY, INK, Place, Rect, Rgb, Scene, WHITE};
use crate::facts::State;

/// The radius of a point.
const RADIUS: f64 = 15.0;
/// The radius of one of very many.
const LEAST: f64 = 5.0;
/// How many points of a panel have their full size; of more each takes as much less room.
const ROOMY: f64 = 250.0;
/// The radius below which a rim would hide the colour of a point.
const RIMLESS: f64 = 8.0;

/// Draws the points of one panel: those without a value first, the best on top.
pub fn points(scene: &mut Scene, panel: &Panel<'_>) {
    let &Panel { facts, view, layout, ramp, rect, .. } = panel;
    let mut own: Vec<_> = panel
        .spots()
        .filter_map(|spot| {
            let (x, y) =
                layout.place(&rect, *view.across.lines.get(spot.across)?, *view.up.lines.get(spot.up)?);
            let (tile_x, tile_y) = panel.tile(spot.across, spot.up).centre();
            let x = if view.across.continuous.is_some() { x } else { tile_x };
            let y = if view.up.continuous.is_some() { y } else { tile_y };
            Some((spot, facts.cells.get(spot.cell)?, (x, y)))
        })
        .collect();
    let worth = |value: Option<f64>| value.map_or(f64::INFINITY, |value| ramp.share(value));
    own.sort_by(|a, b| worth(b.1.value).total_cmp(&worth(a.1.value)));
    let radius = (RADIUS * (ROOMY / own.len().max(1) as f64).sqrt().min(1.0)).max(LEAST).round();
    for (spot, cell, place) in own {
        if cell.n > 0 {
            scene.cells.push((spot.cell, around(place, radius)));
        }
        match (cell.value, cell.state) {
            (Some(value), _) if radius < RIMLESS && !cell.tied => {
                scene.disc(place, radius, ramp.colour(value))
            }
            (Some(value), _) => {
                let rim = if cell.tied {
                    marks::Rim { colour: INK, width: (0.27 * radius).round() }
                } else {
                    marks::Rim { colour: Rgb(120, 120, 120), width: 1.0 }
                };
                marks::rimmed(scene, place, radius + rim.width - 1.0, ramp.colour(value), rim);
            }
            (None, State::Diverged) => marks::cross(scene, place, 0.6 * radius, GREY),
            (None, State::Stuck | State::Collapsed) => marks::rimmed(
                scene,
                place,
                0.8 * radius,
                marks::STUCK,
                marks::Rim { colour: GREY, width: 2.0 },
            ),
            (None, State::Missing) => {}
            (None, _) => marks::hollow(scene, place),
        }
        let best = facts.best_per_batch.iter().find(|row| row.cell == Some(spot.cell));
        if best.is_some_and(|row| facts.axes.batch || !row.edge.is_empty())
            || facts.best.as_ref().is_some_and(|best| best.cell == spot.cell)
        {
            scene.disc(place, 5.0, WHITE);
            scene.disc(place, 4.0, INK);
        }
    }
}

/// The square that a point fills.
fn around((x, y): Place, radius: f64) -> Rect {
    Rect { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
}
