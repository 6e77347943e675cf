//! A legend: marks with their words, side by side, in as many lines as they need.

use super::font;
use super::scene::{Anchor, INK, Place, Scene};
use super::sizes::TICK;

/// The height of a line.
const LINE: f64 = 40.0;
/// Room between a mark and its words, and between entries.
const GAPS: (f64, f64) = (12.0, 36.0);

/// A legend in the making.
pub struct Flow {
    left: f64,
    right: f64,
    at: Place,
}

impl Flow {
    /// A legend whose first line has its middle at `top`.
    pub fn new(left: f64, top: f64, right: f64) -> Flow {
        Flow { left, right, at: (left, top) }
    }

    /// Adds an entry: a mark, drawn from its left end and middle, and its words.
    pub fn entry(&mut self, scene: &mut Scene, wide: f64, words: &str, mark: impl FnOnce(&mut Scene, Place)) {
        let room = self.right - self.left - wide - GAPS.0;
        let lines = font::wrapped(words, TICK, room, usize::MAX);
        let widest = lines.iter().map(|line| font::width(line, TICK)).fold(0.0, f64::max);
        let whole = wide + GAPS.0 + widest;
        if self.at.0 + whole > self.right && self.at.0 > self.left {
            self.at = (self.left, self.at.1 + LINE);
        }
        mark(scene, self.at);
        let x = self.at.0 + wide + GAPS.0;
        for (index, line) in lines.iter().enumerate() {
            self.at.1 += if index > 0 { LINE - 10.0 } else { 0.0 };
            scene.text((x, self.at.1), line, TICK, INK, Anchor::Start);
        }
        self.at.0 += whole + GAPS.1;
        if lines.len() > 1 {
            self.at = (self.left, self.at.1 + LINE);
        }
    }

    /// Where the picture may end; the same as `top` where nothing was added.
    pub fn end(&self) -> f64 {
        if self.at.0 > self.left { self.at.1 + LINE } else { self.at.1 }
    }
}
