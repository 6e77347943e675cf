//! The key of line charts: which colour is which value.

use plotters::prelude::{ColorMap, DerivedColorMap};
use plotters::style::RGBColor;

use super::colourbar::ColourBar;
use super::flow::Flow;
use super::scene::{Anchor, INK, Place, Rect, Rgb, Scene};
use super::sheet::Grid;
use super::sizes::{AXIS, TICK, WIDTH};
use super::view::Levels;
use super::{font, ticks};

/// The palette plasma of matplotlib (N. J. Smith and S. van der Walt, 2015, CC0) in nine steps, without its palest end,
/// which would not show on white: perceptually uniform, and of more hues than viridis, so that lines can be
/// distinguished.
const PLASMA: [RGBColor; 9] = [
    RGBColor(0x0d, 0x08, 0x87),
    RGBColor(0x46, 0x03, 0x9f),
    RGBColor(0x72, 0x01, 0xa8),
    RGBColor(0x9c, 0x17, 0x9e),
    RGBColor(0xbd, 0x37, 0x86),
    RGBColor(0xd8, 0x57, 0x6b),
    RGBColor(0xed, 0x79, 0x53),
    RGBColor(0xfb, 0x9f, 0x3a),
    RGBColor(0xfd, 0xca, 0x26),
];

/// The colour of a line at a share of the way along an axis: dark for its lower end.
pub fn line_colour(share: f64) -> Rgb {
    let colour = DerivedColorMap::new(&PLASMA).get_color(share.clamp(0.0, 1.0));
    Rgb(colour.0, colour.1, colour.2)
}

/// A paler shade of a colour, for what stands behind.
pub fn tint(Rgb(red, green, blue): Rgb) -> Rgb {
    let pale = |channel: u8| (f64::from(channel) * 0.35 + 255.0 * 0.65) as u8;
    Rgb(pale(red), pale(green), pale(blue))
}

/// The colour of level `index` of an axis: evenly spaced for levels, by its place where the axis is continuous.
pub fn level_colour(levels: &Levels, index: usize) -> Rgb {
    let share = match (levels.continuous, levels.lines.get(index)) {
        (Some((low, high)), Some(line)) => (line - low) / (high - low),
        _ => index as f64 / (levels.labels.len().max(2) - 1) as f64,
    };
    line_colour(share)
}

/// Draws the key of an axis, with its title, beside or under the panels: a swatch per level, the largest first, or a bar
/// where it is continuous. Gives where what follows may begin.
pub fn key(scene: &mut Scene, levels: &Levels, grid: &Grid) -> f64 {
    let Rect { left, top, bottom, .. } = grid.key;
    if levels.name.is_none() {
        return grid.bottom;
    }
    if let (Some((low, high)), Some(scale)) = (levels.continuous, levels.scale) {
        let narrow = bottom.is_infinite();
        let (top, bottom) = (top + 30.0, if narrow { top + 250.0 } else { bottom.min(top + 460.0) });
        let place = |value: f64| (scale.line(value) - low) / (high - low);
        let ticks = ticks::logarithmic(scale.value(low), scale.value(high));
        let bar = ColourBar {
            rect: Rect { left, top, right: left + 28.0, bottom },
            paint: line_colour,
            falls: false,
            ticks: ticks.into_iter().map(|value| (place(value), ticks::label(value))).collect(),
            over: true,
            titles: vec![levels.title()],
        };
        bar.draw(scene);
        return if narrow { bottom + 40.0 } else { grid.bottom };
    }
    let entry = |index: usize| (level_colour(levels, index), levels.labels[index].clone());
    let entries: Vec<(Rgb, String)> = (0..levels.labels.len()).rev().map(entry).collect();
    beside(scene, &levels.title(), &entries, grid)
}

/// Draws a title and a list of colours with words: on the right of the panels, as many as fit, evenly chosen, or in
/// lines under them on a narrow sheet. Gives where what follows may begin.
pub fn beside(scene: &mut Scene, title: &str, entries: &[(Rgb, String)], grid: &Grid) -> f64 {
    let Rect { left, top, right, bottom } = grid.key;
    let under = if title.is_empty() { 0.0 } else { 36.0 };
    scene.text_within((left, top), title, AXIS - 2.0, INK, right - left);
    if bottom.is_finite() {
        swatches(scene, entries, (left, top - 13.0 + under), bottom.min(top + 520.0) - top - under);
        return grid.bottom;
    }
    let mut flow = Flow::new(left, top + under, right);
    for (colour, words) in entries {
        flow.entry(scene, 34.0, words, |scene, (x, y)| {
            scene.fill(Rect { left: x, top: y - 3.5, right: x + 34.0, bottom: y + 3.5 }, *colour);
        });
    }
    flow.end()
}

/// Draws a list of colours with words, as many as fit a height, evenly chosen.
pub fn swatches(scene: &mut Scene, entries: &[(Rgb, String)], (left, top): Place, height: f64) {
    let most = (height / 26.0).max(2.0) as usize;
    let stride = entries.len().div_ceil(most).max(1);
    let line = (height / entries.len().div_ceil(stride).max(1) as f64).min(36.0);
    for (row, (colour, words)) in entries.iter().step_by(stride).enumerate() {
        let y = top + (row as f64 + 0.5) * line;
        scene.fill(Rect { left, top: y - 3.5, right: left + 34.0, bottom: y + 3.5 }, *colour);
        scene.text((left + 44.0, y), font::cut(words, TICK, WIDTH - left - 56.0), TICK, INK, Anchor::Start);
    }
}
