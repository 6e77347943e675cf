//! The key of line charts: which colour is which value.

use plotters::prelude::{ColorMap, DerivedColorMap};
use plotters::style::RGBColor;

use super::scene::{Anchor, GREY, INK, Place, Rect, Rgb, Scene};
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

/// Draws the key of an axis under its title: a swatch a level, the largest at the top, or a bar where it is
/// continuous.
pub fn key(scene: &mut Scene, levels: &Levels, (left, top): Place, height: f64) {
    if levels.name.is_none() {
        return;
    }
    scene.text((left, top), levels.title(), AXIS - 2.0, INK, Anchor::Start);
    let top = top + 30.0;
    if let (Some((low, high)), Some(scale)) = (levels.continuous, levels.scale) {
        let bar = Rect { left, top, right: left + 28.0, bottom: top + height - 30.0 };
        let edge = |step: f64| bar.bottom - bar.height() * step / 96.0;
        for step in 0..96 {
            let step = f64::from(step);
            let colour = line_colour((step + 0.5) / 96.0);
            scene.fill(Rect { top: edge(step + 1.0), bottom: edge(step), ..bar }, colour);
        }
        for value in ticks::logarithmic(scale.value(low), scale.value(high)) {
            let y = bar.bottom - (scale.line(value) - low) / (high - low) * bar.height();
            scene.line(&[(bar.right, y), (bar.right + 7.0, y)], GREY, 2.0);
            scene.text((bar.right + 13.0, y), ticks::label(value), TICK, INK, Anchor::Start);
        }
        return;
    }
    let entries: Vec<(Rgb, String)> = levels
        .labels
        .iter()
        .enumerate()
        .map(|(index, label)| (level_colour(levels, index), label.clone()))
        .collect();
    swatches(scene, &entries.into_iter().rev().collect::<Vec<_>>(), (left, top), height - 30.0);
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
