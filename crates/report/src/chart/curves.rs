//! Learning curves: the metric against the budget, one panel per batch size (and schedule), one line per trial,
//! coloured by its learning rate.

use std::collections::BTreeMap;

use sweep_settings::names;
use sweep_study::{StudyRecord, Trial};

use super::Chart;
use super::draw::flow::Flow;
use super::draw::key::{key, level_colour};
use super::draw::marks;
use super::draw::plot::{BEYOND, Look, Plot, Range};
use super::draw::scene::{Anchor, GREY, Scene};
use super::draw::series::{Series, series};
use super::draw::sheet::{Needs, Sheet};
use super::draw::sizes::AXIS;
use super::draw::title::{heading, title};
use super::draw::view::{Spot, View};
use crate::budget_unit::BudgetUnit;
use crate::facts::{Facts, Kind, Measure, PANELS};
use crate::text;

/// The chart.
pub const CHART: Chart = Chart {
    name: "curves",
    caption: "One line per trial, coloured by learning rate; a cross marks divergence.",
    shows: |record, _| record.trials.iter().any(|trial| trial.curve.step.len() > 1),
    needs_curves: true,
    scene: |record, facts, sheet| scene(record, facts, BudgetUnit::reported(record), sheet),
};

/// The most lines that a panel shows.
const MOST_LINES: usize = 200;
/// The most lines whose readings have dots.
const FEW: usize = 40;
/// The most panels that a picture shows.
const MOST_PANELS: usize = 32;
/// Where the panels begin.
const LEFT: f64 = 150.0;
/// Room over a panel for its title.
const TITLE: f64 = 54.0;
/// Room under a panel for its ticks.
const TICKS: f64 = 52.0;

/// One panel: its title and the trials drawn in it.
struct Panel<'a> {
    title: String,
    lines: Vec<Line<'a>>,
    /// How many trials it would have if none were left out.
    all: usize,
}

/// One trial in a panel.
struct Line<'a> {
    trial: &'a Trial,
    spot: Spot,
    series: Series,
    best: bool,
}

/// The learning curves of a study.
///
/// A line ends in a cross where its trial diverged; the best point measured in each panel is drawn thicker. Of a panel
/// with more than 200 trials, 200 are shown, evenly chosen from the best to the worst, and the subtitle notes it.
fn scene(record: &StudyRecord, facts: &Facts, by: BudgetUnit, sheet: Sheet) -> Scene {
    let view = View::of(record, facts);
    let mut panels = panels(record, facts, &view, by);
    let all = panels.len();
    panels.truncate(MOST_PANELS);
    let mut scene = sheet.scene();
    let metric = record.study.curve_metric();
    let (across, up) = ranges(&metric, &panels);
    let mut subtitle = subtitle(facts, &view, &panels, &metric, all);
    if up.leaves_out(readings(&panels)) {
        subtitle += BEYOND;
    }
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle);
    let target = record.study.target().map(|target| target.value).filter(|value| up.holds(*value));
    let columns = columns(&view, panels.len());
    let rows = panels.len().div_ceil(columns).max(1);
    let grid = sheet.grid(Needs {
        top: end + 12.0,
        count: panels.len(),
        abreast: columns,
        tall: (700.0 / rows as f64 - TITLE - TICKS).clamp(150.0, 560.0),
        left: LEFT,
        gap: 34.0,
        over: TITLE,
        under: TICKS,
        key: 250.0,
    });
    for (index, (panel, rect)) in panels.iter().zip(&grid.panels).enumerate() {
        let plot = Plot { rect: *rect, across, up };
        plot.axes(&mut scene, grid.first(index));
        plot.level(&mut scene, target, grid.first(index));
        let diverged = panel.lines.iter().filter(|line| line.series.diverged.is_some()).count();
        let note = if diverged > 0 { format!("{diverged} diverged") } else { String::new() };
        plot.title(&mut scene, &panel.title, &note);
        draw(&mut scene, &view, &plot, panel);
        if grid.last(index) {
            plot.name_across(&mut scene, by.title());
        }
        if index == 0 {
            plot.name_up(&mut scene, grid.beside(), &text::metric_name(&metric));
        }
    }
    if panels.is_empty() {
        scene.text((LEFT, grid.bottom), "no trial has ended", AXIS, GREY, Anchor::Start);
    }
    // The names of the last row stand under its ticks.
    let end = key(&mut scene, &view.across, &grid.lowered(60.0));
    scene.height = footer(&mut scene, facts, &panels, sheet, end);
    scene
}

/// The panels: batch sizes rising within each schedule; a single one where neither varies.
fn panels<'a>(record: &'a StudyRecord, facts: &Facts, view: &View, by: BudgetUnit) -> Vec<Panel<'a>> {
    let trials: BTreeMap<u64, &Trial> = record.trials.iter().map(|trial| (trial.number, trial)).collect();
    let (times, mut panels) = (record.step_times(), Vec::new());
    for (number, value) in view.panels.iter().enumerate() {
        let ups = if view.up.continuous.is_some() { 1 } else { view.up.labels.len() };
        for up in 0..ups {
            let own = |spot: &&Spot| spot.panel == number && (view.up.continuous.is_some() || spot.up == up);
            let mut spots: Vec<Spot> = view.spots.iter().filter(own).copied().collect();
            if spots.iter().all(|spot| facts.cells.get(spot.cell).is_none_or(|cell| cell.n == 0)) {
                continue;
            }
            let best = sort(&mut spots, facts, &Measure { kind: Kind::Other, ..facts.measure });
            let lines = spots.iter().flat_map(|spot| {
                let numbers = facts.cells.get(spot.cell).map(|cell| cell.trials.clone()).unwrap_or_default();
                numbers
                    .into_iter()
                    .filter_map(|number| trials.get(&number))
                    .map(|trial| (*spot, *trial))
                    .collect::<Vec<_>>()
            });
            let lines: Vec<(Spot, &Trial)> = lines.collect();
            let (all, stride) = (lines.len(), lines.len().div_ceil(MOST_LINES).max(1));
            let line = |(spot, trial): (Spot, &'a Trial)| Line {
                series: series(&times, trial, by),
                best: best == Some(spot.cell),
                trial,
                spot,
            };
            let lines = lines.into_iter().step_by(stride).map(line).collect();
            let of = |axis: &Option<String>, value: &str| axis.as_ref().map(|name| name_value(name, value));
            let parts = [
                value.as_ref().and_then(|value| of(&view.panel_axis, value)),
                view.up
                    .labels
                    .get(up)
                    .filter(|_| view.up.continuous.is_none())
                    .and_then(|label| of(&view.up.name, label)),
            ];
            let title = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
            panels.push(Panel { title, lines, all });
        }
    }
    panels
}

