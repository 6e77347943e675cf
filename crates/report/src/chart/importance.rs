//! Which parameter mattered: shares of the variance over the grid as bars.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::font;
use super::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene, WHITE};
use super::draw::sheet::Sheet;
use super::draw::sizes::{AXIS, TICK};
use super::draw::title::{heading, title};
use crate::facts::Facts;
use crate::text;

/// The chart.
pub const CHART: Chart = Chart {
    name: "importance",
    caption: "The shares of the variance due to single parameters and pairs of them: over the grid, or of a polynomial \
              fitted to the points drawn.",
    shows: |_, facts| facts.importance.as_ref().is_some_and(|importance| importance.shares.len() > 1),
    needs_curves: false,
    scene,
};

/// The most bars drawn.
const MOST: usize = 12;
/// The height of a bar with the room to the next.
const LINE: f64 = 58.0;
/// The colour of a parameter alone.
const ALONE: Rgb = Rgb(0x41, 0x44, 0x87);
/// The colour of two that interact.
const TOGETHER: Rgb = Rgb(0x2a, 0x78, 0x8e);

/// One bar.
struct Bar {
    name: String,
    share: f64,
    /// The ends of the interval.
    ends: Option<(f64, f64)>,
    colour: Rgb,
}

impl Bar {
    /// What stands behind it.
    fn words(&self) -> String {
        let interval = self.ends.map(|(low, high)| format!(" ({:.1} to {:.1})", 100.0 * low, 100.0 * high));
        format!("{:.1} %{}", 100.0 * self.share, interval.unwrap_or_default())
    }

    /// How far it reaches with its interval.
    fn reach(&self) -> f64 {
        self.ends.map_or(self.share, |(_, high)| high.max(self.share))
    }
}

/// An interval across the end of a bar, light within the bar and dark beyond it.
fn interval(scene: &mut Scene, low: f64, high: f64, y: f64, end: f64) {
    let mut line = |from: (f64, f64), to: (f64, f64), colour| scene.line(&[from, to], colour, 3.0);
    line((low, y), (high.min(end), y), WHITE);
    line((end, y), (high.max(end), y), INK);
    line((low, y - 8.0), (low, y + 8.0), if low < end { WHITE } else { INK });
    line((high, y - 8.0), (high, y + 8.0), if high < end { WHITE } else { INK });
}

/// A bar for each parameter and each pair of them, the largest first, as shares of the variance of the metric (of its
/// logarithm for a loss) over the grid, or of a polynomial through points drawn.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let mut scene = sheet.scene();
    let mut bars: Vec<Bar> = Vec::new();
    let log = if facts.measure.logarithmic() { "log " } else { "" };
    let surrogate = facts.importance.as_ref().and_then(|importance| importance.surrogate.as_ref());
    let over = match surrogate {
        None => " over the grid".to_owned(),
        Some(surrogate) => {
            format!(" (a polynomial that predicts {:.0} %)", 100.0 * surrogate.predicted)
        }
    };
    let mut subtitle =
        format!("Share of the variance of the {log}{}{over}", text::metric_name(&facts.metric));
    if let Some(importance) = &facts.importance {
        bars.extend(importance.shares.iter().take(MOST).map(|share| {
            let colour = if share.parameters.len() > 1 { TOGETHER } else { ALONE };
            let names: Vec<String> = share.parameters.iter().map(|name| text::parameter(name)).collect();
            Bar { name: names.join(" × "), share: share.share, ends: share.low.zip(share.high), colour }
        }));
        let shown: f64 = bars.iter().map(|bar| bar.share).sum();
        if 1.0 - shown > 5e-4 {
            bars.push(Bar { name: "the rest".to_owned(), share: 1.0 - shown, ends: None, colour: GREY });
        }
        if bars.iter().any(|bar| bar.ends.is_some()) {
            subtitle += "; 95 % intervals";
        }
        if importance.penalised > 0 {
            let points = text::count(importance.penalised as u64, "point");
            subtitle += &format!("; {points} without a value count as worst");
        }
    }
    let margin = sheet.margin(60.0);
    let end = heading(&mut scene, margin, &title(&record.study, facts), &subtitle);
    // On a narrow sheet a name stands over its bar.
    let widest = bars.iter().map(|bar| font::width(&bar.name, AXIS)).fold(0.0, f64::max);
    let label = if sheet.narrow() { margin } else { margin + widest + 24.0 };
    let line = if sheet.narrow() { 1.7 * LINE } else { LINE };
    let longest = bars.iter().map(|bar| font::width(&bar.words(), TICK)).fold(0.0, f64::max);
    let reach = bars.iter().map(Bar::reach).fold(0.0, f64::max);
    let (top, room) = (end + 38.0, (scene.width - label - longest - 40.0) / reach.max(1e-3));
    for (index, bar) in bars.iter().enumerate() {
        let y = top + (index as f64 + 1.0) * line - 0.5 * LINE;
        let Bar { name, share, ends, colour } = bar;
        let rect = Rect { left: label, top: y - 19.0, right: label + share * room, bottom: y + 19.0 };
        scene.fill(rect, *colour);
        if sheet.narrow() {
            scene.text((label, y - 38.0), name, AXIS, INK, Anchor::Start);
        } else {
            scene.text((label - 16.0, y), name, AXIS, INK, Anchor::End);
        }
        let mut right = rect.right;
        if let Some((low, high)) = ends.map(|(low, high)| (label + low * room, label + high * room)) {
            interval(&mut scene, low, high, y, rect.right);
            right = right.max(high);
        }
        scene.text((right + 14.0, y), bar.words(), TICK, INK, Anchor::Start);
    }
    scene.height = (top + bars.len() as f64 * line + 40.0).ceil();
    scene.line(&[(label, top), (label, scene.height - 40.0)], GREY, 2.0);
    scene
}
