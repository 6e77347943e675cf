//! The batch sizes against each other, each at its own best learning rate: what an example buys, and what a second
//! buys.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::font;
use super::draw::key::{beside, line_colour};
use super::draw::plot::{BEYOND, Look, Plot, Range};
use super::draw::scene::{Anchor, GREY, Rgb, Scene};
use super::draw::series::{Series, series};
use super::draw::sheet::{Needs, Sheet};
use super::draw::sizes::{AXIS, TICK};
use super::draw::title::{heading, title};
use crate::budget_unit::BudgetUnit;
use crate::facts::{Cell, Facts};
use crate::{format, text};

/// The chart.
pub const CHART: Chart = Chart {
    name: "batches",
    caption: "Each batch size at its best point: progress per example, and per second on the machine on which the \
              study ran.",
    shows: |record, facts| {
        let read = |cell: &usize| trials(record, facts, *cell, BudgetUnit::Examples);
        let line = |cell: &usize| read(cell).iter().any(|series| series.points.len() > 1);
        best(facts).iter().filter(|(_, cell)| line(cell)).count() > 1
    },
    needs_curves: true,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;

/// One batch size: its label, its colour and the trials of its best point.
struct Entry {
    label: String,
    colour: Rgb,
    cell: usize,
}

/// The learning curves of each batch size at its best point, against the examples seen and, where they were measured,
/// against the seconds of training.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let entries = entries(record, facts);
    let mut scene = sheet.scene();
    let read = record.study.curve_metric();
    let metric = text::metric_name(&read);
    let lines = |by| -> Vec<(Rgb, Series)> {
        let own = |entry: &Entry| {
            trials(record, facts, entry.cell, by)
                .into_iter()
                .map(|series| (entry.colour, series))
                .collect::<Vec<_>>()
        };
        entries.iter().flat_map(own).collect()
    };
    let drawn = |lines: &Vec<(Rgb, Series)>| lines.iter().any(|(_, series)| !series.points.is_empty());
    let both = [BudgetUnit::Examples, BudgetUnit::Seconds].map(|by| (by, lines(by)));
    let sides: Vec<(BudgetUnit, Vec<(Rgb, Series)>)> =
        both.into_iter().filter(|side| drawn(&side.1)).collect();
    let ys = || sides.iter().flat_map(|side| &side.1).flat_map(|line| &line.1.points).map(|point| point.1);
    let up = Range::around_most(ys(), read.ends_with("loss"));
    let subtitle = subtitle(facts, &metric) + if up.leaves_out(ys()) { BEYOND } else { "" };
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle);
    let target = record.study.target().map(|target| target.value).filter(|value| up.holds(*value));
    let widest = entries.iter().map(|entry| font::width(&entry.label, TICK)).fold(0.0, f64::max);
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: sides.len(),
        abreast: 2,
        tall: 620.0,
        left: LEFT,
        gap: 50.0,
        over: 12.0,
        under: 104.0,
        key: 104.0 + widest.clamp(100.0, 420.0),
    });
    for (index, ((by, lines), rect)) in sides.iter().zip(&grid.panels).enumerate() {
        let plot = Plot { rect: *rect, across: across(lines), up };
        plot.axes(&mut scene, grid.first(index));
        plot.level(&mut scene, target, grid.first(index));
        let look = |colour| Look {
            colour,
            width: if facts.replicates > 1 { 2.5 } else { 4.0 },
            dots: lines.iter().all(|line| line.1.points.len() <= 12),
        };
        for (colour, series) in lines.iter().rev() {
            plot.line(&mut scene, &series.points, None, look(*colour));
        }
        plot.name_across(&mut scene, by.title());
        if index == 0 {
            plot.name_up(&mut scene, grid.beside(), &metric);
        }
    }
    if entries.is_empty() {
        scene.text((LEFT, grid.bottom), "no point completed", AXIS, GREY, Anchor::Start);
    }
    let named: Vec<(Rgb, String)> = entries.iter().map(|entry| (entry.colour, entry.label.clone())).collect();
    scene.height = beside(&mut scene, "", &named, &grid).ceil();
    scene
}

fn subtitle(facts: &Facts, metric: &str) -> String {
    let each = if facts.axes.lr {
        "each batch size at its own best measured learning rate"
    } else {
        "each batch size"
    };
    let seeds = if facts.replicates > 1 { ", one line per seed" } else { "" };
    format!("{}: {each}{seeds}", text::capital(metric))
}

/// The best cell of each batch size, as an index into the cells, batch sizes rising.
fn best(facts: &Facts) -> Vec<(Option<f64>, usize)> {
    let measure = facts.measure;
    let mut best: Vec<(Option<f64>, usize)> = Vec::new();
    for (index, cell) in facts.cells.iter().enumerate() {
        let Some(value) = cell.value else { continue };
        let old = |shown: usize| facts.cells.get(shown).and_then(|cell| cell.value);
        match best.iter_mut().find(|(batch, _)| *batch == cell.batch) {
            None => best.push((cell.batch, index)),
            Some((_, shown)) if old(*shown).is_some_and(|old| measure.better(value, old)) => *shown = index,
            Some(_) => {}
        }
    }
    best.sort_by(|a, b| a.0.unwrap_or(0.0).total_cmp(&b.0.unwrap_or(0.0)));
    best
}

/// The batch sizes with their labels and colours.
fn entries(record: &StudyRecord, facts: &Facts) -> Vec<Entry> {
    let best = best(facts);
    let count = best.len();
    let entry = |(index, (_, cell)): (usize, (Option<f64>, usize))| Entry {
        label: facts.cells.get(cell).map(|cell| label(record, facts, cell)).unwrap_or_default(),
        colour: line_colour(index as f64 / (count.max(2) - 1) as f64),
        cell,
    };
    best.into_iter().enumerate().map(entry).collect()
}

/// `B=32, η=0.22`, and what else varies.
fn label(record: &StudyRecord, facts: &Facts, cell: &Cell) -> String {
    let mut parts = Vec::new();
    parts.extend(cell.batch.map(|size| format!("B={}", text::batch_size(&record.study, size))));
    parts.extend(cell.lr.filter(|_| facts.axes.lr).map(|lr| format!("η={}", format::short(lr))));
    parts.extend(cell.panel.clone());
    let index = facts.cells.iter().position(|other| std::ptr::eq(other, cell));
    let on_border = facts.best_per_batch.iter().any(|row| row.cell == index && !row.edge.is_empty());
    parts.join(", ") + if on_border { " (border)" } else { "" }
}

fn trials(record: &StudyRecord, facts: &Facts, cell: usize, by: BudgetUnit) -> Vec<Series> {
    let numbers = facts.cells.get(cell).map(|cell| cell.trials.as_slice()).unwrap_or_default();
    let own = record.trials.iter().filter(|trial| numbers.contains(&trial.number));
    let times = record.step_times();
    own.map(|trial| series(&times, trial, by)).collect()
}

fn across(lines: &[(Rgb, Series)]) -> Range {
    let xs = lines.iter().flat_map(|line| &line.1.points).map(|point| point.0);
    Range::given(xs, lines.iter().filter_map(|line| line.1.points.last()).map(|point| point.0))
}
