//! Where the panels of a heatmap stand on the page, and where a value lies within a panel.

use crate::chart::draw::font;
use crate::chart::draw::scene::{Place, Rect};
use crate::chart::draw::sheet::Sheet;
use crate::chart::draw::sizes::{ARROW, TICK};
use crate::chart::draw::view::{Levels, View};
use crate::facts::STUDY;

/// The height that the panels together aim at.
const TALL: f64 = 620.0;
/// The most that it may be for the sake of values in low rows.
const HIGHEST: f64 = 1000.0;
/// The height of a panel of a single row.
const LOW: f64 = 230.0;
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
    /// Where the legend begins, left and top, and how far right it may reach.
    pub legend: Rect,
    /// The text in tiles; `None` where it does not fit.
    pub text: Option<TileText>,
    /// The room under the text of a tile, for the interval of a best learning rate.
    pub interval: f64,
}

/// The text of tiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileText {
    /// Its size.
    pub size: f64,
    /// Whether the dot of a best one stands over it rather than before it.
    pub dot_over: bool,
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
    /// Lays out the panels of `view` from `top` on: as many side by side as leave room for the values in their tiles.
    pub fn of(view: &View, needs: Needs, sheet: Sheet, top: f64) -> Layout {
        let (across, up) = (Ruler::of(&view.across), Ruler::of(&view.up));
        let left = left(view, needs, sheet);
        let bar = if sheet.narrow() { 10.0 } else { BAR };
        let (count, room) = (view.panels.len().max(1), sheet.width() - left - bar - ARROW);
        let wide = |columns: usize| (room - (columns - 1) as f64 * (ARROW + 20.0)) / columns as f64;
        let fits = |columns: &usize| across.narrowest() * wide(*columns) >= needs.width * SMALLEST + PADDING;
        // Two studies are looked at side by side, whether or not values fit into their tiles.
        let studies = view.panel_axis.as_deref() == Some(STUDY);
        let columns = (1..=count.min(3)).rev().find(fits).unwrap_or(if count > 3 { 2 } else { 1 });
        let columns = if studies { count.min(2) } else { columns };
        let columns = if sheet.narrow() { 1 } else { columns };
        let rows = count.div_ceil(columns);
        let tall = height(view, needs) / rows as f64;
        let tall = tall.max(least(view, needs));
        // Rows of batch sizes close to each other make all higher, where that gives room for values.
        let higher = needs.row() / up.narrowest();
        let wide_enough = across.narrowest() * wide(columns) >= needs.width * SMALLEST + PADDING;
        let tall = if wide_enough && higher <= HIGHEST && !sheet.narrow() { tall.max(higher) } else { tall };
        let titles = if view.panel_axis.is_some() { PANEL_TITLE } else { 0.0 };
        let panels: Vec<Rect> = (0..count)
            .map(|index| {
                let (row, column) = (index / columns, index % columns);
                let left = left + column as f64 * (wide(columns) + ARROW + 20.0);
                let top = top + titles + row as f64 * (tall + titles + TICKS);
                Rect { left, top, right: left + wide(columns), bottom: top + tall }
            })
            .collect();
        let end = top + rows as f64 * (titles + tall + TICKS) + AXIS_TITLE;
        let (bar_left, bar_top) = (sheet.width() - BAR + 22.0, top + titles);
        let bar =
            Rect { left: bar_left, top: bar_top, right: bar_left + 28.0, bottom: bar_top + tall.min(460.0) };
        let tile = (across.narrowest() * wide(columns), up.narrowest() * tall);
        let text = needs.text(tile, sheet).filter(|_| !view.scattered());
        let up_title = if sheet.narrow() { 26.0 } else { 46.0 };
        let legend =
            Rect { left: sheet.margin(left), top: end + 34.0, right: sheet.width() - 20.0, bottom: end };
        Layout { panels, columns, across, up, bar, up_title, legend, text, interval: needs.interval() }
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

impl Needs {
    /// The size of the text in tiles of a width and a height, and whether the dot of a best one stands over it rather
    /// than before it, whichever leaves more room; none where it would be too small.
    fn text(&self, tile: Place, sheet: Sheet) -> Option<TileText> {
        let (lines, high) = (self.lines as f64 * LINE, tile.1 - 6.0 - self.interval());
        let size = |wide: f64, high: f64| ((wide - 8.0) / self.width).min(high / lines).min(LARGEST).floor();
        let (over, before) = (size(tile.0, high - DOT), size(tile.0 - DOT, high));
        let smallest = if sheet.narrow() { NARROW_SMALLEST } else { SMALLEST };
        let text = TileText { size: over.max(before), dot_over: over >= before };
        (text.size >= smallest).then_some(text)
    }

    /// The least height of the narrowest row in which text fits.
    fn row(&self) -> f64 {
        self.lines as f64 * LINE * SMALLEST + 7.0 + self.interval()
    }

    /// The room under the text of a tile.
    pub fn interval(&self) -> f64 {
        if self.ridge { INTERVAL } else { 0.0 }
    }
}

/// Where the first panel begins.
pub fn left(view: &View, needs: Needs, sheet: Sheet) -> f64 {
    let ticks = view.up.labels.iter().map(|label| font::width(label, TICK)).fold(0.0, f64::max);
    let title = if sheet.narrow() { 62.0 } else { 96.0 };
    let left = if view.up.name.is_some() { title + ticks } else { 60.0 };
    if needs.arrows_left { left + ARROW } else { left }
}

/// The least height of a panel: its rows of text, or room for points.
fn least(view: &View, needs: Needs) -> f64 {
    let row = needs.lines as f64 * 26.0 + 8.0 + needs.interval();
    match (view.up.name.is_some(), view.scattered()) {
        (false, _) => LOW,
        (true, true) => 420.0,
        (true, false) => LOW.max(view.up.labels.len() as f64 * row),
    }
}

/// The height that all rows of panels together aim at: tiles grow with the page, but not beyond what they hold.
fn height(view: &View, needs: Needs) -> f64 {
    let most = view.up.labels.len() as f64 * (120.0 + 15.0 * needs.lines as f64);
    match (view.up.name.is_some(), view.scattered()) {
        (false, _) => LOW,
        (true, true) => TALL,
        (true, false) => TALL.min(most),
    }
}

/// Room in a tile beside its text, for the dot of a best one.
const PADDING: f64 = 26.0;
/// Room under the text of a tile for the interval of a best learning rate; where there is none, values are left out.
pub const INTERVAL: f64 = 18.0;
/// Room of the dot of a best one over or before the text of its tile.
pub const DOT: f64 = 20.0;
/// The height of a line of text in ems.
pub const LINE: f64 = 1.25;
/// The smallest size of text in a tile on a narrow sheet.
const NARROW_SMALLEST: f64 = 20.0;
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
