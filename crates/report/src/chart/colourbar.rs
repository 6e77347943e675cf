//! The colour bar beside a heatmap.

use super::colour::{Ramp, shade};
use super::layout::{AXIS, Layout, TICK};
use super::scene::{Anchor, GREY, INK, Rect, Scene};
use super::text;
use crate::facts::Facts;

/// Draws the bar, the best at its foot, with the values at which its colours stand.
pub fn colourbar(scene: &mut Scene, facts: &Facts, layout: &Layout, ramp: &Ramp) {
    let bar = layout.bar;
    let steps = 96;
    let edge = |step: usize| bar.bottom - bar.height() * step as f64 / steps as f64;
    for step in 0..steps {
        let colour = shade((step as f64 + 0.5) / steps as f64);
        scene.fill(Rect { top: edge(step + 1), bottom: edge(step), ..bar }, colour);
    }
    let mut widest: f64 = 0.0;
    for (share, label) in ramp.ticks() {
        let y = bar.bottom - share * bar.height();
        scene.line(&[(bar.right, y), (bar.right + 7.0, y)], GREY, 2.0);
        widest = widest.max(text::width(&label, TICK));
        scene.text((bar.right + 13.0, y), label, TICK, INK, Anchor::Start);
    }
    let [long, short] = ramp.titles(facts);
    let title = if text::width(&long, AXIS) <= bar.height() { long } else { short };
    scene.text_upward((bar.right + 13.0 + widest + 26.0, bar.centre().1), title, AXIS, INK);
}
