//! The paper that a chart is laid out on, and where its panels stand on it.

use super::scene::{Place, Rect, Scene};
use super::sizes::WIDTH;

/// A kind of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// For files, print and screens.
    Wide,
    /// For telephones: panels stand under each other, keys under panels, so that text keeps its size.
    Narrow,
}

/// What the panels of a chart need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Where they begin down the page, titles of panels included.
    pub top: f64,
    /// How many there are.
    pub count: usize,
    /// The most that stand side by side on a wide sheet.
    pub abreast: usize,
    /// The height of one.
    pub tall: f64,
    /// Room on the left of the first one, for labels and the name of the axis.
    pub left: f64,
    /// Room between neighbours.
    pub gap: f64,
    /// Room over each, for a title.
    pub over: f64,
    /// Room under each row, for ticks and the name of the axis.
    pub under: f64,
    /// Room for a key, on the right of a wide sheet and under the panels of a narrow one.
    pub key: f64,
}

/// Where panels stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The panels, row by row.
    pub panels: Vec<Rect>,
    /// How many stand side by side.
    pub columns: usize,
    /// Where the last row with its ticks and names ends.
    pub bottom: f64,
    /// Where a key may stand.
    pub key: Rect,
}

impl Sheet {
    /// An empty canvas of this width; charts set the height.
    pub fn scene(self) -> Scene {
        Scene::new(self.width(), 0.0)
    }

    /// The width in pixels.
    pub fn width(self) -> f64 {
        if self.narrow() { 620.0 } else { WIDTH }
    }

    /// Whether panels stand under each other.
    pub fn narrow(self) -> bool {
        self == Sheet::Narrow
    }

    /// Where headings and legends begin, in a chart whose panels begin at `left` on a wide sheet.
    pub fn margin(self, left: f64) -> f64 {
        if self.narrow() { 20.0 } else { left }
    }

    /// Lays out the panels.
    pub fn grid(self, needs: Needs) -> Grid {
        let Needs { top, count, abreast, tall, left, gap, over, under, key } = needs;
        let abreast = match self.narrow() {
            true if count > MOST_UNDER => 2,
            true => 1,
            false => abreast.max(1),
        };
        let columns = count.clamp(1, abreast);
        let (left, right, gap) = match self.narrow() {
            true => (left.min(NARROW_LEFT), self.width() - 30.0, gap),
            false => (left, self.width() - key.max(40.0), gap),
        };
        let tall = if self.narrow() { tall.clamp(220.0, 420.0) } else { tall };
        let wide = (right - left + gap) / columns as f64 - gap;
        let panel = |index: usize| {
            let (row, column) = (index / columns, index % columns);
            let left = left + column as f64 * (wide + gap);
            let top = top + over + row as f64 * (over + tall + under);
            Rect { left, top, right: left + wide, bottom: top + tall }
        };
        let bottom = top + count.div_ceil(columns).max(1) as f64 * (over + tall + under);
        let key = if self.narrow() {
            Rect { left: 20.0, top: bottom, right: self.width() - 20.0, bottom: f64::INFINITY }
        } else {
            Rect { left: right + 34.0, top: top + over, right: self.width() - 12.0, bottom: bottom - under }
        };
        Grid { panels: (0..count.max(1)).map(panel).collect(), columns, bottom, key }
    }
}

/// The most panels that stand under each other one by one.
const MOST_UNDER: usize = 6;
/// The most room that labels and the name of an axis take on a narrow sheet.
const NARROW_LEFT: f64 = 120.0;

impl Grid {
    /// The same with more room under the last row.
    pub fn lowered(mut self, by: f64) -> Grid {
        self.bottom += by;
        if self.key.bottom.is_infinite() {
            self.key.top += by;
        }
        self
    }

    /// Whether the panel is the first of its row.
    pub fn first(&self, index: usize) -> bool {
        index.is_multiple_of(self.columns)
    }

    /// Whether no panel stands under it.
    pub fn last(&self, index: usize) -> bool {
        index + self.columns >= self.panels.len()
    }

    /// The middle of all panels down the page, and where the name of their common axis up stands across.
    pub fn beside(&self) -> Place {
        let top = self.panels.first().map_or(0.0, |panel| panel.top);
        let bottom = self.panels.last().map_or(0.0, |panel| panel.bottom);
        (30.0, f64::midpoint(top, bottom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_stand_side_by_side_only_where_there_is_room() {
        let needs = Needs {
            top: 150.0,
            count: 3,
            abreast: 2,
            tall: 400.0,
            left: 150.0,
            gap: 50.0,
            over: 40.0,
            under: 100.0,
            key: 250.0,
        };
        let wide = Sheet::Wide.grid(needs);
        assert_eq!((wide.columns, wide.panels[1].top, wide.panels[2].top), (2, 190.0, 730.0));
        assert_eq!((wide.panels[1].right, wide.bottom), (1350.0, 1230.0));
        assert!(wide.key.left > wide.panels[1].right && wide.first(2) && wide.last(1) && !wide.last(0));
        let narrow = Sheet::Narrow.grid(needs);
        assert_eq!((narrow.columns, narrow.panels[1].left, narrow.key.top), (1, 120.0, narrow.bottom));
    }
}
