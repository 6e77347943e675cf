//! A panel with two number axes, for lines.

use super::marks;
use super::scene::{Anchor, GREY, INK, Place, Rect, Rgb, Scene};
use super::sizes::{AXIS, TICK};
use super::{font, ticks};

/// Very light grey, for lines across a panel.
const GRID: Rgb = Rgb(232, 232, 232);

/// One axis of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Whether equal ratios take equal room.
    pub log: bool,
}

impl Range {
    /// A range around numbers, with a little room; logarithmic only if asked for and all are positive. Numbers that
    /// are all alike get room as well.
    pub fn around(numbers: impl Iterator<Item = f64>, log: bool) -> Range {
        let (low, high) = numbers
            .filter(|number| number.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
                (low.min(number), high.max(number))
            });
        if low > high {
            return Range { low: 0.0, high: 1.0, log: false };
        }
        if log && low > 0.0 {
            let pad = (high / low).powf(0.06).max(1.03);
            return Range { low: low / pad, high: high * pad, log };
        }
        let pad = 0.06 * (high - low).max(1e-9 + 0.1 * high.abs() * f64::from(u8::from(high == low)));
        Range { low: low - pad, high: high + pad, log: false }
    }

    /// The range of how much trials were given: from nothing on, or logarithmic where they ended at amounts that differ
    /// more than fourfold. `xs` are the amounts at their readings, `ends` those at their last ones.
    pub fn given(xs: impl Iterator<Item = f64>, ends: impl Iterator<Item = f64>) -> Range {
        let (low, high) = ends.fold((f64::INFINITY, 0f64), |(low, high), x| (low.min(x), high.max(x)));
        let mut xs = xs.filter(|x| *x > 0.0).peekable();
        if high > 4.0 * low && xs.peek().is_some() {
            return Range::around(xs, true);
        }
        let most = xs.fold(0f64, f64::max);
        Range { low: 0.0, high: if most > 0.0 { 1.03 * most } else { 1.0 }, log: false }
    }

    /// The range with its lower end moved down by a share of its length.
    pub fn lowered(self, share: f64) -> Range {
        let low = if self.log {
            self.low * (self.low / self.high).powf(share)
        } else {
            self.low - share * (self.high - self.low)
        };
        Range { low, ..self }
    }

    /// Where `number` lies, as a share of the range.
    fn share(&self, number: f64) -> f64 {
        if self.log {
            (number / self.low).ln() / (self.high / self.low).ln()
        } else {
            (number - self.low) / (self.high - self.low)
        }
    }

    /// Whether `number` lies within it.
    pub fn holds(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }

    fn ticks(&self, count: usize) -> Vec<f64> {
        if self.log {
            ticks::logarithmic(self.low, self.high)
        } else {
            ticks::linear(self.low, self.high, count)
        }
    }
}

/// A panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// Where it stands.
    pub rect: Rect,
    /// Its axis across.
    pub across: Range,
    /// Its axis up.
    pub up: Range,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Its colour.
    pub colour: Rgb,
    /// Its thickness.
    pub width: f64,
    /// Whether each reading has a dot.
    pub dots: bool,
}

impl Plot {
    /// The place of a pair of numbers; above or below the panel it is moved to its border.
    pub fn place(&self, x: f64, y: f64) -> Place {
        let up = self.up.share(y).clamp(0.0, 1.0);
        (
            self.rect.left + self.across.share(x).clamp(0.0, 1.0) * self.rect.width(),
            self.rect.bottom - up * self.rect.height(),
        )
    }

    /// Draws grid lines, ticks and labels; those of the axis up only where `labelled`.
    pub fn axes(&self, scene: &mut Scene, labelled: bool) {
        self.lines_up(scene, labelled);
        self.axes_across(scene);
    }

    /// Draws grid lines and labels of the axis up, and both borders; the ticks across are another's.
    pub fn axes_up(&self, scene: &mut Scene, labelled: bool) {
        self.lines_up(scene, labelled);
        self.borders(scene);
    }

    fn lines_up(&self, scene: &mut Scene, labelled: bool) {
        let rect = self.rect;
        let mut free = f64::INFINITY;
        for value in self.up.ticks(5) {
            let y = self.place(self.across.low, value).1;
            scene.line(&[(rect.left, y), (rect.right, y)], GRID, 2.0);
            if labelled && y + 13.0 < free {
                scene.text((rect.left - 12.0, y), ticks::label(value), TICK, INK, Anchor::End);
                free = y - 13.0;
            }
        }
    }

    fn borders(&self, scene: &mut Scene) {
        let rect = self.rect;
        scene.line(&[(rect.left, rect.top), (rect.left, rect.bottom)], GREY, 2.0);
        scene.line(&[(rect.left, rect.bottom), (rect.right, rect.bottom)], GREY, 2.0);
    }

