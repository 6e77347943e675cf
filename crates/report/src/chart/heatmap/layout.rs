//! Where the panels of a heatmap stand on the page, and where a value lies within a panel.

use crate::chart::draw::font;
use crate::chart::draw::scene::Rect;
use crate::chart::draw::sizes::{ARROW, TICK, WIDTH};
use crate::chart::draw::view::{Levels, View};
use crate::facts::STUDY;

/// The height that the panels together aim at.
const TALL: f64 = 620.0;
/// The height of a panel of a single row.
const LOW: f64 = 230.0;
/// Room for the heading above the panels.
const HEADING: f64 = 138.0;
/// Room for the title of a panel.
const PANEL_TITLE: f64 = 50.0;
/// Room for tick labels under a panel.
const TICKS: f64 = 48.0;
/// Room for the axis title under the last panel.
const AXIS_TITLE: f64 = 40.0;
/// Room for the colour bar with its labels.
const BAR: f64 = 210.0;

/// The values along one side as a line of cells with edges.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruler {
    /// The edges of the levels' tiles, one more than levels; for points, the two ends.
    edges: Vec<f64>,
}

impl Ruler {
    /// A ruler for levels: edges at the midpoints between neighbours, the outer ones as far out as the inner ones are
    /// in. Points on a continuous axis get its ends and a margin.
    pub fn of(levels: &Levels) -> Ruler {
        if levels.continuous.is_some() {
            let (low, high) = levels.span();
            let margin = 0.04 * (high - low).max(1e-9);
            return Ruler { edges: vec![low - margin, high + margin] };
        }
        let lines = &levels.lines;
        let mut edges: Vec<f64> = lines.windows(2).map(|pair| pair.iter().sum::<f64>() / 2.0).collect();
        let (first, last) = levels.span();
        let (low, high) = match (edges.first(), edges.last()) {
            (Some(low), Some(high)) => (2.0 * first - low, 2.0 * last - high),
            _ => (first - 0.5, last + 0.5),
        };
        edges.insert(0, low);
        edges.push(high);
        Ruler { edges }
    }

    /// Where `line` lies, as a share of the ruler.
    pub fn share(&self, line: f64) -> f64 {
        let (low, high) = self.ends();
        (line - low) / (high - low)
    }

    /// The edges of level `index`, as shares of the ruler.
    pub fn tile(&self, index: usize) -> (f64, f64) {
        let edge = |index: usize| self.edges.get(index).copied().unwrap_or_else(|| self.ends().1);
        (self.share(edge(index)), self.share(edge(index + 1)))
    }

    /// The narrowest tile, as a share of the ruler.
    pub fn narrowest(&self) -> f64 {
        let (low, high) = self.ends();
        let gaps =
            self.edges.windows(2).map(|pair| pair.iter().rev().copied().reduce(|high, low| high - low));
        gaps.flatten().fold(f64::INFINITY, f64::min) / (high - low)
    }

    fn ends(&self) -> (f64, f64) {
        (self.edges.first().copied().unwrap_or(0.0), self.edges.last().copied().unwrap_or(1.0))
    }
}

/// The places of everything that is not a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The plotting area of each panel.
    pub panels: Vec<Rect>,
    /// How many panels stand side by side.
    pub columns: usize,
    /// The ruler across.
    pub across: Ruler,
    /// The ruler up.
    pub up: Ruler,
    /// The colour bar.
    pub bar: Rect,
    /// Where the middle of the axis titles beside the panels lies.
    pub up_title: f64,
    /// Where the legend begins, left and top.
    pub legend: (f64, f64),
    /// The size of the text in tiles; `None` where it does not fit.
    pub font: Option<f64>,
}

/// What the tiles of a heatmap must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// The width of the widest value at a size of one.
    pub width: f64,
    /// The lines of text in a tile.
    pub lines: usize,
    /// Whether arrows point beyond the left border.
    pub arrows_left: bool,
    /// Whether a ridge with its intervals is laid over them.
    pub ridge: bool,
}

