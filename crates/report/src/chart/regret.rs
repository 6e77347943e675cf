//! The matrix of regret: what keeping the learning rate of one schedule costs under another, one square a batch size.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::colour::{on, shade};
use super::draw::font;
use super::draw::scene::{Anchor, GREY, INK, PALE, Rect, Scene, WHITE};
use super::draw::sizes::{AXIS, TICK, WIDTH};
use super::draw::title::{heading, title};
use crate::facts::{Estimate, Facts, Regret};
use crate::format::brief;
use crate::{format, text};

/// The chart.
pub const CHART: Chart = Chart {
    name: "regret",
    caption: "How much worse the schedule of a row does with the best learning rate of a column's schedule than with \
              its own, with 95 % intervals where seeds allow.",
    applies: |_, facts| !facts.regret.is_empty(),
    needs_curves: false,
    scene,
};

/// The most squares drawn.
const MOST: usize = 6;
/// The most schedules of squares that stand side by side.
const MOST_ABREAST: usize = 3;
/// Where the page's content begins.
const LEFT: f64 = 60.0;
/// The regret at and above which a tile is darkest.
const DARKEST: f64 = 1.0;

/// For each batch size a square: down the schedule that is trained with, across the one whose best learning rate is
/// kept, in the tile by how much the first is worse than at its own best, with its 95 % interval.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let mut scene = Scene::new(WIDTH, 0.0);
    let mut subtitle =
        format!("Rise of the {} when one schedule keeps the best η of another", text::metric(facts));
    let mut estimates = facts.regret.iter().flat_map(|regret| regret.matrix.iter().flatten());
    if estimates.any(|estimate| estimate.low.is_some() && estimate.estimate != Some(0.0)) {
        subtitle += "; 95 % intervals";
    }
    if facts.regret.len() > MOST {
        subtitle += &format!("; {MOST} of {} batch sizes shown", facts.regret.len());
    }
    heading(&mut scene, LEFT, &title(&record.study, facts), &subtitle);
    let count = facts.regret.len().clamp(1, MOST);
    let schedules = facts.regret.iter().map(|regret| regret.schedules.len()).max().unwrap_or(0);
    // Side by side only where the tiles have room for their words.
    let columns = if schedules > MOST_ABREAST {
        1
    } else if count > 4 {
        3
    } else {
        count.min(2)
    };
    let names = facts.regret.iter().flat_map(|regret| &regret.schedules);
    let margin = 24.0 + names.map(|name| font::width(name, TICK)).fold(0.0, f64::max);
    let wide = (WIDTH - 2.0 * LEFT) / columns as f64 - margin - 40.0;
    let high = (wide * 0.62).min(520.0).min(90.0 * schedules as f64);
    for (index, regret) in facts.regret.iter().take(MOST).enumerate() {
        let (row, column) = (index / columns, index % columns);
        let left = LEFT + margin + column as f64 * (wide + margin + 40.0);
        let top = 200.0 + row as f64 * (high + 170.0);
        let rect = Rect { left, top, right: left + wide, bottom: top + high };
        square(&mut scene, record, regret, rect);
    }
    scene.height = (200.0 + count.div_ceil(columns) as f64 * (high + 170.0) - 40.0).ceil();
    scene
}

fn square(scene: &mut Scene, record: &StudyRecord, regret: &Regret, rect: Rect) {
    if let Some(batch) = regret.batch {
        let words = format!("B = {}", text::batch_size(&record.study, batch));
        scene.text((rect.left, rect.top - 26.0), words, AXIS, INK, Anchor::Start);
    }
    let count = regret.schedules.len() as f64;
    let (wide, high) = (rect.width() / count, rect.height() / count);
    for (under, (row, name)) in regret.matrix.iter().zip(&regret.schedules).enumerate() {
        let top = rect.top + under as f64 * high;
        scene.text((rect.left - 14.0, top + high / 2.0), name, TICK, INK, Anchor::End);
        for (of, estimate) in row.iter().enumerate() {
            let left = rect.left + of as f64 * wide;
            let tile = Rect { left, top, right: left + wide, bottom: top + high };
            self::tile(scene, estimate, tile.inset(1.5), under == of);
        }
    }
    let under = (rect.centre().0, rect.bottom + 86.0);
    scene.text(under, "at the best η of", TICK, INK, Anchor::Middle);
    for (of, (name, rate)) in regret.schedules.iter().zip(&regret.rates).enumerate() {
        let x = rect.left + (of as f64 + 0.5) * wide;
        let rate = rate.map_or(String::new(), |rate| format!("η = {}", format::short(rate)));
        let name = font::cut(name, TICK, wide - 8.0);
        scene.text((x, rect.bottom + 26.0), name, TICK, INK, Anchor::Middle);
        scene.text((x, rect.bottom + 54.0), rate, TICK, GREY, Anchor::Middle);
    }
}

/// A share as per cent, with the digits that a tile has room for.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let digits = usize::from(percent.abs() < 9.95);
    let zero = share == 0.0 || percent.abs() < 0.05;
    if zero { "0".to_owned() } else { format!("{percent:.digits$}").replace('-', "−") }
}

fn tile(scene: &mut Scene, estimate: &Estimate, rect: Rect, own: bool) {
    let (x, y) = rect.centre();
    let Some(regret) = estimate.estimate else {
        scene.fill(rect, WHITE);
        scene.frame(rect, PALE, 2.0);
        return scene.text((x, y), "not run or failed", TICK - 4.0, GREY, Anchor::Middle);
    };
    let ground = shade((regret / DARKEST).clamp(0.0, 1.0));
    scene.fill(rect, ground);
    let ink = on(ground);
    let ratio = estimate.unit != "metric";
    let number = |x: f64| if ratio { percent(x) } else { brief(x) };
    let unit = if ratio { " %" } else { "" };
    if own {
        return scene.text((x, y), "its own", TICK, ink, Anchor::Middle);
    }
    let sign = if regret > 0.0 { "+" } else { "" };
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => {
            scene.text((x, y - 14.0), format!("{sign}{}{unit}", number(regret)), AXIS, ink, Anchor::Middle);
            let words = format!("{} to {}", number(low), number(high));
            scene.text((x, y + 18.0), words, TICK - 3.0, ink, Anchor::Middle);
        }
        _ => scene.text((x, y), format!("{sign}{}{unit}", number(regret)), AXIS, ink, Anchor::Middle),
    }
}