    /// Draws the left and the lower border, and ticks and labels of the axis across.
    pub fn axes_across(&self, scene: &mut Scene) {
        let rect = self.rect;
        self.borders(scene);
        let mut free = f64::NEG_INFINITY;
        // What is counted (epochs, steps, examples) has no ticks between whole numbers where there are several.
        let span = self.across.high - self.across.low;
        let most = if span >= 2.0 { span.ceil() } else { f64::INFINITY };
        for value in self.across.ticks((rect.width() / 75.0).min(most) as usize) {
            let x = self.place(value, self.up.low).0;
            let label = ticks::label(value);
            let half = font::width(&label, TICK) / 2.0;
            scene.line(&[(x, rect.bottom), (x, rect.bottom + 7.0)], GREY, 2.0);
            if x - half >= free {
                scene.text((x, rect.bottom + 26.0), label, TICK, INK, Anchor::Middle);
                free = x + half + 14.0;
            }
        }
    }

    /// Draws the level of a target across the panel, with its name where asked and there is room beneath, where no
    /// trial that ends at its target leads.
    pub fn level(&self, scene: &mut Scene, target: Option<f64>, named: bool) {
        let Some(y) = target.map(|target| self.place(self.across.low, target).1) else { return };
        scene.line(&[(self.rect.left, y), (self.rect.right, y)], GREY, 2.0);
        if named && y + 32.0 < self.rect.bottom {
            scene.text((self.rect.left + 8.0, y + 17.0), "target", TICK - 2.0, GREY, Anchor::Start);
        }
    }

    /// Draws grid lines and labels of the axis up, both borders, and a tick at each of some batch sizes.
    pub fn axes_of_batches(&self, scene: &mut Scene, batches: impl Iterator<Item = f64>) {
        self.axes_up(scene, true);
        let mut batches: Vec<f64> = batches.collect();
        batches.sort_by(f64::total_cmp);
        batches.dedup();
        self.ticks_at(scene, batches.into_iter().map(|batch| (batch, ticks::label(batch))));
    }

    /// Draws a tick at each of these places across, rising, and labels those for which there is room.
    pub fn ticks_at(&self, scene: &mut Scene, marks: impl IntoIterator<Item = (f64, String)>) {
        let mut free = f64::NEG_INFINITY;
        for (place, label) in marks {
            let x = self.place(place, self.up.low).0;
            let half = font::width(&label, TICK) / 2.0;
            scene.line(&[(x, self.rect.bottom), (x, self.rect.bottom + 7.0)], GREY, 2.0);
            if x - half >= free {
                scene.text((x, self.rect.bottom + 26.0), label, TICK, INK, Anchor::Middle);
                free = x + half + 12.0;
            }
        }
    }

    /// Writes a title over the panel and, where there is room, a note at its other end.
    pub fn title(&self, scene: &mut Scene, title: &str, note: &str) {
        let y = self.rect.top - 28.0;
        let size = AXIS - 2.0;
        scene.text_within((self.rect.left, y), title, size, INK, self.rect.width());
        if font::width(title, size) + font::width(note, TICK) + 16.0 <= self.rect.width() {
            scene.text((self.rect.right, y), note, TICK, GREY, Anchor::End);
        }
    }

    /// Draws a line through readings, and a cross where it ends by divergence (at the top where nothing was read).
    pub fn line(&self, scene: &mut Scene, points: &[(f64, f64)], diverged: Option<f64>, look: Look) {
        let places: Vec<Place> = points.iter().map(|(x, y)| self.place(*x, *y)).collect();
        if places.len() > 1 {
            scene.line(&places, look.colour, look.width);
        }
        if look.dots || (places.len() == 1 && diverged.is_none()) {
            for place in &places {
                scene.disc(*place, look.width / 2.0 + 2.5, look.colour);
            }
        }
        if let Some(end) = diverged {
            let height = points.last().map_or(self.up.high, |(_, y)| *y);
            let place = self.place(end, height);
            if let Some(last) = places.last() {
                scene.line(&[*last, place], look.colour, look.width);
            }
            marks::cross(scene, place, 8.0, look.colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_their_numbers() {
        let range = Range::around([0.1, 10.0].into_iter(), true);
        assert!(range.log && range.low < 0.1 && range.high > 10.0);
        assert!((range.share(1.0) - 0.5).abs() < 1e-12);
        assert!((range.lowered(1.0).share(range.low) - 0.5).abs() < 1e-12);
        let range = Range::around([0.0, 10.0].into_iter(), true);
        assert!(!range.log && range.low < 0.0);
        let range = Range::around([3.0, f64::NAN].into_iter(), false);
        assert!(range.low < 3.0 && range.high > 3.0);
        let given = |ends: [f64; 2]| Range::given([0.0, 1.0, 10.0].into_iter(), ends.into_iter());
        assert!(given([2.0, 10.0]).log && given([2.0, 10.0]).low > 0.5);
        assert_eq!((given([5.0, 10.0]).log, given([5.0, 10.0]).low), (false, 0.0));
        assert_eq!(Range::around(std::iter::empty(), true), Range { low: 0.0, high: 1.0, log: false });
    }
}
