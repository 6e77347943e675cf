//! The bar that says which difference a colour stands for.

use super::font;
use super::scene::{Anchor, GREY, INK, Rect, Rgb, Scene};
use super::sizes::{AXIS, TICK};

/// How many steps of colour a bar has.
const STEPS: u32 = 96;

/// A colour bar.
pub struct ColourBar {
    /// Where its colours stand; marks and title follow on its right.
    pub rect: Rect,
    /// The colour at a share of the scale.
    pub paint: fn(f64) -> Rgb,
    /// Whether share 0 is at the top.
    pub falls: bool,
    /// The marks: share and text.
    pub ticks: Vec<(f64, String)>,
    /// Whether its title stands over it rather than beside it.
    pub over: bool,
    /// What it shows, the longest wording first; the first that fits is written.
    pub titles: Vec<String>,
}

impl ColourBar {
    /// Draws it.
    pub fn draw(&self, scene: &mut Scene) {
        let bar = self.rect;
        let place = |share: f64| bar.bottom - bar.height() * if self.falls { 1.0 - share } else { share };
        for step in 0..STEPS {
            let [from, middle, to] = [0.0, 0.5, 1.0].map(|part| (f64::from(step) + part) / f64::from(STEPS));
            let (top, bottom) = (place(from).min(place(to)), place(from).max(place(to)));
            scene.fill(Rect { top, bottom, ..bar }, (self.paint)(middle));
        }
        let mut widest: f64 = 0.0;
        for (share, label) in &self.ticks {
            let y = place(*share);
            scene.line(&[(bar.right, y), (bar.right + 7.0, y)], GREY, 2.0);
            widest = widest.max(font::width(label, TICK));
            scene.text((bar.right + 13.0, y), label, TICK, INK, Anchor::Start);
        }
        if self.over {
            let title = self.titles.first().map_or("", String::as_str);
            let room = scene.width - bar.left - 20.0;
            return scene.text_within((bar.left, bar.top - 34.0), title, TICK, INK, room);
        }
        let fits = |title: &&String| font::width(title, AXIS) <= bar.height() + 40.0;
        if let Some(title) = self.titles.iter().find(fits).or(self.titles.last()) {
            let right = bar.right + 13.0 + widest + 26.0;
            scene.text_upward((right, bar.centre().1), title, AXIS, INK);
        }
    }
}
