//! The matrix of regret: what keeping the learning rate of one schedule costs under another, one square a batch size.

use sweep_settings::{plain, round_significant};
use sweep_study::StudyRecord;

use super::Chart;
use super::draw::colour::{Gaps, on, shade};
use super::draw::colourbar::ColourBar;
use super::draw::labels::{self, Style};
use super::draw::scene::{Anchor, GREY, INK, PALE, Rect, Scene, WHITE};
use super::draw::sheet::Sheet;
use super::draw::sizes::{AXIS, TICK, WIDTH};
use super::draw::title::{heading, title};
use super::draw::{font, marks};
use super::entry::differ;
use crate::facts::{Estimate, Facts, Regret};
use crate::format::brief;
use crate::{format, text};

/// The chart.
pub const CHART: Chart = Chart {
    name: "regret",
    caption: "How much worse the schedule of a row does with the best learning rate of a column's schedule than with \
              its own, with 95 % intervals where seeds allow.",
    shows: |_, facts| !shown(facts).is_empty(),
    needs_curves: false,
    scene,
};

/// The most squares drawn.
const MOST: usize = 6;
/// The least width and height of a tile: its cost with an interval, and the names under it.
const WORDS: f64 = 128.0;
const LINES: f64 = 66.0;
/// Where the page's content begins.
const LEFT: f64 = 60.0;
/// The size of second lines and remarks within a tile.
const SMALL: f64 = 19.0;
/// What stands where a schedule was not trained with a rate, the longest wording first.
const NOT_RUN: [&str; 3] = ["not run or failed", "not run", "–"];
/// Room for the colour bar with its labels.
const BAR: f64 = 190.0;
/// Room under a square for its names and rates.
const UNDER: f64 = 170.0;

/// The squares that show something: in which one schedule was trained with the best learning rate of another, and the
/// two differ.
fn shown(facts: &Facts) -> Vec<&Regret> {
    let moved = |regret: &&Regret| {
        differ(regret.rates.iter().copied().flatten()) && gaps(regret).any(|gap| gap.is_finite())
    };
    facts.regret.iter().filter(moved).collect()
}

/// What moving from one schedule's best learning rate to another's costs, where that was run.
fn gaps(regret: &Regret) -> impl Iterator<Item = f64> {
    let row = |(under, row): (usize, &Vec<Estimate>)| {
        let other = row.iter().enumerate().filter(move |(of, _)| *of != under);
        other.filter_map(|(_, estimate)| estimate.estimate).collect::<Vec<_>>()
    };
    regret.matrix.iter().enumerate().flat_map(row)
}

/// For each batch size a square: down the schedule that is trained with, across the one whose best learning rate is
/// kept, in the tile by how much the first is worse than at its own best, with its 95 % interval.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let mut scene = sheet.scene();
    let all = shown(facts);
    let margin = sheet.margin(LEFT);
    let words = subtitle(record, facts, &all);
    let top = heading(&mut scene, margin, &title(&record.study, facts), &words) + 90.0;
    let scale = Gaps::of(all.iter().flat_map(|regret| gaps(regret)).map(|gap| gap.max(0.0)), None);
    let count = all.len().clamp(1, MOST);
    let schedules = all.iter().map(|regret| regret.schedules.len()).max().unwrap_or(0);
    let names = all.iter().flat_map(|regret| &regret.schedules);
    let names = 24.0 + names.map(|name| font::width(name, TICK)).fold(0.0, f64::max);
    let beside = if sheet.narrow() { 0.0 } else { BAR };
    let wide = |columns: usize| (scene.width - 2.0 * margin - beside) / columns as f64 - names - 40.0;
    // Side by side only where the tiles have room for their words.
    let room = WORDS * schedules as f64;
    let columns = (1..=count.min(3)).rev().find(|columns| wide(*columns) >= room).unwrap_or(1);
    let wide = wide(columns);
    let high = (wide * 0.62).min(520.0).min(90.0 * schedules as f64).max(LINES * schedules as f64);
    for (index, regret) in all.iter().take(MOST).enumerate() {
        let (row, column) = (index / columns, index % columns);
        let left = margin + names + column as f64 * (wide + names + 40.0);
        let top = top + row as f64 * (high + UNDER);
        let rect = Rect { left, top, right: left + wide, bottom: top + high };
        square(&mut scene, record, &scale, regret, rect);
    }
    let bottom = top + count.div_ceil(columns) as f64 * (high + UNDER) - UNDER;
    let end = bottom + UNDER - 40.0;
    let place = match sheet {
        Sheet::Wide => (WIDTH - LEFT - BAR + 30.0, top, bottom.min(top + 460.0)),
        Sheet::Narrow => (margin, end + 50.0, end + 360.0),
    };
    let rect = Rect { left: place.0, top: place.1, right: place.0 + 28.0, bottom: place.2 };
    bar(&mut scene, facts, &all, &scale, (rect, sheet.narrow()));
    scene.height = end.max(rect.bottom + 40.0).ceil();
    scene
}

/// Whether the costs are shares, to be written in percent.
fn in_percent(all: &[&Regret]) -> bool {
    all.iter().flat_map(|regret| regret.matrix.iter().flatten()).all(|estimate| estimate.unit != "metric")
}