/// Sorts places from the best to the worst, those without a value last; gives the best one's cell.
fn sort(spots: &mut [Spot], facts: &Facts, measure: &Measure) -> Option<usize> {
    let value = |spot: &Spot| facts.cells.get(spot.cell).and_then(|cell| cell.value);
    spots.sort_by(|a, b| measure.order(value(a), value(b)));
    spots.first().filter(|spot| value(spot).is_some()).map(|spot| spot.cell)
}

fn name_value(name: &str, value: &str) -> String {
    match name {
        names::BATCH => format!("B={value}"),
        name if PANELS.contains(&name) => value.to_owned(),
        name => format!("{name} = {value}"),
    }
}

/// Every reading of what did not diverge, or of all where nothing else is there.
fn readings<'a>(panels: &'a [Panel<'_>]) -> impl Iterator<Item = f64> + 'a {
    let series = || panels.iter().flat_map(|panel| &panel.lines).map(|line| &line.series);
    let sound = series().any(|series| series.diverged.is_none() && !series.points.is_empty());
    let shown = series().filter(move |series| series.diverged.is_none() || !sound);
    shown.flat_map(|series| &series.points).map(|point| point.1)
}

/// The ranges that all panels share: how much runs were given, and most readings.
fn ranges(metric: &str, panels: &[Panel<'_>]) -> (Range, Range) {
    let series = || panels.iter().flat_map(|panel| &panel.lines).map(|line| &line.series);
    let read = || series().flat_map(|series| series.points.iter().map(|point| point.0));
    // What diverged before its first reading is marked at the border.
    let xs: Vec<f64> = match read().next() {
        Some(_) => read().collect(),
        None => series().filter_map(|series| series.diverged).collect(),
    };
    let whole = series().filter(|series| series.diverged.is_none());
    let ends = whole.filter_map(|series| series.points.last()).map(|point| point.0);
    (Range::given(xs.into_iter(), ends), Range::around_most(readings(panels), metric.ends_with("loss")))
}

/// How many panels stand side by side: those of one schedule where they fit, else up to four.
fn columns(view: &View, count: usize) -> usize {
    let row = if view.up.continuous.is_some() { 1 } else { view.up.labels.len() };
    match row {
        0 | 1 => count.clamp(1, 3),
        2..=4 if view.panels.len() > 1 => row,
        _ => match count {
            0..=3 => count.max(1),
            4 => 2,
            5 | 6 => 3,
            _ => 4,
        },
    }
}

/// Draws the lines of a panel: those without a value first, the best on top.
fn draw(scene: &mut Scene, view: &View, plot: &Plot, panel: &Panel<'_>) {
    let few = panel.lines.len() <= FEW && panel.lines.iter().all(|line| line.series.points.len() <= 12);
    let replicated = panel.lines.iter().any(|line| line.trial.replicate > 0);
    for line in panel.lines.iter().rev() {
        let colour = level_colour(&view.across, line.spot.across);
        let width = match (line.best, replicated) {
            (true, false) => 5.0,
            (true, true) => 3.5,
            (false, false) => 3.0,
            (false, true) => 2.0,
        };
        let look = Look { colour, width, dots: few };
        plot.line(scene, &line.series.points, line.series.diverged, look);
    }
}

fn subtitle(facts: &Facts, view: &View, panels: &[Panel<'_>], metric: &str, all: usize) -> String {
    let mut text = format!("Learning curves: {}", text::metric_name(metric));
    if facts.replicates > 1 {
        text += ", one line per seed";
    }
    if !view.over.is_empty() {
        text += &format!(", the best over {}", text::list(&view.over));
    }
    if let Some(panel) = panels.iter().find(|panel| panel.all > panel.lines.len()) {
        text += &format!("; {} of {} lines shown", panel.lines.len(), panel.all);
    }
    if all > panels.len() {
        text += &format!("; {} of {all} panels shown", panels.len());
    }
    text
}

/// What thickness and crosses mean, where they occur; gives the height of the picture.
fn footer(scene: &mut Scene, facts: &Facts, panels: &[Panel<'_>], sheet: Sheet, y: f64) -> f64 {
    let mut flow = Flow::new(sheet.margin(LEFT), y, sheet.width() - 20.0);
    if facts.best.is_some() {
        flow.entry(scene, 40.0, "best measured in the panel", |scene, (x, y)| {
            scene.line(&[(x, y), (x + 40.0, y)], GREY, 6.0);
        });
    }
    if panels.iter().flat_map(|panel| &panel.lines).any(|line| line.series.diverged.is_some()) {
        flow.entry(scene, 20.0, "diverged", |scene, (x, y)| marks::cross(scene, (x + 10.0, y), 8.0, GREY));
    }
    flow.end().ceil()
}
