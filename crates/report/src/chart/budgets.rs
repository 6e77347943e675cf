//! The batch sizes at equal epochs, equal steps and equal seconds: how the best one moves with what is held equal.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::key::{line_colour, swatches};
use super::draw::plot::{Look, Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene, WHITE};
use super::draw::sizes::{AXIS, TICK, WIDTH};
use super::draw::title::{data, heading, model};
use super::draw::{font, marks, ticks};
use super::entry::differ;
use crate::budget_unit::BudgetUnit;
use crate::facts::{EqualBest, EqualBudget, Facts, equal_budget};
use crate::format::brief;
use crate::{format, text};

/// The chart.
pub const CHART: Chart = Chart {
    name: "budgets",
    caption: "The same trials read at equal budgets: the best batch size depends on what is held equal. Seconds are \
              those of the machine on which the study ran.",
    shows: some,
    needs_curves: false,
    scene,
};

/// Where the first panel begins.
const LEFT: f64 = 150.0;
/// Room between panels, for the labels of the next one's axis.
const GAP: f64 = 116.0;
/// The colour of a single line.
const BLUE: Rgb = Rgb(59, 82, 139);

/// Whether there are units enough by which all trials can be read. Reading them by seconds takes longest and comes
/// last.
fn some(record: &StudyRecord, facts: &Facts) -> bool {
    let compared = |equal: &EqualBudget| differ(equal.per_batch.iter().map(|row| row.batch));
    match facts.equal_budgets.iter().filter(|equal| compared(equal)).count() {
        0 => false,
        1 => equal_budget(record, BudgetUnit::Seconds).is_some_and(|equal| compared(&equal)),
        _ => true,
    }
}

/// The panels that a study has: those units by which all its trials can be read.
pub fn panels(record: &StudyRecord, facts: &Facts) -> Vec<EqualBudget> {
    let mut all = facts.equal_budgets.clone();
    all.extend(equal_budget(record, BudgetUnit::Seconds));
    all
}

/// A panel for each unit: the value of each batch size at its own best measured learning rate against the batch size,
/// with standard errors; a ring marks the best, named with its learning rate.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let all = panels(record, facts);
    let study = &record.study;
    let mut scene = Scene::new(WIDTH, 860.0);
    let seeds = text::count(u64::from(facts.replicates), "seed");
    let ways = if all.len() == 2 { "two" } else { "three" };
    let parts = [Some(data(study)), model(study), Some(format!("one study, read {ways} ways")), Some(seeds)];
    let heading_words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let metric = text::capital(&text::metric_name(&facts.metric));
    let bars = if facts.replicates > 1 { "bars: standard errors, " } else { "" };
    let subtitle = format!("{metric} of each batch size at its own best measured η; {bars}ring: the best");
    heading(&mut scene, LEFT, &heading_words, &subtitle);
    let mut names: Vec<Option<String>> = Vec::new();
    for row in all.iter().flat_map(|equal| &equal.per_batch) {
        if !names.contains(&row.panel) {
            names.push(row.panel.clone());
        }
    }
    let key = if names.len() > 1 { 230.0 } else { 20.0 };
    let count = all.len().max(1) as f64;
    let wide = (WIDTH - LEFT - 40.0 - key - (count - 1.0) * GAP) / count;
    for (index, equal) in all.iter().enumerate() {
        let left = LEFT + index as f64 * (wide + GAP);
        let rect = Rect { left, top: 196.0, right: left + wide, bottom: 740.0 };
        panel(&mut scene, facts, equal, &names, rect);
    }
    scene.text_upward((40.0, 468.0), text::metric_name(&facts.metric), AXIS, INK);
    if names.len() > 1 {
        let entries: Vec<(Rgb, String)> = (0..names.len())
            .map(|index| {
                (colour(index, names.len()), names.get(index).cloned().flatten().unwrap_or_default())
            })
            .collect();
        swatches(&mut scene, &entries, (WIDTH - key - 10.0, 196.0), 400.0);
    }
    if all.is_empty() {
        scene.text((LEFT, 220.0), "no batch sizes to compare", AXIS, GREY, Anchor::Start);
    }
    scene
}

fn colour(index: usize, count: usize) -> Rgb {
    if count < 2 { BLUE } else { line_colour(index as f64 / (count - 1) as f64 * 0.85) }
}

fn panel(scene: &mut Scene, facts: &Facts, equal: &EqualBudget, names: &[Option<String>], rect: Rect) {
    let rows = || equal.per_batch.iter();
    let ends = rows().flat_map(|row| {
        let error = row.stderr.unwrap_or(0.0);
        [row.value - error, row.value + error]
    });
    let across = Range::around(rows().map(|row| row.batch), true);
    let plot = Plot { rect, across, up: roomy(Range::around(ends, facts.metric.ends_with("loss"))) };
    plot.axes_of_batches(scene, rows().map(|row| row.batch));
    plot.title(scene, &format!("equal {}: {}", equal.unit, brief(equal.amount)), "");
    for (index, name) in names.iter().enumerate() {
        let own: Vec<&EqualBest> = rows().filter(|row| row.panel == *name).collect();
        let colour = colour(index, names.len());
        let points: Vec<(f64, f64)> = own.iter().map(|row| (row.batch, row.value)).collect();
        plot.line(scene, &points, None, Look { colour, width: 3.5, dots: false });
        for row in own {
            if let Some(error) = row.stderr {
                let (x, low) = plot.place(row.batch, row.value - error);
                scene.line(&[(x, low), (x, plot.place(row.batch, row.value + error).1)], colour, 3.0);
            }
            scene.disc(plot.place(row.batch, row.value), 7.0, colour);
        }
    }
    if let Some(best) = rows().find(|row| row.best) {
        winner(
            scene,
            &plot,
            best,
            colour(names.iter().position(|name| *name == best.panel).unwrap_or(0), names.len()),
        );
    }
    scene.text((rect.centre().0, rect.bottom + 70.0), "batch size B", AXIS, INK, Anchor::Middle);
}

/// The range with room below for the name of the best.
fn roomy(range: Range) -> Range {
    if range.log {
        let room = (range.high / range.low).powf(0.16);
        Range { low: range.low / room, high: range.high * room, ..range }
    } else {
        let room = 0.16 * (range.high - range.low);
        Range { low: range.low - room, high: range.high + room, ..range }
    }
}

/// A ring around the best and its name, on the side that has room.
fn winner(scene: &mut Scene, plot: &Plot, best: &EqualBest, colour: Rgb) {
    let (x, y) = plot.place(best.batch, best.value);
    marks::rimmed(scene, (x, y), 13.0, WHITE, marks::Rim { colour: INK, width: 3.0 });
    scene.disc((x, y), 7.0, colour);
    let rate = best.lr.map_or(String::new(), |lr| format!(", η={}", format::short(lr)));
    let name = format!("B={}{rate}", ticks::label(best.batch));
    let half = font::width(&name, TICK) / 2.0;
    let x = x.clamp(plot.rect.left + half + 6.0, plot.rect.right - half - 6.0);
    // Below the least and above the largest, where no line runs.
    let below = y > plot.rect.centre().1;
    scene.text((x, if below { y + 38.0 } else { y - 38.0 }), name, TICK, INK, Anchor::Middle);
}