fn subtitle(record: &StudyRecord, facts: &Facts, all: &[&Regret]) -> String {
    let mut text = format!("Cost of one schedule's best η under another, in {}", text::metric(facts));
    let mut estimates = all.iter().flat_map(|regret| regret.matrix.iter().flatten());
    if estimates.any(|estimate| estimate.low.is_some() && estimate.estimate != Some(0.0)) {
        text += "; 95 % intervals";
    }
    if all.len() > MOST {
        text += &format!("; {MOST} of {} batch sizes shown", all.len());
    }
    let same = facts.regret.iter().filter(|regret| !differ(regret.rates.iter().copied().flatten()));
    let same: Vec<String> =
        same.filter_map(|regret| regret.batch.map(|batch| text::batch_size(&record.study, batch))).collect();
    if !same.is_empty() {
        text += &format!("; one best η for all at B = {}", text::list(&same));
    }
    text
}

fn bar(scene: &mut Scene, facts: &Facts, all: &[&Regret], scale: &Gaps, (rect, over): (Rect, bool)) {
    let ratio = in_percent(all);
    let label = |gap: f64| match (ratio, gap) {
        (_, 0.0) => "0".to_owned(),
        (true, gap) => format!("+{} %", plain(round_significant(100.0 * gap, 2))),
        (false, gap) => format!("+{}", plain(gap)),
    };
    let bar = ColourBar {
        rect,
        over,
        paint: shade,
        falls: false,
        ticks: scale.ticks().into_iter().map(|(share, gap)| (share, label(gap))).collect(),
        titles: [text::metric(facts), text::metric_name(&facts.metric), "metric".to_owned()]
            .map(|metric| format!("{metric} worse by (log scale)"))
            .to_vec(),
    };
    bar.draw(scene);
}

fn square(scene: &mut Scene, record: &StudyRecord, scale: &Gaps, regret: &Regret, rect: Rect) {
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
            self::tile(scene, scale, estimate, tile.inset(1.5), under == of);
        }
    }
    let under = (rect.centre().0, rect.bottom + 86.0);
    scene.text(under, "at the best η of", TICK, INK, Anchor::Middle);
    let mut rates = Vec::new();
    for (of, (name, rate)) in regret.schedules.iter().zip(&regret.rates).enumerate() {
        let x = rect.left + (of as f64 + 0.5) * wide;
        let name = font::cut(name, TICK, wide - 8.0);
        scene.text((x, rect.bottom + 26.0), name, TICK, INK, Anchor::Middle);
        if let Some(rate) = rate {
            let words = format!("η = {}", format::short(*rate));
            let words = if font::width(&words, SMALL) < wide { words } else { format::short(*rate) };
            rates.push(((x, rect.bottom + 54.0), words));
        }
    }
    let narrow = rates.iter().any(|(_, words)| font::width(words, TICK) > wide - 8.0);
    let style = Style { size: if narrow { SMALL } else { TICK }, colour: GREY };
    labels::along(scene, &rates, style, Anchor::Middle);
}

/// A share as per cent, with the digits that a tile has room for.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let digits = usize::from(percent.abs() < 9.95);
    let zero = share == 0.0 || percent.abs() < 0.05;
    if zero { "0".to_owned() } else { format!("{percent:.digits$}").replace('-', "−") }
}

fn tile(scene: &mut Scene, scale: &Gaps, estimate: &Estimate, rect: Rect, own: bool) {
    let (x, y) = rect.centre();
    let Some(regret) = estimate.estimate else {
        scene.fill(rect, WHITE);
        scene.frame(rect, PALE, 2.0);
        let fits = |words: &&&str| font::width(words, SMALL) + 8.0 <= rect.width();
        let words = NOT_RUN.iter().find(fits).copied().unwrap_or_default();
        return scene.text((x, y), words, SMALL, GREY, Anchor::Middle);
    };
    let ground = shade(scale.share(regret));
    scene.fill(rect, ground);
    let ink = on(ground);
    let ratio = estimate.unit != "metric";
    let number = |x: f64| if ratio { percent(x) } else { brief(x) };
    let unit = if ratio { " %" } else { "" };
    if own {
        return match fitting("its own", TICK, rect) {
            Some(size) => scene.text((x, y), "its own", size, ink, Anchor::Middle),
            None => marks::small_dot(scene, (x, y)),
        };
    }
    let sign = if regret > 0.0 { "+" } else { "" };
    let words = format!("{sign}{}{unit}", number(regret));
    let Some(size) = fitting(&words, AXIS, rect) else { return };
    let interval = estimate.low.zip(estimate.high);
    let interval = interval.map(|(low, high)| format!("{} to {}", number(low), number(high)));
    match interval.filter(|words| fitting(words, SMALL, rect).is_some()) {
        Some(interval) => {
            scene.text((x, y - 14.0), words, size, ink, Anchor::Middle);
            scene.text((x, y + 18.0), interval, SMALL, ink, Anchor::Middle);
        }
        None => scene.text((x, y), words, size, ink, Anchor::Middle),
    }
}

/// The largest size up to `most` at which a text fits into a tile; none where that would be too small.
fn fitting(text: &str, most: f64, tile: Rect) -> Option<f64> {
    let size = most.min((tile.width() - 6.0) / font::width(text, 1.0));
    (size >= SMALL).then_some(size)
}