impl Layout {
    /// Lays out the panels of `view`: as many side by side as leave room for the values in their tiles.
    pub fn of(view: &View, needs: Needs) -> Layout {
        let (across, up) = (Ruler::of(&view.across), Ruler::of(&view.up));
        let ticks = view.up.labels.iter().map(|label| font::width(label, TICK)).fold(0.0, f64::max);
        let left = if view.up.name.is_some() { 96.0 + ticks } else { 60.0 };
        let left = if needs.arrows_left { left + ARROW } else { left };
        let (count, room) = (view.panels.len().max(1), WIDTH - left - BAR - ARROW);
        let wide = |columns: usize| (room - (columns - 1) as f64 * (ARROW + 20.0)) / columns as f64;
        let fits = |columns: &usize| across.narrowest() * wide(*columns) >= needs.width * SMALLEST + PADDING;
        // Two studies are looked at side by side, whether or not values fit into their tiles.
        let studies = view.panel_axis.as_deref() == Some(STUDY);
        let columns = (1..=count.min(3)).rev().find(fits).unwrap_or(if count > 3 { 2 } else { 1 });
        let columns = if studies { count.min(2) } else { columns };
        let rows = count.div_ceil(columns);
        let tall = height(view, needs.lines) / rows as f64;
        let tall = tall.max(least(view, needs.lines));
        let titles = if view.panel_axis.is_some() { PANEL_TITLE } else { 0.0 };
        let panels: Vec<Rect> = (0..count)
            .map(|index| {
                let (row, column) = (index / columns, index % columns);
                let left = left + column as f64 * (wide(columns) + ARROW + 20.0);
                let top = HEADING + titles + row as f64 * (tall + titles + TICKS);
                Rect { left, top, right: left + wide(columns), bottom: top + tall }
            })
            .collect();
        let end = HEADING + rows as f64 * (titles + tall + TICKS) + AXIS_TITLE;
        let top = HEADING + titles;
        let bar_left = WIDTH - BAR + 22.0;
        let bar = Rect { left: bar_left, top, right: bar_left + 28.0, bottom: top + tall.min(460.0) };
        let tile = (across.narrowest() * wide(columns), up.narrowest() * tall);
        let high = tile.1 - 6.0 - if needs.ridge { INTERVAL } else { 0.0 };
        let font = ((tile.0 - 8.0) / needs.width).min(high / (needs.lines as f64 * 1.25)).min(LARGEST);
        let font = Some(font.floor()).filter(|font| *font >= SMALLEST && !view.scattered());
        Layout { panels, columns, across, up, bar, up_title: 46.0, legend: (left, end + 34.0), font }
    }

    /// The tile of a level across and a level up in a panel.
    pub fn tile(&self, panel: &Rect, across: usize, up: usize) -> Rect {
        let ((left, right), (low, high)) = (self.across.tile(across), self.up.tile(up));
        Rect {
            left: panel.left + left * panel.width(),
            right: panel.left + right * panel.width(),
            top: panel.bottom - high * panel.height(),
            bottom: panel.bottom - low * panel.height(),
        }
    }

    /// The place of a pair of lines in a panel.
    pub fn place(&self, panel: &Rect, across: f64, up: f64) -> (f64, f64) {
        (
            panel.left + self.across.share(across) * panel.width(),
            panel.bottom - self.up.share(up) * panel.height(),
        )
    }
}

/// The least height of a panel: its rows of text, or room for points.
fn least(view: &View, lines: usize) -> f64 {
    match (view.up.name.is_some(), view.scattered()) {
        (false, _) => LOW,
        (true, true) => 420.0,
        (true, false) => LOW.max(view.up.labels.len() as f64 * (lines as f64 * 26.0 + 8.0)),
    }
}

/// The height that all rows of panels together aim at: tiles grow with the page, but not beyond what they hold.
fn height(view: &View, lines: usize) -> f64 {
    let most = view.up.labels.len() as f64 * (120.0 + 15.0 * lines as f64);
    match (view.up.name.is_some(), view.scattered()) {
        (false, _) => LOW,
        (true, true) => TALL,
        (true, false) => TALL.min(most),
    }
}

/// Room in a tile beside its text, for the dot of a best one.
const PADDING: f64 = 26.0;
/// Room under the text of a tile for the interval of a best learning rate; where there is none, values are left out.
const INTERVAL: f64 = 10.0;
/// The smallest size of text in a tile that is legible at half the picture's size.
const SMALLEST: f64 = 16.0;
/// The largest size of text in a tile.
const LARGEST: f64 = 27.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(lines: &[f64]) -> Levels {
        let labels = lines.iter().map(f64::to_string).collect();
        Levels { name: Some("lr".into()), labels, lines: lines.to_vec(), continuous: None, scale: None }
    }

    #[test]
    fn tiles_meet_at_midpoints() {
        let ruler = Ruler::of(&levels(&[0.0, 1.0, 3.0]));
        assert_eq!(ruler.edges, [-0.5, 0.5, 2.0, 4.0]);
        assert_eq!(ruler.tile(1), (1.0 / 4.5, 2.5 / 4.5));
        assert_eq!(ruler.narrowest(), 1.0 / 4.5);
        assert_eq!(Ruler::of(&levels(&[2.0])).edges, [1.5, 2.5]);
        let continuous = Levels { continuous: Some((0.0, 1.0)), ..levels(&[0.2, 0.7]) };
        assert_eq!(Ruler::of(&continuous).edges, [-0.04, 1.04]);
    }
}
