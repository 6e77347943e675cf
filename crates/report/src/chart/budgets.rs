//! The batch sizes at equal epochs, equal steps and equal seconds: how the best one moves with what is held equal.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::key::{beside, line_colour};
use super::draw::labels::{self, Style};
use super::draw::plot::{Look, Plot, Range};
use super::draw::range::logarithmic;
use super::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene, WHITE};
use super::draw::sheet::{Needs, Sheet};
use super::draw::sizes::{AXIS, TICK};
use super::draw::title::{data, heading, model};
use super::draw::{marks, ticks};
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
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let all = panels(record, facts);
    let study = &record.study;
    let mut scene = sheet.scene();
    let seeds = text::count(u64::from(facts.replicates), "seed");
    let ways = if all.len() == 2 { "two" } else { "three" };
    let parts = [Some(data(study)), model(study), Some(format!("one study, read {ways} ways")), Some(seeds)];
    let heading_words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let metric = text::metric_name(&facts.metric);
    let bars = if facts.replicates > 1 { "bars: standard errors, " } else { "" };
    let subtitle = format!(
        "{} of each batch size at its own best measured η; {bars}ring: the best",
        text::capital(&metric)
    );
    let end = heading(&mut scene, sheet.margin(LEFT), &heading_words, &subtitle);
    let mut names: Vec<Option<String>> = Vec::new();
    for row in all.iter().flat_map(|equal| &equal.per_batch) {
        if !names.contains(&row.panel) {
            names.push(row.panel.clone());
        }
    }
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: all.len(),
        abreast: 3,
        tall: 544.0,
        left: LEFT,
        gap: GAP,
        over: 50.0,
        under: 104.0,
        key: if names.len() > 1 { 250.0 } else { 0.0 },
    });
    for (index, (equal, rect)) in all.iter().zip(&grid.panels).enumerate() {
        let plot = panel(&mut scene, facts, equal, &names, *rect);
        if index == 0 {
            plot.name_up(&mut scene, grid.beside(), &metric);
        }
    }
    let entries: Vec<(Rgb, String)> = names
        .iter()
        .enumerate()
        .map(|(index, name)| (colour(index, names.len()), name.clone().unwrap_or_default()))
        .collect();
    let end = if names.len() > 1 { beside(&mut scene, "", &entries, &grid) } else { grid.bottom };
    if all.is_empty() {
        scene.text((LEFT, end), "no batch sizes to compare", AXIS, GREY, Anchor::Start);
    }
    scene.height = end.ceil();
    scene
}

fn colour(index: usize, count: usize) -> Rgb {
    if count < 2 { BLUE } else { line_colour(index as f64 / (count - 1) as f64 * 0.85) }
}

fn panel(
    scene: &mut Scene,
    facts: &Facts,
    equal: &EqualBudget,
    names: &[Option<String>],
    rect: Rect,
) -> Plot {
    let rows = || equal.per_batch.iter();
    let ends = rows().flat_map(|row| {
        let error = row.stderr.unwrap_or(0.0);
        [row.value - error, row.value + error]
    });
    let across = Range::around(rows().map(|row| row.batch), true);
    let plot = Plot { rect, across, up: roomy(Range::around(ends, logarithmic(facts))) };
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
    plot.name_across(scene, "batch size B");
    plot
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
    // Below the least and above the largest, where no line runs.
    let below = y > plot.rect.centre().1;
    let places =
        |way: f64| [Anchor::Middle, Anchor::Start, Anchor::End].map(|anchor| ((x, y + way * 38.0), anchor));
    let (first, second) = if below { (1.0, -1.0) } else { (-1.0, 1.0) };
    let places = [places(first), places(second)].concat();
    labels::write(scene, &name, Style { size: TICK, colour: INK }, &places, plot.rect);
}
