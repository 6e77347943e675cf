//! A panel with two number axes, for lines.

use super::labels::{self, Style};
use super::marks;
pub use super::range::Range;
use super::scene::{Anchor, GREY, INK, Place, Rect, Rgb, Scene};
use super::sizes::{AXIS, TICK};
use super::{font, ticks};

/// What a subtitle adds where dots are drawn as triangles.
pub const BEYOND: &str = "; triangles lie beyond the axis";
/// How labels of ticks look.
const TICKS: Style = Style { size: TICK, colour: INK };
/// Very light grey, for lines across a panel.
const GRID: Rgb = Rgb(232, 232, 232);

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
        let mut labels = Vec::new();
        for value in ticks::of(self.up, 5) {
            let y = self.place(self.across.low, value).1;
            scene.line(&[(rect.left, y), (rect.right, y)], GRID, 2.0);
            labels.push(((rect.left - 12.0, y), ticks::label(value)));
        }
        for value in ticks::minor(self.up) {
            let y = self.place(self.across.low, value).1;
            scene.line(&[(rect.left - 5.0, y), (rect.left, y)], GREY, 1.0);
        }
        if labelled {
            labels::along(scene, &labels, TICKS, Anchor::End);
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
        // What is counted (epochs, steps, examples) has no ticks between whole numbers where there are several.
        let span = self.across.high - self.across.low;
        let most = if span >= 2.0 { span.ceil() } else { f64::INFINITY };
        let values = ticks::of(self.across, (rect.width() / 75.0).min(most) as usize);
        self.ticks_at(scene, values.into_iter().map(|value| (value, ticks::label(value))));
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
        let bottom = self.rect.bottom;
        let mut labels = Vec::new();
        for (place, label) in marks {
            let x = self.place(place, self.up.low).0;
            scene.line(&[(x, bottom), (x, bottom + 7.0)], GREY, 2.0);
            labels.push(((x, bottom + 26.0), label));
        }
        for value in ticks::minor(self.across) {
            let x = self.place(value, self.up.low).0;
            scene.line(&[(x, bottom), (x, bottom + 4.0)], GREY, 1.0);
        }
        labels::along(scene, &labels, TICKS, Anchor::Middle);
    }

    /// Writes the name of the axis across under its ticks.
    pub fn name_across(&self, scene: &mut Scene, words: &str) {
        let (words, x) = (self.across.named(words), self.rect.centre().0);
        let room = 2.0 * (scene.width - x).min(x) - 16.0;
        let size = if font::width(&words, AXIS) <= room { AXIS } else { TICK };
        let words = font::cut(&words, size, room);
        scene.text((x, self.rect.bottom + 66.0), words, size, INK, Anchor::Middle);
    }

    /// Writes the name of the axis up, reading upward around `at`.
    pub fn name_up(&self, scene: &mut Scene, at: Place, words: &str) {
        scene.text_upward(at, self.up.named(words), AXIS, INK);
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

    /// Draws a dot, or a triangle on the border where the number up lies beyond it.
    pub fn dot(&self, scene: &mut Scene, (x, y): (f64, f64), radius: f64, colour: Rgb) {
        let place = self.place(x, y);
        if self.up.holds(y) {
            scene.disc(place, radius, colour);
        } else {
            marks::beyond(scene, place, y > self.up.high, colour);
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
        for (place, (_, y)) in places.iter().zip(points).filter(|(_, (_, y))| !self.up.holds(*y)) {
            marks::beyond(scene, *place, *y > self.up.high, look.colour);
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
