//! Marks with a meaning of their own: hatching, arrows, crosses, dots, rings.

use std::collections::BTreeSet;

use super::scene::{GREY, INK, Place, Rect, Rgb, Scene, WHITE};

/// The ground of a diverged tile.
pub const DIVERGED: Rgb = Rgb(250, 250, 250);
/// The ground of a stuck tile.
pub const STUCK: Rgb = Rgb(196, 196, 196);
/// The ground of any other tile without a value.
pub const NO_VALUE: Rgb = Rgb(232, 232, 232);

/// Hatches a rectangle with rising lines.
pub fn hatch(scene: &mut Scene, rect: Rect) {
    let gap = 13.0;
    // A line x + y = sum; all tiles share one set of lines, so that the hatching runs on from tile to tile.
    let mut sum = ((rect.left + rect.top) / gap).ceil() * gap;
    while sum < rect.right + rect.bottom {
        let from = ((sum - rect.bottom).max(rect.left), (sum - rect.left).min(rect.bottom));
        let to = ((sum - rect.top).min(rect.right), (sum - rect.right).max(rect.top));
        scene.line(&[from, to], Rgb(150, 150, 150), 2.0);
        sum += gap;
    }
}

/// The dot on the best of a batch size.
pub fn dot(scene: &mut Scene, centre: Place) {
    scene.disc(centre, 8.5, WHITE);
    scene.disc(centre, 6.5, INK);
}

/// The same where there is little room.
pub fn small_dot(scene: &mut Scene, centre: Place) {
    scene.disc(centre, 6.5, WHITE);
    scene.disc(centre, 4.5, INK);
}

/// An arrow that starts at `from` and points right (`way` = 1) or left (−1), beyond a border.
pub fn arrow(scene: &mut Scene, from: Place, way: f64) {
    let (x, y) = from;
    scene.line(&[(x + 5.0 * way, y), (x + 18.0 * way, y)], INK, 5.0);
    scene.polygon(&[(x + 15.0 * way, y - 9.0), (x + 30.0 * way, y), (x + 15.0 * way, y + 9.0)], INK);
}

/// A triangle on a border, for what lies beyond it.
pub fn beyond(scene: &mut Scene, (x, y): Place, above: bool, colour: Rgb) {
    let down = if above { 1.0 } else { -1.0 };
    let triangle = |wide: f64, high: f64, from: f64| {
        [(x - wide, y + down * high), (x, y + down * from), (x + wide, y + down * high)]
    };
    scene.polygon(&triangle(13.0, 18.0, -3.0), WHITE);
    scene.polygon(&triangle(10.0, 16.0, 0.0), colour);
}

/// A cross.
pub fn cross(scene: &mut Scene, (x, y): Place, radius: f64, colour: Rgb) {
    scene.line(&[(x - radius, y - radius), (x + radius, y + radius)], colour, 4.0);
    scene.line(&[(x - radius, y + radius), (x + radius, y - radius)], colour, 4.0);
}

/// The rim of a disc.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rim {
    /// Its colour.
    pub colour: Rgb,
    /// How far it reaches inward.
    pub width: f64,
}

/// A disc with a rim, `radius` with it.
pub fn rimmed(scene: &mut Scene, centre: Place, radius: f64, colour: Rgb, rim: Rim) {
    scene.disc(centre, radius, rim.colour);
    scene.disc(centre, radius - rim.width, colour);
}

/// A small disc that stands for a point without a value.
pub fn hollow(scene: &mut Scene, centre: Place) {
    rimmed(scene, centre, 10.0, WHITE, Rim { colour: GREY, width: 3.0 });
}

/// Outlines a set of tiles: `tiles` with their grid places; sides shared by two of them stay open.
pub fn outline(scene: &mut Scene, tiles: &[((i64, i64), Rect)], width: f64) {
    let places: BTreeSet<(i64, i64)> = tiles.iter().map(|(place, _)| *place).collect();
    let has = |across: i64, up: i64| places.contains(&(across, up));
    for ((across, up), rect) in tiles {
        let (across, up) = (*across, *up);
        let Rect { left, top, right, bottom } = *rect;
        let sides = [
            ((-1, 0), Rect { right: left + width, ..*rect }),
            ((1, 0), Rect { left: right - width, ..*rect }),
            ((0, -1), Rect { top: bottom - width, ..*rect }),
            ((0, 1), Rect { bottom: top + width, ..*rect }),
        ];
        for ((aside, above), side) in sides {
            if !has(across + aside, up + above) {
                scene.fill(side, INK);
            }
        }
        for (aside, above) in [(-1, -1), (-1, 1), (1, -1), (1, 1)] {
            if has(across + aside, up) && has(across, up + above) && !has(across + aside, up + above) {
                let (x, y) = (
                    if aside < 0 { left } else { right - width },
                    if above < 0 { bottom - width } else { top },
                );
                scene.fill(Rect { left: x, top: y, right: x + width, bottom: y + width }, INK);
            }
        }
    }
}
