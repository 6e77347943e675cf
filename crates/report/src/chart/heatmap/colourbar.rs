//! The colour bar beside a heatmap.

use sweep_study::Direction;

use super::layout::Layout;
use crate::chart::draw::colour::{Ramp, shade};
use crate::chart::draw::font;
use crate::chart::draw::scene::{Anchor, GREY, INK, Rect, Scene};
use crate::chart::draw::sizes::{AXIS, TICK};
use crate::facts::Facts;

/// Draws the bar with the values at which its colours stand: the best at its foot where lower is better, at its top
/// where higher is.
pub fn colourbar(scene: &mut Scene, facts: &Facts, layout: &Layout, ramp: &Ramp) {
    let bar = layout.bar;
    let steps = 96;
    let rises = facts.direction == Direction::Maximize;
    let place = |share: f64| bar.bottom - bar.height() * if rises { 1.0 - share } else { share };
    for step in 0..steps {
        let [from, middle, to] = [0.0, 0.5, 1.0].map(|part| (step as f64 + part) / steps as f64);
        let (top, bottom) = (place(from).min(place(to)), place(from).max(place(to)));
        scene.fill(Rect { top, bottom, ..bar }, shade(middle));
    }
    let mut widest: f64 = 0.0;
    for (share, label) in ramp.ticks() {
        let y = place(share);
        scene.line(&[(bar.right, y), (bar.right + 7.0, y)], GREY, 2.0);
        widest = widest.max(font::width(&label, TICK));
        scene.text((bar.right + 13.0, y), label, TICK, INK, Anchor::Start);
    }
    let [long, short] = ramp.titles(facts);
    let title = if font::width(&long, AXIS) <= bar.height() { long } else { short };
    scene.text_upward((bar.right + 13.0 + widest + 26.0, bar.centre().1), title, AXIS, INK);
}
